//! Records through the binary: made, verified, run again elsewhere, compared, and rendered.

use crate::differences::Differences;
use crate::project::{self, Run};
use base64::Engine as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const AT: &str = "2026-11-23T15:00:00Z";

/// Runs the binary in an environment that holds only what is given.
fn golive(args: &[&str], place: impl FnOnce(&mut Command)) -> Run {
    let mut command = project::golive(100);
    command.args(args);
    place(&mut command);
    project::run(&mut command, LIMIT)
}

fn plain(args: &[&str]) -> Run {
    golive(args, |_| {})
}

/// A folder with a GO, a `NO_GO` and a GO with a waiver.
fn chain() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let facts = project::text(&project::root().join("fixtures/deployments/claw-go/facts.json"));
    let less = folder.path().join("less.json");
    let mut value: Value = serde_json::from_str(&facts).expect("facts");
    value["facts"].as_object_mut().expect("groups").remove("backup_schedule");
    project::write(&less, &value.to_string());
    let records = path(&folder, "records-of-prod");
    let less = less.to_string_lossy().into_owned();
    for (facts, extra, exit) in
        [("fixtures/deployments/claw-go/facts.json", None, 0), (less.as_str(), None, 1), (less.as_str(), Some("docs/tour/waivers.yaml"), 0)]
    {
        let mut args = vec!["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "-o", "json"];
        args.extend(extra.iter().flat_map(|waivers| ["--waivers", waivers]));
        let run = plain(&args);
        assert_eq!(run.exit, Some(exit), "{}", run.stderr);
        let kept = project::text(&PathBuf::from(&records).join("decision.json"));
        assert_eq!(run.stdout, kept, "what is kept is what is printed");
    }
    folder
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_string_lossy().into_owned()
}

fn records(folder: &Path) -> Vec<PathBuf> {
    project::files(&folder.join("records"))
}

/// What an envelope holds.
fn payload(path: &Path) -> Value {
    let envelope = project::json(path);
    let bytes = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().expect("a payload")).expect("base64");
    serde_json::from_slice(&bytes).expect("a payload is JSON")
}

