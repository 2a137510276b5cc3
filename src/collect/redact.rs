//! Secrets: where they are read from, and how they are kept out of all that is written.

use super::collector::Absent;
use super::files::{Root, shown};
use crate::text::visible;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Mutex;

/// Where a secret stands. The secret itself never stands in `golive.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum SecretSource {
    /// A file that holds it and nothing else.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

/// The secrets that were read in this run, in each spelling that an output could give them.
#[derive(Default)]
pub struct Secrets(Mutex<Vec<String>>);

impl Secrets {
    /// Reads one and remembers it.
    ///
    /// # Errors
    /// It cannot be read, or is empty.
    pub fn read(&self, from: &SecretSource, files: &Root) -> Result<String, Absent> {
        let (text, place) = match from {
            SecretSource::File(path) => (files.text(path)?.0, shown(path)),
            SecretSource::Variable(name) => {
                let value = std::env::var(name).map_err(|_| Absent::new(format!("the variable {} is not set", visible(name))))?;
                (value, format!("the variable {}", visible(name)))
            }
        };
        let secret = text.trim_end_matches(['\n', '\r']).to_owned();
        if secret.trim().is_empty() {
            return Err(Absent::new(format!("the secret in {place} is empty")));
        }
        self.know(&secret);
        Ok(secret)
    }

    /// Remembers a secret.
    pub fn know(&self, secret: &str) {
        let bare = secret.trim();
        let escaped = serde_json::Value::String(bare.to_owned()).to_string();
        let percent = bare
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") });
        let spellings = [
            bare.to_owned(),
            escaped[1..escaped.len() - 1].to_owned(),
            percent.collect(),
            STANDARD_NO_PAD.encode(bare),
            URL_SAFE_NO_PAD.encode(bare),
        ];
        if let Ok(mut known) = self.0.lock() {
            known.extend(spellings.into_iter().filter(|s| !s.is_empty()));
        }
    }

    /// Whether a text holds one of them.
    pub fn leak(&self, text: &[u8]) -> bool {
        // A poisoned lock means that a collector died while it held a secret: nothing may be written then.
        self.0.lock().map_or(true, |known| known.iter().any(|s| contains(text, s.as_bytes())))
    }

    /// A reason without a secret in it.
    pub fn hush(&self, absent: Absent) -> Absent {
        let words = [Some(&absent.reason), absent.help.as_ref()];
        if words.into_iter().flatten().any(|w| self.leak(w.as_bytes())) {
            return Absent::new("the reason holds a secret and is not told");
        }
        absent
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|w| w == part)
}

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Names of secrets, as parts of the names of flags, variables and headers.
const SECRET_NAMES: &[&str] = &[
    "token",
    "secret",
    "passw",
    "passphrase",
    "pwd",
    "credential",
    "apikey",
    "api-key",
    "api_key",
    "private",
    "bearer",
    "cookie",
    "authorization",
];

/// Flags whose value is a secret or holds one, by their whole names.
const SECRET_FLAGS: &[&str] = &["-u", "--user", "--pass", "--key", "--dsn", "--auth"];

/// Whether a flag, variable or header of this name holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|s| lower.contains(s)) || SECRET_FLAGS.contains(&lower.as_str())
}

/// Arguments as they may be shown: what follows a name of a secret, and all but scheme, host and path of an URL, is left out.
pub fn words(argv: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut hide = false;
    for word in argv {
        // What follows is hidden even where it looks like a flag: a token may begin with a dash.
        if std::mem::take(&mut hide) {
            out.push(REDACTED.to_owned());
            continue;
        }
        hide = word.starts_with('-') && !word.contains('=') && is_secret_name(word);
        out.push(if hide { word.clone() } else { shown_word(word) });
    }
    out
}

fn shown_word(word: &str) -> String {
    if let Some(name) = header(word) {
        return format!("{name}: {REDACTED}");
    }
    if let Some(flag) = SECRET_FLAGS.iter().find(|flag| flag.len() == 2 && word.starts_with(**flag) && word.len() > 2) {
        return format!("{flag}{REDACTED}");
    }
    let mut out = String::new();
    for piece in word.split_inclusive([',', ';', '&', ' ', '"', '\'', '\n', '\t']) {
        let bare = piece.trim_end_matches([',', ';', '&', ' ', '"', '\'', '\n', '\t']);
        out.push_str(&shown_piece(bare));
        out.push_str(&piece[bare.len()..]);
    }
    out
}

