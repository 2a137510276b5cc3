//! The table, as Markdown.

use crate::args::Args;
use crate::rounds::Run;

/// Prints it.
pub fn print(args: &Args, documents: &[String], runs: &[Run<'_>], peaks: &[Option<u64>], floor: Option<u64>, notes: &[String]) {
    let bytes: usize = documents.iter().map(String::len).sum();
    let mean = bytes / documents.len().max(1);
    println!("{} documents of {mean} bytes in the mean, seed {}, {} rounds, one thread\n", documents.len(), args.seed, args.rounds);
    println!("| engine | µs/document, median | best | documents/s | × OPA | peak RSS | verdicts agree |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let opa = runs.iter().find(|run| run.entry.name == "OPA").map(Run::median);
    for (run, peak) in runs.iter().zip(peaks) {
        let ratio = opa.filter(|_| run.agreed.is_some()).map_or("–".to_owned(), |opa| format!("{:.2}", opa / run.median()));
        let agreed = run.agreed.map_or("–".to_owned(), |agreed| format!("{agreed} of {}", documents.len()));
        let (median, best, rate) = (run.median(), run.best(), 1e6 / run.median());
        println!("| {} | {median:.1} | {best:.1} | {rate:.0} | {ratio} | {} | {agreed} |", run.entry.name, mebibytes(*peak));
    }
    println!("\nPeak RSS is that of a process of its own; one that judges nothing needs {}.", mebibytes(floor));
    for note in notes {
        println!("- {note}");
    }
}

/// KiB as MiB.
pub fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.filter(|k| *k > 0).map_or("–".to_owned(), |k| format!("{} MiB", k.div_ceil(1024)))
}
