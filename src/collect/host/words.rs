//! The words that a process was started with. Among them are secrets: a value is handed out only for a flag that is asked for by name.

use std::collections::BTreeSet;
use std::fmt;

/// The words of a command line. They can be asked, and they cannot be printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Words(Vec<String>);

/// What a command line says of one flag, under any of its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag<'a> {
    /// It is not there.
    Absent,
    /// It is there without a value, or with an empty one.
    Bare,
    /// It is there once, with this value.
    Value(&'a str),
    /// It is there more than once: which one holds is the program's secret.
    Repeated,
}

impl Words {
    /// Takes them as the kernel shows them: each ended by a NUL.
    pub fn new(cmdline: &[u8]) -> Self {
        let cmdline = cmdline.strip_suffix(&[0]).unwrap_or(cmdline);
        Self(if cmdline.is_empty() {
            Vec::new()
        } else {
            cmdline.split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into_owned()).collect()
        })
    }

    /// Takes them from a text in which blanks part them.
    pub fn split(line: &str) -> Self {
        Self(line.split_ascii_whitespace().map(str::to_owned).collect())
    }

    /// The name under which the program was called.
    pub fn program(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Whether one of `names` stands among the words behind the program.
    pub fn any(&self, names: &[String]) -> bool {
        self.0.iter().skip(1).any(|w| names.contains(w))
    }

    /// What is said of a flag that goes by any of `names`, as `--flag value` or `--flag=value`. A word that begins with a dash is the
    /// next flag and no value.
    pub fn flag<'a>(&'a self, names: &[String]) -> Flag<'a> {
        let mut seen = Flag::Absent;
        for (index, word) in self.0.iter().enumerate().skip(1) {
            let (name, inline) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            if !names.iter().any(|n| n == name) {
                continue;
            }
            let next = || self.0.get(index + 1).map(String::as_str).filter(|w| !w.starts_with('-'));
            let value = inline.or_else(next).filter(|v| !v.trim().is_empty());
            seen = if seen == Flag::Absent { value.map_or(Flag::Bare, Flag::Value) } else { Flag::Repeated };
        }
        seen
    }

    /// Those of `names` that stand among the words: flags without their values.
    pub fn known<'a>(&self, names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let stands = |name: &str| self.0.iter().skip(1).any(|w| w.split('=').next() == Some(name));
        names.filter(|name| stands(name)).collect()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} words)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&n| n.to_owned()).collect()
    }

    #[test]
    fn a_flag_is_read_in_both_forms_and_never_swallows_the_next() {
        for (line, want) in [
            ("p daemon", Flag::Absent),
            ("p daemon --token X", Flag::Value("X")),
            ("p daemon --token=X", Flag::Value("X")),
            ("p daemon --token", Flag::Bare),
            ("p daemon --token=", Flag::Bare),
            ("p daemon --token --listen a:1", Flag::Bare),
            ("p daemon --token X --token=Y", Flag::Repeated),
            ("p daemon --token-file X", Flag::Absent),
            ("--token X", Flag::Absent),
        ] {
            assert_eq!(Words::split(line).flag(&names(&["--token"])), want, "{line}");
        }
        assert_eq!(Words::new(b"p\0--token\0\0").flag(&names(&["--token"])), Flag::Bare);
    }

    #[test]
    fn words_are_not_printed() {
        let words = Words::new(b"p\0daemon\0--token=CANARY\0--note\0CANARY\0");
        assert!(!format!("{words:?}").contains("CANARY"));
        assert_eq!(words.known(["--token", "daemon", "--other"].into_iter()).into_iter().collect::<Vec<_>>(), ["--token", "daemon"]);
        assert_eq!((Words::new(b"").program(), Words::new(b"p\0").program()), (None, Some("p")));
    }
}
