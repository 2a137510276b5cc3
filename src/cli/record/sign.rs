//! `golive record sign`: one signature more, of somebody else who stands behind the decision.

use super::again::{again, differs};
use super::place::Place;
use super::replay::opened;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::keep::told;
use crate::cli::session::{Session, refuse, usage};
use crate::cli::{keys, output};
use crate::record::Envelope;
use crate::record::replay::Likeness;
use crate::text::visible;
use clap::Args;
use std::path::PathBuf;

/// `golive record sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// A folder of records for its newest, FOLDER@7, or the file of a record.
    #[arg(value_name = "RECORD")]
    pub record: PathBuf,
    /// The private key that signs, as `golive record keygen` makes it; without it `[signing] key` of golive.toml.
    #[arg(long, env = "GOLIVE_SIGNING_KEY", value_name = "FILE")]
    pub signing_key: Option<PathBuf>,
}

/// Runs the command. Nothing is signed that does not come out the same here.
pub fn run(args: &SignArgs, common: &Common) -> Result<Exit, Exit> {
    let session = Session::open(common)?;
    let Some(path) = args.signing_key.as_ref().or(session.config.signing.key.as_ref()) else {
        return Err(usage("no key: give --signing-key FILE, or write it into golive.toml"));
    };
    let key = keys::read(path)?;
    let place = Place::read(&args.record, common)?;
    let chain = place.chain(common)?;
    let kept = place.kept(&chain, common)?;
    let (record, _) = opened(kept, common)?;
    if let Likeness::Different(found) = &again(&place.store, kept, common)?.outcome {
        return Err(refuse(common, &[differs(found)], Exit::Record));
    }
    let id = key.public().id();
    // By the key itself: what a signature says of itself could be anybody's word.
    if kept.envelope.as_ref().is_ok_and(|envelope| !envelope.signed_by(&[key.public()]).is_empty()) {
        return Err(usage("this key has signed the record already"));
    }
    let writer = place.store.writer().map_err(|error| told(error, common))?;
    let seal = |envelope: &mut Envelope| envelope.sign(&key);
    let signatures = writer.countersign(kept.seq, &kept.digest, &seal).map_err(|error| told(error, common))?;
    let (environment, release) = (visible(&record.environment), visible(&record.release));
    let words = format!("record {}: {} for release {release} in {environment}, sha256:{}", kept.seq, record.gate.word(), kept.digest);
    output::stdout(&format!("signed by {id}, {signatures} signatures in all\n{words}\n"))?;
    Ok(Exit::Go)
}
