"""Renders decisions in every format: a GO, a NO_GO, one with a waiver, and one whose texts mean harm.

    render.py GOLIVE FOLDER
"""

import copy
import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Every format, and how its files are named.
ENDINGS = {
    "human": "txt",
    "json": "json",
    "markdown": "md",
    "html": "html",
    "junit": "xml",
    "sarif": "sarif",
    "csv": "csv",
    "github": "github",
    "github-summary": "summary.md",
    "github-output": "output",
}
HOSTILE = (
    "\x1b[2J\x1b]8;;http://evil\x07GO\r\nGO \u202eOG_ON\u2069 ](http://evil) ![x](http://evil/p) <script>alert(1)</script> | --- | "
    "`*_~ &amp; \x85\x9b31m\u2028\x7f @evil #1 \\ ]]> {0} ::error::x\n=1+1\ngate=GO"
)


def arguments(deployment):
    lines = (ROOT / "fixtures/deployments" / deployment / "args").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def facts(deployment):
    return json.loads((ROOT / "fixtures/deployments" / deployment / "facts.json").read_text())


def hostile():
    """Words of people and ids of things, where the schemas take any text."""
    document = facts("claw-no-go")
    document["release"] = HOSTILE
    for group in document["facts"].values():
        group["source"] = HOSTILE
        group["collector"]["name"] = HOSTILE
        group["evidence"].append({"uri": "javascript:alert(1)", "sha256": "0" * 64})
        group["evidence"].append({"uri": "https://h.test/\"><script>alert(1)</script>](x)|`", "sha256": "0" * 64})
    for daemon in document["facts"]["daemons"]["value"]["daemons"]:
        daemon["id"] = HOSTILE
        daemon["auth"] = "none"
    return document


def decisions(folder):
    """Name, arguments and exit code of each."""
    yield "go", ["fixtures/deployments/claw-go/facts.json", *arguments("claw-go")], 0
    yield "no-go", ["fixtures/deployments/claw-no-go/facts.json", *arguments("claw-no-go")], 1
    less = copy.deepcopy(facts("claw-go"))
    del less["facts"]["backup_schedule"]
    path = folder / "waived.facts.json"
    path.write_text(json.dumps(less, indent=2))
    yield "waived", [str(path), *arguments("claw-go"), "--waivers", "docs/tour/waivers.yaml"], 0
    path = folder / "hostile.facts.json"
    path.write_text(json.dumps(hostile(), indent=2))
    given = arguments("claw-no-go")
    given[given.index("--release") + 1] = HOSTILE
    yield "hostile", [str(path), *given], 1


def main(golive, folder):
    golive, folder = str(pathlib.Path(golive).resolve()), pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    told = " ".join(subprocess.run([golive, "check", "--help"], check=True, capture_output=True, text=True).stdout.split())
    told = told.split("Formats: ")[1].split(" -")[0].split(" [")[0]
    assert sorted(told.split(", ")) == sorted(ENDINGS), f"the formats are {told}, known here are {', '.join(ENDINGS)}"
    for name, given, wanted in decisions(folder):
        outputs = [word for format, ending in ENDINGS.items() for word in ("-o", f"{format}={folder}/{name}.{ending}")]
        run = subprocess.run([golive, "check", "-q", *given, *outputs], cwd=ROOT, env={}, capture_output=True, text=True)
        assert run.returncode == wanted, f"{name}: exit code {run.returncode}, wanted {wanted}: {run.stderr}"
        print(f"{name}: {len(ENDINGS)} formats")


if __name__ == "__main__":
    main(*sys.argv[1:])
