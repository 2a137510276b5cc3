//! Where the fixtures of controls come from: a folder that is named, the one beside an edited checklist, or the embedded ones.

use super::exit::Exit;
use super::input::gather;
use super::session::{Session, refuse};
use crate::checklist::{FIXTURES, Files};
use crate::text::{Problem, visible};
use crate::workbench::suite::{FixtureFiles, Suite};
use clap::Args;
use std::path::{Path, PathBuf};

/// Which fixtures.
#[derive(Debug, Args)]
pub struct FixtureArgs {
    /// Fixtures of controls: `<area>/<name>/<case>/` below this folder. Without it `fixtures/controls` beside the checklist's
    /// `policies/`; those of the built-in checklist are built in.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
    /// Only controls whose id begins with this.
    #[arg(long, value_name = "ID")]
    pub control: Option<String>,
}

/// Reads all fixtures, whichever control they are about.
pub fn read_all(named: Option<&Path>, session: &Session<'_>) -> Result<(Suite, String), Exit> {
    let (files, place) = files(named, session)?;
    if files.is_empty() {
        return Ok((Suite::empty(), place));
    }
    let suite = Suite::read(&files).map_err(|problems| refuse(session.common, &problems, Exit::Input))?;
    Ok((suite, place))
}

/// Reads the fixtures of the controls that are wanted; none at all is a refusal.
pub fn read(args: &FixtureArgs, session: &Session<'_>) -> Result<Suite, Exit> {
    let (mut suite, place) = read_all(args.fixtures.as_deref(), session)?;
    suite.cases.retain(|case| args.control.as_ref().is_none_or(|prefix| case.control.starts_with(prefix)));
    if suite.cases.is_empty() {
        let problem = Problem::new("golive::fixtures", format!("no fixtures in {}", visible(&place)));
        let problem = problem.help("`--fixtures DIR` names the folder that holds <area>/<name>/<case>/");
        return Err(refuse(session.common, &[problem], Exit::Input));
    }
    Ok(suite)
}

/// The files of the fixtures, and where they were looked for.
pub fn files(named: Option<&Path>, session: &Session<'_>) -> Result<(FixtureFiles, String), Exit> {
    let folder = match (named, session.checklist_folder()) {
        (Some(folder), _) => folder.to_owned(),
        (None, Some(folder)) => super::input::root(&folder).join(FIXTURES.trim_end_matches('/')),
        (None, None) => return Ok((Files::embedded_fixtures(), "the built-in checklist".to_owned())),
    };
    let (mut files, mut problems) = (FixtureFiles::new(), Vec::new());
    // A checklist may have none; a folder that somebody names must be there.
    if named.is_none() && !folder.exists() {
        return Ok((files, folder.to_string_lossy().into_owned()));
    }
    gather(&folder, "", &mut files, &mut problems);
    if problems.is_empty() {
        Ok((files, folder.to_string_lossy().into_owned()))
    } else {
        Err(refuse(session.common, &problems, Exit::Input))
    }
}
