//! `golive collect`: from a deployment to one facts document.

use super::args::{CollectArgs, Common};
use super::exit::Exit;
use super::gather::Collection;
use super::output;
use super::session::{Session, usage};
use crate::collect::{COLLECTORS, Configured, Need};
use crate::schema::did_you_mean;
use crate::text::visible;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

/// Runs the command.
pub fn run(args: &CollectArgs, common: &Common) -> Exit {
    let outcome = if args.list { list() } else { collect(args, common) };
    match outcome {
        Ok(exit) | Err(exit) => exit,
    }
}

fn list() -> Result<Exit, Exit> {
    let width = COLLECTORS.iter().map(|e| e.name.len()).max().unwrap_or_default();
    let lines = COLLECTORS.iter().map(|e| format!("{:<width$}  {:<8}  {}\n", e.name, e.trust.word(), e.about));
    output::stdout(&lines.collect::<String>())?;
    Ok(Exit::Go)
}

fn collect(args: &CollectArgs, common: &Common) -> Result<Exit, Exit> {
    let session = Session::open(common)?;
    let mut collection = Collection::open(&session, args.at.as_deref(), args.keep_runs.is_some())?;
    only(&mut collection, &args.only)?;
    if args.dry_run {
        return dry_run(&collection, !args.only.is_empty());
    }
    if args.output.as_os_str() == "-" {
        return Err(usage("facts go to a file, because their evidence is kept beside it: -o facts.json"));
    }
    let gathered = collection.run(common);
    let folder = args.output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    collection.keep(&gathered, folder, &args.output)?;
    if let (Some(path), Some(text)) = (&args.keep_runs, collection.runs()?) {
        output::file(path, text.as_bytes())?;
    }
    let absent: Vec<&str> = gathered.iter().filter(|g| g.outcome.is_err()).map(|g| g.group.as_str()).collect();
    let stated = format!("{}: {} of {} groups", shown(&args.output), gathered.len() - absent.len(), gathered.len());
    let words = if absent.is_empty() { format!("{stated}\n") } else { format!("{stated}, absent: {}\n", absent.join(", ")) };
    output::stdout(&words)?;
    Ok(if absent.is_empty() { Exit::Go } else { Exit::Input })
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

/// Leaves only the groups that were asked for.
fn only(collection: &mut Collection, groups: &[String]) -> Result<(), Exit> {
    for group in groups {
        if !collection.configured.iter().any(|c| c.group == *group) {
            let names = collection.configured.iter().map(|c| c.group.as_str());
            let help = did_you_mean(group, names).unwrap_or_else(|| "`golive collect --dry-run` shows the tables".to_owned());
            return Err(usage(&format!("golive.toml has no table [facts.{}]: {help}", visible(group))));
        }
    }
    collection.configured.retain(|c| groups.is_empty() || groups.contains(&c.group));
    Ok(())
}

/// One line for each group of the checklist: all that it needs is there, something is missing (and what), or it is not configured.
fn dry_run(collection: &Collection, only: bool) -> Result<Exit, Exit> {
    let mut out = String::new();
    let mut missing = 0;
    let names = collection.loaded.checklist.groups.keys();
    let width = names.clone().map(String::len).max().unwrap_or_default();
    let wide = COLLECTORS.iter().map(|e| e.name.len()).max().unwrap_or_default();
    for name in names {
        let line = match collection.configured.iter().find(|c| c.group == *name) {
            None if only => continue,
            None => "not configured".to_owned(),
            Some(configured) => {
                let wants = wants(collection, configured);
                missing += usize::from(!wants.is_empty());
                let state = if wants.is_empty() { "inputs present" } else { "missing" };
                let wants: String = wants.iter().map(|want| format!("\n    {want}")).collect();
                format!("{:<wide$}  {state}{wants}", configured.entry.name)
            }
        };
        out.push_str(&format!("{name:<width$}  {line}\n"));
    }
    let configured = collection.configured.len();
    out.push_str(&format!("{} of {configured} configured groups have all that they need\n", configured - missing));
    output::stdout(&out)?;
    Ok(if missing > 0 { Exit::Input } else { Exit::Go })
}

/// What a collector needs and does not find.
fn wants(collection: &Collection, configured: &Configured) -> Vec<String> {
    let mut out = Vec::new();
    for need in configured.collector.needs() {
        let found = match &need {
            Need::Path(path) => collection.files().about(path).map(|_| ()).map_err(|absent| absent.reason),
            Need::Program(program) => collection.find(program).map(|_| ()).map_err(|absent| absent.reason),
            Need::Address(address) => connect(address),
            Need::Machine => std::fs::read_dir("/proc/self/fd").map(|_| ()).map_err(|e| format!("/proc cannot be read: {e}")),
        };
        out.extend(found.err());
    }
    out
}

fn connect(address: &str) -> Result<(), String> {
    let failed = |e: &dyn std::fmt::Display| visible(&format!("{address} does not answer: {e}"));
    let mut addresses = address.to_socket_addrs().map_err(|e| failed(&e))?;
    let first = addresses.next().ok_or_else(|| failed(&"it has no address"))?;
    TcpStream::connect_timeout(&first, Duration::from_secs(1)).map(drop).map_err(|e| failed(&e))
}
