//! Dashboards: whether the dashboard system gives back this very one. A page to log in at is none.

use super::server::{Server, encoded, parse};
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::collect::redact;
use crate::model::Instant;
use crate::text::{Limits, Source, read_json, visible};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// A dashboard of the service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Where people find it.
    uri: String,
    /// Its id in the dashboard system: exactly one of `uid` and `file`.
    uid: Option<String>,
    /// Its JSON model, which holds the id.
    file: Option<PathBuf>,
}

impl Dashboard {
    /// Whether it is there, what was seen of it, and when the answer was saved, where it was.
    ///
    /// # Errors
    /// Its settings, or its file, cannot be used.
    pub fn look(&self, at: &Context, system: Option<&Server>) -> Result<(Value, Value, Option<Instant>), Absent> {
        let reads = self.uri.parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some()) && self.uri.starts_with("http");
        if !reads || self.uri.contains('@') {
            // Nothing of it is shown: any part may be a password.
            let reason = "the link to a dashboard begins with http:// or https://, and holds neither user nor password";
            return Err(Absent::new(reason));
        }
        let shown = visible(&redact::url(&self.uri));
        let uid = self.uid(at, &shown)?;
        let (reachable, saved_at) = match system {
            Some(system) => there(at, system, &uid)?,
            None => ("unknown", None),
        };
        Ok((json!({ "uri": shown, "reachable": reachable }), json!({ "uri": shown, "uid": uid, "reachable": reachable }), saved_at))
    }

    fn uid(&self, at: &Context, uri: &str) -> Result<String, Absent> {
        let uid = match (&self.uid, &self.file) {
            (Some(uid), None) => uid.clone(),
            (None, Some(path)) => {
                let (text, _) = at.files().text(path)?;
                let file = shown(path);
                let model = read_json(Arc::new(Source::new(&file, text)), &Limits::default());
                let model = model.map_err(|p| Absent::new(format!("{file}: {}", p.message)))?.value;
                let uid = model["uid"].as_str().or(model["dashboard"]["uid"].as_str()).unwrap_or_default().to_owned();
                if uid.is_empty() {
                    return Err(Absent::new(format!("{file} has no `uid`: a dashboard is found by it")));
                }
                uid
            }
            _ => return Err(Absent::new(format!("the dashboard {uri} wants exactly one of `uid` and `file`"))),
        };
        let fits = !uid.is_empty() && uid.len() <= 64 && uid.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if fits { Ok(uid) } else { Err(Absent::new(format!("`{}` is no id of a dashboard", visible(&uid)))) }
    }
}

/// Asks for the model of a dashboard by its id, and looks whether it is that one.
fn there(at: &Context, system: &Server, uid: &str) -> Result<(&'static str, Option<Instant>), Absent> {
    if system.is_saved() && !at.files().folder(&system.folder())?.exists(format!("{uid}.json")) {
        return Ok(("unknown", None));
    }
    let answer = system.get(at, uid, &format!("/api/dashboards/uid/{}", encoded(uid)))?;
    let reachable = match answer.status {
        200 => match parse(&format!("{} asked for {uid}", system.shown()), &answer.body) {
            Ok(model) if model["dashboard"]["uid"] == uid => "yes",
            _ => "no",
        },
        404 => "no",
        _ => "unknown",
    };
    Ok((reachable, answer.saved_at))
}
