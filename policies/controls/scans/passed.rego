# METADATA
# title: Required security scans pass
# custom:
#   area: Security scans
#   pass: >-
#     Required scans (dependency, container/image, and/or static analysis per policy) completed for this release with no unapproved critical/high findings
#   fail: Scans were skipped, failed, or unresolved critical/high findings exist without approved exception
#   facts: {scans: observed, release_manifest: observed}
#   criteria:
#     required-complete: Each required kind of scan speaks of each subject of the release, and an image scan of each image
#     about-this-release: The subjects are those of the planned release, and each report speaks of one of them
#     scans-completed: The tool behind each report ran to its end, within the required time before go-live
#     databases-fresh: Each vulnerability database was new enough, and no newer than the scan that used it
#     no-severe-finding: No report holds a finding of a severity that is not tolerated
#     nothing-hidden: No report hides such a finding behind a suppression
#   violations:
#     scan-missing: {denies: required-complete, message: "no {kind} scan speaks of {name} in these very bytes"}
#     other-release: {denies: about-this-release, message: "the subjects are those of release {version}, which is not the planned one"}
#     report-unrelated: {denies: about-this-release, message: "the report of {tool} speaks of no subject of this release"}
#     scan-failed: {denies: scans-completed, message: "{tool} did not run to its end: its report proves nothing"}
#     scan-outdated: {denies: scans-completed, message: "the scan by {tool} ended at {finished_at}, not within the last {limit}"}
#     database-missing: {denies: databases-fresh, message: "this kind of scan needs a vulnerability database, {tool} used none"}
#     database-unfit: {denies: databases-fresh, message: "{tool} used a database of {updated_at}: older than {limit}, or newer than its scan"}
#     critical-finding: {denies: no-severe-finding, message: "critical finding {id} in {component}, reported by {tool}"}
#     high-finding: {denies: no-severe-finding, message: "high finding {id} in {component}, reported by {tool}"}
#     other-finding: {denies: no-severe-finding, message: "finding {id} in {component} is of severity {severity}, which is not in scans.tolerated_severities"}
#     suppressed-finding: {denies: nothing-hidden, message: "{id} in {component}, severity {severity}, is suppressed ({origin}) without a waiver"}
#   remediation: >-
#     Run each required scan on this release with a fresh database and fix what it reports, or have a waiver approved that
#     lists the finding; a suppression inside the tool approves nothing
package golive.controls.scans.passed

import data.golive.lib.clock
import data.golive.lib.scans

reports := input.facts.scans.reports
version := input.facts.release_manifest.version
max_age_ms := data.parameters.scans.scan_max_age_ms

met contains "required-complete" if {
	count(input.facts.release_manifest.subjects) > 0
	every kind in data.parameters.scans.required_kinds {
		every s in input.facts.release_manifest.subjects { scans.covered(reports, s, kind) }
	}
	every s in input.facts.release_manifest.subjects { scans.image_covered(reports, s) }
}

met contains "about-this-release" if {
	input.facts.release_manifest.version == input.release
	every r in input.facts.scans.reports { scans.related(r, input.facts.release_manifest.subjects) }
}

met contains "scans-completed" if {
	every r in input.facts.scans.reports {
		r.state == "succeeded"
		clock.within(r.finished_at_ms, max_age_ms)
	}
}

met contains "databases-fresh" if every r in input.facts.scans.reports { scans.database_fresh(r) }

met contains "no-severe-finding" if {
	every r in input.facts.scans.reports {
		every f in r.findings { scans.tolerated(f) }
	}
}

met contains "nothing-hidden" if {
	every r in input.facts.scans.reports {
		every f in r.suppressions { scans.tolerated(f) }
	}
}

violations contains {"code": "scan-missing", "subject": [kind, s.name, s.sha256], "at": [["scans", "reports"]], "values": {"kind": kind, "name": s.name}} if {
	all_reports := input.facts.scans.reports
	some s in input.facts.release_manifest.subjects
	some kind in ["dependency", "image", "static", "other"]
	scans.wanted(s, kind)
	not scans.covered(all_reports, s, kind)
}

violations contains {"code": "other-release", "at": [["release_manifest", "version"]], "values": {"version": version}} if version != input.release

violations contains {"code": "report-unrelated", "subject": r.name, "at": [["scans", "reports", i, "subjects"]], "values": {"tool": r.tool}} if {
	subjects := input.facts.release_manifest.subjects
	some i, r in reports
	not scans.related(r, subjects)
}

violations contains {"code": "scan-failed", "subject": r.name, "at": [["scans", "reports", i, "state"]], "values": {"tool": r.tool}} if {
	some i, r in reports
	r.state == "failed"
}

violations contains {"code": "scan-outdated", "subject": r.name, "at": [["scans", "reports", i, "finished_at"]], "values": {
	"tool": r.tool, "finished_at": r.finished_at, "limit_ms": max_age_ms,
}} if {
	some i, r in reports
	not clock.within(r.finished_at_ms, max_age_ms)
}

violations contains {"code": "database-missing", "subject": r.name, "at": [["scans", "reports", i, "database", "state"]], "values": {"tool": r.tool}} if {
	some i, r in reports
	r.database.state == "none"
	not scans.database_fresh(r)
}

violations contains {"code": "database-unfit", "subject": r.name, "at": [["scans", "reports", i, "database", "updated_at"]], "values": {
	"tool": r.tool, "updated_at": r.database.updated_at, "limit_ms": data.parameters.scans.database_max_age_ms,
}} if {
	some i, r in reports
	r.database.state == "dated"
	not scans.database_fresh(r)
}

violations contains {"code": "critical-finding", "subject": [f.id, r.name, f.component], "at": [["scans", "reports", i, "findings", j, "severity"]], "values": {
	"id": f.id, "component": f.component, "tool": r.tool,
}} if {
	some i, r in reports
	some j, f in r.findings
	f.severity == "critical"
}

violations contains {"code": "high-finding", "subject": [f.id, r.name, f.component], "at": [["scans", "reports", i, "findings", j, "severity"]], "values": {
	"id": f.id, "component": f.component, "tool": r.tool,
}} if {
	some i, r in reports
	some j, f in r.findings
	f.severity == "high"
}

violations contains {"code": "other-finding", "subject": finding, "at": [["scans", "reports", i, "findings", j, "severity"]], "values": {
	"id": f.id, "component": f.component, "severity": f.severity,
}} if {
	some i, r in reports
	some j, f in r.findings
	not f.severity in {"critical", "high"}
	finding := [f.severity, f.id, r.name, f.component]
	not scans.tolerated(f)
}

violations contains {"code": "suppressed-finding", "subject": finding, "at": [["scans", "reports", i, "suppressions", j, "severity"]], "values": {
	"id": f.id, "component": f.component, "severity": f.severity, "origin": f.origin,
}} if {
	some i, r in reports
	some j, f in r.suppressions
	finding := [f.severity, f.id, r.name, f.component]
	not scans.tolerated(f)
}
