//! Writes a fleet of facts documents: `cargo run --release --example fleet -- --documents 1000 --jsonl > fleet.jsonl`.

#![expect(clippy::expect_used, clippy::panic, reason = "a tool of the desk: what is wrong ends it with words")]

#[path = "../tests/fleet/mod.rs"]
#[expect(dead_code, reason = "the fleet offers more than this tool uses")]
mod fleet;

use clap::Parser;
use fleet::Fleet;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;

/// Writes a fleet of facts documents, and the parameters that they are made for.
#[derive(Parser)]
struct Args {
    /// How many documents.
    #[arg(long, default_value_t = 1000)]
    documents: u64,
    /// The number of the first one.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Another seed is another fleet.
    #[arg(long, default_value_t = 20_261_123)]
    seed: u64,
    /// The fleet in a later round, in which some documents have changed.
    #[arg(long, default_value_t = 0)]
    round: u64,
    /// How many of 100 documents have changed in that round.
    #[arg(long, default_value_t = 10)]
    percent: usize,
    /// Damaged documents instead.
    #[arg(long)]
    mutants: bool,
    /// A folder for one file per document and `parameters.json`; parts of 1,000 documents have folders of their own.
    #[arg(long, conflicts_with = "jsonl")]
    out: Option<PathBuf>,
    /// All documents on stdout, one a line.
    #[arg(long, required_unless_present_any = ["out", "parameters"])]
    jsonl: bool,
    /// The parameters on stdout instead of documents.
    #[arg(long, conflicts_with_all = ["out", "jsonl"])]
    parameters: bool,
}

fn main() {
    let args = Args::parse();
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    if args.parameters {
        writeln!(out, "{:#}", Fleet::parameters()).expect("stdout takes the parameters");
        return out.flush().expect("stdout takes the parameters");
    }
    let fleet = Fleet::new(args.seed);
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        write(&folder.join("parameters.json"), &format!("{:#}\n", Fleet::parameters()));
    }
    for index in args.first..args.first + args.documents {
        let document = match (args.mutants, args.round) {
            (true, _) => fleet.mutant(index),
            (false, 0) => fleet.document(index),
            (false, round) => fleet.changed(index, round, args.percent),
        };
        match &args.out {
            Some(folder) => {
                let part = folder.join(format!("facts/{:05}", index / 1000));
                std::fs::create_dir_all(&part).unwrap_or_else(|e| panic!("{}: {e}", part.display()));
                write(&part.join(format!("{index:08}.json")), &document);
            }
            None => writeln!(out, "{document}").expect("stdout takes the documents"),
        }
    }
    out.flush().expect("stdout takes the documents");
}

fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
