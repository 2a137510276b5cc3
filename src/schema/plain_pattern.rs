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
    /// `^[0-9a-f]{64}$`: a digest.
    Digest,
    /// `^…$`, or `^(…)?$`.
    Whole { steps: Box<[Step]>, optional: bool },
}

/// Characters that may stand, least and most often.
#[derive(Debug)]
struct Step {
    holds: [u64; 4],
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
        if whole == "[0-9a-f]{64}" {
            return Some(Self(Form::Digest));
        }
        let inside = whole.strip_prefix('(').and_then(|p| p.strip_suffix(")?"));
        let steps = steps(inside.unwrap_or(whole).as_bytes())?;
        Some(Self(Form::Whole { steps, optional: inside.is_some() }))
    }

    /// Whether it plainly matches; false means nothing.
    #[inline]
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Form::Seen => text.bytes().any(|b| b.is_ascii_graphic()),
            Form::End(end) => text.ends_with(&**end),
            Form::Digest => is_digest(text.as_bytes()),
            Form::Whole { steps, optional } => (*optional && text.is_empty()) || walk(steps, text.as_bytes()),
        }
    }
}

fn steps(mut pattern: &[u8]) -> Option<Box<[Step]>> {
    let mut out = Vec::new();
    while !pattern.is_empty() {
        let (piece, rest) = piece(pattern)?;
        let (least, most, rest) = count(rest)?;
        out.push(Step { holds: table(&piece), least, most });
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

/// Sixty-four hexadecimal digits in small letters; without a branch for each, so that several are looked at in one step.
fn is_digest(text: &[u8]) -> bool {
    let digit = |byte: u8| (byte.wrapping_sub(b'0') < 10) | (byte.wrapping_sub(b'a') < 6);
    text.len() == 64 && text.iter().fold(true, |all, byte| all & digit(*byte))
}
