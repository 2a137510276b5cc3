//! The strict YAML reader: the part of YAML that has one reading.
//!
//! Refused: aliases and anchors, tags, merge keys, duplicate keys, keys that are no strings, several documents. Plain
//! scalars follow the core schema for null, true, false and numbers; everything else is a string (`no` is the string "no").

use super::json::too_large;
use super::problem::Problem;
use super::source::{Branch, Limits, Source, Span, Tree};
use super::{Document, visible};
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Mark, StrInput};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Reads one YAML document.
///
/// # Errors
/// The first fault, with its place.
pub fn read_yaml(source: Arc<Source>, limits: &Limits) -> Result<Document, Problem> {
    let whole = 0..source.text.len();
    let (value, places) = read_yaml_part(&source, &source.text, &|at| at, whole, limits)?;
    Ok(Document { source, value, places })
}

/// Reads YAML that stands inside another text (a comment block). `place` maps a byte of `yaml` to a byte of `source`.
///
/// # Errors
/// The first fault, with its place in `source`.
pub fn read_yaml_part(
    source: &Arc<Source>,
    yaml: &str,
    place: &dyn Fn(usize) -> usize,
    whole: Span,
    limits: &Limits,
) -> Result<(Value, Tree), Problem> {
    if yaml.len() > limits.bytes {
        return Err(too_large(&source.name, limits.bytes));
    }
    // Where each character begins; in ASCII that is its number.
    let starts = || yaml.char_indices().map(|(at, _)| at).collect();
    let bytes: Option<Vec<usize>> = (!yaml.is_ascii()).then(starts);
    let parser = Parser::new_from_str(yaml);
    let mut reader = Reader { source, parser, bytes: bytes.as_deref(), length: yaml.len(), place, limits, keys: 0 };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_), _) => {}
            (Event::StreamEnd, _) => {
                let message = format!("{} is empty", visible(&source.name));
                return Err(Problem::new("golive::yaml::empty", message).at(source, whole, "nothing here"));
            }
            (event, span) => {
                let out = reader.value(event, span, 0)?;
                return reader.ended().map(|()| out);
            }
        }
    }
}

struct Reader<'a, 'y> {
    source: &'a Arc<Source>,
    parser: Parser<'y, StrInput<'y>>,
    bytes: Option<&'a [usize]>,
    length: usize,
    place: &'a dyn Fn(usize) -> usize,
    limits: &'a Limits,
    keys: usize,
}

