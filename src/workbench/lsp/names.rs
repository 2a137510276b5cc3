//! What the names of a policy stand for, as far as its text alone tells: assignments, loops, parameters, rules, imports.

use super::chain::{Chain, ELEMENT, after, arguments, name_end};
use regex::Regex;
use std::collections::BTreeMap;

/// Names are followed this far.
const DEEPEST: usize = 12;

/// A list whose elements are what stands before it: `[a | some a in …]`.
const LIST: &str = "[]";

/// Policies by their files.
pub type Texts<'t> = BTreeMap<&'t str, &'t str>;

/// A policy among others.
#[derive(Clone, Copy)]
pub struct Names<'t> {
    /// Its text.
    pub text: &'t str,
    /// All texts.
    pub texts: &'t Texts<'t>,
}

impl<'t> Names<'t> {
    /// What a reference at a place stands for: chains that begin with `input` or `data`.
    pub fn resolve(self, chain: &[String], at: usize) -> Vec<Chain> {
        let mut out = self.follow(chain, at, DEEPEST);
        out.sort();
        out.dedup();
        out
    }

    fn follow(self, chain: &[String], at: usize, depth: usize) -> Vec<Chain> {
        let Some((first, rest)) = chain.split_first() else { return Vec::new() };
        if first == "input" || first == "data" {
            return vec![chain.to_vec()];
        }
        if depth == 0 {
            return Vec::new();
        }
        let found = self.name(first, at, depth - 1);
        found.into_iter().map(|base| extended(base, rest)).collect()
    }

    /// What one name stands for at a place.
    fn name(self, name: &str, at: usize, depth: usize) -> Vec<Chain> {
        let (start, end) = self.rule(at);
        let block = self.text.get(start..end).unwrap_or_default();
        if let Some(chains) = self.bound(name, block, start, at, depth) {
            return chains;
        }
        if let Some((function, position)) = parameter(block, name) {
            return self.passed(function, position, depth);
        }
        let rules = self.values(name, depth);
        if !rules.is_empty() {
            return rules;
        }
        self.import(name).into_iter().collect()
    }

