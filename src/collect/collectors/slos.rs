//! Service level objectives: the document that holds them, and whether the queries that measure them give numbers now.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::document;
use crate::collect::files::shown;
use crate::collect::monitoring::prometheus::{self, Data};
use crate::collect::monitoring::promql;
use crate::collect::monitoring::server::Server;
use crate::collect::redact;
use crate::model::{Instant, Trust};
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "slos",
    about: "the objectives of an SLO document, and whether Prometheus has data for them",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The objectives: `golive schema slo-document`.
    document: PathBuf,
    /// Where people find the document; without it the path.
    uri: Option<String>,
    /// Who is asked for data; without it nobody knows whether there is any.
    prometheus: Option<Server>,
}

const KINDS: [&str; 3] = ["availability", "latency", "error_budget"];

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let asked = self.prometheus.iter().flat_map(Server::need);
        std::iter::once(Need::Path(self.document.clone())).chain(asked).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (document, seen) = document::read(at, &self.document, "slo-document")?;
        let uri = self.uri.as_deref().map_or_else(|| shown(&self.document), |uri| visible(&redact::url(uri)));
        let link = json!({ "uri": uri, "sha256": seen.sha256 });
        let mut value = Map::new();
        let mut answers = Vec::new();
        let mut oldest: Option<Instant> = None;
        for kind in KINDS {
            let objective = &document[kind];
            if objective["state"] != "documented" {
                value.insert(kind.to_owned(), json!({ "state": "none" }));
                continue;
            }
            let measured = self.measure(at, objective["query"].as_str().unwrap_or_default())?;
            oldest = oldest.into_iter().chain(measured.saved_at).min();
            let stated = json!({
                "state": "documented", "objective": objective["objective"], "window": objective["window"], "document": link,
                "returns_data": measured.word,
            });
            value.insert(kind.to_owned(), stated);
            answers.push(json!({
                "kind": kind, "query": objective["query"], "returns_data": measured.word, "why": measured.why, "answer": measured.answer,
            }));
        }
        let asked = self.prometheus.as_ref().map_or_else(|| "no Prometheus".to_owned(), Server::shown);
        let exhibit = json!({ "prometheus": asked, "queries": answers });
        let mut out = Collected::new(Value::Object(value), format!("{}, asked: {asked}", shown(&self.document)));
        out.collected_at = oldest;
        let name = self.document.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(out.with(at.exhibit(&name, seen.bytes)).with(at.exhibit("queries.json", format!("{exhibit:#}\n"))))
    }
}

/// Whether a query gives data.
struct Measured {
    word: &'static str,
    why: Option<String>,
    answer: Value,
    saved_at: Option<Instant>,
}

impl Settings {
    fn measure(&self, at: &Context, text: &str) -> Result<Measured, Absent> {
        let says = |word, why: Option<&str>| Measured { word, why: why.map(visible), answer: Value::Null, saved_at: None };
        let query = promql::parse(text);
        if query.as_ref().is_ok_and(promql::Query::answers_always) {
            return Ok(says("unknown", Some("the query would give an answer without any series, so that an answer proves nothing")));
        }
        let Some(server) = &self.prometheus else {
            let why = query.err().map_or_else(|| "nobody was asked".to_owned(), |fault| format!("the query does not parse: {fault}"));
            return Ok(says("unknown", Some(&why)));
        };
        let asked = prometheus::query(server, at, text)?;
        let data = prometheus::holds_number(&asked.answer);
        let (word, why) = match (data, &query) {
            (Data::Yes, Ok(_)) => ("yes", None),
            // Whether it measures anything is known of a query that can be read only.
            (Data::Yes, Err(fault)) => ("unknown", Some(format!("Prometheus answers, but golive cannot read the query: {fault}"))),
            (Data::No, _) => ("no", None),
            (Data::Unknown, _) => ("unknown", Some("Prometheus could not answer".to_owned())),
        };
        Ok(Measured { answer: asked.answer, saved_at: asked.saved_at, ..says(word, why.as_deref()) })
    }
}
