//! What an edit of a policy does to what the judge by hand says of a control.

use crate::native::Row;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What was said of one control: enough to conclude anew.
pub struct Said {
    /// The control.
    pub control: &'static str,
    criteria: Vec<String>,
    met: BTreeSet<String>,
    /// The criterion and the code of each violation.
    denied: Vec<(String, String)>,
    /// Groups that cannot be used.
    bad: BTreeSet<String>,
}

impl Said {
    /// Of a row.
    pub fn of(row: &Row) -> Self {
        let fault = |id: &String| id.strip_prefix("facts:").and_then(|rest| rest.split(':').next()).map(str::to_owned);
        Self {
            control: row.control,
            criteria: row.criteria.iter().map(|c| (*c).to_owned()).collect(),
            met: row.met.iter().map(|c| (*c).to_owned()).collect(),
            denied: row.denials().map(|(criterion, code)| (criterion.to_owned(), code.to_owned())).collect(),
            bad: row.findings.iter().filter_map(fault).collect(),
        }
    }

    /// The verdict: the rule of README.md, once more by hand.
    pub fn verdict(&self) -> &'static str {
        let denies = |criterion: &String| self.denied.iter().any(|(denied, _)| denied == criterion);
        if self.met.iter().any(denies) {
            return "error";
        }
        match (self.denied.is_empty(), self.bad.is_empty() && self.criteria.iter().all(|c| self.met.contains(c))) {
            (false, _) => "fail",
            (true, true) => "pass",
            (true, false) => "unknown",
        }
    }
}

/// A condition on the facts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Where, in the facts document.
    pointer: String,
    /// What must stand there.
    is: Value,
}

/// One effect.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// A criterion is gone, with all that denies it.
    WithoutCriterion {
        /// The control.
        control: String,
        /// Its criterion.
        criterion: String,
    },
    /// A violation is gone.
    WithoutViolation {
        /// The control.
        control: String,
        /// The violation.
        code: String,
    },
    /// A criterion is never met.
    Open {
        /// The control.
        control: String,
        /// Its criterion.
        criterion: String,
    },
    /// A violation denies another criterion.
    Denies {
        /// The control.
        control: String,
        /// The violation.
        code: String,
        /// What it denies now.
        criterion: String,
    },
    /// The control sees other facts: a value is replaced, or taken away where it is null.
    Facts {
        /// The control.
        control: String,
        /// Where, in the facts document.
        pointer: String,
        /// What stands there instead.
        value: Value,
        /// Only where another place holds this value.
        #[serde(default)]
        when: Option<When>,
    },
    /// A criterion is met under another condition: every value at a place (`*` is each element, of which there must be one) is one of
    /// some, or a list has so many elements.
    Met {
        /// The control.
        control: String,
        /// Its criterion.
        criterion: String,
        /// The group that it reads.
        group: String,
        /// The place.
        at: String,
        /// The good values.
        #[serde(rename = "in", default)]
        good: Vec<Value>,
        /// The least length.
        #[serde(default)]
        length: usize,
    },
    /// The gate is closed for an environment.
    ClosedIn {
        /// The environment.
        environment: String,
    },
}

impl Effect {
    /// Changes what was said of a document; `again` judges another text.
    pub fn apply(&self, facts: &Value, rows: &mut [Said], again: &dyn Fn(&str) -> Vec<Said>) {
        let Some(control) = self.control() else { return };
        let said = rows.iter_mut().find(|said| said.control == control).unwrap_or_else(|| panic!("no control {control}"));
        match self {
            Self::WithoutCriterion { criterion, .. } => {
                said.criteria.retain(|c| c != criterion);
                said.met.remove(criterion);
                said.denied.retain(|(denied, _)| denied != criterion);
            }
            Self::WithoutViolation { code, .. } => said.denied.retain(|(_, own)| own != code),
            Self::Open { criterion, .. } => drop(said.met.remove(criterion)),
            Self::Denies { code, criterion, .. } => {
                for (denied, _) in said.denied.iter_mut().filter(|(_, own)| own == code) {
                    denied.clone_from(criterion);
                }
            }
            Self::Facts { pointer, value, when, .. } => {
                let holds = when.as_ref().is_none_or(|when| facts.pointer(&when.pointer) == Some(&when.is));
                if !holds {
                    return;
                }
                if let Some(other) = replaced(facts, pointer, value) {
                    *said = again(&other.to_string()).into_iter().find(|s| s.control == control).expect("the same control");
                }
            }
            Self::Met { criterion, group, at, good, length, .. } => {
                let holds = |value: &Value| match value.as_array() {
                    Some(list) if good.is_empty() => list.len() >= *length,
                    _ => good.contains(value),
                };
                let found = values(facts, at);
                if !said.bad.contains(group) && !found.is_empty() && found.into_iter().all(holds) {
                    said.met.insert(criterion.clone());
                } else {
                    said.met.remove(criterion);
                }
            }
            Self::ClosedIn { .. } => {}
        }
    }

    /// Whether the gate is closed for a document.
    pub fn closes(&self, text: &str) -> bool {
        let Self::ClosedIn { environment } = self else { return false };
        let document: Value = serde_json::from_str(text).expect("a document is JSON");
        document["environment"] == environment.as_str()
    }

    fn control(&self) -> Option<&str> {
        match self {
            Self::WithoutCriterion { control, .. }
            | Self::WithoutViolation { control, .. }
            | Self::Open { control, .. }
            | Self::Denies { control, .. }
            | Self::Facts { control, .. }
            | Self::Met { control, .. } => Some(control),
            Self::ClosedIn { .. } => None,
        }
    }
}

/// The document with another value; none where nothing stands there.
fn replaced(facts: &Value, pointer: &str, value: &Value) -> Option<Value> {
    let mut other = facts.clone();
    if value.is_null() {
        let (parent, key) = pointer.rsplit_once('/')?;
        other.pointer_mut(parent)?.as_object_mut()?.remove(key)?;
    } else {
        *other.pointer_mut(pointer)? = value.clone();
    }
    Some(other)
}

/// The values at a place.
fn values<'v>(facts: &'v Value, at: &str) -> Vec<&'v Value> {
    at.split('/').skip(1).fold(vec![facts], |found, key| {
        let step = |value: &'v Value| match key {
            "*" => value.as_array().map(|list| list.iter().collect()).unwrap_or_default(),
            _ => value.get(key).into_iter().collect::<Vec<_>>(),
        };
        found.into_iter().flat_map(step).collect()
    })
}
