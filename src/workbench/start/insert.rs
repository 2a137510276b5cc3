//! One entry more in a JSON file, and no other byte changed.

use crate::text::{Document, Limits, Problem, Source, pointer_of, read_json, visible};
use serde_json::Value;
use std::sync::Arc;

/// The text with one element more at the end of the list at a pointer.
///
/// # Errors
/// The text is no JSON, there is no such list, or the element is in it.
pub fn element(source: &Arc<Source>, pointer: &str, element: &Value) -> Result<String, Vec<Problem>> {
    let document = read_json(Arc::clone(source), &Limits::default()).map_err(|p| vec![p])?;
    let Some(Value::Array(items)) = document.value.pointer(pointer) else { return Err(none(source, pointer, "list")) };
    if items.contains(element) {
        return Err(there(source, pointer, &element.to_string()));
    }
    Ok(behind(&document, pointer, items.len().checked_sub(1).map(|last| last.to_string()), &element.to_string()))
}

/// The text with one member more at the end of the object at a pointer.
///
/// # Errors
/// The text is no JSON, there is no such object, or it has the member.
pub fn member(source: &Arc<Source>, pointer: &str, key: &str, value: &Value) -> Result<String, Vec<Problem>> {
    let document = read_json(Arc::clone(source), &Limits::default()).map_err(|p| vec![p])?;
    let Some(Value::Object(members)) = document.value.pointer(pointer) else { return Err(none(source, pointer, "object")) };
    if members.contains_key(key) {
        return Err(there(source, pointer, key));
    }
    // The last one is that which stands last in the file, in whatever order it was read.
    let place = |key: &&String| document.locate(&format!("{pointer}{}", pointer_of([key]))).value.start;
    let last = members.keys().max_by_key(place).cloned();
    Ok(behind(&document, pointer, last, &format!("{}: {value}", Value::String(key.to_owned()))))
}

/// Puts an entry behind the last one, with the space that stands before that one.
fn behind(document: &Document, pointer: &str, last: Option<String>, entry: &str) -> String {
    let text = &document.source.text;
    let Some(last) = last else {
        let open = document.locate(pointer).value.start + 1;
        return format!("{}{entry}{}", &text[..open], &text[open..]);
    };
    let place = document.locate(&format!("{pointer}{}", pointer_of([last])));
    let start = place.key.as_ref().map_or(place.value.start, |key| key.start);
    let space = text[..start].rfind(|c: char| !c.is_whitespace()).map_or("", |before| &text[before + 1..start]);
    let space = if space.is_empty() { " " } else { space };
    format!("{},{space}{entry}{}", &text[..place.value.end], &text[place.value.end..])
}

fn none(source: &Source, pointer: &str, what: &str) -> Vec<Problem> {
    vec![Problem::new("golive::policy::new", format!("{} has no {what} at {pointer}", visible(&source.name)))]
}

fn there(source: &Source, pointer: &str, entry: &str) -> Vec<Problem> {
    let message = format!("{} holds {} at {pointer} already", visible(&source.name), visible(entry));
    vec![Problem::new("golive::policy::new", message).help("nothing was written; give the control another name")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source::new("x.json", text))
    }

    #[test]
    fn nothing_else_changes() {
        let new = Value::from("c.d");
        let text = element(&source("{\n  \"controls\": [\n    \"a.b\",\n    \"b.c\"\n  ]\n}\n"), "/controls", &new).unwrap();
        assert_eq!(text, "{\n  \"controls\": [\n    \"a.b\",\n    \"b.c\",\n    \"c.d\"\n  ]\n}\n");
        let text = element(&source("{\"controls\": [\"a.b\"]}"), "/controls", &new).unwrap();
        assert_eq!(text, "{\"controls\": [\"a.b\", \"c.d\"]}");
        assert_eq!(element(&source("{\"controls\": []}"), "/controls", &new).unwrap(), "{\"controls\": [\"c.d\"]}");
        let text = member(&source("{\"m\": {\"z\": 1,\n \"a\": [2]}, \"n\": 1}"), "/m", "k", &new).unwrap();
        assert_eq!(text, "{\"m\": {\"z\": 1,\n \"a\": [2],\n \"k\": \"c.d\"}, \"n\": 1}");
    }

    #[test]
    fn what_is_there_is_not_entered_twice() {
        assert!(element(&source("{\"controls\": [\"a.b\"]}"), "/controls", &Value::from("a.b")).is_err());
        assert!(member(&source("{\"m\": {\"k\": 1}}"), "/m", "k", &Value::from(1)).is_err());
        assert!(member(&source("{\"m\": []}"), "/m", "k", &Value::from(1)).is_err());
    }
}
