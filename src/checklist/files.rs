//! The files of a checklist, embedded or from a directory, as names and texts.

use crate::text::Source;
use std::collections::BTreeMap;
use std::sync::Arc;

static CARRIED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Where the fixtures of controls lie beside `policies/` and `schemas/`.
pub const FIXTURES: &str = "fixtures/controls/";

/// The files of a checklist by their path in it, such as `policies/controls/backups/scheduled.rego`.
#[derive(Debug, Clone)]
pub struct Files {
    /// `embedded`, or the directory's name: for people, never compared.
    pub origin: String,
    /// Whether it is the checklist that the binary carries.
    pub is_embedded: bool,
    by_path: BTreeMap<String, Arc<Source>>,
}

impl Files {
    /// The checklist that the binary carries.
    pub fn embedded() -> Self {
        let files = CARRIED
            .iter()
            .filter(|(name, _)| !name.starts_with(FIXTURES))
            .map(|(name, text)| ((*name).to_owned(), Arc::new(Source::new(*name, *text))));
        Self { origin: "embedded".to_owned(), is_embedded: true, by_path: files.collect() }
    }

    /// The fixtures of the checklist that the binary carries, by their paths below [`FIXTURES`].
    pub fn embedded_fixtures() -> BTreeMap<String, Arc<Source>> {
        let fixtures = CARRIED.iter().filter_map(|(name, text)| Some((name.strip_prefix(FIXTURES)?, *name, *text)));
        fixtures.map(|(path, name, text)| (path.to_owned(), Arc::new(Source::new(name, text)))).collect()
    }

    /// One file that the binary carries.
    pub fn embedded_file(path: &str) -> Option<Arc<Source>> {
        CARRIED.iter().find(|(name, _)| *name == path).map(|(name, text)| Arc::new(Source::new(*name, *text)))
    }

    /// A checklist from names and texts; `schemas/` comes from the embedded one where no file of it is given.
    pub fn new(origin: impl Into<String>, files: BTreeMap<String, Arc<Source>>) -> Self {
        let mut out = Self { origin: format!("folder {}", origin.into()), is_embedded: false, by_path: files };
        if out.under("schemas/").next().is_none() {
            let embedded = Self::embedded();
            out.by_path.extend(embedded.under("schemas/").map(|(name, source)| (name.to_owned(), Arc::clone(source))));
            out.origin.push_str(" with the embedded schemas");
        }
        out
    }

    /// A checklist from the texts of a record, which keeps whatever its digest is made of.
    pub fn kept(origin: &str, is_embedded: bool, files: BTreeMap<String, Arc<Source>>) -> Self {
        Self { origin: origin.to_owned(), is_embedded, by_path: files }
    }

    /// The files that the digest is made of: policies, the schemas of groups, parameters and their schema; no tests.
    pub fn judging(&self) -> impl Iterator<Item = (&str, &Arc<Source>)> {
        self.under("policies/")
            .chain(self.under("schemas/facts/"))
            .chain(self.under("schemas/parameters.schema.json"))
            .filter(|(path, _)| !Self::is_test(path))
    }

    /// `sha256:…` over the files that judge: their paths and their bytes.
    pub fn digest(&self) -> String {
        super::digest::digest(self)
    }

    /// The same with another text in one file that it has.
    #[must_use]
    pub fn with_text(&self, path: &str, text: String) -> Self {
        let mut out = self.clone();
        if let Some(source) = out.by_path.get_mut(path) {
            *source = Arc::new(Source::new(source.name.clone(), text));
        }
        out
    }

    /// One file.
    pub fn get(&self, path: &str) -> Option<&Arc<Source>> {
        self.by_path.get(path)
    }

    /// The files whose path begins with `prefix`, in the order of their paths.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Arc<Source>)> {
        self.by_path.range(prefix.to_owned()..).take_while(move |(name, _)| name.starts_with(prefix)).map(|(n, s)| (n.as_str(), s))
    }

    /// Whether the file is a test of a policy, which is never loaded with it.
    pub fn is_test(path: &str) -> bool {
        path.ends_with("_test.rego")
    }
}
