//! `golive init`: a commented `golive.toml` to start from.

use super::args::{Common, InitArgs};
use super::exit::Exit;
use super::output;
use super::session::usage;
use crate::schema::did_you_mean;
use crate::text::visible;
use std::path::Path;

/// The templates by name, and what each is for. They come with the binary.
pub const PROFILES: &[(&str, &str)] =
    &[("neutral", include_str!("../../profiles/neutral.toml")), ("claw", include_str!("../../profiles/claw.toml"))];

/// Runs the command.
pub fn run(args: &InitArgs, common: &Common) -> Exit {
    match init(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn init(args: &InitArgs, common: &Common) -> Result<(), Exit> {
    let Some((_, text)) = PROFILES.iter().find(|(name, _)| *name == args.profile) else {
        let names: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
        let help = did_you_mean(&args.profile, names.iter().copied()).unwrap_or_default();
        return Err(usage(&format!("there is no profile `{}`: {help}", visible(&args.profile))));
    };
    if std::fs::symlink_metadata(&args.output).is_ok() {
        return Err(usage(&format!("{} is there already, and stays as it is: -o names another place", shown(&args.output))));
    }
    if args.output.as_os_str() == "-" {
        return output::stdout(text);
    }
    let mut text = (*text).to_owned();
    for (key, given) in [("environment", &common.environment), ("release", &common.release)] {
        if let Some(given) = given {
            text = text.lines().map(|line| filled(line, key, given) + "\n").collect();
        }
    }
    output::file_with_folder(&args.output, text.as_bytes())?;
    let places = text.lines().filter(|line| line.contains(FILL_IN)).count();
    output::stdout(&format!(
        "{}: {places} lines to fill in, each marked {FILL_IN}; then `golive collect --dry-run` says what is still missing\n",
        shown(&args.output)
    ))
}

/// A line of the template with a given value in it: nothing is left to fill in there.
fn filled(line: &str, key: &str, given: &str) -> String {
    if line.starts_with(&format!("{key} = ")) { format!("{key} = {}", toml::Value::String(given.to_owned())) } else { line.to_owned() }
}

/// What marks a line that somebody has to fill in.
const FILL_IN: &str = "# <-";

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
