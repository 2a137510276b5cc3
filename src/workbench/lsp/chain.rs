//! References in a text that may be no Rego yet: what is being typed seldom parses.

/// The words of a reference such as `input.facts.backups.artifacts[i].id`; `*` is an element.
pub type Chain = Vec<String>;

/// Any element of a list, or any member of an object.
pub const ELEMENT: &str = "*";

/// Where the name ends that begins at a byte.
pub fn name_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    start + rest.find(|c: char| !is_name(c)).unwrap_or(rest.len())
}

/// Where the name begins that ends at a byte.
pub fn name_start(text: &str, end: usize) -> usize {
    let before = text.get(..end).unwrap_or_default();
    before.rfind(|c: char| !is_name(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The reference that ends at a byte, and where it begins; none where something else stands there.
pub fn before(text: &str, end: usize) -> Option<(Chain, usize)> {
    let (mut chain, mut at) = (Chain::new(), end);
    loop {
        if text.get(..at)?.ends_with(']') {
            let open = opening(text, at)?;
            chain.push(element(text.get(open + 1..at - 1)?));
            at = open;
            continue;
        }
        let start = name_start(text, at);
        if start == at {
            return None;
        }
        chain.push(text.get(start..at)?.to_owned());
        at = start;
        match text.get(..at)?.strip_suffix('.') {
            Some(rest) => at = rest.len(),
            None => {
                chain.reverse();
                return Some((chain, at));
            }
        }
    }
}

/// The reference that begins at a byte, and where it ends.
pub fn after(text: &str, start: usize) -> Option<(Chain, usize)> {
    let mut at = name_end(text, start);
    if at == start {
        return None;
    }
    let mut chain = vec![text.get(start..at)?.to_owned()];
    loop {
        let rest = text.get(at..)?;
        if rest.starts_with('.') {
            let end = name_end(text, at + 1);
            if end == at + 1 {
                return Some((chain, at));
            }
            chain.push(text.get(at + 1..end)?.to_owned());
            at = end;
        } else if rest.starts_with('[') {
            let inside = rest.get(1..rest.find(']')?)?;
            chain.push(element(inside));
            at += inside.len() + 2;
        } else {
            return Some((chain, at));
        }
    }
}

/// What stands in brackets: a key, or whatever element.
fn element(inside: &str) -> String {
    match inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(key) => key.to_owned(),
        None => ELEMENT.to_owned(),
    }
}

/// The bracket that the one before a byte closes.
fn opening(text: &str, end: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.get(..end)?.char_indices().rev() {
        match c {
            ']' => depth += 1,
            '[' if depth == 1 => return Some(at),
            '[' => depth -= 1,
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// The parts of a call, a list or an object whose bracket opens before a byte: each with the place where it begins.
pub fn arguments(text: &str, start: usize) -> Vec<(usize, &str)> {
    let (mut depth, mut from, mut out) = (0_usize, start, Vec::new());
    let rest = text.get(start..).unwrap_or_default();
    let mut put = |from: usize, to: usize| {
        let whole = text.get(from..to).unwrap_or_default();
        out.push((from + whole.len() - whole.trim_start().len(), whole.trim()));
    };
    for (offset, c) in rest.char_indices() {
        let at = start + offset;
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                put(from, at);
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                put(from, at);
                from = at + 1;
            }
            _ => {}
        }
    }
    out
}

/// What kind of text a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Rego.
    Code,
    /// A string, that begins behind the quote at this byte.
    Text(usize),
    /// A comment.
    Comment,
}

/// Where a byte stands: a string of Rego does not leave its line, but for those in backticks, which policies seldom have.
pub fn where_is(text: &str, at: usize) -> Where {
    let start = text.get(..at).unwrap_or_default().rfind('\n').map_or(0, |end| end + 1);
    let (mut state, mut escaped) = (Where::Code, false);
    for (offset, c) in text.get(start..at).unwrap_or_default().char_indices() {
        state = match (state, c) {
            (Where::Code, '#') => return Where::Comment,
            (Where::Code, '"') => Where::Text(start + offset + 1),
            (Where::Text(_), '"') if !escaped => Where::Code,
            (state, _) => state,
        };
        escaped = c == '\\' && !escaped;
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(chain: Option<(Chain, usize)>) -> String {
        chain.map(|(chain, at)| format!("{} {at}", chain.join("."))).unwrap_or_default()
    }

    #[test]
    fn references_are_read_from_both_ends() {
        for (text, wanted) in
            [("input.facts.b[x[0]].id", "input.facts.b.*.id 0"), ("count(a.b[\"c\"]", "a.b.c 6"), ("f(x)", ""), ("", ""), ("ü.a", "")]
        {
            assert_eq!(words(before(text, text.len())), wanted, "{text}");
        }
        for (text, wanted) in [("a.b[i].c == 1", "a.b.*.c 8"), ("a.", "a 1"), (" a", ""), ("a[", "")] {
            assert_eq!(words(after(text, 0)), wanted, "{text}");
        }
    }

    #[test]
    fn a_place_is_in_code_a_string_or_a_comment() {
        for (text, wanted) in [
            ("a == \"b", Where::Text(6)),
            ("a == \"b\"", Where::Code),
            ("a == \"\\\"", Where::Text(6)),
            ("a # \"b", Where::Comment),
            ("\"#\" ", Where::Code),
            ("\"x\nb", Where::Code),
        ] {
            assert_eq!(where_is(text, text.len()), wanted, "{text}");
        }
    }

    #[test]
    fn arguments_are_parted_at_their_own_commas() {
        let text = "f(a, [b, c], g(d, e) ) and";
        assert_eq!(arguments(text, 2), [(2, "a"), (5, "[b, c]"), (13, "g(d, e)")]);
    }
}
