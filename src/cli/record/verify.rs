//! `golive record verify`: is it complete, unchanged and signed; and may the release go live?

use super::place::Place;
use super::signers::{Asked as Keys, SignersArgs};
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::session::{Session, clock, refuse, usage};
use crate::cli::{diagnostics, output};
use crate::model::Instant;
use crate::model::time::{Millis, parse_duration};
use crate::record::ask::{Asked, No, ask};
use crate::record::store::{Chain, Store};
use crate::record::tell::{Answer, Verified, verification};
use crate::record::verify::{Bytes, Findings, verify};
use crate::text::{Problem, visible};
use clap::Args;
use std::path::PathBuf;

/// `golive record verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A folder of records.
    #[arg(value_name = "DIR")]
    pub records: PathBuf,
    /// Whose signatures are asked for.
    #[command(flatten)]
    pub signers: SignersArgs,
    /// How old the newest decision may be, with --environment and --release: PT1H.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub max_age: Option<Millis>,
    /// The digest of a record that must be among them, as an earlier run printed it (`sha256:…`): it shows a chain that was cut and
    /// signed again.
    #[arg(long, value_name = "sha256:…")]
    pub head: Option<String>,
    /// Ask as of this time instead of now (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

const FORMATS: [&str; 2] = ["human", "json"];

fn duration(text: &str) -> Result<Millis, String> {
    parse_duration(text).ok_or_else(|| "a length of time such as PT1H or P1D is wanted".to_owned())
}

/// The environment and the release that a deploy job asks about; none where nobody asks whether something may go live.
fn question<'c>(args: &VerifyArgs, common: &'c Common, keys: &Keys) -> Result<Option<(&'c str, &'c str)>, Exit> {
    match (&common.environment, &common.release) {
        (None, None) if args.max_age.is_none() => Ok(None),
        (Some(_), Some(_)) if keys.trust().is_none() => {
            Err(usage("--unsigned cannot say whether a release may go live: anybody could have written the records"))
        }
        (Some(environment), Some(release)) => Ok(Some((environment, release))),
        _ => Err(usage("whether a release may go live is asked with both --environment and --release")),
    }
}

/// Runs the command.
pub fn run(args: &VerifyArgs, common: &Common) -> Result<Exit, Exit> {
    let targets = output::named(&args.output, &FORMATS).map_err(|message| usage(&message))?;
    let session = Session::open(common)?;
    let keys = args.signers.read(&session)?;
    let question = question(args, common, &keys)?;
    let (now, _) = clock(args.at.as_deref())?;
    let place = Place::read(&args.records, common)?;
    if place.seq.is_some() {
        return Err(usage("a chain is verified as a whole: name its folder"));
    }
    let chain = place.chain(common)?;
    let mut findings = held(&place.store, &chain, &keys);
    findings.faults.extend(pinned(args, &chain));
    super::summary::hold(&place.store, &chain, &mut findings);
    diagnostics::print(&findings.notes, common.color, !common.quiet);
    diagnostics::print(&findings.faults, common.color, true);
    let mut exit = exit(&findings.faults);
    let mut answer = None;
    if let (Some((environment, release)), Exit::Go, Some(trust)) = (question, exit, keys.trust()) {
        let asked = Asked { environment, release, max_age: args.max_age, now, trust };
        answer = Some(answered(&chain, &asked, common, &mut exit));
    }
    let verified = Verified { chain: &chain, findings: &findings, asked: keys.trust().is_some(), answer };
    output::texts(&targets, common.color, |format, look| verification(&verified, format, look))?;
    Ok(exit)
}

/// Holds a chain against itself and its signatures.
pub fn held(store: &Store, chain: &Chain, keys: &Keys) -> Findings {
    let bytes = Bytes { inputs: &|digest| store.input(digest), evidence: &|path| store.beside(path) };
    verify(chain, bytes, keys.signers())
}

/// A chain that has faults is bad; one that this golive cannot read says nothing.
pub fn exit(faults: &[Problem]) -> Exit {
    match faults {
        [] => Exit::Go,
        _ if faults.iter().all(|f| f.code == "golive::record::version") => Exit::Input,
        _ => Exit::Record,
    }
}

fn pinned(args: &VerifyArgs, chain: &Chain) -> Option<Problem> {
    let wanted = args.head.as_deref()?;
    let digest = wanted.strip_prefix("sha256:").unwrap_or(wanted);
    let found = chain.records.iter().any(|kept| kept.digest == digest);
    (!found).then(|| {
        Problem::new("golive::record::head", format!("the head `{}` was here once, and no record has that digest", visible(wanted)))
    })
}

fn answered(chain: &Chain, asked: &Asked<'_>, common: &Common, exit: &mut Exit) -> Answer {
    let (environment, release) = (asked.environment.to_owned(), asked.release.to_owned());
    let reasons = match ask(chain, asked) {
        Ok(_) => Vec::new(),
        Err(No::Foreign(problem)) => {
            *exit = refuse(common, std::slice::from_ref(&problem), Exit::Record);
            vec![problem]
        }
        Err(No::Closed(problems)) => {
            *exit = refuse(common, &problems, Exit::NoGo);
            problems
        }
    };
    Answer { environment, release, at: Instant { ms: asked.now.ms }, reasons: reasons.into_iter().map(|p| p.message).collect() }
}
