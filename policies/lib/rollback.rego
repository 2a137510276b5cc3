# METADATA
# title: What a rollback plan, a drill and an operator's word prove about the way back
package golive.lib.rollback

import data.golive.lib.clock
import data.golive.lib.versions

limits := data.parameters.rollback

# From the planned release to another version, which the operator knows to be good.
leads_back(plan, statement) if {
	plan.from_version == input.release
	versions.differ(plan.to_version, plan.from_version)
	plan.to_version == statement.known_good_version
}

# For violations only, here and below where a fault is named: the leaf that is wrong, where the test before it is not met.
misleading(plan, _) := "from_version" if versions.differ(plan.from_version, input.release)

misleading(plan, statement) := "to_version" if {
	plan.from_version == input.release
	not leads_back(plan, statement)
}

package_sound(plan) if plan.package.sha256 == plan.package.published_sha256

package_fault(plan) := "state" if plan.package.state == "missing"

package_fault(plan) := "sha256" if {
	plan.package.state == "at_hand"
	not package_sound(plan)
}

# The dry run succeeded on a backup that is at hand unchanged, and would restore all its files and no others.
restorable(plan, artifacts) if {
	plan.dry_run.exit_code == 0
	plan.dry_run.restore_files > 0
	some a in artifacts
	a.id == plan.dry_run.artifact_id
	a.manifest_sha256 == plan.dry_run.manifest_sha256
	a.files == plan.dry_run.restore_files
}

restore_fault(plan, _) := "state" if plan.dry_run.state == "not_run"

restore_fault(plan, _) := "exit_code" if plan.dry_run.exit_code > 0

restore_fault(plan, _) := "restore_files" if {
	plan.dry_run.exit_code == 0
	plan.dry_run.restore_files == 0
}

restore_fault(plan, artifacts) := "artifact_id" if {
	would_restore(plan)
	not plan.dry_run.artifact_id in [a.id | some a in artifacts]
}

restore_fault(plan, artifacts) := "manifest_sha256" if {
	would_restore(plan)
	plan.dry_run.artifact_id in [a.id | some a in artifacts]
	not unchanged(plan, artifacts)
}

restore_fault(plan, artifacts) := "restore_files" if {
	would_restore(plan)
	unchanged(plan, artifacts)
	not restorable(plan, artifacts)
}

would_restore(plan) if {
	plan.dry_run.exit_code == 0
	plan.dry_run.restore_files > 0
}

unchanged(plan, artifacts) if {
	some a in artifacts
	a.id == plan.dry_run.artifact_id
	a.manifest_sha256 == plan.dry_run.manifest_sha256
}

# The plan counts on this client version.
planned(version, plan) if {
	some c in plan.clients
	c.version == version
}

unplanned(version, plan) if not planned(version, plan)

on_path(drill, plan) if {
	drill.from_version == input.release
	drill.to_version == plan.to_version
}

any_on_path(drills, plan) if {
	some d in drills
	on_path(d, plan)
}

none_on_path(drills, plan) if not any_on_path(drills, plan)

# A later drill of the same path took its place.
repeated(drill, drills, plan) if {
	some d in drills
	on_path(d, plan)
	d.started_at_ms > drill.started_at_ms
}

# The drill does not count: it was of another path, or was repeated since.
idle(drill, _, _) if versions.differ(drill.from_version, input.release)

idle(drill, _, plan) if versions.differ(drill.to_version, plan.to_version)

idle(drill, drills, plan) if repeated(drill, drills, plan)

# For violations only: the drill counts.
counts(drill, drills, plan) if {
	on_path(drill, plan)
	not repeated(drill, drills, plan)
}

# Each test below is also met by a drill that does not count; what stands beside it says that the drill counts and fails it.
recent(drill, drills, plan) if idle(drill, drills, plan)

recent(drill, _, _) if clock.within(drill.finished_at_ms, limits.drill_max_age_ms)

outdated(drill, drills, plan) if {
	counts(drill, drills, plan)
	not recent(drill, drills, plan)
}

documented(drill, drills, plan) if idle(drill, drills, plan)

documented(drill, _, plan) if drill.procedure_sha256 == plan.procedure.sha256

undocumented(drill, drills, plan) if {
	counts(drill, drills, plan)
	not documented(drill, drills, plan)
}

steps_done(drill, drills, plan) if idle(drill, drills, plan)

steps_done(drill, _, _) if {
	drill.steps.stop_service == "done"
	drill.steps.install_previous == "done"
	drill.steps.restore_data == "done"
	drill.steps.start_service == "done"
	drill.steps.smoke_test == "done"
}

# The good state had been left and is there again.
restored(drill, drills, plan) if idle(drill, drills, plan)

restored(drill, _, _) if {
	drill.state.restored_sha256 == drill.state.good_sha256
	versions.differ(drill.state.disturbed_sha256, drill.state.good_sha256)
}

state_fault(drill, drills, plan) := "restored_sha256" if {
	counts(drill, drills, plan)
	versions.differ(drill.state.restored_sha256, drill.state.good_sha256)
}

state_fault(drill, drills, plan) := "disturbed_sha256" if {
	counts(drill, drills, plan)
	drill.state.restored_sha256 == drill.state.good_sha256
	drill.state.disturbed_sha256 == drill.state.good_sha256
}

previous_runs(drill, drills, plan) if idle(drill, drills, plan)

previous_runs(drill, _, plan) if drill.version_after == plan.to_version

other_version(drill, drills, plan) := drill.version_after if {
	counts(drill, drills, plan)
	not previous_runs(drill, drills, plan)
}

# Some smoke test used this version of the client.
tried(_, drill, drills, plan) if idle(drill, drills, plan)

tried(client, drill, _, _) if {
	some s in drill.smokes
	s.client_version == client.version
}

untried(client, drill, drills, plan) if {
	counts(drill, drills, plan)
	not tried(client, drill, drills, plan)
}

served(_, drill, drills, plan) if idle(drill, drills, plan)

served(smoke, _, _, _) if smoke.result == "passed"

in_time(drill, drills, plan) if idle(drill, drills, plan)

in_time(drill, _, _) if {
	took_ms(drill) > 0
	took_ms(drill) <= limits.target_time_ms
}

slow_ms(drill, drills, plan) := took_ms(drill) if {
	counts(drill, drills, plan)
	took_ms(drill) > limits.target_time_ms
}

took_ms(drill) := drill.finished_at_ms - drill.started_at_ms

# The operator's word, about the text of the procedure as it is now.
able(statement, plan) if {
	statement.able == "yes"
	statement.as_written == "yes"
	practised(statement, plan)
}

practised(statement, plan) if {
	statement.procedure_sha256 == plan.procedure.sha256
	clock.within(statement.executed_at_ms, limits.statement_max_age_ms)
}

unable_fault(statement, _) := "able" if statement.able == "no"

unable_fault(statement, _) := "as_written" if {
	statement.able in {"yes", "unknown"}
	statement.as_written == "no"
}

unable_fault(statement, plan) := "procedure_sha256" if {
	not_refused(statement)
	versions.differ(statement.procedure_sha256, plan.procedure.sha256)
}

unable_fault(statement, plan) := "executed_at" if {
	not_refused(statement)
	statement.procedure_sha256 == plan.procedure.sha256
	not practised(statement, plan)
}

not_refused(statement) if {
	statement.able in {"yes", "unknown"}
	statement.as_written in {"yes", "unknown"}
}
