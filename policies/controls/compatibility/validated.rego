# METADATA
# title: Client/server compatibility is validated
# custom:
#   area: Compatibility
#   pass: Supported client versions are tested against deployed daemon version and behavior matches published compatibility guarantees
#   fail: Required client versions fail, are untested, or compatibility status is unknown
#   facts: {compatibility_guarantees: observed, compatibility_tests: observed, daemons: observed}
#   criteria:
#     deployed-known: Each daemon that runs says that it is the version of this release
#     guarantee-published: A published document, linked as evidence, says what is guaranteed for this version
#     required-guaranteed: Each client version in compatibility.required_clients (must not be empty) is named there
#     levels-accepted: Each version in compatibility.required_clients (must not be empty) has an accepted level, and no other is half supported
#     clients-tested: Each supported client version was tried against this version in each required step, within the required time
#     behavior-matches: No supported client version failed or skipped a step against this version
#     check-active: No test against this version ran with the product's own compatibility check switched off
#   violations:
#     daemon-missing: {denies: deployed-known, message: "no daemon runs, so the deployed version is unknown"}
#     daemon-differs: {denies: deployed-known, message: "daemon {id} says that it is version {version}, the release is {release}"}
#     guarantee-other: {denies: guarantee-published, message: "the guarantee is for version {version}, the release is {release}"}
#     document-unlinked: {denies: guarantee-published, message: "the document of the guarantee is not linked as evidence with its digest {sha256}"}
#     client-unnamed: {denies: required-guaranteed, message: "nothing is published about the required client version {client}"}
#     level-unaccepted: {denies: levels-accepted, message: "client version {client} is published as {level}, which is not accepted for it"}
#     client-untested: {denies: clients-tested, message: "client version {client} was never tried against daemon version {release}: {step}"}
#     test-outdated: {denies: clients-tested, message: "client version {client}: {step} was not tried against {release} within the last {limit}"}
#     client-failed: {denies: behavior-matches, message: "client version {client}: {step} {result}, although the version is not published as unsupported"}
#     check-bypassed: {denies: check-active, message: "client version {client}: {step} was tried with the compatibility check switched off"}
#   remediation: Try each supported client version against this server version; where one fails, correct the release or the published guarantee
package golive.controls.compatibility.validated

import data.golive.lib.compatibility

guarantee := input.facts.compatibility_guarantees
results := input.facts.compatibility_tests.results
limits := data.parameters.compatibility

met contains "deployed-known" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons { d.version.value == input.release }
}

met contains "guarantee-published" if {
	input.facts.compatibility_guarantees.daemon_version == input.release
	linked
}

met contains "required-guaranteed" if {
	count(data.parameters.compatibility.required_clients) > 0
	every version in data.parameters.compatibility.required_clients {
		compatibility.named(version, input.facts.compatibility_guarantees.clients)
	}
}

met contains "levels-accepted" if {
	count(data.parameters.compatibility.required_clients) > 0
	every c in input.facts.compatibility_guarantees.clients {
		every version in data.parameters.compatibility.required_clients { compatibility.acceptable(c, version) }
	}
}

met contains "clients-tested" if {
	count(data.parameters.compatibility.required_steps) > 0
	every c in input.facts.compatibility_guarantees.clients {
		every step in data.parameters.compatibility.required_steps { compatibility.tested(c, step, results) }
	}
}

met contains "behavior-matches" if {
	every r in input.facts.compatibility_tests.results {
		compatibility.expected(r, guarantee.clients)
		every c in input.facts.compatibility_guarantees.clients { compatibility.consistent(r, c) }
	}
}

met contains "check-active" if {
	every r in input.facts.compatibility_tests.results { compatibility.check_active(r) }
}

# The document is one of the linked pieces of evidence.
linked if {
	some e in input.envelope.compatibility_guarantees.evidence
	e.sha256 == guarantee.document.sha256
}

violations contains {"code": "daemon-missing", "at": [["daemons", "daemons"]], "values": {}} if count(input.facts.daemons.daemons) == 0

violations contains {"code": "daemon-differs", "subject": d.id, "at": [["daemons", "daemons", i, "version", "value"]], "values": {
	"id": d.id, "version": d.version.value, "release": input.release,
}} if {
	some i, d in input.facts.daemons.daemons
	d.version.value != input.release
}

violations contains {"code": "guarantee-other", "at": [["compatibility_guarantees", "daemon_version"]], "values": {"version": v, "release": input.release}} if {
	v := guarantee.daemon_version
	v != input.release
}

violations contains {"code": "document-unlinked", "at": [["compatibility_guarantees", "document", "sha256"]], "values": {"sha256": sha256}} if {
	sha256 := guarantee.document.sha256
	not linked
}

violations contains {"code": "client-unnamed", "subject": version, "at": [["compatibility_guarantees", "clients"]], "values": {"client": version}} if {
	some version in limits.required_clients
	is_object(guarantee)
	not compatibility.named(version, guarantee.clients)
}

violations contains {"code": "level-unaccepted", "subject": c.version, "at": [["compatibility_guarantees", "clients", i, "level"]], "values": {
	"client": c.version, "level": c.level,
}} if {
	some i, c in guarantee.clients
	some version in limits.required_clients
	compatibility.unacceptable(c, version)
}

violations contains {"code": "client-untested", "subject": [c.version, step], "at": [["compatibility_tests", "results"]], "values": {
	"client": c.version, "step": step, "release": input.release,
}} if {
	some c in guarantee.clients
	some step in limits.required_steps
	is_array(results)
	compatibility.untried(c, step, results)
}

violations contains {"code": "test-outdated", "subject": [c.version, step], "at": [["compatibility_tests", "results"]], "values": {
	"client": c.version, "step": step, "release": input.release, "limit_ms": limits.test_max_age_ms,
}} if {
	some c in guarantee.clients
	some step in limits.required_steps
	compatibility.tried(c, step, results)
	not compatibility.tested(c, step, results)
}

violations contains {"code": "client-failed", "subject": [r.client_version, r.step], "at": [["compatibility_tests", "results", i, "result"]], "values": {
	"client": r.client_version, "step": r.step, "result": r.result,
}} if {
	some i, r in results
	is_object(guarantee)
	compatibility.broken(r, guarantee.clients)
}

violations contains {"code": "check-bypassed", "subject": cell, "at": [["compatibility_tests", "results", i, "check_bypassed"]], "values": {
	"client": r.client_version, "step": r.step,
}} if {
	some i, r in results
	r.daemon_version == input.release
	r.check_bypassed == "yes"
	cell := [r.client_version, r.step]
}
