//! systemd timers, by what `systemctl show` and `systemd-analyze calendar` print. The syntax of calendars is systemd's to read.

use super::{Run, Schedule, Seen};
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::programs::{Command, Output};
use crate::model::Instant;
use crate::text::visible;
use jiff::SpanRelativeTo;
use jiff::fmt::friendly::SpanParser;
use std::collections::BTreeMap;
use std::time::Duration;

const TIMER: &str = "Id,LoadState,UnitFileState,ActiveState,Unit,TimersCalendar,TimersMonotonic,RandomizedDelayUSec,FixedRandomDelay";
const SERVICE: &str = "Id,LoadState,ActiveState,Result,ExecMainCode,ExecMainStatus,ExecMainStartTimestamp,ExecMainExitTimestamp";

/// What `systemctl show` printed: a list can come several times, everything else once.
struct Unit(BTreeMap<String, Vec<String>>);

impl Unit {
    fn show(unit: &str, properties: &str, at: &Context, seen: &mut Seen) -> Result<Self, Absent> {
        let output = run(&["systemctl", "show", unit, "--timestamp=us+utc", "-p", properties], at, seen)?;
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in output.text()?.lines().filter(|line| !line.is_empty()) {
            let Some((key, value)) = line.split_once('=').filter(|(key, _)| properties.split(',').any(|p| p == *key)) else {
                return Err(Absent::new(format!("`{}` printed what was not asked for: {}", output.line(), visible(line))));
            };
            out.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        let shown = Self(out);
        let id = shown.one("Id")?;
        if id != unit {
            return Err(Absent::new(format!("systemctl showed {} where {} was asked for", visible(id), visible(unit))));
        }
        Ok(shown)
    }

    fn one(&self, key: &str) -> Result<&str, Absent> {
        match self.0.get(key).map(Vec::as_slice) {
            Some([one]) => Ok(one),
            Some(_) => Err(Absent::new(format!("systemctl printed {key} more than once"))),
            None => Err(Absent::new(format!("systemctl did not print {key}"))),
        }
    }

    /// Whether it does its work now, and again after the machine was started anew.
    fn enabled(&self) -> Result<&'static str, Absent> {
        Ok(match (self.one("UnitFileState")?, self.one("ActiveState")?) {
            ("enabled", "active") => "yes",
            // What was enabled until the next start of the machine only, or is off now, waits for a person.
            ("enabled-runtime" | "disabled" | "masked" | "masked-runtime", _) | ("enabled", "inactive" | "failed") => "no",
            _ => "unknown",
        })
    }

    fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.get(key).into_iter().flatten().map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn run(argv: &[&str], at: &Context, seen: &mut Seen) -> Result<Output, Absent> {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    let output = at.run(&Command { argv, cwd: None, limit: Duration::from_secs(60) })?;
    seen.since = Some(seen.since.map_or(output.started_at, |since| since.min(output.started_at)));
    if output.code() != Some(0) {
        let said: String = String::from_utf8_lossy(&output.stderr).chars().take(200).collect();
        let help = "systemd 248 or newer must run on this machine; otherwise use `crontab` or `collector = \"json\"`";
        return Err(Absent::new(format!("`{}` failed: {}", output.line(), visible(said.trim()))).help(help));
    }
    seen.exhibits
        .push(at.exhibit(&format!("{}.json", output.argv[..2.min(output.argv.len())].join("-")), format!("{:#}\n", output.exhibit())));
    Ok(output)
}

/// A timer and the service that it starts; no schedule where systemd does not have it, or never starts it.
///
/// # Errors
/// systemd does not answer, or it says what cannot be read with certainty.
pub fn timer(name: &str, at: &Context, seen: &mut Seen) -> Result<Option<(Schedule, String)>, Absent> {
    if !name.ends_with(".timer") || name.starts_with('-') {
        return Err(Absent::new(format!("{} is no name of a timer", visible(name))).help("timer = \"backup.timer\""));
    }
    let unit = Unit::show(name, TIMER, at, seen)?;
    match unit.one("LoadState")? {
        "loaded" => {}
        "not-found" | "masked" => return Ok(None),
        other => return Err(Absent::new(format!("systemd could not load {}: {}", visible(name), visible(other)))),
    }
    let enabled = unit.enabled()?;
    let interval_ms = interval(name, &unit, at, seen)?;
    let schedule = Schedule { kind: "systemd_timer", name: name.to_owned(), enabled, interval_ms };
    Ok(Some((schedule, unit.one("Unit")?.to_owned())))
}

/// Whether a service such as cron runs, and will run again: `yes`, `no`, `unknown`.
///
/// # Errors
/// systemd does not answer.
pub fn enabled(service: &str, at: &Context, seen: &mut Seen) -> Result<&'static str, Absent> {
    let unit = Unit::show(service, "Id,LoadState,UnitFileState,ActiveState", at, seen)?;
    if unit.one("LoadState")? == "loaded" { unit.enabled() } else { Ok("no") }
}

