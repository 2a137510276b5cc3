# METADATA
# title: Transport is encrypted in transit
# custom:
#   area: Auth/TLS
#   pass: >-
#     TLS termination is configured at ingress/proxy or daemon TLS is enabled; certificate is valid and not expired;
#     plaintext endpoint is not reachable from production networks
#   fail: TLS is missing/misconfigured, certificate is invalid/expired, or plaintext access is exposed
#   facts: {daemons: observed, exposure: observed, tls_endpoints: observed}
#   criteria:
#     tls-terminated: Every daemon serves its clients over TLS, by its own listener or by an ingress in front
#     ports-known: It is known of every listener and every ingress endpoint whether it speaks TLS or plaintext
#     certificate-trusted: Every certificate leads to a trusted root and carries the name that clients use
#     certificate-in-date: Every certificate is valid now and for the required time to come
#     certificate-configured: Every certificate served is the one that the configuration names
#     plaintext-refused: Every attempt to reach a plaintext endpoint from outside was refused
#     networks-covered: Every plaintext endpoint was tried, by a vantage point that works, from each of tls.production_networks (must not be empty)
#     measured-now: Ports and exposure were measured after the last start of every daemon
#   violations:
#     tls-missing: {denies: tls-terminated, message: "{id} serves clients in plaintext and no ingress with TLS stands in front"}
#     ports-too-few: {denies: ports-known, message: "{ports} ports, {answers} answers: ports share an id, or some were not asked"}
#     port-unasked: {denies: ports-known, message: "whether {id} speaks TLS or plaintext was not asked"}
#     chain-untrusted: {denies: certificate-trusted, message: "the certificate of {id} leads to no trusted root"}
#     name-mismatch: {denies: certificate-trusted, message: "the certificate of {id} does not carry the name that clients use"}
#     not-yet-valid: {denies: certificate-in-date, message: "the certificate is valid only from {not_before}"}
#     expired: {denies: certificate-in-date, message: "the certificate expired at {not_after}"}
#     expires-soon: {denies: certificate-in-date, message: "the certificate expires at {not_after}, sooner than tls.min_validity from now"}
#     other-served: {denies: certificate-configured, message: "the certificate served is {served}, the configuration names another: restart the daemon"}
#     plaintext-open: {denies: plaintext-refused, message: "the plaintext endpoint {id} is open to the network {network}"}
#     vantage-blind: {denies: networks-covered, message: "the vantage point in {network} does not even reach the TLS endpoint"}
#     not-tried: {denies: networks-covered, message: "the plaintext endpoint {id} was not tried from the production network {network}"}
#     measured-early: {denies: measured-now, message: "{group} was measured at {measured_at}, daemon {id} started at {started_at}: measure again"}
#   remediation: Give the daemon or its ingress a trusted certificate, restart it, refuse plaintext ports at the firewall, and measure again
package golive.controls.tls.encrypted

import data.golive.lib.daemons
import data.golive.lib.endpoints

met contains "tls-terminated" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons {
		count(d.rpc_listeners) > 0
		every l in d.rpc_listeners { endpoints.terminated(l.id) }
	}
}

met contains "ports-known" if {
	input.facts.tls_endpoints.undetermined_total == 0
	every d in input.facts.daemons.daemons {
		every l in d.rpc_listeners { endpoints.asked(l.id) }
		every l in d.side_listeners { endpoints.asked(l.id) }
	}
	every e in input.facts.tls_endpoints.ingress { endpoints.asked(e.id) }
	endpoints.known <= endpoints.answers
}

met contains "certificate-trusted" if every e in input.facts.tls_endpoints.tls { endpoints.trusted(e) }
met contains "certificate-in-date" if every e in input.facts.tls_endpoints.tls { endpoints.in_date(e) }
met contains "certificate-configured" if every e in input.facts.tls_endpoints.tls { endpoints.configured(e) }
met contains "measured-now" if every d in input.facts.daemons.daemons { endpoints.measured_since(d) }

met contains "plaintext-refused" if {
	every v in input.facts.exposure.vantages {
		every a in v.attempts { a.outcome == "refused" }
	}
}

