//! Several vantage points as one group: documents that `golive collect --only exposure` wrote on other hosts.

use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::document;
use crate::collect::files::{MOST_BYTES, shown};
use crate::model::{Group, Instant, Trust};
use crate::text::visible;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "exposure_merge",
    about: "the group exposure of several documents, each collected on a vantage point, as one",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Facts documents, each with its folder of evidence beside it.
    documents: Vec<PathBuf>,
}

/// The clocks of two hosts differ by no more.
const SKEW_MS: i64 = 300_000;

const GROUP: &str = "exposure";

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        self.documents.iter().cloned().map(Need::Path).collect()
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let (mut vantages, mut exhibits, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        let mut oldest: Option<Instant> = None;
        let mut trust = Trust::Observed;
        for path in &self.documents {
            let (group, seen) = part(at, path)?;
            vantages.extend(list(path, &group.value)?.iter().cloned());
            exhibits.push(seen);
            for link in &group.evidence {
                exhibits.push(evidence(at, path, &link.uri, &link.sha256)?);
            }
            sources.push(group.source);
            oldest = Some(oldest.map_or(group.collected_at, |o| o.min(group.collected_at)));
            trust = trust.min(group.trust);
        }
        if vantages.is_empty() {
            return Err(Absent::new("no document of a vantage point is given").help("`documents` lists them"));
        }
        let mut out = Collected::new(json!({ "vantages_total": vantages.len(), "vantages": vantages }), sources.join("; "));
        (out.exhibits, out.collected_at, out.trust) = (exhibits, oldest, Some(trust));
        Ok(out)
    }
}

/// The group of one document, and the document itself as evidence.
fn part(at: &Context, path: &Path) -> Result<(Group, Exhibit), Absent> {
    let name = shown(path);
    let (value, seen) = document::read(at, path, "envelope")?;
    for (key, planned) in [("environment", &at.plan().environment), ("release", &at.plan().release)] {
        let stated = value[key].as_str().unwrap_or_default();
        if stated != planned {
            let reason = format!("{name} is about the {key} `{}`, planned is `{}`", visible(stated), visible(planned));
            return Err(Absent::new(reason).help("collect again on the vantage point, with the golive.toml of this release"));
        }
    }
    let group = value["facts"].get(GROUP).and_then(crate::facts::group_of);
    let group = group.ok_or_else(|| {
        Absent::new(format!("{name} has no group `{GROUP}`")).help("collect it there: `golive collect --only exposure -o facts.json`")
    })?;
    if group.collected_at.ms > at.now().ms.saturating_add(SKEW_MS) {
        return Err(Absent::new(format!("{name} says that it was collected at {}, which is yet to come", group.collected_at)));
    }
    if group.evidence.is_empty() {
        return Err(Absent::new(format!("the group `{GROUP}` of {name} is backed by no evidence")));
    }
    let kept = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((group, at.exhibit(&kept, seen.bytes)))
}

/// Its vantage points: as many as it says that there are.
fn list<'a>(path: &Path, value: &'a Value) -> Result<&'a Vec<Value>, Absent> {
    let list = value["vantages"].as_array().filter(|list| !list.is_empty() && value["vantages_total"].as_u64() == Some(list.len() as u64));
    list.ok_or_else(|| Absent::new(format!("the vantage points of {} are not as many as it says", shown(path))))
}

/// A piece of evidence of a document: taken over where it lies beside it.
fn evidence(at: &Context, document: &Path, uri: &str, sha256: &str) -> Result<Exhibit, Absent> {
    if uri.contains(':') {
        return Ok(Exhibit::link(uri, sha256));
    }
    let path = document.parent().unwrap_or(Path::new("")).join(uri);
    let help = "copy the folder of evidence that lies beside the document on its vantage point";
    let seen = at.files().read(&path, MOST_BYTES).map_err(|absent| absent.help(help))?;
    if seen.sha256 != sha256 {
        return Err(Absent::new(format!("{} is not the evidence that {} names: its digest differs", shown(&path), shown(document))));
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // The folder's name for the first digits is not repeated.
    Ok(at.exhibit(name.get(13..).filter(|_| name.starts_with(&sha256[..12])).unwrap_or(&name), seen.bytes))
}