    /// The rule that a place is in: from a line that begins at the margin to the next one.
    fn rule(self, at: usize) -> (usize, usize) {
        let mut range = (0, self.text.len());
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let begins = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if begins && start <= at {
                range.0 = start;
            } else if begins {
                range.1 = start;
                break;
            }
            start += line.len();
        }
        range
    }

    /// The nearest binding of a name in its rule: the last one before the place, or else the first one behind it.
    fn bound(self, name: &str, block: &str, start: usize, at: usize, depth: usize) -> Option<Vec<Chain>> {
        let pattern = format!(r"(?:(?P<loop>\b(?:some|every)\s+(?:\w+\s*,\s*)?{name}\s+in\s+)|(?P<is>\b{name}\s*:=\s*))");
        let pattern = Regex::new(&pattern).ok()?;
        let mut nearest: Option<(usize, bool)> = None;
        for found in pattern.captures_iter(block) {
            let whole = found.get(0)?;
            let here = (start + whole.end(), found.name("loop").is_some());
            // A rule's own head is no local name.
            if whole.start() == 0 && !here.1 {
                continue;
            }
            if here.0 <= at || nearest.is_none() {
                nearest = Some(here);
            }
        }
        let (place, is_loop) = nearest?;
        let chains = self.value(place, depth);
        let chains = if is_loop { chains.into_iter().map(|base| extended(base, &[ELEMENT.to_owned()])).collect() } else { chains };
        Some(chains)
    }

    /// What the expression at a place is: a reference, a call, or a comprehension of names.
    fn value(self, at: usize, depth: usize) -> Vec<Chain> {
        let rest = self.text.get(at..).unwrap_or_default();
        if rest.starts_with(['[', '{']) {
            let found = self.comprehension(at + 1, depth).unwrap_or_else(|| self.literal(at + 1, depth));
            return found.into_iter().map(|base| extended(base, &[LIST.to_owned()])).collect();
        }
        let Some((chain, end)) = after(self.text, at) else { return Vec::new() };
        let rest = self.text.get(end..).unwrap_or_default();
        if rest.starts_with('(') {
            return self.called(&chain, depth);
        }
        let behind = rest.trim_start_matches([' ', '\t', '\r']).chars().next();
        let ends = behind.is_none_or(|c| "\n;{}])|,#".contains(c)) || rest.trim_start().starts_with("if");
        if ends { self.follow(&chain, at, depth) } else { Vec::new() }
    }

    /// The elements of `[name | …]`.
    fn comprehension(self, start: usize, depth: usize) -> Option<Vec<Chain>> {
        let rest = self.text.get(start..)?;
        let (head, end) = after(self.text, start + rest.len() - rest.trim_start().len())?;
        let is_one = self.text.get(end..)?.trim_start().starts_with('|');
        is_one.then(|| self.follow(&head, end, depth))
    }

    /// The elements of `[a, b]`, or the members of `{"x": a, "y": b}`.
    fn literal(self, start: usize, depth: usize) -> Vec<Chain> {
        let mut out = Vec::new();
        for (at, part) in arguments(self.text, start) {
            let at = if part.starts_with('"') { at + part.find(": ").map_or(0, |colon| colon + 2) } else { at };
            out.extend(after(self.text, at).map_or_else(Vec::new, |(chain, end)| self.follow(&chain, end, depth)));
        }
        out
    }

    /// What a function gives.
    fn called(self, chain: &[String], depth: usize) -> Vec<Chain> {
        match chain {
            [name] => self.values(name, depth),
            [package, name] => {
                let text = self.texts.get(format!("policies/lib/{package}.rego").as_str());
                text.map_or_else(Vec::new, |text| Names { text, ..self }.values(name, depth))
            }
            _ => Vec::new(),
        }
    }

    /// What the rules and functions of a name are.
    fn values(self, name: &str, depth: usize) -> Vec<Chain> {
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let pattern = format!(r"(?m)^{name}(?:\([^)\n]*\))?(?P<set>\s+contains\s+|\s*:=\s*)");
        let Ok(pattern) = Regex::new(&pattern) else { return Vec::new() };
        let mut out = Vec::new();
        for found in pattern.captures_iter(self.text) {
            let Some(sign) = found.name("set") else { continue };
            let values = self.value(sign.end(), depth);
            let is_set = sign.as_str().contains("contains");
            out.extend(values.into_iter().map(|base| if is_set { extended(base, &[LIST.to_owned()]) } else { base }));
        }
        out
    }

    /// What a function is called with, in any policy.
    fn passed(self, function: &str, position: usize, depth: usize) -> Vec<Chain> {
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let own = self.package();
        let mut out = Vec::new();
        let others = self.texts.values().copied().filter(|text| !std::ptr::eq(*text, self.text));
        for (text, call) in
            std::iter::once((self.text, format!("{function}("))).chain(others.map(|text| (text, format!("{own}.{function}("))))
        {
            for (at, _) in text.match_indices(&call) {
                let before = text.get(..at).unwrap_or_default();
                let is_definition = before.is_empty() || before.ends_with('\n');
                let is_other = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.');
                if is_definition || is_other {
                    continue;
                }
                let Some((place, argument)) = arguments(text, at + call.len()).into_iter().nth(position) else { continue };
                if let Some((chain, end)) = after(text, place)
                    && end == place + argument.len()
                {
                    out.extend(Names { text, ..self }.follow(&chain, place, depth));
                }
            }
        }
        out
    }

    /// The last word of its package.
    fn package(self) -> &'t str {
        let line = self.text.lines().find_map(|line| line.strip_prefix("package "));
        line.and_then(|line| line.trim().rsplit('.').next()).unwrap_or_default()
    }

    fn import(self, name: &str) -> Option<Chain> {
        let imports = self.text.lines().filter_map(|line| line.strip_prefix("import "));
        let mut imports = imports.map(|line| {
            let (path, alias) = line.split_once(" as ").map_or((line.trim(), None), |(path, alias)| (path.trim(), Some(alias.trim())));
            let chain: Chain = path.split('.').map(str::to_owned).collect();
            let last = chain.last().cloned().unwrap_or_default();
            (alias.map_or(last, str::to_owned), chain)
        });
        imports.find(|(alias, _)| alias == name).map(|(_, chain)| chain)
    }
}

