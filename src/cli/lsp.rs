//! `golive lsp`: the language server over stdin and stdout.

use super::args::Common;
use super::exit::Exit;
use super::lsp_frame::{Fault, Frames, write, write_fault};
use super::policy::collectors;
use super::{diagnostics, input};
use crate::checklist::FIXTURES;
use crate::text::visible;
use crate::workbench::lsp::{Disk, Server, Stored};
use clap::Args;
use lsp_server::{ErrorCode, Message, Response};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How long the editor must be quiet before the checklist is looked at: less than a hand needs for the next key.
const QUIET: Duration = Duration::from_millis(40);

/// `golive lsp`.
#[derive(Debug, Args)]
pub struct LspArgs {
    /// What editors say to every server; there is no other way to talk than this.
    #[arg(long, hide = true)]
    pub stdio: bool,
}

/// Serves one editor until it says `exit`.
pub fn run(_: &LspArgs, common: &Common) -> Exit {
    let (sender, receiver) = sync_channel(0);
    // Nobody waits for this thread: it may stand in a read until the process ends.
    let reader = std::thread::Builder::new().spawn(move || {
        let mut frames = Frames::new(io::stdin().lock());
        while let Some(frame) = frames.next() {
            if sender.send(frame).is_err() {
                break;
            }
        }
    });
    if let Err(error) = reader {
        diagnostics::plain(&format!("cannot start a thread: {error}"));
        return Exit::Bug;
    }
    let folder = common.checklist.as_ref().and_then(|folder| std::path::absolute(input::root(folder)).ok());
    let server = Server::new(Box::new(Folders { named: folder }), collectors());
    serve(server, &receiver).unwrap_or_else(|exit| exit)
}

fn serve(mut server: Server, receiver: &Receiver<Result<Message, Fault>>) -> Result<Exit, Exit> {
    loop {
        let next =
            if server.is_busy() { receiver.recv_timeout(QUIET) } else { receiver.recv().map_err(|_| RecvTimeoutError::Disconnected) };
        match next {
            Ok(Ok(message)) => told(write(&mut io::stdout().lock(), &answers(&mut server, message)))?,
            Ok(Err(Fault::Message(words))) => {
                diagnostics::plain(&visible(&words));
                told(write_fault(&mut io::stdout().lock(), &words))?;
            }
            Ok(Err(Fault::Stream(words))) => {
                diagnostics::plain(&visible(&words));
                return Err(Exit::Input);
            }
            Err(RecvTimeoutError::Timeout) => {
                let found =
                    catch_unwind(AssertUnwindSafe(|| server.work())).map_err(|_| bug("the checklist could not be looked at", Exit::Bug))?;
                told(write(&mut io::stdout().lock(), &found))?;
            }
            // The editor went away without a word.
            Err(RecvTimeoutError::Disconnected) => return Err(Exit::NoGo),
        }
        if let Some(in_order) = server.over() {
            return Ok(if in_order { Exit::Go } else { Exit::NoGo });
        }
    }
}

/// What a message is answered with; a bug costs the one answer.
fn answers(server: &mut Server, message: Message) -> Vec<Message> {
    let id = match &message {
        Message::Request(request) => Some(request.id.clone()),
        _ => None,
    };
    catch_unwind(AssertUnwindSafe(|| server.receive(message))).unwrap_or_else(|_| {
        bug("a message was not answered", ());
        let sorry = |id| Response::new_err(id, ErrorCode::InternalError as i32, "golive has a bug".to_owned()).into();
        id.map(sorry).into_iter().collect()
    })
}

fn bug<T>(words: &str, outcome: T) -> T {
    diagnostics::plain(&format!("internal error: golive has a bug: {words}"));
    outcome
}

fn told(written: io::Result<()>) -> Result<(), Exit> {
    written.map_err(|error| if error.kind() == io::ErrorKind::BrokenPipe { Exit::Pipe } else { Exit::Write })
}

/// Checklists in folders.
struct Folders {
    /// The one that was named on the command line, and then no other is meant.
    named: Option<PathBuf>,
}

impl Disk for Folders {
    fn find(&self, path: &Path) -> Option<PathBuf> {
        let holds = |folder: &&Path| folder.join("policies/manifest.json").is_file();
        self.named.clone().or_else(|| path.ancestors().find(holds).map(Path::to_owned))
    }

    fn read(&self, folder: &Path) -> Stored {
        let mut stored = Stored::default();
        for name in ["policies", "schemas", FIXTURES.trim_end_matches('/')] {
            let path = folder.join(name);
            if name == "policies" || path.exists() {
                input::gather(&path, name, &mut stored.files, &mut stored.problems);
            }
        }
        stored
    }
}
