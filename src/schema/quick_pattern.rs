//! Patterns that can be tried without a regular expression: `^`, characters and classes with their counts, `$`.
//!
//! True means that the pattern matches. False means nothing: the match is greedy and never goes back, and what is written
//! otherwise is not tried.

/// Whether a pattern plainly matches.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    if pattern == r"\S" {
        return text.bytes().any(|b| b.is_ascii_graphic());
    }
    let Some(pattern) = pattern.strip_suffix('$') else { return false };
    match pattern.strip_prefix('^') {
        Some(whole) => match whole.strip_prefix('(').and_then(|p| p.strip_suffix(")?")) {
            Some(optional) => text.is_empty() || sequence(optional.as_bytes(), text.as_bytes()),
            None => sequence(whole.as_bytes(), text.as_bytes()),
        },
        None => !pattern.is_empty() && pattern.bytes().all(literal) && text.ends_with(pattern),
    }
}

/// Characters that stand for themselves in every dialect of regular expressions.
pub(super) fn literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_:-/@ ".contains(&byte)
}

/// Whether pieces such as `[a-z]{1,8}` or `x` take up the whole text one after the other.
fn sequence(mut pattern: &[u8], mut text: &[u8]) -> bool {
    while !pattern.is_empty() {
        let Some((piece, rest)) = piece(pattern) else { return false };
        let Some((least, most, rest)) = count(rest) else { return false };
        let taken = text.iter().take(most).take_while(|byte| piece.holds(**byte)).count();
        if taken < least {
            return false;
        }
        text = &text[taken..];
        pattern = rest;
    }
    text.is_empty()
}

pub(super) enum Piece<'p> {
    Byte(u8),
    Class(&'p [u8]),
}

impl Piece<'_> {
    pub(super) fn holds(&self, byte: u8) -> bool {
        match *self {
            Self::Byte(own) => own == byte,
            Self::Class(mut class) => loop {
                class = match class {
                    [] => return false,
                    [from, b'-', to, rest @ ..] => {
                        if (*from..=*to).contains(&byte) {
                            return true;
                        }
                        rest
                    }
                    [one, rest @ ..] => {
                        if *one == byte {
                            return true;
                        }
                        rest
                    }
                };
            },
        }
    }
}

/// The first piece of a pattern and what follows it; none where it is anything but the plainest.
pub(super) fn piece(pattern: &[u8]) -> Option<(Piece<'_>, &[u8])> {
    match pattern {
        [b'[', rest @ ..] => {
            let end = rest.iter().position(|b| *b == b']')?;
            let (class, rest) = (&rest[..end], &rest[end + 1..]);
            // A class that could be read in two ways: negated, nested, escaped, with set operations.
            let plain = |b: &u8| b.is_ascii_graphic() && !b"[\\^".contains(b);
            let doubled = class.windows(2).any(|pair| pair[0] == pair[1]);
            (!class.is_empty() && class.iter().all(plain) && !doubled).then_some((Piece::Class(class), rest))
        }
        [b'\\', b'.', rest @ ..] => Some((Piece::Byte(b'.'), rest)),
        [byte, rest @ ..] if literal(*byte) => Some((Piece::Byte(*byte), rest)),
        _ => None,
    }
}

/// How often a piece may stand, and what follows; a lazy count is not known.
pub(super) fn count(pattern: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (least, most, rest) = match pattern {
        [b'*', rest @ ..] => (0, usize::MAX, rest),
        [b'+', rest @ ..] => (1, usize::MAX, rest),
        [b'?', rest @ ..] => (0, 1, rest),
        [b'{', rest @ ..] => {
            let end = rest.iter().position(|b| *b == b'}')?;
            let words = std::str::from_utf8(&rest[..end]).ok()?;
            let (least, most) = words.split_once(',').unwrap_or((words, words));
            (number(least)?, number(most)?, &rest[end + 1..])
        }
        rest => return Some((1, 1, rest)),
    };
    (!matches!(rest, [b'*' | b'+' | b'?' | b'{', ..])).then_some((least, most, rest))
}

fn number(digits: &str) -> Option<usize> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}
