//! golive's reference: strict read, schemas, the interpreter control by control, exceptions (none), gate, verdict line.

use super::{Engine, Entry, Prepared, Said, Spoken};
use crate::ground::{Ground, line};
use golive::checklist::contract;
use golive::evaluate::evaluate;
use golive::exceptions::{Exceptions, settle};
use golive::facts::{Plan, combine, read};
use golive::gate::decide;
use golive::model::{CriterionState, Gate, Row};
use golive::text::{Limits, Source};
use std::sync::Arc;

pub const ENTRY: Entry = Entry {
    name: "golive --reference",
    note: "strict read, schemas, ages, every control on the interpreter, gate, verdict line; from the document's text",
    make: |ground| Ok(Box::new(Reference { ground, last: None, line: String::new() })),
};

struct Reference<'g> {
    ground: &'g Ground,
    last: Option<(Gate, Vec<Row>)>,
    line: String,
}

impl Engine for Reference<'_> {
    fn prepare(&self, document: &str) -> Prepared {
        Prepared { text: document.to_owned(), ..Prepared::default() }
    }

    fn judge(&mut self, prepared: &Prepared) {
        let envelope = contract("envelope").expect("the envelope's schema");
        let source = Arc::new(Source::new("facts.json", prepared.text.as_str()));
        let document = read(source, envelope, &Limits::default()).expect("a document of the fleet has the right form");
        let word = |key: &str| document.document.value[key].as_str().unwrap_or_default().to_owned();
        let plan = Plan { environment: word("environment"), release: word("release") };
        let checklist = &self.ground.court(&plan.environment).checklist;
        let facts = combine(vec![document], &plan).expect("a document matches its own plan");
        let now = self.ground.now;
        let evaluation = evaluate(checklist, &facts, now);
        let settled = settle(checklist, &facts, evaluation.judgements, &Exceptions::default(), now);
        let (gate, _) = decide(checklist, &plan.environment, &plan.release, now.ms, &settled.rows).expect("a decision");
        let rows = settled.rows.iter().map(|row| (row.text.id.as_str(), row.judgement.verdict.word()));
        line(&mut self.line, &facts.documents[0].digest, gate == Gate::Go, rows);
        self.last = Some((gate, settled.rows));
    }

    fn said(&self, _: &Prepared) -> Option<Said> {
        let (gate, rows) = self.last.as_ref()?;
        let spoken = rows.iter().map(|row| Spoken {
            verdict: row.judgement.verdict.word().to_owned(),
            met: Some(row.judgement.criteria.iter().filter(|c| c.state == CriterionState::Met).map(|c| c.id.clone()).collect()),
            findings: row
                .judgement
                .findings
                .iter()
                .map(|f| f.id.clone())
                .filter(|id| !id.starts_with("unproven:") && id != "error")
                .collect(),
        });
        Some(Said { go: *gate == Gate::Go, rows: spoken.collect() })
    }
}
