# METADATA
# title: Backup integrity is verified
# custom:
#   area: Backups
#   pass: Most recent backup passes verification (`claw admin backup verify` or equivalent process) and verification result is stored
#   fail: Backup verification not executed, failed, or evidence is missing
#   facts: {backups: observed, backup_verifications: observed}
#   criteria:
#     backup-present: There is a backup to verify
#     newest-verified: The most recent backup, as it stands now, was verified after it was made and within the required time
#     tool-passed: Each verification since the most recent backup was made passed with exit code 0
#     content-rechecked: Each of them was repeated without the tool, file by file, and nothing was missing, altered or added
#     result-stored: The result of each of them is stored and linked as evidence, with the tool's own words, which name the backup
#   violations:
#     backup-missing: {denies: backup-present, message: "there is no backup artifact, so nothing could be verified"}
#     not-verified: {denies: newest-verified, message: "the most recent backup {id} was never verified"}
#     changed-since: {denies: newest-verified, message: "backup {id} is no longer the one that was verified: its manifest differs"}
#     verification-outdated: {denies: newest-verified, message: "no verification of {id} is later than {created_at} and within the last {limit}"}
#     verification-failed: {denies: tool-passed, message: "the verification of {id} at {verified_at}: {result}, exit code {exit_code}"}
#     recheck-missing: {denies: content-rechecked, message: "the files of {id} were not compared with its manifest without the tool"}
#     recheck-failed: {denies: content-rechecked, message: "files of {id}: {matched} as listed, {differing} differ, {extra} extra, {unsafe} unsafe"}
#     record-missing: {denies: result-stored, message: "the result for {id} at {verified_at} is not stored and linked as evidence"}
#     output-missing: {denies: result-stored, message: "the kept output of the verification at {verified_at} does not name {id}: {output}"}
#   remediation: >-
#     Verify the newest backup by its name, compare its files with its manifest, and store the result with its digest
#     outside the host that holds the backup
package golive.controls.backups.verified

import data.golive.lib.verification

artifacts := input.facts.backups.artifacts
results := input.facts.backup_verifications.verifications
evidence := input.envelope.backup_verifications.evidence

met contains "backup-present" if count(input.facts.backups.artifacts) > 0

met contains "newest-verified" if {
	every a in input.facts.backups.artifacts { verified(a) }
}

met contains "tool-passed" if {
	every v in input.facts.backup_verifications.verifications { passed(v) }
}

met contains "content-rechecked" if {
	every v in input.facts.backup_verifications.verifications { rechecked(v) }
}

met contains "result-stored" if {
	every v in input.facts.backup_verifications.verifications { stored(v) }
}

# Only the most recent artifact counts; two of the same time both do.
verified(a) if verification.replaced(a, artifacts)

verified(a) if verification.any_current(results, a)

passed(v) if verification.bygone(v, artifacts)

passed(v) if verification.passed(v)

rechecked(v) if verification.bygone(v, artifacts)

rechecked(v) if verification.rechecked(v)

stored(v) if verification.bygone(v, artifacts)

stored(v) if {
	verification.linked(v, evidence)
	verification.named(v)
}

# For violations only: a most recent artifact, and what names a result that says something about it. Both groups must be known.
newest(a) if {
	count(results) >= 0
	not verification.replaced(a, artifacts)
}

recent(v) := [v.artifact_id, v.verified_at] if {
	count(artifacts) > 0
	not verification.bygone(v, artifacts)
}

violations contains {"code": "backup-missing", "at": [["backups", "artifacts"]], "values": {}} if count(artifacts) == 0

violations contains {"code": "not-verified", "subject": a.id, "at": [["backups", "artifacts", i, "id"]], "values": {"id": a.id}} if {
	some i, a in artifacts
	newest(a)
	not verification.any_about(results, a)
}

violations contains {"code": "changed-since", "subject": a.id, "at": [["backups", "artifacts", i, "manifest_sha256"]], "values": {"id": a.id}} if {
	some i, a in artifacts
	newest(a)
	verification.any_about(results, a)
	not verification.any_same(results, a)
}

violations contains {"code": "verification-outdated", "subject": a.id, "at": [["backups", "artifacts", i, "created_at"]], "values": {
	"id": a.id, "created_at": a.created_at, "limit_ms": data.parameters.backups.verification_max_age_ms,
}} if {
	some i, a in artifacts
	newest(a)
	verification.any_same(results, a)
	not verification.any_current(results, a)
}

violations contains {"code": "verification-failed", "subject": result, "at": [["backup_verifications", "verifications", i, "tool", leaf]], "values": {
	"id": v.artifact_id, "verified_at": v.verified_at, "result": v.tool.result, "exit_code": v.tool.exit_code,
}} if {
	some i, v in results
	result := recent(v)
	leaf := verification.failed_leaf(v)
}

violations contains {"code": "recheck-missing", "subject": result, "at": [["backup_verifications", "verifications", i, "recheck", "state"]], "values": {
	"id": v.artifact_id,
}} if {
	some i, v in results
	result := recent(v)
	v.recheck.state == "not_run"
}

violations contains {"code": "recheck-failed", "subject": result, "at": [["backup_verifications", "verifications", i, "recheck", leaf]], "values": {
	"id": v.artifact_id, "matched": v.recheck.matched, "differing": v.recheck.differing, "extra": v.recheck.extra, "unsafe": v.recheck.unsafe,
}} if {
	some i, v in results
	result := recent(v)
	v.recheck.state == "run"
	not verification.rechecked(v)
	leaf := verification.recheck_leaf(v)
}

violations contains {"code": "record-missing", "subject": result, "at": [["backup_verifications", "verifications", i, "record", leaf]], "values": {
	"id": v.artifact_id, "verified_at": v.verified_at,
}} if {
	some i, v in results
	result := recent(v)
	not verification.linked(v, evidence)
	leaf := verification.record_leaf(v)
}

violations contains {"code": "output-missing", "subject": result, "at": [["backup_verifications", "verifications", i, "tool", "output"]], "values": {
	"id": v.artifact_id, "verified_at": v.verified_at, "output": v.tool.output,
}} if {
	some i, v in results
	result := recent(v)
	not verification.named(v)
}
