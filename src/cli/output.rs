//! Results: files written whole or not at all, then stdout, each write checked.

use super::args::Colour;
use super::diagnostics;
use super::exit::Exit;
use crate::model::Dossier;
use crate::report::{FORMATS, Format, Look};
use crate::schema::did_you_mean;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// One `-o FORMAT[=PATH]`.
pub struct Target {
    format: &'static dyn Format,
    path: Option<PathBuf>,
}

/// Reads the `-o` flags; without any it is `human` on stdout.
///
/// # Errors
/// Words for a usage error: an unknown format, two results for stdout or for one path.
pub fn targets(flags: &[String]) -> Result<Vec<Target>, String> {
    let names: Vec<&'static str> = FORMATS.iter().map(|f| f.name()).collect();
    let format = |name: &str| FORMATS.iter().find(|f| f.name() == name).copied();
    let targets = named(flags, &names)?.into_iter();
    Ok(targets.filter_map(|target| Some(Target { format: format(target.format)?, path: target.path })).collect())
}

/// One `-o FORMAT[=PATH]` of a command that has formats of its own.
pub struct Named {
    /// The format's name.
    pub format: &'static str,
    /// Where it goes; none for stdout.
    pub path: Option<PathBuf>,
}

/// Reads the `-o` flags of a command with these formats, of which the first is the default.
///
/// # Errors
/// See [`targets`].
pub fn named(flags: &[String], formats: &[&'static str]) -> Result<Vec<Named>, String> {
    let default: Vec<String> = formats.iter().take(1).map(|name| (*name).to_owned()).collect();
    let flags = if flags.is_empty() { &default[..] } else { flags };
    let mut out: Vec<Named> = Vec::new();
    for flag in flags {
        let (name, path) = match flag.split_once('=') {
            Some((name, "-")) => (name, None),
            Some((_, "")) => return Err(format!("`-o {flag}` names no path")),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (flag.as_str(), None),
        };
        let Some(format) = formats.iter().find(|f| **f == name) else {
            let help = did_you_mean(name, formats.iter().copied()).unwrap_or_default();
            return Err(format!("there is no output format `{}`: {help}", crate::text::visible(name)));
        };
        if out.iter().any(|t| t.path.as_deref().map(place) == path.as_deref().map(place)) {
            return Err("two outputs go to the same place: give each its own path with -o FORMAT=PATH".to_owned());
        }
        out.push(Named { format, path });
    }
    Ok(out)
}

/// Where a path leads, however it is spelt.
pub fn place(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().and_then(|p| p.canonicalize().ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => path.canonicalize().unwrap_or_else(|_| folder.join(name)),
        _ => path,
    }
}

/// Whether one of the formats shows what stands behind a decision.
pub fn wants_annex(targets: &[Target]) -> bool {
    targets.iter().any(|target| target.format.wants_annex())
}

/// Whether one of the formats shows until when a decision holds.
pub fn wants_forecast(targets: &[Target]) -> bool {
    targets.iter().any(|target| target.format.wants_forecast())
}

/// The help of `-o` for a decision.
pub fn help() -> String {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    format!("Output format, and where to write it; may be repeated. Formats: {}", names.join(", "))
}

/// Writes the decision in every format that was asked for: files first, stdout last.
pub fn write(targets: &[Target], dossier: &Dossier<'_>, choice: Colour) -> Result<(), Exit> {
    let places = targets.iter().map(|t| (t.format, t.path.as_deref())).collect::<Vec<_>>();
    put(&places, choice, Format::appends, |format, look| format.render(dossier, look))
}

/// The same for a command with formats of its own.
pub fn texts(targets: &[Named], choice: Colour, render: impl Fn(&str, &Look) -> String) -> Result<(), Exit> {
    let places = targets.iter().map(|t| (t.format, t.path.as_deref())).collect::<Vec<_>>();
    put(&places, choice, |_| false, render)
}

fn put<F: Copy>(
    targets: &[(F, Option<&Path>)],
    choice: Colour,
    appends: impl Fn(F) -> bool,
    render: impl Fn(F, &Look) -> String,
) -> Result<(), Exit> {
    for (format, path) in targets {
        let Some(path) = path else { continue };
        let text = render(*format, &Look { width: 100, colour: false });
        if appends(*format) { append(path, text.as_bytes())? } else { file(path, text.as_bytes())? }
    }
    for (format, _) in targets.iter().filter(|(_, path)| path.is_none()) {
        let colour = diagnostics::colour(choice, || anstream::AutoStream::choice(&io::stdout()));
        stdout(&render(*format, &Look { width: width(), colour }))?;
    }
    Ok(())
}

/// Writes a file whole or not at all, in a folder that is made where it is missing.
pub fn file_with_folder(path: &Path, bytes: &[u8]) -> Result<(), Exit> {
    folder(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    file(path, bytes)
}

/// Writes a file whole or not at all.
pub fn file(path: &Path, bytes: &[u8]) -> Result<(), Exit> {
    write_file(path, bytes).map_err(|error| {
        diagnostics::plain(&format!("could not write {}: {error}", crate::text::visible(&path.to_string_lossy())));
        Exit::Write
    })
}

/// Writes to the end of a file that others write to as well.
fn append(path: &Path, bytes: &[u8]) -> Result<(), Exit> {
    let write = || {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
        // One call: what another process appends stands before or behind it.
        file.write_all(bytes)?;
        if path.is_file() { file.sync_all() } else { file.flush() }
    };
    write().map_err(|error: io::Error| {
        diagnostics::plain(&format!("could not write {}: {error}", crate::text::visible(&path.to_string_lossy())));
        Exit::Write
    })
}

/// Writes a file that is not there yet, whole or not at all, in a folder that is made where it is missing; false where it is there.
pub fn new_file(path: &Path, bytes: &[u8]) -> Result<bool, Exit> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder(parent)?;
    let written = temporary(parent, bytes).and_then(|file| match file.persist_noclobber(path) {
        Ok(_) => std::fs::File::open(parent)?.sync_all().map(|()| true),
        Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(lost) => Err(lost.error),
    });
    written.map_err(|error| {
        diagnostics::plain(&format!("could not write {}: {error}", crate::text::visible(&path.to_string_lossy())));
        Exit::Write
    })
}

/// Makes a folder and those above it.
pub fn folder(path: &Path) -> Result<(), Exit> {
    std::fs::create_dir_all(path).map_err(|error| {
        diagnostics::plain(&format!("could not make the folder {}: {error}", crate::text::visible(&path.to_string_lossy())));
        Exit::Write
    })
}

/// Writes the result to stdout and flushes it.
pub fn stdout(text: &str) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Exit::Pipe),
        Err(error) => {
            diagnostics::plain(&format!("could not write to stdout: {error}"));
            Err(Exit::Write)
        }
    }
}

/// A temporary file beside the target, synced, then renamed over it. What is no regular file is written to directly.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() && !path.is_file() {
        let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
        return file.write_all(bytes).and_then(|()| file.flush());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    temporary(folder, bytes)?.persist(path).map_err(|e| e.error)?;
    std::fs::File::open(folder)?.sync_all()
}

/// A synced file that has no name of its own yet.
fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".golive-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(file)
}

/// The width of the terminal, 80 where there is none.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
    let found = columns.or_else(|| if io::stdout().is_terminal() || io::stderr().is_terminal() { terminal() } else { None });
    found.unwrap_or(80).clamp(60, 200)
}
