# METADATA
# title: SLOs and alerting are defined and active
# custom:
#   area: SLOs
#   pass: Availability/latency/error-budget SLOs are documented; dashboards and alerts are active; on-call knows escalation path
#   fail: SLOs are undefined, alerts are missing/noisy, or escalation path is unclear
#   facts: {slos: observed, alerts: observed, on_call: attested}
#   criteria:
#     slos-live: An objective for availability, for latency and for the error budget is documented, and its query returns data
#     alerts-defined: At least one alert rule serves each objective
#     alerts-active: Each alert rule is evaluated without error, goes to a receiver and is not silenced
#     targets-scraped: The monitoring system reaches the service that the alerts are about
#     dashboards-active: At least one dashboard exists, and each can be opened
#     on-call-assigned: A role or team is on call
#     escalation-known: On-call has recently acknowledged the documented escalation path, in the text that holds now
#     alerts-quiet: A recent review found the alerts' noise acceptable
#   violations:
#     slo-missing: {denies: slos-live, message: "no objective for {kind} is documented"}
#     indicator-silent: {denies: slos-live, message: "the query behind the objective for {kind} returns no data"}
#     alert-missing: {denies: alerts-defined, message: "no alert rule serves the objective for {kind}"}
#     alert-broken: {denies: alerts-active, message: "the evaluation of alert {name} ends with an error"}
#     alert-idle: {denies: alerts-active, message: "the alert was last evaluated at {at}, not within slos.evaluation_max_age before it was looked at"}
#     alert-unrouted: {denies: alerts-active, message: "alert {name} reaches no receiver"}
#     alert-silenced: {denies: alerts-active, message: "alert {name} is silenced"}
#     target-missing: {denies: targets-scraped, message: "the monitoring system scrapes nothing of this service"}
#     target-down: {denies: targets-scraped, message: "the monitoring system finds {name} down"}
#     dashboard-missing: {denies: dashboards-active, message: "there is no dashboard"}
#     dashboard-unreachable: {denies: dashboards-active, message: "dashboard {uri} cannot be opened"}
#     nobody-on-call: {denies: on-call-assigned, message: "nobody is on call"}
#     escalation-missing: {denies: escalation-known, message: "no escalation path is documented"}
#     escalation-unacknowledged: {denies: escalation-known, message: "on-call has not acknowledged the escalation path"}
#     escalation-changed: {denies: escalation-known, message: "the escalation path, as it stands now, is not the text that on-call acknowledged"}
#     acknowledgement-old: {denies: escalation-known, message: "on-call acknowledged the escalation path at {at}, not within slos.escalation_max_age"}
#     alerts-noisy: {denies: alerts-quiet, message: "the review of {at} found the alerts too noisy"}
#     noise-review-old: {denies: alerts-quiet, message: "the noise of the alerts was reviewed at {at}, not within slos.noise_max_age"}
#   remediation: Document the missing objective, load and route its alerts, quieten the noisy ones, have on-call acknowledge the escalation path
package golive.controls.slos.active

import data.golive.lib.age
import data.golive.lib.alerts
import data.golive.lib.clock

on_call := input.facts.on_call
ack := input.facts.on_call.acknowledgement
escalation := input.facts.on_call.escalation
noise := input.facts.on_call.noise
limits := data.parameters.slos

met contains "slos-live" if {
	input.facts.slos.availability.returns_data == "yes"
	input.facts.slos.latency.returns_data == "yes"
	input.facts.slos.error_budget.returns_data == "yes"
}

met contains "alerts-defined" if alerts.serve_each

met contains "alerts-active" if {
	every r in input.facts.alerts.rules {
		r.health == "ok"
		r.receiver == "yes"
		r.silenced == "no"
		alerts.evaluated(r)
	}
}

met contains "targets-scraped" if {
	count(input.facts.alerts.targets) > 0
	every t in input.facts.alerts.targets { t.state == "up" }
}

met contains "dashboards-active" if {
	count(input.facts.alerts.dashboards) > 0
	every d in input.facts.alerts.dashboards { d.reachable == "yes" }
}

