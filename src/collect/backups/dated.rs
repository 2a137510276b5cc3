//! The format `dated`: files or folders whose names hold the time at which they were made.

use super::sums;
use super::tree::{Content, Recheck, digest};
use super::{Artifact, changed};
use crate::collect::collector::Absent;
use crate::collect::context::{Clock, Context, sha256};
use crate::collect::files::MOST_BYTES;
use crate::model::Instant;
use crate::text::visible;
use cap_std::fs::{Dir, Metadata};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use std::io::Read;

/// How artifacts are named, and where their checksums stand.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// The form of the names.
    pub names: Option<&'a str>,
    /// The name of the checksum file.
    pub manifest: Option<&'a str>,
}

/// An entry of the folder; `None` where its name does not have the form.
pub fn artifact(folder: &Dir, name: &str, about: &Metadata, form: Form<'_>, at: &Context) -> Result<Option<Artifact>, Absent> {
    // Nothing else shows whether it is finished.
    if form.names.is_none() && form.manifest.is_none() && unfinished(name) {
        return Ok(None);
    }
    let Some(created_at) = created(name, about, form.names, at)? else { return Ok(None) };
    let broken = |fault: String| Ok(Some(Artifact::broken(name, about, fault, at)));
    if about.is_symlink() {
        return broken("it is a symlink, which was not followed".to_owned());
    }
    let (bytes, listed, beside) = match (form.manifest, about.is_file(), about.is_dir()) {
        (None, true, _) => {
            let Some((bytes, sha256)) = digest(folder, name, at)? else { return broken("it changed while it was read".to_owned()) };
            let content = Content::One { folder: reopen(folder)?, name: name.to_owned(), sha256: None };
            let mut one = Artifact::complete(name, created_at, sha256, content, at)?;
            one.size_bytes = bytes;
            return Ok(Some(one));
        }
        (Some(manifest), true, _) if manifest.contains("{}") => match checksums(folder, &manifest.replace("{}", name)) {
            Ok((bytes, listed)) => (bytes, listed, true),
            Err(fault) => return broken(fault),
        },
        (Some(manifest), _, true) if manifest.contains("{}") => match checksums(folder, &manifest.replace("{}", name)) {
            Ok((bytes, listed)) => (bytes, listed, false),
            Err(fault) => return broken(fault),
        },
        (Some(manifest), _, true) => {
            let read = folder.open_dir(name).map_err(|e| e.to_string()).and_then(|inner| checksums(&inner, manifest));
            match read {
                Ok((bytes, listed)) => (bytes, listed, false),
                Err(fault) => return broken(fault),
            }
        }
        (None, _, true) => return broken("it is a folder without checksums".to_owned()),
        _ => return broken("it is neither a folder nor a file with checksums".to_owned()),
    };
    let content = if beside {
        let [one] = listed.as_slice() else { return broken("its checksum file must name it alone".to_owned()) };
        if one.path != name {
            return broken("its checksum file names another file".to_owned());
        }
        Content::One { folder: reopen(folder)?, name: name.to_owned(), sha256: Some(one.sha256.clone()) }
    } else {
        let skip = form.manifest.filter(|m| !m.contains("{}")).map(str::to_owned);
        Content::Tree { folder: folder.open_dir(name).ok(), listed, skip, beside: Recheck::default() }
    };
    Artifact::complete(name, created_at, sha256(&bytes), content, at).map(Some)
}

fn reopen(folder: &Dir) -> Result<Dir, Absent> {
    folder.try_clone().map_err(|e| Absent::new(format!("cannot open a folder again: {}", visible(&e.to_string()))))
}

/// Whether an entry holds the checksums of another one: `{}` in the form stands for that one's name.
pub fn is_checksums(name: &str, form: Form<'_>) -> bool {
    let Some((before, after)) = form.manifest.and_then(|m| m.split_once("{}")) else { return false };
    let of = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).filter(|rest| !rest.is_empty());
    of.is_some_and(|of| form.names.is_none_or(|names| time_in(of, names).is_some()))
}

/// The time of an artifact: the one in its name, or the one of its last change where that is earlier. Nothing becomes fresher by a name
/// that holds local time, nor by being copied.
fn created(name: &str, about: &Metadata, names: Option<&str>, at: &Context) -> Result<Option<Instant>, Absent> {
    let given = matches!(at.shared.clock, Clock::Given(_));
    let Some(form) = names else {
        if given {
            return Err(Absent::new("at a given time nothing is known of when files were changed").help("give the form of their `names`"));
        }
        return Ok(Some(changed(about, at)));
    };
    let Some(named) = time_in(name, form) else { return Ok(None) };
    Ok(Some(if given { named } else { named.min(changed(about, at)) }))
}

/// Whether a name is one that programs give to what they have not finished, or do not want to be seen.
fn unfinished(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.') || [".partial", ".tmp", ".part", ".swp"].iter().any(|end| lower.ends_with(end))
}

fn time_in(name: &str, form: &str) -> Option<Instant> {
    let parsed = strtime::parse(form, name).ok()?;
    // Written again in the same form it must be the same name: two names for one time would be two artifacts.
    if parsed.to_string(form).ok()? != name {
        return None;
    }
    let midnight = || parsed.to_date().ok().map(|day| day.at(0, 0, 0, 0));
    let stamp = parsed.to_timestamp().ok().or_else(|| {
        let civil = parsed.to_datetime().ok().or_else(midnight)?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    Instant::parse(&stamp.to_string())
}

fn checksums(folder: &Dir, name: &str) -> Result<(Vec<u8>, Vec<super::tree::Listed>), String> {
    let shown = visible(name);
    let about = folder.symlink_metadata(name).map_err(|e| format!("{shown}: {}", visible(&e.to_string())))?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(format!("{shown} is no regular file of at most {MOST_BYTES} bytes"));
    }
    let mut bytes = Vec::new();
    let file = folder.open(name).map_err(|e| format!("{shown}: {}", visible(&e.to_string())))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| format!("{shown}: {}", visible(&e.to_string())))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{shown} is not UTF-8"))?;
    let listed = sums::read(text).map_err(|fault| format!("{shown}: {fault}"))?;
    Ok((bytes, listed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_one_time_or_none() {
        for (form, name, want) in [
            ("db-%Y-%m-%d.dump", "db-2024-03-01.dump", Some("2024-03-01T00:00:00Z")),
            ("db-%Y-%m-%dT%H%M%S.dump", "db-2024-03-01T020304.dump", Some("2024-03-01T02:03:04Z")),
            ("db-%Y-%m-%dT%H%M%S%z.dump", "db-2024-03-01T020304+0200.dump", Some("2024-03-01T00:03:04Z")),
            ("db-%s", "db-1709258584", Some("2024-03-01T02:03:04Z")),
            ("db-%Y-%m-%d.dump", "db-2024-02-30.dump", None),
            ("db-%Y-%m-%d.dump", "db-2024-3-1.dump", None),
            ("db-%Y-%m-%d.dump", "db-2024-03-01.dump.partial", None),
            ("db-%Y-%m-%d.dump", "latest", None),
            ("db-%H%M", "db-0203", None),
        ] {
            assert_eq!(time_in(name, form).map(|t| t.to_string()).as_deref(), want, "{name}");
        }
    }
}
