//! One pass against the strict reader and the validator: what the first accepts, the others accept, and the tree is the same.

mod rig;
mod schemas;
mod writer;

use crate::cases;
use crate::project;
use crate::quick;
use golive::model::time::Instant;
use rig::{Readers, Rig, Told};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use writer::{Seeded, Writer};

/// All facts documents of the fixtures, as values.
fn documents() -> Vec<Value> {
    let folder = project::root().join("fixtures");
    let files = project::files(&folder).into_iter().filter(|p| p.file_name().is_some_and(|n| n == "facts.json"));
    let written = files.filter_map(|path| serde_json::from_str(&project::text(&path)).ok());
    let mut out: Vec<Value> = written.chain(cases::cases("controls").iter().map(cases::Case::facts)).collect();
    let mut seen = BTreeSet::new();
    out.retain(|document| seen.insert(document.to_string()));
    out
}

/// Documents of one group each: every value that the fixtures have of it.
fn single_groups() -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for document in documents() {
        for (name, group) in document["facts"].as_object().into_iter().flatten() {
            if seen.insert(format!("{name}{}", group["value"])) {
                let mut single = document.clone();
                single["facts"] = json!({name: group});
                out.push(single);
            }
        }
    }
    out
}

/// Does something with the readers of the embedded groups.
fn with_readers(work: impl FnOnce(&Readers<'_>, &mut Told)) -> Told {
    let Rig { groups, mut told } = Rig::embedded();
    let rig = Rig { groups, told: Told::default() };
    let onepass = rig.onepass().unwrap_or_else(|problem| panic!("{problem:?}"));
    work(&Readers::new(&onepass, &rig.groups), &mut told);
    told
}

#[test]
fn what_the_strict_reader_accepts_is_read_in_one_pass_however_it_is_written() {
    let mut missed = String::new();
    let told = with_readers(|readers, told| {
        let mut accepted = 0;
        for (index, document) in documents().iter().enumerate() {
            let compact = document.to_string();
            if Readers::reference(compact.as_bytes()).is_none() {
                assert!(!readers.ask(compact.as_bytes(), told));
                continue;
            }
            accepted += 1;
            let shuffled = |seed: u64| Writer { shuffled: Some(Seeded(seed + index as u64)), ..Writer::default() };
            let written = [
                compact,
                format!("{document:#}\n"),
                shuffled(1).write(document),
                Writer { space: "\r\n\t ", ..shuffled(1000) }.write(document),
                Writer { escaped: Some(5), ..Writer::default() }.write(document),
                Writer { escaped: Some(1), escaped_keys: true, ..Writer::default() }.write(document),
            ];
            for text in &written {
                if !readers.ask(text.as_bytes(), told) {
                    missed.push_str(text);
                    missed.push('\n');
                }
            }
        }
        assert!(accepted > 50, "the fixtures hold valid documents");
    });
    assert!(missed.is_empty(), "not read in one pass: {missed}");
    told.end("fixtures in six writings each");
}

#[test]
fn documents_damaged_at_every_node() {
    let told = with_readers(|readers, told| {
        let mut seen = BTreeSet::new();
        for document in single_groups() {
            let name = document["facts"].as_object().and_then(|f| f.keys().next().cloned()).expect("a group");
            // What stands around a group is damaged once, and of each group one value in every way.
            let whole = seen.is_empty();
            let thorough = seen.insert(name.clone());
            let value = format!("/facts/{name}/value");
            for pointer in quick::pointers(&document).into_iter().filter(|p| whole || p.starts_with(&value)) {
                for damaged in damages(&document, &pointer, thorough) {
                    readers.ask(damaged.to_string().as_bytes(), told);
                }
            }
            let objects = quick::pointers(&document).iter().filter(|p| document.pointer(p).is_some_and(Value::is_object)).count();
            for doubled in 0..objects {
                let text = Writer { doubled: Some(doubled), ..Writer::default() }.write(&document);
                assert!(!readers.ask(text.as_bytes(), told), "a key stands twice: {text}");
            }
        }
    });
    assert!(told.off > 5000);
    told.end("damaged at every node");
}

/// A document with each single damage at a pointer.
fn damages(document: &Value, pointer: &str, thorough: bool) -> Vec<Value> {
    let changed = |change: &mut dyn FnMut(&mut Value)| {
        let mut damaged = document.clone();
        damaged.pointer_mut(pointer).into_iter().for_each(change);
        damaged
    };
    let mut out: Vec<Value> = [quick::lose, quick::double, quick::add, off_by_one].into_iter().map(|mut harm| changed(&mut harm)).collect();
    if !thorough {
        return out;
    }
    // Each node gets another sixth of the values.
    let turn = pointer.len();
    let others = quick::others().into_iter().enumerate().filter(|(index, _)| (index + turn).is_multiple_of(6));
    out.extend(others.map(|(_, other)| changed(&mut |place| *place = other.clone())));
    let keys: Vec<String> =
        document.pointer(pointer).and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.clone()).collect();
    for key in keys {
        out.push(changed(&mut |place| drop(place.as_object_mut().and_then(|members| members.remove(&key)))));
        let renamed = changed(&mut |place| {
            let moved = place.as_object_mut().and_then(|members| members.remove(&key));
            place[format!("{key}_")] = moved.unwrap_or_default();
        });
        out.push(renamed);
    }
    out
}

