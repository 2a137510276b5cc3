# METADATA
# title: {{title}}
# custom:
#   area: {{Area}}
#   pass: At least one subject is known, and every one is in order
#   fail: A subject is not in order, or it is unknown whether it is
#   facts: { {{group}}: observed }
#   criteria:
#     subjects-known: At least one subject is known
#     subjects-in-order: Every subject is in order
#   violations:
#     no-subject: {denies: subjects-known, message: "no subject was found"}
#     not-in-order: {denies: subjects-in-order, message: "{subject} is not in order"}
#   remediation: Say what an operator does about it
package golive.controls.{{id}}

# Every criterion of METADATA is proven here, and nothing passes by silence: a fact that is missing leaves it open.
met contains "subjects-known" if count(input.facts.{{group}}.subjects) > 0

met contains "subjects-in-order" if {
	count(input.facts.{{group}}.subjects) > 0
	every subject in input.facts.{{group}}.subjects { subject.in_order == "yes" }
}

# Every violation denies a criterion, and says where the fault stands. What is merely unknown is none.
violations contains {"code": "no-subject", "at": [["{{group}}", "subjects"]], "values": {}} if {
	count(input.facts.{{group}}.subjects) == 0
}

violations contains {
	"code": "not-in-order",
	"subject": subject.name,
	"at": [["{{group}}", "subjects", i, "in_order"]],
	"values": {"subject": subject.name},
} if {
	some i, subject in input.facts.{{group}}.subjects
	subject.in_order == "no"
}
