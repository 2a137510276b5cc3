# METADATA
# title: What is published about a client version, and what was tried with it
package golive.lib.compatibility

import data.golive.lib.clock
import data.golive.lib.versions

limits := data.parameters.compatibility

named(version, clients) if {
	some c in clients
	c.version == version
}

# An unsupported client owes nothing, unless it is this required version.
acceptable(client, _) if client.level in limits.accepted_levels

acceptable(client, version) if {
	client.level == "unsupported"
	versions.differ(client.version, version)
}

# For violations only; an unknown level stays open.
unacceptable(client, version) if {
	client.level in {"full", "limited", "unsupported"}
	not acceptable(client, version)
}

# Some result is about this client and step, against the version of this release.
tried(client, step, results) if {
	some r in results
	same_cell(r, client, step)
}

tried_recently(client, step, results) if {
	some r in results
	same_cell(r, client, step)
	clock.within(r.tested_at_ms, limits.test_max_age_ms)
}

same_cell(result, client, step) if {
	result.client_version == client.version
	result.daemon_version == input.release
	result.step == step
}

tested(client, _, _) if client.level == "unsupported"

tested(client, step, results) if tried_recently(client, step, results)

# For violations only: a client that is not unsupported was never tried.
untried(client, step, results) if {
	client.level in {"full", "limited", "unknown"}
	not tried(client, step, results)
}

# A result against another server version does not count.
elsewhere(result) if versions.differ(result.daemon_version, input.release)

# The result is good, or the client is published as unsupported ...
expected(result, _) if elsewhere(result)

expected(result, _) if result.result == "passed"

expected(result, clients) if {
	some c in clients
	c.version == result.client_version
	c.level == "unsupported"
}

# ... and not also as something else.
consistent(result, _) if elsewhere(result)

consistent(result, _) if result.result == "passed"

consistent(result, client) if versions.differ(client.version, result.client_version)

consistent(_, client) if client.level == "unsupported"

# For violations only: a supported client failed here, or left the step out.
broken(result, clients) if {
	failed_here(result)
	not expected(result, clients)
}

broken(result, clients) if {
	failed_here(result)
	some c in clients
	not consistent(result, c)
}

failed_here(result) if {
	result.daemon_version == input.release
	result.result in {"failed", "skipped"}
}

check_active(result) if elsewhere(result)

check_active(result) if result.check_bypassed == "no"
