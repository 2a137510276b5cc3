//! Parts that pages have in common.

use super::Writer;

/// A short word in a box.
pub fn chip(html: &mut Writer, class: &str, text: &str) {
    html.leaf("span", &[("class", &format!("chip {class}"))], text);
    html.text(" ");
}

/// A section with its heading.
pub fn section(html: &mut Writer, id: &str, heading: &str, inside: impl FnOnce(&mut Writer)) {
    let name = format!("{id}-heading");
    html.put("section", &[("id", id), ("aria-labelledby", &name)], |html| {
        html.leaf("h2", &[("id", &name)], heading);
        inside(html);
    });
}

/// A name and what it stands for, inside of a list of such.
pub fn pair(html: &mut Writer, name: &str, value: impl FnOnce(&mut Writer)) {
    html.leaf("dt", &[], name);
    html.put("dd", &[], value);
}

/// The same for a text.
pub fn pair_text(html: &mut Writer, name: &str, value: &str) {
    pair(html, name, |html| html.text(value));
}

/// Something to open on a screen; on paper it is always open.
pub fn disclosure(html: &mut Writer, summary: &str, inside: impl FnOnce(&mut Writer)) {
    html.put("details", &[], |html| {
        html.leaf("summary", &[], summary);
        inside(html);
    });
}

/// A table of digests, each with what it is of.
pub fn digests<'t>(html: &mut Writer, caption: &str, digests: impl Iterator<Item = (&'t str, &'t str, &'t str)>) {
    html.put("table", &[], |html| {
        html.leaf("caption", &[], caption);
        columns(html, &["What", "Name and digest"]);
        html.put("tbody", &[], |html| {
            for (kind, name, digest) in digests {
                html.put("tr", &[], |html| {
                    html.leaf("td", &[], kind);
                    html.put("th", &[("scope", "row")], |html| {
                        html.text(name);
                        html.leaf("span", &[("class", "sub")], digest);
                    });
                });
            }
        });
    });
}

/// The head of a table.
pub fn columns(html: &mut Writer, names: &[&str]) {
    html.put("thead", &[], |html| {
        html.put("tr", &[], |html| {
            for name in names {
                html.leaf("th", &[("scope", "col")], name);
            }
        });
    });
}
