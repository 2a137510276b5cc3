//! One control's row: what is met, what is violated, and the verdict.

use std::fmt::Write as _;

/// A control's answers.
pub struct Row {
    /// The control.
    pub control: &'static str,
    /// Its criteria, in order.
    pub criteria: &'static [&'static str],
    /// Those that are proven and not denied.
    pub met: Vec<&'static str>,
    /// Ids of violations, and of faults of groups.
    pub findings: Vec<String>,
    denied: Vec<&'static str>,
    provable: bool,
}

impl Row {
    /// Nothing proven yet.
    pub fn new(control: &'static str, criteria: &'static [&'static str]) -> Self {
        Self { control, criteria, met: Vec::with_capacity(criteria.len()), findings: Vec::new(), denied: Vec::new(), provable: true }
    }

    /// A group of the control cannot be used.
    pub fn bad(&mut self, faults: &[String]) {
        self.provable = false;
        self.findings.extend_from_slice(faults);
    }

    /// States a criterion that holds.
    pub fn met(&mut self, criterion: &'static str, holds: bool) {
        if holds {
            self.met.push(criterion);
        }
    }

    /// A violation without a subject.
    pub fn deny(&mut self, criterion: &'static str, code: &'static str, holds: bool) {
        if holds {
            self.denied.push(criterion);
            self.findings.push(code.to_owned());
        }
    }

    /// A violation about something.
    pub fn about(&mut self, criterion: &'static str, code: &'static str, subject: &[&str]) {
        self.denied.push(criterion);
        let mut id = String::with_capacity(code.len() + 2 + subject.iter().map(|part| part.len() + 1).sum::<usize>());
        id.push_str(code);
        id.push('[');
        for (at, part) in subject.iter().enumerate() {
            let last = at + 1 == subject.len();
            if last || !part.contains(['~', '/']) {
                id.push_str(part);
            } else {
                let _ = write!(id, "{}", part.replace('~', "~0").replace('/', "~1"));
            }
            if !last {
                id.push('/');
            }
        }
        id.push(']');
        self.findings.push(id);
    }

    /// The criterion and the code of each violation.
    pub fn denials(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let violations = self.findings.iter().filter(|id| !id.starts_with("facts:"));
        self.denied.iter().copied().zip(violations.map(|id| id.split('[').next().unwrap_or(id)))
    }

    /// The verdict's word; `met` keeps what was not denied.
    pub fn conclude(&mut self) -> &'static str {
        let proven = self.met.len() == self.criteria.len();
        if self.met.iter().any(|met| self.denied.contains(met)) {
            self.met.retain(|met| !self.denied.contains(met));
            return "error";
        }
        match (self.denied.is_empty(), proven && self.provable) {
            (false, _) => "fail",
            (true, true) => "pass",
            (true, false) => "unknown",
        }
    }
}
