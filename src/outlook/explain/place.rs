//! From what a policy reads to places in the facts document.

use crate::schema::millis_key;
use crate::text::pointer_of;
use serde_json::Value as Json;

/// What a path of the policy's input or data stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// A place in the facts document, as tokens.
    Fact(Vec<String>),
    /// A parameter by its dotted name.
    Parameter(String),
    /// The clock, the environment or the release.
    Plan(String),
}

/// The place that tokens of the input or of the data stand for.
pub(super) fn place(tokens: &[String], document: &Json) -> Option<Place> {
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["input", "facts", group, rest @ ..] => Some(Place::Fact(fact(document, &["facts", group, "value"], rest))),
        ["input", "envelope", group, rest @ ..] => Some(Place::Fact(fact(document, &["facts", group], rest))),
        ["input", "now_ms"] => Some(Place::Plan("now".to_owned())),
        ["input", name] if *name != "facts" && *name != "envelope" => Some(Place::Plan((*name).to_owned())),
        ["data", "parameters", rest @ ..] if !rest.is_empty() => Some(Place::Parameter(rest.join("."))),
        _ => None,
    }
}

/// The integer beside a time or a duration is the time or the duration itself.
fn fact(document: &Json, base: &[&str], rest: &[&str]) -> Vec<String> {
    let mut path: Vec<String> = base.iter().chain(rest).map(|token| (*token).to_owned()).collect();
    let stem = path.last().and_then(|last| last.strip_suffix("_ms").filter(|stem| millis_key(stem) == *last)).map(str::to_owned);
    if let (None, Some(stem)) = (value_at(document, &path), stem) {
        path.pop();
        path.push(stem);
    }
    path
}

/// What stands at a path.
pub(super) fn value_at<'v>(document: &'v Json, path: &[String]) -> Option<&'v Json> {
    path.iter().try_fold(document, |here, token| match here {
        Json::Object(members) => members.get(token),
        Json::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The same, to write to.
pub(super) fn place_at<'v>(document: &'v mut Json, path: &[String]) -> Option<&'v mut Json> {
    path.iter().try_fold(document, |here, token| match here {
        Json::Object(members) => members.get_mut(token),
        Json::Array(items) => items.get_mut(token.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The JSON pointer of a path.
pub(super) fn pointer(path: &[String]) -> String {
    pointer_of(path.iter())
}
