//! From what a compiled policy emits to the id of a finding.

use crate::model::ControlText;
use crate::tree::Value;

/// Reads one element of `violations`: the index of the criterion that it denies, and its id. None for whatever is not as it
/// should be, which the interpreter's reader explains.
pub(super) fn read(control: &ControlText, value: Value<'_>) -> Option<(usize, String)> {
    let Value::Object(violation) = value else { return None };
    let Value::Text(code) = violation.get("code") else { return None };
    let text = control.violations.get(code)?;
    let criterion = control.criteria.iter().position(|(id, _)| *id == text.denies)?;
    let Value::List(paths) = violation.get("at") else { return None };
    if !paths.iter().all(|path| is_path(control, *path)) || !matches!(violation.get("values"), Value::Object(_)) {
        return None;
    }
    let id = match violation.get("subject") {
        Value::Undefined => code.to_owned(),
        subject => {
            let mut id = String::with_capacity(64);
            id.push_str(code);
            id.push('[');
            subject_into(subject, &mut id)?;
            id.push(']');
            id
        }
    };
    Some((criterion, id))
}

/// Whether a path begins with one of the control's groups.
fn is_path(control: &ControlText, path: Value<'_>) -> bool {
    match path {
        Value::List([Value::Text(group), ..]) => control.facts.contains_key(*group),
        _ => false,
    }
}

/// A subject as the host writes it: parts joined with `/`, which is escaped in every part but the last.
fn subject_into(subject: Value<'_>, out: &mut String) -> Option<()> {
    match subject {
        Value::Text(text) => out.push_str(text),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::List(parts) => {
            let last = parts.len().saturating_sub(1);
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push('/');
                }
                let start = out.len();
                subject_into(*part, out)?;
                if at < last && out[start..].contains(['~', '/']) {
                    let escaped = out[start..].replace('~', "~0").replace('/', "~1");
                    out.truncate(start);
                    out.push_str(&escaped);
                }
            }
        }
        _ => return None,
    }
    Some(())
}
