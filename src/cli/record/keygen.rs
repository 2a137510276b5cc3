//! `golive record keygen`: a private key, the public one beside it, and a trust file in which it counts.

use crate::cli::exit::Exit;
use crate::cli::session::{clock, usage};
use crate::cli::{keys, output};
use crate::model::Instant;
use crate::model::time::parse_duration;
use crate::record::{Role, VerifyingKey};
use crate::text::{folded, is_plain, json_string, visible};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `golive record keygen`.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// Whose key it is: a person, or what signs decisions. Who approves waivers is named as in `approved_by`.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where the private key goes; the public one lies beside it and ends in `.pub`. Without it NAME.key.
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// What the key may sign; may be repeated.
    #[arg(long = "role", default_value = "decision", value_name = "ROLE")]
    pub roles: Vec<KeyRole>,
    /// How long it counts, such as P90D.
    #[arg(long, default_value = "P365D", value_name = "DURATION")]
    pub valid: String,
    /// From when it counts, instead of now (RFC 3339, ending in Z).
    #[arg(long, env = "GOLIVE_AT", value_name = "RFC3339")]
    pub at: Option<String>,
}

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyRole {
    /// Decision records.
    Decision,
    /// Files of waivers.
    Waiver,
}

impl KeyRole {
    fn role(self) -> Role {
        match self {
            Self::Decision => Role::Decision,
            Self::Waiver => Role::Waiver,
        }
    }
}

/// Runs the command.
pub fn run(args: &KeygenArgs) -> Result<Exit, Exit> {
    let name = args.name.trim();
    if folded(name).is_empty() || !name.chars().all(is_plain) || name.len() > 256 {
        return Err(usage(&format!("`{}` names nobody: letters that can be read are wanted", visible(name))));
    }
    let private = private_path(args, name)?;
    let public = private.with_extension("pub");
    if public == private {
        return Err(usage("-o names where the private key goes: `.pub` is the ending of public ones"));
    }
    let (now, _) = clock(args.at.as_deref())?;
    let since = Instant { ms: now.ms - now.ms.rem_euclid(1000) };
    let length = parse_duration(&args.valid)
        .filter(|ms| *ms > 0)
        .ok_or_else(|| usage(&format!("--valid wants a length of time such as P90D, got `{}`", visible(&args.valid))))?;
    let until = Instant { ms: since.ms.saturating_add(length) };
    if Instant::parse(&until.to_string()).is_none() {
        return Err(usage("--valid: no calendar goes so far"));
    }
    let key = keys::generate()?;
    let text = trust_file(name, key.public(), &args.roles, (since, until)).ok_or(Exit::Bug)?;
    keys::write_pair(&key, &private, &public)?;
    output::stdout(&text)?;
    Ok(Exit::Go)
}

fn private_path(args: &KeygenArgs, name: &str) -> Result<PathBuf, Exit> {
    if let Some(path) = &args.output {
        return if path.file_name().is_some() { Ok(path.clone()) } else { Err(usage("-o names no file")) };
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    if name.chars().all(plain) && !name.starts_with(['.', '-']) {
        Ok(PathBuf::from(format!("{name}.key")))
    } else {
        Err(usage(&format!("where does the key of `{}` go? -o names a file", visible(name))))
    }
}

/// A whole trust file with this one key; its last lines are what another file needs.
fn trust_file(name: &str, key: &VerifyingKey, roles: &[KeyRole], (since, until): (Instant, Instant)) -> Option<String> {
    let pem: String = key.write().ok()?.lines().map(|line| format!("      {line}\n")).collect();
    let roles: Vec<&str> = Role::ALL.iter().filter(|role| roles.iter().any(|r| r.role() == **role)).map(|role| role.word()).collect();
    let mut quoted = String::new();
    json_string(name, &mut quoted);
    Some(format!(
        "format: golive.trust/1\nthreshold: 1\nkeys:\n  - name: {quoted}\n    # {}\n    public_key: |\n{pem}    roles: [{}]\n    \
         not_before: \"{since}\"\n    not_after: \"{until}\"\n    revoked_at: null\n",
        key.id(),
        roles.join(", ")
    ))
}
