//! What supervisor and worker write to each other: lines that begin with a letter.
//!
//! A worker that somebody else starts reads and writes plain JSON lines. Between supervisor and worker each line says what
//! it is, because a line of an input may hold anything.

use super::line::Line;
use crate::text::json_string;

/// One line from the supervisor.
#[derive(Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// A file to read and judge: the bytes of its path.
    File(Vec<u8>),
    /// The name and the number of the next line.
    From(String, u64),
    /// A line to judge.
    Line(&'a [u8]),
}

/// One line from a worker.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// It is ready to work.
    Ready,
    /// It cannot work, in words.
    Unable(String),
    /// What comes next: a control, `read`, `exceptions` or `gate`.
    Next(String),
    /// A control that is beyond its time limit and does not end.
    Hangs(String),
    /// The marks and the text of a verdict line.
    Verdict(&'a [u8], &'a [u8]),
    /// Nothing that a worker says.
    Nonsense,
}

/// Writes a request for a file.
pub fn file(path: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(path) {
        Ok(path) => {
            out.push(b'f');
            let mut text = String::with_capacity(path.len() + 2);
            json_string(path, &mut text);
            out.extend_from_slice(text.as_bytes());
        }
        Err(_) => {
            out.push(b'x');
            out.extend(path.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
        }
    }
    out.push(b'\n');
}

/// Writes where the next lines come from.
pub fn from(name: &str, number: u64, out: &mut Vec<u8>) {
    let mut text = format!("s{number} ");
    json_string(name, &mut text);
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// What a line of a request begins with; the line and `\n` follow.
pub const LINE: u8 = b'l';

/// Reads a request.
pub fn request(line: &[u8]) -> Option<Request<'_>> {
    let (tag, rest) = line.split_first()?;
    match tag {
        b'f' => Some(Request::File(serde_json::from_slice::<String>(rest).ok()?.into_bytes())),
        b'x' => {
            let digits = std::str::from_utf8(rest).ok()?;
            let bytes = (0..digits.len() / 2).map(|i| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok());
            Some(Request::File(bytes.collect::<Option<_>>()?))
        }
        b's' => {
            let (number, name) = std::str::from_utf8(rest).ok()?.split_once(' ')?;
            Some(Request::From(serde_json::from_str(name).ok()?, number.parse().ok()?))
        }
        &LINE => Some(Request::Line(rest)),
        _ => None,
    }
}

/// Writes an answer.
pub fn verdict(line: &Line, out: &mut Vec<u8>) {
    out.push(b'=');
    line.marks.write(out);
    out.push(b'\t');
    out.extend_from_slice(line.text.as_bytes());
    out.push(b'\n');
}

/// Writes that the worker is ready, or the words that say why not.
pub fn ready(unable: Option<&str>, out: &mut Vec<u8>) {
    match unable {
        None => out.extend_from_slice(b"!\n"),
        Some(words) => out.extend_from_slice(format!("!{}\n", crate::text::visible(words)).as_bytes()),
    }
}

/// Writes what comes next.
pub fn announce(stage: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("@{stage}\n").as_bytes());
}

/// Writes which control hangs.
pub fn hangs(control: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("?{control}\n").as_bytes());
}

/// Reads an answer.
pub fn answer(line: &[u8]) -> Answer<'_> {
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match line.split_first() {
        Some((b'!', b"")) => Answer::Ready,
        Some((b'!', rest)) => Answer::Unable(words(rest)),
        Some((b'@', rest)) => Answer::Next(words(rest)),
        Some((b'?', rest)) => Answer::Hangs(words(rest)),
        Some((b'=', rest)) => match memchr::memchr(b'\t', rest) {
            Some(at) => Answer::Verdict(&rest[..at], &rest[at + 1..]),
            None => Answer::Nonsense,
        },
        _ => Answer::Nonsense,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for path in [&b"a.json"[..], b"a\nb\t\"\\.json", b"\xff\x1b.json", "Zürich/ä.json".as_bytes(), b""] {
            let mut out = Vec::new();
            file(path, &mut out);
            assert_eq!(memchr::memchr_iter(b'\n', &out).count(), 1);
            assert_eq!(request(&out[..out.len() - 1]), Some(Request::File(path.to_vec())));
        }
        let mut out = Vec::new();
        from("a b\n\u{2028}", 17, &mut out);
        assert_eq!(request(&out[..out.len() - 1]), Some(Request::From("a b\n\u{2028}".to_owned(), 17)));
        assert_eq!(request(b"lf\"x\""), Some(Request::Line(b"f\"x\"")));
        assert_eq!(request(b"?"), None);
    }
}
