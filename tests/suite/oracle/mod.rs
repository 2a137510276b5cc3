//! golive's engine against OPA itself, on every shipped policy.

mod compiled;
mod dialect;
mod gate;
mod mutants;
mod opa;
mod paths;
mod verdicts;
mod windows;

use crate::project;
use golive::rego::{Answer, Engine, Limits};
use opa::{Bridge, Opa};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

const SEED: u64 = 20_261_123;
const LIMITS: Limits = Limits { time: Duration::from_secs(60) };

/// OPA, where its library is installed.
fn bridge() -> Option<Bridge> {
    static BRIDGE: OnceLock<Option<Bridge>> = OnceLock::new();
    *BRIDGE.get_or_init(|| match std::env::var_os("GOLIVE_OPA_LIB") {
        Some(path) => Some(Bridge::load(&PathBuf::from(path))),
        None => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "GOLIVE_OPA_LIB is not set: OPA's library is needed in CI");
            project::tell("skipped: OPA's library is not installed (GOLIVE_OPA_LIB)");
            None
        }
    })
}

/// One engine of each kind, with the same policies and parameters; OPA where it is installed.
struct Pair<'e> {
    engine: &'e Engine,
    opa: Option<Opa>,
}

/// What two engines said of one input.
struct Compared {
    /// What the interpreter answered to each rule; an error in words.
    answers: Vec<Result<Option<Value>, String>>,
    /// Where the two disagree, in words.
    disagreements: Vec<String>,
}

impl Pair<'_> {
    /// Asks both engines for the rules of an input.
    fn compare(&self, rules: &[String], input: &Value) -> Compared {
        let mut out = Compared { answers: Vec::new(), disagreements: Vec::new() };
        for rule in rules {
            let ours = match self.engine.evaluate(&[&format!("data.{rule}")], input, LIMITS).map(|mut a| a.remove(0)) {
                Ok(Answer::Value(value)) => Ok(Some(value)),
                Ok(Answer::Undefined) => Ok(None),
                Err(error) => Err(error.to_string()),
            };
            out.answers.push(ours.clone());
            let Some(opa) = &self.opa else { continue };
            match (ours, opa.rule(rule, input)) {
                (Err(_), Err(_)) => {}
                (Ok(ours), Ok(theirs)) if normal(ours.clone()) == normal(theirs.clone()) => {}
                (ours, theirs) => out.disagreements.push(format!("{rule}\n      golive {}\n      OPA    {}", say(ours), say(theirs))),
            }
        }
        out
    }
}

impl Compared {
    /// How many elements a rule has; 0 for what is no set.
    fn size(&self, rule: usize) -> usize {
        self.answers[rule].iter().flatten().filter_map(Value::as_array).map(Vec::len).sum()
    }
}

/// Sets as sorted lists.
fn normal(value: Option<Value>) -> Value {
    match value {
        Some(Value::Array(mut items)) => {
            items.sort_by_cached_key(ToString::to_string);
            Value::Array(items)
        }
        Some(value) => value,
        None => json!("<undefined>"),
    }
}

fn say(answer: Result<Option<Value>, String>) -> String {
    match answer {
        Ok(value) => normal(value).to_string(),
        Err(words) => format!("error: {words}"),
    }
}
