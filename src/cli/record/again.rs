//! A record run again, and until when it holds with it.

use super::replay::opened;
use super::verify::exit;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::holds;
use crate::cli::session::refuse;
use crate::model::Forecast;
use crate::model::record::Holds;
use crate::outlook::annex::Ground;
use crate::record::Store;
use crate::record::replay::{Difference, Likeness, Replay, replay};
use crate::record::restore::Restored;
use crate::record::store::KeptRecord;
use crate::text::{Problem, visible};

/// A record that was run again.
pub struct Again {
    /// What was judged, and the decision.
    pub run: Replay,
    /// Until when it holds.
    pub forecast: Option<Forecast>,
    /// How decision and forecast compare with those in the record.
    pub outcome: Likeness,
}

/// Runs a record again, and looks ahead again.
pub fn again(store: &Store, kept: &KeptRecord, common: &Common) -> Result<Again, Exit> {
    let (record, payload) = opened(kept, common)?;
    let run = replay(record, payload, &|digest| store.input(digest)).map_err(|p| refuse(common, &p, exit(&p)))?;
    let forecast = holds::look(ground(&run.restored, &run), &run.restored.exceptions, common)?;
    let now = forecast.as_ref().map(holds::held);
    let outcome = if now == record.holds { run.outcome.clone() } else { with(&run.outcome, record.holds.as_ref(), now.as_ref()) };
    Ok(Again { run, forecast, outcome })
}

/// The same for whoever looks behind the decision.
pub fn ground<'r>(restored: &'r Restored, run: &'r Replay) -> Ground<'r> {
    Ground {
        checklist: &restored.checklist,
        files: &restored.files,
        overlay: restored.overlay.as_ref(),
        facts: &restored.facts,
        waivers: &restored.waivers,
        remediations: &restored.remediations,
        decision: &run.decision,
    }
}

fn with(outcome: &Likeness, recorded: Option<&Holds>, replayed: Option<&Holds>) -> Likeness {
    let said = |holds: Option<&Holds>| match holds {
        None => "not known".to_owned(),
        Some(holds) => {
            let unproven = if holds.unproven.is_empty() { String::new() } else { format!(", not proven: {}", holds.unproven.join(", ")) };
            format!("until {}: {}{unproven}", holds.end(), holds.ended_by.join(", "))
        }
    };
    let mut found = match outcome {
        Likeness::Different(found) => found.clone(),
        _ => Vec::new(),
    };
    found.push(Difference { place: "holds".to_owned(), recorded: said(recorded), replayed: said(replayed) });
    Likeness::Different(found)
}

/// What is told of a record that does not come out the same.
pub fn differs(found: &[Difference]) -> Problem {
    let places: Vec<&str> = found.iter().map(|d| d.place.as_str()).collect();
    let message = format!("the record does not come out the same: {}", visible(&places.join(", ")));
    Problem::new("golive::record::replay", message).help("`golive record replay` shows what differs")
}
