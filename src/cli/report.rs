//! `golive report`: a record rendered again.

use super::again::report_line;
use super::args::Common;
use super::exit::Exit;
use super::record::{Again, Place, SignersArgs, again, differs, ground, held};
use super::session::{Session, refuse, usage};
use super::{diagnostics, output};
use crate::model::dossier::RecordMark;
use crate::model::{Annex, Dossier};
use crate::outlook::annex::annex;
use crate::record::replay::Likeness;
use crate::record::store::{Chain, KeptRecord};
use clap::Args;
use std::path::PathBuf;

/// `golive report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A folder of records for its newest, FOLDER@7, or the file of a record.
    #[arg(value_name = "RECORD")]
    pub record: PathBuf,
    /// The keys that count; without it `[signing] trust` of golive.toml. Where neither names any, signatures are not looked at.
    #[arg(long, env = "GOLIVE_TRUST", value_name = "FILE")]
    pub trust: Option<PathBuf>,
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
    trusted(args, &place, &chain, common)?;
    let Again { run, forecast, outcome } = again(&place.store, kept, common)?;
    if let Likeness::Different(found) = &outcome {
        return Err(refuse(common, &[differs(found)], Exit::Record));
    }
    let decision = &run.decision;
    let annex = output::wants_annex(&targets).then(|| {
        let command = report_line(place.store.folder(), kept.seq);
        Annex { forecast, record: Some(mark(kept)), ..annex(ground(&run.restored, &run), command) }
    });
    output::write(&targets, &Dossier { decision, annex: annex.as_ref() }, common.color)
}

/// What a page says of its record: who claims to have signed it. Whether that counts says `golive record verify`.
fn mark(kept: &KeptRecord) -> RecordMark {
    let signatures = kept.envelope.iter().flat_map(|envelope| &envelope.signatures);
    RecordMark { seq: kept.seq, digest: format!("sha256:{}", kept.digest), keys: signatures.map(|s| s.keyid.clone()).collect() }
}

/// Where trusted keys are named, nothing is reported of a chain that does not verify with them.
fn trusted(args: &ReportArgs, place: &Place, chain: &Chain, common: &Common) -> Result<(), Exit> {
    let session = Session::open(common)?;
    let trust = args.trust.clone().or_else(|| session.config.signing.trust.clone());
    let Some(trust) = trust else {
        if !common.quiet {
            diagnostics::plain("signatures were not looked at: no trusted key is named (--trust)");
        }
        return Ok(());
    };
    let keys = SignersArgs { trust: Some(trust), unsigned: false }.read(&session)?;
    let faults = held(&place.store, chain, &keys, &session).faults;
    if faults.is_empty() { Ok(()) } else { Err(refuse(common, &faults, Exit::Record)) }
}
