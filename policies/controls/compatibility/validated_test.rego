package golive.controls.compatibility.validated_test

import data.golive.controls.compatibility.validated

client(version, level) := {"version": version, "level": level}

facts(clients) := {"release": "1.0.0", "now_ms": 0, "facts": {
	"compatibility_guarantees": {"clients": clients},
	"compatibility_tests": {"results": []},
}}

proven(criterion, clients, versions, steps) if {
	met := validated.met with input as facts(clients)
		with data.parameters.compatibility.required_clients as versions
		with data.parameters.compatibility.required_steps as steps
	criterion in met
}

test_one_required_client_is_enough if proven("required-guaranteed", [client("1.0.0", "full")], ["1.0.0"], [])

test_no_required_client_proves_nothing if not proven("required-guaranteed", [client("1.0.0", "full")], [], [])

test_one_required_client_may_be_supported if proven("levels-accepted", [client("0.9.0", "unsupported")], ["1.0.0"], [])

test_one_required_step_is_enough if proven("clients-tested", [client("0.9.0", "unsupported")], ["1.0.0"], ["handshake"])

test_no_required_step_proves_nothing if not proven("clients-tested", [client("0.9.0", "unsupported")], ["1.0.0"], [])
