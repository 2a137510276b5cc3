//! Whether the deployed program knows a documented command line. Only `--help` of subcommands that its own help lists is ever run.

use super::help::{self, Follows, Help, Item};
use crate::collect::collector::Absent;
use crate::collect::context::Context;
use crate::collect::{Command, Output};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What came of trying a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The program knows it.
    Matched,
    /// The program does not, and why.
    Failed(String),
    /// That could not be learnt, and why.
    NotRun(String),
}

/// The program that runbooks name.
pub struct Program<'c> {
    at: &'c Context,
    path: String,
    directory: Option<PathBuf>,
    /// Options that a command needs in this deployment, though its help does not say so.
    required: &'c BTreeMap<String, Vec<String>>,
    known: BTreeMap<Vec<String>, Result<Help, String>>,
    /// What was run.
    pub runs: Vec<Output>,
}

/// How much a line says: a whole command, or the mention of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What it needs must be there.
    Whole,
    /// What it names must be known.
    Mention,
}

impl<'c> Program<'c> {
    /// A program, not yet asked.
    pub fn new(at: &'c Context, program: &str, directory: Option<PathBuf>, required: &'c BTreeMap<String, Vec<String>>) -> Self {
        Self { at, path: program.to_owned(), directory, required, known: BTreeMap::new(), runs: Vec::new() }
    }

    /// How runbooks call it.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Runs it with arguments that the settings, or its own help, give.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn run(&mut self, arguments: &[String]) -> Result<Output, Absent> {
        let argv = std::iter::once(&self.path).chain(arguments).cloned().collect();
        let output = self.at.run(&Command { argv, cwd: self.directory.clone(), limit: Duration::from_secs(10) })?;
        self.runs.push(output.clone());
        Ok(output)
    }

    /// Holds the words behind the program's name against its help.
    pub fn tries(&mut self, words: &[String], depth: Depth) -> Tried {
        match self.walk(words, depth) {
            Ok(()) => Tried::Matched,
            Err(tried) => tried,
        }
    }

    fn help(&mut self, path: &[String]) -> Result<Help, Tried> {
        if !self.known.contains_key(path) {
            let arguments: Vec<String> = path.iter().cloned().chain(["--help".to_owned()]).collect();
            let read = match self.run(&arguments) {
                Ok(output) if output.code() != Some(0) => Err(format!("`{}` ended with {:?}", output.line(), output.ended)),
                Ok(output) => match output.text() {
                    Ok(text) => help::read(text, path).ok_or_else(|| format!("`{}` prints no usage line", output.line())),
                    Err(absent) => Err(absent.reason),
                },
                Err(absent) => Err(absent.reason),
            };
            self.known.insert(path.to_vec(), read);
        }
        self.known.get(path).cloned().unwrap_or_else(|| Err(String::new())).map_err(Tried::NotRun)
    }

    fn walk(&mut self, words: &[String], depth: Depth) -> Result<(), Tried> {
        let mut path: Vec<String> = Vec::new();
        let mut help = self.help(&path)?;
        let mut given = Given::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let shown = if path.is_empty() { self.name().to_owned() } else { format!("{} {}", self.name(), path.join(" ")) };
            if word == "--" {
                given.behind += rest.by_ref().count();
            } else if word.len() > 1 && word.starts_with('-') && !word[1..].starts_with(|c: char| c.is_ascii_digit()) {
                given.option(&help, word, &mut rest, &shown)?;
            } else if is_open(word) && !help.commands.is_empty() && given.operands == 0 {
                return match depth {
                    Depth::Mention => Ok(()),
                    Depth::Whole => Err(Tried::NotRun(format!("which subcommand of `{shown}` is meant by `{word}` is not said"))),
                };
            } else if given.operands == 0 && help.commands.contains(word) {
                path.push(word.clone());
                help = self.help(&path)?;
            } else if help.commands.is_empty() || help.usages.iter().flatten().any(|i| matches!(i, Item::Operand { .. })) {
                given.operands += 1;
                given.open |= word.contains("...") || word.contains('…') && !word.contains("$(");
            } else {
                return Err(Tried::Failed(format!("`{shown}` has no subcommand `{word}`")));
            }
        }
        if depth == Depth::Mention || given.asks {
            return Ok(());
        }
        given.complete(&help, &path, self.required)
    }
}

/// What the reader is to fill in.
pub fn is_open(word: &str) -> bool {
    word.contains(['<', '$', '[', '{', '…']) || word.contains("...")
}

/// What a line gives to the last of its subcommands.
#[derive(Default)]
struct Given {
    options: Vec<String>,
    operands: usize,
    behind: usize,
    /// It asks for help or the version, and needs nothing more.
    asks: bool,
    /// Something is left out with `...`.
    open: bool,
}

