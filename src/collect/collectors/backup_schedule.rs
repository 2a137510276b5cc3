//! The schedule that makes the backups, as the scheduler states it, and how its last run ended.

use crate::collect::backups::{Store, ledger};
use crate::collect::collector::{Absent, Collected, Collector, Entry, Need, read};
use crate::collect::context::Context;
use crate::collect::files::shown;
use crate::collect::schedule::{Run, Schedule, Seen, crontab, iso, runs, systemd};
use crate::model::Trust;
use crate::text::visible;
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "backup_schedule",
    about: "the timer or cron job that makes the backups, and how its last run ended",
    trust: Trust::Observed,
    read: read::<Settings>,
};

/// Exactly one of `timer` and `crontab`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A systemd timer.
    timer: Option<String>,
    /// The service that it starts, where systemd shall not be asked.
    service: Option<String>,
    /// With `timer`: the backups, among which the one that the last run made is looked for.
    backups: Option<Store>,
    /// A crontab.
    crontab: Option<Crontab>,
    /// With `crontab`: the log that the job appends to: `golive schema backup-run`.
    runs: Option<PathBuf>,
    /// With `crontab`: a ledger of successful backups, in which no failure is ever written.
    ledger: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Crontab {
    /// The file.
    file: PathBuf,
    /// `user`, or `system` where a user's name stands before each command.
    form: crontab::Form,
    /// A part of the job's command that no other line has.
    job: String,
    /// The service that runs cron, such as `cron.service`. Without it nobody knows whether cron runs at all.
    daemon: Option<String>,
}

type Found = (Option<Schedule>, Option<Run>, String);

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let mut out = Vec::new();
        if self.timer.is_some() || self.crontab.as_ref().is_some_and(|c| c.daemon.is_some()) {
            out.push(Need::Program("systemctl".to_owned()));
        }
        if self.timer.is_some() {
            out.push(Need::Program("systemd-analyze".to_owned()));
        }
        let crontab = self.crontab.as_ref().map(|c| c.file.clone());
        let paths = [crontab, self.runs.clone(), self.ledger.clone(), self.backups.as_ref().map(|b| b.directory().to_owned())];
        out.extend(paths.into_iter().flatten().map(Need::Path));
        out
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let mut seen = Seen::default();
        let (schedule, last_run, source) = match (&self.timer, &self.crontab) {
            (Some(timer), None) if self.runs.is_none() && self.ledger.is_none() => self.of_timer(timer, at, &mut seen)?,
            (None, Some(crontab)) if self.service.is_none() && self.backups.is_none() => self.of_crontab(crontab, at, &mut seen)?,
            _ => {
                let help = "`service` and `backups` go with `timer`; `runs` and `ledger` go with `crontab`";
                return Err(Absent::new("either `timer` or `crontab` is wanted, with what belongs to it").help(help));
            }
        };
        let schedule = schedule.map_or_else(
            || json!({ "state": "none" }),
            |s| json!({ "state": "found", "kind": s.kind, "name": s.name, "enabled": s.enabled, "interval": iso(s.interval_ms) }),
        );
        let last_run = last_run.map_or_else(
            || json!({ "state": "none" }),
            |r| {
                json!({
                    "state": "ended", "finished_at": r.finished_at.to_string(), "result": r.result,
                    "artifact_id": r.artifact_id.unwrap_or_default(),
                })
            },
        );
        let mut out = Collected::new(json!({ "schedule": schedule, "last_run": last_run }), source);
        out.exhibits = seen.exhibits;
        out.collected_at = seen.since;
        Ok(out)
    }
}

impl Settings {
    fn of_timer(&self, timer: &str, at: &Context, seen: &mut Seen) -> Result<Found, Absent> {
        let found = systemd::timer(timer, at, seen)?;
        let Some(service) = self.service.clone().or_else(|| found.as_ref().map(|(_, service)| service.clone())) else {
            return Ok((None, None, format!("systemctl show {}", visible(timer))));
        };
        let source = format!("systemctl show {} {}", visible(timer), visible(&service));
        if let Some((_, starts)) = found.as_ref().filter(|(_, starts)| *starts != service) {
            return Err(Absent::new(format!("{} starts {}, not {}", visible(timer), visible(starts), visible(&service))));
        }
        let mut run = systemd::last_run(&service, at, seen)?;
        if let (Some(run), Some(store)) = (&mut run, &self.backups) {
            run.artifact_id = made_by(run, store, at, seen)?;
        }
        Ok((found.map(|(schedule, _)| schedule), run, source))
    }

