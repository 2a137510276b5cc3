//! Every backup artifact that stands at the destination.

use crate::collect::backups::{Artifact, Store};
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::model::Trust;
use crate::text::visible;
use serde::Deserialize;
use serde_json::json;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "backups",
    about: "backup artifacts at their destination, each with the digest of its manifest",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Settings(Store);

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Path(self.0.directory().to_owned())]
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let listing = self.0.list(at)?;
        let artifacts: Vec<_> = listing.artifacts.iter().map(Artifact::value).collect();
        let value = json!({ "destination": listing.destination, "artifacts_total": artifacts.len(), "artifacts": artifacts });
        let mut source = listing.destination.clone();
        let faulty = listing.artifacts.iter().flat_map(|a| a.faults.iter().map(move |fault| format!("{}: {fault}", visible(&a.id))));
        let left_out = listing.left_out.iter().map(|name| format!("{}: no artifact", visible(name)));
        for said in faulty.chain(left_out).take(10) {
            source = format!("{source}; {said}");
        }
        Ok(Collected::new(value, source).with(at.exhibit("backups.json", listing.exhibit())))
    }
}
