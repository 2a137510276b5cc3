//! One checklist as an editor sees it: its files with what is being typed laid over them, and what is known of them.

use crate::checklist::{Checklist, FIXTURES, Files, LoadError, load};
use crate::rego::Limits;
use crate::text::{Problem, Source};
use crate::workbench::check::check;
use crate::workbench::suite::{FixtureFiles, Suite};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where checklists come from.
pub trait Disk {
    /// The folder of the checklist that a path is in; none where it is in none.
    fn find(&self, path: &Path) -> Option<PathBuf>;
    /// Every file of the checklist in a folder.
    fn read(&self, folder: &Path) -> Stored;
}

/// The files of a checklist by their paths in its folder, and what could not be read.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Policies, schemas and fixtures.
    pub files: BTreeMap<String, Arc<Source>>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A checklist that somebody edits.
pub struct Project {
    folder: PathBuf,
    stored: Option<Stored>,
    /// The texts of open files.
    overlay: BTreeMap<String, Arc<Source>>,
    view: Option<View>,
    /// What was told of the files as they are now.
    told: Option<Pending>,
}

/// What is known of a checklist.
pub struct View {
    /// Its policies, schemas and parameters.
    pub files: Files,
    /// Everything that is wrong with it, or worth knowing of it.
    pub problems: Vec<Problem>,
    /// The checklist, where nothing is wrong with it.
    pub checklist: Option<Checklist>,
    /// Its fixtures, and the same checklist with their parameters.
    pub tried: Option<(Suite, Checklist)>,
    fixtures: FixtureFiles,
    /// Whether the fixtures were looked at.
    closely: bool,
}

/// What can be told of a checklist, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pending {
    /// Whether the checklist can be used.
    Load,
    /// What its fixtures say.
    Fixtures,
}

impl Project {
    /// The checklist in a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, stored: None, overlay: BTreeMap::new(), view: None, told: None }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of a file in it.
    pub fn name_of(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.folder).ok()?;
        let name: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let name = name.join("/");
        let is_read = name.ends_with(".rego") || name.ends_with(".json");
        (is_read && ["policies/", "schemas/", FIXTURES].iter().any(|folder| name.starts_with(folder))).then_some(name)
    }

    /// Lays what is being typed over a file; none lets the file itself count again.
    pub fn lay(&mut self, name: &str, text: Option<&str>) {
        let path = || self.folder.join(name).to_string_lossy().into_owned();
        match text {
            Some(text) => drop(self.overlay.insert(name.to_owned(), Arc::new(Source::new(path(), text)))),
            None => drop(self.overlay.remove(name)),
        }
        self.changed();
    }

    /// The files have changed beside the editor.
    pub fn forget(&mut self) {
        self.stored = None;
        self.changed();
    }

    /// The checklist, held against everything that can be known of it without facts.
    fn look(&mut self, disk: &dyn Disk) -> &View {
        self.known(disk)
    }

    /// The same with what its fixtures say.
    pub fn look_closely(&mut self, disk: &dyn Disk) -> &View {
        let view = self.known(disk);
        view.look_at_fixtures();
        view
    }

    /// Its policies, schemas and parameters as they are now, unchecked.
    pub fn files(&mut self, disk: &dyn Disk) -> Files {
        if let Some(view) = &self.view {
            return view.files.clone();
        }
        let stored = self.stored.get_or_insert_with(|| disk.read(&self.folder));
        parted(&self.folder, stored, &self.overlay).0
    }

    fn known(&mut self, disk: &dyn Disk) -> &mut View {
        let stored = self.stored.get_or_insert_with(|| disk.read(&self.folder));
        self.view.get_or_insert_with(|| View::new(&self.folder, stored, &self.overlay))
    }

    /// What is to be told next; none where all was told.
    pub fn pending(&self) -> Option<Pending> {
        match self.told {
            None => Some(Pending::Load),
            Some(Pending::Load) => Some(Pending::Fixtures),
            Some(Pending::Fixtures) => None,
        }
    }

    /// What is to be told next is what is known then.
    pub fn tell(&mut self, pending: Pending, disk: &dyn Disk) -> &View {
        self.told = Some(pending);
        match pending {
            Pending::Load => self.look(disk),
            Pending::Fixtures => self.look_closely(disk),
        }
    }

    fn changed(&mut self) {
        self.view = None;
        self.told = None;
    }
}

/// The checklist's own files, and its fixtures.
fn parted(folder: &Path, stored: &Stored, overlay: &BTreeMap<String, Arc<Source>>) -> (Files, FixtureFiles) {
    let all = stored.files.iter().chain(overlay).map(|(name, source)| (name.clone(), Arc::clone(source)));
    let all: BTreeMap<String, Arc<Source>> = all.collect();
    let (fixtures, files): (BTreeMap<_, _>, BTreeMap<_, _>) = all.into_iter().partition(|(name, _)| name.starts_with(FIXTURES));
    let fixtures = fixtures.into_iter().filter_map(|(name, source)| Some((name.strip_prefix(FIXTURES)?.to_owned(), source)));
    (Files::new(folder.to_string_lossy(), files), fixtures.collect())
}

impl View {
    fn new(folder: &Path, stored: &Stored, overlay: &BTreeMap<String, Arc<Source>>) -> Self {
        let (files, fixtures) = parted(folder, stored, overlay);
        let mut problems = stored.problems.clone();
        let checklist = match load(&files, None, "", Limits::default()) {
            Ok(checklist) => Some(checklist),
            Err(LoadError::Checklist(found) | LoadError::Parameters(found)) => {
                problems.extend(found);
                None
            }
        };
        Self { fixtures, files, problems, checklist, tried: None, closely: false }
    }

    /// Warnings, and what is wrong with fixtures and tests: as `golive policy check` and `golive policy test` would say.
    fn look_at_fixtures(&mut self) {
        let Some(checklist) = self.checklist.as_ref().filter(|_| !self.closely) else {
            self.closely = true;
            return;
        };
        self.closely = true;
        if let Err(found) = checklist.exam(&self.files) {
            self.problems.extend(found);
        }
        // A checklist without fixtures is one that nobody has begun to show.
        let suite = if self.fixtures.is_empty() { Ok(None) } else { Suite::read(&self.fixtures).map(Some) };
        match suite {
            Ok(Some(suite)) => match load(&self.files, suite.overlay.as_ref(), &suite.plan.environment, Limits::default()) {
                Ok(tried) => self.tried = Some((suite, tried)),
                Err(LoadError::Checklist(found) | LoadError::Parameters(found)) => self.problems.extend(found),
            },
            Ok(None) => {}
            Err(found) => self.problems.extend(found),
        }
        let tried = self.tried.as_ref().map(|(suite, tried)| (suite, tried));
        self.problems.extend(check(checklist, tried).warnings);
    }
}
