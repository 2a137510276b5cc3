//! The DSSE envelope: bytes, what kind of bytes they are, and signatures over both.

use super::keys::{SigningKey, VerifyingKey};
use crate::text::{self, Document, Limits, Problem, Source, read_json, visible};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Each is tried with each trusted key.
const MOST_SIGNATURES: usize = 16;

/// Signed bytes. What is read here is not trusted yet: [`super::Trust::accept`] says whose signatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What kind of bytes.
    pub payload_type: String,
    /// The bytes.
    pub payload: Vec<u8>,
    /// The signatures; maybe none.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Which key it claims to be of: a word for people, nothing hangs on it.
    pub keyid: String,
    /// Its bytes.
    pub sig: Vec<u8>,
}

impl Envelope {
    /// An envelope that nobody has signed.
    pub fn new(payload_type: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        Self { payload_type: payload_type.into(), payload: payload.into(), signatures: Vec::new() }
    }

    /// Reads one JSON document; an envelope that is read is one whose every byte has one meaning.
    ///
    /// # Errors
    /// No strict JSON, another key, a missing one, base64 that is not the canonical one, too many signatures.
    pub fn read(source: Arc<Source>) -> Result<Self, Problem> {
        let document = read_json(source, &Limits::default())?;
        let whole = Part { document: &document, pointer: String::new() };
        let members = whole.closed(&["payload", "payloadType", "signatures"], &[])?;
        let part = |key: &str| Part { document: &document, pointer: format!("/{key}") };
        let Some(Value::Array(signatures)) = members.get("signatures") else {
            return Err(part("signatures").refuse("a list of signatures is wanted"));
        };
        if signatures.len() > MOST_SIGNATURES {
            let message = format!("{} signatures, at most {MOST_SIGNATURES} are read", signatures.len());
            return Err(part("signatures").refuse(&message));
        }
        let read = |index: usize| Part { document: &document, pointer: format!("/signatures/{index}") }.signature();
        Ok(Self {
            payload_type: part("payloadType").text()?,
            payload: part("payload").base64()?,
            signatures: (0..signatures.len()).map(read).collect::<Result<_, _>>()?,
        })
    }

    /// The envelope as one JSON document: the same bytes for the same envelope, with a line break at the end.
    pub fn write(&self) -> String {
        let mut out = String::from("{\"payload\":\"");
        STANDARD.encode_string(&self.payload, &mut out);
        out.push_str("\",\"payloadType\":");
        text::json_string(&self.payload_type, &mut out);
        out.push_str(",\"signatures\":[");
        for (index, signature) in self.signatures.iter().enumerate() {
            out.push_str(if index == 0 { "{\"keyid\":" } else { ",{\"keyid\":" });
            text::json_string(&signature.keyid, &mut out);
            out.push_str(",\"sig\":\"");
            STANDARD.encode_string(&signature.sig, &mut out);
            out.push_str("\"}");
        }
        out.push_str("]}\n");
        out
    }

    /// The bytes that are signed (PAE): type and payload, each with its length before it.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let kind = &self.payload_type;
        let mut out = format!("DSSEv1 {} {kind} {} ", kind.len(), self.payload.len()).into_bytes();
        out.extend_from_slice(&self.payload);
        out
    }

    /// Adds the signature of a key, unless its signature is there already.
    pub fn sign(&mut self, key: &SigningKey) {
        let bytes = self.signed_bytes();
        if !self.signatures.iter().any(|s| key.public().verifies(&bytes, &s.sig)) {
            self.signatures.push(Signature { keyid: key.public().id().to_owned(), sig: key.sign(&bytes).to_vec() });
        }
    }

    /// Which of these keys signed it: every key is tried with every signature, whatever the signature says of itself.
    pub fn signed_by<'k>(&self, keys: &[&'k VerifyingKey]) -> Vec<&'k VerifyingKey> {
        let bytes = self.signed_bytes();
        let mut out: Vec<&VerifyingKey> = Vec::new();
        for key in keys {
            if !out.contains(key) && self.signatures.iter().any(|s| key.verifies(&bytes, &s.sig)) {
                out.push(key);
            }
        }
        out
    }
}

/// One value of the document.
struct Part<'d> {
    document: &'d Document,
    pointer: String,
}

