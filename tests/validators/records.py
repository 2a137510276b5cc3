"""Holds records against readers that are not golive's: in-toto's own types, another DSSE verifier, openssl, JSON Schema.

    records.py GOLIVE FOLDER

FOLDER holds the facts that render.py wrote.
"""

import base64
import json
import pathlib
import shutil
import subprocess
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

import render

BIN = pathlib.Path(sys.executable).parent
AT = "2026-11-23T15:00:00Z"


def call(*words, wanted=0):
    run = subprocess.run([str(word) for word in words], cwd=render.ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    assert run.returncode == wanted, f"{words}: exit code {run.returncode}: {run.stdout}{run.stderr}"
    return run.stdout


def chain(golive, folder):
    """Records of a GO, a NO_GO, a GO with a waiver, and one whose texts mean harm, in chains of their own where the release differs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    trust = call(golive, "record", "keygen", "release desk", "-o", folder / "desk.key", "--at", AT)
    (folder / "trust.yaml").write_text(trust)
    for name, given, wanted in render.decisions(folder):
        call(golive, "check", "-q", *given, "--record", folder / "records", "--signing-key", folder / "desk.key", wanted=wanted)
    told = json.loads(call(golive, "record", "verify", folder / "records", "--trust", folder / "trust.yaml", "-o", "json", "-q"))
    assert told["verified"] and told["records"] == 4, told
    return folder / "records"


def schema(name, value, folder):
    file = folder / "value.json"
    file.write_text(json.dumps(value))
    call(BIN / "check-jsonschema", "--schemafile", render.ROOT / f"schemas/{name}.schema.json", file)


def signed(file, folder, key):
    """The payload, once another verifier, and openssl, have accepted the signature, and have refused another payload's."""
    whole = json.loads(file.read_text())
    envelope = Envelope.from_dict(json.loads(file.read_text()))
    accepted = envelope.verify([key], 1)
    assert list(accepted) == [key.keyid], accepted
    (folder / "pae").write_bytes(envelope.pae())
    (folder / "sig").write_bytes(base64.b64decode(whole["signatures"][0]["sig"]))
    if shutil.which("openssl"):
        verify = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder / "desk.pub", "-rawin")
        call(*verify, "-in", folder / "pae", "-sigfile", folder / "sig")
    envelope.payload += b" "
    try:
        envelope.verify([key], 1)
    except VerificationError:
        return base64.b64decode(whole["payload"])
    raise AssertionError(f"{file.name}: a changed payload is accepted")


def main(golive, rendered):
    golive, folder = pathlib.Path(golive).resolve(), pathlib.Path(rendered).resolve() / "records"
    records = chain(golive, folder)
    pem = load_pem_public_key((folder / "desk.pub").read_bytes())
    head = json.loads((records / "head.json").read_text())
    key = SSlibKey.from_crypto(pem, keyid=head["signatures"][0]["keyid"])
    files = sorted((records / "records").iterdir())
    for file in files:
        payload = signed(file, folder, key)
        text = json.loads(payload)
        statement = json_format.Parse(payload, statement_pb2.Statement())
        Statement.copy_from_pb(statement).validate()
        schema("record", text, folder)
        schema("decision", text["predicate"]["decision"], folder)
        print(f"{file.name[:8]}: {text['predicate']['gate']}, {len(text['subject'])} subject")
    schema("head", json.loads(signed(records / "head.json", folder, key)), folder)
    assert len(files) == 4


if __name__ == "__main__":
    main(*sys.argv[1:])
