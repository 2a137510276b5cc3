//! Commands and flags.

use super::explain::ExplainArgs;
use super::forecast::ForecastArgs;
use super::lsp::LspArgs;
use super::policy::PolicyArgs;
use super::record::RecordArgs;
use super::remediation::RemediationArgs;
use super::report::ReportArgs;
use super::waiver::WaiverArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Judges the facts of one environment against a Production Readiness Checklist and decides GO or `NO_GO`.
#[derive(Debug, Parser)]
#[command(name = "golive", version, arg_required_else_help = true, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 GO or done · 1 NO_GO, or an asked-for condition is not met · 2 usage · 3 input missing, \
unreadable or refused · 4 checklist refused · 5 no decision · 6 could not write or sign · 7 a record does not verify · 70 a bug · 130, 143 stopped by a signal · \
141 closed pipe";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes a commented golive.toml for one environment.
    Init(InitArgs),
    /// Collects facts, judges them, keeps both, and prints the checklist: the main job in one command.
    Run(RunArgs),
    /// Collects the facts that golive.toml configures into one facts document.
    Collect(CollectArgs),
    /// Verdicts and decision for the facts of one environment and release.
    Check(CheckArgs),
    /// Why a control stands as it does: rules, facts, what stopped each criterion, and the smallest change to PASS.
    Explain(ExplainArgs),
    /// Until when the decision holds with no new facts, and what ends it.
    Forecast(ForecastArgs),
    /// Verdict lines for many facts documents: files, folders, JSON lines, each of its own environment and release.
    Batch(BatchArgs),
    /// Reads facts documents as JSON lines and writes as many verdict lines, for `golive batch` and for engines.
    Worker(WorkerArgs),
    /// Writes what a person states about one group of facts, for the collector `attestation`.
    Attest(AttestArgs),
    /// Exceptions: writes a waiver of what stands, checks files of waivers, lists how each stands.
    Waiver(WaiverArgs),
    /// Who mends what, and until when.
    Remediation(RemediationArgs),
    /// Prints a JSON Schema: of a group of facts, or of a document that golive reads or writes.
    Schema(SchemaArgs),
    /// The language server of editors, over stdin and stdout: docs/editors.md says how to set it up.
    Lsp(LspArgs),
    /// The auditor's side: whether records are complete and unchanged, whether they come out the same, what changed between two.
    Record(RecordArgs),
    /// Renders a record again, in every format that `golive check` has.
    Report(ReportArgs),
    /// The workbench of those who edit policies.
    Policy(PolicyArgs),
}

/// Flags of every command.
#[derive(Debug, Args)]
pub struct Common {
    /// Configuration file; without it `golive.toml` is looked for here and upwards.
    #[arg(short, long, global = true, env = "GOLIVE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A checklist to use instead of the built-in one: the folder that holds `policies/`, or that folder itself.
    #[arg(long, global = true, env = "GOLIVE_CHECKLIST", value_name = "DIR")]
    pub checklist: Option<PathBuf>,
    /// Parameters laid over the checklist's defaults (JSON or YAML).
    #[arg(long, global = true, env = "GOLIVE_PARAMETERS", value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// The planned environment.
    #[arg(long, global = true, env = "GOLIVE_ENVIRONMENT", value_name = "NAME")]
    pub environment: Option<String>,
    /// The planned release.
    #[arg(long, global = true, env = "GOLIVE_RELEASE", value_name = "VERSION")]
    pub release: Option<String>,
    /// Colour on the terminal; `auto` obeys `NO_COLOR` and CLICOLOR.
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
    /// No warnings on stderr.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// Where a terminal reads.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What people state about controls that do not pass.
#[derive(Debug, Args)]
pub struct ExceptionArgs {
    /// Waivers: a file, or a folder of files (JSON or YAML).
    #[arg(long, env = "GOLIVE_WAIVERS", value_name = "PATH")]
    pub waivers: Option<PathBuf>,
    /// Remediations: a file, or a folder of files (JSON or YAML).
    #[arg(long, env = "GOLIVE_REMEDIATIONS", value_name = "PATH")]
    pub remediations: Option<PathBuf>,
    /// Trusted keys (JSON or YAML), against which signatures of waivers are held.
    #[arg(long, env = "GOLIVE_TRUST", value_name = "FILE")]
    pub trust: Option<PathBuf>,
}

/// How a worker judges, and what it may take.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Address space of one worker, in MiB; its allocator reserves 1024 of them at once.
    #[arg(long, default_value_t = 2048, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1280..=1 << 24))]
    pub memory: u64,
    /// Percent of the documents that go through the reference, too: the strict reader and the interpreter. One difference
    /// stops the batch.
    #[arg(long, default_value_t = 1.0, value_name = "PERCENT", value_parser = percent)]
    pub sample: f64,
    /// The reference alone: the strict reader and the interpreter, many times slower.
    #[arg(long)]
    pub reference: bool,
}

