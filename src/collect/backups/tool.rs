//! A program that is asked about one backup, which is named to it.

use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::programs::{Command, Ended, Output};
use crate::text::visible;
use std::path::PathBuf;
use std::time::Duration;

/// Stands in arguments and in wanted lines for the id of the backup.
const ID: &str = "{id}";
/// Stands in a wanted line for a number.
const NUMBER: &str = "{n}";

/// Runs a command with the id in place of `{id}`.
///
/// # Errors
/// The command does not name the backup, the id would be read as an option, or the program cannot be run.
pub fn ask(argv: &[String], cwd: Option<PathBuf>, id: &str, at: &Context) -> Result<Output, Absent> {
    names_it(argv)?;
    if id.starts_with('-') || id.contains(char::is_control) {
        return Err(Absent::new(format!("the backup {} has a name that no program is given", visible(id))));
    }
    let argv = argv.iter().map(|word| word.replace(ID, id)).collect();
    at.run(&Command { argv, cwd, limit: Duration::from_secs(3600) })
}

/// Whether a command names the backup: no tool may choose one by itself.
///
/// # Errors
/// It does not.
pub fn names_it(argv: &[String]) -> Result<(), Absent> {
    if argv.iter().skip(1).any(|word| word.contains(ID)) {
        return Ok(());
    }
    Err(Absent::new("`command` does not name the backup: one of its arguments must hold {id}"))
}

/// The exit code; 128 and the signal's number where a signal ended it.
pub fn exit_code(output: &Output) -> i32 {
    match output.ended {
        Ended::Code(code) => code,
        Ended::Signal(signal) => 128 + signal,
    }
}

/// Looks for lines in what a program printed: each of them must stand there, once where it holds `{n}`. Gives the numbers.
///
/// # Errors
/// The line that is not there, or there with several numbers.
pub fn heard(lines: &[String], output: &str, id: &str) -> Result<Vec<u64>, String> {
    let mut numbers = Vec::new();
    for line in lines {
        let wanted = line.replace(ID, id);
        let wanted = wanted.trim();
        let missing = || visible(wanted);
        let Some((before, after)) = wanted.split_once(NUMBER) else {
            if output.lines().any(|l| l.trim() == wanted) {
                continue;
            }
            return Err(missing());
        };
        let number = |l: &str| {
            let digits = l.trim().strip_prefix(before)?.strip_suffix(after)?;
            let plain = (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse::<u64>().ok() } else { None }
        };
        let mut found = output.lines().filter_map(number);
        match (found.next(), found.next()) {
            (Some(one), None) => numbers.push(one),
            _ => return Err(missing()),
        }
    }
    Ok(numbers)
}

/// What a program printed, shortened: stdout, or stderr where stdout is empty.
pub fn words(output: &Output) -> String {
    let bytes = if output.stdout.iter().all(u8::is_ascii_whitespace) { &output.stderr } else { &output.stdout };
    String::from_utf8_lossy(bytes).chars().take(4096).collect()
}

/// The command for people, shortened.
pub fn line(output: &Output) -> String {
    output.line().chars().take(1024).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_as_they_are() {
        let plan = "Rollback plan from backup: 17\n  restore files: 25\n";
        for (lines, output, want) in [
            (&["Rollback plan from backup: {id}", "restore files: {n}"][..], plan, Some(vec![25])),
            (&["Rollback plan from backup: {id}"], plan, Some(vec![])),
            (&["restore files: {n}"], "restore files: 25\nrestore files: 26", None),
            (&["restore files: {n}"], "restore files: -1", None),
            (&["restore files: {n}"], "restore files: 1e3", None),
            (&["restore files: {n}"], "would restore files: 25", None),
            (&["restore files: {n}"], "restore files: 99999999999999999999", None),
            (&["Backup verified: {id}"], "Backup verified: 170", None),
            (&["Backup verified: {id}"], "", None),
        ] {
            let lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
            assert_eq!(heard(&lines, output, "17").ok(), want, "{output}");
        }
    }
}
