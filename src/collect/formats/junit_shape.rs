//! The elements of a `JUnit` file. Its reader skips what it does not know, and a failure may stand there: here everything is seen once.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What the file consists of, in the order in which it stands there.
#[derive(Debug, Default)]
pub struct Shape {
    /// The name of the outermost element.
    pub root: String,
    /// How many tests the outermost element counts.
    pub tests: Option<usize>,
    /// How many suites it holds.
    pub suites: usize,
    /// Its tests.
    pub cases: Vec<Seen>,
    /// What was printed by the run, outside of its suites.
    pub output: String,
    /// What each suite printed, outside of its tests.
    pub suite_output: Vec<String>,
}

/// One test.
#[derive(Debug, Default)]
pub struct Seen {
    /// An element whose meaning for the test nobody knows.
    pub strange: bool,
    /// All that it printed.
    pub output: String,
}

/// What may stand in a test. Anything else may be some tool's word for a failure.
const OF_A_CASE: [&str; 10] =
    ["properties", "system-out", "system-err", "skipped", "failure", "error", "flakyFailure", "flakyError", "rerunFailure", "rerunError"];

/// Reads the elements.
///
/// # Errors
/// It is no XML, or holds elements where nobody reads them.
pub fn read(text: &str) -> Result<Shape, String> {
    let mut reader = Reader::from_str(text);
    let (mut shape, mut open) = (Shape::default(), Vec::<String>::new());
    loop {
        match reader.read_event().map_err(|e| format!("it is no JUnit report: {e}"))? {
            Event::Start(element) => {
                let name = shape.enter(&element, &open)?;
                open.push(name);
            }
            Event::Empty(element) => drop(shape.enter(&element, &open)?),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => shape.print(&open, &text.decode().map_err(|e| e.to_string())?),
            Event::CData(text) => shape.print(&open, &text.decode().map_err(|e| e.to_string())?),
            Event::GeneralRef(name) => {
                let name = name.decode().map_err(|e| e.to_string())?;
                let char = quick_xml::escape::unescape(&format!("&{name};")).map_err(|e| e.to_string())?.into_owned();
                shape.print(&open, &char);
            }
            // It may define what an entity stands for.
            Event::DocType(_) => return Err("it holds a document type: that is not read".to_owned()),
            Event::Eof if open.is_empty() && !shape.root.is_empty() => return Ok(shape),
            Event::Eof => return Err("it is no JUnit report: it is cut, or empty".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

impl Shape {
    /// Counts an element by the place at which it stands.
    fn enter(&mut self, element: &BytesStart<'_>, open: &[String]) -> Result<String, String> {
        let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
        let strange = || Err(format!("it holds an element <{name}> in <{}>: that is not read", open.last().map_or("", String::as_str)));
        if name.contains(':') {
            return Err(format!("it holds an element <{name}> of another language: that is not read"));
        }
        match (open.last().map(String::as_str), name.as_str()) {
            (None, "testsuites" | "testsuite") if self.root.is_empty() => {
                self.root.clone_from(&name);
                self.tests = tests(element)?;
                self.suites += usize::from(name == "testsuite");
            }
            (None, _) => return Err("it is no JUnit report: it does not hold one <testsuites> or <testsuite>".to_owned()),
            (Some("testsuites"), "testsuite") => self.suites += 1,
            (Some("testsuites" | "testsuite"), "properties" | "system-out" | "system-err") | (Some("properties"), "property") => {}
            (Some("testsuite"), "testcase") => self.cases.push(Seen::default()),
            (_, "testsuite" | "testsuites" | "testcase") => {
                return Err("it holds test suites within test suites, or tests outside of them: those are not read".to_owned());
            }
            (Some("testcase"), known) => self.cases.iter_mut().last().into_iter().for_each(|c| c.strange |= !OF_A_CASE.contains(&known)),
            // What stands in these is text, and elements would hide what comes after them.
            (Some("testsuites" | "testsuite" | "properties" | "property" | "system-out" | "system-err"), _) => return strange(),
            // In a failure, a try, or what is strange anyway.
            _ => {}
        }
        if name == "testsuite" {
            self.suite_output.push(String::new());
        }
        Ok(name)
    }

    /// Keeps what was printed, by whom.
    fn print(&mut self, open: &[String], text: &str) {
        if !open.iter().any(|name| name == "system-out" || name == "system-err") {
            return;
        }
        let within = |wanted: &str| open.iter().any(|name| name == wanted);
        let output = if within("testcase") {
            self.cases.last_mut().map(|case| &mut case.output)
        } else if within("testsuite") {
            self.suite_output.last_mut()
        } else {
            Some(&mut self.output)
        };
        if let Some(output) = output {
            output.push_str(text);
        }
    }
}

fn tests(element: &BytesStart<'_>) -> Result<Option<usize>, String> {
    let found = element.try_get_attribute("tests").map_err(|e| format!("it is no JUnit report: {e}"))?;
    let number = |value: &[u8]| std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok());
    found.map(|a| number(&a.value).ok_or_else(|| "it does not count its tests in digits".to_owned())).transpose()
}