/// A chain with more words; an element of a list is what the list was made of.
fn extended(mut base: Chain, rest: &[String]) -> Chain {
    for word in rest {
        if word == ELEMENT && base.last().is_some_and(|last| last == LIST) {
            base.pop();
        } else {
            base.push(word.clone());
        }
    }
    base
}

/// The function that a rule is, and the place of a name among its parameters.
fn parameter<'b>(block: &'b str, name: &str) -> Option<(&'b str, usize)> {
    let end = name_end(block, 0);
    let inside = block.get(end..)?.strip_prefix('(')?.split(')').next()?;
    let position = inside.split(',').position(|parameter| parameter.trim() == name)?;
    Some((block.get(..end)?, position))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "package golive.lib.ages\n\nold(thing) if thing.at_ms > 1\n\nnewest(list) := found if {\n\tsome found in list\n}\n";

    fn resolved(text: &str, mark: &str) -> Vec<String> {
        let texts = Texts::from([("policies/lib/ages.rego", LIB), ("policies/controls/a/c.rego", text)]);
        let (text, at) =
            if mark == "thing" { (LIB, LIB.find("thing.at").unwrap_or_default()) } else { (text, text.rfind(mark).unwrap_or_default()) };
        let names = Names { text, texts: &texts };
        let (chain, _) = after(text, at).unwrap_or_default();
        names.resolve(&chain, at).into_iter().map(|chain| chain.join(".")).collect()
    }

    #[test]
    fn names_are_followed_through_whatever_binds_them() {
        let rule = |body: &str| {
            format!(
                "package golive.controls.a.c\n\nimport data.golive.lib.ages\n\nlist := input.facts.g.list\n\nmet contains \"x\" if {{\n{body}\n}}\n"
            )
        };
        for (body, mark, wanted) in [
            ("\tX.a", "list.", vec![]),
            ("\tlist.a", "list.a", vec!["input.facts.g.list.a"]),
            ("\tsome i, x in list\n\tx.b", "x.b", vec!["input.facts.g.list.*.b"]),
            ("\tevery x in list { x.b }", "x.b", vec!["input.facts.g.list.*.b"]),
            ("\ty := list[0]\n\ty.b", "y.b", vec!["input.facts.g.list.*.b"]),
            ("\tall := [x | some x in list; x.c]\n\tsome y in all\n\ty.b", "y.b", vec!["input.facts.g.list.*.b"]),
            ("\tx := ages.newest(list)\n\tx.b", "x.b", vec!["input.facts.g.list.*.b"]),
            ("\tsome x in list\n\tages.old(x)", "thing", vec!["input.facts.g.list.*.at_ms"]),
            ("\tsome x in {\"a\": list[0], \"b\": input.facts.h}\n\tx.b", "x.b", vec!["input.facts.g.list.*.b", "input.facts.h.b"]),
            ("\tages.x", "ages.x", vec!["data.golive.lib.ages.x"]),
            ("\tx := x.y\n\tx.z", "x.z", vec![]),
            ("\tx := list + 1\n\tx.z", "x.z", vec![]),
        ] {
            assert_eq!(resolved(&rule(body), mark), wanted, "{body}");
        }
    }

    #[test]
    fn a_head_names_what_its_body_binds() {
        let text = "violations contains {\"s\": x.id} if {\n\tsome x in input.facts.g.list\n}\n\nf(x) if x.a\n";
        let names = Names { text, texts: &Texts::new() };
        assert_eq!(names.resolve(&["x".to_owned()], 27), [["input", "facts", "g", "list", "*"]]);
    }
}
