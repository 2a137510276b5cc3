"""Holds rendered decisions against readers that are not golive's.

    validate.py FOLDER NODE_MODULES

The decision in golive.decision/1 is what the others must agree with.
"""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import junitparser

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.executable).parent
# Of style alone: rows of tables are long, and the decision is a paragraph in bold on purpose. Cells break lines with `<br>`, and no
# other HTML may be there.
MARKDOWN = ("--disable-rules", "md013,md036", "--set", "plugins.md033.allowed_elements=br,!--")
# Nothing that golive could say would be true: it has no address on the web.
SARIF_KNOWN = {"SARIF2005"}


def call(*words, **more):
    run = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    return run.returncode, run.stdout + run.stderr


def holds(condition, words):
    assert condition, words


def schema(file, of):
    code, told = call(BIN / "check-jsonschema", "--regex-variant", "nonunicode", "--schemafile", of, file)
    holds(code == 0, f"{file.name} is off its schema: {told}")


def sarif(file, decision, modules):
    tool = modules / "@microsoft/sarif-multitool-linux"
    schema(file, tool / "sarif-2.1.0.json")
    program = tool / "Sarif.Multitool"
    program.chmod(0o755)
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    code, told = call(program, "validate", file, "--rule-kind", "Sarif;Ghas", env=environment)
    found = set(re.findall(r": (?:error|warning|note) (\w+):", told)) - SARIF_KNOWN
    holds(code == 0 and not found, f"{file.name}: {told}")
    run = json.loads(file.read_text())["runs"][0]
    open_results = [result for result in run["results"] if not result.get("suppressions")]
    holds((decision["gate"] == "GO") == (not open_results), f"{file.name}: {len(open_results)} results that are not suppressed")
    findings = sum(len(control["findings"]) for control in decision["controls"])
    holds(len(run["results"]) >= findings, f"{file.name}: {len(run['results'])} results for {findings} findings")


def junit(file, decision):
    if shutil.which("xmllint"):
        code, told = call("xmllint", "--noout", "--nonet", file)
        holds(code == 0 and not told, f"{file.name}: {told}")
    report = junitparser.JUnitXml.fromfile(str(file))
    cases = {case.classname: case for suite in report for case in suite}
    wanted = {"pass": [], "waived": [junitparser.Skipped], "blocking": [junitparser.Failure, junitparser.Error]}
    for control in decision["controls"]:
        kinds = [type(result) for result in cases.pop(control["id"]).result]
        allowed = wanted[control["outcome"]]
        holds(kinds == [] if not allowed else len(kinds) == 1 and kinds[0] in allowed, f"{file.name}: {control['id']} is {kinds}")
    gate = [type(result) for result in cases.pop("gate").result]
    holds(gate == ([] if decision["gate"] == "GO" else [junitparser.Failure]), f"{file.name}: the gate is {gate}")
    holds(not cases, f"{file.name}: {list(cases)} are no controls")
    stated = (report.tests, report.failures, report.errors)
    report.update_statistics()
    holds(stated == (report.tests, report.failures, report.errors), f"{file.name}: it counts {stated}")


def table(file, decision):
    rows = list(csv.DictReader(file.open(newline=""), strict=True))
    holds(rows and all(None not in row and None not in row.values() for row in rows), f"{file.name}: rows of other lengths")
    cells = [cell for row in rows for cell in row.values()]
    holds(not [cell for cell in cells if re.match(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]", cell)], f"{file.name}: a cell is a formula")
    holds({row["gate"] for row in rows} == {decision["gate"]}, f"{file.name}: another gate")
    for control in decision["controls"]:
        own = [row for row in rows if row["control"] == control["id"]]
        holds(len(own) == max(1, len(control["findings"])), f"{file.name}: {len(own)} rows of {control['id']}")
        stated = {(row["mark"], row["verdict"], row["outcome"]) for row in own}
        holds(stated == {(control["mark"], control["verdict"], control["outcome"])}, f"{file.name}: {control['id']} is {stated}")


def markdown(file):
    code, told = call(BIN / "pymarkdown", *MARKDOWN, "scan", file)
    holds(code == 0, f"{file.name}: {told}")


def page(file, modules):
    code, told = call("java", "-jar", modules / "vnu-jar/build/dist/vnu.jar", "--errors-only", "--format", "text", file)
    holds(code == 0, f"{file.name}: {told}")


def commands(file, decision):
    """As a runner reads its log: a command is what a line begins with."""
    kinds = []
    for line in file.read_text().split("\n")[:-1]:
        command = re.fullmatch(r"::(error|warning|notice) (?:file=[^,:]+,line=\d+,endLine=\d+,)?title=[^:,\r\n]+::[^\r\n]*", line)
        holds(command, f"{file.name}: no command, or one of others: {line}")
        kinds.append(command[1])
    holds(all(kinds.count(kind) <= 10 for kind in kinds), f"{file.name}: more than are shown")
    holds(("error" in kinds) == (decision["gate"] == "NO_GO"), f"{file.name}: {kinds}")
    holds(("notice" in kinds) == (decision["gate"] == "GO"), f"{file.name}: {kinds}")
    waived = any(control["outcome"] == "waived" for control in decision["controls"])
    holds(("warning" in kinds) == waived, f"{file.name}: {kinds}")


def values(file, decision):
    read = dict(line.split("=", 1) for line in file.read_text().splitlines())
    holds(read["gate"] == decision["gate"] and int(read["waived"]) == decision["waived"], f"{file.name}: {read}")
    holds(set(read) == {"gate", "waived", "blocking", "environment", "release", "evaluated_at", "clock", "checklist", "digest"}, f"{file.name}: {read}")


def main(folder, modules):
    folder, modules = pathlib.Path(folder), pathlib.Path(modules)
    names = sorted(file.name.removesuffix(".json") for file in folder.glob("*.json") if not file.name.endswith(".facts.json"))
    assert {"go", "no-go", "waived", "hostile"} <= set(names), names
    for name in names:
        file = lambda ending: folder / f"{name}.{ending}"
        schema(file("json"), ROOT / "schemas/decision.schema.json")
        decision = json.loads(file("json").read_text())
        sarif(file("sarif"), decision, modules)
        junit(file("xml"), decision)
        table(file("csv"), decision)
        markdown(file("md"))
        markdown(file("summary.md"))
        page(file("html"), modules)
        commands(file("github"), decision)
        values(file("output"), decision)
        print(f"{name}: 9 formats are as others read them")


if __name__ == "__main__":
    main(*sys.argv[1:])
