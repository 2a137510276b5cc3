//! Every engine's word on every document against the first engine's.

use crate::engines::{Said, Spoken};
use crate::ground::Ground;
use crate::rounds::Run;

/// How many differences are shown.
pub const SHOWN: usize = 5;

/// Has every engine judge every document once, and gives the differences in words.
pub fn compare(runs: &mut [Run<'_>], ground: &Ground) -> Vec<String> {
    let Some((first, others)) = runs.split_first_mut() else { return Vec::new() };
    let mut out = Vec::new();
    for at in 0..first.prepared.len() {
        let Some(wanted) = say(first, at) else { continue };
        *first.agreed.get_or_insert(0) += 1;
        for run in &mut *others {
            let Some(said) = say(run, at) else { continue };
            let agreed = run.agreed.get_or_insert(0);
            if said == wanted {
                *agreed += 1;
            } else {
                out.push(format!("document {at}, {} and {}:{}", first.entry.name, run.entry.name, difference(&wanted, &said, ground)));
            }
        }
    }
    out
}

fn say(run: &mut Run<'_>, at: usize) -> Option<Said> {
    run.engine.judge(&run.prepared[at]);
    run.engine.said(&run.prepared[at])
}

fn difference(a: &Said, b: &Said, ground: &Ground) -> String {
    let controls = &ground.courts[0].checklist.controls;
    let mut out = if a.go == b.go { String::new() } else { format!("\n  GO: {} and {}", a.go, b.go) };
    let row = |spoken: Option<&Spoken>| format!("{spoken:?}");
    for (at, control) in controls.iter().enumerate().filter(|(at, _)| a.rows.get(*at) != b.rows.get(*at)) {
        out += &format!("\n  {}\n    {}\n    {}", control.text.id, row(a.rows.get(at)), row(b.rows.get(at)));
    }
    out
}
