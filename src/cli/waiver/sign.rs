//! `golive waiver sign`: the signatures of approvers, beside the file that they approve.

use crate::cli::approvals::sidecar;
use crate::cli::args::Common;
use crate::cli::exit::Exit;
use crate::cli::session::{clock, refuse};
use crate::cli::{input, judge, keys, output};
use crate::model::Instant;
use crate::record::approval::unsigned;
use crate::record::{Approval, Envelope};
use crate::text::{Document, Problem, visible};
use clap::Args;
use std::path::{Path, PathBuf};

/// `golive waiver sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// A file of waivers; the signature is written beside it, into FILE.dsse.json, where other approvers may sign too.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The approver's private key, as `golive record keygen --role waiver` makes it.
    #[arg(long, env = "GOLIVE_APPROVAL_KEY", value_name = "KEY")]
    pub key: PathBuf,
    /// Begins anew where the signatures that are there are of other bytes, or too old.
    #[arg(long)]
    pub renew: bool,
    /// When it is signed, instead of now (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// Runs the command.
pub fn run(args: &SignArgs, common: &Common) -> Result<Exit, Exit> {
    let refused = |problems: Vec<Problem>| refuse(common, &problems, Exit::Input);
    let (now, _) = clock(args.at.as_deref())?;
    let document = input::read_text(&args.file).map_err(|p| vec![p]).and_then(judge::document).map_err(refused)?;
    let target = sidecar(&args.file);
    let mut envelope = envelope(args, &document, &target, now).map_err(refused)?;
    let key = keys::read(&args.key)?;
    envelope.sign(&key);
    output::file(&target, envelope.write().as_bytes())?;
    let approval = Approval::read(&envelope, &target.to_string_lossy()).map_err(refused)?;
    let count = if approval.waivers.len() == 1 { "1 waiver".to_owned() } else { format!("{} waivers", approval.waivers.len()) };
    let ids: Vec<String> = approval.waivers.iter().map(|id| visible(id)).collect();
    let times = if envelope.signatures.len() == 1 { String::new() } else { format!(", {} signatures", envelope.signatures.len()) };
    output::stdout(&format!(
        "{}: {count} signed with {} as of {}{times}: {}\n",
        visible(&target.to_string_lossy()),
        key.public().id(),
        approval.signed_at,
        ids.join(", ")
    ))?;
    Ok(Exit::Go)
}

/// What is signed: what others have signed before, where it is of these very bytes, or a new statement.
fn envelope(args: &SignArgs, document: &Document, target: &Path, now: Instant) -> Result<Envelope, Vec<Problem>> {
    let fresh = Approval::of(document, now)?;
    if args.renew || std::fs::symlink_metadata(target).is_err() {
        let name = args.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        return Ok(fresh.envelope(&name));
    }
    let source = input::read_text(target).map_err(|p| vec![p])?;
    let envelope = Envelope::read(source).map_err(|p| vec![p])?;
    let before = Approval::read(&envelope, &target.to_string_lossy())?;
    if before == (Approval { signed_at: before.signed_at, ..fresh }) && before.signed_at <= now {
        return Ok(envelope);
    }
    let why = "the signatures beside it are of other bytes";
    Err(vec![unsigned(&document.source.name, why, "--renew begins anew: every approver signs again")])
}
