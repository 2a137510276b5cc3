//! The embedded checklist is not checked again at each start: `policies/CHECKED` names the bytes for which it was checked here.

use crate::project;
use golive::checklist::{Checklist, Files, contract, load};
use golive::rego::Limits;

/// The embedded checklist, all checks made as for a folder.
fn checked() -> Checklist {
    let mut files = Files::embedded();
    files.is_embedded = false;
    match load(&files, None, "prod", Limits::default()) {
        Ok(checklist) => checklist,
        Err(error) => panic!("the embedded checklist is refused: {error:?}"),
    }
}

#[test]
fn the_embedded_checklist_passed_every_check() {
    let digest = checked().about.digest;
    let noted = project::text(&project::root().join("policies/CHECKED"));
    assert_eq!(
        digest,
        noted.trim_end(),
        "\nthe policies passed every check, and policies/CHECKED names others: write `{digest}` into it \
         (until then they are checked at each start, which costs time and nothing else)"
    );
    for name in ["envelope", "manifest", "metadata", "remediations", "waivers"] {
        contract(name).and_then(golive::schema::Schema::compile).unwrap_or_else(|p| panic!("schemas/{name}.schema.json: {p:?}"));
    }
}

#[test]
fn what_controls_read_is_the_same_however_it_was_found() {
    let Ok(embedded) = load(&Files::embedded(), None, "prod", Limits::default()) else { panic!("the embedded checklist is refused") };
    let checked = checked();
    for control in &embedded.controls {
        let reads = embedded.reads(control);
        assert!(!reads.paths.is_empty() && !reads.groups_of.is_empty(), "{}", control.text.id);
        assert_eq!(reads, checked.reads(control), "{}", control.text.id);
    }
}
