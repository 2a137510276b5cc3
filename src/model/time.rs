//! Times as the facts hold them: RFC 3339 with `Z`, and lengths in ISO 8601 days, hours, minutes, seconds.

use jiff::Timestamp;
use std::fmt;

/// A length of time or a point in it, in milliseconds.
pub type Millis = i64;

/// A point in time with its one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub ms: Millis,
}

impl Instant {
    /// Reads RFC 3339 that ends in `Z`, between the years 1970 and 9999; fractions of a millisecond are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() >= 20 && text.is_ascii() && text.ends_with('Z') && text.as_bytes()[10] == b'T';
        if !shape || &text[17..19] > "59" || text[11..13].parse::<u8>().is_ok_and(|hour| hour > 23) {
            return None;
        }
        let ms = text.parse::<Timestamp>().ok()?.as_millisecond();
        (ms >= 0).then_some(Self { ms })
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.ms) {
            Ok(t) => write!(f, "{t}"),
            Err(_) => write!(f, "{} ms", self.ms),
        }
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
    fn lengths_read_aloud() {
        assert_eq!(say_duration(93_600_000), "1 d 2 h");
        assert_eq!(say_duration(0), "0 s");
        assert_eq!(say_duration(-61_000), "-1 min 1 s");
        assert_eq!(say_duration(300), "300 ms");
    }
}
