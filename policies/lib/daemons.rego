# METADATA
# title: The processes that run now, and whether a measurement was made on them
package golive.lib.daemons

# The daemon started before the measurement: what was measured then is this process.
before(d, measured_ms) if d.started_at_ms <= measured_ms

after(d, measured_ms) if d.started_at_ms > measured_ms

# How many listeners there are over all daemons: two that share an id still count twice.
rpc_listeners := sum([d.rpc_listeners_total | some d in input.facts.daemons.daemons])

side_listeners := sum([d.side_listeners_total | some d in input.facts.daemons.daemons])
