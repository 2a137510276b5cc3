//! The command line: one file per command, and the only folder that touches clock, files and environment.

mod again;
mod approvals;
mod args;
mod attest;
mod batch;
mod batch_output;
mod batch_watch;
mod check;
mod collect;
mod config;
mod diagnostics;
mod exit;
mod explain;
mod finish;
mod fixtures;
mod forecast;
mod gather;
mod holds;
mod init;
mod input;
mod judge;
mod keep;
mod keys;
mod lsp;
mod lsp_frame;
mod output;
mod policy;
mod record;
mod remediation;
mod report;
mod run;
mod schema;
mod session;
mod signals;
mod waiver;
mod watch;
mod worker;

pub use exit::Exit;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Parses the command line, runs the command, and turns its end into an exit code.
pub fn main() -> ExitCode {
    // A panic inside the engine is caught and becomes `error`; one of our own is a bug that is told without a trace.
    std::panic::set_hook(Box::new(|_| {}));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = error.exit_code();
            if diagnostics::is_secret(&error.to_string()) {
                diagnostics::plain(diagnostics::SECRET);
                return Exit::Usage.into();
            }
            let printed = error.print();
            return if printed.is_err() { Exit::Write.into() } else { ExitCode::from(u8::try_from(code).unwrap_or(2)) };
        }
    };
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&cli)));
    match outcome {
        Ok(exit) => exit.into(),
        Err(_) => {
            diagnostics::plain("internal error: golive has a bug; nothing was decided. Please report the command and its input.");
            Exit::Bug.into()
        }
    }
}

fn run(cli: &Cli) -> Exit {
    match &cli.command {
        Command::Init(args) => init::run(args, &cli.common),
        Command::Run(args) => run::run(args, &cli.common),
        Command::Collect(args) => collect::run(args, &cli.common),
        Command::Check(args) => check::run(args, &cli.common),
        Command::Explain(args) => explain::run(args, &cli.common),
        Command::Forecast(args) => forecast::run(args, &cli.common),
        Command::Batch(args) => batch::run(args, &cli.common),
        Command::Worker(args) => worker::run(args, &cli.common),
        Command::Attest(args) => attest::run(args, &cli.common),
        Command::Waiver(args) => waiver::run(args, &cli.common),
        Command::Remediation(args) => remediation::run(args, &cli.common),
        Command::Schema(args) => schema::run(args, &cli.common),
        Command::Lsp(args) => lsp::run(args, &cli.common),
        Command::Record(args) => record::run(args, &cli.common),
        Command::Report(args) => report::run(args, &cli.common),
        Command::Policy(args) => policy::run(args, &cli.common),
    }
}
