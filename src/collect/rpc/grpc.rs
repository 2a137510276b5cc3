//! gRPC over HTTP/2: an empty message is sent, the status is read from headers and trailers.

use super::stream::Target;
use ::http::{HeaderMap, HeaderValue, Request};
use bytes::Bytes;

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub http: u16,
    /// The gRPC status, where the answer is one of gRPC with exactly one.
    pub status: Option<u32>,
    /// What the other side says about it, percent-encoded as it came.
    pub message: String,
    /// The message that was answered, without its frame; empty where there is none.
    pub body: Vec<u8>,
}

/// No answer to a request without content is larger.
const MOST_BYTES: usize = 4 << 20;

pub(super) async fn call(target: &Target, path: &str, authorization: Option<&HeaderValue>) -> Result<Reply, String> {
    let uri = format!("http://{}{path}", target.authority());
    let mut request = Request::post(uri).header("content-type", "application/grpc").header("te", "trailers");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let request = request.body(()).map_err(|_| "its name or path is not one of a request".to_owned())?;
    let stream = target.connect(&[b"h2"]).await?;
    let (send, connection) = h2::client::handshake(stream).await.map_err(|e| failed(&e))?;
    // What the connection had received before it ended still counts, so its own end is not looked at.
    tokio::spawn(connection);
    let mut send = send.ready().await.map_err(|e| failed(&e))?;
    let (response, mut body) = send.send_request(request, false).map_err(|e| failed(&e))?;
    // An answer may come before the message is sent, and the stream be closed for it then: that is no failure.
    let _ = body.send_data(Bytes::from_static(&[0; 5]), true);
    read(response).await
}

async fn read(response: h2::client::ResponseFuture) -> Result<Reply, String> {
    let response = response.await.map_err(|e| failed(&e))?;
    let (head, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    let mut trailers = None;
    // Headers that end the stream are the whole answer, whatever is reset behind them.
    if !body.is_end_stream() {
        while let Some(chunk) = body.data().await {
            let chunk = chunk.map_err(|e| failed(&e))?;
            let _ = body.flow_control().release_capacity(chunk.len());
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(format!("it answered more than {MOST_BYTES} bytes"));
            }
            bytes.extend_from_slice(&chunk);
        }
        trailers = body.trailers().await.map_err(|e| failed(&e))?;
    }
    let is_grpc = head.headers.get("content-type").is_some_and(|v| v.as_bytes().starts_with(b"application/grpc"));
    let places = [Some(&head.headers), trailers.as_ref()];
    let said = |name: &str| {
        places.into_iter().flatten().flat_map(move |map: &HeaderMap| map.get_all(name).iter().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let status = match said("grpc-status")[..] {
        [status] if is_grpc && head.status == 200 => status.to_str().ok().and_then(|s| s.parse().ok()),
        _ => None,
    };
    let message = said("grpc-message").first().map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned()).unwrap_or_default();
    Ok(Reply { http: head.status.as_u16(), status, message, body: unframed(&bytes).unwrap_or_default() })
}

/// The content of one uncompressed message.
fn unframed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (head, rest) = bytes.split_at_checked(5)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    (head[0] == 0 && usize::try_from(length).is_ok_and(|l| l == rest.len())).then(|| rest.to_vec())
}

fn failed(error: &h2::Error) -> String {
    match error.reason() {
        Some(reason) if error.is_go_away() => format!("the connection was ended without an answer: {reason:?}"),
        Some(reason) if error.is_reset() => format!("the request was reset without an answer: {reason:?}"),
        _ => "it does not speak HTTP/2, or broke off".to_owned(),
    }
}

/// The text in a field of a protobuf message. None where it is not there exactly once, or the message is not whole.
pub fn field(message: &[u8], number: u64) -> Option<String> {
    let mut rest = message;
    let mut found = None;
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        match key & 7 {
            0 => drop(varint(&mut rest)?),
            1 => rest = rest.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                let (value, after) = rest.split_at_checked(length)?;
                rest = after;
                if key >> 3 == number && found.replace(std::str::from_utf8(value).ok()?.to_owned()).is_some() {
                    return None;
                }
            }
            5 => rest = rest.get(4..)?,
            _ => return None,
        }
    }
    found
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_only_from_a_whole_message() {
        let hello = b"\x0a\x050.1.1\x12\x03abc\x18\x96\x01";
        assert_eq!(field(hello, 1).as_deref(), Some("0.1.1"));
        assert_eq!(field(hello, 2).as_deref(), Some("abc"));
        for (broken, number) in
            [(&hello[..4], 1), (&hello[..], 3), (b"\x0a\x01a\x0a\x01b", 1), (b"\x0a\xff", 1), (b"", 1), (b"\x0b", 1), (b"\x0a\x01\xff", 1)]
        {
            assert_eq!(field(broken, number), None, "{broken:?}");
        }
        assert_eq!(unframed(b"\0\0\0\0\x01a"), Some(b"a".to_vec()));
        for broken in [&b"\x01\0\0\0\x01a"[..], b"\0\0\0\0\x02a", b"\0\0", b"\0\0\0\0\x01ab"] {
            assert_eq!(unframed(broken), None);
        }
    }
}