fn off_by_one(value: &mut Value) {
    if let Some(n) = value.as_i64() {
        *value = json!(n + 1);
    }
}

#[test]
fn documents_damaged_at_random_bytes() {
    let told = with_readers(|readers, told| {
        let mut seeded = Seeded(20_261_123);
        let documents: Vec<String> = single_groups().iter().map(Value::to_string).collect();
        let bytes = b"\"\\{}[]:,0123456789-+.eEntfu \n\r\t\0\x1f\x7f\x80\xc3\xff/azAZ_";
        for _ in 0..20_000 {
            let mut damaged = documents[seeded.below(documents.len())].clone().into_bytes();
            for _ in 0..=seeded.below(2) {
                let at = seeded.below(damaged.len());
                let byte = bytes[seeded.below(bytes.len())];
                match seeded.below(5) {
                    0 => drop(damaged.remove(at)),
                    1 => damaged.insert(at, byte),
                    2 => damaged.truncate(at.max(1)),
                    3 => damaged.extend_from_within(at..),
                    _ => damaged[at] = byte,
                }
            }
            readers.ask(&damaged, told);
        }
    });
    assert!(told.not_in_one_pass > 5000);
    told.end("damaged at random bytes");
}

#[test]
fn texts_that_are_no_document() {
    let told = with_readers(|readers, told| {
        let document = single_groups().remove(0);
        let whole = document.to_string();
        readers.ask(whole.as_bytes(), told);
        let others = ["", " ", "{}", "[]", "null", "1", "\"\"", "\u{feff}", "{", "{\"", "{\"format\"", "{\"format\":"].map(str::to_owned);
        let around =
            [format!("\u{feff}{whole}"), format!("{whole}1"), format!("{whole}\0"), format!("{whole},"), format!("{whole}{whole}")];
        let deep = ["[".repeat(100_000), "{\"a\":".repeat(100_000), format!("{{\"facts\":{}", "[".repeat(100_000))];
        for text in others.iter().chain(&around).chain(&deep) {
            assert!(!readers.ask(text.as_bytes(), told), "{text}");
        }
        // One byte beyond the limit of all documents.
        let large = format!("{whole}{}", " ".repeat((64 << 20) + 1 - whole.len()));
        assert!(!readers.ask(large.as_bytes(), told), "too large");
        readers.ask(&large.as_bytes()[..64 << 20], told);
        for end in 0..whole.len() {
            assert!(!readers.ask(&whole.as_bytes()[..end], told), "cut at {end}");
        }
    });
    told.end("texts that are no document");
}

#[test]
fn tokens_that_are_lost_doubled_or_exchanged() {
    let told = with_readers(|readers, told| {
        let mut document = single_groups().remove(0);
        let mut written = vec![document.to_string()];
        document["facts"] = json!({});
        written.push(document.to_string());
        written
            .extend(["{\"x\"}", "{\"x\":}", "{,}", "{\"x\":1,}", "{:}", "{\"\"}", "[]"].map(|odd| document.to_string().replace("{}", odd)));
        for text in &written {
            let tokens = tokens(text);
            assert_eq!(tokens.concat(), *text);
            readers.ask(text.as_bytes(), told);
            for at in 0..tokens.len() {
                let (before, here, after) = (tokens[..at].concat(), tokens[at], tokens[at + 1..].concat());
                for changed in [format!("{before}{after}"), format!("{before}{here}{here}{after}")] {
                    readers.ask(changed.as_bytes(), told);
                }
                for other in ["{", "}", "[", "]", ",", ":", "\"\"", "0", "null", "\\", " "] {
                    readers.ask(format!("{before}{other}{after}").as_bytes(), told);
                    readers.ask(format!("{before}{other}{here}{after}").as_bytes(), told);
                }
            }
        }
    });
    assert!(told.not_in_one_pass > 1000);
    told.end("tokens lost, doubled, exchanged");
}

