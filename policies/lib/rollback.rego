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

leads_elsewhere(plan, statement) if not leads_back(plan, statement)

package_sound(plan) if plan.package.sha256 == plan.package.published_sha256

package_unsound(plan) if not package_sound(plan)

# The dry run succeeded on a backup that is at hand unchanged, and would restore all its files and no others.
restorable(plan, artifacts) if {
	plan.dry_run.exit_code == 0
	plan.dry_run.restore_files > 0
	some a in artifacts
	a.id == plan.dry_run.artifact_id
	a.manifest_sha256 == plan.dry_run.manifest_sha256
	a.files == plan.dry_run.restore_files
}

unrestorable(plan, artifacts) if not restorable(plan, artifacts)

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

unrestored(drill, drills, plan) if {
	counts(drill, drills, plan)
	not restored(drill, drills, plan)
}

previous_runs(drill, drills, plan) if idle(drill, drills, plan)

previous_runs(drill, _, plan) if drill.version_after == plan.to_version

other_runs(drill, drills, plan) if {
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

slow(drill, drills, plan) if {
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

unable(statement, _) if statement.able == "no"

unable(statement, _) if statement.as_written == "no"

unable(statement, plan) if not practised(statement, plan)
