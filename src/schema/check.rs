//! Checks a value against a closed schema and says what is wrong so that a person can mend it.

use super::quick::{self, Answer};
use super::shape::{Kind, LeafKind, Shape};
use super::{did_you_mean, shape_read};
use crate::model::time::{Instant, parse_duration};
use crate::text::{Document, Problem, pointer_of, visible};
use jsonschema::error::ValidationErrorKind as Wrong;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use std::sync::OnceLock;

/// A closed schema: its document, its shape, and a validator that is made when it is first needed.
#[derive(Debug)]
pub struct Schema {
    /// The file.
    pub document: Document,
    /// The tree.
    pub shape: Shape,
    validator: OnceLock<Validator>,
}

/// More faults of one value than this are counted, not told.
const MOST_FAULTS: usize = 100;

/// One fault of a value: where, and in words.
#[derive(Debug)]
struct Fault {
    pointer: String,
    message: String,
    help: Option<String>,
    on_key: bool,
}

impl Schema {
    /// Takes a schema document of the dialect; `open_maps` allows objects with free keys (parameters).
    ///
    /// # Errors
    /// Every departure from the dialect.
    pub fn new(document: Document, open_maps: bool) -> Result<Self, Vec<Problem>> {
        let shape = shape_read::read_shape(&document, open_maps)?;
        Ok(Self { document, shape, validator: OnceLock::new() })
    }

    /// The same schema with a validator of its own.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { document: self.document.clone(), shape: self.shape.clone(), validator: OnceLock::new() }
    }

    /// Makes the validator now, so that a fault such as a broken pattern is found at load.
    ///
    /// # Errors
    /// The schema cannot be used.
    pub fn compile(&self) -> Result<(), Vec<Problem>> {
        self.validator().map(|_| ()).map_err(|problem| vec![problem])
    }

    /// Whether a value is valid, without words.
    pub fn accepts(&self, value: &Value) -> bool {
        (self.plainly_accepts(value) || self.validator().is_ok_and(|v| v.is_valid(value))) && self.own_faults(value).is_empty()
    }

    /// Everything that is wrong with the value at `base` of a document, each with its place.
    pub fn problems(&self, code: &'static str, value: &Value, document: &Document, base: &str) -> Vec<Problem> {
        let mut faults = Vec::new();
        if !self.plainly_accepts(value) {
            match self.validator() {
                Ok(validator) => validator.iter_errors(value).for_each(|error| self.explain(value, &error, &mut faults)),
                Err(problem) => return vec![problem],
            }
        }
        if faults.is_empty() {
            faults = self.own_faults(value);
        }
        let more = faults.len().saturating_sub(MOST_FAULTS);
        let mut out: Vec<Problem> = faults.into_iter().take(MOST_FAULTS).map(|fault| fault.into_problem(code, document, base)).collect();
        if more > 0 {
            out.push(Problem::new(code, format!("and {more} faults more in the same value")));
        }
        out
    }

    /// Whether the value is valid as far as can be told without the validator, which costs more to make than to ask.
    pub fn plainly_accepts(&self, value: &Value) -> bool {
        quick::answer(&self.document.value, value) == Answer::Valid
    }

    fn validator(&self) -> Result<&Validator, Problem> {
        if let Some(validator) = self.validator.get() {
            return Ok(validator);
        }
        let built = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("date-time", |text: &str| Instant::parse(text).is_some())
            .with_format("duration", |text: &str| parse_duration(text).is_some())
            .build(&self.document.value)
            .map_err(|error| {
                let pointer = error.instance_path().to_string();
                let place = self.document.locate(&pointer).value;
                let span = if place.len() > 200 { place.start..place.start + 1 } else { place };
                let message = format!("no usable JSON Schema: {pointer}: {error}");
                Problem::new("golive::schema::broken", visible(&message)).at(&self.document.source, span, "here")
            })?;
        Ok(self.validator.get_or_init(|| built))
    }

    /// What JSON Schema cannot say: totals of adverse lists, bounds of durations.
    fn own_faults(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        walk(&self.shape, value, &mut Vec::new(), &mut faults);
        faults
    }

    fn explain(&self, value: &Value, error: &ValidationError<'_>, faults: &mut Vec<Fault>) {
        let pointer = error.instance_path().to_string();
        let tokens: Vec<String> = pointer.split('/').skip(1).map(|t| t.replace("~1", "/").replace("~0", "~")).collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let instance = error.instance();
        match error.kind() {
            Wrong::AdditionalProperties { unexpected } => {
                let node = self.shape.at(value, &tokens);
                for key in unexpected.iter().take(MOST_FAULTS + 1) {
                    let known = node.map(Shape::properties).unwrap_or_default();
                    faults.push(Fault {
                        pointer: format!("{pointer}{}", pointer_of([key])),
                        message: format!("unknown key `{}`{}", visible(key), code_points(key)),
                        help: did_you_mean(key, known),
                        on_key: true,
                    });
                }
            }
            Wrong::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let wanted = self.shape.at(value, &tokens).and_then(|node| match &node.kind {
                    Kind::Object(properties) => properties.get(name).map(wanted_words),
                    _ => None,
                });
                let message = format!("the key `{name}` is missing");
                faults.push(Fault { pointer, message, help: wanted.map(|w| format!("wanted: {w}")), on_key: false });
            }
            Wrong::OneOfNotValid { context } | Wrong::AnyOf { context } => {
                self.explain_choice(value, &pointer, &tokens, instance, context, faults);
            }
            _ => {
                let wanted = self.shape.at(value, &tokens).map_or_else(|| error.to_string(), wanted_words);
                faults.push(Fault {
                    pointer,
                    message: format!("wanted {wanted}, found {}", found_words(instance)),
                    help: None,
                    on_key: false,
                });
            }
        }
    }

    /// Of several alternatives, the one that the value was written for explains itself.
    fn explain_choice(
        &self,
        value: &Value,
        pointer: &str,
        tokens: &[&str],
        instance: &Value,
        context: &[Vec<ValidationError<'static>>],
        faults: &mut Vec<Fault>,
    ) {
        let parent = parent_shape(&self.shape, value, tokens);
        let index = parent.and_then(|shape| match &shape.kind {
            Kind::Choice(shapes) => shapes.iter().position(|s| std::ptr::eq(s, shape.alternative(instance))),
            _ => None,
        });
        let before = faults.len();
        if instance.is_object()
            && let Some(errors) = index.and_then(|i| context.get(i))
        {
            for error in errors {
                self.explain(value, error, faults);
            }
        }
        if faults.len() == before {
            let wanted = parent.map_or_else(|| "one of the alternatives".to_owned(), wanted_words);
            let message = format!("wanted {wanted}, found {}", found_words(instance));
            faults.push(Fault { pointer: pointer.to_owned(), message, help: None, on_key: false });
        }
    }
}