impl<'y> Reader<'_, 'y> {
    fn next(&mut self) -> Result<(Event<'y>, Span), Problem> {
        match self.parser.next_event() {
            Some(Ok((event, mark))) => Ok((event, self.span(mark))),
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                let message = format!("YAML: {}", visible(error.info()));
                Err(Problem::new("golive::yaml::syntax", message).at(self.source, at..at + 1, "here"))
            }
            None => Ok((Event::StreamEnd, 0..0)),
        }
    }

    fn byte(&self, chars: usize) -> usize {
        let at = self.bytes.map_or(chars, |bytes| bytes.get(chars).copied().unwrap_or(self.length));
        (self.place)(at.min(self.length))
    }

    fn span(&self, mark: Mark) -> Span {
        self.byte(mark.start.index())..self.byte(mark.end.index())
    }

    fn fail(&self, code: &'static str, message: impl Into<String>, span: Span) -> Problem {
        Problem::new(code, message).at(self.source, span, "here")
    }

    fn ended(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                (Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return Ok(()),
                (_, span) => return Err(self.fail("golive::yaml::documents", "a second YAML document follows", span)),
            }
        }
    }

    fn value(&mut self, event: Event<'y>, span: Span, depth: usize) -> Result<(Value, Tree), Problem> {
        if depth > self.limits.depth {
            let message = format!("nested too deep: the limit is a depth of {}", self.limits.depth);
            return Err(self.fail("golive::yaml::depth", message, span));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.plain(anchor, tag.is_some(), &span)?;
                let value = self.scalar(&text, style, &span)?;
                Ok((value, Tree { span, children: Vec::new() }))
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain(anchor, tag.is_some(), &span)?;
                self.sequence(span, depth)
            }
            Event::MappingStart(anchor, tag) => {
                self.plain(anchor, tag.is_some(), &span)?;
                self.mapping(span, depth)
            }
            Event::Alias(_) => Err(self
                .fail("golive::yaml::alias", "an alias is not accepted", span)
                .help("write the value out: aliases can grow without bound")),
            _ => Err(self.fail("golive::yaml::syntax", "a value is missing", span)),
        }
    }

    fn plain(&self, anchor: usize, tagged: bool, span: &Span) -> Result<(), Problem> {
        if tagged {
            return Err(self.fail("golive::yaml::tag", "a tag is not accepted", span.clone()));
        }
        if anchor != 0 {
            let problem = self.fail("golive::yaml::alias", "an anchor (the target of an alias) is not accepted", span.clone());
            return Err(problem.help("write the value out where it is needed"));
        }
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: &Span) -> Result<Value, Problem> {
        if style != ScalarStyle::Plain {
            return Ok(Value::String(text.to_owned()));
        }
        let number_like = text.starts_with(|c: char| c.is_ascii_digit())
            || text.strip_prefix('-').is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
        Ok(match text {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            _ if number_like => match text.parse::<i64>() {
                Ok(n) if n.unsigned_abs() < 1 << 53 => Value::Number(n.into()),
                Ok(_) => return Err(self.fail("golive::yaml::number", "an integer is beyond 2^53 - 1", span.clone())),
                Err(_) => match text.parse::<f64>().ok().filter(|f| f.is_finite()).and_then(Number::from_f64) {
                    Some(n) if n.as_f64().is_some_and(|f| f.fract() == 0.0) => {
                        let message = "a whole number is written with a point or an exponent";
                        return Err(self.fail("golive::yaml::number", message, span.clone()).help("write an integer as an integer"));
                    }
                    Some(n) => Value::Number(n),
                    None => Value::String(text.to_owned()),
                },
            },
            _ => Value::String(text.to_owned()),
        })
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Result<(Value, Tree), Problem> {
        let mut items = Vec::new();
        let mut children = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let span = start.start..span.end.max(start.end);
                return Ok((Value::Array(items), Tree { span, children }));
            }
            let (value, tree) = self.value(event, span, depth + 1)?;
            items.push(value);
            children.push(Branch { key: None, tree });
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Result<(Value, Tree), Problem> {
        let mut members = Map::new();
        let mut children: Vec<Branch> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        loop {
            let (event, key_span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                let end = children.last().map_or(start.end, |b| b.tree.span.end);
                return Ok((Value::Object(members), Tree { span: start.start..end.max(key_span.start), children }));
            }
            let key = self.key(event, &key_span, &mut seen)?;
            let (event, span) = self.next()?;
            let (value, tree) = self.value(event, span, depth + 1)?;
            members.insert(key.clone(), value);
            children.push(Branch { key: Some((key, key_span)), tree });
        }
    }

    fn key(&mut self, event: Event<'y>, span: &Span, seen: &mut HashMap<String, Span>) -> Result<String, Problem> {
        let Event::Scalar(text, style, anchor, tag) = event else {
            return Err(self.fail("golive::yaml::key", "a key must be a plain word", span.clone()));
        };
        self.plain(anchor, tag.is_some(), span)?;
        self.keys += 1;
        if self.keys > self.limits.keys {
            return Err(self.fail("golive::yaml::keys", format!("too many keys: the limit is {}", self.limits.keys), span.clone()));
        }
        if text == "<<" && style == ScalarStyle::Plain {
            return Err(self.fail("golive::yaml::merge", "the merge key `<<` is not accepted", span.clone()));
        }
        if let Some(first) = seen.insert(text.to_string(), span.clone()) {
            let problem = self.fail("golive::yaml::duplicate_key", format!("duplicate key `{}`", visible(&text)), span.clone());
            return Err(problem.at(self.source, first, "first here"));
        }
        Ok(text.into_owned())
    }
}
