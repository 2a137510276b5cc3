//! `golive schema`: the JSON Schemas, as files that other tools can use.

use super::args::{Common, SchemaArgs};
use super::exit::Exit;
use super::output;
use super::session::{Session, usage};
use crate::checklist::Files;
use crate::schema::did_you_mean;
use crate::text::visible;

const ENDING: &str = ".schema.json";

/// Runs the command.
pub fn run(args: &SchemaArgs, common: &Common) -> Exit {
    match print(args, common) {
        Ok(()) => Exit::Go,
        Err(exit) => exit,
    }
}

fn print(args: &SchemaArgs, common: &Common) -> Result<(), Exit> {
    let files = Session::open(common)?.files()?;
    let embedded = Files::embedded();
    let own = embedded.under("schemas/").filter(|(path, _)| !path.starts_with("schemas/facts/"));
    let all: Vec<(String, &str, &str)> = files
        .under("schemas/facts/")
        .chain(own)
        .filter_map(|(path, source)| {
            let name = path.rsplit('/').next()?.strip_suffix(ENDING)?;
            Some((name.to_owned(), path, source.text.as_str()))
        })
        .collect();
    let Some(wanted) = &args.name else {
        let lines: Vec<String> = all.iter().map(|(name, path, text)| format!("{name:<28} {}{}", kind(path), title(text))).collect();
        return output::stdout(&(lines.join("\n") + "\n"));
    };
    match all.iter().find(|(name, ..)| name == wanted) {
        Some((_, _, text)) => output::stdout(text),
        None => {
            let help = did_you_mean(wanted, all.iter().map(|(name, ..)| name.as_str())).unwrap_or_default();
            Err(usage(&format!("there is no schema `{}`. {help}", visible(wanted))))
        }
    }
}

fn kind(path: &str) -> &'static str {
    if path.starts_with("schemas/facts/") { "group     " } else { "document  " }
}

fn title(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    visible(value["title"].as_str().unwrap_or_default())
}
