//! Whose signatures are asked for.

use crate::cli::exit::Exit;
use crate::cli::input;
use crate::cli::session::{Session, refuse, usage};
use crate::record::Trust;
use crate::record::verify::Signers;
use clap::Args;
use std::path::PathBuf;

/// Whose signatures are asked for.
#[derive(Debug, Args)]
pub struct SignersArgs {
    /// The keys that count (golive.trust/1); without it `[signing] trust` of golive.toml.
    #[arg(long, env = "GOLIVE_TRUST", value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Asks for no signatures: only whether the records fit together, which whoever wrote them can bring about.
    #[arg(long, conflicts_with = "trust")]
    pub unsigned: bool,
}

/// The keys that count; none where no signatures are asked for.
pub struct Asked(Option<Trust>);

impl SignersArgs {
    /// Reads the file of the keys that count.
    pub fn read(&self, session: &Session<'_>) -> Result<Asked, Exit> {
        if self.unsigned {
            return Ok(Asked(None));
        }
        let Some(path) = self.trust.as_ref().or(session.config.signing.trust.as_ref()) else {
            return Err(usage("no trusted key: give --trust FILE, or --unsigned to ask only whether the records fit together"));
        };
        let source = input::read_text(path).map_err(|p| refuse(session.common, &[p], Exit::Input))?;
        let trust = Trust::read(source).map_err(|problems| {
            let none = problems.iter().any(|p| p.code == Trust::NO_KEY);
            refuse(session.common, &problems, if none { Exit::Usage } else { Exit::Input })
        })?;
        Ok(Asked(Some(trust)))
    }
}

impl Asked {
    /// Whose signatures are asked for.
    pub fn signers(&self) -> Signers<'_> {
        self.0.as_ref().map_or(Signers::Unasked, Signers::Trusted)
    }

    /// The keys that count; none where no signatures are asked for.
    pub fn trust(&self) -> Option<&Trust> {
        self.0.as_ref()
    }
}