/// The name of a header that holds a secret: what follows it in the word is hidden.
fn header(word: &str) -> Option<&str> {
    let (before, after) = word.split_once(':')?;
    let is_header = !after.starts_with("//") && !before.contains(['=', '/', '@']);
    (is_header && is_secret_name(before)).then_some(before)
}

fn shown_piece(piece: &str) -> String {
    // An option may carry an URL, and an URL may hold `=`: what stands before `://` is the name.
    let before = piece.split("://").next().unwrap_or(piece);
    if let Some((name, _)) = before.split_once('=').filter(|(name, _)| is_secret_name(name)) {
        return format!("{name}={REDACTED}");
    }
    if piece.contains("://") {
        return url(piece);
    }
    if let Some((name, value)) = piece.split_once('=').filter(|(_, value)| value.contains('=')) {
        return format!("{name}={}", shown_piece(value));
    }
    match piece.rsplit_once('@') {
        Some((user, host)) if user.contains(':') => format!("{REDACTED}@{host}"),
        _ => piece.to_owned(),
    }
}

/// A command as one line for people.
pub fn line(argv: &[String]) -> String {
    visible(&words(argv).join(" "))
}

/// An URL without user, password, query and fragment; any other word as it is.
pub fn url(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let (place, path) = rest.split_once('/').map_or((rest, None), |(place, path)| (place, Some(path)));
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host);
    let host = host.split(['?', '#']).next().unwrap_or(host);
    let path = path.map(|p| p.split(['?', '#']).next().unwrap_or(p));
    path.map_or_else(|| format!("{scheme}://{host}"), |p| format!("{scheme}://{host}/{p}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_in_every_spelling() {
        let secrets = Secrets::default();
        secrets.know("CANARY-\"quoted\"/1 \n");
        for text in ["say CANARY-\"quoted\"/1.", r#"{"a": "CANARY-\"quoted\"/1"}"#, "CANARY-%22quoted%22%2F1", "Q0FOQVJZLSJxdW90ZWQiLzE="] {
            assert!(secrets.leak(text.as_bytes()), "{text}");
        }
        assert!(!secrets.leak(b"CANARY"));
        assert_eq!(secrets.hush(Absent::new("no CANARY-\"quoted\"/1")).reason, "the reason holds a secret and is not told");
    }

    #[test]
    fn secrets_in_arguments_are_left_out() {
        let words = |line: &str| words(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()).join(" ");
        for (line, want) in [
            ("claw daemon --auth-token CANARY --listen 127.0.0.1:1", "claw daemon --auth-token [redacted] --listen 127.0.0.1:1"),
            ("claw --auth-token=CANARY", "claw --auth-token=[redacted]"),
            ("curl https://user:CANARY@host/path?token=CANARY#CANARY", "curl https://host/path"),
            ("curl https://CANARY@host", "curl https://host"),
            ("x PASSWORD=CANARY", "x PASSWORD=[redacted]"),
            ("curl -HAuthorization:Bearer=CANARY x", "curl -HAuthorization: [redacted] x"),
            (
                "curl X-Api-Key:CANARY u:CANARY@host -u me:CANARY -ume:CANARY",
                "curl X-Api-Key: [redacted] [redacted]@host -u [redacted] -u[redacted]",
            ),
            (
                "x --pass CANARY --key=CANARY --dsn=host=h;password=CANARY",
                "x --pass [redacted] --key=[redacted] --dsn=[redacted];password=[redacted]",
            ),
            ("x https://a/b,https://u:CANARY@b/x PGPASSWORD=CANARY", "x https://a/b,https://b/x PGPASSWORD=[redacted]"),
            ("claw admin backup verify --backup-id 1795443989491", "claw admin backup verify --backup-id 1795443989491"),
            ("claw auth token list", "claw auth token list"),
            ("x --url=https://u:CANARY@host/a?b=CANARY", "x --url=https://host/a"),
            ("x --password -CANARY --verbose", "x --password [redacted] --verbose"),
        ] {
            assert_eq!(words(line), want);
        }
    }
}
