//! Times as the facts hold them: RFC 3339 with `Z`, and lengths in ISO 8601 days, hours, minutes, seconds.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A length of time or a point in it, in milliseconds.
pub type Millis = i64;

/// The one form of a time, before fraction and `Z`.
const FORM: &str = "0000-00-00T00:00:00";

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A point in time with its one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub ms: Millis,
}

impl Instant {
    /// Reads RFC 3339 that ends in `Z`, between the years 1970 and 9999; fractions of a millisecond are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = match text.strip_suffix('Z')?.split_once('.') {
            Some((whole, fraction)) => (whole, fraction),
            None => (text.strip_suffix('Z')?, "0"),
        };
        let fits = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
        let formed = whole.len() == FORM.len() && whole.bytes().zip(FORM.bytes()).all(fits);
        if !formed || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |range: std::ops::Range<usize>| whole[range].parse::<i64>().ok();
        let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
        let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        if year < 1970 || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let days = i64::from(date.since(EPOCH).ok()?.get_days());
        let millis = format!("{fraction:0<3}")[..3].parse::<i64>().ok()?;
        Some(Self { ms: ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millis })
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A Timestamp ends a day before the year 9999 does.
        match (Timestamp::from_millisecond(self.ms), EPOCH.at(0, 0, 0, 0).checked_add(SignedDuration::from_millis(self.ms))) {
            (Ok(t), _) => write!(f, "{t}"),
            (Err(_), Ok(t)) => write!(f, "{t}Z"),
            (Err(_), Err(_)) => write!(f, "{} ms", self.ms),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // One time has one spelling, so that what is written again is what was read.
        Self::parse(&text)
            .filter(|instant| instant.to_string() == text)
            .ok_or_else(|| D::Error::custom("no time such as 2026-11-23T12:00:00Z"))
    }
}

/// The times between which an answer does not change with the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first of them.
    pub since: Millis,
    /// The first one after them.
    pub until: Millis,
}

impl Window {
    /// All times.
    pub const ALWAYS: Self = Self { since: Millis::MIN, until: Millis::MAX };

    /// One time alone.
    pub fn at(now: Instant) -> Self {
        Self { since: now.ms, until: now.ms.saturating_add(1) }
    }

    /// Something turns at this time: `now` is on the one side of it or the other.
    pub fn turn(&mut self, now: Instant, at: Millis) {
        if at <= now.ms {
            self.since = self.since.max(at);
        } else {
            self.until = self.until.min(at);
        }
    }

    /// The times that are in both.
    pub fn meet(&mut self, other: Self) {
        self.since = self.since.max(other.since);
        self.until = self.until.min(other.until);
    }

    /// Whether a time is in it.
    pub fn holds(self, now: Instant) -> bool {
        self.since <= now.ms && now.ms < self.until
    }
}

/// Reads an ISO 8601 length of days, hours, minutes and whole seconds, such as `P1DT2H` or `PT5M`, as milliseconds.
pub fn parse_duration(text: &str) -> Option<Millis> {
    let mut rest = text.strip_prefix('P')?;
    let mut total: Millis = 0;
    let mut units: &[(char, Millis)] = &[('D', 86_400_000)];
    let mut parts = 0;
    let mut in_time = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if in_time || after.is_empty() {
                return None;
            }
            in_time = true;
            rest = after;
            units = &[('H', 3_600_000), ('M', 60_000), ('S', 1000)];
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|n| (1..=9).contains(n))?;
        let unit = rest[digits..].chars().next()?;
        let index = units.iter().position(|(name, _)| *name == unit)?;
        let amount: Millis = rest[..digits].parse().ok()?;
        total = total.checked_add(amount.checked_mul(units[index].1)?)?;
        units = &units[index + 1..];
        rest = &rest[digits + 1..];
        parts += 1;
    }
    (parts > 0).then_some(total)
}

/// A length for people: its two largest units, such as `3 d 4 h`.
pub fn say_duration(ms: Millis) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let mut rest = ms.unsigned_abs();
    let mut words = Vec::new();
    for (name, size) in [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)] {
        if rest >= size && words.len() < 2 && (words.is_empty() || name != "ms") {
            words.push(format!("{} {name}", rest / size));
        }
        rest %= size;
    }
    if words.is_empty() { "0 s".to_owned() } else { format!("{sign}{}", words.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_one_reading() {
        for (text, want) in [
            ("PT5M", Some(300_000)),
            ("P1DT2H", Some(93_600_000)),
            ("PT0S", Some(0)),
            ("P", None),
            ("PT", None),
            ("P1DT", None),
            ("PT1M2H", None),
            ("P1Y", None),
            ("PT1.5S", None),
            ("-PT1S", None),
            ("PT1S ", None),
            ("P1DP1D", None),
            ("PT99999999999S", None),
        ] {
            assert_eq!(parse_duration(text), want, "{text}");
        }
    }

    #[test]
    fn instants_are_utc_and_real() {
        for (text, want) in [
            ("2026-11-23T12:00:00Z", Some(1_795_435_200_000)),
            ("2026-11-23T12:00:00.250Z", Some(1_795_435_200_250)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799_000)),
            ("2026-11-23T142629.493Z", None),
            ("2026-11-23T14:26:29,5Z", None),
            ("2026-11-23T14:26:29.Z", None),
            ("2026-02-30T00:00:00Z", None),
            ("2026-11-23T24:00:00Z", None),
            ("2026-11-23T12:00:60Z", None),
            ("2026-11-23T12:00:00", None),
            ("2026-11-23T12:00:00+00:00", None),
            ("2026-11-23 12:00:00Z", None),
            ("2026-11-23", None),
            ("yesterday", None),
            ("1969-12-31T23:59:59Z", None),
        ] {
            assert_eq!(Instant::parse(text).map(|i| i.ms), want, "{text}");
        }
    }

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in
            ["1970-01-01T00:00:00Z", "2026-11-23T12:00:00.25Z", "9999-12-30T22:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z"]
        {
            assert_eq!(Instant::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn lengths_read_aloud() {
        assert_eq!(say_duration(93_600_000), "1 d 2 h");
        assert_eq!(say_duration(0), "0 s");
        assert_eq!(say_duration(-61_000), "-1 min 1 s");
        assert_eq!(say_duration(300), "300 ms");
    }
}
