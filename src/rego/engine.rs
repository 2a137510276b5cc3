//! The reference engine: regorus' interpreter, strict, one query at a time.

use super::parse::{self, Parsed};
use super::syntax::Module;
use super::values;
use crate::text::Source;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What one query may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Wall-clock time of one control.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(2) }
    }
}

/// The engine's name and its version: the one that Cargo.toml pins.
pub const ENGINE: (&str, &str) = ("regorus", "0.14.1");

/// What the engine says of a path that names no rule, once it has prepared all of them.
const NO_RULE: &str = "not a valid rule path";

/// Policies with their parameters, ready to answer.
pub struct Engine {
    inner: regorus::Engine,
    sources: Vec<Arc<Source>>,
    /// Which lines were reached, where that is watched.
    lines: Option<Mutex<Lines>>,
}

/// Lines of files, counted from 1.
pub type Lines = BTreeMap<String, FileLines>;

/// What was reached of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileLines {
    /// Lines that were evaluated.
    pub reached: BTreeSet<u32>,
    /// Lines that could be, and were not.
    pub missed: BTreeSet<u32>,
}

/// What a rule came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The rule has no value.
    Undefined,
    /// The rule's value; a set is a list in the engine's order.
    Value(Json),
}

/// The engine could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The time limit passed.
    #[error("the time limit of {0} ms passed")]
    Time(u128),
    /// A rule broke: a builtin refused its operand, or rules contradict each other.
    #[error("{0}")]
    Evaluation(String),
    /// The engine itself broke.
    #[error("the engine failed inside: {0}")]
    Panic(String),
}

impl Engine {
    /// Compiles parsed policies; `parameters` becomes `data.parameters`.
    ///
    /// # Errors
    /// The engine's refusal of the data.
    pub fn new(parsed: Parsed, parameters: &Json, limits: Limits) -> Result<Self, EngineError> {
        let Parsed { mut engine, sources } = parsed;
        let data = serde_json::json!({ "parameters": parameters });
        engine.add_data(values::from_json(&data)).map_err(|e| EngineError::Evaluation(e.to_string()))?;
        engine.set_gather_prints(true);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: limits.time,
            check_interval: NonZeroU32::new(256).unwrap_or(NonZeroU32::MIN),
        });
        // The first question prepares the policies; asked once here, every clone is ready. The path names no rule, which is
        // found out last: another error would be that of every question.
        let prepared = catch_unwind(AssertUnwindSafe(|| engine.eval_rule("data.golive".to_owned())));
        match prepared {
            Err(_) => return Err(EngineError::Panic("while preparing the policies".to_owned())),
            Ok(Err(error)) if !error.to_string().contains(NO_RULE) => return Err(evaluation_error(&error.to_string(), limits)),
            Ok(_) => {}
        }
        Ok(Self { inner: engine, sources, lines: None })
    }

    /// The policies' syntax trees.
    pub fn modules(&self) -> Vec<Module> {
        parse::modules(&mut self.inner.clone(), &self.sources)
    }

    /// Watches from now on which lines are evaluated.
    pub fn watch_lines(&mut self) {
        self.inner.set_enable_coverage(true);
        let missed = |module: &Module| (module.source.name.clone(), FileLines { missed: module.lines(), ..FileLines::default() });
        self.lines = Some(Mutex::new(self.modules().iter().map(missed).collect()));
    }

    /// The lines that were evaluated since, and those that were not.
    pub fn lines(&self) -> Lines {
        self.lines.as_ref().and_then(|lines| Some(lines.lock().ok()?.clone())).unwrap_or_default()
    }

    /// Adds what one clone of the engine has reached.
    fn keep_lines(&self, engine: &regorus::Engine) {
        let Some(mut lines) = self.lines.as_ref().and_then(|lines| lines.lock().ok()) else { return };
        let Ok(report) = engine.get_coverage_report() else { return };
        for file in report.files {
            let kept = lines.entry(file.path).or_default();
            kept.reached.extend(file.covered);
            kept.missed.extend(file.not_covered);
            let FileLines { reached, missed } = kept;
            missed.retain(|line| !reached.contains(line));
        }
    }

    /// Evaluates rules (`data.golive.…`) one by one on one input, in their order, until one of them breaks.
    ///
    /// # Errors
    /// See [`EngineError`]. A rule that does not exist is an error, not undefined.
    pub fn evaluate(&self, rules: &[&str], input: &Json, limits: Limits) -> Result<Vec<Answer>, EngineError> {
        let started = std::time::Instant::now();
        // The interpreter keeps state between evaluations: a clone shares the policies and begins clean.
        let mut engine = self.inner.clone();
        let mut answers = Vec::with_capacity(rules.len());
        let outcome = catch_unwind(AssertUnwindSafe(|| -> Result<(), EngineError> {
            engine.set_input(values::from_json(input));
            for rule in rules {
                let value = engine.eval_rule((*rule).to_owned()).map_err(|e| evaluation_error(&e.to_string(), limits))?;
                answers.push(match &value {
                    regorus::Value::Undefined => Answer::Undefined,
                    value => {
                        Answer::Value(values::to_json(value).ok_or_else(|| EngineError::Evaluation("a value holds undefined".to_owned()))?)
                    }
                });
            }
            Ok(())
        }));
        if outcome.is_ok() {
            self.keep_lines(&engine);
        }
        match outcome {
            Ok(Ok(())) if started.elapsed() > limits.time => Err(EngineError::Time(limits.time.as_millis())),
            Ok(Ok(())) => Ok(answers),
            Ok(Err(error)) => Err(error),
            Err(panic) => {
                let words = panic.downcast_ref::<&str>().map(ToString::to_string);
                let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
                Err(EngineError::Panic(words.unwrap_or_else(|| "no words".to_owned())))
            }
        }
    }
}

fn evaluation_error(error: &str, limits: Limits) -> EngineError {
    if error.contains("time limit") {
        return EngineError::Time(limits.time.as_millis());
    }
    let place = error.lines().find_map(|l| l.trim_start().strip_prefix("--> "));
    let message = error.rsplit("error: ").next().unwrap_or(error).trim();
    EngineError::Evaluation(match place {
        Some(place) => format!("{message} ({place})"),
        None => message.to_owned(),
    })
}
