//! Markdown that grows line by line. What goes in is encoded already.

use super::encode::cell;
use std::fmt::Display;

/// A Markdown document.
#[derive(Debug, Default)]
pub struct Sheet {
    text: String,
}

impl Sheet {
    /// A line.
    pub fn line(&mut self, line: impl Display) {
        self.text.push_str(&format!("{line}\n"));
    }

    /// A heading with its marks, and the empty lines around it.
    pub fn heading(&mut self, heading: impl Display) {
        let space = if self.text.is_empty() { "" } else { "\n" };
        self.text.push_str(&format!("{space}{heading}\n\n"));
    }

    /// The first two lines of a table.
    pub fn columns(&mut self, names: &[&str]) {
        self.cells(names);
        self.cells(&vec!["---"; names.len()]);
    }

    /// A row of a table.
    pub fn cells(&mut self, cells: &[impl AsRef<str>]) {
        for text in cells {
            self.text.push_str(&format!("| {} ", cell(text.as_ref())));
        }
        self.text.push_str("|\n");
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}
