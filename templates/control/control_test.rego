# Tests in Rego, beside the fixtures in fixtures/controls/{{area}}/{{name}}/.
package golive.controls.{{id}}_test

import data.golive.controls.{{id}} as control

facts(in_order) := {"facts": {"{{group}}": {"subjects": [{"name": "one", "in_order": in_order}], "subjects_total": 1}}}

test_a_subject_in_order_meets_both if {
	control.met == {"subjects-known", "subjects-in-order"} with input as facts("yes")
}

test_what_is_unknown_is_neither_met_nor_violated if {
	control.met == {"subjects-known"} with input as facts("unknown")
	count(control.violations) == 0 with input as facts("unknown")
}
