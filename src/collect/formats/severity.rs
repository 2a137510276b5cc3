//! Severities: words, scores, and CVSS vectors as one scale.

use cvss::Cvss;

/// How bad a finding is, in the order in which it weighs: what nobody knows weighs more than what is known to be tolerable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No risk by the tool's own word.
    Info,
    /// CVSS 0.1 to 3.9.
    Low,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// The tool states none that can be read.
    Unknown,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 9.0 and more.
    Critical,
}

impl Severity {
    /// The word of the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::Unknown => "unknown",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Of a score between 0 and 10.
    pub fn of_score(score: f64) -> Self {
        match score {
            s if !(0.0..=10.0).contains(&s) => Self::Unknown,
            s if s >= 9.0 => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            s if s > 0.0 => Self::Low,
            _ => Self::Info,
        }
    }

    /// Of a word, however a tool writes it.
    pub fn of_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" | "blocker" => Self::Critical,
            "high" | "error" | "important" | "serious" | "major" => Self::High,
            "medium" | "moderate" | "warning" => Self::Medium,
            "low" | "minor" | "negligible" | "note" | "recommendation" => Self::Low,
            "info" | "informational" | "information" | "none" => Self::Info,
            _ => Self::Unknown,
        }
    }

    /// Of a CVSS vector of version 2, 3 or 4. A vector that lacks a base metric would score too low: nobody knows it.
    pub fn of_vector(text: &str) -> Self {
        let wanted: &[&str] = if text.starts_with("CVSS:4") {
            &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"]
        } else if text.starts_with("CVSS:3") {
            &["AV", "AC", "PR", "UI", "S", "C", "I", "A"]
        } else {
            &["AV", "AC", "Au", "C", "I", "A"]
        };
        let has = |metric: &&str| text.split('/').any(|part| part.split_once(':').is_some_and(|(name, _)| name == *metric));
        match text.parse::<Cvss>() {
            Ok(vector) if wanted.iter().all(has) => Self::of_score(vector.score()),
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Severity::{self, Critical, High, Info, Low, Medium, Unknown};

    #[test]
    fn vectors_are_scored() {
        for (vector, want) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Critical),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", High),
            ("CVSS:3.0/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H", Medium),
            ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", Low),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Info),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Critical),
            ("CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", Medium),
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", Critical),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U", Unknown),
            ("CVSS:3.1/AV:N", Unknown),
            ("CVSS:5.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Unknown),
            ("high", Unknown),
            ("", Unknown),
        ] {
            assert_eq!(Severity::of_vector(vector), want, "{vector}");
        }
    }

    #[test]
    fn a_score_that_is_none_is_unknown() {
        for (score, want) in [
            (10.0, Critical),
            (9.0, Critical),
            (8.9, High),
            (6.9, Medium),
            (0.1, Low),
            (0.0, Info),
            (10.1, Unknown),
            (-1.0, Unknown),
            (f64::NAN, Unknown),
        ] {
            assert_eq!(Severity::of_score(score), want, "{score}");
        }
    }
}
