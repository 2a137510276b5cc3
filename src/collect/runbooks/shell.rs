//! Shell text split into simple commands, as far as a runbook's lines need it. Nothing is ever run from here.

/// A part of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// One simple command: its words, quotes taken off.
    Command(Vec<String>),
    /// A line that cannot be split, such as one with an open quote.
    Broken(String),
}

/// Splits a block of shell text.
pub fn split(text: &str) -> Vec<Part> {
    let mut scanner = Scanner { text, at: 0, out: Vec::new(), words: Vec::new(), word: None, drop_next: false };
    while scanner.at < text.len() {
        let begin = scanner.at;
        if scanner.step().is_none() {
            let line_start = text[..begin].rfind('\n').map_or(0, |n| n + 1);
            let line_end = text[begin..].find('\n').map_or(text.len(), |n| begin + n);
            scanner.words.clear();
            scanner.word = None;
            scanner.out.push(Part::Broken(text[line_start..line_end].trim().to_owned()));
            scanner.at = line_end;
        }
    }
    scanner.end_command();
    scanner.out
}

/// A shell session: what follows a prompt.
pub fn session(text: &str) -> String {
    let mut out = String::new();
    let mut goes_on = false;
    for line in text.lines() {
        let typed = ["$ ", "# ", "% ", "> "].iter().find_map(|prompt| line.trim_start().strip_prefix(prompt));
        if let Some(line) = typed.or_else(|| goes_on.then_some(line)) {
            out.push_str(line);
            out.push('\n');
            goes_on = line.ends_with('\\');
        }
    }
    out
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    out: Vec<Part>,
    words: Vec<String>,
    word: Option<String>,
    drop_next: bool,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.drop_next)
        {
            self.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.drop_next = false;
        if !self.words.is_empty() {
            self.out.push(Part::Command(std::mem::take(&mut self.words)));
        }
    }

    /// One character or quotation further; none where a quotation does not end.
    fn step(&mut self) -> Option<()> {
        let c = self.rest().chars().next()?;
        match c {
            '\\' => {
                let next = self.rest().chars().nth(1);
                self.at += 1 + next.map_or(0, char::len_utf8);
                if let Some(next) = next.filter(|n| *n != '\n') {
                    self.push(next.encode_utf8(&mut [0; 4]));
                }
                return Some(());
            }
            '\'' => {
                let end = self.rest()[1..].find('\'')?;
                let inner = self.rest()[1..=end].to_owned();
                self.push(&inner);
                self.at += end + 2;
                return Some(());
            }
            '"' => return self.quoted(),
            '$' if self.rest().starts_with("$(") => return self.substitution(2, ')'),
            '`' => return self.substitution(1, '`'),
            '#' if self.word.is_none() => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                return Some(());
            }
            '<' if self.placeholder().is_some() => {
                let placeholder = self.placeholder()?.to_owned();
                self.at += placeholder.len();
                self.push(&placeholder);
                return Some(());
            }
            '<' | '>' => self.redirect(c),
            '\n' | ';' | '|' | '&' | '(' | ')' => self.end_command(),
            c if c.is_whitespace() => self.end_word(),
            c => self.push(c.encode_utf8(&mut [0; 4])),
        }
        self.at += c.len_utf8();
        Some(())
    }

    fn quoted(&mut self) -> Option<()> {
        self.push("");
        self.at += 1;
        loop {
            let c = self.rest().chars().next()?;
            match c {
                '"' => {
                    self.at += 1;
                    return Some(());
                }
                '\\' => {
                    let next = self.rest().chars().nth(1)?;
                    if !['"', '\\', '$', '`', '\n'].contains(&next) {
                        self.push("\\");
                    }
                    if next != '\n' {
                        self.push(next.encode_utf8(&mut [0; 4]));
                    }
                    self.at += 1 + next.len_utf8();
                }
                '$' if self.rest().starts_with("$(") => self.substitution(2, ')')?,
                '`' => self.substitution(1, '`')?,
                c => {
                    self.push(c.encode_utf8(&mut [0; 4]));
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// What is substituted is a command of its own; the word holds it as a placeholder.
    fn substitution(&mut self, opening: usize, closing: char) -> Option<()> {
        let inner = &self.rest()[opening..];
        let mut depth = 0_usize;
        let end = inner.char_indices().find_map(|(at, c)| match c {
            c if c == closing && depth == 0 => Some(at),
            '(' if closing == ')' => {
                depth += 1;
                None
            }
            ')' if closing == ')' => {
                depth -= 1;
                None
            }
            _ => None,
        })?;
        let parts = split(&inner[..end]);
        self.out.extend(parts);
        self.push("$(…)");
        self.at += opening + end + 1;
        Some(())
    }

    /// `<backup-id>`: what the reader is to fill in, which a shell would take for a redirection.
    fn placeholder(&self) -> Option<&str> {
        let rest = self.rest();
        let end = rest.find('>')?;
        let inner = &rest[1..end];
        let fits = inner.starts_with(|c: char| c.is_ascii_alphabetic())
            && inner.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/-|,'".contains(c))
            && !inner.ends_with(' ');
        fits.then(|| &rest[..=end])
    }

    fn redirect(&mut self, c: char) {
        if self.word.as_ref().is_some_and(|w| w.chars().all(|c| c.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        if let Some(end) = self.here_document() {
            self.at = end - c.len_utf8();
            return;
        }
        while self.rest().len() > 1 && ['>', '<', '&', '|'].iter().any(|next| self.rest()[1..].starts_with(*next)) {
            self.at += 1;
        }
        self.drop_next = true;
    }

    /// Where the text behind `<<WORD … WORD` goes on: the rest of the line is read before it in a shell, and is lost here.
    fn here_document(&self) -> Option<usize> {
        let after = self.rest().strip_prefix("<<")?.trim_start_matches('-').trim_start();
        let word: String = after.trim_start_matches(['\'', '"']).chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let line_end = self.at + self.rest().find('\n')?;
        let mut at = line_end + 1;
        for line in self.text[at..].split_inclusive('\n') {
            at += line.len();
            if !word.is_empty() && line.trim() == word {
                return Some(at.saturating_sub(1));
            }
        }
        None
    }
}

/// The words of a simple command from its program on: assignments, keywords and wrappers such as `sudo` are taken off.
pub fn program(words: &[String]) -> &[String] {
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        let name = first.rsplit('/').next().unwrap_or(first);
        let assigns = first.split_once('=').is_some_and(|(n, _)| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        let plain = ["exec", "command", "time", "nohup", "if", "then", "else", "elif", "while", "until", "do", "!", "{"];
        if assigns || plain.contains(&name) {
            rest = after;
        } else if ["sudo", "doas", "env", "nice", "timeout", "setsid", "stdbuf", "runuser", "chronic"].contains(&name) {
            // Their own options and operands, such as `-u name`, `30s` or `A=b`, end where a word looks like a program.
            rest = after;
            while let Some((word, more)) = rest.split_first() {
                let takes = ["-u", "-g", "-n", "-s", "-k", "-C", "-h", "-p"].contains(&word.as_str()) && name != "stdbuf";
                let is_time = name == "timeout" && word.starts_with(|c: char| c.is_ascii_digit());
                if takes {
                    rest = more.get(1..).unwrap_or_default();
                } else if word.starts_with('-') || word.contains('=') || is_time {
                    rest = more;
                } else {
                    break;
                }
            }
        } else {
            return rest;
        }
    }
    rest
}

/// Whether a command hands a call of the program `name` on to another shell, machine or container, or calls it by a variable.
pub fn wraps(words: &[String], name: &str) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let variable = first.strip_prefix('$').map(|v| v.trim_matches(['{', '}']));
    if variable.is_some_and(|v| v.replace('_', "-").eq_ignore_ascii_case(name)) {
        return true;
    }
    let passes_on = PASS_ON.contains(&first.rsplit('/').next().unwrap_or(first));
    // What is handed on may be one word, such as a text for `sh -c`.
    let line = rest.join(" ");
    passes_on && line.split([';', '&', '|', '\n', '(', ')']).any(|part| calls_somewhere(part, name))
}

/// Programs that start what they are given.
const PASS_ON: [&str; 27] = [
    "bash",
    "sh",
    "zsh",
    "dash",
    "ksh",
    "fish",
    "eval",
    "su",
    "ssh",
    "docker",
    "podman",
    "nerdctl",
    "kubectl",
    "oc",
    "lxc",
    "nsenter",
    "chroot",
    "systemd-run",
    "xargs",
    "parallel",
    "find",
    "watch",
    "strace",
    "flock",
    "ionice",
    "taskset",
    "script",
];

fn is_call(word: &str, next: &str, name: &str) -> bool {
    // What a program prints of itself, its name and its version, is no call.
    word.rsplit('/').next() == Some(name) && !next.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
}

fn calls_somewhere(text: &str, name: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    words.windows(2).any(|two| is_call(two[0], two[1], name))
}

/// The lines of some text that begin with a call of the program `name`, behind a prompt or not.
pub fn calls<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let begins = |line: &&str| {
        let typed = line.trim_start_matches(['$', '#', '%', '>', ' ']);
        let mut words = typed.strip_prefix("sudo ").unwrap_or(typed).split_whitespace();
        words.next().zip(words.next()).is_some_and(|(first, next)| is_call(first, next, name))
    };
    text.lines().map(str::trim).filter(begins).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        split(text)
            .into_iter()
            .map(|part| match part {
                Part::Command(words) => program(&words).join("|"),
                Part::Broken(line) => format!("broken: {line}"),
            })
            .collect()
    }

    #[test]
    fn simple_commands_are_found() {
        for (text, want) in [
            ("claw a \"b c\" --d=e # stop\n", &["claw|a|b c|--d=e"][..]),
            ("A=b sudo -u claw claw stop && claw start | jq .", &["claw|stop", "claw|start", "jq|."]),
            ("claw a \\\n  --b c", &["claw|a|--b|c"]),
            ("claw verify --id <backup-id> >out.json 2>&1", &["claw|verify|--id|<backup-id>"]),
            ("claw a < in", &["claw|a"]),
            ("X=\"$(claw auth token show --profile p)\" claw b", &["claw|auth|token|show|--profile|p", "claw|b"]),
            ("claw a $(date +%F) --b", &["date|+%F", "claw|a|$(…)|--b"]),
            ("it can't be\nclaw a", &["broken: it can't be", "claw|a"]),
            ("cat <<EOF\nclaw no\nEOF\nclaw yes", &["cat", "claw|yes"]),
            ("timeout 30s claw a; if claw b; then claw c; fi", &["claw|a", "claw|b", "claw|c", "fi"]),
            ("( claw a )", &["claw|a"]),
        ] {
            assert_eq!(lines(text), want, "{text}");
        }
    }

    #[test]
    fn calls_that_others_make_are_seen() {
        let words = |line: &str| shlex::split(line).unwrap();
        for (line, want) in [
            ("docker exec -it box claw stop --now", true),
            ("ssh host /usr/bin/claw stop", true),
            ("bash -c \"cd /srv; claw stop\"", true),
            ("xargs -n1 claw verify --id", true),
            ("$CLAW stop", true),
            ("${CLAW} stop", true),
            ("docker restart claw", false),
            ("ssh claw.example.test uptime", false),
            ("systemctl restart claw now", false),
            ("$CLAWS stop", false),
        ] {
            assert_eq!(wraps(&words(line), "claw"), want, "{line}");
        }
        assert_eq!(calls("$ claw stop\nclaw 0.1.1\n  sudo claw a b\nthe claw is\nclaw\n", "claw"), ["$ claw stop", "sudo claw a b"]);
    }

    #[test]
    fn sessions_have_prompts() {
        assert_eq!(session("$ claw a \\\n  --b\noutput\n# claw c\n"), "claw a \\\n  --b\nclaw c\n");
    }
}
