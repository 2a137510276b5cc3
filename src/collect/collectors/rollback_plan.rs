//! What a rollback of this release would do now: a dry run on the newest backup, the procedure, the package of the previous version.

use crate::collect::backups::{Store, digest, digest_in, tool};
use crate::collect::collector::{Absent, Collected, Collector, Entry, Exhibit, Need, read};
use crate::collect::context::Context;
use crate::collect::files::{MOST_BYTES, shown};
use crate::collect::programs::Output;
use crate::model::Trust;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Its line of the registry.
pub const ENTRY: Entry = Entry {
    name: "rollback_plan",
    about: "dry run of a rollback, its procedure, and the package of the previous version",
    trust: Trust::Observed,
    read: read::<Settings>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The version that this plan leads away from. It is not taken from the release: a plan of another release must show.
    from_version: String,
    /// The version that it leads back to.
    to_version: String,
    /// The documented procedure.
    procedure: Procedure,
    /// The package of the previous version.
    package: Package,
    /// The dry run; without it none is made.
    dry_run: Option<DryRun>,
    /// The client versions that are in use.
    clients: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Procedure {
    /// Its text.
    file: PathBuf,
    /// Where it is published.
    uri: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    /// The copy at hand.
    file: PathBuf,
    /// The published checksums, as `sha256sum` writes them.
    sums: PathBuf,
    /// Its name in there, where it is not the name of the file.
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DryRun {
    /// The program; `{id}` is the newest backup.
    command: Vec<String>,
    /// Its working directory.
    cwd: Option<PathBuf>,
    /// Lines that it prints where it succeeds, `{id}` for the backup, and once `{n}` for the number of files that it would restore.
    says: Vec<String>,
    /// The backups.
    backups: Store,
}

impl Collector for Settings {
    fn needs(&self) -> Vec<Need> {
        let mut out = vec![Need::Path(self.procedure.file.clone()), Need::Path(self.package.file.clone())];
        out.push(Need::Path(self.package.sums.clone()));
        if let Some(dry_run) = &self.dry_run {
            out.push(Need::Path(dry_run.backups.directory().to_owned()));
            out.extend(dry_run.command.first().map(|program| Need::Program(program.clone())));
        }
        out
    }

    fn collect(&self, at: &Context) -> Result<Collected, Absent> {
        let procedure = at.files().read(&self.procedure.file, MOST_BYTES)?;
        let mut exhibits = vec![at.exhibit(&file_name(&self.procedure.file), procedure.bytes)];
        let package = self.package.value(at, &mut exhibits)?;
        let mut source = format!("{}, {}", shown(&self.procedure.file), shown(&self.package.file));
        let mut since = None;
        let dry_run = match &self.dry_run {
            Some(dry_run) => {
                let (value, output) = dry_run.value(at)?;
                if let Some(output) = output {
                    source = format!("{source}, {}", output.line());
                    exhibits.push(at.exhibit("rollback-plan.json", format!("{:#}\n", output.exhibit())));
                    since = Some(output.started_at);
                }
                value
            }
            None => json!({ "state": "not_run" }),
        };
        let clients: Vec<Value> = self.clients.iter().map(|version| json!({ "version": version })).collect();
        let value = json!({
            "from_version": self.from_version, "to_version": self.to_version,
            "procedure": { "uri": self.procedure.uri, "sha256": procedure.sha256 },
            "package": package, "dry_run": dry_run, "clients_total": clients.len(), "clients": clients,
        });
        let mut out = Collected::new(value, source);
        out.exhibits = exhibits;
        out.collected_at = since;
        Ok(out)
    }
}

impl Package {
    fn value(&self, at: &Context, exhibits: &mut Vec<Exhibit>) -> Result<Value, Absent> {
        let (sums, seen) = at.files().text(&self.sums)?;
        exhibits.push(at.exhibit(&file_name(&self.sums), seen.bytes));
        let name = self.name.clone().unwrap_or_else(|| file_name(&self.file));
        let published = digest_in(&sums, &name).map_err(|fault| {
            let reason = format!("{} gives no published digest of {}: {fault}", shown(&self.sums), shown(Path::new(&name)));
            Absent::new(reason).help("package = { file, sums, name }: `sums` is the checksum file that was published with the release")
        })?;
        let folder = self.file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = file_name(&self.file);
        let folder = at.files().folder(folder)?;
        if folder.symlink_metadata(&file).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
            return Ok(json!({ "state": "missing" }));
        }
        let Some((_, sha256)) = digest(&folder, &file, at)? else {
            return Err(Absent::new(format!("{} is a symlink or no regular file", shown(&self.file))));
        };
        Ok(json!({ "state": "at_hand", "name": name, "sha256": sha256, "published_sha256": published }))
    }
}

impl DryRun {
    /// A dry run on the newest backup; none where there is no backup.
    fn value(&self, at: &Context) -> Result<(Value, Option<Output>), Absent> {
        if self.says.iter().filter(|line| line.contains("{n}")).count() != 1 {
            let reason = "dry_run.says must hold one line with {n}, the number of files that would be restored";
            return Err(Absent::new(reason).help("says = [\"Rollback plan from backup: {id}\", \"restore files: {n}\"]"));
        }
        let listing = self.backups.list(at)?;
        let Some(newest) = listing.artifacts.last() else { return Ok((json!({ "state": "not_run" }), None)) };
        let output = tool::ask(&self.command, self.cwd.clone(), &newest.id, at)?;
        let code = tool::exit_code(&output);
        let restore_files = if code == 0 {
            let missing = |line: String| Absent::new(format!("`{}` ended with 0, but did not print once `{line}`", output.line()));
            tool::heard(&self.says, output.text()?, &newest.id).map_err(missing)?.first().copied().unwrap_or_default()
        } else {
            0
        };
        let manifest_sha256 = self.backups.unchanged(newest, at)?;
        let value = json!({
            "state": "run", "command": tool::line(&output), "exit_code": code, "artifact_id": newest.id,
            "manifest_sha256": manifest_sha256, "restore_files": restore_files,
        });
        Ok((value, Some(output)))
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
