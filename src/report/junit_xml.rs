//! `JUnit`'s XML, as Jenkins and its kin read it: what reports of decisions and of tests have in common.

use super::encode;

/// Some cases under one name.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// What is known of all of them: names and values.
    pub properties: Vec<(String, String)>,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// What it belongs to.
    pub class: String,
    /// How it ended.
    pub ending: Ending,
}

/// How a case ended.
#[derive(Debug, Clone)]
pub enum Ending {
    /// As it should.
    Passed,
    /// It does not count, and why; `None` where there is nothing to say.
    Skipped(Option<Words>),
    /// It is not as it should be.
    Failed(Words),
    /// It could not be found out.
    Errored(Words),
}

/// What is said of a case.
#[derive(Debug, Clone)]
pub struct Words {
    /// A word for machines; empty where there is none.
    pub kind: &'static str,
    /// In one line.
    pub message: String,
    /// The rest, line by line.
    pub lines: Vec<String>,
}

/// The whole document.
pub fn document(name: &str, suites: &[Suite]) -> String {
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n", encode::xml(name), counts(&all));
    for suite in suites {
        let cases: Vec<&Case> = suite.cases.iter().collect();
        let skipped = cases.iter().filter(|case| matches!(case.ending, Ending::Skipped(_))).count();
        out.push_str(&format!("  <testsuite name=\"{}\" {} skipped=\"{skipped}\">\n", encode::xml(&suite.name), counts(&cases)));
        if !suite.properties.is_empty() {
            out.push_str("    <properties>\n");
            for (name, value) in &suite.properties {
                out.push_str(&format!("      <property name=\"{}\" value=\"{}\"/>\n", encode::xml(name), encode::xml(value)));
            }
            out.push_str("    </properties>\n");
        }
        suite.cases.iter().for_each(|case| element(case, &mut out));
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

/// The attributes that count; `skipped` stands at suites alone.
fn counts(cases: &[&Case]) -> String {
    let count = |is: fn(&Ending) -> bool| cases.iter().filter(|case| is(&case.ending)).count();
    let failures = count(|ending| matches!(ending, Ending::Failed(_)));
    let errors = count(|ending| matches!(ending, Ending::Errored(_)));
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", cases.len())
}

fn element(case: &Case, out: &mut String) {
    out.push_str(&format!("    <testcase name=\"{}\" classname=\"{}\"", encode::xml(&case.name), encode::xml(&case.class)));
    let (name, words) = match &case.ending {
        Ending::Passed => return out.push_str("/>\n"),
        Ending::Skipped(None) => return out.push_str(">\n      <skipped/>\n    </testcase>\n"),
        Ending::Skipped(Some(words)) => ("skipped", words),
        Ending::Failed(words) => ("failure", words),
        Ending::Errored(words) => ("error", words),
    };
    let kind = if words.kind.is_empty() { String::new() } else { format!(" type=\"{}\"", words.kind) };
    let body: Vec<String> = words.lines.iter().map(|line| encode::xml(line)).collect();
    let message = encode::xml(&words.message);
    out.push_str(&format!(">\n      <{name} message=\"{message}\"{kind}>{}</{name}>\n    </testcase>\n", body.join("\n")));
}
