//! Whole documents by both paths of a batch: the fast one and the reference come to the same verdict lines.

use super::verdicts::documents;
use crate::cases::cases;
use crate::court::Court;
use crate::project;
use golive::batch::{Ending, Judge, Mode, Setting};
use golive::checklist::Files;
use golive::text::{self, Source, read_by_name};
use std::sync::{Arc, Mutex};

#[test]
fn both_paths_of_a_batch_come_to_the_same_lines() {
    let court = Court::of_fixtures();
    let cases = cases("controls");
    let todo = Mutex::new(court.checklist.controls.iter());
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut judge = judge(&court);
                loop {
                    let Some(control) = todo.lock().expect("no thread died").next() else { return };
                    let documents = documents(&court, control, &cases);
                    let (mut quick, mut go) = (0, 0);
                    for (index, document) in documents.iter().enumerate() {
                        let bytes = document.facts.to_string();
                        quick += usize::from(judge.quick_line("document", bytes.as_bytes()).is_some());
                        let line = judge.line("document", bytes.as_bytes());
                        go += usize::from(line.marks.outcomes.contains('p'));
                        if line.marks.ending == Ending::Differs {
                            let difference =
                                format!("{}, document {index}, changed {:?}: {}", control.text.id, document.changed, line.text);
                            differences.lock().expect("no thread died").push(difference);
                        }
                    }
                    project::tell(&format!(
                        "{}: {} documents, {quick} by the fast path, {go} with a pass",
                        control.text.id,
                        documents.len()
                    ));
                    assert!(quick * 10 > documents.len() * 8, "{}: the fast path judges {quick} of {}", control.text.id, documents.len());
                }
            });
        }
    });
    let differences = differences.into_inner().expect("no thread died");
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences[..differences.len().min(5)].join("\n"));
}

/// A judge that takes both paths for every document.
fn judge(court: &Court) -> Judge {
    let path = project::root()
        .join("fixtures/controls")
        .join(project::json(&project::root().join("fixtures/controls/case.json"))["parameters"].as_str().expect("a path"));
    let source = Arc::new(Source::new(path.to_string_lossy(), project::text(&path)));
    let setting = Setting {
        files: Files::embedded(),
        overlay: Some(read_by_name(source, &text::Limits::default()).expect("parameters")),
        waivers: Vec::new(),
        remediations: Vec::new(),
        environment: None,
        release: None,
    };
    let mut judge = Judge::new(setting, court.now).unwrap_or_else(|e| panic!("{e:?}"));
    judge.take(Mode::quick(100.0));
    judge
}
