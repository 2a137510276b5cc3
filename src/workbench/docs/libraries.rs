//! The policies that controls share: the gate, and the libraries.

use super::{Material, sheet};
use crate::checklist::Files;
use crate::report::encode::{markdown_block as block, markdown_token as token};

/// The whole page.
pub(super) fn page(material: &Material<'_>) -> String {
    let mut sheet = sheet();
    sheet.heading("# Policies that controls share");
    sheet.line("The gate, and the functions that several controls use. A control may call no other control.");
    let libraries = material.files.under("policies/lib/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path));
    let gate = material.files.get("policies/gate.rego").map(|source| ("policies/gate.rego", source));
    for (path, source) in gate.into_iter().chain(libraries) {
        let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rego");
        sheet.heading(format!("## {}", token(name)));
        sheet.line(block("rego", &source.text));
    }
    sheet.finish()
}