met contains "on-call-assigned" if on_call.assignment.state == "assigned"

met contains "escalation-known" if {
	ack.escalation_sha256 == escalation.sha256
	clock.within(ack.at_ms, limits.escalation_max_age_ms)
}

met contains "alerts-quiet" if {
	noise.acceptable == "yes"
	clock.within(noise.at_ms, limits.noise_max_age_ms)
}

violations contains {"code": "slo-missing", "subject": kind, "at": [["slos", kind, "state"]], "values": {"kind": kind}} if {
	some kind, slo in input.facts.slos
	slo.state == "none"
}

violations contains {"code": "indicator-silent", "subject": kind, "at": [["slos", kind, "returns_data"]], "values": {"kind": kind}} if {
	some kind, slo in input.facts.slos
	slo.returns_data == "no"
}

violations contains {"code": "alert-missing", "subject": kind, "at": [["alerts", "rules"]], "values": {"kind": kind}} if {
	input.facts.alerts.rules_total >= 0
	some kind in ["availability", "latency", "error_budget"]
	not alerts.serve(kind)
}

violations contains {"code": "alert-broken", "subject": r.name, "at": [["alerts", "rules", i, "health"]], "values": {"name": r.name}} if {
	some i, r in input.facts.alerts.rules
	r.health == "err"
}

violations contains {"code": "alert-idle", "subject": r.name, "at": [["alerts", "rules", i, "last_evaluation_at"]], "values": {"at": r.last_evaluation_at}} if {
	some i, r in input.facts.alerts.rules
	not alerts.evaluated(r)
}

violations contains {"code": "alert-unrouted", "subject": r.name, "at": [["alerts", "rules", i, "receiver"]], "values": {"name": r.name}} if {
	some i, r in input.facts.alerts.rules
	r.receiver == "no"
}

violations contains {"code": "alert-silenced", "subject": r.name, "at": [["alerts", "rules", i, "silenced"]], "values": {"name": r.name}} if {
	some i, r in input.facts.alerts.rules
	r.silenced == "yes"
}

violations contains {"code": "target-down", "subject": t.name, "at": [["alerts", "targets", i, "state"]], "values": {"name": t.name}} if {
	some i, t in input.facts.alerts.targets
	t.state == "down"
}

violations contains {"code": "dashboard-unreachable", "subject": d.uri, "at": [["alerts", "dashboards", i, "reachable"]], "values": {"uri": d.uri}} if {
	some i, d in input.facts.alerts.dashboards
	d.reachable == "no"
}

violations contains {"code": "target-missing", "at": [["alerts", "targets"]], "values": {}} if count(input.facts.alerts.targets) == 0
violations contains {"code": "dashboard-missing", "at": [["alerts", "dashboards"]], "values": {}} if count(input.facts.alerts.dashboards) == 0
violations contains {"code": "nobody-on-call", "at": [["on_call", "assignment", "state"]], "values": {}} if on_call.assignment.state == "none"
violations contains {"code": "escalation-missing", "at": [["on_call", "escalation", "state"]], "values": {}} if escalation.state == "none"
violations contains {"code": "escalation-unacknowledged", "at": [["on_call", "acknowledgement", "state"]], "values": {}} if ack.state == "none"
violations contains {"code": "alerts-noisy", "at": [["on_call", "noise", "acceptable"]], "values": {"at": noise.at}} if noise.acceptable == "no"
violations contains {"code": "escalation-changed", "at": [["on_call", "escalation", "sha256"]], "values": {}} if ack.escalation_sha256 != escalation.sha256

violations contains {"code": "noise-review-old", "at": [["on_call", "noise", "at"]], "values": {"at": noise.at}} if {
	age.outside(noise.at_ms, limits.noise_max_age_ms)
}

violations contains {"code": "acknowledgement-old", "at": [["on_call", "acknowledgement", "at"]], "values": {"at": ack.at}} if {
	age.outside(ack.at_ms, limits.escalation_max_age_ms)
}
