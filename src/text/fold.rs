//! Names of people, compared whatever their spelling.

use super::is_plain;
use unicode_normalization::UnicodeNormalization;

/// The form in which two spellings of one name are the same: case, spaces, ways to write an accent and characters that show
/// nothing do not make another person. It is empty where the name shows nothing.
pub fn folded(name: &str) -> String {
    let shown: String = name.nfkc().filter(|c| !c.is_whitespace() && is_plain(*c)).collect();
    // Upper case first: `ß` is `SS`, `ſ` is `S`, and both forms of sigma are one.
    shown.to_uppercase().to_lowercase().nfkc().collect()
}
