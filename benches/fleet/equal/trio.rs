//! Three engines on one control's part of a document.

use super::tally::Tally;
use crate::opa::{Bridge, Opa};
use bumpalo::Bump;
use golive::checklist::{CONTROL_RULES, Checklist, Compiled, Control, Files, contract};
use golive::facts::onepass::{Onepass, ReadFacts};
use golive::model::Instant;
use golive::rego::compiled::{Bounds, Halt, Machine, Program};
use golive::rego::{Answer, Limits};
use golive::schema::enrich;
use golive::tree::{Keys, Record, Value as Tree};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A busy machine is no reason for a difference.
const TIME: Duration = Duration::from_secs(60);
const BOUNDS: Bounds = Bounds { time: TIME, memory: 256 << 20 };

/// `violations` and `met`, each sorted; an error in words.
type Answers = Result<[Vec<String>; 2], String>;

/// The interpreter, the compiled path as a batch feeds it, and OPA where it is installed, under the same parameters.
pub struct Trio<'c> {
    checklist: &'c Checklist,
    compiled: Compiled,
    keys: Vec<Keys>,
    input: Keys,
    onepass: Onepass,
    opa: Option<Opa>,
    now: Instant,
    arena: Bump,
}

impl<'c> Trio<'c> {
    pub fn new(checklist: &'c Checklist, now: Instant, bridge: Option<Bridge>) -> Self {
        let opa = bridge.map(|bridge| {
            let opa = Opa::new(bridge);
            let files = Files::embedded();
            for (path, source) in files.under("policies/").filter(|(path, _)| path.ends_with(".rego") && !Files::is_test(path)) {
                opa.policy(path, &source.text);
            }
            opa.policy("equal.rego", &entry(checklist));
            opa.parameters(&checklist.parameters.value);
            opa
        });
        let envelope = contract("envelope").expect("the envelope's schema");
        Self {
            checklist,
            compiled: checklist.compiled(),
            keys: checklist.controls.iter().map(|c| Keys::new(c.text.facts.keys().map(String::as_str))).collect(),
            input: Keys::new(["envelope", "environment", "facts", "now_ms", "release"]),
            onepass: Onepass::new(envelope, &checklist.groups).unwrap_or_else(|p| panic!("{p}")),
            opa,
            now,
            arena: Bump::new(),
        }
    }

    /// Compares every control that is wanted on a document.
    pub fn document(&mut self, name: &str, facts: &Value, text: &str, wanted: impl Fn(&str) -> bool, tally: &mut Tally) {
        let mut arena = std::mem::take(&mut self.arena);
        if let Some(read) = self.onepass.read(text.as_bytes(), &arena) {
            let seen = self.seen(facts);
            let opa = self.opa.as_ref().map(|opa| opa.rule("equal.answers", &seen));
            let controls = self.checklist.controls.iter().enumerate();
            for (at, control) in controls.filter(|(_, control)| wanted(&control.text.id)) {
                let stated = control.text.facts.keys().filter(|group| facts["facts"].get(group.as_str()).is_some());
                // A group off its schema is seen by no policy.
                if stated.clone().all(|group| seen["facts"].get(group.as_str()).is_some()) {
                    let opa = opa.as_ref().map(|answers| by_opa(answers, &control.text.id));
                    self.control(name, (at, control), (&part(control, &seen), opa), &read, (&arena, &mut *tally));
                }
            }
        }
        arena.reset();
        self.arena = arena;
    }

    fn control(
        &self,
        name: &str,
        (at, control): (usize, &Control),
        (input, opa): (&Value, Option<Answers>),
        read: &ReadFacts<'_>,
        (arena, tally): (&Bump, &mut Tally),
    ) {
        let id = &control.text.id;
        let program = self.compiled.controls[at].as_ref().unwrap_or_else(|outside| panic!("{id}: {outside}"));
        let slow = self.interpreter(id, input);
        match self.quick(program, at, read, arena) {
            Some(quick) => {
                tally.evaluations += 1;
                if let Ok([violations, met]) = &slow {
                    tally.violated += usize::from(!violations.is_empty());
                    tally.proven += usize::from(met.len() == control.text.criteria.len());
                }
                if slow.as_ref() != Ok(&quick) {
                    tally.differs(format!("{name}, {id}\n  interpreter {slow:?}\n  compiled    {quick:?}"));
                }
            }
            None => tally.asked += 1,
        }
        let Some(theirs) = opa else { return };
        tally.by_opa += 1;
        if slow != theirs {
            tally.differs(format!("{name}, {id}\n  interpreter {slow:?}\n  OPA         {theirs:?}"));
        }
    }

