//! `golive record verify`: is it complete, unchanged and signed; and may the release go live?

use super::again::{again, differs};
use super::place::Place;
use super::replay::opened;
use super::signers::{Asked as Keys, SignersArgs};
use crate::cli::args::Common;
use crate::cli::config::WaiverSignatures;
use crate::cli::exit::Exit;
use crate::cli::forecast::length;
use crate::cli::session::{Session, clock, refuse, usage};
use crate::cli::{diagnostics, output};
use crate::model::Millis;
use crate::model::{Instant, Record};
use crate::record::ask::{Asked, No, ask};
use crate::record::replay::Likeness;
use crate::record::store::{Chain, Store};
use crate::record::tell::{Answer, Verified, verification};
use crate::record::verify::{Bytes, Demand, Findings, verify};
use crate::text::{Problem, sha256, visible};
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
    #[arg(long, value_name = "DURATION", value_parser = length)]
    pub max_age: Option<Millis>,
    /// The digest of a record that must be among them, as an earlier run printed it (`sha256:…`): it shows a chain that was cut and
    /// signed again.
    #[arg(long, value_name = "sha256:…", value_parser = digest)]
    pub head: Option<String>,
    /// Ask as of this time instead of now (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Output format, and where to write it; may be repeated. Formats: human, json.
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
}

const FORMATS: [&str; 2] = ["human", "json"];

/// The 64 digits of a digest.
fn digest(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let whole = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if whole {
        Ok(digits.to_owned())
    } else {
        Err("a whole digest is wanted, `sha256:` and 64 digits, as `golive check` prints it".to_owned())
    }
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
    let (now, given) = clock(args.at.as_deref())?;
    let place = Place::read(&args.records, common)?;
    if place.seq.is_some() {
        return Err(usage("a chain is verified as a whole: name its folder"));
    }
    let chain = place.chain(common)?;
    let mut findings = held(&place.store, &chain, &keys, &session);
    findings.faults.extend(pinned(args, &chain));
    super::summary::hold(&place.store, &chain, &mut findings);
    diagnostics::print(&findings.notes, common.color, !common.quiet);
    diagnostics::print(&findings.faults, common.color, true);
    let mut exit = exit(&findings.faults);
    let mut answer = None;
    if let (Some((environment, release)), Exit::Go, Some(trust)) = (question, exit, keys.trust()) {
        let asked = Asked { environment, release, max_age: args.max_age, now, trust };
        let mut found = answered(&chain, &asked, common, &mut exit);
        found.given = given;
        if exit == Exit::Go {
            exit = agreed(&place, &chain, &session, &mut found)?;
        }
        answer = Some(found);
    }
    let verified = Verified { chain: &chain, findings: &findings, asked: keys.trust().is_some(), answer };
    output::texts(&targets, common.color, |format, look| verification(&verified, format, look))?;
    Ok(exit)
}

/// Holds a chain against itself and its signatures.
pub fn held(store: &Store, chain: &Chain, keys: &Keys, session: &Session<'_>) -> Findings {
    let bytes = Bytes { inputs: &|digest| store.input(digest), evidence: &|path| store.beside(path) };
    let signed_waivers = session.config.signing.waivers == Some(WaiverSignatures::Required);
    verify(chain, bytes, Demand { signers: keys.signers(), signed_waivers })
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
    let digest = args.head.as_deref()?;
    let found = chain.records.iter().any(|kept| kept.digest == digest);
    (!found).then(|| Problem::new("golive::record::head", format!("sha256:{digest} was the head once, and no record has that digest")))
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
    Answer {
        environment,
        release,
        at: Instant { ms: asked.now.ms },
        given: false,
        reasons: reasons.into_iter().map(|p| p.message).collect(),
    }
}

/// A yes is given under the checklist and the parameters that are meant here, and to what comes out the same here.
fn agreed(place: &Place, chain: &Chain, session: &Session<'_>, answer: &mut Answer) -> Result<Exit, Exit> {
    let common = session.common;
    let kept = place.kept(chain, common)?;
    let (record, _) = opened(kept, common)?;
    let mut problems = meant(record, session)?;
    if problems.is_empty() {
        let again = again(&place.store, kept, common)?;
        if let Likeness::Different(found) = &again.outcome {
            problems.push(differs(found));
        }
    }
    if problems.is_empty() {
        return Ok(Exit::Go);
    }
    answer.reasons.extend(problems.iter().map(|problem| problem.message.clone()));
    Ok(refuse(common, &problems, Exit::Record))
}

/// The checklist is the pinned one, or that of flags and golive.toml, or the built-in one; the parameters are those of flags and golive.toml.
fn meant(record: &Record, session: &Session<'_>) -> Result<Vec<Problem>, Exit> {
    let foreign = |message: String| Problem::new("golive::record::foreign", message);
    let wanted = match &session.config.checklist.digest {
        Some(pinned) if session.common.checklist.is_none() => pinned.clone(),
        _ => session.files()?.digest(),
    };
    let mut out = Vec::new();
    let used = &record.inputs.checklist.digest;
    if *used != wanted {
        let controls = record.decision["checklist"]["controls"].as_u64().unwrap_or_default();
        let message = format!(
            "the newest record was decided under the checklist {} ({controls} controls), meant is {}",
            visible(used),
            visible(&wanted)
        );
        out.push(
            foreign(message)
                .help("--checklist, or golive.toml with a path or a pinned digest, says which one is meant; without it the built-in one"),
        );
    }
    let own = session.overlay()?.map(|overlay| sha256(overlay.source.text.as_bytes()));
    if record.inputs.parameters.as_ref().map(|input| &input.sha256) != own.as_ref() {
        let message = "the newest record was decided with other parameters than those that are meant".to_owned();
        out.push(foreign(message).help("--parameters, or `parameters` in golive.toml, says which are meant; without it none"));
    }
    Ok(out)
}
