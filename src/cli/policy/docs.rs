//! `golive policy docs`: the checklist as Markdown.

use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::fixtures::{self, FixtureArgs};
use crate::cli::init::PROFILES;
use crate::cli::output;
use crate::cli::session::{Session, usage};
use crate::collect::COLLECTORS;
use crate::report::count;
use crate::text::visible;
use crate::workbench::docs::{CollectorText, MADE_BY, Material, pages};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `golive policy docs`.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// A folder for one page per control and a table of contents; without it all pages go to stdout.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The review pack instead: one HTML page with each control's Rego, parameters, tests and how well they hold it. Small changes of
    /// the policies are tried for it, which takes a while.
    #[arg(long, value_name = "PATH", conflicts_with = "output")]
    pub pack: Option<PathBuf>,
    /// Tries no changes of the policies for the review pack, which says so.
    #[arg(long, requires = "pack")]
    pub no_mutation: bool,
    /// Which fixtures.
    #[command(flatten)]
    pub fixtures: FixtureArgs,
}

/// Makes the pages, and judges their examples.
pub fn run(args: &DocsArgs, common: &Common) -> Result<Exit, Exit> {
    if let Some(path) = &args.pack {
        return super::pack::run(args, path, common);
    }
    let session = Session::workbench(common)?;
    let suite = fixtures::read(&args.fixtures, &session)?;
    let checklist = session.checklist_with(&suite.plan.environment, suite.overlay.as_ref())?;
    let (files, collectors) = (session.files()?, collectors());
    let material = Material { checklist: &checklist, files: &files, suite: &suite, collectors: &collectors };
    let pages = pages(&material, args.fixtures.control.as_deref().unwrap_or_default());
    let Some(folder) = &args.output else {
        let texts: Vec<&str> = pages.iter().map(|(_, text)| text.as_str()).collect();
        return output::stdout(&texts.join("\n")).map(|()| Exit::Go);
    };
    if let Some(name) = pages.iter().map(|(name, _)| name).find(|name| is_of_others(&folder.join(name))) {
        let message = format!("{} was not made by `golive policy docs`, and stays as it is", visible(&folder.join(name).to_string_lossy()));
        return Err(usage(&message));
    }
    for (name, text) in &pages {
        output::file_with_folder(&folder.join(name), text.as_bytes())?;
    }
    output::stdout(&format!("{}: {}\n", visible(&folder.to_string_lossy()), count(pages.len(), "page")))?;
    Ok(Exit::Go)
}

/// Whether a file is there that does not begin as all pages do.
fn is_of_others(path: &Path) -> bool {
    match std::fs::read(path) {
        Ok(bytes) => !bytes.starts_with(MADE_BY.as_bytes()),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

/// Who can collect each group: the collector of its name, and those that the templates of `golive init` name for it.
pub fn collectors() -> BTreeMap<String, Vec<CollectorText>> {
    let text = |name: &str| {
        let entry = COLLECTORS.iter().find(|entry| entry.name == name)?;
        Some(CollectorText { name: entry.name.to_owned(), about: entry.about.to_owned() })
    };
    let mut out: BTreeMap<String, Vec<CollectorText>> = BTreeMap::new();
    let named = COLLECTORS.iter().map(|entry| (entry.name.to_owned(), entry.name.to_owned()));
    for (group, name) in named.chain(PROFILES.iter().flat_map(|(_, text)| tables(text))) {
        let known = out.entry(group).or_default();
        known.extend(text(&name).filter(|collector| !known.contains(collector)));
    }
    out
}

/// Each group of a template, and its collector.
fn tables(template: &str) -> Vec<(String, String)> {
    let Ok(template) = template.parse::<toml::Table>() else { return Vec::new() };
    let facts = template.get("facts").and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let named = |(group, table): (String, toml::Value)| {
        let collector = table.get("collector").and_then(toml::Value::as_str).unwrap_or(&group).to_owned();
        (group, collector)
    };
    facts.into_iter().map(named).collect()
}