    fn of_crontab(&self, settings: &Crontab, at: &Context, seen: &mut Seen) -> Result<Found, Absent> {
        let (text, file) = at.files().text(&settings.file)?;
        let place = shown(&settings.file);
        let wrong = |what: String| Absent::new(format!("{place}: {}", visible(&what)));
        if settings.job.trim().is_empty() {
            return Err(Absent::new("crontab.job is empty: it must name the job"));
        }
        let line = crontab::line(&text, settings.form, &settings.job).map_err(wrong)?;
        // Neither the command nor the variables of the file: they may hold secrets.
        let exhibit = json!({
            "file": place, "sha256": file.sha256, "line": line.as_ref().map(|l| l.number),
            "fields": line.as_ref().map(|l| &l.fields),
        });
        seen.exhibits.push(at.exhibit("crontab.json", format!("{exhibit:#}\n")));
        let schedule = match line {
            Some(line) => {
                let enabled = settings.enabled(at, seen)?;
                Some(Schedule { kind: "cron", name: format!("{place}:{}", line.number), enabled, interval_ms: line.interval_ms })
            }
            None => None,
        };
        let (run, from) = self.last_run(at, seen)?;
        Ok((schedule, run, format!("{place}, {from}")))
    }

    fn last_run(&self, at: &Context, seen: &mut Seen) -> Result<(Option<Run>, String), Absent> {
        match (&self.runs, &self.ledger) {
            (Some(log), None) => {
                let (text, file) = at.files().text(log)?;
                let found = runs::newest(&shown(log), &text, at)?;
                let exhibit = json!({ "file": shown(log), "sha256": file.sha256, "newest": found.as_ref().map(|(_, line)| line) });
                seen.exhibits.push(at.exhibit("backup-run.json", format!("{exhibit:#}\n")));
                Ok((found.map(|(run, _)| run), shown(log)))
            }
            (None, Some(ledger_file)) => {
                let (text, file) = at.files().text(ledger_file)?;
                let rows = ledger(&text).map_err(|what| Absent::new(format!("{}: {what}", shown(ledger_file))))?;
                let newest = rows.into_iter().max_by_key(|(time, _)| *time);
                let row = newest.as_ref().map(|(time, id)| json!({ "at": time.to_string(), "backup_id": id }));
                let exhibit = json!({ "file": shown(ledger_file), "sha256": file.sha256, "newest": row });
                seen.exhibits.push(at.exhibit("ledger.json", format!("{exhibit:#}\n")));
                // A run that failed after this one would have left no row.
                let run = newest.map(|(time, id)| Run { started_at: time, finished_at: time, result: "unknown", artifact_id: Some(id) });
                let source = format!("{} (it holds no failures: how the last run ended is not known)", shown(ledger_file));
                Ok((run, source))
            }
            _ => {
                let help = "cron keeps no results: let the job append to a log, `golive schema backup-run`";
                Err(Absent::new("exactly one of `runs` and `ledger` is wanted with `crontab`").help(help))
            }
        }
    }
}

impl Crontab {
    /// Whether cron runs and reads this file. A name that some crons pass over in silence leaves it unknown.
    fn enabled(&self, at: &Context, seen: &mut Seen) -> Result<&'static str, Absent> {
        let name = self.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let Some(daemon) = &self.daemon else { return Ok("unknown") };
        let enabled = systemd::enabled(daemon, at, seen)?;
        Ok(if self.form == crontab::Form::System && !plain && enabled == "yes" { "unknown" } else { enabled })
    }
}

/// The one backup that was completed while the run lasted; none where there is none, or more than one.
fn made_by(run: &Run, store: &Store, at: &Context, seen: &mut Seen) -> Result<Option<String>, Absent> {
    let listing = store.list(at)?;
    seen.exhibits.push(at.exhibit("backups.json", listing.exhibit()));
    // Times in whole seconds were cut off.
    let until = run.finished_at.ms + if run.finished_at.ms % 1000 == 0 { 999 } else { 0 };
    let mut made = listing.artifacts.iter().filter(|a| (run.started_at.ms..=until).contains(&a.created_at.ms));
    Ok(match (made.next(), made.next()) {
        (Some(one), None) => Some(one.id.clone()),
        _ => None,
    })
}
