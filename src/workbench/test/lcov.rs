//! Lines that tests reach, as tracefiles of lcov: what editors and coverage services read.

use super::Report;
use crate::text::visible;

/// The lines as a tracefile; empty where nothing was watched.
pub fn lcov(report: &Report) -> String {
    let mut out = String::new();
    for (name, file) in report.coverage.iter().flat_map(|coverage| &coverage.files) {
        out.push_str(&format!("TN:\nSF:{}\n", visible(name)));
        let mut lines: Vec<(u32, u32)> =
            file.reached.iter().map(|line| (*line, 1)).chain(file.missed.iter().map(|line| (*line, 0))).collect();
        lines.sort_unstable();
        for (line, hits) in &lines {
            out.push_str(&format!("DA:{line},{hits}\n"));
        }
        out.push_str(&format!("LF:{}\nLH:{}\nend_of_record\n", lines.len(), file.reached.len()));
    }
    out
}
