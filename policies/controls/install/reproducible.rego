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
#     step-failed: {denies: steps-completed, message: "a documented step ended with exit code {code}"}
#     method-undocumented: {denies: method-documented, message: "install method {method} is not one that the organisation documents"}
#     version-mismatch: {denies: version-matches, message: "the installed binary reports {version}, which is not the planned release"}
#     daemon-version: {denies: running-as-installed, message: "the running daemon reports {version}, which is not the planned release"}
#     executable-replaced: {denies: running-as-installed, message: "the file of the running daemon was replaced after its start"}
#     not-installed: {denies: running-as-installed, message: "the running daemon is {sha256}, which no installation on its machine has"}
#     check-failed: {denies: checks-passed, message: "a check after the installation failed or warned"}
#     check-skipped: {denies: checks-passed, message: "a check after the installation was skipped and is not listed as optional"}
#     manual-fixes: {denies: no-manual-fixes, message: "{count} things were fixed by hand during the installation"}
#     other-release: {denies: no-manual-fixes, message: "the statement is about another release than the planned one"}
#     not-reproduced: {denies: steps-reproduced, message: "the documented steps were not carried out again with the same result"}
#     other-procedure: {denies: steps-reproduced, message: "procedure {sha256} was followed, the statement is about another one"}
#   remediation: Correct the documented steps, install again from nothing by these alone, restart the daemon, and have the installer state it
package golive.controls.install.reproducible

statement := input.facts.install_statement

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
		installed(d)
	}
}

met contains "checks-passed" if {
	count(input.facts.install.installations) > 0
	every i in input.facts.install.installations {
		count(i.checks) > 0
		every c in i.checks { sound(c) }
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

installed(d) if {
	some i in input.facts.install.installations
	i.host == d.host
	i.binary_sha256 == d.executable.sha256
}

sound(c) if c.result == "passed"

sound(c) if {
	c.state == "skipped"
	c.name in data.parameters.install.optional_checks
}

violations contains {"code": "step-failed", "subject": [m.host, s.name], "at": [["install", "installations", i, "steps", j]], "values": {"code": s.exit}} if {
	some i, m in input.facts.install.installations
	some j, s in m.steps
	s.exit > 0
}

violations contains {"code": "method-undocumented", "subject": m.host, "at": [["install", "installations", i]], "values": {"method": m.method}} if {
	some i, m in input.facts.install.installations
	m.method != "unknown"
	not m.method in data.parameters.install.documented_methods
}

violations contains {"code": "version-mismatch", "subject": m.host, "at": [["install", "installations", i]], "values": {"version": m.version.value}} if {
	some i, m in input.facts.install.installations
	m.version.value != input.release
}

violations contains {"code": "daemon-version", "subject": d.id, "at": [["daemons", "daemons", i]], "values": {"version": d.version.value}} if {
	some i, d in input.facts.daemons.daemons
	d.version.value != input.release
}

violations contains {"code": "executable-replaced", "subject": d.id, "at": [["daemons", "daemons", i, "executable"]], "values": {}} if {
	some i, d in input.facts.daemons.daemons
	d.executable.replaced == "yes"
}

violations contains {"code": "not-installed", "subject": d.id, "at": [["daemons", "daemons", i]], "values": {"sha256": d.executable.sha256}} if {
	input.facts.install.installations_total
	some i, d in input.facts.daemons.daemons
	not installed(d)
}

violations contains {"code": "check-failed", "subject": [m.host, c.name], "at": [["install", "installations", i, "checks", j]], "values": {}} if {
	some i, m in input.facts.install.installations
	some j, c in m.checks
	c.result in {"warned", "failed"}
}

violations contains {"code": "check-skipped", "subject": [m.host, c.name], "at": [["install", "installations", i, "checks", j]], "values": {}} if {
	some i, m in input.facts.install.installations
	some j, c in m.checks
	c.state == "skipped"
	not sound(c)
}

violations contains {"code": "manual-fixes", "at": [["install_statement", "manual_fixes"]], "values": {"count": statement.manual_fixes_total}} if {
	statement.manual_fixes_total > 0
}

violations contains {"code": "other-release", "at": [["install_statement", "release"]], "values": {}} if statement.release != input.release

violations contains {"code": "not-reproduced", "at": [["install_statement", "reproduced"]], "values": {}} if statement.reproduced == "no"

violations contains {"code": "other-procedure", "subject": m.host, "at": [["install", "installations", i]], "values": {"sha256": m.procedure.sha256}} if {
	some i, m in input.facts.install.installations
	m.procedure.sha256 != statement.procedure_sha256
}
