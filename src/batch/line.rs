//! One verdict line (`golive.verdict/1`), and the marks that say the same in a few bytes.

use crate::model::{Gate, Outcome, Row};
use crate::text::json_string;
use std::collections::BTreeSet;

/// How the judgement of one document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// GO.
    Go,
    /// `NO_GO`.
    NoGo,
    /// The document is refused.
    Refused,
    /// No decision could be made.
    NoDecision,
}

/// Why a document has no decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Refused, or no decision.
    pub kind: TroubleKind,
    /// A stable code, such as `golive::json::duplicate_key`.
    pub code: String,
    /// Words for people.
    pub message: String,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// The document's.
    Refused,
    /// The policy's, the engine's or a limit's.
    NoDecision,
}

impl TroubleKind {
    /// The word in the line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::NoDecision => "no_decision",
        }
    }
}

/// What a line says of its document before anything is judged.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// A path, or a path and a line.
    pub source: &'a str,
    /// The digits of the digest of its bytes; none where they were not read as a whole.
    pub sha256: Option<&'a str>,
    /// Its environment, where it is known.
    pub environment: Option<&'a str>,
    /// Its release, where it is known.
    pub release: Option<&'a str>,
    /// The evaluation's time.
    pub at: &'a str,
    /// The checklist's digest.
    pub checklist: &'a str,
}

/// What every line of a batch says.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The evaluation's time.
    pub at: String,
    /// The checklist's digest.
    pub checklist: String,
}

impl Stamp {
    /// The line of a document of which nothing was judged.
    pub fn refused(&self, source: &str, sha256: Option<&str>, trouble: &Trouble) -> Line {
        let head = Head { source, sha256, environment: None, release: None, at: &self.at, checklist: &self.checklist };
        Line::refused(&head, trouble)
    }
}

/// A verdict line without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says, for counting.
    pub marks: Marks,
    /// The JSON.
    pub text: String,
}

/// The essence of a line: how it ended, the outcome of each control, the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// How it ended.
    pub ending: Ending,
    /// One letter for each control, in the checklist's order: `p` pass, `w` waived, `f` fail, `u` unknown, `e` error.
    pub outcomes: String,
    /// The environment, where it is known.
    pub environment: Option<String>,
}

impl Line {
    /// The line of a document that has its rows, and a decision or the reason why it has none.
    pub fn judged(head: &Head<'_>, rows: &[Row], decision: Result<(Gate, Vec<String>), Trouble>) -> Self {
        let outcomes = rows.iter().map(letter).collect();
        let (ending, gate, blocking, trouble) = match decision {
            Ok((Gate::Go, blocking)) => (Ending::Go, Some(Gate::Go), blocking, None),
            Ok((Gate::NoGo, blocking)) => (Ending::NoGo, Some(Gate::NoGo), blocking, None),
            Err(trouble) => (Ending::NoDecision, None, Vec::new(), Some(trouble)),
        };
        let text = write(head, gate, &blocking, rows, trouble.as_ref());
        Self { marks: Marks { ending, outcomes, environment: head.environment.map(str::to_owned) }, text }
    }

    /// The line of a document of which nothing was judged.
    pub fn refused(head: &Head<'_>, trouble: &Trouble) -> Self {
        let ending = match trouble.kind {
            TroubleKind::Refused => Ending::Refused,
            TroubleKind::NoDecision => Ending::NoDecision,
        };
        let marks = Marks { ending, outcomes: String::new(), environment: head.environment.map(str::to_owned) };
        Self { marks, text: write(head, None, &[], &[], Some(trouble)) }
    }
}

fn letter(row: &Row) -> char {
    match (row.outcome, row.judgement.verdict.word()) {
        (Outcome::Waived, _) => 'w',
        (_, "pass") => 'p',
        (_, "fail") => 'f',
        (_, "unknown") => 'u',
        _ => 'e',
    }
}

fn write(head: &Head<'_>, gate: Option<Gate>, blocking: &[String], rows: &[Row], trouble: Option<&Trouble>) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str("{\"format\":\"golive.verdict/1\"");
    let members: [(&str, Option<&str>); 6] = [
        ("source", Some(head.source)),
        ("sha256", head.sha256),
        ("environment", head.environment),
        ("release", head.release),
        ("evaluated_at", Some(head.at)),
        ("checklist", Some(head.checklist)),
    ];
    for (key, value) in members.into_iter().chain([("decision", gate.map(Gate::word))]) {
        member(key, &mut out);
        match value {
            Some(value) => json_string(value, &mut out),
            None => out.push_str("null"),
        }
    }
    member("waived", &mut out);
    let waived = rows.iter().filter(|r| r.outcome == Outcome::Waived);
    list(waived.map(|r| r.text.id.as_str()), &mut out);
    member("blocking", &mut out);
    list(blocking.iter().map(String::as_str), &mut out);
    member("verdicts", &mut out);
    object(rows.iter(), &mut out, |row, out| json_string(row.judgement.verdict.word(), out));
    member("findings", &mut out);
    object(rows.iter().filter(|r| !r.judgement.verdict.is_pass()), &mut out, |row, out| {
        let ids: BTreeSet<&str> = row.judgement.findings.iter().map(|f| f.id.as_str()).collect();
        list(ids.into_iter(), out);
    });
    member("problem", &mut out);
    match trouble {
        None => out.push_str("null"),
        Some(trouble) => {
            out.push_str(&format!("{{\"kind\":\"{}\",\"code\":", trouble.kind.word()));
            json_string(&trouble.code, &mut out);
            member("message", &mut out);
            json_string(&trouble.message, &mut out);
            out.push('}');
        }
    }
    out.push('}');
    out
}

fn member(key: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
}

fn list<'a>(items: impl Iterator<Item = &'a str>, out: &mut String) {
    out.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        json_string(item, out);
    }
    out.push(']');
}

fn object<'a>(rows: impl Iterator<Item = &'a Row>, out: &mut String, value: impl Fn(&Row, &mut String)) {
    out.push('{');
    for (index, row) in rows.enumerate() {
        if index > 0 {
            out.push(',');
        }
        json_string(&row.text.id, out);
        out.push(':');
        value(row, out);
    }
    out.push('}');
}

impl Marks {
    /// The marks as a few bytes without a tab or a line break.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(match self.ending {
            Ending::Go => b'G',
            Ending::NoGo => b'N',
            Ending::Refused => b'R',
            Ending::NoDecision => b'X',
        });
        out.extend_from_slice(self.outcomes.as_bytes());
        if let Some(environment) = &self.environment {
            out.push(b' ');
            let mut text = String::new();
            json_string(environment, &mut text);
            out.extend_from_slice(text.as_bytes());
        }
    }

    /// The inverse of [`Marks::write`], and of nothing else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, environment) = match text.split_once(' ') {
            Some((head, environment)) => (head, Some(serde_json::from_str(environment).ok()?)),
            None => (text, None),
        };
        let ending = match head.chars().next()? {
            'G' => Ending::Go,
            'N' => Ending::NoGo,
            'R' => Ending::Refused,
            'X' => Ending::NoDecision,
            _ => return None,
        };
        let outcomes = &head[1..];
        outcomes.chars().all(|c| "pwfue".contains(c)).then(|| Self { ending, outcomes: outcomes.to_owned(), environment })
    }
}
