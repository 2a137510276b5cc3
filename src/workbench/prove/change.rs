//! Changes to a facts document: what they are, how they are applied, and all losses that one document can suffer.

use crate::schema::kind_of;
use crate::text::pointer_of;
use serde_json::{Value, json};

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::workbench) enum Change {
    /// A member or an element is gone.
    Remove(Vec<String>),
    /// A value stands where another stood.
    Set(Vec<String>, Value),
    /// A list is replaced and its `_total` says so.
    List(Vec<String>, Vec<Value>),
}

impl Change {
    /// The path of the changed value.
    pub fn path(&self) -> &[String] {
        match self {
            Self::Remove(path) | Self::Set(path, _) | Self::List(path, _) => path,
        }
    }

    /// In words that can be carried out by hand.
    pub fn words(&self) -> String {
        let pointer = pointer_of(self.path());
        let short = |value: &Value| {
            let text = value.to_string();
            if text.chars().count() > 160 { text.chars().take(160).collect::<String>() + "…" } else { text }
        };
        match self {
            Self::Remove(_) => format!("remove {pointer}"),
            Self::Set(_, value) => format!("set {pointer} to {}", short(value)),
            Self::List(_, items) => format!("set {pointer} to {} and its total to {}", short(&json!(items)), items.len()),
        }
    }

    /// Applies it; false where the place is not there (any more) or nothing would change.
    pub fn apply(&self, document: &mut Value) -> bool {
        let Some((last, parents)) = self.path().split_last() else { return false };
        let Some(parent) = parents.iter().try_fold(document, |here, token| step(here, token)) else { return false };
        match self {
            Self::Remove(_) => match parent {
                Value::Object(members) => members.remove(last).is_some(),
                Value::Array(items) => match last.parse::<usize>() {
                    Ok(index) if index < items.len() => {
                        items.remove(index);
                        true
                    }
                    _ => false,
                },
                _ => false,
            },
            Self::Set(_, value) => match step(parent, last) {
                Some(here) if here != value => {
                    *here = value.clone();
                    true
                }
                _ => false,
            },
            Self::List(_, items) => {
                let Value::Object(members) = parent else { return false };
                members.insert(last.clone(), json!(items));
                let total = format!("{last}_total");
                if members.contains_key(&total) {
                    members.insert(total, json!(items.len()));
                }
                true
            }
        }
    }
}

fn step<'v>(here: &'v mut Value, token: &str) -> Option<&'v mut Value> {
    match here {
        Value::Object(members) => members.get_mut(token),
        Value::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Every single loss below `/facts`: each member and element removed, nulled, given another type, emptied.
pub(in crate::workbench) fn losses(document: &Value) -> Vec<Change> {
    let mut out = Vec::new();
    let mut path = vec!["facts".to_owned()];
    if let Some(facts) = document.get("facts") {
        below(facts, &mut path, &mut |path, value| {
            out.push(Change::Remove(path.to_vec()));
            let others = [Value::Null, json!(true), json!(false), json!(0), json!(1.5), json!(""), json!("x"), json!([]), json!({})];
            for other in others {
                let emptied = kind_of(&other) == kind_of(value) && matches!(&other, Value::String(s) if s.is_empty());
                let emptied = emptied || (kind_of(&other) == kind_of(value) && (other == json!([]) || other == json!({})));
                if kind_of(&other) != kind_of(value) || emptied {
                    out.push(Change::Set(path.to_vec(), other));
                }
            }
        });
    }
    out
}

/// Calls `see` on every value below, with its path.
pub(in crate::workbench) fn below(value: &Value, path: &mut Vec<String>, see: &mut dyn FnMut(&[String], &Value)) {
    let mut visit = |token: String, child: &Value, path: &mut Vec<String>| {
        path.push(token);
        see(path, child);
        below(child, path, see);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, child)| visit(key.clone(), child, path)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, child)| visit(index.to_string(), child, path)),
        _ => {}
    }
}
