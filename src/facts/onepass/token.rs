//! Texts that are expected, compared eight bytes at a time: names and words are short, and calls cost more than they do.

/// How many words of eight bytes are held in one piece.
const WORDS: usize = 3;
/// As many bytes of a document.
pub(super) const WINDOW: usize = WORDS * 8;

/// What lies ahead in a document.
pub(super) type Window = [u64; WORDS];

/// A text that may stand somewhere.
#[derive(Debug)]
pub(super) struct Token {
    words: Window,
    /// All bits of the bytes that count.
    masks: Window,
    /// What does not fit into the words.
    rest: Box<[u8]>,
    len: usize,
}

impl Token {
    pub fn new(text: &[u8]) -> Self {
        let byte = |at: usize| text.get(at).map_or((0, 0), |byte| (*byte, u8::MAX));
        let word = |index: usize| u64::from_le_bytes(std::array::from_fn(|at| byte(index * 8 + at).0));
        let mask = |index: usize| u64::from_le_bytes(std::array::from_fn(|at| byte(index * 8 + at).1));
        Self {
            words: std::array::from_fn(word),
            masks: std::array::from_fn(mask),
            rest: text.get(WINDOW..).unwrap_or_default().into(),
            len: text.len(),
        }
    }

    /// How many bytes it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it stands here; `behind` is what follows the window.
    #[inline]
    pub fn stands(&self, window: &Window, behind: &[u8]) -> bool {
        let differs = |index: usize| (window[index] ^ self.words[index]) & self.masks[index];
        (differs(0) | differs(1) | differs(2)) == 0 && (self.rest.is_empty() || behind.starts_with(&self.rest))
    }
}

/// The window that these bytes begin with.
#[inline]
pub(super) fn window(bytes: &[u8]) -> Option<(Window, &[u8])> {
    let (window, behind) = bytes.split_first_chunk::<WINDOW>()?;
    let (words, _) = window.as_chunks::<8>();
    Some(([u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]), u64::from_le_bytes(words[2])], behind))
}
