//! A named text, spans in it, and the tree of places that a reader leaves behind.

use std::ops::Range;

/// Bytes `start..end` of a [`Source`].
pub type Span = Range<usize>;

/// A text and the name that diagnostics show for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// A path, `<stdin>`, or a path inside the embedded checklist.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// A source from a name and a text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// `sha256:…` of its bytes.
    pub fn digest(&self) -> String {
        format!("sha256:{}", super::sha256(self.text.as_bytes()))
    }
}

/// A line and a column, both counted from 1; a column is a Unicode character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Source {
    /// Where a byte stands.
    pub fn position(&self, at: usize) -> Position {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Position { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

/// What a reader refuses to go beyond.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one document.
    pub bytes: usize,
    /// Nesting of arrays and objects.
    pub depth: usize,
    /// Object members in the whole document.
    pub keys: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 64, keys: 500_000 }
    }
}

/// Where a value stands, and its key where it is an object member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key, quotes included.
    pub key: Option<Span>,
    /// The value.
    pub value: Span,
    /// False where the pointer named something that is not there and an ancestor stands in.
    pub exact: bool,
}

/// The places of a value and of all that it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Where the value stands.
    pub span: Span,
    /// Elements of an array, or members of an object.
    pub children: Vec<Branch>,
}

/// One element or member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The member's key and where it stands; none for an array's element.
    pub key: Option<(String, Span)>,
    /// The value below.
    pub tree: Tree,
}

impl Tree {
    /// The place at an RFC 6901 pointer, or of its nearest ancestor that exists.
    pub fn locate(&self, pointer: &str) -> Place {
        let mut here = self;
        let mut key = None;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = here.children.iter().enumerate().find(|(index, branch)| match &branch.key {
                Some((name, _)) => *name == token,
                None => index.to_string() == token,
            });
            let Some((_, branch)) = next else {
                return Place { key, value: here.span.clone(), exact: false };
            };
            key = branch.key.as_ref().map(|(_, span)| span.clone());
            here = &branch.tree;
        }
        Place { key, value: here.span.clone(), exact: true }
    }
}

/// The RFC 6901 pointer of a path of tokens.
pub fn pointer_of<S: AsRef<str>>(tokens: impl IntoIterator<Item = S>) -> String {
    let mut out = String::new();
    for token in tokens {
        out.push('/');
        out.push_str(&token.as_ref().replace('~', "~0").replace('/', "~1"));
    }
    out
}
