//! Files of Prometheus rules: which alerts ought to be loaded.

use super::promql;
use crate::collect::collector::{Absent, Exhibit};
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::text::{Limits, Source, read_by_name, visible};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An alert as a file has it.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its group.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Its query.
    pub expr: String,
    /// What is wrong with its query.
    pub fault: Option<String>,
    /// Labels that it adds.
    pub labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: Option<String>,
    record: Option<String>,
    expr: Value,
    #[serde(default)]
    labels: BTreeMap<String, Value>,
}

/// Every alert of the files, in their order, and the files as evidence.
///
/// # Errors
/// A file cannot be read, or is no file of rules.
pub fn read(at: &Context, files: &[PathBuf]) -> Result<(Vec<Alert>, Vec<Exhibit>), Absent> {
    let mut alerts = Vec::new();
    let mut exhibits = Vec::new();
    for path in files {
        let (text, seen) = at.files().text(path)?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        alerts.extend(parse(path, text)?);
        exhibits.push(at.exhibit(&name, seen.bytes));
    }
    Ok((alerts, exhibits))
}

fn parse(path: &Path, text: String) -> Result<Vec<Alert>, Absent> {
    let file = shown(path);
    let source = Arc::new(Source::new(&file, text));
    let document = read_by_name(Arc::clone(&source), &Limits::default()).map_err(|p| {
        let at = p.labels.as_ref().and_then(|(_, labels)| labels.first()).map_or(0, |(span, _)| span.start);
        let line = source.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        Absent::new(format!("{file}:{line}: {}", p.message))
    })?;
    let broken = |e: &dyn std::fmt::Display| Absent::new(format!("{file} is no file of rules: {}", visible(&e.to_string())));
    // The custom resource of an operator holds the same below `spec`.
    let value = if document.value["kind"] == "PrometheusRule" { document.value["spec"].clone() } else { document.value };
    let read: File = serde_json::from_value(value).map_err(|e| broken(&e))?;
    let mut out = Vec::new();
    for group in read.groups {
        for rule in group.rules {
            match (rule.alert, rule.record) {
                (Some(name), None) => {
                    let expr = plain(&rule.expr);
                    let fault = promql::parse(&expr).err();
                    let labels = rule.labels.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
                    out.push(Alert { group: group.name.clone(), name, expr, fault, labels });
                }
                (None, Some(_)) => {}
                _ => return Err(broken(&format!("a rule of the group `{}` has neither `alert` nor `record`, or both", group.name))),
            }
        }
    }
    Ok(out)
}

/// A scalar as Prometheus reads it: `expr: 1` is the query `1`.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
