//! Whole processes: `golive batch` with one and two workers beside the judge by hand with one and two threads, and memory
//! on long streams of JSON lines.

use crate::args::Args;
use crate::fleet::{Fleet, NOW};
use crate::ground::Ground;
use crate::native::{judge, read};
use crate::{ground, memory, table};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write, stdout};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// How golive judges a stream: the flags before its inputs.
const BATCH: &[&str] = &["batch", "--exit-zero", "--at", NOW];
/// Streams repeat this many documents.
const DIFFERENT: u64 = 1000;
/// Documents that a thread is handed at once.
const CHUNK: usize = 64;

/// Measures and prints.
pub fn measure(args: &Args) -> ExitCode {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (stream, parameters) = (folder.path().join("fleet.jsonl"), folder.path().join("parameters.json"));
    std::fs::write(&parameters, Fleet::parameters().to_string()).expect("a temporary file");
    let fleet = Fleet::new(args.seed);
    let mut file = BufWriter::new(File::create(&stream).expect("a temporary file"));
    (0..args.documents).for_each(|index| writeln!(file, "{}", fleet.document(index)).expect("a temporary file"));
    drop(file.into_inner().expect("a temporary file"));
    let mut golive = [1, 2].map(|workers| batch(&parameters, workers, &stream));
    let mut by_hand = [1, 2].map(|threads| by_hand_command(&stream, threads));
    let with_golive = has_batch();
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..args.rounds.max(1) {
        for at in 0..2 {
            times[at].extend(with_golive.then(|| timed(&mut golive[at])));
            times[2 + at].push(timed(&mut by_hand[at]));
        }
    }
    println!("{} documents, whole processes, {} rounds, wall clock\n", args.documents, args.rounds);
    println!("| process | median | speed-up by the second |\n|---|---:|---:|");
    for (name, pair) in [("golive batch", &times[..2]), ("by hand", &times[2..])] {
        match [0, 1].map(|at| median(&pair[at])) {
            [Some(one), Some(two)] => {
                println!("| {name}, 1 | {:.0} ms | |", one * 1e3);
                println!("| {name}, 2 | {:.0} ms | {:.2} |", two * 1e3, one / two);
            }
            _ => println!("| {name} | – | – |"),
        }
    }
    if !with_golive {
        println!("\nThis golive has no `batch`.");
        return ExitCode::SUCCESS;
    }
    println!("\n| documents through `golive batch -` | peak RSS of all its processes |\n|---:|---:|");
    for documents in &args.streams {
        println!("| {documents} | {} |", table::mebibytes(Some(on_stream(args, &parameters, *documents))));
    }
    ExitCode::SUCCESS
}

fn has_batch() -> bool {
    let help = Command::new(env!("CARGO_BIN_EXE_golive")).args(["batch", "--help"]).output();
    help.is_ok_and(|output| output.status.success())
}

fn batch(parameters: &Path, workers: usize, input: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_golive"));
    command.args(BATCH).arg("--parameters").arg(parameters).arg(format!("--workers={workers}")).arg(input);
    command
}

fn by_hand_command(stream: &Path, threads: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("--by-hand").arg(stream).arg(format!("--threads={threads}"));
    command
}

fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program starts");
    let time = start.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    time
}

fn median(times: &[Duration]) -> Option<f64> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).map(Duration::as_secs_f64)
}

/// The peak of a batch and of its workers, in KiB, while a stream runs through it.
fn on_stream(args: &Args, parameters: &Path, documents: u64) -> u64 {
    let mut source = Command::new(std::env::current_exe().expect("this program"));
    source.arg(format!("--emit={documents}")).arg(format!("--seed={}", args.seed)).stdout(Stdio::piped());
    let mut source = source.spawn().expect("the source starts");
    let input = source.stdout.take().expect("the source's output");
    let mut command = batch(parameters, 2, Path::new("-"));
    let mut child = command.stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("golive starts");
    let mut most = 0;
    while child.try_wait().expect("a child to wait for").is_none() {
        let all = family(child.id());
        most = most.max(all.iter().filter_map(|id| memory::peak(&id.to_string())).sum());
        std::thread::sleep(Duration::from_millis(50));
    }
    source.wait().expect("the source ends");
    most
}

/// A process and all that it started.
fn family(first: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok());
    let parents: Vec<(u32, u32)> = processes.filter_map(|id| Some((id, parent(id)?))).collect();
    let mut out = vec![first];
    let mut at = 0;
    while let Some(id) = out.get(at).copied() {
        out.extend(parents.iter().filter(|(_, parent)| *parent == id).map(|(child, _)| *child));
        at += 1;
    }
    out
}

fn parent(id: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

/// Writes a stream of documents to stdout.
pub fn emit(args: &Args, documents: u64) -> ExitCode {
    let fleet = Fleet::new(args.seed);
    let different: Vec<String> = (0..documents.min(DIFFERENT)).map(|index| fleet.document(index)).collect();
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    let count = usize::try_from(documents).expect("a number of documents");
    let written = different.iter().cycle().take(count).try_for_each(|document| writeln!(out, "{document}")).and_then(|()| out.flush());
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Judges a file of JSON lines with some threads and writes the verdict lines in the order of the documents.
pub fn by_hand(file: &Path, threads: usize) -> ExitCode {
    let ground = Ground::new();
    let lines = BufReader::with_capacity(1 << 20, File::open(file).expect("the stream"));
    let mut lines = lines.lines().map(|line| line.expect("the stream is UTF-8"));
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..threads.max(1)).map(|_| hand(scope, &ground)).collect();
        // Each round hands every thread its next chunk before the results of the round before are taken.
        let mut owed = std::collections::VecDeque::new();
        for turn in 0.. {
            let (work, results) = &hands[turn % hands.len()];
            let chunk: Vec<String> = lines.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            work.send(chunk).expect("the thread works");
            owed.push_back(results);
            if owed.len() > 4 * hands.len() {
                give(owed.pop_front(), &mut out);
            }
        }
        while !owed.is_empty() {
            give(owed.pop_front(), &mut out);
        }
    });
    out.flush().expect("stdout takes the lines");
    ExitCode::SUCCESS
}

type Hand = (std::sync::mpsc::Sender<Vec<String>>, std::sync::mpsc::Receiver<String>);

fn hand<'scope>(scope: &'scope std::thread::Scope<'scope, '_>, ground: &'scope Ground) -> Hand {
    let (work, chunks) = std::sync::mpsc::channel::<Vec<String>>();
    let (done, results) = std::sync::mpsc::channel();
    scope.spawn(move || {
        for chunk in chunks {
            let lines: String = chunk.iter().map(|document| one(document, ground)).collect();
            if done.send(lines).is_err() {
                return;
            }
        }
    });
    (work, results)
}

fn give(results: Option<&std::sync::mpsc::Receiver<String>>, out: &mut impl Write) {
    let lines = results.and_then(|results| results.recv().ok()).expect("each chunk has a result");
    out.write_all(lines.as_bytes()).expect("stdout takes the lines");
}

fn one(document: &str, ground: &Ground) -> String {
    let line = read(document, |facts| {
        let rows = judge(facts, &ground.court(facts.environment()).limits, ground.now.ms);
        let mut line = String::new();
        let go = rows.iter().all(|(_, verdict)| *verdict == "pass");
        ground::line(&mut line, "", go, rows.iter().map(|(row, verdict)| (row.control, *verdict)));
        line
    });
    line.expect("a document of the fleet has the right form")
}
