# METADATA
# title: What one stored verification result says about a backup artifact
package golive.lib.verification

import data.golive.lib.clock

skew_ms := data.parameters.clock_skew_ms
max_age_ms := data.parameters.backups.verification_max_age_ms

# A newer artifact exists.
replaced(a, artifacts) if {
	some b in artifacts
	b.created_at_ms > a.created_at_ms
}

# Made before the most recent artifact was, by more than two clocks can differ: it says nothing about that one.
bygone(v, artifacts) if {
	some a in artifacts
	a.created_at_ms - v.verified_at_ms > skew_ms
}

# Some result is about the artifact, whatever it held then.
any_about(results, a) if {
	some v in results
	v.artifact_id == a.id
}

# Some result is about the artifact as it stands now.
any_same(results, a) if {
	some v in results
	same(v, a)
}

same(v, a) if {
	v.artifact_id == a.id
	v.manifest_sha256 == a.manifest_sha256
}

# And it was made since the artifact was, within the required time.
any_current(results, a) if {
	some v in results
	same(v, a)
	v.verified_at_ms >= a.created_at_ms
	clock.within(v.verified_at_ms, max_age_ms)
}

# The tool's own word and its exit code agree.
passed(v) if {
	v.tool.result == "passed"
	v.tool.exit_code == 0
}

# Where it says that it failed; an unknown result beside exit code 0 is neither passed nor failed.
failed_leaf(v) := "result" if v.tool.result == "failed"

failed_leaf(v) := "exit_code" if {
	v.tool.result in {"passed", "unknown"}
	v.tool.exit_code > 0
}

# A manifest that lists nothing proves nothing; a file that it does not list would be restored with the others.
rechecked(v) if {
	v.recheck.matched > 0
	v.recheck.differing == 0
	v.recheck.extra == 0
	v.recheck.unsafe == 0
}

# For violations only: the first of the numbers that is wrong.
recheck_leaf(v) := "matched" if v.recheck.matched == 0

recheck_leaf(v) := "differing" if {
	v.recheck.matched > 0
	v.recheck.differing > 0
}

recheck_leaf(v) := "extra" if {
	v.recheck.matched > 0
	v.recheck.differing == 0
	v.recheck.extra > 0
}

recheck_leaf(v) := "unsafe" if {
	v.recheck.matched > 0
	v.recheck.differing == 0
	v.recheck.extra == 0
}

# For violations only: what is wrong with a record that is not linked.
record_leaf(v) := "state" if v.record.state == "none"

record_leaf(v) := "sha256" if v.record.state == "stored"

# The stored record is one of the linked pieces of evidence.
linked(v, evidence) if {
	some e in evidence
	e.uri == v.record.uri
	e.sha256 == v.record.sha256
}

# The tool's own words name the artifact: they are not empty, and the tool did not pick another one.
named(v) if {
	some word in split(trim_space(v.tool.output), " ")
	word == v.artifact_id
}
