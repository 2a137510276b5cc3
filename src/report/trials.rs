//! What formats for browsers, servers and workflows promise, on the sample decisions and what stands behind them.

use super::sample_annex::annex;
use super::tests::{findings, parse, samples};
use super::*;
use super::{encode, sample};
use crate::model::{Annex, Blocking, Decision, Finding, Gate, Outcome};

/// A format's text with what stands behind the decision.
fn render(name: &str, decision: &Decision, annex: &Annex) -> String {
    let dossier = Dossier { decision, annex: Some(annex) };
    by_name(name).map(|format| format.render(&dossier, &Look::default())).unwrap_or_default()
}

fn hostile() -> (Decision, Annex) {
    let decision = sample::hostile();
    let annex = annex(&decision, sample::HOSTILE);
    (decision, annex)
}

/// Every gate that no control closes.
fn closed_by_the_gate_alone() -> [Decision; 2] {
    let mut named = sample::go();
    named.gate = Gate::NoGo;
    let silent = named.clone();
    named.blocking = vec![Blocking { by: "freeze".into(), message: "no release before 3 January".into() }];
    [named, silent]
}

#[test]
fn an_annex_lets_nothing_through() {
    let (decision, annex) = hostile();
    for format in FORMATS {
        let text = render(format.name(), &decision, &annex);
        let bad = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2069}\u{2028}".contains(c);
        assert!(!text.chars().any(bad), "{}", format.name());
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}", format.name());
    }
}

#[test]
fn a_page_holds_no_markup_but_its_own() {
    let (decision, annex) = hostile();
    let text = render("html", &decision, &annex);
    let own = [
        "!DOCTYPE", "a", "body", "caption", "circle", "code", "dd", "desc", "details", "div", "dl", "dt", "footer", "h1", "h2", "h3",
        "head", "header", "html", "li", "line", "link", "main", "meta", "nav", "ol", "p", "pre", "rect", "section", "small", "span",
        "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul",
    ];
    for tag in text.split('<').skip(1) {
        let name: String = tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '!').collect();
        assert!(own.contains(&name.as_str()), "<{tag}");
        let inside = tag.split('>').next().unwrap_or_default();
        assert_eq!(inside.matches('"').count() % 2, 0, "<{inside}>");
        assert!(!inside.contains(" on") && !inside.contains("style="), "<{inside}>");
    }
    assert!(text.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src &#39;sha256-"));
    assert!(text.contains(&encode::html(sample::HOSTILE)));
}

#[test]
fn links_of_a_page_lead_into_it_or_to_plain_addresses() {
    let (decision, annex) = hostile();
    for (decision, annex) in [(decision, annex), (sample::no_go(), self::annex(&sample::no_go(), ""))] {
        let text = render("html", &decision, &annex);
        let values = |name: &str| text.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect::<Vec<_>>();
        let ids = values("id");
        for href in values("href") {
            let inside = href.strip_prefix('#').is_some_and(|id| ids.contains(&id));
            assert!(inside || href.starts_with("https://ci.example.test/") || href == "data:,", "{href}");
        }
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "an id stands twice");
    }
}

#[test]
fn a_page_says_everything() {
    for (sample, decision) in samples() {
        let annex = annex(&decision, "");
        let text = render("html", &decision, &annex);
        let headline = headline(&decision);
        let mut wanted = vec![
            headline.split(": ").last().unwrap_or_default().to_owned(),
            decision.environment.clone(),
            decision.release.clone(),
            decision.evaluated_at.to_string(),
            words::clock(&decision).to_owned(),
            decision.checklist.digest.clone(),
            annex.command.clone(),
        ];
        for row in &decision.rows {
            wanted.extend([row.text.pass.clone(), row.text.fail.clone(), row.text.title.clone(), mark(row.judgement.verdict)]);
            wanted.extend(row.judgement.criteria.iter().map(|criterion| criterion.words.clone()));
            wanted.extend(row.origins.iter().flat_map(|origin| &origin.evidence).flat_map(|e| [e.uri.clone(), e.sha256.clone()]));
        }
        wanted.extend(
            decision.waivers.iter().flat_map(|(waiver, _)| [waiver.id.clone(), waiver.ends_at().to_string(), waiver.reason.clone()]),
        );
        wanted.extend(annex.digests.iter().map(|digest| digest.sha256.clone()));
        wanted.extend(annex.forecast.iter().flat_map(|forecast| &forecast.turns).map(|turn| turn.at.to_string()));
        for words in wanted {
            assert!(text.contains(&encode::html(&words)), "{sample} lacks {words}");
        }
    }
}

#[test]
fn a_waiver_is_never_a_plain_pass() {
    let decision = sample::go_waived();
    let annex = annex(&decision, "");
    let junit = render("junit", &decision, &annex);
    assert!(junit.contains("<skipped message=\"FAIL (fail), waived by W-7 until 2026-11-27T00:00:00Z\" type=\"fail\">"), "{junit}");
    let sarif = parse(&render("sarif", &decision, &annex));
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["status"], "accepted");
    assert!(
        render("github", &decision, &annex).contains("\n::warning file=") || render("github", &decision, &annex).starts_with("::warning ")
    );
    assert!(render("github-output", &decision, &annex).starts_with("gate=GO\nwaived=1\nblocking=0\n"));
    assert!(render("csv", &decision, &annex).contains(",FAIL,fail,waived,critical-finding[CVE-2026-1],"));
}

