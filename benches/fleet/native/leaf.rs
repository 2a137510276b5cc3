//! Leaves of facts: texts, digests, versions and times, read from the text of the document without copies.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// A text with at least one character.
pub struct Text<'a>(pub Cow<'a, str>);

/// A text that may be empty.
pub struct Free<'a>(pub Cow<'a, str>);

/// 64 hexadecimal digits.
#[derive(PartialEq, Eq, Clone, Copy)]
pub struct Sha<'a>(pub &'a str);

/// A version, which begins with a digit.
#[derive(PartialEq, Eq)]
pub struct Version<'a>(pub Cow<'a, str>);

/// A version, or nothing.
pub struct MaybeVersion<'a>(pub Cow<'a, str>);

/// The name of a step: lower case.
pub struct Step<'a>(pub Cow<'a, str>);

/// A time, RFC 3339 with `Z`.
#[derive(Clone, Copy)]
pub struct Time<'a> {
    /// Milliseconds since 1970.
    pub ms: i64,
    /// As it was written.
    pub text: &'a str,
}

/// A length of time.
pub struct Length {
    /// In milliseconds.
    pub ms: i64,
}

struct Borrowed;

impl<'de> Visitor<'de> for Borrowed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    deserializer.deserialize_str(Borrowed)
}

macro_rules! texts {
    ($($name:ident: $fits:expr),+ $(,)?) => {$(
        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let fits: fn(&str) -> bool = $fits;
                let text = text(deserializer)?;
                if fits(&text) { Ok(Self(text)) } else { Err(Error::custom("the text does not fit its pattern")) }
            }
        }
    )+};
}

texts! {
    Text: |text| !text.is_empty(),
    Free: |_| true,
    Version: is_version,
    MaybeVersion: |text| text.is_empty() || is_version(text),
    Step: |text| {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        text.len() <= 64 && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) && text.bytes().all(word)
    },
}

fn is_version(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'_' | b'-');
    text.len() <= 64 && text.bytes().next().is_some_and(|b| b.is_ascii_digit()) && text.bytes().all(word)
}

impl<'de: 'a, 'a> Deserialize<'de> for Sha<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match text(deserializer)? {
            Cow::Borrowed(text) if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => Ok(Self(text)),
            _ => Err(Error::custom("64 hexadecimal digits are wanted")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Time<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match text(deserializer)? {
            Cow::Borrowed(text) => millis(text).map(|ms| Self { ms, text }).ok_or_else(|| Error::custom("a time is wanted")),
            Cow::Owned(_) => Err(Error::custom("a time has no escapes")),
        }
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        golive::model::time::parse_duration(&text(deserializer)?)
            .map(|ms| Self { ms })
            .ok_or_else(|| Error::custom("a length of time is wanted"))
    }
}

/// `2026-11-23T15:00:00.123Z` as milliseconds since 1970.
fn millis(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (whole, rest) = bytes.split_at_checked(19)?;
    let number = |from: usize, to: usize| {
        let digits = whole.get(from..to)?;
        digits.iter().try_fold(0_i64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    };
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|(at, mark)| whole[*at] != *mark) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let fraction = match rest {
        b"Z" => 0,
        [b'.', digits @ .., b'Z'] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            (0..3).fold(0, |sum, at| sum * 10 + digits.get(at).map_or(0, |b| i64::from(b - b'0')))
        }
        _ => return None,
    };
    if year < 1970 || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59 || day < 1 || day > days_of(year, month) {
        return None;
    }
    Some(((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction)
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant's `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
