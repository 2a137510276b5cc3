//! One verdict line (`golive.verdict/1`), and the marks that say the same in a few bytes.

use crate::gate::Entry;
use crate::model::{Gate, Outcome};
use crate::text::json_string;

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
    /// The fast path and the reference differ: the whole batch stops.
    Differs,
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

impl Head<'_> {
    /// The beginning of a line, up to what was judged.
    pub fn written(&self) -> String {
        let mut out = String::with_capacity(1536);
        out.push_str("{\"format\":\"golive.verdict/1\"");
        let members: [(&str, Option<&str>); 6] = [
            ("source", Some(self.source)),
            ("sha256", self.sha256),
            ("environment", self.environment),
            ("release", self.release),
            ("evaluated_at", Some(self.at)),
            ("checklist", Some(self.checklist)),
        ];
        for (key, value) in members {
            member(key, &mut out);
            match value {
                Some(value) => json_string(value, &mut out),
                None => out.push_str("null"),
            }
        }
        out
    }
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
    /// What stands in the place of a line where two paths came to different ones.
    pub fn differs(&self, source: &str, sha256: &str, quick: &Line, reference: &Line) -> Line {
        let message = format!("the fast path and the reference differ: {} and {}", quick.text, reference.text);
        let trouble = Trouble { kind: TroubleKind::NoDecision, code: "golive::batch::difference".to_owned(), message };
        let mut line = self.refused(source, Some(sha256), &trouble);
        line.marks.ending = Ending::Differs;
        line
    }

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
    /// The line of a document whose controls are judged, and that has a decision or the reason why it has none.
    pub fn judged(head: &Head<'_>, entries: &[Entry<'_>], decision: Result<(Gate, Vec<String>), Trouble>) -> Self {
        let outcomes = entries.iter().map(letter).collect();
        let (ending, gate, blocking, trouble) = match decision {
            Ok((Gate::Go, blocking)) => (Ending::Go, Some(Gate::Go), blocking, None),
            Ok((Gate::NoGo, blocking)) => (Ending::NoGo, Some(Gate::NoGo), blocking, None),
            Err(trouble) => (Ending::NoDecision, None, Vec::new(), Some(trouble)),
        };
        let text = write(head, gate, &blocking, entries, trouble.as_ref());
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

fn letter(entry: &Entry<'_>) -> char {
    match (entry.outcome, entry.standing.verdict.word()) {
        (Outcome::Waived, _) => 'w',
        (_, "pass") => 'p',
        (_, "fail") => 'f',
        (_, "unknown") => 'u',
        _ => 'e',
    }
}

fn write(head: &Head<'_>, gate: Option<Gate>, blocking: &[String], entries: &[Entry<'_>], trouble: Option<&Trouble>) -> String {
    let mut out = head.written();
    member("decision", &mut out);
    match gate {
        Some(gate) => json_string(gate.word(), &mut out),
        None => out.push_str("null"),
    }
    member("waived", &mut out);
    list(entries.iter().filter(|e| e.outcome == Outcome::Waived).map(|e| e.id), &mut out);
    member("blocking", &mut out);
    list(blocking.iter().map(String::as_str), &mut out);
    member("verdicts", &mut out);
    object(entries.iter(), &mut out, |entry, out| json_string(entry.standing.verdict.word(), out));
    member("findings", &mut out);
    object(entries.iter().filter(|e| !e.standing.verdict.is_pass()), &mut out, |entry, out| {
        list(entry.standing.findings.iter().map(String::as_str), out);
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

fn object<'e>(entries: impl Iterator<Item = &'e Entry<'e>>, out: &mut String, value: impl Fn(&Entry<'_>, &mut String)) {
    out.push('{');
    for (index, entry) in entries.enumerate() {
        if index > 0 {
            out.push(',');
        }
        json_string(entry.id, out);
        out.push(':');
        value(entry, out);
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
            Ending::Differs => b'D',
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
            'D' => Ending::Differs,
            _ => return None,
        };
        let outcomes = &head[1..];
        outcomes.chars().all(|c| "pwfue".contains(c)).then(|| Self { ending, outcomes: outcomes.to_owned(), environment })
    }
}
