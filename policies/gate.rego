# METADATA
# title: Go-live is allowed only when every control passes or is formally waived
package golive.gate

# input.controls holds one row per control of the checklist, in order: id, verdict, outcome, findings; input.required says
# how many there must be. The host refuses a GO that its own invariant does not allow: this policy may close the gate,
# never open it.
decision := "GO" if count(closed) == 0

decision := "NO_GO" if count(closed) > 0

closed contains {"by": control.id, "message": "blocks go-live"} if {
	some control in input.controls
	not open(control)
}

closed contains {"by": "checklist", "message": "a control was not judged"} if count(input.controls) != input.required

open(control) if control.outcome in {"pass", "waived"}
