//! Builtins of the dialect: which they are, what they give, and when they cannot fail.

use super::{Compiler, Outside, Typed};
use crate::rego::compiled::program::{Builtin, Expr};
use crate::rego::compiled::types::Type;
use crate::text::Span;
use std::rc::Rc;

/// The builtins that are compiled, by name, with the number of their arguments.
const COMPILED: &[(&str, Builtin, usize)] = &[
    ("contains", Builtin::Contains, 2),
    ("count", Builtin::Count, 1),
    ("endswith", Builtin::EndsWith, 2),
    ("is_array", Builtin::IsArray, 1),
    ("is_boolean", Builtin::IsBoolean, 1),
    ("is_null", Builtin::IsNull, 1),
    ("is_number", Builtin::IsNumber, 1),
    ("is_object", Builtin::IsObject, 1),
    ("is_string", Builtin::IsString, 1),
    ("max", Builtin::Max, 1),
    ("min", Builtin::Min, 1),
    ("split", Builtin::Split, 2),
    ("startswith", Builtin::StartsWith, 2),
    ("sum", Builtin::Sum, 1),
    ("trim_space", Builtin::TrimSpace, 1),
];

impl<'s> Compiler<'_, 's> {
    pub(super) fn builtin(&mut self, module: usize, name: &str, span: &Span, arguments: Vec<Typed<'s>>) -> Result<Typed<'s>, Outside> {
        let known = COMPILED.iter().find(|(known, _, count)| *known == name && *count == arguments.len());
        let Some((_, builtin, _)) = known else {
            return Self::outside(module, span, format!("the builtin `{name}`"));
        };
        for argument in &arguments {
            self.still(&argument.kind);
        }
        let texts = arguments.iter().all(|a| a.kind.is_text());
        let first = arguments.first().map_or(Type::Any, |a| a.kind.clone());
        let countable = first.is_collection() || first.is_text();
        let numbers = is_list_or_set(&first) && first.items().is_int();
        let (kind, sound) = match builtin {
            Builtin::Contains | Builtin::EndsWith | Builtin::StartsWith => (Type::Bool, texts),
            Builtin::Count => (Type::Int, countable),
            Builtin::IsArray | Builtin::IsBoolean | Builtin::IsNull | Builtin::IsNumber | Builtin::IsObject | Builtin::IsString => {
                (Type::Bool, true)
            }
            Builtin::Max | Builtin::Min => (first.items(), is_list_or_set(&first)),
            Builtin::Sum => (if numbers { Type::Int } else { Type::Any }, numbers),
            Builtin::Split => (Type::List(Rc::new(Type::Text)), texts),
            Builtin::TrimSpace => (Type::Text, texts),
        };
        let may_be_empty = matches!(builtin, Builtin::Max | Builtin::Min);
        let sure = arguments.iter().all(|a| a.sure) && !may_be_empty;
        let total = sound && arguments.iter().all(|a| a.total);
        Ok(Typed { expr: Expr::Builtin(*builtin, arguments.into_iter().map(|a| a.expr).collect()), kind, sure, total })
    }
}

fn is_list_or_set(kind: &Type<'_>) -> bool {
    kind.is_collection() && !kind.indices().is_text()
}
