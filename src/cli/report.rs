//! `golive report`: a record rendered again.

use super::again::report_line;
use super::args::Common;
use super::exit::Exit;
use super::holds::look;
use super::output;
use super::record::{Place, opened};
use super::session::{refuse, usage};
use crate::model::dossier::RecordMark;
use crate::model::{Annex, Dossier};
use crate::outlook::annex::{Ground, annex};
use crate::record::replay::{Difference, Likeness, Replay, replay};
use crate::record::store::KeptRecord;
use crate::text::{Problem, visible};
use clap::Args;
use std::path::PathBuf;

/// `golive report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A folder of records for its newest, FOLDER@7, or the file of a record.
    #[arg(value_name = "RECORD")]
    pub record: PathBuf,
    /// The formats, and where each goes.
    #[arg(short, long, value_name = "FORMAT[=PATH]", help = output::help())]
    pub output: Vec<String>,
}

/// Runs the command. What is shown is decided again from what the record keeps, and is the record's decision or is not shown.
pub fn run(args: &ReportArgs, common: &Common) -> Exit {
    match report(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn report(args: &ReportArgs, common: &Common) -> Result<(), Exit> {
    let targets = output::targets(&args.output).map_err(|message| usage(&message))?;
    let place = Place::read(&args.record, common)?;
    let chain = place.chain(common)?;
    let kept = place.kept(&chain, common)?;
    let (record, payload) = opened(kept, common)?;
    let inputs = |digest: &str| place.store.input(digest);
    let Replay { decision, outcome, restored } = replay(record, payload, &inputs).map_err(|p| refuse(common, &p, Exit::Record))?;
    if let Likeness::Different(found) = &outcome {
        return Err(refuse(common, &[differs(found)], Exit::Record));
    }
    let ground = Ground {
        checklist: &restored.checklist,
        files: &restored.files,
        overlay: restored.overlay.as_ref(),
        facts: &restored.facts,
        waivers: &restored.waivers,
        remediations: &restored.remediations,
        decision: &decision,
    };
    let annex = if output::wants_annex(&targets) {
        let forecast = look(ground, &restored.exceptions, common)?;
        let command = report_line(place.store.folder(), kept.seq);
        Some(Annex { forecast, record: Some(mark(kept)), ..annex(ground, command) })
    } else {
        None
    };
    output::write(&targets, &Dossier { decision: &decision, annex: annex.as_ref() }, common.color)
}

/// What a page says of its record: who claims to have signed it. Whether that counts says `golive record verify`.
fn mark(kept: &KeptRecord) -> RecordMark {
    let signatures = kept.envelope.iter().flat_map(|envelope| &envelope.signatures);
    RecordMark { seq: kept.seq, digest: format!("sha256:{}", kept.digest), keys: signatures.map(|s| s.keyid.clone()).collect() }
}

fn differs(found: &[Difference]) -> Problem {
    let places: Vec<&str> = found.iter().map(|d| d.place.as_str()).collect();
    let message = format!("the record does not come out the same: {}", visible(&places.join(", ")));
    Problem::new("golive::record::replay", message).help("`golive record replay` shows what differs; nothing is reported of such a record")
}
