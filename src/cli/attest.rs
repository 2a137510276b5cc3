//! `golive attest GROUP`: what a person states, written as a statement that the collector `attestation` reads.

use super::args::{AttestArgs, Common};
use super::exit::Exit;
use super::session::{Session, clock, refuse, usage};
use super::{input, output};
use crate::checklist::{Checklist, contract};
use crate::collect::sha256;
use crate::facts::{LONGEST, Statement};
use crate::model::time::parse_duration;
use crate::model::{Evidence, Instant, Trust};
use crate::schema::{Schema, did_you_mean};
use crate::text::{Document, Limits, Problem, Source, read_by_name, read_json, visible};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// Runs the command.
pub fn run(args: &AttestArgs, common: &Common) -> Exit {
    match attest(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn attest(args: &AttestArgs, common: &Common) -> Result<(), Exit> {
    let session = Session::open(common)?;
    let plan = session.plan()?;
    let checklist = session.checklist(&plan.environment)?;
    let schema = attested(&checklist, &args.group)?;
    let (now, _) = clock(args.at.as_deref())?;
    let refused = |problems: &[Problem]| refuse(common, problems, Exit::Input);
    if args.by.trim().is_empty() {
        return Err(usage("who states it? --by names a person, a role or a team"));
    }
    let evidence = args.evidence.iter().map(|flag| evidence(flag)).collect::<Result<Vec<_>, _>>()?;
    let document = value(args).map_err(|p| refused(&[*p]))?;
    let problems = schema.problems("golive::attest::value", &document.value, &document, "");
    if !problems.is_empty() {
        return Err(refused(&problems));
    }
    let statement = Statement {
        group: args.group.clone(),
        environment: plan.environment,
        release: plan.release,
        stated_by: args.by.trim().to_owned(),
        stated_at: now,
        expires_at: expiry(&args.expires, now)?,
        evidence,
        value: document.value,
    };
    if let Some(fault) = statement.term_fault() {
        return Err(usage(&format!("--expires {}: {fault}", visible(&args.expires))));
    }
    // What the collector will refuse is not written.
    let written = Arc::new(Source::new("the statement", statement.write()));
    let written = read_json(written, &Limits::default()).map_err(|p| refused(&[p]))?;
    let problems = contract("statement").map(|c| c.problems("golive::attest::statement", &written.value, &written, ""));
    match problems {
        Ok(problems) if problems.is_empty() => write(args, &statement, common),
        Ok(problems) | Err(problems) => Err(refused(&problems)),
    }
}

/// The schema of a group that some control takes from people.
fn attested<'c>(checklist: &'c Checklist, group: &str) -> Result<&'c Schema, Exit> {
    let takes = |name: &str| checklist.controls.iter().any(|c| c.text.facts.get(name) == Some(&Trust::Attested));
    let names: Vec<&str> = checklist.groups.keys().map(String::as_str).filter(|name| takes(name)).collect();
    match checklist.groups.get(group) {
        Some(schema) if takes(group) => Ok(schema),
        Some(_) => {
            let message =
                format!("no control takes `{}` from people: it must be measured. People state {}", visible(group), names.join(", "));
            Err(usage(&message))
        }
        None => {
            let help = did_you_mean(group, names.iter().copied()).unwrap_or_else(|| format!("people state {}", names.join(", ")));
            Err(usage(&format!("the checklist has no group of facts `{}`: {help}", visible(group))))
        }
    }
}

/// The value of the group, with the places of its text.
fn value(args: &AttestArgs) -> Result<Document, Box<Problem>> {
    let limits = Limits::default();
    if let Some(path) = &args.value {
        let source = if path.as_os_str() == "-" { input::read_stdin() } else { input::read_text(path) };
        return source.and_then(|source| read_by_name(source, &limits)).map_err(Box::new);
    }
    let mut value = Value::Object(Map::new());
    for flag in &args.set {
        set(&mut value, flag).map_err(|message| Box::new(Problem::new("golive::attest::set", message)))?;
    }
    // Read again as text, so that a fault can be shown where it stands.
    read_json(Arc::new(Source::new("--set", format!("{value:#}"))), &limits).map_err(Box::new)
}

