//! Where the result of a batch goes.

use super::diagnostics;
use super::exit::Exit;
use super::output;
use crate::batch::supervisor::{self, Durable, Fault, Feed, Output, Table, derive, go_on, is_stream, words};
use crate::batch::{Fingerprint, Run, State, Summary};
use crate::text::visible;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

const FORMATS: &str = if cfg!(feature = "parquet") { "jsonl, csv, parquet" } else { "jsonl, csv" };

/// Where the result of a batch goes.
pub struct Targets {
    lines: Option<PathBuf>,
    tables: Vec<(Table, PathBuf)>,
}

impl Targets {
    /// Reads the `-o` flags; without any the lines go to stdout.
    ///
    /// # Errors
    /// Words for a usage error.
    pub fn read(flags: &[String]) -> Result<Self, String> {
        let mut lines = None;
        let mut tables: Vec<(Table, PathBuf)> = Vec::new();
        for flag in flags {
            let (name, path) = match flag.split_once('=') {
                Some((_, "")) => return Err(format!("`-o {}` names no path", visible(flag))),
                Some((name, "-")) => (name, None),
                Some((name, path)) => (name, Some(PathBuf::from(path))),
                None => (flag.as_str(), None),
            };
            match (name, Table::by_name(name), path) {
                ("jsonl", _, path) if lines.is_none() => lines = Some(path),
                ("jsonl", ..) => return Err("verdict lines go to one place".to_owned()),
                (_, Some(table), Some(path)) => tables.push((table, path)),
                (_, Some(_), None) => return Err(format!("`-o {name}=PATH`: a table goes to a file")),
                (_, None, _) => return Err(format!("there is no output format `{}` of a batch: {FORMATS}", visible(name))),
            }
        }
        let targets = Self { lines: lines.flatten(), tables };
        if !targets.tables.is_empty() && targets.durable().is_none() {
            return Err("a table is made of the finished verdict lines: give -o jsonl=PATH beside it".to_owned());
        }
        let places: Vec<PathBuf> = targets.tables.iter().map(|(_, path)| path).chain(&targets.lines).map(|p| output::place(p)).collect();
        if (1..places.len()).any(|at| places[..at].contains(&places[at])) {
            return Err("two outputs go to the same place: give each its own path with -o FORMAT=PATH".to_owned());
        }
        Ok(targets)
    }

    /// The file that a later run can go on with.
    fn durable(&self) -> Option<&Path> {
        self.lines.as_deref().filter(|path| !is_stream(path))
    }

    /// The name of the place in messages.
    pub fn name(&self) -> String {
        self.lines.as_deref().map_or_else(|| "stdout".to_owned(), |p| visible(&p.to_string_lossy()))
    }

    /// Refuses a stdout that was closed before the start: the result would be lost, and nobody would know.
    pub fn reach_stdout(&self) -> Result<(), Exit> {
        if self.lines.is_none() && supervisor::stdout_was_closed() {
            diagnostics::plain("could not write to stdout: it was closed before the start; -o jsonl=PATH writes to a file");
            return Err(Exit::Write);
        }
        Ok(())
    }

    /// What an earlier run has left.
    pub fn earlier(&self, restart: bool) -> Result<Run, Exit> {
        match self.durable() {
            Some(path) if !restart => supervisor::earlier(path).map_err(told),
            _ => Ok(Run::New),
        }
    }

    /// Opens the place of the lines; how many are there already.
    pub fn open(
        &self,
        earlier: &Run,
        state: State,
        fingerprint: &Fingerprint,
        feed: &mut Feed,
        summary: &mut Summary,
    ) -> Result<(Output, u64), Exit> {
        let Some(path) = self.durable() else { return Ok((self.stream()?, 0)) };
        if let Run::Begun(then) = earlier {
            self.same(then, &state)?;
        }
        let new = !matches!(earlier, Run::Begun(_));
        let mut durable = Durable::open(path, state, new).map_err(told)?;
        if new {
            return Ok((Output::Durable(Box::new(durable)), 0));
        }
        let written = durable.lines().map_err(|e| self.unwritable(&e))?;
        let done = self.hold(written, feed, fingerprint, summary)?;
        durable.go_on(done.bytes).map_err(|e| self.unwritable(&e))?;
        Ok((Output::Durable(Box::new(durable)), done.lines))
    }

    /// Holds a finished file against the inputs as they are now; how many lines it has.
    pub fn finished(
        &self,
        then: &State,
        now: &State,
        fingerprint: &Fingerprint,
        feed: &mut Feed,
        summary: &mut Summary,
    ) -> Result<u64, Exit> {
        self.same(then, now)?;
        let path = self.lines.as_deref().unwrap_or(Path::new("-"));
        let file = File::open(path).map_err(|e| self.unwritable(&e))?;
        let done = self.hold(file, feed, fingerprint, summary)?;
        if then.complete != Some(done.lines) || feed.next(&mut Vec::new()).is_some() {
            return Err(self.other(&format!("{} lines of it are whole, and it had {}", done.lines, then.complete.unwrap_or(0))));
        }
        Ok(done.lines)
    }

    /// The places that the batch writes to.
    pub fn places(&self) -> BTreeSet<PathBuf> {
        let lines = self.lines.iter().flat_map(|path| [path.clone(), supervisor::state_of(path), supervisor::part_of(path)]);
        lines.chain(self.tables.iter().map(|(_, path)| path.clone())).map(|path| output::place(&path)).collect()
    }

    /// Makes the tables that follow from the finished lines.
    pub fn derive(&self) -> Result<(), Exit> {
        let Some(lines) = &self.lines else { return Ok(()) };
        for (table, path) in &self.tables {
            derive(*table, lines, path).map_err(|e| told(Fault::Write(words(path, &e))))?;
        }
        Ok(())
    }

    fn hold(&self, file: File, feed: &mut Feed, fingerprint: &Fingerprint, summary: &mut Summary) -> Result<supervisor::Done, Exit> {
        let found = go_on(file, feed, fingerprint, summary).map_err(|e| self.unwritable(&e))?;
        found.map_err(|words| self.other(&words))
    }

    fn stream(&self) -> Result<Output, Exit> {
        match &self.lines {
            None => Ok(Output::Stream(Box::new(io::stdout()), "stdout".to_owned())),
            Some(path) => {
                let file = OpenOptions::new().write(true).open(path).map_err(|e| self.unwritable(&e))?;
                Ok(Output::Stream(Box::new(file), path.to_string_lossy().into_owned()))
            }
        }
    }

    fn same(&self, then: &State, now: &State) -> Result<(), Exit> {
        let differences = then.differences(now);
        if differences.is_empty() { Ok(()) } else { Err(self.other(&differences.join("\n  "))) }
    }

    fn other(&self, words: &str) -> Exit {
        told(Fault::Other(format!("{} is the result of another run:\n  {}", self.name(), visible_lines(words))))
    }

    fn unwritable(&self, error: &io::Error) -> Exit {
        told(Fault::Write(words(self.lines.as_deref().unwrap_or(Path::new("stdout")), error)))
    }
}

/// Tells what is wrong with a place, and gives the exit that it leads to.
fn told(fault: Fault) -> Exit {
    match fault {
        Fault::Write(words) => {
            diagnostics::plain(&words);
            Exit::Write
        }
        Fault::Other(words) => {
            diagnostics::plain(&format!("{words}\n  --restart begins anew and writes over it"));
            Exit::Input
        }
    }
}

fn visible_lines(words: &str) -> String {
    words.lines().map(visible).collect::<Vec<_>>().join("\n")
}
