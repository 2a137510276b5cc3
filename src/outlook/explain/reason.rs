//! What a run says, in the reader's terms: files and lines, pointers into the facts, names of parameters.

use super::model::{At, BelowRow, CompareRow, OperandRow, RuleRow, SourceRow, StopRow};
use super::place::{Place, place, pointer, value_at};
use crate::model::Instant;
use crate::model::time::{parse_duration, say_duration};
use crate::rego::syntax::Module;
use crate::rego::trace::{self, Compared, Member, Operand, Stop, Tokens, Why};
use serde_json::Value as Json;

/// So many members of a collection, and definitions of a function, are shown.
const MOST_SHOWN: usize = 5;

/// So many members of a list are shown as its value.
const SHORT: usize = 6;

/// What is needed to put a run into words.
pub(super) struct Words<'w> {
    pub modules: &'w [Module],
    pub document: &'w Json,
    pub parameters: &'w Json,
    pub now: Instant,
}

impl Words<'_> {
    /// A rule with all its lines.
    pub fn rule(&self, at: &trace::Place) -> RuleRow {
        let Some(module) = self.modules.get(at.module) else { return RuleRow { file: String::new(), line: 0, text: Vec::new() } };
        let text = &module.source.text;
        let begin = text.get(..at.span.start).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let rest = text.get(at.span.end..).unwrap_or_default();
        let mut end = at.span.end + rest.find('\n').unwrap_or(rest.len());
        // The brackets that close what was begun stand on lines of their own.
        while let Some(next) = text.get(end + 1..).and_then(|t| t.lines().next()) {
            if next.trim().is_empty() || !next.trim().chars().all(|c| "})]".contains(c)) {
                break;
            }
            end += 1 + next.len();
        }
        let lines = text.get(begin..end).unwrap_or_default().lines().map(|line| line.replace('\t', "  ")).collect();
        RuleRow { file: module.source.name.clone(), line: self.line(at), text: lines }
    }

    fn line(&self, at: &trace::Place) -> usize {
        let before = self.modules.get(at.module).and_then(|m| m.source.text.get(..at.span.start)).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    fn at(&self, at: &trace::Place) -> At {
        let file = self.modules.get(at.module).map_or_else(String::new, |m| m.source.name.clone());
        At { file, line: self.line(at), text: self.text(at) }
    }

    /// What is written at a place, in one line.
    fn text(&self, at: &trace::Place) -> String {
        let Some(module) = self.modules.get(at.module) else { return String::new() };
        let text = &module.source.text;
        let (mut begin, mut end) = (at.span.start, at.span.end);
        // The parser's place of a text leaves out its quotes.
        let quoted = |from: usize, to: usize| text.get(from..to) == Some("\"");
        let odd = text.get(begin..end).is_some_and(|t| t.matches('"').count() % 2 == 1);
        let whole = begin > 0 && quoted(begin - 1, begin) && quoted(end, end + 1);
        if whole && !odd {
            begin -= 1;
        }
        if (whole || odd) && quoted(end, end + 1) {
            end += 1;
        }
        text.get(begin..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A comparison.
    pub fn compared(&self, at: &trace::Place, compared: &Compared) -> CompareRow {
        CompareRow {
            at: self.at(at),
            operator: compared.operator,
            left: self.operand(&compared.left),
            right: self.operand(&compared.right),
        }
    }

    fn operand(&self, operand: &Operand) -> OperandRow {
        let sources: Vec<SourceRow> = operand.sources.iter().filter_map(|tokens| self.source(tokens)).collect();
        let value = operand.value.as_ref().and_then(brief);
        let says = operand.value.as_ref().map_or_else(|| "undefined".to_owned(), |value| say(value, is_time(&operand.sources)));
        OperandRow { text: self.text(&operand.place), value, says, sources }
    }

    /// A place in the facts or the parameters, and what stands there.
    fn source(&self, tokens: &Tokens) -> Option<SourceRow> {
        Some(match place(tokens, self.document)? {
            Place::Fact(path) => self.fact(&path),
            Place::Parameter(name) => {
                // `tls.min_validity_ms` is the host's: people wrote `tls.min_validity`.
                let stem = name.strip_suffix("_ms").filter(|stem| self.parameter(stem).is_some()).unwrap_or(&name);
                source_row("parameter", stem.to_owned(), self.parameter(stem))
            }
            Place::Plan(name) => {
                let value = if name == "now" { Some(self.now.to_string().into()) } else { self.document.get(&name).cloned() };
                source_row("plan", name, value.as_ref())
            }
        })
    }

    fn parameter(&self, name: &str) -> Option<&Json> {
        name.split('.').try_fold(self.parameters, |here, word| match here {
            Json::Array(items) => items.get(word.parse::<usize>().ok()?),
            other => other.get(word),
        })
    }

    /// A place in the facts, and what stands there.
    pub fn fact(&self, path: &[String]) -> SourceRow {
        source_row("fact", pointer(path), value_at(self.document, path))
    }

    /// A statement that stopped.
    pub fn stop(&self, stop: &Stop) -> StopRow {
        let row = |why: &'static str, says: &str| StopRow {
            at: self.at(&stop.place),
            why,
            says: says.to_owned(),
            compared: None,
            missing: None,
            below: Vec::new(),
            more: 0,
        };
        match &stop.why {
            Why::Compared(compared) => StopRow { compared: Some(self.compared(&stop.place, compared)), ..row("false", "is false") },
            Why::Absent(operand, name) => {
                StopRow { missing: Some(self.operand(operand)), ..row("undefined", &format!("there is no `{name}`")) }
            }
            Why::False(operand) => StopRow { missing: Some(self.operand(operand)), ..row("false", "is false") },
            Why::Held => row("held", "what stands behind `not` holds"),
            Why::Members { every, within, total, stopped } => StopRow {
                missing: Some(self.operand(within)).filter(|_| stopped.is_empty()),
                below: stopped.iter().take(MOST_SHOWN).map(|(member, stop)| self.member(member, stop)).collect(),
                more: stopped.len().saturating_sub(MOST_SHOWN),
                ..row("members", &members(*every, *total, stopped.len()))
            },
            Why::Called(name, cases) => {
                let below = |stop: &Stop| BelowRow { name: name.clone(), source: None, stop: self.stop(stop) };
                StopRow {
                    below: cases.iter().take(MOST_SHOWN).map(below).collect(),
                    more: cases.len().saturating_sub(MOST_SHOWN),
                    ..row("called", &called(name, cases.len()))
                }
            }
        }
    }

    fn member(&self, member: &Member, stop: &Stop) -> BelowRow {
        let source = member.path.as_ref().and_then(|tokens| self.source(tokens));
        let made = || source_row("made", String::new(), Some(&member.value));
        BelowRow { name: member.name.clone(), source: Some(source.unwrap_or_else(made)), stop: self.stop(stop) }
    }
}

fn source_row(kind: &'static str, place: String, value: Option<&Json>) -> SourceRow {
    SourceRow { kind, place, value: value.and_then(brief), members: value.and_then(Json::as_array).map(Vec::len) }
}

fn called(name: &str, definitions: usize) -> String {
    match definitions {
        0 => format!("no definition of `{name}` is about this"),
        1 => format!("`{name}` does not hold"),
        n => format!("none of the {n} definitions of `{name}` holds"),
    }
}

fn members(every: bool, total: usize, stopped: usize) -> String {
    match (every, total) {
        (false, 0) => "the list is empty".to_owned(),
        (_, 1) => "its only member does not hold".to_owned(),
        (false, n) => format!("none of its {n} members holds"),
        (true, n) => format!("{stopped} of its {n} members {} not hold", if stopped == 1 { "does" } else { "do" }),
    }
}

/// The value of what has few parts.
fn brief(value: &Json) -> Option<Json> {
    match value {
        Json::Object(_) => None,
        Json::Array(items) if items.len() > SHORT || items.iter().any(|i| i.is_array() || i.is_object()) => None,
        other => Some(other.clone()),
    }
}

/// Whether a number is a moment (true) or a length of time (false): from what it was made of.
fn is_time(sources: &[Tokens]) -> Option<bool> {
    let timed = sources.iter().filter(|tokens| tokens.last().is_some_and(|last| last.ends_with("_ms")));
    let counted = timed.count();
    (counted > 0 && counted == sources.len()).then_some(counted == 1)
}

/// A value for people; `timed`: it is made of times.
fn say(value: &Json, timed: Option<bool>) -> String {
    match (value, timed) {
        (Json::Number(number), Some(single)) => match number.as_i64() {
            // No length of time that a policy knows is a century, and no moment that it knows lies before 1980.
            Some(ms) if single && ms > 315_532_800_000 => Instant { ms }.to_string(),
            Some(ms) => say_duration(ms),
            None => number.to_string(),
        },
        (Json::Array(items), _) if brief(value).is_none() => format!("a list of {}", items.len()),
        (Json::Object(members), _) => format!("an object with {}", members.keys().cloned().collect::<Vec<_>>().join(", ")),
        (other, _) => other.to_string(),
    }
}

/// A number of milliseconds in the form in which a fact is written.
pub(super) fn written_like(known: &Json, number: i64) -> Option<Json> {
    match known {
        Json::Number(_) => Some(number.into()),
        Json::String(text) if Instant::parse(text).is_some() => (number > 0).then(|| Instant { ms: number }.to_string().into()),
        Json::String(text) if parse_duration(text).is_some() => (number > 0).then(|| format!("PT{}S", number / 1000).into()),
        _ => None,
    }
}
