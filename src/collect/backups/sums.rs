//! Checksum files as `sha256sum` writes them.

use super::tree::Listed;
use std::collections::BTreeSet;

/// Reads `<64 hexadecimal digits>  <name>` line by line; `*` before a name and `./` at its start mean nothing.
///
/// # Errors
/// The first line that is none, or a name that comes twice.
pub fn read(text: &str) -> Result<Vec<Listed>, String> {
    let mut names = BTreeSet::new();
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = || format!("line {} is not `<sha256>  <name>`", index + 1);
        let (sha256, rest) = line.split_at_checked(64).ok_or_else(wrong)?;
        let name = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *")).ok_or_else(wrong)?;
        let path = name.strip_prefix("./").unwrap_or(name);
        if path.is_empty() || !sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(wrong());
        }
        if !names.insert(path) {
            return Err(format!("line {} names a file a second time", index + 1));
        }
        out.push(Listed { path: path.to_owned(), bytes: None, sha256: sha256.to_owned() });
    }
    Ok(out)
}

/// The digest that a checksum file gives for one name.
///
/// # Errors
/// It is no checksum file, or does not name it.
pub fn digest_in(text: &str, name: &str) -> Result<String, String> {
    let listed = read(text)?;
    listed.into_iter().find(|l| l.path == name).map(|l| l.sha256).ok_or_else(|| "it does not name the file".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_file_has_one_reading() {
        let sum = "416e22d8218bcd2347e25ccd5010ddf883b390111f61812c3a378ca1927aa24e";
        for (text, want) in [
            (format!("{sum}  a\n"), Ok(1)),
            (format!("{sum} *a\n{sum}  b c\n"), Ok(2)),
            (format!("{sum}  ./a"), Ok(1)),
            (String::new(), Ok(0)),
            (format!("{sum}  a\n{sum} *./a\n"), Err(())),
            (format!("\\{sum}  a\\nb\n"), Err(())),
            (format!("{}  a\n", sum.to_uppercase()), Err(())),
            (format!("{sum} a\n"), Err(())),
            (format!("# {sum}  a\n"), Err(())),
            (format!("{sum}  \n"), Err(())),
        ] {
            assert_eq!(read(&text).map(|l| l.len()).map_err(|_| ()), want, "{text}");
        }
    }
}