    /// The groups of a document that are valid, as the reference makes them. A group is seen whatever its age, trust and
    /// evidence: policies are compared here, not the host.
    fn seen(&self, document: &Value) -> Value {
        let (mut facts, mut envelope) = (Map::new(), Map::new());
        for (name, schema) in &self.checklist.groups {
            let Some(group) = document["facts"].get(name) else { continue };
            let mut around = group.clone();
            let value = around.as_object_mut().and_then(|members| members.remove("value"));
            let collected = around["collected_at"].as_str().and_then(Instant::parse);
            let (Some(mut value), Some(collected)) = (value, collected) else { continue };
            if schema.accepts(&value) {
                enrich(&schema.shape, &mut value);
                around["collected_at_ms"] = json!(collected.ms);
                facts.insert(name.clone(), value);
                envelope.insert(name.clone(), around);
            }
        }
        json!({
            "facts": facts,
            "envelope": envelope,
            "environment": document["environment"],
            "release": document["release"],
            "now_ms": self.now.ms,
        })
    }

    fn interpreter(&self, id: &str, input: &Value) -> Answers {
        let [violations, met] = CONTROL_RULES.map(|rule| format!("data.golive.controls.{id}.{rule}"));
        let answers = self.checklist.engine.evaluate(&[&violations, &met], input, Limits { time: TIME }).map_err(|e| e.to_string())?;
        let list = |answer: &Answer| match answer {
            Answer::Value(Value::Array(members)) => Ok(sorted(members.iter().map(ToString::to_string))),
            other => Err(format!("no set: {other:?}")),
        };
        Ok([list(&answers[0])?, list(&answers[1])?])
    }

    /// What the compiled path answers; none where it asks the interpreter.
    fn quick<'a>(&'a self, program: &'a Program, at: usize, read: &ReadFacts<'a>, arena: &'a Bump) -> Option<[Vec<String>; 2]> {
        let mut machine = Machine::new(program, self.tree(at, read, arena), arena, BOUNDS);
        let mut members = |entry| match machine.members(entry) {
            Ok(members) => Some(sorted(members.iter().map(|member| member.to_json().expect("a whole value").to_string()))),
            Err(Halt::Ask) => None,
            Err(halt) => panic!("{halt:?}"),
        };
        Some([members(0)?, members(1)?])
    }

    /// The same input out of the groups that were read in one pass.
    fn tree<'a>(&'a self, at: usize, read: &ReadFacts<'a>, arena: &'a Bump) -> Tree<'a> {
        let keys = &self.keys[at];
        let stated = |name: &str| {
            let place = self.checklist.groups.keys().position(|group| group == name)?;
            read.groups[place]
        };
        let groups: Vec<_> = keys.names().map(stated).collect();
        let record = |values: Vec<Tree<'a>>| {
            let words = std::iter::once(Tree::Keys(keys)).chain(values);
            Tree::Object(Record::new(arena.alloc_slice_copy(&words.collect::<Vec<_>>())))
        };
        let words = [
            Tree::Keys(&self.input),
            record(groups.iter().map(|group| group.map_or(Tree::Undefined, |g| g.envelope)).collect()),
            Tree::Text(read.environment),
            record(groups.iter().map(|group| group.and_then(|g| g.value).unwrap_or(Tree::Undefined)).collect()),
            Tree::Int(self.now.ms),
            Tree::Text(read.release),
        ];
        Tree::Object(Record::new(arena.alloc(words)))
    }
}

/// One rule for all controls: OPA reads a document once, and prepares one query.
fn entry(checklist: &Checklist) -> String {
    let answers = checklist.controls.iter().map(|control| {
        let id = &control.text.id;
        let [violations, met] = CONTROL_RULES.map(|rule| format!("\"{rule}\": data.golive.controls.{id}.{rule}"));
        format!("\t\"{id}\": {{{violations}, {met}}},\n")
    });
    format!("package equal\n\nanswers := {{\n{}}}\n", answers.collect::<String>())
}

/// What a control sees of the groups that are valid.
fn part(control: &Control, seen: &Value) -> Value {
    let own = |of: &Value| -> Map<String, Value> {
        control.text.facts.keys().filter_map(|name| Some((name.clone(), of.get(name)?.clone()))).collect()
    };
    json!({
        "facts": own(&seen["facts"]),
        "envelope": own(&seen["envelope"]),
        "environment": seen["environment"],
        "release": seen["release"],
        "now_ms": seen["now_ms"],
    })
}

/// One control's answers out of all.
fn by_opa(answers: &Result<Option<Value>, String>, id: &str) -> Answers {
    let all = answers.as_ref().map_err(Clone::clone)?.as_ref().ok_or("no answers")?;
    let list = |rule: &str| match &all[id][rule] {
        Value::Array(members) => Ok(sorted(members.iter().map(ToString::to_string))),
        other => Err(format!("no set: {other:?}")),
    };
    Ok([list(CONTROL_RULES[0])?, list(CONTROL_RULES[1])?])
}

fn sorted(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut words: Vec<String> = words.collect();
    words.sort();
    words.dedup();
    words
}