/// `golive check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Facts documents, or folders of them (`*.json`); `-` is stdin.
    #[arg(required = true, value_name = "FACTS")]
    pub facts: Vec<PathBuf>,
    /// The formats, and where each goes.
    #[arg(short, long, value_name = "FORMAT[=PATH]", help = super::output::help())]
    pub output: Vec<String>,
    /// Judge as of this time instead of now (RFC 3339, ending in Z); the output says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
    /// Where the decision is kept as a record, with everything that is needed to run it again: a folder of one environment.
    #[arg(long, env = "GOLIVE_RECORD", value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Who signs the record.
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// The key of a record.
#[derive(Debug, Args)]
pub struct SigningArgs {
    /// The private key that signs the record, as `golive record keygen` makes it; without it `[signing] key` of golive.toml.
    #[arg(long, env = "GOLIVE_SIGNING_KEY", value_name = "FILE")]
    pub signing_key: Option<PathBuf>,
}

/// `golive batch`.
#[derive(Debug, Args)]
pub struct BatchArgs {
    /// Facts documents, folders of them (`*.json`, `*.jsonl`, `*.ndjson`), patterns, files of JSON lines; `-` is JSON lines on stdin.
    #[arg(required = true, value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// Where verdict lines go: `jsonl` to stdout, `jsonl=PATH` to a file that the same command can go on with; beside it tables of the same, one row for each
    /// document and control: `csv=PATH`, `parquet=PATH` (where it was built in).
    #[arg(short, long, value_name = "FORMAT[=PATH]")]
    pub output: Vec<String>,
    /// Judge as of this time instead of now (RFC 3339, ending in Z); each line says so.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
    /// Worker processes; by default as many as there are processors.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// How a worker judges.
    #[command(flatten)]
    pub work: WorkArgs,
    /// A folder that keeps verdicts between runs: a document that is judged again, unchanged, at a time at which nothing can have
    /// changed, is not judged anew. It may be deleted at any time.
    #[arg(long, value_name = "DIR", conflicts_with = "reference")]
    pub cache: Option<PathBuf>,
    /// Seconds that one document may take; by default what its controls may take together, and some.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub time: Option<u64>,
    /// The summary as JSON, into a file.
    #[arg(long, value_name = "PATH")]
    pub summary: Option<PathBuf>,
    /// Begins anew, whatever an earlier run has left.
    #[arg(long)]
    pub restart: bool,
    /// 0 also where documents are `NO_GO`, refused or without a decision: for engines that would try again.
    #[arg(long)]
    pub exit_zero: bool,
}

