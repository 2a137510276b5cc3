# METADATA
# title: Ages against the one clock of the evaluation
package golive.lib.clock

skew_ms := data.parameters.clock_skew_ms

# Not later than now (clocks of two hosts may differ by the parameter clock_skew) and at most max_ms ago.
within(at_ms, max_ms) if {
	at_ms - input.now_ms <= skew_ms
	input.now_ms - at_ms <= max_ms
}

# Later than any honest clock could say.
future(at_ms) if at_ms - input.now_ms > skew_ms

# Longer ago than max_ms.
older(at_ms, max_ms) if input.now_ms - at_ms > max_ms
