# METADATA
# title: Production install path is reproducible
# custom:
#   area: Install
#   pass: Install completed using documented production steps; exact version and install method are recorded; `claw --version` matches planned release
#   fail: Install required ad-hoc/manual fixes, version is unknown/mismatched, or steps are not reproducible
#   facts: {daemons: observed, install: observed, install_statement: attested}
#   criteria:
#     steps-completed: On each machine every documented step was run and ended without an error
#     method-documented: On each machine the binary came by an install method that the organisation documents
#     version-matches: The installed binary reports exactly the planned version on each machine
#     running-as-installed: Each running daemon is the installed binary of its machine, unreplaced, in the planned version
#     checks-passed: Every check of the product after the installation passed without a warning
#     no-manual-fixes: A person states that nothing was fixed by hand during the installation of this release
#     steps-reproduced: A person states that these very steps were carried out again with the same result
#   violations:
#     step-failed: {denies: steps-completed, message: "on {host} the documented step `{step}` ended with exit code {code}"}
#     method-undocumented: {denies: method-documented, message: "install method {method} is not in install.documented_methods"}
#     version-mismatch: {denies: version-matches, message: "the binary installed on {host} reports {version}, planned is {release}"}
#     daemon-version: {denies: running-as-installed, message: "daemon {id} reports {version}, planned is {release}"}
#     executable-replaced: {denies: running-as-installed, message: "the executable file of daemon {id} was replaced after its start"}
#     not-installed: {denies: running-as-installed, message: "daemon {id} runs {sha256}, which no installation on {host} has"}
#     check-failed: {denies: checks-passed, message: "on {host} the check `{check}` ended with: {result}"}
#     check-skipped: {denies: checks-passed, message: "the check was skipped and is not listed in install.optional_checks"}
#     manual-fixes: {denies: no-manual-fixes, message: "fixed by hand during the installation: {fixes}"}
#     other-release: {denies: no-manual-fixes, message: "the statement is about release {stated}, which is not the planned one"}
#     not-reproduced: {denies: steps-reproduced, message: "by the statement, the documented steps did not give the same result again"}
#     other-procedure: {denies: steps-reproduced, message: "on {host} procedure {followed} was followed, the statement is about {stated}"}
#   remediation: Correct the documented steps, install again from nothing by these alone, restart the daemon, and have the installer state it
package golive.controls.install.reproducible

import data.golive.lib.installs

machines := input.facts.install.installations
running := input.facts.daemons.daemons
statement := input.facts.install_statement
stated := input.facts.install_statement.release
fixes := [f.what | some f in input.facts.install_statement.manual_fixes]

met contains "steps-completed" if {
	count(input.facts.install.installations) > 0
	every i in input.facts.install.installations {
		count(i.steps) > 0
		every s in i.steps { s.exit == 0 }
	}
}

met contains "method-documented" if {
	count(input.facts.install.installations) > 0
	every i in input.facts.install.installations { i.method in data.parameters.install.documented_methods }
}

met contains "version-matches" if {
	count(input.facts.install.installations) > 0
	every i in input.facts.install.installations { i.version.value == input.release }
}

met contains "running-as-installed" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons {
		d.version.value == input.release
		d.executable.replaced == "no"
		installs.present(d, machines)
	}
}

met contains "checks-passed" if {
	count(input.facts.install.installations) > 0
	every i in input.facts.install.installations {
		count(i.checks) > 0
		every c in i.checks { installs.sound(c) }
	}
}

met contains "no-manual-fixes" if {
	statement.manual_fixes_total == 0
	statement.release == input.release
}

met contains "steps-reproduced" if {
	statement.reproduced == "yes"
	every i in input.facts.install.installations { i.procedure.sha256 == statement.procedure_sha256 }
}

violations contains {"code": "step-failed", "subject": [m.host, s.name], "at": [["install", "installations", i, "steps", j, "exit"]], "values": {
	"host": m.host, "step": s.name, "code": s.exit,
}} if {
	some i, m in machines
	some j, s in m.steps
	s.exit > 0
}

violations contains {"code": "method-undocumented", "subject": m.host, "at": [["install", "installations", i, "method"]], "values": {"method": m.method}} if {
	some i, m in machines
	m.method != "unknown"
	not m.method in data.parameters.install.documented_methods
}

violations contains {"code": "version-mismatch", "subject": m.host, "at": [["install", "installations", i, "version", "value"]], "values": {
	"host": m.host, "version": m.version.value, "release": input.release,
}} if {
	some i, m in machines
	m.version.value != input.release
}

violations contains {"code": "daemon-version", "subject": d.id, "at": [["daemons", "daemons", i, "version", "value"]], "values": {
	"id": d.id, "version": d.version.value, "release": input.release,
}} if {
	some i, d in running
	d.version.value != input.release
}

violations contains {"code": "executable-replaced", "subject": d.id, "at": [["daemons", "daemons", i, "executable", "replaced"]], "values": {"id": d.id}} if {
	some i, d in running
	d.executable.replaced == "yes"
}

violations contains {"code": "not-installed", "subject": d.id, "at": [["daemons", "daemons", i, "executable", "sha256"]], "values": {
	"id": d.id, "sha256": d.executable.sha256, "host": d.host,
}} if {
	input.facts.install.installations_total
	some i, d in running
	not installs.present(d, machines)
}

violations contains {"code": "check-failed", "subject": [m.host, c.name], "at": [["install", "installations", i, "checks", j, "result"]], "values": {
	"host": m.host, "check": c.name, "result": c.result,
}} if {
	some i, m in machines
	some j, c in m.checks
	c.result in {"warned", "failed"}
}

violations contains {"code": "check-skipped", "subject": [m.host, c.name], "at": [["install", "installations", i, "checks", j, "state"]], "values": {}} if {
	some i, m in machines
	some j, c in m.checks
	c.state == "skipped"
	not installs.sound(c)
}

violations contains {"code": "manual-fixes", "at": [["install_statement", "manual_fixes"]], "values": {"fixes": fixes}} if statement.manual_fixes_total > 0
violations contains {"code": "other-release", "at": [["install_statement", "release"]], "values": {"stated": stated}} if stated != input.release
violations contains {"code": "not-reproduced", "at": [["install_statement", "reproduced"]], "values": {}} if statement.reproduced == "no"

violations contains {"code": "other-procedure", "subject": m.host, "at": [["install", "installations", i, "procedure", "sha256"]], "values": {
	"host": m.host, "followed": m.procedure.sha256, "stated": statement.procedure_sha256,
}} if {
	some i, m in machines
	m.procedure.sha256 != statement.procedure_sha256
}
