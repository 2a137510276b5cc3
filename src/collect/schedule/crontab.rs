//! One line of a crontab: the fields that every cron reads in the same way, and the longest time between two runs.

use croner::parser::{CronParser, Seconds};
use jiff::civil::{DateTime, date};

/// Whose crontab it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A user's: five fields and a command.
    User,
    /// `/etc/crontab` or a file of `/etc/cron.d`: the user's name stands before the command.
    System,
}

/// A line that runs the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its five fields, or a word with `@`.
    pub fields: String,
    /// Longest time between two runs, in milliseconds.
    pub interval_ms: i64,
}

/// The one line whose command holds `job`; none where no line does.
///
/// # Errors
/// Several do, or a line cannot be read with certainty.
pub fn line(text: &str, form: Form, job: &str) -> Result<Option<Line>, String> {
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("its last line does not end: cron ignores the whole file".to_owned());
    }
    let mut found: Option<Line> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || is_assignment(line) {
            continue;
        }
        let (fields, command) = split(line, form).ok_or_else(|| format!("line {number} is no line of a crontab"))?;
        let command = before_percent(command);
        if !command.contains(job) {
            continue;
        }
        if let Some(other) = &found {
            return Err(format!("lines {} and {number} both hold the job: name more of its command", other.number));
        }
        let interval_ms = longest_gap(&fields).map_err(|what| format!("line {number}: {what}"))?;
        found = Some(Line { number, fields, interval_ms });
    }
    Ok(found)
}

/// `NAME=value`, perhaps with spaces around the sign.
fn is_assignment(line: &str) -> bool {
    let name = line.split_once('=').map_or("", |(name, _)| name.trim());
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    !name.is_empty() && plain(name)
}

fn split(line: &str, form: Form) -> Option<(String, &str)> {
    let mut rest = line;
    let mut take = || {
        let end = rest.find([' ', '\t'])?;
        let word = &rest[..end];
        rest = rest[end..].trim_start_matches([' ', '\t']);
        Some(word)
    };
    let first = take()?;
    let mut fields = first.to_owned();
    if !first.starts_with('@') {
        for _ in 0..4 {
            fields = format!("{fields} {}", take()?);
        }
    }
    if form == Form::System {
        take()?;
    }
    (!rest.is_empty()).then_some((fields, rest))
}

/// cron hands what follows the first `%` to the command as its input; `\%` is a percent sign.
fn before_percent(command: &str) -> String {
    let mut out = String::new();
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('%')) => out.extend(chars.next()),
            ('%', _) => break,
            _ => out.push(c),
        }
    }
    out.trim_end().to_owned()
}

const NAMES: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The longest time between two runs of five fields or of a word with `@`.
fn longest_gap(fields: &str) -> Result<i64, String> {
    let fields = match fields {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@reboot" => return Err("@reboot does not repeat".to_owned()),
        other => other,
    };
    let parts: Vec<&str> = fields.split(' ').collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else { return Err("five fields are wanted".to_owned()) };
    if !parts.iter().all(|part| known(part)) {
        return Err("it uses what not every cron knows".to_owned());
    }
    if *day != "*" && *weekday != "*" && (day.starts_with('*') || weekday.starts_with('*')) {
        return Err("crons differ on days of the month together with weekdays where one begins with a star".to_owned());
    }
    // Times of day and days are independent: the longest gap lies within a day, or over the days without any run.
    let start = date(2000, 1, 1).at(0, 0, 0, 0);
    let times = runs(&format!("{minute} {hour} * * *"), start, date(2000, 1, 2).at(0, 0, 0, 0))?;
    let days = runs(&format!("0 0 {day} {month} {weekday}"), start, date(2029, 1, 1).at(0, 0, 0, 0))?;
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Err("it never runs".to_owned()) };
    let within = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
    let over = days.windows(2).map(|pair| pair[1] - pair[0]).max().ok_or("it hardly ever runs")?;
    Ok(within.max(over - last + first))
}

/// Digits, names of months and weekdays, and `* , - /`: what Vixie's cron and its descendants share.
fn known(part: &str) -> bool {
    let word = |word: &str| word.is_empty() || NAMES.contains(&word.to_ascii_lowercase().as_str());
    let signs = |c: char| c.is_ascii_digit() || "*,-/".contains(c);
    !part.is_empty() && part.chars().all(|c| signs(c) || c.is_ascii_alphabetic()) && part.split(signs).all(word)
}

/// The runs from `start` until before `end`, as milliseconds since `start`. Clock changes of zones are not looked at.
fn runs(pattern: &str, start: DateTime, end: DateTime) -> Result<Vec<i64>, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
    let cron = parser.parse(pattern).map_err(|e| format!("`{pattern}`: {e}"))?;
    let mut out = Vec::new();
    for run in cron.iter_from(start, croner::Direction::Forward).take_while(|run| *run < end) {
        let since = run.duration_since(start);
        out.push(i64::try_from(since.as_millis()).map_err(|e| e.to_string())?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 1440 * MINUTE;

    #[test]
    fn gaps_are_the_longest() {
        for (fields, want) in [
            ("@daily", Some(DAY)),
            ("0 2 * * *", Some(DAY)),
            ("*/15 * * * *", Some(15 * MINUTE)),
            ("*/25 * * * *", Some(25 * MINUTE)),
            ("0 8-18 * * *", Some(14 * 60 * MINUTE)),
            ("0 2 * * 1-5", Some(3 * DAY)),
            ("*/5 9-17 * * mon-fri", Some(3 * DAY - (8 * 60 + 55) * MINUTE)),
            ("0 0 1 * *", Some(31 * DAY)),
            ("0 0 29 2 *", Some(1461 * DAY)),
            ("0 0 1 * 1", Some(7 * DAY)),
            ("0 2 * * 7", Some(7 * DAY)),
            ("0 0 31 2 *", None),
            ("@reboot", None),
            ("@fortnightly", None),
            ("0 2 L * *", None),
            ("0 2 * * 1#2", None),
            ("0 2 * * ?", None),
            ("0 0 */2 * 1", None),
            ("61 2 * * *", None),
            ("0 0 2 * * *", None),
            ("0 ~ * * *", None),
        ] {
            assert_eq!(longest_gap(fields).ok(), want, "{fields}");
        }
    }

    #[test]
    fn a_job_is_found_in_one_command() {
        let system = "SHELL=/bin/sh\nPASSWORD = x\n# 0 1 * * * root backup\n0 2 * * * root cd /srv && backup create\n";
        let found = |text: &str, form| line(text, form, "backup").map(|l| l.map(|l| l.number));
        assert_eq!(found(system, Form::System), Ok(Some(4)));
        for (text, want) in [
            ("0 2 * * * backup create\n", Ok(Some(1))),
            ("@daily\tbackup\n", Ok(Some(1))),
            ("0 2 * * * logger %backup\n", Ok(None)),
            ("0 2 * * * date +\\%F && backup\n", Ok(Some(1))),
            ("#0 2 * * * backup\n", Ok(None)),
            ("", Ok(None)),
            ("BACKUP=backup\n", Ok(None)),
        ] {
            assert_eq!(found(text, Form::User), want, "{text}");
        }
        for text in ["0 2 * * * backup", "0 2 * * * backup\n0 3 * * * backup\n", "0 2 * *\n", "0 2 L * * backup\n"] {
            assert!(found(text, Form::User).is_err(), "{text}");
        }
    }
}
