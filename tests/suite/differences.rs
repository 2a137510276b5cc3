//! Every difference of a test told at once, then one failure.

use std::fmt::Display;

/// What differs so far.
#[derive(Default)]
pub struct Differences {
    checked: usize,
    found: Vec<String>,
}

impl Differences {
    /// Counts one check; a difference is noted where `got` is not `want`.
    pub fn equal<T: PartialEq + std::fmt::Debug>(&mut self, place: impl Display, want: &T, got: &T) {
        self.checked += 1;
        if want != got {
            self.found.push(format!("{place}\n    wanted {want:?}\n    got    {got:?}"));
        }
    }

    /// Counts one check; a difference is noted where it does not hold.
    pub fn hold(&mut self, holds: bool, words: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds {
            self.found.push(words());
        }
    }

    /// Fails where anything differs, or where nothing was checked.
    pub fn end(self, what: &str) {
        assert!(self.checked > 0, "{what}: nothing was checked");
        println!("{what}: {} checks", self.checked);
        assert!(self.found.is_empty(), "{what}: {} of {} checks differ\n\n{}\n", self.found.len(), self.checked, self.found.join("\n"));
    }
}
