# METADATA
# title: Whether a measurement was made on the processes that run now
package golive.lib.daemons

# The daemon started before the measurement: what was measured then is this process.
before(d, measured_ms) if d.started_at_ms <= measured_ms

after(d, measured_ms) if d.started_at_ms > measured_ms
