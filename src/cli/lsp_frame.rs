//! Messages of the language server's protocol on a stream: a header that says how long it is, and JSON.

use lsp_server::{ErrorCode, Message};
use serde_json::json;
use std::io::{self, BufRead, Read, Write};

/// A header line longer than this is none.
const HEADER: u64 = 4096;

/// A message longer than this is not read: it is longer than any file that golive reads, escaped.
const LONGEST: usize = 256 << 20;

/// What came in the place of a message.
#[derive(Debug)]
pub enum Fault {
    /// One message is none, and the next one begins where it should.
    Message(String),
    /// Nobody knows where the next message begins.
    Stream(String),
}

/// The messages of a stream.
pub struct Frames<R> {
    input: R,
}

impl<R: BufRead> Frames<R> {
    /// The messages of a stream.
    pub fn new(input: R) -> Self {
        Self { input }
    }

    /// The next one; none at the stream's end.
    pub fn next(&mut self) -> Option<Result<Message, Fault>> {
        match self.text() {
            Ok(None) => None,
            Ok(Some(text)) => Some(serde_json::from_slice(&text).map_err(|e| Fault::Message(format!("this is no message: {e}")))),
            Err(error) => Some(Err(Fault::Stream(format!("cannot read the next message: {error}")))),
        }
    }

    fn text(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = None;
        loop {
            let mut line = Vec::new();
            if self.input.by_ref().take(HEADER).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            let line = String::from_utf8_lossy(&line);
            let line = line.strip_suffix('\n').ok_or_else(|| invalid("a header line that does not end"))?;
            if line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| invalid("a header line without a colon"))?;
            if name.trim().eq_ignore_ascii_case("Content-Length") {
                length = value.trim().parse::<usize>().ok();
            }
        }
        let length = length.filter(|length| *length <= LONGEST).ok_or_else(|| invalid("a header without a length that can be"))?;
        let mut text = Vec::new();
        self.input.by_ref().take(length as u64).read_to_end(&mut text)?;
        if text.len() < length { Err(invalid("a message that ends too early")) } else { Ok(Some(text)) }
    }
}

fn invalid(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

/// Writes messages.
pub fn write(out: &mut impl Write, messages: &[Message]) -> io::Result<()> {
    messages.iter().try_for_each(|message| message.write(out))?;
    out.flush()
}

/// Tells that something was no message; whose answer it would be is not known.
pub fn write_fault(out: &mut impl Write, words: &str) -> io::Result<()> {
    let text = json!({"jsonrpc": "2.0", "id": null, "error": {"code": ErrorCode::ParseError as i32, "message": words}}).to_string();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<String, String>> {
        let mut frames = Frames::new(text.as_bytes());
        let mut out = Vec::new();
        while let Some(frame) = frames.next() {
            match frame {
                Ok(message) => out.push(Ok(serde_json::to_string(&message).unwrap_or_default())),
                Err(Fault::Message(words)) => out.push(Err(words)),
                Err(Fault::Stream(words)) => {
                    out.push(Err(words));
                    break;
                }
            }
        }
        out
    }

    #[test]
    fn a_message_that_is_none_costs_itself() {
        let exit = r#"{"jsonrpc":"2.0","method":"exit"}"#;
        let text = format!("Content-Length: 3\r\n\r\n{{]}}content-length:{}\r\nContent-Type: x\r\n\r\n{exit}", exit.len());
        let got = read(&text);
        assert!(got[0].as_ref().is_err_and(|words| words.starts_with("this is no message")), "{got:?}");
        assert_eq!(got[1..], [Ok(r#"{"method":"exit"}"#.to_owned())]);
    }

    #[test]
    fn a_stream_that_is_none_is_left() {
        for text in ["Content-Length: 99999999999\r\n\r\n{}", "nothing\r\n", "Content-Length: 9\r\n\r\n{}", "Content-Length: 2", "\r\n{}"] {
            assert!(matches!(&read(text)[..], [Err(words)] if words.starts_with("cannot read")), "{text}");
        }
        assert!(read("").is_empty());
    }
}
