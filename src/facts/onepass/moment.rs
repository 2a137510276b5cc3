//! Times such as `2026-11-23T12:00:00Z` read without detours.

/// Days before each month of a year that is no leap year.
const BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// How many bytes a time takes up in its plainest spelling.
const LENGTH: usize = 20;

/// Digits of a fraction that are looked at here.
const DIGITS: usize = 9;

/// The milliseconds since 1970 of the time that these bytes begin with, a quote behind it, and its length. None says
/// nothing: what is not plainly a time is for `Instant::parse`.
#[inline]
pub(super) fn plain_time(bytes: &[u8]) -> Option<(i64, usize)> {
    let b: &[u8; LENGTH + 1] = bytes.first_chunk()?;
    if (b[4], b[7], b[10], b[13], b[16]) != (b'-', b'-', b'T', b':', b':') {
        return None;
    }
    let (fraction, length) = if (b[19], b[20]) == (b'Z', b'"') { (0, LENGTH) } else { fraction(bytes.get(LENGTH - 1..)?)? };
    let mut digits = true;
    let mut two = |at: usize| {
        let (tens, ones) = (b[at].wrapping_sub(b'0'), b[at + 1].wrapping_sub(b'0'));
        digits &= tens < 10 && ones < 10;
        i64::from(tens) * 10 + i64::from(ones)
    };
    let (century, years, month, day) = (two(0), two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    let year = century * 100 + years;
    if !digits || year < 1970 || day == 0 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let index = usize::try_from(month).ok()?.checked_sub(1)?;
    let (before, next) = (BEFORE.get(index)?, BEFORE.get(index + 1)?);
    if day > next - before + i64::from(leap && month == 2) {
        return None;
    }
    let past = year - 1;
    // 719162 days lie between the first of January of the years 1 and 1970.
    let days = past * 365 + past / 4 - past / 100 + past / 400 - 719_162 + before + i64::from(leap && month > 2) + day - 1;
    Some((((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction, length))
}

/// The milliseconds of `.250Z"`, and the length of the time that ends with it.
fn fraction(bytes: &[u8]) -> Option<(i64, usize)> {
    let digits = bytes.strip_prefix(b".")?;
    let count = digits.iter().take(DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || !digits.get(count..)?.starts_with(b"Z\"") {
        return None;
    }
    let weighed = digits.iter().take(count).zip([100, 10, 1]).map(|(digit, weight)| i64::from(digit - b'0') * weight);
    Some((weighed.sum(), LENGTH + 1 + count))
}

/// Whether a time is plainly written as golive writes it: without a fraction, or with milliseconds that do not end in 0.
pub(super) fn is_one_spelling(time: &str) -> bool {
    let fraction = time.as_bytes().get(LENGTH - 1..).unwrap_or_default();
    match fraction {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => digits.len() <= 3 && digits.last().is_some_and(|digit| *digit != b'0'),
        _ => false,
    }
}
