# METADATA
# title: Operator runbooks are complete and current
# custom:
#   area: Runbooks
#   pass: >-
#     Runbooks exist for startup/shutdown, backup/restore, token rotation, incident response, and rollback; each runbook
#     was reviewed/updated for this release
#   fail: Required runbooks are missing, stale, or do not match current deployment
#   facts: {runbooks: observed, runbook_reviews: attested}
#   criteria:
#     topics-covered: A runbook exists for each required topic
#     texts-present: No runbook is an empty file
#     reviewed-for-release: Each runbook, in the very text on hand, was found current by a recent review for this release
#     no-objection: No review calls a runbook outdated
#     matches-deployment: What the runbooks name was tried on the deployed version, which is the planned one, and all of it works
#   violations:
#     topic-missing: {denies: topics-covered, message: "no runbook covers {topic}"}
#     runbook-empty: {denies: texts-present, message: "{path} is empty"}
#     runbook-unreviewed: {denies: reviewed-for-release, message: "no review for {release} in the last {limit} found {path} current as it stands now"}
#     runbook-outdated: {denies: no-objection, message: "the review by {reviewer} calls {path} outdated"}
#     other-release: {denies: matches-deployment, message: "the runbooks were tried on release {version}, planned is {release}"}
#     drift-found: {denies: matches-deployment, message: "{path} names `{check}`, which does not work on the deployed version"}
#     runbook-untried: {denies: matches-deployment, message: "nothing that {path} names was tried on the deployed version"}
#   remediation: >-
#     Write the missing runbook, correct what the deployed version refuses, and have each text reviewed for this release;
#     any later change of a text needs a new review
package golive.controls.runbooks.current

import data.golive.lib.clock

runbooks := input.facts.runbooks.runbooks
limits := data.parameters.runbooks

met contains "topics-covered" if {
	every topic in data.parameters.runbooks.required_topics { covered(topic) }
}

met contains "texts-present" if {
	every r in input.facts.runbooks.runbooks { r.size_bytes > 0 }
}

met contains "reviewed-for-release" if {
	every r in input.facts.runbooks.runbooks { reviewed(r, input.facts.runbook_reviews.reviews) }
}

met contains "no-objection" if {
	every v in input.facts.runbook_reviews.reviews { v.result == "current" }
}

met contains "matches-deployment" if {
	input.facts.runbooks.tried_on == input.release
	every r in input.facts.runbooks.runbooks {
		tried(r)
		every c in r.checks { c.result == "matched" }
	}
}

covered(topic) if {
	some r in runbooks
	r.topic == topic
}

# The digest ties the review to the text: a change after the review, in whatever file, undoes it.
reviewed(r, reviews) if {
	some v in reviews
	v.sha256 == r.sha256
	v.release == input.release
	v.result == "current"
	clock.within(v.reviewed_at_ms, limits.review_max_age_ms)
}

tried(r) if count(r.checks) > 0

# A topic whose runbooks may hold nothing that can be tried, such as whom to call.
tried(r) if r.topic in limits.prose_topics

violations contains {"code": "topic-missing", "subject": topic, "at": [["runbooks", "runbooks"]], "values": {"topic": topic}} if {
	all_runbooks := input.facts.runbooks.runbooks
	some topic in limits.required_topics
	own := [r.path | some r in all_runbooks; r.topic == topic]
	count(own) == 0
}

violations contains {"code": "runbook-empty", "subject": r.path, "at": [["runbooks", "runbooks", i, "size_bytes"]], "values": {"path": r.path}} if {
	some i, r in runbooks
	r.size_bytes == 0
}

violations contains {"code": "runbook-unreviewed", "subject": r.path, "at": [["runbooks", "runbooks", i, "sha256"]], "values": {
	"path": r.path, "release": input.release, "limit_ms": limits.review_max_age_ms,
}} if {
	reviews := input.facts.runbook_reviews.reviews
	some i, r in runbooks
	not reviewed(r, reviews)
}

violations contains {"code": "runbook-outdated", "subject": v.path, "at": [["runbook_reviews", "reviews", i, "result"]], "values": {
	"path": v.path, "reviewer": v.reviewer,
}} if {
	some i, v in input.facts.runbook_reviews.reviews
	v.result == "outdated"
}

violations contains {"code": "other-release", "at": [["runbooks", "tried_on"]], "values": {"version": version, "release": input.release}} if {
	version := input.facts.runbooks.tried_on
	version != input.release
}

violations contains {"code": "drift-found", "subject": [r.path, c.name], "at": [["runbooks", "runbooks", i, "checks", j, "result"]], "values": {
	"path": r.path, "check": c.name,
}} if {
	some i, r in runbooks
	some j, c in r.checks
	c.result == "failed"
}

violations contains {"code": "runbook-untried", "subject": r.path, "at": [["runbooks", "runbooks", i, "checks"]], "values": {"path": r.path}} if {
	some i, r in runbooks
	not tried(r)
}
