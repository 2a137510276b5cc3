//! The decision as tests, for whatever shows `JUnit`'s XML: one suite for each area, one case for each control, and one for the gate.

use super::junit_xml::{Case, Ending, Suite, Words, document};
use super::{Format, Look, words};
use crate::model::{Decision, Dossier, Finding, Gate, Outcome, Row, Verdict};

/// For servers that show test results.
pub struct Junit;

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "JUnit XML for servers that show test results: a case for each control and one for the gate"
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        let mut suites: Vec<Suite> = Vec::new();
        for row in &decision.rows {
            let case = case(row);
            match suites.iter_mut().find(|suite| suite.name == row.text.area) {
                Some(suite) => suite.cases.push(case),
                None => suites.push(Suite { name: row.text.area.clone(), properties: Vec::new(), cases: vec![case] }),
            }
        }
        let properties = words::basis(decision);
        suites.push(Suite { name: "Go-live gate".to_owned(), properties, cases: vec![gate(decision)] });
        let name = format!(
            "{}: {}, release {}, evaluated at {} (clock: {})",
            decision.checklist.title,
            decision.environment,
            decision.release,
            decision.evaluated_at,
            words::clock(decision)
        );
        document(&name, &suites)
    }
}

fn case(row: &Row) -> Case {
    let verdict = row.judgement.verdict;
    let lines: Vec<String> = row.judgement.findings.iter().flat_map(said).collect();
    let count = words::count(row.judgement.findings.len(), "finding");
    let words = |message: String| Words { kind: verdict.word(), message, lines: lines.clone() };
    let ending = match (row.outcome, &row.waiver) {
        (Outcome::Waived, Some(waiver)) => {
            Ending::Skipped(Some(words(format!("{}, waived by {} until {}", words::mark(verdict), waiver.id, waiver.ends_at()))))
        }
        (Outcome::Pass, _) if verdict.is_pass() => Ending::Passed,
        _ if verdict == Verdict::ERROR => Ending::Errored(words(format!("{}, {count}", words::mark(verdict)))),
        _ => Ending::Failed(words(format!("{}, {count}", words::mark(verdict)))),
    };
    Case { name: row.text.title.clone(), class: row.text.id.clone(), ending }
}

fn said(finding: &Finding) -> Vec<String> {
    let places = finding.pointers.iter().map(|pointer| format!("  at {pointer}"));
    std::iter::once(format!("{}: {}", finding.id, finding.message)).chain(places).collect()
}

/// The gate itself: it fails also where every control passes and a rule of the gate closes it.
fn gate(decision: &Decision) -> Case {
    let ending = match decision.gate {
        Gate::Go => Ending::Passed,
        Gate::NoGo => {
            let controls = decision.rows.iter().filter(|row| row.outcome == Outcome::Blocking);
            let controls = controls.map(|row| format!("{}: {}", row.text.id, words::mark(row.judgement.verdict)));
            let lines = controls.chain(words::closing(decision).into_iter().map(|(by, reason)| format!("{by}: {reason}"))).collect();
            Ending::Failed(Words { kind: decision.gate.word(), message: words::headline(decision), lines })
        }
    };
    Case { name: "go-live is allowed".to_owned(), class: "gate".to_owned(), ending }
}
