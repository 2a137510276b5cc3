# METADATA
# title: Which ways into the daemons were probed for authentication
package golive.lib.probes

import data.golive.lib.daemons

probed(id) if {
	some p in input.facts.auth_probes.listeners
	p.id == id
}

# How many ways in there are: two that share an id still count twice.
ways := daemons.rpc_listeners + input.facts.tls_endpoints.ingress_total

made := input.facts.auth_probes.listeners_total
