//! A checklist's policies compiled for the parameters in force.

use super::load::{Checklist, Control};
use crate::rego::checks::Context;
use crate::rego::compiled::{Outside, Program, Type, compile};
use crate::schema::Shape;
use std::collections::BTreeMap;

/// What a control's policy is asked for, in the order of its program's entries.
pub const CONTROL_RULES: [&str; 2] = ["violations", "met"];

/// What the gate policy is asked for, in the order of its program's entries.
pub const GATE_RULES: [&str; 2] = ["decision", "closed"];

/// Compiled policies; what stands outside the dialect is left to the interpreter.
#[derive(Debug)]
pub struct Compiled {
    /// One per control, in the checklist's order.
    pub controls: Vec<Result<Program, Outside>>,
    /// gate.rego.
    pub gate: Result<Program, Outside>,
}

impl Checklist {
    /// Compiles every control and the gate.
    pub fn compiled(&self) -> Compiled {
        let modules = self.engine.modules();
        let context = self.reading.context(&modules, &self.groups);
        let control = |(module, control)| self.compile(&context, module, control);
        let last = modules.len().saturating_sub(1);
        Compiled {
            controls: self.controls.iter().enumerate().map(control).collect(),
            gate: compile(&context, last, &GATE_RULES, &gate_input(), &self.parameters.value),
        }
    }

    /// Compiles some of the controls: one entry for each control, none for those that are not wanted.
    pub fn compiled_some(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Option<Result<Program, Outside>>> {
        let modules = self.engine.modules();
        let context = self.reading.context(&modules, &self.groups);
        let controls = self.controls.iter().enumerate();
        controls.map(|(module, control)| wanted(&control.text.id).then(|| self.compile(&context, module, control))).collect()
    }

    fn compile(&self, context: &Context<'_>, module: usize, control: &Control) -> Result<Program, Outside> {
        let input = input(control, &self.groups_of(control), self.reading.envelope);
        compile(context, module, &CONTROL_RULES, &input, &self.parameters.value)
    }

    fn groups_of<'s>(&'s self, control: &Control) -> BTreeMap<String, &'s Shape> {
        control.text.facts.keys().filter_map(|name| Some((name.clone(), &self.groups.get(name)?.shape))).collect()
    }
}

/// What a control's policy is given, as `evaluate` makes it.
fn input<'s>(control: &Control, groups: &BTreeMap<String, &'s Shape>, envelope: &'s Shape) -> Type<'s> {
    let facts = groups.iter().map(|(name, shape)| (name.clone(), Type::Node(shape)));
    let around = envelope_type(envelope);
    let envelopes = control.text.facts.keys().map(|name| (name.clone(), around.clone()));
    Type::record([
        ("environment".to_owned(), Type::Text),
        ("envelope".to_owned(), Type::record(envelopes)),
        ("facts".to_owned(), Type::record(facts)),
        ("now_ms".to_owned(), Type::Clock(1)),
        ("release".to_owned(), Type::Text),
    ])
}

/// What stands around a group: all but its value.
fn envelope_type(envelope: &Shape) -> Type<'_> {
    let names = envelope.keys();
    let members = names.iter().flat_map(crate::tree::Keys::names).filter(|name| *name != "value");
    Type::record(members.map(|name| {
        let kind = match &envelope.kind {
            crate::schema::Kind::Object(properties) => properties.get(name).map_or(Type::Int, Type::Node),
            _ => Type::Any,
        };
        (name.to_owned(), kind)
    }))
}

/// What the gate policy is given, as `gate` makes it.
fn gate_input<'s>() -> Type<'s> {
    let row = Type::record([
        ("findings".to_owned(), Type::List(std::rc::Rc::new(Type::Text))),
        ("id".to_owned(), Type::Text),
        ("outcome".to_owned(), Type::Text),
        ("verdict".to_owned(), Type::Text),
    ]);
    Type::record([
        ("controls".to_owned(), Type::List(std::rc::Rc::new(row))),
        ("environment".to_owned(), Type::Text),
        ("now_ms".to_owned(), Type::Clock(1)),
        ("release".to_owned(), Type::Text),
        ("required".to_owned(), Type::Int),
    ])
}
