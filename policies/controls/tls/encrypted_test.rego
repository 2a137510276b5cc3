package golive.controls.tls.encrypted_test

import data.golive.controls.tls.encrypted

covered(networks) if {
	met := encrypted.met with input as {"facts": {"tls_endpoints": {"plaintext": []}, "exposure": {"vantages": []}}}
		with data.parameters.tls.production_networks as networks
	"networks-covered" in met
}

test_one_network_is_enough if covered(["production"])

test_no_network_proves_nothing if not covered([])
