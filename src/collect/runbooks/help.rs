//! What a program says of itself with `--help`, in the form that clap and its likes print.

use std::collections::BTreeSet;

/// A help text as far as a command line can be held against it.
#[derive(Debug, Default, Clone)]
pub struct Help {
    /// The usage lines, without the program and its subcommands.
    pub usages: Vec<Vec<Item>>,
    /// Subcommands, aliases among them.
    pub commands: BTreeSet<String>,
    /// Options.
    pub options: Vec<Opt>,
}

/// An option.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Opt {
    /// `-s`.
    pub short: Option<char>,
    /// `--long`, without its dashes.
    pub long: Option<String>,
    /// Whether a value follows it.
    pub value: Follows,
    /// The values that it takes, where they are listed.
    pub values: Vec<String>,
}

/// Whether a value follows an option.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// None.
    #[default]
    Never,
    /// It may.
    Maybe,
    /// It must.
    Always,
}

/// A part of a usage line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An option that must be given: its name with dashes.
    Option(String),
    /// A subcommand must follow.
    Command,
    /// Operands.
    Operand {
        /// It must be given.
        required: bool,
        /// It may be given several times.
        many: bool,
    },
    /// One of several must be given: options by name, and whether an operand would do.
    OneOf(Vec<String>, bool),
    /// What follows `--` is another program's.
    Rest,
    /// Something else, which nothing can be held against.
    Unclear,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Usage,
    Commands,
    Operands,
    Options,
}

/// Reads the help of the program's subcommand at `path`; none where it has no usage line.
pub fn read(text: &str, path: &[String]) -> Option<Help> {
    let mut out = Help::default();
    let mut section = Section::None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim();
        if let Some(usage) = line.strip_prefix("Usage:").or_else(|| line.strip_prefix("USAGE:")) {
            section = Section::Usage;
            out.usages.extend(usage_line(usage.trim(), path));
        } else if indent == 0 && words.ends_with(':') {
            let name = words.trim_end_matches(':').to_ascii_lowercase();
            section = match name.as_str() {
                n if n.ends_with("commands") => Section::Commands,
                "arguments" | "args" => Section::Operands,
                _ => Section::Options,
            };
        } else {
            out.line(section, words, indent, path);
        }
    }
    (!out.usages.is_empty()).then_some(out)
}

impl Help {
    fn line(&mut self, section: Section, words: &str, indent: usize, path: &[String]) {
        match section {
            Section::Usage if indent > 0 => self.usages.extend(usage_line(words, path)),
            Section::Commands if indent == 2 => {
                let name = words.split([' ', ',']).next().unwrap_or_default();
                if is_name(name) {
                    self.commands.insert(name.to_owned());
                }
                if let Some((_, rest)) = words.split_once("[aliases: ") {
                    let aliases = rest.split(']').next().unwrap_or_default();
                    self.commands.extend(aliases.split(',').map(|a| a.trim().to_owned()).filter(|a| is_name(a)));
                }
            }
            Section::Options if indent <= 6 && words.starts_with('-') => self.options.extend(option(words)),
            _ => {}
        }
        if section == Section::Options
            && let (Some((_, rest)), Some(option)) = (words.split_once("[possible values: "), self.options.last_mut())
        {
            let values = rest.split(']').next().unwrap_or_default();
            option.values = values.split(',').map(|v| v.trim().to_owned()).collect();
        }
    }

    /// An option by its name with dashes.
    pub fn option(&self, name: &str) -> Option<&Opt> {
        match name.strip_prefix("--") {
            Some(long) => self.options.iter().find(|o| o.long.as_deref() == Some(long)),
            None => name.chars().nth(1).and_then(|short| self.options.iter().find(|o| o.short == Some(short))),
        }
    }
}

/// A word that may be handed to the program as a subcommand.
fn is_name(word: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.chars().all(inner)
}