/// The shortest of what each of its lines allows: together they run at least that often.
fn interval(name: &str, unit: &Unit, at: &Context, seen: &mut Seen) -> Result<i64, Absent> {
    let mut gaps = Vec::new();
    for line in unit.list("TimersCalendar") {
        let expression = first_of(line, "OnCalendar").ok_or_else(|| unread("TimersCalendar", line))?;
        gaps.push(longest_gap(expression, at, seen)?);
    }
    for line in unit.list("TimersMonotonic") {
        // Only a time since the last start repeats with a known period: since its end, the run itself adds to it.
        if let Some(span) = first_of(line, "OnUnitActiveUSec") {
            gaps.push(milliseconds(span).ok_or_else(|| unread("TimersMonotonic", line))?);
        }
    }
    let delay = unit.one("RandomizedDelayUSec")?;
    let delay = milliseconds(delay).ok_or_else(|| unread("RandomizedDelayUSec", delay))?;
    let delay = if unit.one("FixedRandomDelay")? == "yes" { 0 } else { delay };
    match gaps.into_iter().min() {
        Some(gap) => Ok(gap.saturating_add(delay)),
        None => Err(Absent::new(format!("{} has neither OnCalendar= nor OnUnitActiveSec=: how often it runs is not known", visible(name)))),
    }
}

fn unread(key: &str, value: &str) -> Absent {
    Absent::new(format!("systemctl printed a {key} that cannot be read: {}", visible(value)))
}

/// `{ OnCalendar=*-*-* 02:00:00 ; next_elapse=… }`
fn first_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let inner = line.strip_prefix("{ ")?.strip_suffix(" }")?;
    let (first, _) = inner.split_once(" ; ")?;
    first.strip_prefix(key)?.strip_prefix('=')
}

/// A length as systemd prints it, such as `1h 30min` or `0`.
fn milliseconds(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let span = SpanParser::new().parse_span(text).ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(length.as_millis()).ok().filter(|ms| *ms > 0)
}

/// So many runs are asked for, and if they do not reach far enough, so many.
const FEW: &str = "--iterations=64";
const MANY: &str = "--iterations=4000";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The longest time between two runs of a calendar expression.
fn longest_gap(expression: &str, at: &Context, seen: &mut Seen) -> Result<i64, Absent> {
    // Within this time the pattern repeats, as far as its longest gap goes: each day, each week, each leap year.
    let wanted = match expression.split_once(' ').map_or(expression, |(first, _)| first) {
        "*-*-*" => 2 * DAY,
        first if first.starts_with(|c: char| c.is_ascii_alphabetic()) && expression.split(' ').nth(1) == Some("*-*-*") => 9 * DAY,
        _ => 1500 * DAY,
    };
    for iterations in [FEW, MANY] {
        let output = run(&["systemd-analyze", "calendar", iterations, expression], at, seen)?;
        let runs = runs(output.text()?).ok_or_else(|| Absent::new(format!("`{}` printed what cannot be read", output.line())))?;
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else { break };
        if last.ms - first.ms >= wanted {
            // Where the machine's zone is another, each time is printed twice. There, once a year, one hour comes on top.
            let zone = expression.rsplit(' ').next().is_some_and(|word| word != "UTC" && word.contains(|c: char| c.is_ascii_alphabetic()));
            let change = if zone || output.text()?.contains("(in UTC): ") { HOUR } else { 0 };
            return Ok(runs.windows(2).map(|pair| pair[1].ms - pair[0].ms).max().map_or(i64::MAX, |gap| gap + change));
        }
    }
    Err(Absent::new(format!("how often OnCalendar={} runs is not known: its runs do not show its pattern", visible(expression))))
}