/// The node at a path before one of its alternatives is chosen.
fn parent_shape<'s>(shape: &'s Shape, value: &Value, tokens: &[&str]) -> Option<&'s Shape> {
    let Some((last, before)) = tokens.split_last() else { return Some(shape) };
    match &shape.at(value, before)?.kind {
        Kind::Object(properties) => properties.get(*last),
        Kind::Map(items) | Kind::List { items, .. } => Some(items),
        _ => None,
    }
}

impl Fault {
    fn into_problem(self, code: &'static str, document: &Document, base: &str) -> Problem {
        let pointer = format!("{base}{}", self.pointer);
        let place = document.locate(&pointer);
        let span = match (self.on_key, &place.key, place.exact) {
            (true, Some(key), true) => key.clone(),
            (_, Some(key), _) if place.value.len() > 200 => key.clone(),
            _ if place.value.len() > 200 => place.value.start..place.value.start + 1,
            _ => place.value.clone(),
        };
        let label = self.message.clone();
        let shown = if pointer.is_empty() { "/" } else { &pointer };
        let problem = Problem::new(code, format!("{}: {label}", visible(shown))).at(&document.source, span, label);
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

fn walk(shape: &Shape, value: &Value, path: &mut Vec<String>, faults: &mut Vec<Fault>) {
    let shape = shape.alternative(value);
    let mut fault = |path: &[String], message: String, help: &str| {
        faults.push(Fault { pointer: pointer_of(path), message, help: Some(help.to_owned()), on_key: false });
    };
    if let (Kind::Leaf(LeafKind::Duration), Some(ms)) = (&shape.kind, value.as_str().and_then(parse_duration)) {
        let bound = |name: &str| shape.schema.get(name).and_then(Value::as_str);
        let outside = |name: &str, beyond: fn(i64, i64) -> bool| {
            bound(name).filter(|b| parse_duration(b).is_some_and(|b| beyond(ms, b))).map(str::to_owned)
        };
        if let Some(least) = outside("x-golive-minimum", |a, b| a < b) {
            fault(path, format!("shorter than the least that is allowed, {least}"), "the schema bounds each parameter");
        }
        if let Some(most) = outside("x-golive-maximum", |a, b| a > b) {
            fault(path, format!("longer than the most that is allowed, {most}"), "the schema bounds each parameter");
        }
    }
    match (&shape.kind, value) {
        (Kind::Object(properties), Value::Object(members)) => {
            for (name, property) in properties {
                let Some(member) = members.get(name) else { continue };
                if let (Kind::List { adverse: true, .. }, Value::Array(elements)) = (&property.kind, member) {
                    let total = members.get(&format!("{name}_total")).and_then(Value::as_u64);
                    if total != Some(elements.len() as u64) {
                        path.push(format!("{name}_total"));
                        let said = total.map_or("nothing".to_owned(), |t| t.to_string());
                        let message = format!("`{name}_total` says {said}, the list `{name}` holds {}", elements.len());
                        fault(path, message, "the collector states how many there were: a shortened list is no fact");
                        path.pop();
                    }
                }
            }
            for (name, property) in properties {
                if let Some(member) = members.get(name) {
                    path.push(name.clone());
                    walk(property, member, path, faults);
                    path.pop();
                }
            }
        }
        (Kind::Map(shape), Value::Object(members)) => {
            for (name, member) in members {
                path.push(name.clone());
                walk(shape, member, path, faults);
                path.pop();
            }
        }
        (Kind::List { items, .. }, Value::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                path.push(index.to_string());
                walk(items, element, path, faults);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The JSON type of a value, as JSON Schema names it.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn wanted_words(shape: &Shape) -> String {
    let bound = |name: &str| shape.schema.get(name).map(ToString::to_string);
    match &shape.kind {
        Kind::Object(_) | Kind::Map(_) => "an object".to_owned(),
        Kind::List { .. } => match bound("minItems") {
            Some(least) => format!("a list of at least {least}"),
            None => "a list".to_owned(),
        },
        Kind::Choice(shapes) => {
            let mut words: Vec<_> = shapes
                .iter()
                .map(|s| match s.schema.get("title").and_then(Value::as_str) {
                    Some(title) => format!("{} `{title}`", wanted_words(s)),
                    None => wanted_words(s),
                })
                .collect();
            words.dedup();
            words.join(" or ")
        }
        Kind::Leaf(LeafKind::Time) => "a time such as 2026-11-23T12:00:00Z (RFC 3339, ending in Z)".to_owned(),
        Kind::Leaf(LeafKind::Duration) => "a duration such as PT26H or P7D (days, hours, minutes, seconds)".to_owned(),
        Kind::Leaf(LeafKind::Const(value)) => value.to_string(),
        Kind::Leaf(LeafKind::Enum(values)) => {
            format!("one of {}", values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Kind::Leaf(LeafKind::Plain(types)) => {
            let mut words = types.iter().map(|t| article(t)).collect::<Vec<_>>().join(" or ");
            for (name, said) in [
                ("minimum", "at least"),
                ("maximum", "at most"),
                ("minLength", "of length at least"),
                ("maxLength", "of length at most"),
                ("pattern", "matching"),
            ] {
                if let Some(bound) = bound(name) {
                    words.push_str(&format!(", {said} {bound}"));
                }
            }
            words
        }
    }
}

fn article(kind: &str) -> String {
    match kind {
        "integer" | "array" | "object" => format!("an {kind}"),
        "boolean" => "true or false".to_owned(),
        "null" => "null".to_owned(),
        _ => format!("a {kind}"),
    }
}

fn found_words(value: &Value) -> String {
    match value {
        Value::Array(a) if a.is_empty() => "an empty list".to_owned(),
        Value::Array(a) => format!("a list of {}", a.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(s) => {
            let short: String = s.chars().take(40).collect();
            format!("the string \"{}\"", visible(&short))
        }
        Value::Null => "null".to_owned(),
        Value::Bool(b) => format!("{b} (boolean)"),
        Value::Number(n) => format!("the number {n}"),
    }
}

/// The code points of letters that look like others, ready to stand behind a name.
pub fn code_points(key: &str) -> String {
    let strange: Vec<_> = key.chars().filter(|c| !c.is_ascii()).map(|c| format!("U+{:04X}", c as u32)).collect();
    if strange.is_empty() { String::new() } else { format!(" (holds {})", strange.join(", ")) }
}