#[test]
fn groups_that_nobody_knows() {
    let told = with_readers(|readers, told| {
        let mut document = single_groups().remove(0);
        let name = document["facts"].as_object().and_then(|f| f.keys().next().cloned()).expect("a group");
        let mut other = document["facts"][&name].clone();
        other["value"] = json!("HERE");
        document["facts"]["other"] = other.clone();
        let nested = |depth: usize| format!("{}{}", "[{\"a\":".repeat(depth / 2), "[]".to_owned() + &"}]".repeat(depth / 2));
        let valid =
            ["null", "-0", "0.5", "{}", "[]", "[ [] , {\"\":{}} ]", "{\"a\":{\"a\":1},\"b\":1}", "\"\\ud83d\\ude00\"", "9007199254740991"];
        let invalid = [
            "",
            "nul",
            "nulll",
            "1.0",
            "01",
            "1e400",
            "9007199254740992",
            "\"\\ud83d\"",
            "\"\t\"",
            "[1,]",
            "[,]",
            "[1 1]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"b\":2,\"\\u0061\":1}",
            "{\"$serde_json::private::Number\":1}",
            "[[[",
            "]",
        ];
        let text = document.to_string();
        for value in valid.map(str::to_owned).into_iter().chain([nested(60)]) {
            assert!(readers.ask(text.replace("\"HERE\"", &value).as_bytes(), told), "{value}");
        }
        for value in invalid.map(str::to_owned).into_iter().chain([nested(62), format!("[{}]", nested(60))]) {
            assert!(!readers.ask(text.replace("\"HERE\"", &value).as_bytes(), told), "{value}");
        }
        for twice in ["other", "$serde_json::private", "oth\\u0065r"] {
            assert!(!readers.ask(text.replace("\"facts\":{", &format!("\"facts\":{{\"{twice}\":{other},")).as_bytes(), told), "{twice}");
        }
        other["trust"] = json!("guessed");
        document["facts"]["other"] = other;
        assert!(!readers.ask(document.to_string().as_bytes(), told), "what stands around an unknown group has its schema");
    });
    told.end("groups that nobody knows");
}

/// The tokens of a JSON text without space.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            _ if first.is_ascii_alphanumeric() => rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()),
            _ => 1,
        };
        let (token, behind) = rest.split_at(len);
        out.push(token);
        rest = behind;
    }
    out
}

#[test]
fn times_around_a_group_have_one_spelling() {
    let told = with_readers(|readers, told| {
        let mut document = single_groups().remove(0);
        let name = document["facts"].as_object().and_then(|f| f.keys().next().cloned()).expect("a group");
        let mut valid = 0;
        for text in times() {
            document["facts"][&name]["collected_at"] = json!(text);
            let read = readers.ask(document.to_string().as_bytes(), told);
            assert_eq!(read, Instant::parse(&text).is_some(), "{text}");
            valid += usize::from(read);
        }
        assert!(valid > 800);
    });
    told.end("times");
}

/// Times at every edge, and texts that are almost times.
fn times() -> Vec<String> {
    let mut out = Vec::new();
    for year in [0, 1, 1969, 1970, 1971, 1972, 1999, 2000, 2001, 2024, 2026, 2100, 2400, 9998, 9999] {
        for month in 0..=13 {
            for day in [0, 1, 2, 27, 28, 29, 30, 31, 32] {
                out.push(format!("{year:04}-{month:02}-{day:02}T23:59:59Z"));
            }
        }
    }
    let clocks = ["00:00:00", "23:59:59", "24:00:00", "12:60:00", "12:00:60", "23:59:60", "1:00:00", "12.00.00", "-1:00:00", "12:00:0a"];
    let ends = [
        "Z",
        "z",
        "",
        "+00:00",
        ".Z",
        ".5Z",
        ".50Z",
        ".500Z",
        ".5000Z",
        ".123456789Z",
        ".0Z",
        ".000Z",
        ".0001Z",
        ".aZ",
        ",5Z",
        "ZZ",
        " Z",
        "é",
    ];
    out.extend(clocks.iter().flat_map(|clock| ends.map(|end| format!("2026-11-23T{clock}{end}"))));
    out.extend(
        ["", "Z", "2026-11-23", "2026-11-23 12:00:00Z", "2026/11/23T12:00:00Z", "20261123T120000Z", "２026-11-23T12:00:00Z"]
            .map(str::to_owned),
    );
    out
}
