//! What records say of each control, for those who ask whether something was mended.

use super::store::Chain;
use crate::exceptions::{History, Recorded};

/// Each control's records, by control and environment, in the order of their numbers. Facts that were RECORDED show nothing.
pub fn history(chain: &Chain) -> History {
    let mut out = History::new();
    let records = chain.records.iter().filter_map(|kept| kept.record.as_ref().ok()).filter(|record| !record.recorded);
    for record in records {
        for control in record.decision["controls"].as_array().into_iter().flatten() {
            let Some(id) = control["id"].as_str() else { continue };
            let entry = Recorded {
                seq: record.seq,
                evaluated_at: record.evaluated_at,
                release: record.release.clone(),
                passes: control["verdict"] == "pass",
            };
            out.entry((id.to_owned(), record.environment.clone())).or_default().push(entry);
        }
    }
    out
}
