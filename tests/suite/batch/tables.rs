//! Tables that follow from the finished lines: the same rows in each of them.

use super::fleet::{Fleet, lines};
use serde_json::Value;

/// One row: its cells in the order of the columns, and its findings.
type Row = (Vec<String>, Vec<String>);

const COLUMNS: &str = "source,sha256,environment,release,evaluated_at,checklist,decision,control,verdict,outcome,problem_kind,problem_code,problem_message,findings";

/// The rows that the lines stand for.
fn wanted(lines: &[Value]) -> Vec<Row> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut out = Vec::new();
    for line in lines {
        let head = ["source", "sha256", "environment", "release", "evaluated_at", "checklist", "decision"].map(|key| word(&line[key]));
        let tail = ["kind", "code", "message"].map(|key| word(&line["problem"][key]));
        let verdicts = line["verdicts"].as_object().expect("verdicts");
        let mut put = |control: [String; 3], findings| out.push(([&head[..], &control, &tail].concat(), findings));
        for (id, verdict) in verdicts {
            let waived = line["waived"].as_array().expect("a list").iter().any(|w| w == id);
            let outcome = if verdict == "pass" {
                "pass"
            } else if waived {
                "waived"
            } else {
                "blocking"
            };
            let findings = line["findings"][id].as_array().into_iter().flatten().map(word).collect();
            put([id.clone(), word(verdict), outcome.to_owned()], findings);
        }
        if verdicts.is_empty() {
            put([const { String::new() }; 3], Vec::new());
        }
    }
    out.sort();
    out
}

fn fleet() -> Fleet {
    let fleet = Fleet::of(12);
    fleet.put("facts/=1+1.json", "{");
    fleet.put("facts/a/\u{2028}\r,\".json", super::fleet::document(0).to_string());
    fleet
}

#[test]
fn csv_holds_every_row_and_no_formula() {
    let fleet = fleet();
    let run = fleet.run(&["facts", "=2.json", "-o", "jsonl=out.jsonl", "-o", "csv=out.csv"]);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let text = fleet.text("out.csv");
    assert_eq!(text.lines().next(), Some(COLUMNS));
    assert!(!text.contains(['\u{2028}', '\r']));
    let mut got: Vec<Row> = Vec::new();
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let mut cells: Vec<String> = record.expect("a record").iter().map(str::to_owned).collect();
        assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])), "{cells:?}");
        let findings = cells.pop().expect("a last cell");
        got.push((cells, if findings.is_empty() { Vec::new() } else { findings.split("; ").map(str::to_owned).collect() }));
    }
    got.sort();
    let mut wanted = wanted(&lines(&fleet.text("out.jsonl")));
    for (cells, _) in &mut wanted {
        for cell in cells {
            *cell = golive::text::spreadsheet(cell);
        }
    }
    wanted.sort();
    assert_eq!(got.len(), 13 * 11 + 2);
    assert_eq!(got, wanted);
    // Once more from the finished lines: the same bytes.
    std::fs::remove_file(fleet.path("out.csv")).expect("a file");
    fleet.run(&["facts", "=2.json", "-o", "jsonl=out.jsonl", "-o", "csv=out.csv"]);
    assert!(fleet.text("out.csv") == text);
}

#[test]
fn a_table_needs_lines_and_a_place() {
    let fleet = fleet();
    for (outputs, words) in [
        (&["-o", "csv=out.csv"][..], "give -o jsonl=PATH beside it"),
        (&["-o", "jsonl=out.jsonl", "-o", "csv"], "a table goes to a file"),
        (&["-o", "jsonl=out.jsonl", "-o", "csv=./out.jsonl"], "two outputs go to the same place"),
        (&["-o", "jsonl=a", "-o", "jsonl=b"], "verdict lines go to one place"),
        (&["-o", "xml=a"], "there is no output format `xml` of a batch"),
    ] {
        let run = fleet.run(&[&["facts"][..], outputs].concat());
        assert_eq!(run.exit, Some(2), "{outputs:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{outputs:?}: {}", run.stderr);
    }
    let run = fleet.run(&["facts", "-o", "jsonl=out.jsonl", "-o", "csv=/dev/full"]);
    assert_eq!(run.exit, Some(6), "{}", run.stderr);
    assert!(run.stderr.contains("could not write /dev/full") && run.stderr.contains("ENOSPC"), "{}", run.stderr);
    assert_eq!(lines(&fleet.text("out.jsonl")).len(), 14, "the lines stand");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_every_row() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let fleet = fleet();
    let run = fleet.run(&["facts", "-o", "jsonl=out.jsonl", "-o", "parquet=out.parquet"]);
    assert_eq!(run.exit, Some(3), "{}", run.stderr);
    let file = std::fs::File::open(fleet.path("out.parquet")).expect("a file");
    let reader = SerializedFileReader::new(file).expect("a Parquet file");
    let names: Vec<String> = reader.metadata().file_metadata().schema().get_fields().iter().map(|f| f.name().to_owned()).collect();
    assert_eq!(names.join(","), COLUMNS);
    let mut got: Vec<Row> = Vec::new();
    for row in reader.get_row_iter(None).expect("rows") {
        let row = row.expect("a row");
        let mut row_out: Row = (Vec::new(), Vec::new());
        for (_, field) in row.get_column_iter() {
            match field {
                Field::Str(text) => row_out.0.push(text.clone()),
                Field::Null => row_out.0.push(String::new()),
                Field::ListInternal(list) => {
                    row_out.1 = list.elements().iter().map(|e| e.to_string().trim_matches('"').to_owned()).collect();
                }
                other => panic!("{other:?}"),
            }
        }
        got.push(row_out);
    }
    got.sort();
    assert_eq!(got, wanted(&lines(&fleet.text("out.jsonl"))));
}
