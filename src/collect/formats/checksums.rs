//! Lists of checksums, as `sha256sum` writes them.

use std::collections::BTreeMap;

/// File names and the digests that are listed for them.
#[derive(Debug)]
pub struct Checksums(BTreeMap<String, Vec<String>>);

/// What a list says of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Its digest, and no other.
    Matched,
    /// Another digest, be it beside the right one.
    Mismatched,
    /// Nothing.
    Missing,
}

impl Checksums {
    /// Reads the lines `<hex>  name`, `<hex> *name` and `SHA256 (name) = <hex>`.
    ///
    /// # Errors
    /// The number of the first line that is none of these: a list that was cut or edited is no list.
    pub fn read(text: &str) -> Result<Self, usize> {
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let (name, digest) = entry(line).ok_or(index + 1)?;
            out.entry(plain(name).to_owned()).or_default().push(digest.to_ascii_lowercase());
        }
        Ok(Self(out))
    }

    /// What it says of `name`.
    pub fn of(&self, name: &str, sha256: &str) -> Listed {
        match self.0.get(plain(name)) {
            None => Listed::Missing,
            Some(digests) if digests.iter().all(|d| d == sha256) => Listed::Matched,
            Some(_) => Listed::Mismatched,
        }
    }
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let tagged = line.strip_prefix("SHA256 (").and_then(|rest| rest.rsplit_once(") = "));
    let (name, digest) = match tagged {
        Some(tagged) => tagged,
        None => {
            let (digest, rest) = line.split_at_checked(64)?;
            (rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *"))?, digest)
        }
    };
    // A name with a line break is escaped, and its line begins with a backslash: no digest.
    let good = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) && !name.is_empty();
    good.then_some((name, digest))
}

fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{Checksums, Listed};

    const A: &str = "883eabf88f5bd06a7a812ea26355c1fb1e4f74b2820392daa9dafc4feda8dc91";
    const B: &str = "6753e571253b08d4eeacb665e922e321fa27265c0574e80e71e97640a57c7365";

    #[test]
    fn every_form_is_read_and_every_doubt_is_a_mismatch() {
        let upper = A.to_uppercase();
        for (list, want) in [
            (format!("{A}  app\n"), Some(Listed::Matched)),
            (format!("{A} *app"), Some(Listed::Matched)),
            (format!("{A}  ./app\n{B}  other\n"), Some(Listed::Matched)),
            (format!("SHA256 (app) = {upper}\n"), Some(Listed::Matched)),
            (format!("{A}  app\r\n"), Some(Listed::Matched)),
            (format!("{A}  app\n{A}  ./app\n"), Some(Listed::Matched)),
            (format!("{A}  app\n{B}  app\n"), Some(Listed::Mismatched)),
            (format!("{B}  app\n{A}  app\n"), Some(Listed::Mismatched)),
            (format!("{B}  app\n"), Some(Listed::Mismatched)),
            (format!("{A}  bin/app\n"), Some(Listed::Missing)),
            (format!("{A}  app2\n"), Some(Listed::Missing)),
            (String::new(), Some(Listed::Missing)),
            (format!("{}  app\n", &A[1..]), None),
            (format!("{A} app\n"), None),
            (format!("{A}\n"), None),
            (format!("\\{A}  a\\napp\n"), None),
            (format!("{A}  app\n<html>\n"), None),
        ] {
            assert_eq!(Checksums::read(&list).ok().map(|l| l.of("./app", A)), want, "{list}");
        }
    }
}