impl Given {
    fn option<'w>(&mut self, help: &Help, word: &str, rest: &mut impl Iterator<Item = &'w String>, shown: &str) -> Result<(), Tried> {
        let unknown = |name: &str| Tried::Failed(format!("`{shown}` knows no option `{name}`"));
        let (name, inline) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        if is_open(name) {
            return Err(Tried::NotRun(format!("which option is meant by `{word}` is not said")));
        }
        if name.starts_with("--") {
            let option = help.option(name).ok_or_else(|| unknown(name))?;
            return self.take(help, option, inline, rest);
        }
        // `-abc` is `-a -b -c`, or `-a` with the value `bc`.
        let letters = name.trim_start_matches('-');
        for (at, letter) in letters.char_indices() {
            let short = format!("-{letter}");
            let option = help.option(&short).ok_or_else(|| unknown(&short))?;
            let glued = &letters[at + letter.len_utf8()..];
            if option.value == Follows::Never {
                self.take(help, option, None, rest)?;
            } else {
                return self.take(help, option, inline.or((!glued.is_empty()).then_some(glued)), rest);
            }
        }
        Ok(())
    }

    fn take<'w>(
        &mut self,
        help: &Help,
        option: &help::Opt,
        inline: Option<&str>,
        rest: &mut impl Iterator<Item = &'w String>,
    ) -> Result<(), Tried> {
        let name = option.long.as_ref().map_or_else(|| format!("-{}", option.short.unwrap_or('?')), |long| format!("--{long}"));
        self.asks |= ["help", "version"].iter().any(|asks| option.long.as_deref() == Some(asks)) && help.option(&name).is_some();
        let value = match (option.value, inline) {
            (Follows::Never, Some(_)) => return Err(Tried::Failed(format!("the option `{name}` takes no value"))),
            (Follows::Never, None) => None,
            (_, Some(value)) => Some(value.to_owned()),
            (Follows::Always, None) => match rest.next() {
                Some(value) if !value.starts_with("--") => Some(value.clone()),
                _ => return Err(Tried::Failed(format!("the option `{name}` lacks its value"))),
            },
            (Follows::Maybe, None) => return Err(Tried::NotRun(format!("whether a value follows the option `{name}` is not clear"))),
        };
        if let Some(value) = value.filter(|v| !option.values.is_empty() && !is_open(v) && !option.values.contains(v)) {
            return Err(Tried::Failed(format!("the option `{name}` does not take `{value}`")));
        }
        self.options.push(name);
        if let Some(short) = option.short {
            self.options.push(format!("-{short}"));
        }
        Ok(())
    }

    /// Whether all that the command needs is there.
    fn complete(&self, help: &Help, path: &[String], required: &BTreeMap<String, Vec<String>>) -> Result<(), Tried> {
        let own = required.get(&path.join(" ")).into_iter().flatten();
        if let Some(missing) = own.into_iter().find(|option| !self.options.contains(option)) {
            return Err(Tried::Failed(format!("this deployment needs the option `{missing}`, which is missing")));
        }
        let mut last = Ok(());
        for usage in &help.usages {
            last = self.fits(usage);
            if last.is_ok() {
                return last;
            }
        }
        last
    }

    fn fits(&self, usage: &[Item]) -> Result<(), Tried> {
        let (mut least, mut most, mut unbounded) = (0, 0, false);
        let mut one_of = 0;
        for item in usage {
            match item {
                Item::Unclear => return Err(Tried::NotRun("its usage line cannot be read".to_owned())),
                Item::Command => return Err(Tried::Failed("its subcommand is missing".to_owned())),
                Item::Option(name) if !self.options.contains(name) => {
                    return Err(Tried::Failed(format!("the required option `{name}` is missing")));
                }
                Item::Option(_) => {}
                Item::Operand { required, many } => {
                    least += usize::from(*required);
                    most += 1;
                    unbounded |= many;
                }
                Item::OneOf(options, operand) => {
                    if !options.iter().any(|o| self.options.contains(o)) {
                        if !operand {
                            return Err(Tried::Failed(format!("one of {} is required", options.join(", "))));
                        }
                        one_of += 1;
                    }
                    most += usize::from(*operand);
                }
                Item::Rest => unbounded = true,
            }
        }
        let operands = self.operands + self.behind;
        if self.open {
            return Err(Tried::NotRun("a part of it is left out".to_owned()));
        }
        if operands < least + one_of {
            return Err(Tried::Failed(format!("it needs {} operands and has {operands}", least + one_of)));
        }
        if operands > most && !unbounded {
            return Err(Tried::Failed(format!("it takes {most} operands and has {operands}")));
        }
        Ok(())
    }
}