met contains "networks-covered" if {
	count(data.parameters.tls.production_networks) > 0
	every n in data.parameters.tls.production_networks {
		every e in input.facts.tls_endpoints.plaintext { endpoints.tried(e.id, n) }
	}
	every v in input.facts.exposure.vantages { v.reaches_tls == "yes" }
}

violations contains {"code": "tls-missing", "subject": e.id, "at": [["tls_endpoints", "plaintext", i, "id"]], "values": {"id": e.id}} if {
	some i, e in input.facts.tls_endpoints.plaintext
	e.id in endpoints.client_ports
	not endpoints.terminated(e.id)
}

violations contains {"code": "ports-too-few", "at": [["tls_endpoints", "tls_total"]], "values": {"ports": endpoints.known, "answers": endpoints.answers}} if {
	endpoints.known > endpoints.answers
}

violations contains {"code": "port-unasked", "subject": id, "at": [["tls_endpoints", "tls"], ["tls_endpoints", "plaintext"]], "values": {"id": id}} if {
	input.facts.tls_endpoints.tls_total
	some id in endpoints.ports
	not endpoints.asked(id)
	not endpoints.undetermined(id)
}

violations contains {"code": "chain-untrusted", "subject": e.id, "at": [["tls_endpoints", "tls", i, "chain"]], "values": {"id": e.id}} if {
	some i, e in input.facts.tls_endpoints.tls
	e.chain == "untrusted"
}

violations contains {"code": "name-mismatch", "subject": e.id, "at": [["tls_endpoints", "tls", i, "name_matches"]], "values": {"id": e.id}} if {
	some i, e in input.facts.tls_endpoints.tls
	e.name_matches == "no"
}

violations contains {"code": "not-yet-valid", "subject": e.id, "at": [["tls_endpoints", "tls", i, "not_before"]], "values": {"not_before": e.not_before}} if {
	some i, e in input.facts.tls_endpoints.tls
	e.not_before_ms > input.now_ms
}

violations contains {"code": "expired", "subject": e.id, "at": [["tls_endpoints", "tls", i, "not_after"]], "values": {"not_after": e.not_after}} if {
	some i, e in input.facts.tls_endpoints.tls
	e.not_after_ms <= input.now_ms
}

violations contains {"code": "expires-soon", "subject": e.id, "at": [["tls_endpoints", "tls", i, "not_after"]], "values": {"not_after": e.not_after}} if {
	some i, e in input.facts.tls_endpoints.tls
	e.not_after_ms > input.now_ms
	e.not_after_ms - input.now_ms < data.parameters.tls.min_validity_ms
}

violations contains {"code": "other-served", "subject": e.id, "at": [["tls_endpoints", "tls", i, "served_sha256"]], "values": {"served": e.served_sha256}} if {
	some i, e in input.facts.tls_endpoints.tls
	e.configured.sha256 != e.served_sha256
}

violations contains {"code": "plaintext-open", "subject": [v.network, a.id], "at": [["exposure", "vantages", i, "attempts", j, "outcome"]], "values": {
	"id": a.id, "network": v.network,
}} if {
	some i, v in input.facts.exposure.vantages
	some j, a in v.attempts
	a.outcome == "open"
}

violations contains {"code": "vantage-blind", "subject": v.network, "at": [["exposure", "vantages", i, "reaches_tls"]], "values": {"network": v.network}} if {
	some i, v in input.facts.exposure.vantages
	v.reaches_tls == "no"
}

violations contains {"code": "not-tried", "subject": [n, e.id], "at": [["exposure", "vantages"]], "values": {"id": e.id, "network": n}} if {
	input.facts.exposure.vantages_total
	some n in data.parameters.tls.production_networks
	some e in input.facts.tls_endpoints.plaintext
	not endpoints.tried(e.id, n)
}

violations contains {"code": "measured-early", "subject": [d.id, group], "at": [["daemons", "daemons", i, "started_at"]], "values": {
	"group": group, "measured_at": envelope.collected_at, "id": d.id, "started_at": d.started_at,
}} if {
	some i, d in input.facts.daemons.daemons
	some group, envelope in {"exposure": input.envelope.exposure, "tls_endpoints": input.envelope.tls_endpoints}
	daemons.after(d, envelope.collected_at_ms)
}
