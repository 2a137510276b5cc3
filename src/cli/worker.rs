//! `golive worker`: facts documents as lines in, verdict lines out.

use super::args::{Common, WorkerArgs};
use super::batch::{refused, setting};
use super::diagnostics;
use super::exit::Exit;
use super::session::{Session, clock};
use crate::batch::supervisor::worker::{Order, limit, unable, work};
use crate::batch::supervisor::{Cache, CacheFolder, words};
use crate::batch::{Judge, Mode};
use std::io;

/// Runs the command.
pub fn run(args: &WorkerArgs, common: &Common) -> Exit {
    let judge = match open(args, common) {
        Ok(judge) => judge,
        Err((exit, words)) => {
            if args.supervised.is_some() {
                // The supervisor tells it; whether it hears this shows on its side.
                let _ = unable(&words, &mut io::stdout().lock());
            }
            return exit;
        }
    };
    let order =
        Order { supervised: args.supervised.is_some(), files: args.files, announce: args.announce, prefix: args.source_prefix.clone() };
    match work(judge, &order, io::stdin().lock(), io::stdout()) {
        Ok(()) => Exit::Go,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Pipe,
        Err(error) => {
            diagnostics::plain(&format!("a worker cannot go on: {error}"));
            if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::WriteZero) { Exit::Write } else { Exit::NoDecision }
        }
    }
}

fn open(args: &WorkerArgs, common: &Common) -> Result<Judge, (Exit, String)> {
    let told = |exit: Exit| (exit, format!("a worker cannot begin (exit code {})", exit.code()));
    limit(args.work.memory << 20, args.supervised.is_some())
        .map_err(|error| (Exit::NoDecision, format!("a worker cannot limit itself to {} MiB: {error}", args.work.memory)))?;
    let session = Session::open(common).map_err(told)?;
    let (now, _) = clock(Some(&args.at)).map_err(told)?;
    let setting = setting(&session, &args.exceptions, now).map_err(told)?;
    let mut judge = Judge::new(setting.clone(), now).map_err(|refusal| told(refused(common, refusal)))?;
    session.pinned(judge.digest()).map_err(told)?;
    if args.supervised.as_ref().is_some_and(|digest| *digest != setting.fingerprint(judge.digest(), now).digest()) {
        return Err((Exit::NoDecision, "checklist, parameters, waivers or remediations have changed since the batch began".to_owned()));
    }
    if let Some(wanted) = args.expect_checklist.as_ref().filter(|wanted| *wanted != judge.digest()) {
        let words = format!("the checklist's digest is {}, wanted is {}", judge.digest(), crate::text::visible(wanted));
        diagnostics::plain(&words);
        return Err((Exit::Checklist, words));
    }
    judge.mark_broken(args.broken.iter().cloned());
    // Who says which control comes next looks for the one that ends a process: the interpreter asks them one by one.
    if !args.work.reference && !args.announce && args.broken.is_empty() {
        judge.take(Mode::quick(args.work.sample));
        if let (Some(folder), Some(generation)) = (&args.cache, args.generation) {
            let cache = Cache::open(&CacheFolder { folder: folder.clone(), generation });
            let cache = cache.map_err(|error| (Exit::Write, words(folder, &error)))?;
            judge.remember(Box::new(cache));
        }
    }
    Ok(judge)
}
