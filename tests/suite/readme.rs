//! The README's commands, run one after the other in one shell, against what the README says that they print.

use crate::differences::Differences;
use crate::project;
use std::path::Path;
use std::process::{Command, Stdio};

/// What parts the outputs of two commands.
const MARK: &str = "<<<next command>>>";

/// One command, and what it prints; `…` stands for whatever is left out.
struct Step {
    command: String,
    output: String,
}

#[test]
fn the_readme_prints_what_it_says() {
    let steps = steps(&project::text(&project::root().join("README.md")));
    assert!(steps.len() > 20, "the README shows {} commands", steps.len());
    let script: String = steps.iter().map(|step| format!("{}\nprintf '%s\\n' '{MARK}'\n", step.command)).collect();
    let binary = env!("CARGO_BIN_EXE_golive");
    let folder = Path::new(binary).parent().expect("a folder");
    // A function goes before whatever the README puts in front of the path.
    let prelude = format!("exec 2>&1\ngolive() {{ '{binary}' \"$@\"; }}\n");
    let mut shell = Command::new("bash");
    shell.current_dir(project::root()).env_clear().stdin(Stdio::null());
    shell.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display())).env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8");
    let run = shell.arg("-c").arg(prelude + &script).output().expect("bash");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let outputs: Vec<&str> = text.split(&format!("{MARK}\n")).collect();
    let mut differences = Differences::default();
    assert_eq!(outputs.len(), steps.len() + 1, "a command ended the shell:\n{text}");
    for (step, output) in steps.iter().zip(outputs) {
        differences.hold(fits(output, &step.output), || format!("$ {}\nREADME:\n{}\nprinted:\n{output}", step.command, step.output));
    }
    differences.end("commands of the README");
}

/// The commands of all blocks but those that build.
fn steps(readme: &str) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    for block in readme.split("```console\n").skip(1).filter_map(|rest| rest.split("\n```").next()) {
        if block.contains("$ cargo ") {
            continue;
        }
        for line in block.lines() {
            let goes_on = out.last().is_some_and(|step| step.command.ends_with('\\') && step.output.is_empty());
            match (line.strip_prefix("$ "), out.last_mut()) {
                (Some(command), _) => out.push(Step { command: command.to_owned(), output: String::new() }),
                (None, Some(step)) if goes_on => step.command = format!("{}\n{line}", step.command),
                (None, Some(step)) => step.output = format!("{}{line}\n", step.output),
                (None, None) => panic!("a block of the README begins with output: {line}"),
            }
        }
    }
    out
}

/// Whether a text is another one with `…` in place of some of it.
fn fits(text: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('…').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    if parts.len() == 1 {
        return text == pattern;
    }
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in &parts[1..parts.len() - 1] {
        // A line of its own that is left out may be no line at all.
        let part = part.strip_prefix('\n').filter(|_| !rest.contains(*part)).unwrap_or(part);
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last) || last.strip_prefix('\n').is_some_and(|last| rest.ends_with(last))
}

#[test]
fn what_is_left_out_may_be_anything() {
    for (text, pattern, wanted) in [
        ("a\nb\nc\n", "a\n…\nc\n", true),
        ("a\nc\n", "a\n…c\n", true),
        ("digest sha256:12; all\n", "digest …; all\n", true),
        ("a\nb\n", "a\nc\n", false),
        ("a\nb\nd\n", "a\n…\nc\n", false),
        ("x\n", "…\n", true),
        ("", "…\n", true),
    ] {
        assert_eq!(fits(text, pattern), wanted, "{text:?} {pattern:?}");
    }
}
