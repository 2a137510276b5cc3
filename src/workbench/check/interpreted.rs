//! Policies outside the compiled dialect: a batch asks the interpreter about them.

use crate::checklist::Checklist;
use crate::text::Problem;

/// A warning for each such control, and for the gate.
pub fn interpreted(checklist: &Checklist) -> Vec<Problem> {
    let compiled = checklist.compiled();
    let modules = checklist.engine.modules();
    let controls = compiled.controls.iter().zip(&checklist.controls);
    let controls = controls.filter_map(|(program, control)| Some((program.as_ref().err()?, control.text.id.as_str())));
    let gate = compiled.gate.as_ref().err().map(|outside| (outside, "the gate"));
    controls.chain(gate).map(|(outside, what)| outside.problem(&modules, what)).collect()
}
