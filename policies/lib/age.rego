# METADATA
# title: Ages outside a limit, and ages at the time of the collection
package golive.lib.age

import data.golive.lib.clock

skew_ms := data.parameters.clock_skew_ms

# The exact opposite of clock.within, for a violation.
outside(at_ms, max_ms) if clock.older(at_ms, max_ms)

outside(at_ms, max_ms) if clock.future(at_ms)

# At most max_ms before the facts were collected: for what must go on all the time, such as the evaluation of an alert.
recent_at(collected_ms, at_ms, max_ms) if {
	at_ms - collected_ms <= skew_ms
	collected_ms - at_ms <= max_ms
}
