//! Secrets: where they are read from, and how they are kept out of all that is written.

use super::collector::Absent;
use super::files::{Root, shown};
use crate::text::visible;
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

/// The secrets that were read in this run.
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
        if let Ok(mut known) = self.0.lock() {
            known.push(secret.clone());
        }
        Ok(secret)
    }

    /// Whether a text holds one of them.
    pub fn leak(&self, text: &[u8]) -> bool {
        // A poisoned lock means that a collector died while it held a secret: nothing may be written then.
        self.0.lock().map_or(true, |known| known.iter().any(|s| contains(text, s.as_bytes())))
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|w| w == part)
}

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Flags whose value is a secret, as parts of their names.
const SECRET_FLAGS: &[&str] = &["token", "secret", "passw", "passphrase", "credential", "apikey", "api-key", "private", "bearer", "cookie"];

/// Arguments as they may be shown: what follows a flag that names a secret, and all but scheme, host and path of an URL, is left out.
pub fn words(argv: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut hide = false;
    for word in argv {
        // What follows is hidden even where it looks like a flag: a token may begin with a dash.
        if std::mem::take(&mut hide) {
            out.push(REDACTED.to_owned());
            continue;
        }
        // An option may carry an URL, and an URL may hold `=`: what stands before `://` is the name.
        let name = word.split("://").next().and_then(|part| part.split('=').next()).unwrap_or(word);
        let lower = name.to_ascii_lowercase();
        let secret = SECRET_FLAGS.iter().any(|s| lower.contains(s)) || lower.starts_with("authorization");
        if secret && word.len() > name.len() && word[name.len()..].starts_with('=') {
            out.push(format!("{name}={REDACTED}"));
        } else if secret && lower.starts_with("authorization:") {
            out.push(format!("authorization: {REDACTED}"));
        } else {
            hide = secret && word.starts_with('-');
            out.push(url(word));
        }
    }
    out
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
    fn secrets_in_arguments_are_left_out() {
        let words = |line: &str| words(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()).join(" ");
        for (line, want) in [
            ("claw daemon --auth-token CANARY --listen 127.0.0.1:1", "claw daemon --auth-token [redacted] --listen 127.0.0.1:1"),
            ("claw --auth-token=CANARY", "claw --auth-token=[redacted]"),
            ("curl https://user:CANARY@host/path?token=CANARY#CANARY", "curl https://host/path"),
            ("curl https://CANARY@host", "curl https://host"),
            ("x PASSWORD=CANARY", "x PASSWORD=[redacted]"),
            ("claw auth token list", "claw auth token list"),
            ("x --url=https://u:CANARY@host/a?b=CANARY", "x --url=https://host/a"),
            ("x --password -CANARY --verbose", "x --password [redacted] --verbose"),
        ] {
            assert_eq!(words(line), want);
        }
    }
}
