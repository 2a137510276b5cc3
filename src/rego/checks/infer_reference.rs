//! The types of references and operators.

use super::super::syntax::{Expr, ExprKind};
use super::graph;
use super::infer::{Inference, Names};
use super::kinds;
use super::types::{Type, join, not_numeric, words_of};
use crate::schema::did_you_mean;
use crate::text::visible;
use std::collections::BTreeMap;

impl<'s> Inference<'_, 's> {
    /// The type of an expression; a leaf that it names is not counted as read yet.
    pub(super) fn reference(&mut self, module: usize, expr: &Expr, names: &mut Names<'s>) -> Type<'s> {
        match &expr.kind {
            ExprKind::Var(name) => self.name(module, name, names),
            ExprKind::Field(base, field, span) => {
                if let Some(found) = self.through_rule(module, expr) {
                    return found;
                }
                let base = self.reference(module, base, names);
                self.field(module, &base, field, span)
            }
            ExprKind::Index(base, index) => self.index(module, base, index, names),
            ExprKind::Call(name, _, arguments) => self.call(module, name, arguments, names),
            ExprKind::Comprehension(kind, terms, body) => {
                let mut inner = names.clone();
                self.statements(module, body, &mut inner);
                let found: Vec<_> = terms.iter().map(|t| self.value(module, t, &mut inner)).collect();
                match (*kind, found.into_iter().next()) {
                    ("array" | "set", Some(item)) => Type::List(Box::new(item)),
                    _ => Type::Unknown,
                }
            }
            ExprKind::Assign(_, left, right) => {
                let found = self.reference(module, right, names);
                if let ExprKind::Var(name) = &left.kind {
                    names.insert(name.clone(), found);
                } else {
                    self.read(&found);
                }
                Type::Unknown
            }
            ExprKind::Compare(operator, left, right) => self.compare(module, operator, [left, right], names),
            ExprKind::In(key, value, collection) => self.membership(module, key.as_deref(), value, collection, names),
            ExprKind::Arithmetic(_, left, right) => {
                for side in [left, right] {
                    let found = self.value(module, side, names);
                    if not_numeric(&found) {
                        self.refuse(module, "arithmetic on what is no number".to_owned(), &side.span, None);
                    }
                }
                Type::Number(Vec::new())
            }
            ExprKind::Array(items) | ExprKind::Set(items) => {
                let mut item = None;
                for e in items {
                    let found = self.value(module, e, names);
                    item = Some(join(item, found));
                }
                Type::List(Box::new(item.unwrap_or(Type::Unknown)))
            }
            ExprKind::Object(fields) => self.object(module, fields, names),
            ExprKind::Text(text) => Type::Words(vec![text.clone()]),
            _ => {
                for child in expr.children() {
                    self.value(module, child, names);
                }
                Type::Unknown
            }
        }
    }

    /// A member by its key: every word that the key may be is looked for.
    fn index(&mut self, module: usize, base: &Expr, index: &Expr, names: &mut Names<'s>) -> Type<'s> {
        let key = self.value(module, index, names);
        let base = self.reference(module, base, names);
        match key {
            Type::Words(words) if matches!(base, Type::Nodes(_) | Type::Open(_) | Type::Root(_)) => {
                let fields = words.iter().map(|word| self.field(module, &base, word, &index.span));
                fields.fold(None, |all, one| Some(join(all, one))).unwrap_or(Type::Unknown)
            }
            _ => Self::items(&base),
        }
    }

    /// An object of the policy's own: its members are looked at; whether they are read shows where they are used.
    fn object(&mut self, module: usize, fields: &[(Expr, Expr)], names: &mut Names<'s>) -> Type<'s> {
        let mut members = Some(BTreeMap::new());
        for (key, value) in fields {
            self.value(module, key, names);
            let found = self.reference(module, value, names);
            match (&key.kind, &mut members) {
                (ExprKind::Text(name), Some(members)) => drop(members.insert(name.clone(), found)),
                _ => {
                    self.read(&found);
                    members = None;
                }
            }
        }
        members.map_or(Type::Unknown, Type::Made)
    }

    fn membership(&mut self, module: usize, key: Option<&Expr>, value: &Expr, collection: &Expr, names: &mut Names<'s>) -> Type<'s> {
        if let Some(key) = key {
            self.value(module, key, names);
        }
        let found = self.value(module, value, names);
        if let ExprKind::Set(items) | ExprKind::Array(items) = &collection.kind {
            for item in items {
                self.word(module, &found, item);
            }
        }
        self.value(module, collection, names);
        Type::Unknown
    }

    fn name(&mut self, module: usize, name: &str, names: &Names<'s>) -> Type<'s> {
        if let Some(found) = names.get(name) {
            return found.clone();
        }
        match name {
            "input" => return Type::Root("input"),
            "data" => return Type::Root("data"),
            _ => {}
        }
        let context = self.context;
        if context.modules[module].rules.iter().any(|r| r.name == name) {
            return self.rules(module, name);
        }
        let import = context.modules[module].imports.iter().find(|i| i.alias == name);
        match import.map(|i| i.path.iter().map(String::as_str).collect::<Vec<_>>()) {
            Some(path) if path.first() == Some(&"input") || path.starts_with(&["data", "parameters"]) => {
                let span = import.map(|i| i.span.clone()).unwrap_or_default();
                let mut found = Type::Root(if path[0] == "input" { "input" } else { "data" });
                for field in &path[1..] {
                    found = self.field(module, &found, field, &span);
                }
                found
            }
            _ => Type::Unknown,
        }
    }

    /// `clock.limit` where `clock` is an import or a package path: the rule behind it, and the fields after it.
    fn through_rule(&mut self, module: usize, expr: &Expr) -> Option<Type<'s>> {
        let words: Vec<String> = expr.path()?.into_iter().map(str::to_owned).collect();
        let context = self.context;
        let is_package = words[0] == "data" && words.get(1).is_some_and(|w| w != "parameters");
        let is_import = context.modules[module]
            .imports
            .iter()
            .any(|i| i.alias == words[0] && i.path[0] == "data" && i.path.get(1).is_some_and(|w| w != "parameters"));
        if !is_package && !is_import {
            return None;
        }
        match graph::resolve(context, module, &words) {
            Some((target, name)) => Some(self.rules(target, &name)),
            None => {
                let prefix = (1..words.len()).any(|n| graph::resolve(context, module, &words[..n]).is_some());
                if prefix {
                    return None;
                }
                self.refuse(module, format!("nothing provides `{}`", visible(&words.join("."))), &expr.span, None);
                Some(Type::Unknown)
            }
        }
    }

    fn rules(&mut self, module: usize, name: &str) -> Type<'s> {
        if self.depth > 24 {
            return Type::Unknown;
        }
        self.depth += 1;
        let context = self.context;
        let mut out = None;
        for rule in graph::named(context, module, name) {
            let found = self.rule(module, rule, &[]);
            out = Some(join(out, found));
        }
        self.depth -= 1;
        out.unwrap_or(Type::Unknown)
    }

    fn compare(&mut self, module: usize, operator: &str, sides: [&Expr; 2], names: &mut Names<'s>) -> Type<'s> {
        let found = sides.map(|side| self.value(module, side, names));
        if matches!(operator, "<" | "<=" | ">" | ">=") {
            for (side, found) in sides.iter().zip(&found) {
                if not_numeric(found) {
                    let help = "Rego orders values of different types: compare numbers, for a time or a duration its `_ms`";
                    self.refuse(module, format!("`{operator}` on what may be no number"), &side.span, Some(help.to_owned()));
                }
            }
        } else {
            self.word(module, &found[0], sides[1]);
            self.word(module, &found[1], sides[0]);
            self.comparable(module, operator, sides, &found);
        }
        Type::Unknown
    }

    /// `==` between what can never be equal, and between texts of times, says another thing than it seems to.
    fn comparable(&mut self, module: usize, operator: &str, sides: [&Expr; 2], found: &[Type<'s>; 2]) {
        let span = sides[0].span.start..sides[1].span.end;
        if found.iter().all(kinds::is_time) {
            let help = "several texts mean the same moment or length: compare the numbers beside them (`_ms`)";
            self.refuse(module, format!("`{operator}` between times as texts"), &span, Some(help.to_owned()));
            return;
        }
        let (Some(left), Some(right)) = (kinds::kinds(sides[0], &found[0]), kinds::kinds(sides[1], &found[1])) else { return };
        if left.is_disjoint(&right) {
            let (left, right) = (kinds::words(&left), kinds::words(&right));
            let always = if operator == "==" { "never holds" } else { "always holds" };
            self.refuse(module, format!("`{operator}` between {left} and {right} {always}"), &span, None);
        }
    }

    /// A literal beside an enumeration must be one of its words.
    fn word(&mut self, module: usize, found: &Type<'s>, literal: &Expr) {
        let (Some(words), ExprKind::Text(text)) = (words_of(found), &literal.kind) else { return };
        if !words.contains(text) {
            let help = did_you_mean(text, words.iter().map(String::as_str));
            self.refuse(module, format!("the schema does not know the value \"{}\" here", visible(text)), &literal.span, help);
        }
    }
}
