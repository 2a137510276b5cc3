# METADATA
# title: What a port speaks, with which certificate, and from where it was tried
package golive.lib.endpoints

import data.golive.lib.daemons

min_validity_ms := data.parameters.tls.min_validity_ms

secured(id) if {
	some e in input.facts.tls_endpoints.tls
	e.id == id
}

plaintext(id) if {
	some e in input.facts.tls_endpoints.plaintext
	e.id == id
}

undetermined(id) if {
	some e in input.facts.tls_endpoints.undetermined
	e.id == id
}

# Every port that serves clients.
client_ports contains l.id if {
	some d in input.facts.daemons.daemons
	some l in d.rpc_listeners
}

# Every port that the deployment is known to have.
ports contains id if some id in client_ports

ports contains l.id if {
	some d in input.facts.daemons.daemons
	some l in d.side_listeners
}

ports contains e.id if some e in input.facts.tls_endpoints.ingress

# How many ports the deployment is known to have, and how many were asked: two that share an id still count twice.
known := (daemons.rpc_listeners + daemons.side_listeners) + input.facts.tls_endpoints.ingress_total

answers := (input.facts.tls_endpoints.tls_total + input.facts.tls_endpoints.plaintext_total) + input.facts.tls_endpoints.undetermined_total

asked(id) if secured(id)

asked(id) if plaintext(id)

# The port itself speaks TLS, or an ingress in front does.
terminated(id) if secured(id)

terminated(_) if {
	some e in input.facts.tls_endpoints.ingress
	secured(e.id)
}

# From some vantage point in the network a connection to the port was attempted.
tried(id, network) if {
	some v in input.facts.exposure.vantages
	v.network == network
	some a in v.attempts
	a.id == id
}

# A client that verifies accepts the certificate, dates aside.
trusted(e) if {
	e.chain == "trusted"
	e.name_matches == "yes"
}

# It is valid already and stays so for the time that the organisation requires.
in_date(e) if {
	e.not_before_ms <= input.now_ms
	e.not_after_ms - input.now_ms >= min_validity_ms
}

# What is served is the certificate that the configuration names, where it names one.
configured(e) if e.configured.state == "none"

configured(e) if e.configured.sha256 == e.served_sha256

# Ports and exposure were measured after this daemon's start, so what was measured is this process.
measured_since(d) if {
	daemons.before(d, input.envelope.tls_endpoints.collected_at_ms)
	daemons.before(d, input.envelope.exposure.collected_at_ms)
}