/// `golive worker`.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Judge as of this time (RFC 3339, ending in Z): the same for all workers of a run.
    #[arg(long, value_name = "RFC3339")]
    pub at: String,
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
    /// How it judges.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Started by `golive batch`: where verdicts are kept between runs, and the number of this run there.
    #[arg(long, hide = true, requires = "generation")]
    pub cache: Option<PathBuf>,
    /// See `cache`.
    #[arg(long, hide = true)]
    pub generation: Option<u64>,
    /// A line that is a JSON string is the path of a facts file.
    #[arg(long)]
    pub files: bool,
    /// What stands before the number of a line in its source.
    #[arg(long, default_value = "-", value_name = "NAME")]
    pub source_prefix: String,
    /// The checklist's digest, without which the worker does not begin.
    #[arg(long, value_name = "sha256:…")]
    pub expect_checklist: Option<String>,
    /// Started by `golive batch`: the digest of what the whole run was asked.
    #[arg(long, hide = true)]
    pub supervised: Option<String>,
    /// Says which control comes next.
    #[arg(long, hide = true)]
    pub announce: bool,
    /// Controls that have ended a process.
    #[arg(long, hide = true)]
    pub broken: Vec<String>,
}

/// `golive init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The template: `neutral` names no product, `claw` is for a daemon of Claw VCS.
    #[arg(long, default_value = "neutral", value_name = "NAME")]
    pub profile: String,
    /// Where it is written; what is there already stays.
    #[arg(short, long, default_value = "golive.toml", value_name = "PATH")]
    pub output: PathBuf,
}

/// `golive run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The formats, and where each goes.
    #[arg(short, long, value_name = "FORMAT[=PATH]", help = super::output::help())]
    pub output: Vec<String>,
    /// Collect from files and recorded programs only, and judge as of this time (RFC 3339, ending in Z); the decision says RECORDED.
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Where facts, evidence and the record of the decision are kept: a folder of one environment; without it `record` beside golive.toml.
    #[arg(long, env = "GOLIVE_RECORD", value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Who signs the record.
    #[command(flatten)]
    pub signing: SigningArgs,
    /// Waivers and remediations.
    #[command(flatten)]
    pub exceptions: ExceptionArgs,
}

/// `golive collect`.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// Where the facts document goes; evidence is kept in `evidence` beside it.
    #[arg(short, long, default_value = "facts.json", value_name = "PATH")]
    pub output: PathBuf,
    /// Only these groups; may be repeated, or separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "GROUP")]
    pub only: Vec<String>,
    /// Collect from files and recorded programs only, as of this time (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
    /// Lists the collectors, and collects nothing.
    #[arg(long, conflicts_with = "dry_run")]
    pub list: bool,
    /// Says for each group of the checklist what is configured, reachable and missing, and collects nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Keeps what programs print in a file, for `[collect] recorded`.
    #[arg(long, value_name = "PATH", conflicts_with = "at")]
    pub keep_runs: Option<PathBuf>,
}

/// `golive attest`.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// The group of facts that is stated; `golive schema GROUP` prints what it wants.
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// The group's value (JSON or YAML); `-` is stdin.
    #[arg(long, value_name = "FILE", required_unless_present = "set", conflicts_with = "set")]
    pub value: Option<PathBuf>,
    /// A part of the value: path=text, or path:=json; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Who states it: a person, a role or a team.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// What backs it: a link, and the file behind it or that file's sha256; may be repeated.
    #[arg(long, required = true, value_name = "URI=FILE|SHA256")]
    pub evidence: Vec<String>,
    /// When it ends to hold: P30D, or a time (RFC 3339, ending in Z); at most 90 days ahead.
    #[arg(long, value_name = "P30D|RFC3339")]
    pub expires: String,
    /// Where the statement goes; without it to stdout.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Writes over a file that is there already.
    #[arg(long)]
    pub force: bool,
    /// When it is stated, instead of now (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// `golive schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// A group of facts, or a document that golive reads or writes, such as `waivers`. Without it: the list.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Reads a number between 0 and 100.
pub fn percent(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|p| (0.0..=100.0).contains(p)).ok_or_else(|| "a number between 0 and 100 is wanted".to_owned())
}
