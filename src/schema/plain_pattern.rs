//! A plain pattern made ready once, for whoever tries it on many texts.

use super::quick_pattern::{Piece, count, literal, piece};

/// A pattern that can be tried without a regular expression: what it says of a text is what the same pattern says as it
/// stands in a schema, for the quick answer and for the validator, wherever it says yes.
#[derive(Debug)]
pub struct PlainPattern(Form);

#[derive(Debug)]
enum Form {
    /// `\S`: something that is seen.
    Seen,
    /// `…$` of characters that stand for themselves.
    End(Box<str>),
    /// `^[!-~]+$`: characters of one range.
    Range { from: u8, to: u8, least: usize, most: usize },
    /// `^…$`, or `^(…)?$`.
    Whole { steps: Box<[Step]>, optional: bool },
}

/// Characters that may stand, least and most often.
#[derive(Debug)]
struct Step {
    holds: [u64; 4],
    /// The same as one range, where it is one.
    range: Option<(u8, u8)>,
    least: usize,
    most: usize,
}

impl PlainPattern {
    /// Makes a pattern ready; none where it is anything but plain.
    pub fn new(pattern: &str) -> Option<Self> {
        if pattern == r"\S" {
            return Some(Self(Form::Seen));
        }
        let body = pattern.strip_suffix('$')?;
        let Some(whole) = body.strip_prefix('^') else {
            let plain = !body.is_empty() && body.bytes().all(literal);
            return plain.then(|| Self(Form::End(body.into())));
        };
        let inside = whole.strip_prefix('(').and_then(|p| p.strip_suffix(")?"));
        let steps = steps(inside.unwrap_or(whole).as_bytes())?;
        Some(Self(match (&*steps, inside) {
            ([Step { range: Some((from, to)), least, most, .. }], None) => Form::Range { from: *from, to: *to, least: *least, most: *most },
            _ => Form::Whole { steps, optional: inside.is_some() },
        }))
    }

    /// Whether it plainly matches; false means nothing.
    #[inline]
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Form::Seen => text.bytes().any(|b| b.is_ascii_graphic()),
            Form::End(end) => text.ends_with(&**end),
            Form::Range { from, to, least, most } => {
                // Without a branch for each byte, so that several are looked at in one step.
                let all = text.bytes().fold(true, |all, byte| all & (byte.wrapping_sub(*from) <= to - from));
                all && (least..=most).contains(&&text.len())
            }
            Form::Whole { steps, optional } => (*optional && text.is_empty()) || walk(steps, text.as_bytes()),
        }
    }
}

fn steps(mut pattern: &[u8]) -> Option<Box<[Step]>> {
    let mut out = Vec::new();
    while !pattern.is_empty() {
        let (piece, rest) = piece(pattern)?;
        let (least, most, rest) = count(rest)?;
        out.push(Step { holds: table(&piece), range: range(&piece), least, most });
        pattern = rest;
    }
    Some(out.into())
}

fn table(piece: &Piece<'_>) -> [u64; 4] {
    let mut out = [0; 4];
    for byte in (0..=u8::MAX).filter(|byte| piece.holds(*byte)) {
        out[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    out
}

fn range(piece: &Piece<'_>) -> Option<(u8, u8)> {
    let held = |byte: &u8| piece.holds(*byte);
    let (from, to) = ((0..=u8::MAX).find(held)?, (0..=u8::MAX).rfind(held)?);
    (from..=to).all(|byte| held(&byte)).then_some((from, to))
}

fn walk(steps: &[Step], mut text: &[u8]) -> bool {
    for step in steps {
        let holds = |byte: &u8| step.holds[usize::from(*byte >> 6)] >> (*byte & 63) & 1 == 1;
        let taken = text.iter().take(step.most).take_while(|byte| holds(byte)).count();
        if taken < step.least {
            return false;
        }
        text = &text[taken..];
    }
    text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::PlainPattern;
    use crate::schema::quick_pattern::matches;

    #[test]
    fn a_pattern_made_ready_says_what_it_says_as_it_stands() {
        let patterns = [
            "^[0-9a-f]{64}$",
            "^[!-~]+$",
            "^([0-9][0-9A-Za-z.+_-]{0,63})?$",
            "^[a-z][a-z0-9_-]{0,3}$",
            "^[a-c]{2}$",
            "^[a-c]$",
            "^a*$",
            "^(b)?$",
            "^$",
            r"\S",
            "Z$",
            "$",
            "^[ab-]*$",
            "^a{2,1}$",
            "^[^a]$",
            "a",
            "^(a|b)$",
        ];
        let digest = "0123456789abcdef".repeat(4);
        let texts =
            ["", "a", "b", "ab", "abc", "abcd", "abcde", "a-b", "1.2.3", " ", "é", "Z", "aZ", "\n", "~", "!", "\u{7f}", "a\0", &digest];
        let mut said = 0;
        for pattern in patterns {
            let Some(ready) = PlainPattern::new(pattern) else { continue };
            for text in texts {
                assert_eq!(ready.matches(text), matches(pattern, text), "{pattern} {text:?}");
                said += usize::from(ready.matches(text));
            }
        }
        assert!(said > 20 && PlainPattern::new("^(a|b)$").is_none() && PlainPattern::new("$").is_none());
    }
}
