//! Where a violation points to: each path of `at` leads to a place that a schema knows.

use super::super::syntax::{Expr, ExprKind};
use super::infer::{Inference, Names};
use super::types::{Type, flat, join};
use crate::schema::Kind;

impl<'s> Inference<'_, 's> {
    /// Looks at the paths of a violation's head.
    pub(super) fn pointers(&mut self, module: usize, head: &Expr, names: &mut Names<'s>) {
        let ExprKind::Object(fields) = &head.kind else { return };
        let Some((_, at)) = fields.iter().find(|(key, _)| matches!(&key.kind, ExprKind::Text(name) if name == "at")) else { return };
        match &at.kind {
            ExprKind::Array(paths) => paths.iter().for_each(|path| self.pointer(module, path, names)),
            ExprKind::Comprehension(_, terms, body) => {
                let mut inner = names.clone();
                self.statements(module, body, &mut inner);
                for path in terms {
                    self.pointer(module, path, &mut inner);
                }
            }
            _ => {}
        }
    }

    fn pointer(&mut self, module: usize, path: &Expr, names: &mut Names<'s>) {
        let ExprKind::Array(tokens) = &path.kind else { return };
        let mut found = Type::Root("input.facts");
        for token in tokens {
            found = self.step(module, &found, token, names);
        }
    }

    fn step(&mut self, module: usize, found: &Type<'s>, token: &Expr, names: &mut Names<'s>) -> Type<'s> {
        match self.reference(module, token, names) {
            Type::Words(words) => {
                let below = words.iter().map(|word| self.field(module, found, word, &token.span));
                below.fold(None, |all, one| Some(join(all, one))).unwrap_or(Type::Unknown)
            }
            // A number is the place in a list, another text the key of a map.
            _ if is_list(found) => Self::items(found),
            _ => Type::Unknown,
        }
    }
}

fn is_list(found: &Type<'_>) -> bool {
    let Type::Nodes(nodes) = found else { return false };
    flat(nodes).iter().all(|(_, shape)| matches!(shape.kind, Kind::List { .. } | Kind::Map(_)))
}
