//! The policies that controls share: the gate, and the libraries.

use super::{Material, sheet};
use crate::checklist::Files;
use crate::report::encode::{markdown_block as block, markdown_token as token};
use crate::text::Source;

/// The whole page.
pub(super) fn page(material: &Material<'_>) -> String {
    let mut sheet = sheet();
    sheet.heading("# Policies that controls share");
    sheet.line("The gate, and the functions that several controls use. A control may call no other control.");
    for (name, _, source) in sources(material) {
        sheet.heading(format!("## {}", token(name)));
        sheet.line(block("rego", &source.text));
    }
    sheet.finish()
}

/// Name, path and text of each, the gate first.
pub(super) fn sources<'m>(material: &Material<'m>) -> impl Iterator<Item = (&'m str, &'m str, &'m Source)> {
    let libraries = material.files.under("policies/lib/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path));
    let gate = material.files.get("policies/gate.rego").map(|source| ("policies/gate.rego", source));
    gate.into_iter().chain(libraries).map(|(path, source)| {
        let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rego");
        (name, path, source.as_ref())
    })
}
