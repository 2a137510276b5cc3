//! `golive policy check`: everything that is wrong with a checklist.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::{diagnostics, output};
use crate::text::visible;
use crate::workbench::check::interpreted;

/// Loads the checklist as every command does; without `--environment` with the parameters that most environments share.
pub fn run(common: &Common) -> Result<Exit, Exit> {
    let session = Session::open(common)?;
    let environment = common.environment.as_ref().or(session.config.environment.as_ref());
    let checklist = session.checklist(environment.map_or("", String::as_str))?;
    let warnings = interpreted(&checklist);
    diagnostics::print(&warnings, common.color, !common.quiet);
    let about = &checklist.about;
    let rest = match warnings.len() {
        0 => "all policies are compiled".to_owned(),
        n => format!("{n} of {} policies left to the interpreter", about.controls + 1),
    };
    let (id, version) = (visible(&about.id), visible(&about.version));
    output::stdout(&format!("{id}, version {version}: {} controls, digest {}; {rest}\n", about.controls, about.digest))?;
    Ok(Exit::Go)
}
