//! What runs, how it was installed, and which ways lead in.

use super::leaf::{Sha, Text, Time};
use super::whole;
use super::words::{Answer, Auth, Chain, CheckResult, Method, Outcome, Probe, Profile, Purpose, Scope};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daemons<'a> {
    #[serde(borrow)]
    pub daemons: Vec<Daemon<'a>>,
    pub daemons_total: u64,
}

impl Daemons<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.daemons.len(), self.daemons_total) && self.daemons.iter().all(Daemon::is_whole)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daemon<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub host: Text<'a>,
    #[serde(borrow)]
    pub executable: Executable<'a>,
    #[serde(borrow)]
    pub version: Reported<'a>,
    #[serde(borrow)]
    pub started_at: Time<'a>,
    pub auth: Auth,
    pub profile: Profile,
    #[serde(borrow)]
    pub rpc_listeners: Vec<RpcListener<'a>>,
    pub rpc_listeners_total: u64,
    #[serde(borrow)]
    pub side_listeners: Vec<SideListener<'a>>,
    pub side_listeners_total: u64,
}

impl Daemon<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.rpc_listeners.len(), self.rpc_listeners_total) && whole(self.side_listeners.len(), self.side_listeners_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Executable<'a> {
    #[serde(borrow)]
    pub sha256: Sha<'a>,
    pub replaced: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpcListener<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub address: Text<'a>,
    pub scope: Scope,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideListener<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub address: Text<'a>,
    pub purpose: Purpose,
    pub scope: Scope,
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reported<'a> {
    Unknown {},
    Reported {
        #[serde(borrow)]
        value: Text<'a>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Install<'a> {
    #[serde(borrow)]
    pub installations: Vec<Installation<'a>>,
    pub installations_total: u64,
}

impl Install<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.installations.len(), self.installations_total) && self.installations.iter().all(Installation::is_whole)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installation<'a> {
    #[serde(borrow)]
    pub host: Text<'a>,
    #[serde(borrow)]
    pub procedure: Linked<'a>,
    pub method: Method,
    #[serde(borrow)]
    pub steps: Vec<InstallStep<'a>>,
    pub steps_total: u64,
    #[serde(borrow)]
    pub version: Reported<'a>,
    #[serde(borrow)]
    pub binary_sha256: Sha<'a>,
    #[serde(borrow)]
    pub checks: Vec<Check<'a>>,
    pub checks_total: u64,
}

impl Installation<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.steps.len(), self.steps_total) && whole(self.checks.len(), self.checks_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked<'a> {
    #[serde(borrow)]
    pub uri: Text<'a>,
    #[serde(borrow)]
    pub sha256: Sha<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallStep<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub exit: u32,
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check<'a> {
    Ran {
        #[serde(borrow)]
        name: Text<'a>,
        result: CheckResult,
    },
    Skipped {
        #[serde(borrow)]
        name: Text<'a>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstallStatement<'a> {
    #[serde(borrow)]
    pub release: Text<'a>,
    #[serde(borrow)]
    pub procedure_sha256: Sha<'a>,
    #[serde(borrow)]
    pub manual_fixes: Vec<Fix<'a>>,
    pub manual_fixes_total: u64,
    pub reproduced: Answer,
    #[serde(borrow)]
    pub stated_by: Text<'a>,
}

impl InstallStatement<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.manual_fixes.len(), self.manual_fixes_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix<'a> {
    #[serde(borrow)]
    pub what: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthProbes<'a> {
    #[serde(borrow)]
    pub listeners: Vec<Probed<'a>>,
    pub listeners_total: u64,
}

impl AuthProbes<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.listeners.len(), self.listeners_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probed<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub no_header: Probe,
    pub wrong_token: Probe,
    pub empty_bearer: Probe,
    pub second_method: Probe,
    pub right_token: Probe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsEndpoints<'a> {
    #[serde(borrow)]
    pub ingress: Vec<Port<'a>>,
    pub ingress_total: u64,
    #[serde(borrow)]
    pub tls: Vec<TlsEndpoint<'a>>,
    pub tls_total: u64,
    #[serde(borrow)]
    pub plaintext: Vec<Port<'a>>,
    pub plaintext_total: u64,
    #[serde(borrow)]
    pub undetermined: Vec<Port<'a>>,
    pub undetermined_total: u64,
}

impl TlsEndpoints<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.ingress.len(), self.ingress_total)
            && whole(self.tls.len(), self.tls_total)
            && whole(self.plaintext.len(), self.plaintext_total)
            && whole(self.undetermined.len(), self.undetermined_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsEndpoint<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub chain: Chain,
    pub name_matches: Answer,
    #[serde(borrow)]
    pub not_before: Time<'a>,
    #[serde(borrow)]
    pub not_after: Time<'a>,
    #[serde(borrow)]
    pub served_sha256: Sha<'a>,
    #[serde(borrow)]
    pub configured: Configured<'a>,
}

#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Configured<'a> {
    Unknown {},
    None {},
    File {
        #[serde(borrow)]
        sha256: Sha<'a>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure<'a> {
    #[serde(borrow)]
    pub vantages: Vec<Vantage<'a>>,
    pub vantages_total: u64,
}

impl Exposure<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.vantages.len(), self.vantages_total) && self.vantages.iter().all(Vantage::is_whole)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vantage<'a> {
    #[serde(borrow)]
    pub network: Text<'a>,
    #[serde(borrow)]
    pub host: Text<'a>,
    pub reaches_tls: Answer,
    #[serde(borrow)]
    pub attempts: Vec<Attempt<'a>>,
    pub attempts_total: u64,
}

impl Vantage<'_> {
    pub fn is_whole(&self) -> bool {
        whole(self.attempts.len(), self.attempts_total)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub outcome: Outcome,
}
