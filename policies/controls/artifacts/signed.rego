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
#     other-release: {denies: manifest-planned, message: "the manifest is about release {version}, which is not the planned one"}
#     subject-unchecked: {denies: release-covered, message: "this part of the release was not checked as an artifact"}
#     artifact-foreign: {denies: artifacts-released, message: "these bytes were checked, but do not belong to the planned release"}
#     checksum-mismatched: {denies: checksums-match, message: "the digest of the artifact differs from the published checksum"}
#     checksum-missing: {denies: checksums-match, message: "no published checksum names the artifact"}
#     signature-missing: {denies: signatures-valid, message: "the artifact is not signed"}
#     signature-unsupported: {denies: signatures-valid, message: "the signature was not verified: its format is not supported"}
#     signature-invalid: {denies: signatures-valid, message: "the signature does not fit the artifact's bytes or the key"}
#     key-untrusted: {denies: keys-trusted, message: "{name} was verified with key {key}, which is not in artifacts.trusted_keys"}
#     daemon-unverified: {denies: daemons-verified, message: "the daemon runs {sha256}, which was never verified"}
#     verified-late: {denies: verified-first, message: "{name} was verified at {verified_at}, daemon {id} had started at {started_at}"}
#     start-future: {denies: verified-first, message: "the daemon's start, {started_at}, lies in the future"}
#   remediation: Sign the artifacts with a trusted key, verify signature and checksum, and only then start exactly the verified bytes
package golive.controls.artifacts.signed

import data.golive.lib.artifacts
import data.golive.lib.clock

checked := input.facts.artifacts.artifacts
subjects := input.facts.release_manifest.subjects
version := input.facts.release_manifest.version

met contains "manifest-planned" if input.facts.release_manifest.version == input.release

met contains "release-covered" if {
	count(input.facts.release_manifest.subjects) > 0
	every s in input.facts.release_manifest.subjects { artifacts.named(s.sha256, checked) }
}

met contains "artifacts-released" if {
	count(input.facts.artifacts.artifacts) > 0
	every a in input.facts.artifacts.artifacts { artifacts.named(a.sha256, subjects) }
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
	every d in input.facts.daemons.daemons { artifacts.named(d.executable.sha256, checked) }
}

met contains "verified-first" if {
	count(input.facts.artifacts.artifacts) > 0
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons {
		d.started_at_ms - input.now_ms <= data.parameters.clock_skew_ms
		every a in input.facts.artifacts.artifacts { a.signature.verified_at_ms < d.started_at_ms }
	}
}

violations contains {"code": "other-release", "at": [["release_manifest", "version"]], "values": {"version": version}} if version != input.release

violations contains {"code": "subject-unchecked", "subject": [s.name, s.sha256], "at": [["release_manifest", "subjects", i, "sha256"]], "values": {}} if {
	input.facts.artifacts.artifacts_total
	some i, s in subjects
	not artifacts.named(s.sha256, checked)
}

violations contains {"code": "artifact-foreign", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i, "sha256"]], "values": {}} if {
	input.facts.release_manifest.subjects_total
	some i, a in checked
	not artifacts.named(a.sha256, subjects)
}

violations contains {"code": "checksum-mismatched", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i, "checksum"]], "values": {}} if {
	some i, a in checked
	a.checksum == "mismatched"
}

violations contains {"code": "checksum-missing", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i, "checksum"]], "values": {}} if {
	some i, a in checked
	a.checksum == "missing"
}

violations contains {"code": "signature-missing", "subject": artifact, "at": [["artifacts", "artifacts", i, "signature", "reason"]], "values": {}} if {
	some i, a in checked
	artifact := [a.name, a.sha256]
	a.signature.reason == "missing"
}

violations contains {"code": "signature-unsupported", "subject": artifact, "at": [["artifacts", "artifacts", i, "signature", "reason"]], "values": {}} if {
	some i, a in checked
	artifact := [a.name, a.sha256]
	a.signature.reason == "unsupported"
}

violations contains {"code": "signature-invalid", "subject": artifact, "at": [["artifacts", "artifacts", i, "signature", "result"]], "values": {}} if {
	some i, a in checked
	artifact := [a.name, a.sha256]
	a.signature.result == "invalid"
}

violations contains {"code": "key-untrusted", "subject": [a.name, a.sha256], "at": [["artifacts", "artifacts", i, "signature", "key"]], "values": {
	"name": a.name, "key": a.signature.key,
}} if {
	some i, a in checked
	a.signature.state == "verified"
	not a.signature.key in data.parameters.artifacts.trusted_keys
}

violations contains {"code": "daemon-unverified", "subject": d.id, "at": [["daemons", "daemons", i, "executable", "sha256"]], "values": {"sha256": sha256}} if {
	input.facts.artifacts.artifacts_total
	some i, d in input.facts.daemons.daemons
	sha256 := d.executable.sha256
	not artifacts.named(sha256, checked)
}

violations contains {"code": "verified-late", "subject": [a.name, a.sha256, d.id], "at": [
	["artifacts", "artifacts", i, "signature", "verified_at"],
	["daemons", "daemons", j, "started_at"],
], "values": {"name": a.name, "id": d.id, "verified_at": a.signature.verified_at, "started_at": d.started_at}} if {
	some i, a in checked
	some j, d in input.facts.daemons.daemons
	a.signature.verified_at_ms >= d.started_at_ms
}

violations contains {"code": "start-future", "subject": d.id, "at": [["daemons", "daemons", i, "started_at"]], "values": {"started_at": d.started_at}} if {
	some i, d in input.facts.daemons.daemons
	clock.future(d.started_at_ms)
}
