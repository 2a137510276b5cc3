//! The names of a record's members.

/// The names of a record's members in the order of their bytes: the place of a name is its slot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    names: Box<[Box<str>]>,
}

impl Keys {
    /// Keys of these names, sorted, each once.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut names: Vec<Box<str>> = names.into_iter().map(Box::from).collect();
        names.sort_unstable();
        names.dedup();
        Self { names: names.into() }
    }

    /// The slot of a name.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.names.binary_search_by(|known| known.as_ref().cmp(name)).ok()
    }

    /// The name of a slot.
    pub fn name(&self, slot: usize) -> Option<&str> {
        self.names.get(slot).map(AsRef::as_ref)
    }

    /// The names in the order of their slots.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
