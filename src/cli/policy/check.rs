//! `golive policy check`: everything that is wrong with a checklist.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::session::{Session, refuse};
use crate::cli::{diagnostics, fixtures, output};
use crate::text::visible;
use crate::workbench::check::{Findings, check};
use crate::workbench::suite::Suite;

/// Loads the checklist as every command does; without `--environment` with the parameters that most environments share.
pub fn run(common: &Common) -> Result<Exit, Exit> {
    let session = Session::open(common)?;
    let environment = common.environment.as_ref().or(session.config.environment.as_ref());
    let checklist = session.checklist(environment.map_or("", String::as_str))?;
    let (files, _) = fixtures::files(None, &session)?;
    let suite = Suite::read(&files).map_err(|problems| refuse(common, &problems, Exit::Input))?;
    let Findings { warnings, interpreted } =
        check(&checklist, &suite, &session.checklist_with(&suite.plan.environment, suite.overlay.as_ref())?);
    diagnostics::print(&warnings, common.color, !common.quiet);
    let about = &checklist.about;
    let rest = match interpreted {
        0 => "all policies are compiled".to_owned(),
        n => format!("{n} of {} policies left to the interpreter", about.controls + 1),
    };
    let (id, version) = (visible(&about.id), visible(&about.version));
    output::stdout(&format!("{id}, version {version}: {} controls, digest {}; {rest}\n", about.controls, about.digest))?;
    Ok(Exit::Go)
}
