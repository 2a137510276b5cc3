# METADATA
# title: Release artifacts are signed and verified
# custom:
#   area: Signed artifacts
#   pass: Published binaries/images are signed by trusted keys and signature verification was performed before deployment
#   fail: Artifacts are unsigned, key trust is unknown, or verification was not performed
#   facts: {artifacts: observed, daemons: observed, release_manifest: observed}
#   criteria:
#     manifest-planned: The release manifest is about the planned release
#     release-covered: Everything that the release consists of was checked as an artifact
#     artifacts-released: Every artifact that was checked belongs to the release
#     checksums-match: Every artifact's digest stands in the published list of checksums
#     signatures-valid: Every artifact has a signature that was verified and is valid
#     keys-trusted: Every signature was verified with a key that the organisation trusts
#     daemons-verified: Every running daemon is, byte for byte, an artifact that was checked
#     verified-first: Every signature was verified before any of the running daemons started
#   violations:
#     other-release: {denies: manifest-planned, message: "the manifest is about another release than the planned one"}
#     subject-unchecked: {denies: release-covered, message: "a part of the release was not checked"}
#     artifact-foreign: {denies: artifacts-released, message: "the artifact does not belong to the planned release"}
#     checksum-mismatched: {denies: checksums-match, message: "the artifact's digest differs from the published checksum"}
#     checksum-missing: {denies: checksums-match, message: "no published checksum names the artifact"}
#     signature-missing: {denies: signatures-valid, message: "the artifact is not signed"}
#     signature-unsupported: {denies: signatures-valid, message: "the signature was not verified: its format is not supported"}
#     signature-invalid: {denies: signatures-valid, message: "the signature does not fit the artifact's bytes or the key"}
#     key-untrusted: {denies: keys-trusted, message: "the artifact was verified with key {key}, which is not a trusted one"}
#     daemon-unverified: {denies: daemons-verified, message: "the running daemon is {sha256}, which was never verified"}
#     verified-late: {denies: verified-first, message: "the artifact was verified at {verified_at}, the daemon had started at {started_at}"}
#     start-future: {denies: verified-first, message: "the daemon's start {started_at} lies in the future"}
#   remediation: Sign the artifacts with a trusted key, verify signature and checksum, and only then start exactly the verified bytes
package golive.controls.artifacts.signed

import data.golive.lib.clock

met contains "manifest-planned" if input.facts.release_manifest.version == input.release

met contains "release-covered" if {
	count(input.facts.release_manifest.subjects) > 0
	every s in input.facts.release_manifest.subjects { checked(s.sha256) }
}

met contains "artifacts-released" if {
	count(input.facts.artifacts.artifacts) > 0
	every a in input.facts.artifacts.artifacts { released(a) }
}

met contains "checksums-match" if {
	count(input.facts.artifacts.artifacts) > 0
	every a in input.facts.artifacts.artifacts { a.checksum == "matched" }
}

met contains "signatures-valid" if {
	count(input.facts.artifacts.artifacts) > 0
	every a in input.facts.artifacts.artifacts { a.signature.result == "valid" }
}

met contains "keys-trusted" if {
	count(input.facts.artifacts.artifacts) > 0
	every a in input.facts.artifacts.artifacts { a.signature.key in data.parameters.artifacts.trusted_keys }
}

met contains "daemons-verified" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons { checked(d.executable.sha256) }
}

met contains "verified-first" if {
	count(input.facts.artifacts.artifacts) > 0
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons {
		d.started_at_ms - input.now_ms <= data.parameters.clock_skew_ms
		every a in input.facts.artifacts.artifacts { a.signature.verified_at_ms < d.started_at_ms }
	}
}

checked(sha256) if {
	some a in input.facts.artifacts.artifacts
	a.sha256 == sha256
}

released(a) if {
	some s in input.facts.release_manifest.subjects
	s.sha256 == a.sha256
}

violations contains {"code": "other-release", "at": [["release_manifest", "version"]], "values": {}} if input.facts.release_manifest.version != input.release

violations contains {"code": "subject-unchecked", "subject": [s.name, s.sha256], "at": [["release_manifest", "subjects", i]], "values": {}} if {
	input.facts.artifacts.artifacts_total
	some i, s in input.facts.release_manifest.subjects
	not checked(s.sha256)
}

violations contains {"code": "artifact-foreign", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {}} if {
	input.facts.release_manifest.subjects_total
	some i, a in input.facts.artifacts.artifacts
	not released(a)
}

violations contains {"code": "checksum-mismatched", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {}} if {
	some i, a in input.facts.artifacts.artifacts
	a.checksum == "mismatched"
}

violations contains {"code": "checksum-missing", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {}} if {
	some i, a in input.facts.artifacts.artifacts
	a.checksum == "missing"
}

violations contains {"code": "signature-missing", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {}} if {
	some i, a in input.facts.artifacts.artifacts
	a.signature.reason == "missing"
}

violations contains {"code": "signature-unsupported", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {}} if {
	some i, a in input.facts.artifacts.artifacts
	a.signature.reason == "unsupported"
}

violations contains {"code": "signature-invalid", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {}} if {
	some i, a in input.facts.artifacts.artifacts
	a.signature.result == "invalid"
}

violations contains {"code": "key-untrusted", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i]], "values": {"key": a.signature.key}} if {
	some i, a in input.facts.artifacts.artifacts
	a.signature.state == "verified"
	not a.signature.key in data.parameters.artifacts.trusted_keys
}

violations contains {"code": "daemon-unverified", "subject": d.id, "at": [["daemons", "daemons", i]], "values": {"sha256": d.executable.sha256}} if {
	input.facts.artifacts.artifacts_total
	some i, d in input.facts.daemons.daemons
	not checked(d.executable.sha256)
}

violations contains {"code": "verified-late", "subject": [a.name, a.sha256, d.id], "at": [["artifacts", "artifacts", i], ["daemons", "daemons", j]], "values": {
	"verified_at": a.signature.verified_at,
	"started_at": d.started_at,
}} if {
	some i, a in input.facts.artifacts.artifacts
	some j, d in input.facts.daemons.daemons
	a.signature.verified_at_ms >= d.started_at_ms
}

violations contains {"code": "start-future", "subject": d.id, "at": [["daemons", "daemons", i]], "values": {"started_at": d.started_at}} if {
	some i, d in input.facts.daemons.daemons
	clock.future(d.started_at_ms)
}