fn schema(name: &str) -> jsonschema::Validator {
    let schema = project::json(&project::root().join(format!("schemas/{name}.schema.json")));
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn faults(name: &str, value: &Value) -> Vec<String> {
    schema(name).iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn a_record_comes_out_the_same_anywhere() {
    let folder = chain();
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let moved = elsewhere.path().join("archive");
    std::fs::rename(folder.path().join("records-of-prod"), &moved).expect("a folder to move");
    let moved = moved.to_string_lossy().into_owned();
    let mut differences = Differences::default();
    for seq in 1..=3 {
        let record = format!("{moved}@{seq}");
        let mut outs = Vec::new();
        for (zone, locale, threads) in [("UTC", "C", "1"), ("Asia/Kathmandu", "de_DE.UTF-8", "8"), ("America/St_Johns", "tr_TR.UTF-8", "2")]
        {
            let run = golive(&["record", "replay", &record, "--unsigned"], |command| {
                command.current_dir("/").env("TZ", zone).env("LC_ALL", locale).env("RAYON_NUM_THREADS", threads);
            });
            differences.equal(format!("record {seq} in {zone}: exit, with {}", run.stderr), &Some(0), &run.exit);
            differences.hold(run.stdout.contains("identical"), || format!("record {seq} in {zone}: {}", run.stdout));
            outs.push(run.stdout);
        }
        differences.hold(outs.iter().all(|out| *out == outs[0]), || format!("record {seq}: {outs:?}"));
        let report = plain(&["report", &record, "-o", "json"]);
        let kept = payload(&records(Path::new(&moved))[seq - 1])["predicate"]["decision"].clone();
        differences.equal(format!("record {seq}: its report"), &kept, &serde_json::from_str(&report.stdout).unwrap_or_default());
    }
    differences.end("records");
}

#[test]
fn documents_are_as_their_schemas_say() {
    let folder = chain();
    let chain = path(&folder, "records-of-prod");
    let (first, last) = (format!("{chain}@1"), format!("{chain}@3"));
    let mut differences = Differences::default();
    for (name, args) in [
        ("verification", vec!["record", "verify", &chain, "--unsigned"]),
        ("log", vec!["record", "log", &chain]),
        ("replay", vec!["record", "replay", &chain, "--unsigned"]),
        ("replay", vec!["record", "replay", &last, "--unsigned", "--checklist", "."]),
        ("record-diff", vec!["record", "diff", &first, &last]),
    ] {
        let run = plain(&[&args[..], &["-o", "json"]].concat());
        let value: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}\n{}", run.stderr));
        differences.equal(format!("{args:?}"), &Vec::new(), &faults(name, &value));
    }
    for record in records(Path::new(&chain)) {
        let statement = payload(&record);
        differences.equal(record.display().to_string(), &Vec::new(), &faults("record", &statement));
        differences.equal("its decision".to_owned(), &Vec::new(), &faults("decision", &statement["predicate"]["decision"]));
    }
    differences.equal("the head".to_owned(), &Vec::new(), &faults("head", &payload(&Path::new(&chain).join("head.json"))));
    differences.end("documents of records");
}

#[test]
fn what_people_read() {
    let folder = chain();
    let chain = path(&folder, "records-of-prod");
    let shown = |args: &[&str]| {
        let run = plain(args);
        let digests = regex::Regex::new("[0-9a-f]{64}|[0-9a-f]{12}").expect("a pattern");
        digests.replace_all(&run.stdout, "…").replace(&*folder.path().to_string_lossy(), "FOLDER")
    };
    insta::assert_snapshot!("record_log", shown(&["record", "log", &chain]));
    insta::assert_snapshot!("record_verify", shown(&["record", "verify", &chain, "--unsigned"]));
    insta::assert_snapshot!("record_diff", shown(&["record", "diff", &format!("{chain}@1"), &format!("{chain}@3")]));
    insta::assert_snapshot!("record_replay", shown(&["record", "replay", &chain, "--unsigned"]));
}

#[test]
fn a_run_keeps_its_evidence_with_its_records() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let record = path(&folder, "record");
    let at = project::text(&project::root().join("fixtures/recorded/claw/at"));
    for _ in 0..2 {
        let run = plain(&["run", "--at", at.trim(), "-c", "fixtures/recorded/claw/golive.toml", "--record", &record, "-q"]);
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
    }
    let verify = || plain(&["record", "verify", &record, "--unsigned"]);
    let run = verify();
    assert!(run.exit == Some(0) && run.stdout.contains("2 records complete and unchanged"), "{}{}", run.stdout, run.stderr);
    let exhibits = project::files(&Path::new(&record).join("evidence"));
    assert!(exhibits.len() > 10, "{exhibits:?}");
    let exhibit = exhibits.last().expect("evidence");
    let before = std::fs::read(exhibit).expect("evidence");
    std::fs::write(exhibit, b"nothing to see").expect("evidence");
    let run = verify();
    assert!(run.exit == Some(7) && run.stderr.contains("evidence"), "{}{}", run.stdout, run.stderr);
    std::fs::write(exhibit, before).expect("evidence");
    assert_eq!(verify().exit, Some(0));
}

#[test]
fn a_folder_is_of_one_environment() {
    let folder = chain();
    let chain = path(&folder, "records-of-prod");
    let facts = project::text(&project::root().join("fixtures/deployments/claw-go/facts.json"))
        .replace(r#""environment": "prod""#, r#""environment": "stage""#);
    let stage = folder.path().join("stage.json");
    project::write(&stage, &facts);
    let run = plain(&["check", &stage.to_string_lossy(), "--environment", "stage", "--release", "0.1.1", "--at", AT, "--record", &chain]);
    assert_eq!((run.exit, run.stdout.as_str()), (Some(3), ""), "{}", run.stderr);
    assert!(run.stderr.contains("`prod`"), "{}", run.stderr);
    assert_eq!(records(Path::new(&chain)).len(), 3);
}

#[test]
fn under_another_checklist_it_is_no_gate() {
    let folder = chain();
    let other = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], other.path());
    let policy = other.path().join("policies/controls/backups/scheduled.rego");
    let text = project::text(&policy).replace("schedule.interval_ms > 0", "schedule.interval_ms > 86400000");
    project::write(&policy, &text);
    let first = format!("{}@1", path(&folder, "records-of-prod"));
    let run = plain(&["record", "replay", &first, "--unsigned", "--checklist", &other.path().to_string_lossy()]);
    assert_eq!(run.exit, Some(1), "{}{}", run.stdout, run.stderr);
    for words in ["NOT A GATE", "backups.scheduled: verdict", "It would be: NO_GO"] {
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
}

