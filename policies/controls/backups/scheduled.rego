# METADATA
# title: Backup jobs run on schedule
# custom:
#   area: Backups
#   pass: Automated backup schedule exists, ran successfully within the required window, and latest backup artifact is present
#   fail: No schedule, missed backup window, or backup artifact missing
#   facts: {backup_schedule: observed, backups: observed}
#   criteria:
#     schedule-exists: An automated backup schedule exists and is enabled
#     schedule-frequent: The schedule runs at least once in each required window
#     last-run-succeeded: The last scheduled run succeeded
#     ran-in-window: The last scheduled run ended within the required window
#     cadence-kept: In the look-back period no artifact was followed by a gap longer than the required window
#     artifact-present: The artifact of the last run is present and newer than the required window
#     artifacts-sound: No artifact is empty or dated in the future
#   violations:
#     schedule-missing: {denies: schedule-exists, message: "no automated backup schedule was found"}
#     schedule-disabled: {denies: schedule-exists, message: "the backup schedule exists but is not enabled"}
#     schedule-sparse: {denies: schedule-frequent, message: "the schedule runs every {interval}, the required window is {window}"}
#     never-ran: {denies: last-run-succeeded, message: "the backup schedule has never run"}
#     last-run-failed: {denies: last-run-succeeded, message: "the last backup run ended with result {result}"}
#     window-missed: {denies: ran-in-window, message: "the last backup run ended at {at}, not within the required window of {window}"}
#     cadence-broken: {denies: cadence-kept, message: "no artifact followed {id} of {created_at} within the required window of {window}"}
#     artifact-missing: {denies: artifact-present, message: "artifact {id} of the last backup run is missing, or not within the last {window}"}
#     artifact-empty: {denies: artifacts-sound, message: "backup artifact {id} holds {files} files and {bytes} bytes"}
#     artifact-future: {denies: artifacts-sound, message: "backup artifact {id} is dated in the future: {created_at}"}
#   remediation: Enable a timer, cron entry or CronJob for the backup, let it run, and check that its artifact arrives at the destination
package golive.controls.backups.scheduled

import data.golive.lib.clock

schedule := input.facts.backup_schedule.schedule
last_run := input.facts.backup_schedule.last_run
window_ms := data.parameters.backups.window_ms

met contains "schedule-exists" if {
	schedule.state == "found"
	schedule.enabled == "yes"
}

met contains "schedule-frequent" if {
	schedule.interval_ms > 0
	schedule.interval_ms <= window_ms
}

met contains "last-run-succeeded" if last_run.result == "succeeded"

met contains "ran-in-window" if clock.within(last_run.finished_at_ms, window_ms)

met contains "cadence-kept" if {
	count(input.facts.backups.artifacts) > 0
	every a in input.facts.backups.artifacts { followed(a) }
}

met contains "artifact-present" if {
	some a in input.facts.backups.artifacts
	belongs(a)
}

met contains "artifacts-sound" if {
	count(input.facts.backups.artifacts) > 0
	every a in input.facts.backups.artifacts {
		a.files > 0
		a.size_bytes > 0
		a.created_at_ms - input.now_ms <= data.parameters.clock_skew_ms
	}
}

# The window after an artifact is not over, or holds another artifact, or a newer artifact is itself older than the look-back.
followed(a) if input.now_ms - a.created_at_ms <= window_ms

followed(a) if {
	some b in input.facts.backups.artifacts
	b.created_at_ms > a.created_at_ms
	input.now_ms - b.created_at_ms > data.parameters.backups.lookback_ms
}

followed(a) if {
	some b in input.facts.backups.artifacts
	b.created_at_ms > a.created_at_ms
	b.created_at_ms - a.created_at_ms <= window_ms
}

belongs(a) if {
	a.id == last_run.artifact_id
	clock.within(a.created_at_ms, window_ms)
}

violations contains {"code": "schedule-missing", "at": [["backup_schedule", "schedule", "state"]], "values": {}} if {
	schedule.state == "none"
}

violations contains {"code": "schedule-disabled", "at": [["backup_schedule", "schedule", "enabled"]], "values": {}} if {
	schedule.enabled == "no"
}

violations contains {"code": "schedule-sparse", "at": [["backup_schedule", "schedule", "interval"]], "values": {
	"interval": schedule.interval, "window": data.parameters.backups.window,
}} if {
	schedule.interval_ms > window_ms
}

violations contains {"code": "never-ran", "at": [["backup_schedule", "last_run"]], "values": {}} if {
	last_run.state == "none"
}

violations contains {"code": "last-run-failed", "at": [["backup_schedule", "last_run", "result"]], "values": {"result": last_run.result}} if {
	last_run.result == "failed"
}

violations contains {"code": "window-missed", "at": [["backup_schedule", "last_run", "finished_at"]], "values": {"at": at, "window_ms": window_ms}} if {
	at := last_run.finished_at
	clock.older(last_run.finished_at_ms, window_ms)
}

violations contains {"code": "cadence-broken", "subject": a.id, "at": [["backups", "artifacts", i, "created_at"]], "values": {
	"id": a.id, "created_at": a.created_at, "window_ms": window_ms,
}} if {
	some i, a in input.facts.backups.artifacts
	not followed(a)
}

violations contains {"code": "artifact-missing", "at": [["backup_schedule", "last_run", "artifact_id"], ["backups", "artifacts"]], "values": {
	"id": last_run.artifact_id, "window_ms": window_ms,
}} if {
	last_run.state == "ended"
	artifacts := input.facts.backups.artifacts
	count([a.id | some a in artifacts; belongs(a)]) == 0
}

violations contains {"code": "artifact-empty", "subject": a.id, "at": [["backups", "artifacts", i, leaf]], "values": {
	"id": a.id, "files": a.files, "bytes": a.size_bytes,
}} if {
	some i, a in input.facts.backups.artifacts
	leaf := empty_leaf(a)
}

violations contains {"code": "artifact-future", "subject": a.id, "at": [["backups", "artifacts", i, "created_at"]], "values": {
	"id": a.id, "created_at": a.created_at,
}} if {
	some i, a in input.facts.backups.artifacts
	clock.future(a.created_at_ms)
}

empty_leaf(a) := "files" if a.files == 0

empty_leaf(a) := "size_bytes" if {
	a.files > 0
	a.size_bytes == 0
}
