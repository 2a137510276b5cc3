//! golive as `golive batch` judges: one pass over the bytes, compiled controls and gate, exceptions (none), verdict line.

use super::{Engine, Entry, Prepared, Said, Spoken};
use crate::fleet::Fleet;
use crate::ground::Ground;
use golive::batch::supervisor::{Cache, CacheFolder};
use golive::batch::{Ending, Judge, Line, Mode, Setting};
use golive::checklist::Files;
use golive::text::{self, Source, read_json};
use serde_json::Value;
use std::cell::RefCell;
use std::path::Path;
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

pub const AGAIN: Entry = Entry {
    name: "golive, again",
    note: "a second run with `--cache`: nine documents in ten were judged before, byte for byte the same; the cache lies on disk as the batch keeps \
           it, and what was not there is kept",
    make: |ground| {
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let first = with_cache(ground, folder.path())?;
        let controls = first.controls();
        Ok(Box::new(Again { ground, folder, first: RefCell::new((Some(first), 0)), second: None, last: None, controls }))
    },
};

struct Golive {
    judge: Judge,
    last: Option<Line>,
    controls: Vec<String>,
}

/// A second run over documents of which the first has seen nine in ten.
struct Again<'g> {
    ground: &'g Ground,
    folder: tempfile::TempDir,
    /// The first run, and how many documents there were.
    first: RefCell<(Option<Judge>, usize)>,
    second: Option<Judge>,
    last: Option<Line>,
    controls: Vec<String>,
}

fn make(ground: &Ground, sample: f64) -> Result<Box<dyn Engine + '_>, String> {
    let judge = judge(ground, sample)?;
    let controls = judge.controls();
    Ok(Box::new(Golive { judge, last: None, controls }))
}

/// A run that remembers, the next one in its folder.
fn with_cache(ground: &Ground, folder: &Path) -> Result<Judge, String> {
    let mut judge = judge(ground, 0.0)?;
    let cache = CacheFolder::open(folder, "fleet").and_then(|place| Cache::open(&place)).map_err(|e| e.to_string())?;
    judge.remember(Box::new(cache));
    Ok(judge)
}

fn judge(ground: &Ground, sample: f64) -> Result<Judge, String> {
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
    Ok(judge)
}

impl Engine for Golive {
    fn prepare(&self, document: &str) -> Prepared {
        Prepared { text: document.to_owned(), ..Prepared::default() }
    }

    fn judge(&mut self, prepared: &Prepared) {
        self.last = Some(self.judge.line("facts.json", prepared.text.as_bytes()));
    }

    fn said(&self, _: &Prepared) -> Option<Said> {
        self.last.as_ref().map(|line| said(line, &self.controls))
    }
}

impl Engine for Again<'_> {
    fn prepare(&self, document: &str) -> Prepared {
        let (first, documents) = &mut *self.first.borrow_mut();
        *documents += 1;
        if !documents.is_multiple_of(10) {
            first.as_mut().expect("nothing was judged yet").line("facts.json", document.as_bytes());
        }
        Prepared { text: document.to_owned(), ..Prepared::default() }
    }

    fn judge(&mut self, prepared: &Prepared) {
        let judge = self.second.get_or_insert_with(|| {
            // What the first run keeps is whole when it ends.
            self.first.borrow_mut().0 = None;
            with_cache(self.ground, self.folder.path()).unwrap_or_else(|words| panic!("{words}"))
        });
        self.last = Some(judge.line("facts.json", prepared.text.as_bytes()));
    }

    fn said(&self, _: &Prepared) -> Option<Said> {
        self.last.as_ref().map(|line| said(line, &self.controls))
    }
}

fn said(line: &Line, controls: &[String]) -> Said {
    assert!(matches!(line.marks.ending, Ending::Go | Ending::NoGo), "{}", line.text);
    let said: Value = serde_json::from_str(&line.text).expect("a verdict line is JSON");
    let rows = controls.iter().map(|id| Spoken {
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
    Said { go: line.marks.ending == Ending::Go, rows: rows.collect() }
}
