//! `golive init`: a commented `golive.toml` to start from.

use super::args::{Common, InitArgs};
use super::exit::Exit;
use super::output;
use super::session::usage;
use crate::schema::did_you_mean;
use crate::text::visible;
use std::path::Path;

/// The templates by name, and what each is for. They come with the binary.
const PROFILES: &[(&str, &str)] =
    &[("neutral", include_str!("../../profiles/neutral.toml")), ("claw", include_str!("../../profiles/claw.toml"))];

/// Runs the command.
pub fn run(args: &InitArgs, _: &Common) -> Exit {
    match init(args) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn init(args: &InitArgs) -> Result<(), Exit> {
    let Some((_, text)) = PROFILES.iter().find(|(name, _)| *name == args.profile) else {
        let names: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
        let help = did_you_mean(&args.profile, names.iter().copied()).unwrap_or_default();
        return Err(usage(&format!("there is no profile `{}`, only {}. {help}", visible(&args.profile), names.join(" and "))));
    };
    if std::fs::symlink_metadata(&args.output).is_ok() {
        return Err(usage(&format!("{} is there already, and stays as it is: -o names another place", shown(&args.output))));
    }
    output::file(&args.output, text.as_bytes())?;
    let places = text.lines().filter(|line| line.contains(FILL_IN)).count();
    output::stdout(&format!(
        "{}: {places} lines to fill in, each marked {FILL_IN}; then `golive collect --dry-run` says what is still missing\n",
        shown(&args.output)
    ))
}

/// What marks a line that somebody has to fill in.
const FILL_IN: &str = "# <-";

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
