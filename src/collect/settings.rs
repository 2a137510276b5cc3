//! The tables `[facts.<group>]` of `golive.toml`: which collector states a group, and with which settings.

use super::collector::{Collector, Entry};
use super::collectors::COLLECTORS;
use super::redact::{SecretSource, is_secret_name};
use crate::schema::did_you_mean;
use crate::text::{Problem, Source, Span, visible};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

/// The settings of one collector, not yet read.
pub type Table<'a> = ValueDeserializer<'a>;

/// A group and who states it.
pub struct Configured {
    /// The group.
    pub group: String,
    /// Its line of the registry.
    pub entry: &'static Entry,
    /// The collector with its settings.
    pub collector: Arc<dyn Collector>,
    /// Its time limit.
    pub limit: Duration,
}

/// A collector ends within this time, where its table has no `limit`.
const LIMIT: Duration = Duration::from_secs(10);

/// Reads every table below `[facts]`. `group_known` says whether the checklist has a group of that name.
///
/// # Errors
/// Every table that does not fit, with its place.
pub fn configured(source: &Arc<Source>, groups: &[&str]) -> Result<Vec<Configured>, Vec<Problem>> {
    let file = DeTable::parse(&source.text).map_err(|e| vec![problem(source, &e, 0..0)])?;
    let mut out = Vec::new();
    let mut problems = Vec::new();
    let Some((_, facts)) = file.into_inner().into_iter().find(|(key, _)| key.get_ref() == "facts") else { return Ok(out) };
    let DeValue::Table(tables) = facts.into_inner() else { return Ok(out) };
    for (key, value) in tables {
        match one(source, key.get_ref(), key.span(), value, groups) {
            Ok(configured) => out.push(configured),
            Err(problem) => problems.push(problem),
        }
    }
    out.sort_by(|a, b| a.group.cmp(&b.group));
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// Every secret that a table names, wherever it stands: `{ file = … }` or `{ variable = … }` below a key that names a secret.
pub fn secrets(source: &Arc<Source>) -> Vec<SecretSource> {
    let mut out = Vec::new();
    if let Ok(file) = toml::from_str::<toml::Table>(&source.text) {
        walk("", &toml::Value::Table(file), &mut out);
    }
    out
}

fn walk(name: &str, value: &toml::Value, out: &mut Vec<SecretSource>) {
    match value {
        toml::Value::Table(table) => {
            if is_secret_name(name) {
                out.extend(SecretSource::deserialize(value.clone()).ok());
            }
            table.iter().for_each(|(key, value)| walk(key, value, out));
        }
        toml::Value::Array(list) => list.iter().for_each(|value| walk(name, value, out)),
        _ => {}
    }
}

fn one(source: &Arc<Source>, group: &str, key: Span, value: Spanned<DeValue<'_>>, groups: &[&str]) -> Result<Configured, Problem> {
    if !groups.contains(&group) {
        let problem = Problem::new("golive::collect::group", format!("the checklist has no group of facts `{}`", visible(group)));
        let help = did_you_mean(group, groups.iter().copied()).unwrap_or_else(|| "`golive schema` lists the groups".to_owned());
        return Err(problem.at(source, key, "unknown group").help(help));
    }
    let span = value.span();
    let DeValue::Table(mut table) = value.into_inner() else {
        return Err(Problem::new("golive::config", format!("[facts.{group}] is no table")).at(source, span, "a table is wanted"));
    };
    let fails = |e: &Error| problem(source, e, key.clone());
    let name = match table.remove("collector") {
        Some(name) => Spanned::<String>::deserialize(ValueDeserializer::from(name)).map_err(|e| fails(&e))?,
        None => Spanned::new(key.clone(), group.to_owned()),
    };
    let limit = match table.remove("limit") {
        Some(limit) => seconds(source, limit).map_err(|p| *p)?,
        None => LIMIT,
    };
    let Some(entry) = COLLECTORS.iter().find(|e| e.name == name.get_ref()) else {
        let problem = Problem::new("golive::collect::collector", format!("there is no collector `{}`", visible(name.get_ref())));
        let help = did_you_mean(name.get_ref(), COLLECTORS.iter().map(|e| e.name));
        let help =
            help.unwrap_or_else(|| "`golive collect --list` shows them; `collector = \"json\"` takes any program or file".to_owned());
        return Err(problem.at(source, name.span(), "unknown collector").help(help));
    };
    let settings = ValueDeserializer::from(Spanned::new(span, DeValue::Table(table)));
    let collector = (entry.read)(settings).map_err(|e| fails(&e))?;
    Ok(Configured { group: group.to_owned(), entry, collector: collector.into(), limit })
}

fn seconds(source: &Arc<Source>, value: Spanned<DeValue<'_>>) -> Result<Duration, Box<Problem>> {
    let span = value.span();
    let text = String::deserialize(ValueDeserializer::from(value)).ok();
    let ms = text.as_deref().and_then(crate::model::time::parse_duration).and_then(|ms| u64::try_from(ms).ok());
    let wanted = || Problem::new("golive::config", "a limit is a time such as \"PT30S\", between PT1S and PT1H").at(source, span, "here");
    ms.filter(|ms| (1000..=3_600_000).contains(ms)).map(Duration::from_millis).ok_or_else(|| Box::new(wanted()))
}

fn problem(source: &Arc<Source>, error: &Error, fallback: Span) -> Problem {
    let span = error.span().filter(|s| !s.is_empty()).unwrap_or(fallback);
    Problem::new("golive::config", visible(error.message())).at(source, span, "here")
}
