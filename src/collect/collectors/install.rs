//! stub
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::model::Trust;
use serde::Deserialize;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "install",
    about: "version, digest, method, steps and checks of an installation",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }
    fn collect(&self, _: &Context) -> Result<Collected, Absent> {
        Err(Absent::new("not built"))
    }
}