#[test]
fn a_gate_that_no_control_closes_is_told_everywhere() {
    for decision in closed_by_the_gate_alone() {
        let annex = annex(&decision, "");
        assert!(decision.rows.iter().all(|row| row.outcome == Outcome::Pass));
        let reason = decision.blocking.first().map_or("the gate gave no reason", |blocking| blocking.message.as_str());
        for name in ["html", "junit", "sarif", "github", "csv"] {
            let text = render(name, &decision, &annex);
            assert!(text.to_lowercase().contains(&reason.to_lowercase()), "{name}: {text}");
        }
        assert!(render("junit", &decision, &annex).contains("tests=\"6\" failures=\"1\" errors=\"0\""));
        assert_eq!(parse(&render("sarif", &decision, &annex))["runs"][0]["results"].as_array().map(Vec::len), Some(1));
        assert!(render("github", &decision, &annex).starts_with("::error title=NO_GO"));
    }
}

#[test]
fn sarif_has_a_place_for_each_result_and_none_for_a_go() {
    let go = parse(&render("sarif", &sample::go(), &annex(&sample::go(), "")));
    assert_eq!(go["runs"][0]["results"].as_array().map(Vec::len), Some(0));
    assert_eq!(go["runs"][0]["invocations"][0]["executionSuccessful"], true);
    for (sample, decision) in samples() {
        let log = parse(&render("sarif", &decision, &annex(&decision, "")));
        let results = log["runs"][0]["results"].as_array().cloned().unwrap_or_default();
        let closing = words::closing(&decision).len();
        assert_eq!(results.len(), findings(&decision).len() + closing, "{sample}");
        for result in results {
            assert!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string(), "{sample}: {result:#}");
            let rule =
                &log["runs"][0]["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap_or(99)).unwrap_or(99)];
            assert_eq!(rule["id"], result["ruleId"], "{sample}");
            assert!(!result["message"]["text"].as_str().is_none_or(|text| text.contains("](")), "{sample}: {result:#}");
        }
    }
}

#[test]
fn github_shows_ten_of_a_kind_and_loses_none() {
    let mut decision = sample::no_go();
    let finding = decision.rows[1].judgement.findings[0].clone();
    for number in 0..40 {
        decision.rows[1].judgement.findings.push(Finding { id: format!("window-missed[{number}]"), ..finding.clone() });
    }
    let text = render("github", &decision, &annex(&decision, ""));
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10, "{text}");
    assert!(text.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")), "{text}");
    for finding in findings(&decision) {
        assert!(text.contains(&finding.id), "{}", finding.id);
    }
}

#[test]
fn commands_and_values_of_github_are_whole_lines() {
    let (decision, annex) = hostile();
    for line in render("github", &decision, &annex).lines() {
        assert!(["::error ", "::warning ", "::notice "].iter().any(|kind| line.starts_with(kind)), "{line}");
        let properties = line.split("::").nth(1).unwrap_or_default();
        assert!(properties.matches("title=").count() == 1 && !properties.contains("stop-commands"), "{line}");
    }
    let names = ["gate", "waived", "blocking", "environment", "release", "evaluated_at", "clock", "checklist", "digest", "record"];
    let output = render("github-output", &decision, &annex);
    let found: Vec<&str> = output.lines().filter_map(|line| line.split('=').next()).collect();
    assert_eq!(found, names);
}

#[test]
fn the_digest_is_that_of_the_json() {
    let decision = sample::no_go();
    let annex = annex(&decision, "");
    let bytes = render("json", &decision, &annex);
    let digest =
        <sha2::Sha256 as sha2::Digest>::digest(bytes.as_bytes()).iter().fold(String::new(), |out, byte| format!("{out}{byte:02x}"));
    assert!(render("github-output", &decision, &annex).contains(&format!("digest=sha256:{digest}\n")));
}

#[test]
fn no_cell_is_a_formula() {
    let mut decision = sample::no_go();
    for (row, start) in decision.rows.iter_mut().zip(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]) {
        row.text.title = start.to_owned();
        row.text.area = format!("{start},\"x");
    }
    let text = render("csv", &decision, &annex(&decision, ""));
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let mut rows = 0;
    for record in reader.records().map_while(Result::ok) {
        rows += 1;
        for cell in &record {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    assert_eq!(rows, 7);
}

#[test]
fn what_browsers_and_servers_read() {
    let decision = sample::no_go();
    let annex = annex(&decision, "");
    for name in ["html", "junit", "sarif", "csv", "github", "github-summary", "github-output"] {
        let text = render(name, &decision, &annex);
        // How a page looks is seen in a browser.
        let style = text.find("<style>").zip(text.find("</style>"));
        let text = style.map_or(text.clone(), |(from, to)| format!("{}{}", &text[..from], &text[to..]));
        let mut settings = insta::Settings::clone_current();
        settings.add_filter("sha256-[A-Za-z0-9+/=]+", "sha256-[style]");
        settings.add_filter(env!("CARGO_PKG_VERSION").replace('.', "\\.").as_str(), "[version]");
        settings.bind(|| insta::assert_snapshot!(name.replace('-', "_"), text));
    }
}

#[test]
fn every_format_says_what_it_depended_on() {
    let decision = sample::no_go();
    let annex = annex(&decision, "");
    for format in FORMATS.iter().filter(|format| format.name() != "github-output") {
        let text = render(format.name(), &decision, &annex);
        let checklist = &decision.checklist;
        for words in [&decision.environment, &decision.release, &decision.evaluated_at.to_string(), &checklist.id, &checklist.digest] {
            assert!(text.contains(words), "{} lacks {words}", format.name());
        }
        let facts = decision.facts[0].1.trim_start_matches("sha256:");
        assert!(text.contains(facts), "{} lacks the digest of the facts", format.name());
        assert!(text.contains("PT48H") && text.contains("PT24H"), "{} lacks a parameter", format.name());
        let clock = if format.name() == "json" { "\"clock\": \"given\"" } else { words::clock(&decision) };
        assert!(text.contains(clock), "{} lacks the clock", format.name());
    }
}
