# METADATA
# title: Rollback plan is tested for this release path
# custom:
#   area: Rollback
#   pass: Operator can execute documented rollback procedure and restore service/data to previous known-good state within target time
#   fail: Rollback steps are untested, incomplete, or cannot restore service in target time
#   facts: {rollback_plan: observed, rollback_drills: observed, rollback_statement: attested, backups: observed}
#   criteria:
#     path-known: The plan leads from this release to another version, which the operator knows to be good
#     package-at-hand: The previous version is at hand as it was published
#     data-restorable: A dry run today would restore exactly the files of a backup that is at hand
#     clients-planned: Each client version in rollback.required_clients (must not be empty) is among the plan's clients
#     path-drilled: A drill of this very path was made, and the last one within the required time
#     steps-complete: That drill followed the procedure as it is documented now, and each step was done
#     state-restored: That drill brought the disturbed data back to the known-good state
#     service-restored: Then the service said that it is the previous version, and served each client version of the plan
#     within-target: That drill took no longer than the target time
#     operator-able: An operator went through the documented procedure, as it is now, and says to be able to execute it
#   violations:
#     path-wrong: {denies: path-known, message: "the plan leads from {from} to {to}, the release is {release}, known to be good is {good}"}
#     package-unfit: {denies: package-at-hand, message: "the package of version {to} ({state}) is not at hand with the digest that was published"}
#     restore-unproven: {denies: data-restorable, message: "dry run, {leaf}: it must succeed with all the files, and only those, of a backup at hand"}
#     client-unplanned: {denies: clients-planned, message: "client version {client} must work after a rollback, but is not among the plan's clients"}
#     path-untested: {denies: path-drilled, message: "no drill went from this release to {to}"}
#     drill-outdated: {denies: path-drilled, message: "the last drill of this path ended at {at}, not within rollback.drill_max_age"}
#     step-undone: {denies: steps-complete, message: "step {step} of the last drill: {result}"}
#     other-procedure: {denies: steps-complete, message: "the last drill followed another text than the procedure that is documented now"}
#     state-differs: {denies: state-restored, message: "{leaf}: the state after the drill must be the good one, the state before it another"}
#     version-differs: {denies: service-restored, message: "after the drill the service did not say that it is the previous version, but: {version}"}
#     client-failed: {denies: service-restored, message: "after the drill, the smoke test with client {client}: {result}"}
#     client-untried: {denies: service-restored, message: "after the drill, this client version of the plan was not tried"}
#     drill-slow: {denies: within-target, message: "the last drill took {took}, more than rollback.target_time"}
#     operator-unable: {denies: operator-able, message: "{leaf} is {value}; wanted: able, as written, by the text as it is now, in the last {limit}"}
#   remediation: Let an operator drill the documented procedure, from this release to the previous version, with the clients in use, and record it
package golive.controls.rollback.tested

import data.golive.lib.rollback

plan := input.facts.rollback_plan
drills := input.facts.rollback_drills.drills
statement := input.facts.rollback_statement
limits := data.parameters.rollback

met contains "path-known" if rollback.leads_back(input.facts.rollback_plan, input.facts.rollback_statement)
met contains "package-at-hand" if rollback.package_sound(input.facts.rollback_plan)
met contains "data-restorable" if rollback.restorable(input.facts.rollback_plan, input.facts.backups.artifacts)

met contains "clients-planned" if {
	count(data.parameters.rollback.required_clients) > 0
	every version in data.parameters.rollback.required_clients { rollback.planned(version, input.facts.rollback_plan) }
}

met contains "path-drilled" if {
	rollback.any_on_path(input.facts.rollback_drills.drills, input.facts.rollback_plan)
	every d in input.facts.rollback_drills.drills { rollback.recent(d, drills, plan) }
}

met contains "steps-complete" if {
	every d in input.facts.rollback_drills.drills {
		rollback.documented(d, drills, plan)
		rollback.steps_done(d, drills, plan)
	}
}

