# METADATA
# title: What a scan report speaks of, how fresh its database is, and which findings are tolerated
package golive.lib.scans

skew_ms := data.parameters.clock_skew_ms
limits := data.parameters.scans

# Some report of this kind speaks of the subject.
covered(reports, subject, kind) if {
	some r in reports
	r.kind == kind
	subject.sha256 in r.subjects
}

# Only an image needs a scan of the image; what stands in it needs the required kinds like every other subject.
image_covered(reports, subject) if subject.kind in {"binary", "archive", "source", "lockfile"}

image_covered(reports, subject) if covered(reports, subject, "image")

# What the two above ask for together, for the message.
wanted(subject, kind) if kind in limits.required_kinds

wanted(subject, "image") if subject.kind == "image"

# The report speaks of something that belongs to the release.
related(report, subjects) if {
	some s in subjects
	s.sha256 in report.subjects
}

# Analysis of the code itself has no database of known vulnerabilities; the other kinds live by theirs.
database_fresh(report) if {
	report.kind in {"static", "other"}
	report.database.state == "none"
}

# A database that is newer than the scan cannot be the one that the scan used.
database_fresh(report) if {
	input.now_ms - report.database.updated_at_ms <= limits.database_max_age_ms
	report.database.updated_at_ms - report.finished_at_ms <= skew_ms
}

# The schema of the parameters lets nobody tolerate critical, high or unknown.
tolerated(finding) if finding.severity in limits.tolerated_severities
