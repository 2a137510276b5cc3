//! Files of waivers as they count: each with the signatures beside it, where there are any or the configuration wants them.

use super::args::ExceptionArgs;
use super::config::WaiverSignatures;
use super::session::Session;
use super::{input, judge};
use crate::model::Instant;
use crate::record::approval::unsigned;
use crate::record::{Approval, Trust};
use crate::text::{Document, Problem, Source, visible};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the signatures of `FILE` are called: `FILE` and this.
pub const ENDING: &str = ".dsse.json";

/// Files of waivers that may be used, and what says so.
pub struct Waived {
    /// The files.
    pub documents: Vec<Document>,
    /// The signatures that were held against them.
    pub signatures: Vec<Arc<Source>>,
    /// The trusted keys, where signatures were looked at.
    pub trust: Option<Arc<Source>>,
}

/// Where the signatures of a file lie.
pub fn sidecar(file: &Path) -> PathBuf {
    let mut name = OsString::from(file.as_os_str());
    name.push(ENDING);
    PathBuf::from(name)
}

/// Reads the waivers that flags or configuration name. Signatures are of `now` or older.
pub fn waivers(session: &Session<'_>, given: &ExceptionArgs, now: Instant) -> Result<Waived, Vec<Problem>> {
    let config = &session.config;
    let required = config.signing.waivers == Some(WaiverSignatures::Required);
    let mut out = Waived { documents: Vec::new(), signatures: Vec::new(), trust: None };
    let mut problems = Vec::new();
    let mut trust = None;
    for (path, source) in input::exceptions(given.waivers.as_ref().or(config.waivers.as_ref()), "waivers")? {
        let document = judge::document(source)?;
        match path.as_deref().map_or(Ok(None), signatures) {
            Ok(Some(source)) => {
                if trust.is_none() {
                    let (file, read) = trusted(given.trust.as_deref().or(config.signing.trust.as_deref()), &document)?;
                    trust = Some(read);
                    out.trust = Some(file);
                }
                if let Some(trust) = &trust {
                    problems.extend(Approval::verify(&document, Arc::clone(&source), trust, now).err().into_iter().flatten());
                }
                out.signatures.push(source);
            }
            Ok(None) if required => {
                let help = "`golive waiver sign` writes it; golive.toml says `waivers = \"required\"`";
                problems.push(unsigned(&document.source.name, "there is no signature beside it", help));
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
        out.documents.push(document);
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The signatures beside a file; whatever stands in their place must be readable.
fn signatures(file: &Path) -> Result<Option<Arc<Source>>, Problem> {
    let path = sidecar(file);
    match std::fs::symlink_metadata(&path) {
        // What cannot have such a name is not there.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename) => Ok(None),
        _ => input::read_text(&path).map(Some).map_err(|problem| {
            let why = format!("its signature cannot be read: {}", problem.message);
            unsigned(&file.to_string_lossy(), &why, "what has a signature beside it is used with it")
        }),
    }
}

fn trusted(path: Option<&Path>, document: &Document) -> Result<(Arc<Source>, Trust), Vec<Problem>> {
    let Some(path) = path else {
        let help = "--trust names the file of trusted keys, or `trust` under [signing] in golive.toml";
        return Err(vec![unsigned(&document.source.name, "there is a signature beside it, and no trusted key to hold it against", help)]);
    };
    let source = input::read_text(path).map_err(|p| vec![p])?;
    let trust = Trust::read(Arc::clone(&source))?;
    Ok((source, trust))
}

/// A file of signatures whose own file is gone: somebody took it away, or gave it another name.
pub fn orphan(path: &Path) -> Problem {
    let name = path.to_string_lossy();
    unsigned(&name, "this is a signature of a file that is not here", &format!("it belongs to {}", visible(name.trim_end_matches(ENDING))))
}
