# METADATA
# title: Authentication is enforced for daemon access
# custom:
#   area: Auth/TLS
#   pass: Daemon is started with bearer auth (`--auth-token` or `--auth-profile`); unauthenticated request is rejected
#   fail: Daemon accepts unauthenticated requests or auth configuration is unknown
#   facts: {auth_probes: observed, daemons: observed, tls_endpoints: observed}
#   criteria:
#     bearer-configured: Every running daemon was started with an option for bearer authentication
#     production-profile: Every running daemon runs in the production profile, which keeps its guards on
#     every-way-probed: Every daemon serves clients, every such way in was probed, and what else listens is health or metrics
#     probes-current: The probes were made after the last start of every daemon
#     unauthenticated-rejected: Requests without an authorization header were rejected, on two methods
#     bad-token-rejected: Requests with a wrong token and with an empty token were rejected
#     right-token-accepted: A request with a good token was accepted, so the rejections come from authentication
#   violations:
#     auth-off: {denies: bearer-configured, message: "daemon {id} was started without an option for bearer authentication"}
#     profile-dev: {denies: production-profile, message: "daemon {id} runs in the development profile"}
#     rpc-missing: {denies: every-way-probed, message: "daemon {id} has no listener that serves clients, so nothing was probed"}
#     listener-unprobed: {denies: every-way-probed, message: "listener {id} was not probed for authentication"}
#     listener-strange: {denies: every-way-probed, message: "this listener serves neither clients nor health nor metrics: find out what it is"}
#     probes-too-few: {denies: every-way-probed, message: "{ways} ways in, {probes} probes: ways in share an id, or some were not probed"}
#     ingress-unprobed: {denies: every-way-probed, message: "ingress endpoint {id} was not probed for authentication"}
#     probes-outdated: {denies: probes-current, message: "daemon {id} started at {started_at}, after the probes of {collected_at}"}
#     no-header-accepted: {denies: unauthenticated-rejected, message: "{id} accepted a request without an authorization header"}
#     second-method-accepted: {denies: unauthenticated-rejected, message: "{id} accepted another method without an authorization header"}
#     wrong-token-accepted: {denies: bad-token-rejected, message: "{id} accepted a request with a wrong token"}
#     empty-token-accepted: {denies: bad-token-rejected, message: "{id} accepted a request with an empty bearer token"}
#     right-token-rejected: {denies: right-token-accepted, message: "{id} rejected a request with a good token"}
#   remediation: Start every daemon in the production profile with a bearer token or a readable auth profile, and probe every listener again
package golive.controls.auth.enforced

import data.golive.lib.daemons
import data.golive.lib.probes

met contains "bearer-configured" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons { d.auth in {"auth_token", "auth_profile"} }
}

met contains "production-profile" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons { d.profile == "prod" }
}

met contains "every-way-probed" if {
	count(input.facts.daemons.daemons) > 0
	every d in input.facts.daemons.daemons {
		count(d.rpc_listeners) > 0
		every l in d.rpc_listeners { probes.probed(l.id) }
		every l in d.side_listeners { l.purpose in {"health", "metrics"} }
	}
	every e in input.facts.tls_endpoints.ingress { probes.probed(e.id) }
	probes.ways <= probes.made
}

met contains "probes-current" if every d in input.facts.daemons.daemons { daemons.before(d, input.envelope.auth_probes.collected_at_ms) }

met contains "unauthenticated-rejected" if {
	count(input.facts.auth_probes.listeners) > 0
	every p in input.facts.auth_probes.listeners {
		p.no_header == "rejected"
		p.second_method == "rejected"
	}
}

met contains "bad-token-rejected" if {
	count(input.facts.auth_probes.listeners) > 0
	every p in input.facts.auth_probes.listeners {
		p.wrong_token == "rejected"
		p.empty_bearer == "rejected"
	}
}

met contains "right-token-accepted" if {
	count(input.facts.auth_probes.listeners) > 0
	every p in input.facts.auth_probes.listeners { p.right_token == "accepted" }
}

violations contains {"code": "auth-off", "subject": d.id, "at": [["daemons", "daemons", i, "auth"]], "values": {"id": d.id}} if {
	some i, d in input.facts.daemons.daemons
	d.auth == "none"
}

violations contains {"code": "profile-dev", "subject": d.id, "at": [["daemons", "daemons", i, "profile"]], "values": {"id": d.id}} if {
	some i, d in input.facts.daemons.daemons
	d.profile == "dev"
}

violations contains {"code": "rpc-missing", "subject": d.id, "at": [["daemons", "daemons", i, "rpc_listeners"]], "values": {"id": d.id}} if {
	some i, d in input.facts.daemons.daemons
	count(d.rpc_listeners) == 0
}

violations contains {"code": "listener-unprobed", "subject": l.id, "at": [["daemons", "daemons", i, "rpc_listeners", j, "id"]], "values": {"id": l.id}} if {
	input.facts.auth_probes.listeners_total
	some i, d in input.facts.daemons.daemons
	some j, l in d.rpc_listeners
	not probes.probed(l.id)
}

violations contains {"code": "listener-strange", "subject": listener, "at": [["daemons", "daemons", i, "side_listeners", j, "purpose"]], "values": {}} if {
	some i, d in input.facts.daemons.daemons
	some j, l in d.side_listeners
	l.purpose == "other"
	listener := [d.id, l.address]
}

violations contains {"code": "probes-too-few", "at": [["auth_probes", "listeners_total"]], "values": {"ways": probes.ways, "probes": probes.made}} if {
	probes.ways > probes.made
}

violations contains {"code": "ingress-unprobed", "subject": e.id, "at": [["tls_endpoints", "ingress", i, "id"]], "values": {"id": e.id}} if {
	input.facts.auth_probes.listeners_total
	some i, e in input.facts.tls_endpoints.ingress
	not probes.probed(e.id)
}

violations contains {"code": "probes-outdated", "subject": d.id, "at": [["daemons", "daemons", i, "started_at"]], "values": {
	"id": d.id, "started_at": d.started_at, "collected_at": input.envelope.auth_probes.collected_at,
}} if {
	some i, d in input.facts.daemons.daemons
	daemons.after(d, input.envelope.auth_probes.collected_at_ms)
}

violations contains {"code": "no-header-accepted", "subject": p.id, "at": [["auth_probes", "listeners", i, "no_header"]], "values": {"id": p.id}} if {
	some i, p in input.facts.auth_probes.listeners
	p.no_header == "accepted"
}

violations contains {"code": "second-method-accepted", "subject": p.id, "at": [["auth_probes", "listeners", i, "second_method"]], "values": {"id": p.id}} if {
	some i, p in input.facts.auth_probes.listeners
	p.second_method == "accepted"
}

violations contains {"code": "wrong-token-accepted", "subject": p.id, "at": [["auth_probes", "listeners", i, "wrong_token"]], "values": {"id": p.id}} if {
	some i, p in input.facts.auth_probes.listeners
	p.wrong_token == "accepted"
}

violations contains {"code": "empty-token-accepted", "subject": p.id, "at": [["auth_probes", "listeners", i, "empty_bearer"]], "values": {"id": p.id}} if {
	some i, p in input.facts.auth_probes.listeners
	p.empty_bearer == "accepted"
}

violations contains {"code": "right-token-rejected", "subject": p.id, "at": [["auth_probes", "listeners", i, "right_token"]], "values": {"id": p.id}} if {
	some i, p in input.facts.auth_probes.listeners
	p.right_token == "rejected"
}
