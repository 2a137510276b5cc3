//! `golive.toml`: what is planned, and where things lie. Unknown keys are refused.

use crate::text::{Problem, Source};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The configuration of one environment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The planned environment.
    pub environment: Option<String>,
    /// The planned release.
    pub release: Option<String>,
    /// Parameters laid over the checklist's defaults.
    pub parameters: Option<PathBuf>,
    /// Waivers: a file or a folder.
    pub waivers: Option<PathBuf>,
    /// Remediations: a file or a folder.
    pub remediations: Option<PathBuf>,
    /// Which checklist.
    #[serde(default)]
    pub checklist: ChecklistConfig,
    /// Where what `golive run` leaves is kept: facts, evidence, decision.
    pub record: Option<PathBuf>,
    /// Who signs, and whose signatures count.
    #[serde(default)]
    pub signing: SigningConfig,
    /// How facts are collected.
    #[serde(default)]
    pub collect: CollectConfig,
    /// One table for each group: read by the collectors themselves.
    #[serde(default)]
    #[expect(dead_code, reason = "the key is known here, and its tables are read by `collect::configured`, which keeps their places")]
    facts: serde::de::IgnoredAny,
    /// The file.
    #[serde(skip)]
    pub file: Option<ConfigFile>,
}

/// The file that a configuration was read from.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Its text.
    pub source: Arc<Source>,
    /// Its folder, absolute.
    pub folder: PathBuf,
}

/// `[signing]`: who signs, and whose signatures count.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningConfig {
    /// The private key that signs records.
    pub key: Option<PathBuf>,
    /// The file of trusted keys.
    pub trust: Option<PathBuf>,
    /// Whether a file of waivers counts without a signature.
    pub waivers: Option<WaiverSignatures>,
}

/// Whether a file of waivers counts without a signature. One that is there is looked at in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaiverSignatures {
    /// It does not.
    Required,
    /// It does.
    Optional,
}

/// `[collect]`: what all collectors share.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectConfig {
    /// The folder that collectors may look into; without it the folder of `golive.toml`.
    pub root: Option<PathBuf>,
    /// How ids name this machine; without it its host name.
    pub host: Option<String>,
    /// What links to evidence begin with; without it `evidence/`, beside the facts.
    pub evidence: Option<String>,
    /// Recorded runs of programs, for `--at`.
    pub recorded: Option<PathBuf>,
    /// Environment variables that programs get, beside `PATH` and `HOME`.
    #[serde(default)]
    pub pass: Vec<String>,
}

/// The checklist to use.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistConfig {
    /// A folder instead of the built-in one.
    pub path: Option<PathBuf>,
    /// The digest that it must have (`sha256:…`).
    pub digest: Option<String>,
}

/// Reads the named file, or the nearest `golive.toml` here or above; relative paths in it start at its folder.
pub fn load(named: Option<&Path>) -> Result<Config, Problem> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match search() {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let source = super::input::read_text(&path)?;
    let mut config = parse(&source)?;
    let base = path.parent().unwrap_or(Path::new("")).to_owned();
    let own = [&mut config.signing.key, &mut config.signing.trust, &mut config.collect.recorded, &mut config.collect.root];
    let places = [&mut config.parameters, &mut config.waivers, &mut config.remediations, &mut config.checklist.path, &mut config.record];
    for place in places.into_iter().chain(own).flatten() {
        *place = base.join(&place);
    }
    let absolute = std::path::absolute(if base.as_os_str().is_empty() { Path::new(".") } else { &base });
    let folder = absolute.and_then(|p| p.canonicalize()).map_err(|e| super::input::cannot(&base, &e))?;
    config.file = Some(ConfigFile { source, folder });
    Ok(config)
}

fn search() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join("golive.toml")).find(|path| std::fs::symlink_metadata(path).is_ok())
}

fn parse(source: &Arc<Source>) -> Result<Config, Problem> {
    if source.text.trim().is_empty() {
        let problem = Problem::new("golive::config::empty", format!("{} is empty", source.name));
        return Err(problem.help("name at least `environment` and `release`, or remove the file"));
    }
    toml::from_str(&source.text).map_err(|error| {
        let problem = Problem::new("golive::config", crate::text::visible(error.message()));
        match error.span() {
            Some(span) => problem.at(source, span, "here"),
            None => problem,
        }
    })
}
