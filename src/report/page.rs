//! Lines for a terminal: wrapped at the reader's width, encoded once, coloured last.

use super::{Look, encode};
use anstyle::{AnsiColor, Style};

/// What does well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What blocks.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is held open by an exception.
pub const HELD: Style = AnsiColor::Yellow.on_default().bold();
/// Headings.
pub const STRONG: Style = Style::new().bold();
/// Neither.
const PLAIN: Style = Style::new();

/// A part of a paragraph. Parts are separated by one space.
pub struct Part {
    text: String,
    breakable: bool,
    style: Style,
}

impl Part {
    /// Words, wrapped where they do not fit.
    #[must_use]
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), breakable: true, style: PLAIN }
    }

    /// Something that is copied as a whole: an id, a pointer, a digest. Where it does not fit it gets its own line.
    #[must_use]
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), breakable: false, style: PLAIN }
    }

    /// The name in front of a value.
    #[must_use]
    pub fn label(text: &str, width: usize) -> Self {
        Self::whole(format!("{text:width$}")).styled(STRONG)
    }

    /// The same in a style.
    #[must_use]
    pub fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}

/// A text for a terminal that grows line by line.
///
/// Only what the program itself says stands in the first column: text of others cannot look like its last line.
pub struct Page {
    text: String,
    width: usize,
    colour: bool,
}

impl Page {
    /// An empty page. Below 72 columns the table of controls would not be readable, and nobody reads lines beyond 1,000.
    #[must_use]
    pub fn new(look: &Look) -> Self {
        Self { text: String::new(), width: look.width.clamp(72, 1000), colour: look.colour }
    }

    /// The columns that lines may use.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.put(0, 0, &[Part::words(text).styled(STRONG)]);
    }

    /// A paragraph: its first line begins after `indent` columns, the others after `hang`.
    pub fn put(&mut self, indent: usize, hang: usize, parts: &[Part]) {
        let first = parts.first().filter(|part| !part.breakable).map_or(0, |part| columns(&encode::terminal(&part.text)));
        let indent = self.room(first, indent);
        let mut line = Line { filled: indent, begun: false };
        self.pad(indent);
        for part in parts {
            let text = encode::terminal(&part.text);
            if !part.breakable {
                self.add(&mut line, hang, &text, part.style);
                continue;
            }
            for word in text.split(' ') {
                for (i, piece) in cut(word, self.width.saturating_sub(hang)).into_iter().enumerate() {
                    if i > 0 {
                        self.turn(&mut line, hang);
                    }
                    self.add(&mut line, hang, piece, part.style);
                }
            }
        }
        self.text.push('\n');
    }

    /// A line that is laid out already: plain text, with words to colour behind a byte offset.
    pub fn put_row(&mut self, line: &str, tail: usize, styles: &[(&str, Style)]) {
        let (head, tail) = line.split_at_checked(tail).unwrap_or((line, ""));
        let mut tail = tail.to_owned();
        if self.colour {
            for (word, style) in styles {
                tail = tail.replacen(word, &format!("{style}{word}{style:#}"), 1);
            }
        }
        self.text.push_str(format!("{head}{tail}").trim_end());
        self.text.push('\n');
    }

    fn add(&mut self, line: &mut Line, hang: usize, piece: &str, style: Style) {
        let columns = columns(piece);
        if line.begun && line.filled + 1 + columns > self.width {
            let hang = self.room(columns, hang);
            self.turn(line, hang);
        }
        if line.begun {
            self.text.push(' ');
            line.filled += 1;
        }
        if self.colour && style != PLAIN && !piece.is_empty() {
            self.text.push_str(&format!("{style}{piece}{style:#}"));
        } else {
            self.text.push_str(piece);
        }
        line.filled += columns;
        line.begun |= !piece.is_empty();
    }

    /// Where something of so many columns begins: further left where only that makes it fit, but never in the first two.
    fn room(&self, columns: usize, indent: usize) -> usize {
        let room = self.width.saturating_sub(columns);
        if room < 2 { indent } else { indent.min(room) }
    }

    fn turn(&mut self, line: &mut Line, hang: usize) {
        self.text.push('\n');
        self.pad(hang);
        *line = Line { filled: hang, begun: false };
    }

    fn pad(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }
}

/// How far the last line is.
struct Line {
    filled: usize,
    begun: bool,
}

/// A word in pieces that fit, so that the terminal itself never wraps: its wrapping would reach the first column.
fn cut(word: &str, width: usize) -> Vec<&str> {
    if columns(word) <= width {
        return vec![word];
    }
    let mut pieces = Vec::new();
    let (mut start, mut filled) = (0, 0);
    for (at, c) in word.char_indices() {
        // No character is wider than two columns.
        let columns = if c.is_ascii() { 1 } else { 2 };
        if filled + columns > width && at > start {
            pieces.push(&word[start..at]);
            (start, filled) = (at, 0);
        }
        filled += columns;
    }
    pieces.push(&word[start..]);
    pieces
}

/// The columns that visible text takes.
fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    // The table's own measure, so that both agree.
    let mut table = comfy_table::Table::new();
    table.add_row([text]);
    table.column_max_content_widths().first().map_or(0, |width| usize::from(*width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(parts: &[Part], colour: bool) -> String {
        let mut page = Page::new(&Look { width: 72, colour });
        page.put(2, 4, parts);
        page.finish()
    }

    #[test]
    fn words_wrap_and_wholes_do_not() {
        let text = page(&[Part::words("word ".repeat(30)), Part::whole(format!("/a b/{}", "x".repeat(90)))], false);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.len() <= 72 || line.ends_with(&"x".repeat(90))), "{text}");
        assert!(lines.iter().skip(1).all(|line| line.starts_with("    ")), "{text}");
        assert!(text.ends_with("x\n"));
    }

    #[test]
    fn what_is_copied_gets_its_own_line() {
        for (columns, indent) in [(50, 60), (65, 60), (66, 4), (68, 4), (69, 3), (70, 2), (71, 4), (90, 4)] {
            let token = "x".repeat(columns);
            let text = page(&[Part::words("word"), Part::whole(token.as_str())], false);
            let want = if indent == 60 { format!("  word {token}\n") } else { format!("  word\n{}{token}\n", " ".repeat(indent)) };
            assert_eq!(text, want, "{columns}");
        }
        assert_eq!(page(&[Part::whole("x".repeat(71))], false), format!("  {}\n", "x".repeat(71)));
    }

    #[test]
    fn a_word_without_end_is_cut() {
        for word in ["x".repeat(500), "大".repeat(500), "ö".repeat(500)] {
            let text = page(&[Part::words(word.clone())], false);
            assert!(text.lines().all(|line| columns(line) <= 72), "{text}");
            assert_eq!(text.split_whitespace().collect::<String>(), word);
        }
    }

    #[test]
    fn spaces_inside_stay() {
        assert_eq!(page(&[Part::words("a  b"), Part::whole("c   d")], false), "  a  b c   d\n");
        assert_eq!(page(&[Part::label("Owner", 7), Part::words("ops")], false), "  Owner   ops\n");
    }

    #[test]
    fn colour_repeats_words() {
        let parts = [Part::words("all good").styled(GOOD), Part::words("then")];
        let plain = page(&parts, false);
        let styled = page(&parts, true);
        assert!(styled.contains('\u{1b}') && !plain.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&styled).to_string(), plain);
    }
}
