//! Tests as `JUnit`'s XML, as Jenkins and its kin read it: one suite for each control and each package of tests.

use super::human::human;
use super::{Ending, Report, Tested};
use crate::report::{Look, encode};

/// The report as XML.
pub fn junit(report: &Report) -> String {
    let mut groups: Vec<(&str, Vec<&Tested>)> = Vec::new();
    for test in &report.tests {
        match groups.last_mut() {
            Some((group, tests)) if *group == test.group => tests.push(test),
            _ => groups.push((&test.group, vec![test])),
        }
    }
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" {}>\n",
        encode::xml(&report.checklist),
        counts(&report.tests.iter().collect::<Vec<_>>(), None)
    );
    for (group, tests) in groups {
        out.push_str(&format!("  <testsuite name=\"{}\" {}>\n", encode::xml(group), counts(&tests, Some(()))));
        for test in tests {
            case(test, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

/// The attributes that count; `skipped` stands at suites alone.
fn counts(tests: &[&Tested], suite: Option<()>) -> String {
    let count = |word: &str| tests.iter().filter(|test| test.ending.word() == word).count();
    let skipped = suite.map_or_else(String::new, |()| format!(" skipped=\"{}\"", count("todo")));
    format!("tests=\"{}\" failures=\"{}\" errors=\"{}\"{skipped}", tests.len(), count("failed"), count("error"))
}

fn case(test: &Tested, out: &mut String) {
    out.push_str(&format!("    <testcase name=\"{}\" classname=\"{}\"", encode::xml(&test.name), encode::xml(&test.group)));
    let (element, message) = match &test.ending {
        Ending::Passed => return out.push_str("/>\n"),
        Ending::Todo => return out.push_str(">\n      <skipped/>\n    </testcase>\n"),
        Ending::Errored(words) => ("error", words.clone()),
        Ending::Missed(miss) => ("failure", format!("expected {}, came to {}", miss.expected, miss.actual)),
        Ending::Slipped(slip) => ("failure", format!("not true at {}:{}", slip.file, slip.line)),
    };
    let alone = Report { checklist: String::new(), digest: String::new(), tests: vec![test.clone()], untested: Vec::new(), coverage: None };
    let text = human(&alone, &Look { width: 100, colour: false });
    // The first line names the test, the last one counts.
    let lines: Vec<&str> = text.lines().skip(1).collect();
    let lines = lines.split_last().map_or(&[][..], |(_, lines)| lines);
    let body: Vec<String> = lines.iter().map(|line| encode::xml(line)).collect();
    out.push_str(&format!(
        ">\n      <{element} message=\"{}\" type=\"{}\">{}</{element}>\n    </testcase>\n",
        encode::xml(&message),
        test.ending.word(),
        body.join("\n")
    ));
}