/// `-l, --listen <LISTEN>`, and what is said of it.
fn option(words: &str) -> Option<Opt> {
    let mut out = Opt::default();
    let mut rest = words;
    loop {
        let end = rest.find([' ', ',', '=', '[', '.']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        match name.strip_prefix("--") {
            Some(long) if is_name(long) => out.long = Some(long.to_owned()),
            Some(_) => return None,
            None => out.short = name.chars().nth(1),
        }
        match after.strip_prefix(", ") {
            Some(next) if next.starts_with('-') => rest = next,
            _ => {
                let value = after.trim_start_matches("...");
                out.value = match value.strip_prefix([' ', '=']).unwrap_or(value) {
                    v if v.starts_with('<') => Follows::Always,
                    // Two spaces, or a bracket behind one, begin the description: `[default: x]` is no value.
                    v if v.starts_with('[') && !value.starts_with("  ") && !v.starts_with("[default") && !v.starts_with("[env") => {
                        Follows::Maybe
                    }
                    _ => Follows::Never,
                };
                return Some(out);
            }
        }
    }
}

/// The parts of a usage line behind the program and its subcommands; none where it is about something else.
fn usage_line(line: &str, path: &[String]) -> Option<Vec<Item>> {
    let parts = parts(line);
    let mut parts = parts.iter();
    parts.next()?;
    for name in path {
        if parts.next()? != name {
            return Some(vec![Item::Unclear]);
        }
    }
    let mut out = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if part.starts_with('-') && part != "--" {
            out.push(Item::Option(part.split('=').next().unwrap_or(part).to_owned()));
            // The value's name stands behind it.
            parts.next_if(|next| next.starts_with('<') && !next.contains("|--"));
            continue;
        }
        out.extend(item(part));
    }
    Some(out)
}

fn item(part: &str) -> Option<Item> {
    let many = part.ends_with("...");
    let bare = part.trim_end_matches("...");
    let inner = |open: char, close: char| bare.strip_prefix(open).and_then(|p| p.strip_suffix(close));
    if let Some(inner) = inner('[', ']') {
        return match inner {
            "OPTIONS" | "FLAGS" | "options" | "COMMAND" | "SUBCOMMAND" | "command" => None,
            i if i.starts_with("-- ") => Some(Item::Rest),
            i if i.starts_with('-') => None,
            _ => Some(Item::Operand { required: false, many: many || inner.ends_with("...") }),
        };
    }
    match inner('<', '>') {
        Some("COMMAND" | "SUBCOMMAND" | "command") => Some(Item::Command),
        Some(inner) if inner.contains('|') => {
            let ways: Vec<&str> = inner.split('|').collect();
            let options = ways.iter().filter(|w| w.starts_with('-')).map(|w| w.split([' ', '=']).next().unwrap_or(w).to_owned());
            Some(Item::OneOf(options.collect(), ways.iter().any(|w| !w.starts_with('-'))))
        }
        Some(_) => Some(Item::Operand { required: true, many }),
        None => Some(Item::Unclear),
    }
}

/// The words of a usage line; what stands between brackets is one word.
fn parts(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut depth = 0_usize;
    for c in line.chars() {
        match c {
            '[' | '<' | '(' => depth += 1,
            ']' | '>' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && depth == 0 {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.retain(|part| !part.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = "Set access token manually\n\nUsage: claw auth token set [OPTIONS] --base-url <URL> <TOKEN>\n\nArguments:\n  <TOKEN>  \n\n\
        Options:\n      --base-url <URL>     Base URL of the hosted auth API\n      --profile <PROFILE>  [default: default]\n  -h, --help               Print help\n";
    const TOP: &str = "Intent-native\n\nUsage: claw [OPTIONS] <COMMAND>\n\nCommands:\n  admin          Administrative\n  serve          Run (alias) [aliases: run, up]\n\n\
        Options:\n      --profile <PROFILE>\n          Operational profile\n          \n          [default: prod]\n          [possible values: dev, prod]\n\n  -v, --verbose...\n          - more\n";

    #[test]
    fn help_is_read() {
        let path: Vec<String> = ["auth", "token", "set"].map(str::to_owned).into();
        let help = read(SET, &path).expect("a usage line");
        assert_eq!(help.usages, [vec![Item::Option("--base-url".into()), Item::Operand { required: true, many: false }]]);
        let values: Vec<(&str, Follows)> = help.options.iter().map(|o| (o.long.as_deref().unwrap_or_default(), o.value)).collect();
        assert_eq!(values, [("base-url", Follows::Always), ("profile", Follows::Always), ("help", Follows::Never)]);
        let top = read(TOP, &[]).expect("a usage line");
        assert_eq!(top.usages, [vec![Item::Command]]);
        assert_eq!(top.commands.iter().map(String::as_str).collect::<Vec<_>>(), ["admin", "run", "serve", "up"]);
        assert_eq!(top.option("--profile").expect("an option").values, ["dev", "prod"]);
        assert_eq!(top.option("-v").expect("an option").value, Follows::Never);
        assert!(read("no help here", &[]).is_none());
    }
}
