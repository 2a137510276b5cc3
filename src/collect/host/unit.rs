//! A systemd unit: its main process, and what it was started with.

use super::words::Words;
use crate::collect::Command;
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::text::visible;
use std::time::Duration;

/// What systemd says of a unit that runs.
#[derive(Debug)]
pub(super) struct Unit {
    /// Its main process.
    pub(super) pid: i32,
    /// The words of its `ExecStart`, where it has one, and it has not been changed on disk since systemd read it.
    pub(super) words: Option<Words>,
}

/// Asks systemd. What it prints may hold a token, so none of it is kept.
pub(super) fn ask(name: &str, at: &Context) -> Result<Unit, Absent> {
    let argv = ["systemctl", "show", "-p", "LoadState,MainPID,NeedDaemonReload,ExecStart", "--", name].map(str::to_owned).to_vec();
    let output = at.run(&Command { argv, cwd: None, limit: Duration::from_secs(5) })?;
    if output.code() != Some(0) {
        return Err(Absent::new(format!("`{}` ended with {:?}", output.line(), output.ended)));
    }
    read(name, output.text()?)
}

fn read(name: &str, text: &str) -> Result<Unit, Absent> {
    let values = |key: &str| -> Vec<&str> {
        text.lines().filter_map(|line| line.split_once('=')).filter(|(k, _)| *k == key).map(|(_, value)| value).collect()
    };
    let name = visible(name);
    if values("LoadState") != ["loaded"] {
        return Err(Absent::new(format!("systemd has no unit {name}")).help("`unit` of the table `find` is its full name"));
    }
    let pid = match values("MainPID")[..] {
        [pid] => pid.parse().ok().filter(|pid: &i32| *pid > 0),
        _ => None,
    };
    let pid = pid.ok_or_else(|| Absent::new(format!("the unit {name} has no main process: it does not run")))?;
    let words = match (&values("NeedDaemonReload")[..], &values("ExecStart")[..]) {
        (["no"], [start]) => argv(start),
        _ => None,
    };
    Ok(Unit { pid, words })
}

/// The words in `{ path=… ; argv[]=… ; ignore_errors=… }`.
fn argv(start: &str) -> Option<Words> {
    let (_, rest) = start.split_once("argv[]=")?;
    let (line, _) = rest.split_once(" ; ignore_errors=")?;
    Some(Words::split(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::host::Flag;

    const SHOWN: &str = "LoadState=loaded\nMainPID=42\nNeedDaemonReload=no\nExecStart={ path=/usr/bin/p ; argv[]=/usr/bin/p daemon --token CANARY ; \
        ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=42 ; code=(null) ; status=0/0 }\n";

    #[test]
    fn a_running_unit_has_a_process_and_words() {
        let unit = read("p.service", SHOWN).unwrap();
        assert_eq!(unit.pid, 42);
        assert!(!format!("{unit:?}").contains("CANARY"));
        assert_eq!(unit.words.unwrap().flag(&["--token".to_owned()]), Flag::Value("CANARY"));
    }

    #[test]
    fn what_does_not_run_or_was_changed_lends_nothing() {
        for (from, to, said) in [
            ("MainPID=42", "MainPID=0", "does not run"),
            ("MainPID=42", "MainPID=", "does not run"),
            ("LoadState=loaded", "LoadState=not-found", "no unit"),
            ("LoadState=loaded\n", "", "no unit"),
        ] {
            assert!(read("p.service", &SHOWN.replace(from, to)).unwrap_err().reason.contains(said), "{to}");
        }
        let words = |from: &str, to: &str| read("p.service", &SHOWN.replace(from, to)).unwrap().words;
        assert!(words("Reload=no", "Reload=yes").is_none());
        assert!(words("ExecStart={", "ExecStart={ path=/a ; argv[]=/a ; ignore_errors=no ; }\nExecStart={").is_none());
    }
}
