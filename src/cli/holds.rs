//! Until when a decision holds, for its record and its page.

use super::args::Common;
use super::diagnostics;
use super::exit::Exit;
use super::session::refuse;
use crate::exceptions::Exceptions;
use crate::model::record::Holds;
use crate::model::{Forecast, Gate, Millis};
use crate::outlook::annex::Ground;
use crate::outlook::forecast::{Fault, forecast};
use crate::text::Problem;

/// How far they look ahead.
const HORIZON: Millis = 120 * 86_400_000;

/// Looks ahead. Where there is no telling, a record says nothing, and no deploy job takes it for a GO.
pub fn look(ground: Ground<'_>, exceptions: &Exceptions, common: &Common) -> Result<Option<Forecast>, Exit> {
    match forecast(ground.checklist, ground.facts, exceptions, ground.decision.evaluated_at, HORIZON) {
        Ok(found) => Ok(Some(found)),
        // A GO that two paths do not agree on is none. What is closed stays so, and its record is kept.
        Err(fault @ Fault::Differs { .. }) if ground.decision.gate == Gate::Go => {
            Err(refuse(common, &[Problem::new("golive::forecast", fault.to_string())], Exit::NoDecision))
        }
        Err(fault) => {
            let problem = Problem::new("golive::forecast", fault.to_string()).warning();
            diagnostics::print(&[problem.help("it is not known until when the decision holds")], common.color, !common.quiet);
            Ok(None)
        }
    }
}

/// What a record says of it.
pub fn held(forecast: &Forecast) -> Holds {
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