impl<'d> Part<'d> {
    fn value(&self) -> &'d Value {
        self.document.value.pointer(&self.pointer).unwrap_or(&Value::Null)
    }

    fn refuse(&self, message: &str) -> Problem {
        let place = self.document.locate(&self.pointer).value;
        let message = format!("{}: {message}", if self.pointer.is_empty() { "the envelope" } else { &self.pointer });
        Problem::new("golive::record::envelope", message).at(&self.document.source, place.start..place.start + 1, "here")
    }

    /// The members of an object that has these keys, maybe those, and no others.
    fn closed(&self, wanted: &[&str], optional: &[&str]) -> Result<&'d Map<String, Value>, Problem> {
        let Value::Object(members) = self.value() else { return Err(self.refuse("an object is wanted")) };
        if let Some(key) = members.keys().find(|key| !wanted.contains(&key.as_str()) && !optional.contains(&key.as_str())) {
            return Err(self.refuse(&format!("unknown key `{}`", visible(key))));
        }
        match wanted.iter().find(|key| !members.contains_key(**key)) {
            Some(key) => Err(self.refuse(&format!("`{key}` is missing"))),
            None => Ok(members),
        }
    }

    fn text(&self) -> Result<String, Problem> {
        self.value().as_str().map(str::to_owned).ok_or_else(|| self.refuse("a text is wanted"))
    }

    fn base64(&self) -> Result<Vec<u8>, Problem> {
        let text = self.value().as_str().ok_or_else(|| self.refuse("a text is wanted"))?;
        // The engine refuses other alphabets, missing padding and trailing bits.
        STANDARD.decode(text).map_err(|_| self.refuse("it is no canonical base64 (the standard alphabet, padded)"))
    }

    fn signature(&self) -> Result<Signature, Problem> {
        let members = self.closed(&["sig"], &["keyid"])?;
        let part = |key: &str| Part { document: self.document, pointer: format!("{}/{key}", self.pointer) };
        let keyid = if members.contains_key("keyid") { part("keyid").text()? } else { String::new() };
        Ok(Signature { keyid, sig: part("sig").base64()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Envelope, Problem> {
        Envelope::read(Arc::new(Source::new("envelope.json", text)))
    }

    fn signed(seed: u8) -> Envelope {
        let mut envelope = Envelope::new("text/plain", *b"hello");
        envelope.sign(&SigningKey::from_seed(&[seed; 32]));
        envelope
    }

    #[test]
    fn the_vector_of_the_specification() {
        let envelope = Envelope::new("http://example.com/HelloWorld", *b"hello world");
        assert_eq!(envelope.signed_bytes(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(Envelope::new("\u{e9}", [0, 255]).signed_bytes(), b"DSSEv1 2 \xc3\xa9 2 \x00\xff", "lengths are bytes");
    }

    #[test]
    fn what_is_written_is_read() {
        for envelope in [Envelope::new("", *b""), signed(1), Envelope::new("a\"\u{202e}", [0, 1, 2, 255])] {
            let text = envelope.write();
            assert_eq!(read(&text).unwrap(), envelope);
            assert_eq!(text.matches('\n').count(), 1);
            assert!(text.ends_with("}\n"));
        }
    }

    #[test]
    fn one_reading_or_none() {
        let good = signed(1).write();
        let edit = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            good.replacen(from, to, 1)
        };
        for (text, words) in [
            (edit("{\"payload\"", "{\"payload\":\"\",\"payload\""), "duplicate key"),
            (edit("{\"payload\"", "{\"summary\":1,\"payload\""), "unknown key `summary`"),
            (edit("\"keyid\"", "\"keyId\""), "unknown key `keyId`"),
            (edit("\"keyid\"", "\"sig\":\"\",\"keyid\""), "duplicate key"),
            (edit("aGVsbG8=", "aGVsbG8"), "canonical"),
            (edit("aGVsbG8=", "aGVsbG9="), "canonical"),
            (edit("aGVsbG8=", "aGVs bG8="), "canonical"),
            (edit("aGVsbG8=", "aGVs_G8="), "canonical"),
            (edit("aGVsbG8=", "aGVs\\nbG8="), "canonical"),
            (edit("\"aGVsbG8=\"", "null"), "/payload: a text is wanted"),
            (edit("\"text/plain\"", "1"), "/payloadType: a text is wanted"),
            (good.replace("\"sig\"", "\"gis\""), "unknown key"),
            (format!("{good}{good}"), "trailing text"),
            ("{}".to_owned(), "is missing"),
            ("[]".to_owned(), "an object is wanted"),
            ("{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":{}}".to_owned(), "a list of signatures"),
            ("{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[1]}".to_owned(), "an object is wanted"),
            ("{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[{}]}".to_owned(), "`sig` is missing"),
        ] {
            let problem = read(&text).expect_err(words);
            assert!(problem.message.contains(words), "{text}: {}", problem.message);
        }
        let many = format!("{{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[{}]}}", vec!["{\"sig\":\"\"}"; 17].join(","));
        assert!(read(&many).unwrap_err().message.contains("17 signatures"));
    }

    #[test]
    fn keys_are_counted_not_signatures_or_their_names() {
        let (one, two) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
        let mut envelope = signed(1);
        envelope.sign(&one);
        assert_eq!(envelope.signatures.len(), 1, "the same key signs once");
        let mut again = envelope.signatures[0].clone();
        again.keyid = two.public().id().to_owned();
        envelope.signatures.push(again);
        let keys = [one.public(), two.public(), one.public()];
        assert_eq!(envelope.signed_by(&keys), [one.public()], "a signature under another name is not another key");
        envelope.signatures.iter_mut().for_each(|s| s.keyid = "nonsense".to_owned());
        assert_eq!(envelope.signed_by(&keys), [one.public()], "the name of a key decides nothing");
        envelope.sign(&two);
        assert_eq!(envelope.signed_by(&keys), [one.public(), two.public()]);
    }

    #[test]
    fn every_flipped_bit_loses_the_signature() {
        let key = SigningKey::from_seed(&[1; 32]);
        let envelope = signed(1);
        let lost = |edit: &dyn Fn(&mut Envelope)| {
            let mut other = envelope.clone();
            edit(&mut other);
            other.signed_by(&[key.public()]).is_empty()
        };
        for bit in 0..8 {
            assert!((0..5).all(|at| lost(&|e| e.payload[at] ^= 1 << bit)), "payload, bit {bit}");
            assert!((0..64).all(|at| lost(&|e| e.signatures[0].sig[at] ^= 1 << bit)), "signature, bit {bit}");
        }
        assert!(lost(&|e| e.payload_type.push(' ')));
        assert!(lost(&|e| e.payload.push(b' ')));
        assert!(lost(&|e| e.signatures[0].sig.push(0)));
        assert!(lost(&|e| e.signatures[0].sig.truncate(63)));
        assert!(lost(&|e| e.signatures.clear()));
        assert!(envelope.signed_by(&[]).is_empty());
    }
}
