//! `golive policy new`: a control from a template that already runs.

use crate::checklist::{FIXTURES, Files, LoadError, load};
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::input::{gather, root};
use crate::cli::output;
use crate::cli::session::{Session, refuse};
use crate::rego::Limits;
use crate::text::{Problem, Source, visible};
use crate::workbench::start::{Ground, Texts, control};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `golive policy new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The control's id, such as `clocks.synchronised`.
    #[arg(value_name = "AREA.NAME")]
    pub id: String,
}

/// Writes policy, schema, fixtures and tests of a new control, and enters it into the checklist that `--checklist` names, or that of
/// this folder; where there is none one is begun. Nothing is written unless the whole checklist passes every check with it.
pub fn run(args: &NewArgs, common: &Common) -> Result<Exit, Exit> {
    let session = Session::workbench(common)?;
    let folder = root(&session.checklist_folder().unwrap_or_else(|| PathBuf::from(".")));
    let read = |below: &str, prefix: &str| {
        let (mut files, mut problems) = (BTreeMap::new(), Vec::new());
        if folder.join(below).exists() {
            gather(&folder.join(below), prefix, &mut files, &mut problems);
        }
        if problems.is_empty() { Ok(files) } else { Err(refuse(common, &problems, Exit::Input)) }
    };
    let mut files = read("policies", "policies")?;
    files.extend(read("schemas", "schemas")?);
    let fixtures = read(FIXTURES.trim_end_matches('/'), "")?;
    let name =
        std::path::absolute(&folder).ok().and_then(|path| Some(path.components().next_back()?.as_os_str().to_string_lossy().into_owned()));
    let ground = Ground { files: &files, fixtures: &fixtures, folder: name.as_deref().unwrap_or_default() };
    let texts = control(&args.id, &ground).map_err(|problems| refuse(common, &problems, Exit::Input))?;
    checked(&folder, files.clone(), &texts, common)?;
    write(&folder, &texts)?;
    output::stdout(&told(&folder, &texts, &files))?;
    Ok(Exit::Go)
}

/// The checklist as it will be, through every check.
fn checked(folder: &Path, mut files: BTreeMap<String, Arc<Source>>, texts: &Texts, common: &Common) -> Result<(), Exit> {
    let own = texts.iter().filter(|(path, _)| !path.starts_with(FIXTURES));
    files.extend(own.map(|(path, text)| (path.clone(), Arc::new(Source::new(folder.join(path).to_string_lossy(), text.as_str())))));
    match load(&Files::new(folder.to_string_lossy(), files), None, "", Limits::default()) {
        Ok(_) => Ok(()),
        Err(LoadError::Checklist(mut problems) | LoadError::Parameters(mut problems)) => {
            let message = "the checklist is refused as it is: nothing was written";
            problems.push(Problem::new("golive::policy::new", message).help("`golive policy check` says the same; mend it first"));
            Err(refuse(common, &problems, Exit::Checklist))
        }
    }
}

/// Writes every file whole.
pub fn write(folder: &Path, texts: &Texts) -> Result<(), Exit> {
    texts.iter().try_for_each(|(path, text)| output::file_with_folder(&folder.join(path), text.as_bytes()))
}

fn told(folder: &Path, texts: &Texts, before: &BTreeMap<String, Arc<Source>>) -> String {
    let line = |path: &String| {
        let what = if before.contains_key(path) { "changed" } else { "new    " };
        format!("{what}  {}\n", visible(&folder.join(path).to_string_lossy()))
    };
    texts.keys().map(line).collect()
}
