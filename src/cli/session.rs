//! What every command needs first: configuration, plan, clock, checklist.

use super::args::Common;
use super::config::{self, Config};
use super::diagnostics;
use super::exit::Exit;
use super::input;
use crate::checklist::{Checklist, Files, LoadError, load};
use crate::facts::Plan;
use crate::model::Instant;
use crate::rego::Limits;
use crate::text::{self, Document, Problem, read_by_name};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A checklist, and what it was loaded from.
pub struct Loaded {
    /// The checklist.
    pub checklist: Checklist,
    /// Its files.
    pub files: Files,
    /// Parameters laid over its defaults.
    pub overlay: Option<Document>,
}

/// Flags and configuration together.
pub struct Session<'a> {
    /// The flags.
    pub common: &'a Common,
    /// The file.
    pub config: Config,
}

impl<'a> Session<'a> {
    /// Reads the configuration.
    pub fn open(common: &'a Common) -> Result<Self, Exit> {
        match config::load(common.config.as_deref()) {
            Ok(config) => Ok(Self { common, config }),
            Err(problem) => Err(refuse(common, &[problem], Exit::Input)),
        }
    }

    /// The same for those who edit policies: where no checklist is named, the nearest here or above is meant. A folder that
    /// looks like one is taken even where it is broken, so that nobody is shown the built-in one instead.
    pub fn workbench(common: &'a Common) -> Result<Self, Exit> {
        let mut session = Self::open(common)?;
        if session.checklist_folder().is_none() {
            session.config.checklist.path = nearest();
        }
        Ok(session)
    }

    /// What is planned: given by people, never taken from the facts.
    pub fn plan(&self) -> Result<Plan, Exit> {
        let environment = self.common.environment.clone().or_else(|| self.config.environment.clone());
        let release = self.common.release.clone().or_else(|| self.config.release.clone());
        match (environment, release) {
            (Some(environment), Some(release)) if !environment.trim().is_empty() && !release.trim().is_empty() => {
                Ok(Plan { environment, release })
            }
            _ => Err(usage("which environment and release are planned? Give --environment and --release, or write them into golive.toml")),
        }
    }

    /// The folder of an edited checklist, where one is named.
    pub fn checklist_folder(&self) -> Option<PathBuf> {
        self.common.checklist.as_ref().or(self.config.checklist.path.as_ref()).cloned()
    }

    /// The checklist's files: a folder that was named, or the embedded ones.
    pub fn files(&self) -> Result<Files, Exit> {
        match self.checklist_folder() {
            Some(folder) => input::checklist(&folder).map_err(|p| refuse(self.common, &p, Exit::Checklist)),
            None => Ok(Files::embedded()),
        }
    }

    /// Loads the checklist for an environment, with the parameters that flags or configuration name.
    pub fn checklist(&self, environment: &str) -> Result<Checklist, Exit> {
        self.loaded(environment).map(|loaded| loaded.checklist)
    }

    /// The parameters that flags or configuration lay over the checklist's defaults.
    pub fn overlay(&self) -> Result<Option<Document>, Exit> {
        let Some(path) = self.common.parameters.as_ref().or(self.config.parameters.as_ref()) else { return Ok(None) };
        let read = input::read_text(path).and_then(|s| read_by_name(s, &text::Limits::default()));
        read.map(Some).map_err(|p| refuse(self.common, &[p], Exit::Input))
    }

    /// Loads the checklist for an environment with an overlay of its own; what is wrong is told by the caller.
    pub fn load(&self, environment: &str, overlay: Option<&Document>) -> Result<Result<Checklist, LoadError>, Exit> {
        Ok(load(&self.files()?, overlay, environment, Limits::default()))
    }

    /// Loads the checklist for an environment with an overlay of its own.
    pub fn checklist_with(&self, environment: &str, overlay: Option<&Document>) -> Result<Checklist, Exit> {
        self.checklist_of(&self.files()?, environment, overlay)
    }

    /// The same with what it was loaded from, for those who keep that.
    pub fn loaded(&self, environment: &str) -> Result<Loaded, Exit> {
        let (files, overlay) = (self.files()?, self.overlay()?);
        let checklist = self.checklist_of(&files, environment, overlay.as_ref())?;
        Ok(Loaded { checklist, files, overlay })
    }

    /// Loads a checklist from files that were read before.
    pub fn checklist_of(&self, files: &Files, environment: &str, overlay: Option<&Document>) -> Result<Checklist, Exit> {
        let checklist = load(files, overlay, environment, Limits::default()).map_err(|error| match error {
            LoadError::Checklist(problems) => refuse(self.common, &problems, Exit::Checklist),
            LoadError::Parameters(problems) => refuse(self.common, &problems, Exit::Input),
        })?;
        self.pinned(&checklist.about.digest).map(|()| checklist)
    }

    /// Holds a checklist's digest against the one that golive.toml pins.
    pub fn pinned(&self, digest: &str) -> Result<(), Exit> {
        match &self.config.checklist.digest {
            Some(pinned) if pinned != digest => {
                let message = format!("the checklist's digest is {digest}, golive.toml pins {}", text::visible(pinned));
                let problem = Problem::new("golive::checklist::digest", message).help("review what changed, then pin the new digest");
                Err(refuse(self.common, &[problem], Exit::Checklist))
            }
            _ => Ok(()),
        }
    }
}

/// The nearest folder here or above that holds a checklist.
fn nearest() -> Option<PathBuf> {
    let looks = |folder: &Path| {
        let policies = folder.join("policies");
        std::fs::symlink_metadata(policies.join("manifest.json")).is_ok() || policies.join("controls").is_dir()
    };
    if looks(Path::new(".")) || Path::new("policies").is_dir() {
        return Some(PathBuf::from("."));
    }
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|folder| looks(folder)).map(Path::to_owned)
}

/// The evaluation's clock, read once: the given time, or now. True where it was given.
pub fn clock(at: Option<&str>) -> Result<(Instant, bool), Exit> {
    match at {
        Some(text) => match Instant::parse(text) {
            Some(instant) => Ok((instant, true)),
            None => Err(usage(&format!("--at wants a time such as 2026-11-23T12:00:00Z, got `{}`", text::visible(text)))),
        },
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok((Instant { ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX) }, false))
        }
    }
}

/// Prints problems and gives the exit that they lead to.
pub fn refuse(common: &Common, problems: &[Problem], exit: Exit) -> Exit {
    diagnostics::print(problems, common.color, !common.quiet);
    exit
}

/// Prints a usage error.
pub fn usage(message: &str) -> Exit {
    diagnostics::plain(message);
    Exit::Usage
}
