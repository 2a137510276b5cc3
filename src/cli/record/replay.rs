//! `golive record replay`: does it come out the same?

use super::again::again;
use super::place::Place;
use super::signers::SignersArgs;
use super::verify::{exit, held};
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::{Session, refuse, usage};
use crate::model::{Gate, Record};
use crate::record::replay::{Likeness, replay_under};
use crate::record::store::KeptRecord;
use crate::record::tell::{Replayed, replayed};
use clap::Args;
use std::path::PathBuf;

/// `golive record replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A folder of records for its newest, FOLDER@7, or the file of a record. With --checklist: what the decision would be under
    /// that checklist, which is no gate.
    #[arg(value_name = "RECORD")]
    pub record: PathBuf,
    /// Whose signatures are asked for.
    #[command(flatten)]
    pub signers: SignersArgs,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

const FORMATS: [&str; 2] = ["human", "json"];

/// Runs the command.
pub fn run(args: &ReplayArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|message| usage(&message))?;
    let session = Session::open(common)?;
    let keys = args.signers.read(&session)?;
    let place = Place::read(&args.record, common)?;
    let chain = place.chain(common)?;
    let kept = place.kept(&chain, common)?;
    let findings = held(&place.store, &chain, &keys, &session);
    if !findings.faults.is_empty() {
        return Err(refuse(common, &findings.faults, exit(&findings.faults)));
    }
    let (record, _) = opened(kept, common)?;
    let (decision, outcome) = match &common.checklist {
        Some(_) => {
            let inputs = |digest: &str| place.store.input(digest);
            let run = replay_under(record, &inputs, session.files()?).map_err(|problems| refuse(common, &problems, Exit::Checklist))?;
            (run.decision, run.outcome)
        }
        None => {
            let run = again(&place.store, kept, common)?;
            (run.run.decision, run.outcome)
        }
    };
    let is_gate = common.checklist.is_none();
    let told = Replayed { record, decision: &decision, outcome: &outcome, is_gate };
    output::texts(&targets, common.color, |format, look| replayed(&told, format, look))?;
    Ok(ended(&outcome, decision.gate, is_gate))
}

/// A record and the bytes that it was read from.
pub fn opened<'k>(kept: &'k KeptRecord, common: &Common) -> Result<(&'k Record, &'k [u8]), Exit> {
    match (&kept.record, &kept.envelope) {
        (Ok(record), Ok(envelope)) => Ok((record, &envelope.payload)),
        (Err(problem), _) | (_, Err(problem)) => Err(refuse(common, std::slice::from_ref(problem), exit(std::slice::from_ref(problem)))),
    }
}

fn ended(outcome: &Likeness, gate: Gate, is_gate: bool) -> Exit {
    match outcome {
        Likeness::Different(_) if is_gate => Exit::Record,
        Likeness::Different(_) => Exit::NoGo,
        _ if !is_gate && gate == Gate::NoGo => Exit::NoGo,
        _ => Exit::Go,
    }
}
