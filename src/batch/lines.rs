//! Lines of any length, of which only those within a limit are held.

use std::io::{self, BufRead};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing more.
    End,
    /// A line, appended without its end.
    Line,
    /// A line beyond the limit; it was passed over.
    TooLong,
}

/// Appends the next line to `out` without its end (`\n` or `\r\n`). One that is longer than `limit` is read to its end and dropped.
///
/// # Errors
/// What the reader says.
pub fn next(from: &mut impl BufRead, out: &mut Vec<u8>, limit: usize) -> io::Result<Found> {
    let start = out.len();
    let (mut any, mut long) = (false, false);
    loop {
        let available = match from.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            break;
        }
        any = true;
        let end = memchr::memchr(b'\n', available);
        let part = &available[..end.unwrap_or(available.len())];
        // Room for a `\r` that belongs to the end of the line.
        if !long && out.len() - start + part.len() <= limit + 1 {
            out.extend_from_slice(part);
        } else if !long {
            long = true;
            out.truncate(start);
            out.shrink_to(start + (1 << 20));
        }
        let used = end.map_or(available.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            break;
        }
    }
    if !any {
        return Ok(Found::End);
    }
    if !long && out.len() > start && out.last() == Some(&b'\r') {
        out.pop();
    }
    if long || out.len() - start > limit {
        out.truncate(start);
        return Ok(Found::TooLong);
    }
    Ok(Found::Line)
}

#[cfg(test)]
mod tests {
    use super::{Found, next};

    #[test]
    fn lines_are_exact_and_long_ones_are_passed_over() {
        for capacity in [1, 2, 3, 7, 100] {
            let text = b"one\r\n\ntoo long a line\n12345\r\n123456\nlast";
            let mut from = std::io::BufReader::with_capacity(capacity, &text[..]);
            let mut got = Vec::new();
            loop {
                let mut out = b"x".to_vec();
                match next(&mut from, &mut out, 5).expect("memory can be read") {
                    Found::End => break,
                    Found::Line => got.push(String::from_utf8(out).expect("text")),
                    Found::TooLong => got.push("long".to_owned()),
                }
            }
            assert_eq!(got, ["xone", "x", "long", "x12345", "long", "xlast"], "capacity {capacity}");
        }
    }
}
