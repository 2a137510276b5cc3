//! Fixtures of controls: folders `<area>/<name>/<case>/`, each with `facts.json`, or with `patch.json` against `../pass`.

use super::input::read_text;
use crate::facts::Plan;
use crate::model::Instant;
use crate::text::{Document, Limits, Problem, read_by_name, read_json, visible};
use crate::workbench::prove::Case;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// All fixtures below a folder.
pub struct Fixtures {
    /// What they are about.
    pub plan: Plan,
    /// The parameters that they are judged with.
    pub overlay: Option<Document>,
    /// The fixtures, sorted by control and name.
    pub cases: Vec<Case>,
}

/// Reads the fixtures of the controls whose id begins with `only`.
pub fn read(root: &Path, only: Option<&str>) -> Result<Fixtures, Vec<Problem>> {
    let one = |p| vec![p];
    let settings = json(&root.join("case.json")).map_err(one)?;
    let word = |key: &str| settings[key].as_str().map(str::to_owned);
    let (Some(at), Some(environment), Some(release)) =
        (word("at").as_deref().and_then(Instant::parse), word("environment"), word("release"))
    else {
        let message = format!("{}: `at`, `environment` and `release` are wanted", visible(&root.join("case.json").to_string_lossy()));
        return Err(vec![Problem::new("golive::fixtures", message)]);
    };
    let plan = Plan { environment, release };
    let overlay = match word("parameters") {
        Some(name) => Some(read_text(&root.join(name)).and_then(|s| read_by_name(s, &Limits::default())).map_err(one)?),
        None => None,
    };
    let mut cases = Vec::new();
    for area in folders(root).map_err(one)? {
        for name in folders(&area).map_err(one)? {
            let control = format!("{}.{}", file_name(&area), file_name(&name));
            if only.is_none_or(|prefix| control.starts_with(prefix)) {
                for folder in folders(&name).map_err(one)? {
                    let facts = facts(&folder).map_err(one)?;
                    cases.push(Case { control: control.clone(), name: file_name(&folder), facts, at, plan: plan.clone() });
                }
            }
        }
    }
    if cases.is_empty() {
        let message = format!("no fixtures in {}", visible(&root.to_string_lossy()));
        return Err(vec![
            Problem::new("golive::fixtures", message).help("`--fixtures DIR` names the folder that holds <area>/<name>/<case>/"),
        ]);
    }
    Ok(Fixtures { plan, overlay, cases })
}

/// The facts document of one fixture.
fn facts(folder: &Path) -> Result<Value, Problem> {
    let own = folder.join("facts.json");
    if own.is_file() {
        return json(&own);
    }
    let patch_path = folder.join("patch.json");
    let base = folder.parent().unwrap_or(folder).join("pass").join("facts.json");
    let mut value = json(&base)?;
    let wrong = |what: String| Problem::new("golive::fixtures", format!("{}: {what}", visible(&patch_path.to_string_lossy())));
    let patch: json_patch::Patch = serde_json::from_value(json(&patch_path)?).map_err(|e| wrong(e.to_string()))?;
    json_patch::patch(&mut value, &patch).map_err(|e| wrong(e.to_string()))?;
    Ok(value)
}

fn json(path: &Path) -> Result<Value, Problem> {
    read_json(read_text(path)?, &Limits::default()).map(|d| d.value)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let wrong = |e: std::io::Error| Problem::new("golive::fixtures", format!("cannot read {}: {e}", visible(&path.to_string_lossy())));
    let mut out: Vec<PathBuf> = fs::read_dir(path).map_err(wrong)?.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.is_dir()).collect();
    out.sort();
    Ok(out)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