/// The runs in the output of `systemd-analyze calendar`, in order.
fn runs(text: &str) -> Option<Vec<Instant>> {
    let mut out: Vec<Option<Instant>> = Vec::new();
    for line in text.lines() {
        let Some((label, value)) = line.split_once(": ") else { continue };
        match label.trim() {
            "Next elapse" => out.push(time(value)),
            label if label.starts_with("Iter. #") => out.push(time(value)),
            // Where the machine's zone is another, the line before had local time.
            "(in UTC)" => *out.last_mut()? = time(value),
            _ => {}
        }
    }
    let runs: Option<Vec<Instant>> = out.into_iter().collect();
    runs.filter(|runs| runs.windows(2).all(|pair| pair[0] < pair[1]))
}

/// `Mon 2026-11-23 14:26:29.497123 UTC`, or seconds as `@1795443989`.
fn time(text: &str) -> Option<Instant> {
    if let Some(seconds) = text.strip_prefix('@') {
        let plain = !seconds.is_empty() && seconds.len() <= 11 && seconds.bytes().all(|b| b.is_ascii_digit());
        let ms = if plain { seconds.parse::<i64>().ok()? * 1000 } else { return None };
        return Some(Instant { ms });
    }
    let mut words = text.split(' ');
    let (weekday, date, clock, zone) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&weekday);
    if !day || zone != "UTC" || words.next().is_some() {
        return None;
    }
    Instant::parse(&format!("{date}T{clock}Z"))
}

/// What systemd knows of the last run of a service; `None` where it never ran.
///
/// # Errors
/// systemd does not answer or does not know the service, or its first run has not ended.
pub fn last_run(service: &str, at: &Context, seen: &mut Seen) -> Result<Option<Run>, Absent> {
    let unit = Unit::show(service, SERVICE, at, seen)?;
    if unit.one("LoadState")? != "loaded" {
        return Err(Absent::new(format!("systemd has no service {}", visible(service))));
    }
    let moment = |key: &str| match unit.one(key)? {
        "" | "n/a" | "0" => Ok(None),
        text => time(text).map(Some).ok_or_else(|| unread(key, text)),
    };
    let (started, ended) = (moment("ExecMainStartTimestamp")?, moment("ExecMainExitTimestamp")?);
    let (started_at, finished_at) = match (started, ended) {
        (None, None) => return Ok(None),
        (Some(started), Some(ended)) => (started, ended),
        _ => return Err(Absent::new(format!("the first run of {} since the machine started has not ended", visible(service)))),
    };
    let exited = (unit.one("Result")?, unit.one("ExecMainCode")?, unit.one("ExecMainStatus")?, unit.one("ActiveState")?);
    let result = match exited {
        // It runs again now: what it says of itself is about that run.
        _ if started_at > finished_at => "unknown",
        ("success", "1", "0", "inactive") => "succeeded",
        ("success", ..) => "unknown",
        _ => "failed",
    };
    Ok(Some(Run { started_at: started_at.min(finished_at), finished_at, result, artifact_id: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_lengths_of_systemd() {
        for (text, want) in [
            ("Mon 2026-11-23 14:26:29.497123 UTC", Some(1_795_443_989_497)),
            ("Mon 2026-11-23 14:26:29 UTC", Some(1_795_443_989_000)),
            ("@1795443989", Some(1_795_443_989_000)),
            ("Mon 2026-11-23 14:26:29 CET", None),
            ("2026-11-23 14:26:29 UTC", None),
            ("@-1", None),
            ("n/a", None),
        ] {
            assert_eq!(time(text).map(|t| t.ms), want, "{text}");
        }
        for (text, want) in [
            ("1h 30min", Some(5_400_000)),
            ("1w 1d", Some(8 * DAY)),
            ("5min", Some(300_000)),
            ("0", Some(0)),
            ("infinity", None),
            ("1month", None),
            ("-1h", None),
            ("", None),
        ] {
            assert_eq!(milliseconds(text), want, "{text}");
        }
    }
}
