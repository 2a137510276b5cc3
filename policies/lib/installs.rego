# METADATA
# title: What runs is what was installed, and which checks afterwards are good
package golive.lib.installs

optional := data.parameters.install.optional_checks

# The daemon's own bytes are those that an installation on its machine has.
present(daemon, installations) if {
	some i in installations
	i.host == daemon.host
	i.binary_sha256 == daemon.executable.sha256
}

sound(check) if check.result == "passed"

sound(check) if {
	check.state == "skipped"
	check.name in optional
}
