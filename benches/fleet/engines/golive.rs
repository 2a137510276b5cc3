//! golive as `golive batch` judges: one pass over the bytes, compiled controls and gate, exceptions (none), verdict line.

use super::{Engine, Entry, Prepared, Said, Spoken};
use crate::fleet::Fleet;
use crate::ground::Ground;
use golive::batch::{Ending, Judge, Line, Mode, Setting};
use golive::checklist::Files;
use golive::text::{self, Source, read_json};
use serde_json::Value;
use std::sync::Arc;

pub const ENTRY: Entry = Entry {
    name: "golive",
    note: "what a worker of `golive batch` does: digest, one pass over the bytes, ages, compiled controls, waivers (none), compiled gate, verdict \
           line; from the document's text, without a sample",
    make: |ground| make(ground, 0.0),
};

pub const SAMPLED: Entry = Entry {
    name: "golive, 1 % sampled",
    note: "the same as it runs by default: one document in a hundred goes through the reference, too",
    make: |ground| make(ground, 1.0),
};

struct Golive {
    judge: Judge,
    last: Option<Line>,
    controls: Vec<String>,
}

fn make(ground: &Ground, sample: f64) -> Result<Box<dyn Engine + '_>, String> {
    let source = Arc::new(Source::new("parameters.json", Fleet::parameters().to_string()));
    let setting = Setting {
        files: Files::embedded(),
        overlay: Some(read_json(source, &text::Limits::default()).map_err(|p| p.to_string())?),
        waivers: Vec::new(),
        remediations: Vec::new(),
        environment: None,
        release: None,
    };
    let mut judge = Judge::new(setting, ground.now).map_err(|e| format!("{e:?}"))?;
    judge.try_all().map_err(|e| format!("{e:?}"))?;
    judge.take(Mode::quick(sample));
    let controls = judge.controls();
    Ok(Box::new(Golive { judge, last: None, controls }))
}

impl Engine for Golive {
    fn prepare(&self, document: &str) -> Prepared {
        Prepared { text: document.to_owned(), ..Prepared::default() }
    }

    fn judge(&mut self, prepared: &Prepared) {
        self.last = Some(self.judge.line("facts.json", prepared.text.as_bytes()));
    }

    fn said(&self, _: &Prepared) -> Option<Said> {
        let line = self.last.as_ref()?;
        assert!(matches!(line.marks.ending, Ending::Go | Ending::NoGo), "{}", line.text);
        let said: Value = serde_json::from_str(&line.text).expect("a verdict line is JSON");
        let rows = self.controls.iter().map(|id| Spoken {
            verdict: said["verdicts"][id].as_str().expect("a verdict").to_owned(),
            // A verdict line tells what is not proven, not what is.
            met: None,
            findings: said["findings"][id]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .filter(|id| !id.starts_with("unproven:") && *id != "error")
                .map(str::to_owned)
                .collect(),
        });
        Some(Said { go: line.marks.ending == Ending::Go, rows: rows.collect() })
    }
}
