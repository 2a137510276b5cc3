"""What the tests of the adapters share. `.ci/run` names the binary and the fleet; without them nothing is tested, and that fails."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

ADAPTER = Path(__file__).resolve().parent.parent
ROOT = ADAPTER.parent.parent
sys.path.insert(0, str(ADAPTER))

GOLIVE = str(Path(os.environ["GOLIVE_BIN"]).resolve())
# Documents of `cargo run --example fleet`, one a line, and the parameters that they are made for.
FLEET = Path(os.environ["GOLIVE_FLEET"]).resolve()
PARAMETERS = FLEET.with_name("parameters.json")
AT = "2026-11-23T15:00:00Z"


def split(text: bytes) -> list[str]:
    """Lines that end in a line feed; Python's own `splitlines` knows more ends than JSON lines have."""
    *lines, rest = text.decode("utf-8").split("\n")
    if rest:
        raise AssertionError(f"a line is cut: {rest[:100]!r}")
    return lines


def documents() -> list[str]:
    return split(FLEET.read_bytes())


def broken(document: str) -> list[str]:
    """Lines that are no facts documents: cut, a key twice, no JSON, an object of nothing, deep, a wrong type."""
    twice = '{"format":"golive.facts/1",' + document.removeprefix("{")
    return [document[:-2], twice, "Ö\u2028\x85", "{}", "[" * 100_000, document.replace('"prod', '7,"prod', 1)]


def local(folder: Path, lines: list[str]) -> list[str]:
    """The verdict lines of `golive batch` on this machine."""
    path = folder / "local.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    args = [GOLIVE, "batch", str(path), f"--at={AT}", f"--parameters={PARAMETERS}", "--exit-zero", "--quiet", "-o", "jsonl"]
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, check=True)
    return split(done.stdout)


def digest() -> str:
    """The digest of the built-in checklist."""
    done = subprocess.run([GOLIVE, "worker", f"--at={AT}"], input=b"{}\n", stdout=subprocess.PIPE, env={}, check=True)
    return done.stdout.decode("utf-8").partition('"checklist":"')[2].partition('"')[0]


def unsourced(line: str) -> str:
    """A verdict line without its source, which also stands in some messages."""
    source = line.partition('"source":"')[2].partition('"')[0]
    return line.replace(source, "SOURCE")


def same(test: unittest.TestCase, got: list[str], wanted: list[str]) -> None:
    """The same verdict lines in the same order; which file or process they came from does not count."""
    test.assertEqual(len(got), len(wanted), "as many verdicts as documents")
    for number, pair in enumerate(zip(got, wanted)):
        test.assertEqual(*map(unsourced, pair), f"verdict {number}")