/// Lays `a.b=text`, or `a.b:=json`, into a value.
fn set(value: &mut Value, flag: &str) -> Result<(), String> {
    let wanted = || format!("--set `{}`: wanted is path=text, or path:=json, such as assignment.state=assigned", visible(flag));
    let (path, text) = flag.split_once('=').ok_or_else(wanted)?;
    let (path, leaf) = match path.strip_suffix(':') {
        Some(path) => {
            let source = Arc::new(Source::new(format!("--set {path}"), text));
            (path, read_json(source, &Limits::default()).map_err(|p| format!("--set {}: {}", visible(path), p.message))?.value)
        }
        None => (path, Value::String(text.to_owned())),
    };
    let mut here = value;
    for key in path.split('.') {
        if key.is_empty() {
            return Err(wanted());
        }
        let Value::Object(members) = here else { return Err(format!("--set {}: a part of this path is set already", visible(path))) };
        here = members.entry(key).or_insert_with(|| Value::Object(Map::new()));
    }
    let free = here.as_object().is_some_and(Map::is_empty);
    *here = leaf;
    if free { Ok(()) } else { Err(format!("--set {}: this path is set twice", visible(path))) }
}

/// `URI=FILE`, `URI=sha256`, or a file alone. What lies at a URI is never fetched.
fn evidence(flag: &str) -> Result<Evidence, Exit> {
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    // A URI may hold `=` itself: what follows the last one is the digest or the file, unless nothing is there by that name.
    let (uri, digest) = match flag.rsplit_once('=') {
        Some((uri, text)) if is_digest(text) => (uri, text.to_owned()),
        Some((uri, file)) if Path::new(file).is_file() => (uri, digest(Path::new(file))?),
        _ if !flag.contains("://") && Path::new(flag).is_file() => (flag, digest(Path::new(flag))?),
        _ => {
            let last = flag.rsplit('=').next().unwrap_or(flag);
            let form = "wanted is URI=FILE or URI=sha256 (64 hexadecimal digits)";
            let message = format!("--evidence `{}`: there is no file `{}`, and it is no sha256: {form}", visible(flag), visible(last));
            return Err(usage(&message));
        }
    };
    let plain = !uri.is_empty() && uri.bytes().all(|b| (b'!'..=b'~').contains(&b));
    if !plain {
        return Err(usage(&format!("--evidence `{}`: a URI is printable ASCII without spaces", visible(uri))));
    }
    let place = uri.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    // A password may hold a slash: what follows a colon is a port, or the start of one.
    let is_port = place.rsplit_once(':').is_none_or(|(_, port)| port.ends_with(']') || port.bytes().all(|b| b.is_ascii_digit()));
    if place.contains('@') || !is_port {
        return Err(usage("--evidence: a link holds neither user nor password, because it is printed and kept"));
    }
    Ok(Evidence { uri: uri.to_owned(), sha256: digest })
}

/// The digest of a file's bytes.
fn digest(path: &Path) -> Result<String, Exit> {
    let bytes = std::fs::read(path).map_err(|e| usage(&input::cannot(path, &e).message))?;
    Ok(sha256(&bytes))
}

/// `P30D` from now, or a time.
fn expiry(text: &str, now: Instant) -> Result<Instant, Exit> {
    let found = parse_duration(text).and_then(|ms| now.ms.checked_add(ms)).map(|ms| Instant { ms }).or_else(|| Instant::parse(text));
    found.ok_or_else(|| {
        let days = LONGEST / 86_400_000;
        usage(&format!("--expires wants P30D or a time such as 2026-12-23T12:00:00Z, at most {days} days ahead, got `{}`", visible(text)))
    })
}

fn write(args: &AttestArgs, statement: &Statement, common: &Common) -> Result<(), Exit> {
    let text = statement.write();
    let Some(path) = args.output.as_ref().filter(|p| p.as_os_str() != "-") else { return output::stdout(&text) };
    let shown = visible(&path.to_string_lossy());
    if !args.force && std::fs::symlink_metadata(path).is_ok() {
        return Err(usage(&format!("{shown} is there already, and stays as it is: --force writes over it, -o names another place")));
    }
    output::file_with_folder(path, text.as_bytes())?;
    if common.quiet {
        return Ok(());
    }
    let by = visible(&statement.stated_by);
    output::stdout(&format!(
        "{shown}: {} stated by {by} for {} {}, until {}\n",
        args.group,
        visible(&statement.environment),
        visible(&statement.release),
        statement.expires_at
    ))
}
