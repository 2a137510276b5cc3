//! Until when a decision holds, for its record.

use super::args::Common;
use super::diagnostics;
use super::exit::Exit;
use super::keep::Sources;
use super::session::refuse;
use crate::model::record::Holds;
use crate::model::{Decision, Forecast, Gate, Millis};
use crate::outlook::forecast::{Fault, forecast};
use crate::text::Problem;

/// How far a record looks ahead.
const HORIZON: Millis = 120 * 86_400_000;

/// Looks ahead. Where there is no telling, the record says nothing, and no deploy job takes it for a GO.
pub fn holds(sources: &Sources<'_>, decision: &Decision, common: &Common) -> Result<(Option<Forecast>, Option<Holds>), Exit> {
    let exceptions = &sources.stated.exceptions;
    match forecast(&sources.loaded.checklist, sources.facts, exceptions, decision.evaluated_at, HORIZON) {
        Ok(found) => {
            let holds = held(&found);
            Ok((Some(found), Some(holds)))
        }
        Err(fault @ Fault::Differs { .. }) => Err(refuse(common, &[Problem::new("golive::forecast", fault.to_string())], Exit::NoDecision)),
        Err(fault) => {
            let problem = Problem::new("golive::forecast", fault.to_string()).warning();
            diagnostics::print(&[problem.help("the record does not say until when the decision holds")], common.color, !common.quiet);
            Ok((None, None))
        }
    }
}

fn held(forecast: &Forecast) -> Holds {
    let end = forecast.ends();
    let turned = |turn: &crate::model::forecast::Turn| {
        // What opens a gate ends a NO_GO, and the other way round.
        let closes = turn.gate == Gate::NoGo;
        let ending = turn.controls.iter().filter(|c| !closes || c.after.1 == crate::model::Outcome::Blocking);
        let names: Vec<String> = ending.map(|c| c.control.clone()).collect();
        if names.is_empty() { vec!["gate".to_owned()] } else { names }
    };
    Holds {
        until: end.map(|turn| turn.at),
        looked_until: forecast.until,
        ended_by: end.map(turned).unwrap_or_default(),
        unproven: forecast.unproven.iter().map(|(control, _)| control.clone()).collect(),
    }
}
