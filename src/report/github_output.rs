//! The decision as values that later steps of a workflow read.

use super::encode::github_value as value;
use super::json::Json;
use super::{Format, Look, words};
use crate::model::Dossier;
use sha2::{Digest, Sha256};

/// For the file that `GITHUB_OUTPUT` names.
pub struct GithubOutput;

impl Format for GithubOutput {
    fn name(&self) -> &'static str {
        "github-output"
    }

    fn about(&self) -> &'static str {
        "gate, waived, blocking and digest as lines for the file $GITHUB_OUTPUT, at its end"
    }

    fn appends(&self) -> bool {
        true
    }

    fn render(&self, dossier: &Dossier<'_>, look: &Look) -> String {
        let decision = dossier.decision;
        let document = Json.render(dossier, look);
        let digest = Sha256::digest(document.as_bytes()).iter().fold("sha256:".to_owned(), |out, byte| format!("{out}{byte:02x}"));
        let blocking = words::blockers(decision).len();
        let mut values = vec![
            ("gate", decision.gate.word().to_owned()),
            ("waived", decision.waived().to_string()),
            ("blocking", blocking.to_string()),
            ("environment", decision.environment.clone()),
            ("release", decision.release.clone()),
            ("evaluated_at", decision.evaluated_at.to_string()),
            ("clock", words::clock(decision).to_owned()),
            ("checklist", decision.checklist.digest.clone()),
            ("digest", digest),
        ];
        values.extend(dossier.annex.and_then(|annex| annex.record.as_ref()).map(|record| ("record", record.digest.clone())));
        values.iter().map(|(name, text)| format!("{name}={}\n", value(text))).collect()
    }
}
