# METADATA
# title: What the alert rules of the monitoring system serve, and whether they run
package golive.lib.alerts

import data.golive.lib.age

limits := data.parameters.slos

# Some rule serves the objective of this kind.
serve(kind) if kind in [r.slo | some r in input.facts.alerts.rules]

serve_each if {
	serve("availability")
	serve("latency")
	serve("error_budget")
}

# The rule was evaluated shortly before the rules were looked at.
evaluated(rule) if {
	age.recent_at(input.envelope.alerts.collected_at_ms, rule.last_evaluation_at_ms, limits.evaluation_max_age_ms)
}