met contains "service-restored" if {
	count(input.facts.rollback_plan.clients) > 0
	every d in input.facts.rollback_drills.drills {
		rollback.previous_runs(d, drills, plan)
		every c in input.facts.rollback_plan.clients { rollback.tried(c, d, drills, plan) }
		every s in d.smokes { rollback.served(s, d, drills, plan) }
	}
}

met contains "state-restored" if every d in input.facts.rollback_drills.drills { rollback.restored(d, drills, plan) }
met contains "within-target" if every d in input.facts.rollback_drills.drills { rollback.in_time(d, drills, plan) }
met contains "operator-able" if rollback.able(input.facts.rollback_statement, input.facts.rollback_plan)

violations contains {"code": "path-wrong", "at": [["rollback_plan", leaf]], "values": {
	"from": plan.from_version, "to": plan.to_version, "release": input.release, "good": statement.known_good_version,
}} if {
	leaf := rollback.misleading(plan, statement)
}

violations contains {"code": "package-unfit", "at": [["rollback_plan", "package", leaf]], "values": {"to": plan.to_version, "state": plan.package.state}} if {
	leaf := rollback.package_fault(plan)
}

violations contains {"code": "restore-unproven", "at": [["rollback_plan", "dry_run", leaf], ["backups", "artifacts"]], "values": {"leaf": leaf}} if {
	leaf := rollback.restore_fault(plan, input.facts.backups.artifacts)
}

violations contains {"code": "client-unplanned", "subject": version, "at": [["rollback_plan", "clients"]], "values": {"client": version}} if {
	some version in limits.required_clients
	rollback.unplanned(version, plan)
}

violations contains {"code": "path-untested", "at": [["rollback_drills", "drills"]], "values": {"to": plan.to_version}} if rollback.none_on_path(drills, plan)

violations contains {"code": "drill-outdated", "subject": d.id, "at": [["rollback_drills", "drills", i, "finished_at"]], "values": {"at": d.finished_at}} if {
	some i, d in drills
	rollback.outdated(d, drills, plan)
}

violations contains {"code": "step-undone", "subject": [d.id, k], "at": [["rollback_drills", "drills", i, "steps", k]], "values": {"step": k, "result": r}} if {
	some i, d in drills
	rollback.counts(d, drills, plan)
	some k, r in d.steps
	r in {"failed", "skipped"}
}

violations contains {"code": "other-procedure", "subject": d.id, "at": [["rollback_drills", "drills", i, "procedure_sha256"]], "values": {}} if {
	some i, d in drills
	rollback.undocumented(d, drills, plan)
}

violations contains {"code": "state-differs", "subject": d.id, "at": [["rollback_drills", "drills", i, "state", leaf]], "values": {"leaf": leaf}} if {
	some i, d in drills
	leaf := rollback.state_fault(d, drills, plan)
}

violations contains {"code": "version-differs", "subject": d.id, "at": [["rollback_drills", "drills", i, "version_after"]], "values": {"version": stated}} if {
	some i, d in drills
	stated := rollback.other_version(d, drills, plan)
}

violations contains {"code": "client-failed", "subject": [d.id, s.client_version], "at": [["rollback_drills", "drills", i, "smokes", j, "result"]], "values": {
	"client": s.client_version, "result": s.result,
}} if {
	some i, d in drills
	rollback.counts(d, drills, plan)
	some j, s in d.smokes
	s.result in {"failed", "skipped"}
}

violations contains {"code": "client-untried", "subject": [d.id, c.version], "at": [["rollback_drills", "drills", i, "smokes"]], "values": {}} if {
	some i, d in drills
	some c in plan.clients
	rollback.untried(c, d, drills, plan)
}

violations contains {"code": "drill-slow", "subject": d.id, "at": [["rollback_drills", "drills", i, "finished_at"]], "values": {"took_ms": took_ms}} if {
	some i, d in drills
	took_ms := rollback.slow_ms(d, drills, plan)
}

violations contains {"code": "operator-unable", "at": [["rollback_statement", leaf]], "values": {
	"leaf": leaf, "value": statement[leaf], "limit_ms": limits.statement_max_age_ms,
}} if {
	leaf := rollback.unable_fault(statement, plan)
}
