//! What is done with a decision: kept as a record where that is asked for, then written in every format.

use super::again::report_line;
use super::args::Common;
use super::exit::Exit;
use super::holds;
use super::judge::exit;
use super::keep::{Keeper, Sources};
use super::output::{self, Target};
use crate::model::{Annex, Decision, Dossier};
use crate::outlook::annex::annex;

/// Where a decision goes.
pub struct Finish<'f> {
    /// The formats.
    pub targets: &'f [Target],
    /// The records.
    pub keeper: Option<&'f Keeper>,
    /// What it was made of.
    pub sources: Sources<'f>,
}

impl Finish<'_> {
    /// Keeps and writes a decision; `command` is the line that makes a page again where no record does.
    pub fn finish(&self, decision: &Decision, command: impl FnOnce() -> String, common: &Common) -> Result<Exit, Exit> {
        let wanted = output::wants_annex(self.targets);
        let sources = &self.sources;
        let foreseen = output::wants_forecast(self.targets) || self.keeper.is_some();
        let forecast = if foreseen { holds::look(sources.ground(decision), sources.exceptions(), common)? } else { None };
        let record = match self.keeper {
            Some(keeper) => Some((keeper.folder(), keeper.keep(sources, decision, forecast.as_ref(), common)?)),
            None => None,
        };
        let annex = wanted.then(|| {
            let command = record.as_ref().map_or_else(command, |(folder, mark)| report_line(folder, mark.seq));
            Annex { forecast, record: record.map(|(_, mark)| mark), ..annex(sources.ground(decision), command) }
        });
        output::write(self.targets, &Dossier { decision, annex: annex.as_ref() }, common.color)?;
        Ok(exit(decision))
    }
}