/// A folder with a key, a trust file, and one signed GO.
fn signed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = path(&folder, "desk.key");
    let made = plain(&["record", "keygen", "release desk", "-o", &key, "--at", AT, "--valid", "P2D"]);
    assert_eq!(made.exit, Some(0), "{}", made.stderr);
    project::write(&folder.path().join("trust.yaml"), &made.stdout);
    let facts = "fixtures/deployments/claw-go/facts.json";
    let records = path(&folder, "records");
    let run =
        plain(&["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "--signing-key", &key, "-o", "json"]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("signed by sha256:"), "{}", run.stderr);
    folder
}

/// Asks as a deploy job does: environment, release, time, and what else.
fn ask(folder: &tempfile::TempDir, (environment, release, at): (&str, &str, &str), more: &[&str]) -> Run {
    let (records, trust) = (path(folder, "records"), path(folder, "trust.yaml"));
    let args = [
        "record",
        "verify",
        &records,
        "-c",
        "docs/tour/golive.toml",
        "--trust",
        &trust,
        "--environment",
        environment,
        "--release",
        release,
        "--at",
        at,
    ];
    plain(&[&args[..], more].concat())
}

#[test]
fn what_a_deploy_job_is_told() {
    let folder = signed();
    let mut differences = Differences::default();
    for (asked, more, exit, words) in [
        (("prod", "0.1.1", AT), &[][..], 0, "GO: release 0.1.1 may go live in prod"),
        (("prod", "0.1.1", "2026-11-23T18:50:00Z"), &["--max-age", "P1D"], 0, "GO: release"),
        (("stage", "0.1.1", AT), &[], 7, "environment `prod`"),
        (("prod", "0.1.2", AT), &[], 7, "release `0.1.1`"),
        (("prod", "0.1.1", "2026-11-23T16:00:00.001Z"), &["--max-age", "PT1H"], 1, "asked is at most 1 h"),
        (("prod", "0.1.1", "2026-11-23T14:54:59Z"), &[], 1, "after now"),
        (("prod", "0.1.1", "2026-11-23T18:50:00.001Z"), &[], 1, "held until 2026-11-23T18:50:00.001Z: slos.active"),
        (("prod", "0.1.1", "2026-11-25T15:00:00Z"), &[], 1, "expired"),
    ] {
        let run = ask(&folder, asked, more);
        let told = format!("{}{}", run.stdout, run.stderr).split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
        differences.equal(format!("{asked:?} {more:?}: exit, with {told}"), &Some(exit), &run.exit);
        differences.hold(told.contains(words), || format!("{asked:?} {more:?} lacks `{words}`: {told}"));
        differences.equal(format!("{asked:?}: a GO is printed"), &(exit == 0), &run.stdout.contains("GO: release"));
    }
    let records = path(&folder, "records");
    for args in [
        vec!["record", "verify", &records, "--unsigned", "--environment", "prod", "--release", "0.1.1"],
        vec!["record", "verify", &records, "--unsigned", "--max-age", "PT1H"],
        vec!["record", "verify", &records, "--unsigned", "--environment", "prod"],
        vec!["record", "verify", &records],
        vec!["record", "verify", &records, "--unsigned", "--head", "0123456789ab"],
    ] {
        let run = plain(&args);
        differences.equal(format!("{args:?}"), &(Some(2), String::new()), &(run.exit, run.stdout));
    }
    differences.end("deploy jobs");
}

#[test]
fn a_newer_no_go_and_a_kept_digest_are_heeded() {
    let folder = signed();
    let records = path(&folder, "records");
    let log: Value = serde_json::from_str(&plain(&["record", "log", &records, "-o", "json"]).stdout).expect("a log");
    let digest = log["records"][0]["sha256"].as_str().expect("a digest").to_owned();
    assert_eq!(ask(&folder, ("prod", "0.1.1", AT), &["--head", &digest]).exit, Some(0));
    assert_eq!(ask(&folder, ("prod", "0.1.1", AT), &["--head", &format!("sha256:{}", "0".repeat(64))]).exit, Some(7));
    let key = path(&folder, "desk.key");
    let facts = "fixtures/deployments/claw-go/facts.json";
    let late = ["check", facts, "-c", "docs/tour/golive.toml", "--at", "2026-11-24T15:00:00Z", "--record", &records, "--signing-key", &key];
    assert_eq!(plain(&late).exit, Some(1));
    let run = ask(&folder, ("prod", "0.1.1", "2026-11-24T15:00:00Z"), &[]);
    assert!(run.exit == Some(1) && run.stderr.contains("says NO_GO"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn two_people_stand_behind_a_decision() {
    let folder = signed();
    let (records, trust, second) = (path(&folder, "records"), path(&folder, "trust.yaml"), path(&folder, "second.key"));
    let made = plain(&["record", "keygen", "on call", "-o", &second, "--at", AT]);
    let both = project::text(Path::new(&trust)).replace("threshold: 1", "threshold: 2");
    let entry = made.stdout.split_once("keys:\n").expect("a list of keys").1;
    project::write(Path::new(&trust), &format!("{both}{entry}"));
    let one = ask(&folder, ("prod", "0.1.1", AT), &[]);
    assert!(one.exit == Some(7) && one.stderr.contains("threshold"), "{}{}", one.stdout, one.stderr);
    let sign = plain(&["record", "sign", &records, "--signing-key", &second]);
    assert!(sign.exit == Some(0) && sign.stdout.contains("2 signatures in all"), "{}{}", sign.stdout, sign.stderr);
    assert_eq!(plain(&["record", "sign", &records, "--signing-key", &second]).exit, Some(2), "a key signs once");
    let two = ask(&folder, ("prod", "0.1.1", AT), &[]);
    assert_eq!(two.exit, Some(0), "{}{}", two.stdout, two.stderr);
    assert!(two.stdout.contains("by on call, release desk"), "{}", two.stdout);
}

#[test]
fn a_remediation_is_closed_by_a_record() {
    let folder = chain();
    let records = path(&folder, "records-of-prod");
    let list = |records: &[&str], at: &str| {
        let args = ["remediation", "list", "--waivers", "docs/tour/waivers.yaml", "--at", at, "-o", "json"];
        let run = plain(&[&args[..], records].concat());
        assert_eq!(run.exit, Some(0), "{}", run.stderr);
        let value: Value = serde_json::from_str(&run.stdout).expect("a list");
        value["remediations"][0]["state"].as_str().expect("a state").to_owned()
    };
    let late = "2026-12-02T00:00:00Z";
    assert_eq!(list(&[], late), "overdue");
    assert_eq!(list(&["--records", &records], late), "overdue", "the newest record does not show that the control passes");
    let facts = "fixtures/deployments/claw-go/facts.json";
    let run = plain(&["check", facts, "-c", "docs/tour/golive.toml", "--at", "2026-11-23T15:30:00Z", "--record", &records]);
    assert_eq!(run.exit, Some(0), "{}", run.stderr);
    assert_eq!(list(&["--records", &records], late), "closed");
}

/// The payload of a record changed, and everything around it made to fit: signed anew by a key that counts.
fn forge(folder: &tempfile::TempDir, change: impl Fn(&mut Value)) {
    let records = PathBuf::from(path(folder, "records"));
    let pem = project::text(&folder.path().join("desk.key"));
    let key = golive::record::SigningKey::read(&pem).expect("a key");
    let old = records_of(&records);
    let mut statement = payload(&old);
    change(&mut statement);
    let text = format!("{statement:#}\n");
    let digest = golive::text::sha256(text.as_bytes());
    let seal = |kind: &str, text: &str| {
        let mut envelope = golive::record::Envelope::new(kind, text);
        envelope.sign(&key);
        envelope.write()
    };
    std::fs::remove_file(&old).expect("a record");
    let sealed = seal("application/vnd.in-toto+json", &text);
    project::write(&records.join(format!("records/00000001-{digest}.json")), &sealed);
    let head = golive::record::Head::new("prod", 1, &digest).write();
    project::write(&records.join("head.json"), &seal("application/vnd.golive.head+json", &head));
    std::fs::remove_file(records.join("decision.json")).expect("a summary");
}

fn records_of(folder: &Path) -> PathBuf {
    records(folder).into_iter().next().expect("a record")
}

#[test]
fn what_a_signer_claims_must_come_out_the_same() {
    let mut differences = Differences::default();
    for (what, pointer, value) in [
        ("a longer forecast", "/predicate/holds/until", Value::from("2027-03-23T14:00:00Z")),
        ("no end at all", "/predicate/holds/until", Value::Null),
        ("other words of an end", "/predicate/holds/ended_by", serde_json::json!(["nothing"])),
        ("another title", "/predicate/decision/controls/0/title", Value::from("All is well")),
    ] {
        let folder = signed();
        forge(&folder, |statement| *statement.pointer_mut(pointer).expect("a place") = value.clone());
        let asked = ask(&folder, ("prod", "0.1.1", AT), &[]);
        differences.equal(format!("{what}: verify, with {}", asked.stderr), &Some(7), &asked.exit);
        differences.hold(!asked.stdout.contains("GO: release"), || format!("{what}: {}", asked.stdout));
        let (records, trust, key) = (path(&folder, "records"), path(&folder, "trust.yaml"), path(&folder, "desk.key"));
        let replay = plain(&["record", "replay", &records, "--trust", &trust]);
        differences.equal(format!("{what}: replay, with {}{}", replay.stdout, replay.stderr), &Some(7), &replay.exit);
        differences.equal(format!("{what}: report"), &Some(7), &plain(&["report", &records]).exit);
        let second = plain(&["record", "sign", &records, "--signing-key", &key]);
        differences.equal(format!("{what}: sign, with {}", second.stderr), &Some(7), &second.exit);
    }
    differences.end("claims of signers");
}

#[test]
fn another_checklist_or_other_parameters_let_nothing_go_live() {
    let folder = signed();
    let (records, trust, key) = (path(&folder, "records"), path(&folder, "trust.yaml"), path(&folder, "desk.key"));
    let ask = |more: &[&str]| {
        let args = ["record", "verify", &records, "--trust", &trust, "--environment", "prod", "--release", "0.1.1", "--at", AT];
        plain(&[&args[..], more].concat())
    };
    let run = ask(&[]);
    assert!(run.exit == Some(7) && run.stderr.contains("other parameters"), "{}{}", run.stdout, run.stderr);
    let other = tempfile::tempdir().expect("a temporary folder");
    project::copy(&["policies", "schemas"], other.path());
    let policy = other.path().join("policies/controls/backups/scheduled.rego");
    project::write(&policy, &format!("{}\n# another\n", project::text(&policy)));
    let checklist = other.path().to_string_lossy().into_owned();
    let facts = "fixtures/deployments/claw-go/facts.json";
    let tour = ["-c", "docs/tour/golive.toml"];
    let made = ["check", facts, "--at", AT, "--record", &records, "--signing-key", &key, "--checklist", &checklist];
    assert_eq!(plain(&[&made[..], &tour].concat()).exit, Some(0));
    let run = ask(&tour);
    assert!(run.exit == Some(7) && run.stderr.contains("under the checklist"), "{}{}", run.stdout, run.stderr);
    let run = ask(&[&tour[..], &["--checklist", &checklist]].concat());
    assert_eq!(run.exit, Some(0), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_key_that_does_not_count_signs_nothing_and_is_never_shown() {
    let folder = signed();
    let (records, trust) = (path(&folder, "records"), path(&folder, "trust.yaml"));
    let stranger = path(&folder, "stranger.key");
    assert_eq!(plain(&["record", "keygen", "stranger", "-o", &stranger, "--at", AT]).exit, Some(0));
    let facts = "fixtures/deployments/claw-go/facts.json";
    let args = ["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "--trust", &trust, "--signing-key"];
    let run = plain(&[&args[..], &[&stranger]].concat());
    assert_eq!((run.exit, run.stdout.as_str()), (Some(6), ""), "{}", run.stderr);
    let pem = project::text(Path::new(&stranger));
    let body = pem.lines().nth(1).expect("a key's text");
    for given in [pem.as_str(), body] {
        for args in [
            vec!["check", facts, "-c", "docs/tour/golive.toml", "--at", AT, "--record", &records, "--signing-key", given],
            vec!["record", "verify", &records, "--trust", given],
            vec!["record", "verify", &records, "--trust", &trust, "--head", given],
            vec!["record", "sign", &records, "--signing-key", given],
        ] {
            let run = plain(&args);
            assert!(run.exit.is_some_and(|exit| exit > 1), "{:?}", run.exit);
            let told = format!("{}{}", run.stdout, run.stderr);
            let plain: String = told.chars().filter(char::is_ascii_alphanumeric).collect();
            let secret: String = body[24..40].chars().filter(char::is_ascii_alphanumeric).collect();
            assert!(!plain.contains(&secret), "{told}");
        }
    }
}
