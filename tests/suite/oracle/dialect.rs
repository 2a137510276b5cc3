//! Small policies at the edges of the compiled dialect (`fixtures/dialect/`): wherever the compiled path answers, the
//! interpreter answers the same. OPA is the third.

use super::compiled::{BOUNDS, grow, plain};
use super::opa::{Bridge, Opa};
use super::{LIMITS, bridge, normal};
use crate::differences::Differences;
use crate::project;
use golive::checklist::contract;
use golive::rego::checks::{Context, Index};
use golive::rego::compiled::{Halt, Machine, Outside, Program, Type, compile};
use golive::rego::syntax::{Head, Module};
use golive::rego::{Answer, Engine, EngineError, parse};
use golive::schema::Schema;
use golive::text::{Limits, Source, read_json};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What a file's first line says where OPA does not load it.
const NOT_FOR_OPA: &str = "# OPA refuses this file";
/// What follows the word of a rule on which the interpreter and OPA differ, with an input that is valid.
const UNLIKE_OPA: &str = ", unlike OPA";

#[test]
fn at_the_edges_of_the_dialect_the_compiled_path_answers_as_the_interpreter_or_asks() {
    let folder = project::root().join("fixtures/dialect");
    let ground = Ground::new(&folder);
    let bridge = bridge();
    let mut differences = Differences::default();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for path in project::files(&folder).into_iter().filter(|p| p.extension().is_some_and(|e| e == "rego")) {
        if path.starts_with(folder.join("refused")) {
            let refused = engine(&path, &ground).is_err();
            differences.hold(refused, || format!("{}: the engine takes it, and may answer nothing later", path.display()));
            continue;
        }
        probe(&path, &ground, bridge, &mut differences, &mut counts);
    }
    project::tell(&format!("dialect: {counts:?}"));
    assert!(counts.len() >= 3, "rules of all kinds are wanted: {counts:?}");
    differences.end("edges of the dialect");
}

/// What all files share: inputs by name, of which those that are valid are judged with their schema known, too.
struct Ground {
    schema: Schema,
    parameters: Value,
    inputs: Vec<(String, Value)>,
}

impl Ground {
    fn new(folder: &Path) -> Self {
        let path = folder.join("schema.json");
        let source = Arc::new(Source::new("fixtures/dialect/schema.json", project::text(&path)));
        let document = read_json(source, &Limits::default()).unwrap_or_else(|p| panic!("{p}"));
        let schema = Schema::new(document, false).unwrap_or_else(|p| panic!("{p:?}"));
        let inputs = project::json(&folder.join("inputs.json"));
        let inputs: Vec<(String, Value)> = inputs.as_object().expect("inputs by name").clone().into_iter().collect();
        assert!(inputs.iter().any(|(_, i)| schema.accepts(i)) && inputs.iter().any(|(_, i)| !schema.accepts(i)));
        Self { schema, parameters: project::json(&folder.join("parameters.json")), inputs }
    }
}

fn name(path: &Path) -> String {
    path.strip_prefix(project::root()).expect("a file of the project").to_string_lossy().into_owned()
}

fn engine(path: &Path, ground: &Ground) -> Result<Engine, EngineError> {
    let (parsed, unparsed) = parse(vec![Arc::new(Source::new(name(path), project::text(path)))]);
    assert!(unparsed.is_empty(), "{unparsed:?}");
    Engine::new(parsed, &ground.parameters, LIMITS)
}

/// All rules of one file.
fn probe(path: &Path, ground: &Ground, bridge: Option<Bridge>, differences: &mut Differences, counts: &mut BTreeMap<&'static str, usize>) {
    let name = name(path);
    let text = project::text(path);
    let engine = engine(path, ground).unwrap_or_else(|e| panic!("{name}: {e}"));
    let modules = engine.modules();
    let module = &modules[0];
    let opa = bridge.filter(|_| !text.starts_with(NOT_FOR_OPA)).map(|bridge| {
        let opa = Opa::new(bridge);
        opa.policy(&name, &text);
        opa.parameters(&ground.parameters);
        opa
    });
    for (rule, word) in directives(module, &text, &name) {
        let (word, unlike) = word.strip_suffix(UNLIKE_OPA).map_or((word, false), |word| (word, true));
        let place = format!("{name}, {rule}");
        let probe = Probe { ground, engine: &engine, modules: &modules, rule: &rule, place: &place };
        let reference: Vec<Result<Value, String>> = ground.inputs.iter().map(|(_, input)| probe.interpreter(input)).collect();
        let untyped = probe.compiled(&Type::Any, &reference, false, differences);
        let typed = probe.compiled(&Type::Node(&ground.schema.shape), &reference, true, differences);
        let worst = typed.last().copied().unwrap_or("nothing");
        differences.equal(format!("{place}: with the schema known (without it {untyped:?})"), &word, &worst);
        *counts.entry(worst).or_default() += 1;
        let Some(opa) = &opa else { continue };
        let unlike_now: Vec<String> = ground
            .inputs
            .iter()
            .zip(&reference)
            .filter(|((_, input), _)| ground.schema.accepts(input))
            .filter_map(|(i, r)| probe.unlike(opa, i, r))
            .collect();
        differences.hold(unlike_now.is_empty() != unlike, || format!("{place}: unlike OPA {unlike_now:?}"));
    }
}

/// The word in the line above each rule: the worst that the compiled path says of it. Every rule but functions and helpers
/// (`_name`) has one.
fn directives<'t>(module: &Module, text: &'t str, name: &str) -> Vec<(String, &'t str)> {
    let mut out: Vec<(String, &str)> = Vec::new();
    let mut known = BTreeSet::new();
    for rule in module.rules.iter().filter(|r| !r.name.starts_with('_') && !matches!(r.head, Head::Function(..))) {
        if !known.insert(rule.name.clone()) {
            continue;
        }
        let above = text[..rule.span.start].lines().next_back().filter(|line| line.starts_with("# "));
        out.push((rule.name.clone(), above.unwrap_or_else(|| panic!("{name}: no word above `{}`", rule.name)).trim_start_matches("# ")));
    }
    assert!(!out.is_empty(), "{name}: no rule");
    out
}

struct Probe<'p> {
    ground: &'p Ground,
    engine: &'p Engine,
    modules: &'p [Module],
    rule: &'p str,
    place: &'p str,
}

impl Probe<'_> {
    fn path(&self) -> String {
        format!("{}.{}", self.modules[0].package.join("."), self.rule)
    }

    fn interpreter(&self, input: &Value) -> Result<Value, String> {
        match self.engine.evaluate(&[&format!("data.{}", self.path())], input, LIMITS).map(|mut answers| answers.remove(0)) {
            Ok(Answer::Value(value)) => Ok(numbers(value)),
            Ok(Answer::Undefined) => Ok(json!("<undefined>")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What the compiled path said, sorted: `answers`, `asks`, `outside`. An answer is held against the interpreter's.
    fn compiled(
        &self,
        kind: &Type<'_>,
        reference: &[Result<Value, String>],
        valid: bool,
        differences: &mut Differences,
    ) -> Vec<&'static str> {
        let Ok(program) = self.program(kind) else { return vec!["outside"] };
        let mut words = BTreeSet::new();
        for ((name, input), reference) in self.ground.inputs.iter().zip(reference) {
            if valid && !self.ground.schema.accepts(input) {
                continue;
            }
            let tree = if valid { grow(&self.ground.schema.shape, input) } else { plain(input) };
            let arena = bumpalo::Bump::new();
            let mut machine = Machine::new(&program, tree, &arena, BOUNDS);
            let said = match machine.value(0) {
                Ok(golive::tree::Value::Undefined) => Ok(json!("<undefined>")),
                Ok(value) => Ok(numbers(value.to_json().expect("a whole value"))),
                Err(Halt::Ask) => {
                    words.insert("asks");
                    continue;
                }
                Err(halt) => Err(format!("{halt:?}")),
            };
            words.insert("answers");
            let place = format!("{}, input {name}, {}", self.place, if valid { "schema known" } else { "schema not known" });
            differences.equal(place, reference, &said);
        }
        words.into_iter().collect()
    }

    fn program(&self, kind: &Type<'_>) -> Result<Program, Outside> {
        let envelope = contract("envelope").expect("the envelope's schema");
        let context = Context {
            modules: self.modules,
            groups: BTreeMap::new(),
            envelope: &envelope.shape,
            parameters: &self.ground.schema.shape,
            controls: &[],
            gate: None,
            index: Index::new(self.modules),
        };
        compile(&context, 0, &[self.rule], kind, &self.ground.parameters)
    }

    /// Where OPA says otherwise than the interpreter.
    fn unlike(&self, opa: &Opa, (name, input): &(String, Value), reference: &Result<Value, String>) -> Option<String> {
        let theirs = opa.rule(&self.path(), input).map(|value| value.unwrap_or_else(|| json!("<undefined>")));
        assert!(theirs.as_ref().err().is_none_or(|e| !e.contains("prepare_error")), "{}: {theirs:?}", self.place);
        let same = match (reference, &theirs) {
            (Err(_), Err(_)) => true,
            (Ok(ours), Ok(theirs)) => normal(Some(ours.clone())) == normal(Some(numbers(theirs.clone()))),
            _ => false,
        };
        (!same).then(|| format!("input {name}: interpreter {reference:?}, OPA {theirs:?}"))
    }
}

/// Whole floats as integers: an engine may write the same number in either way, and no finding's id holds a float.
fn numbers(value: Value) -> Value {
    match value {
        Value::Number(n) => match n.as_f64() {
            Some(float) if n.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                format!("{float:.0}").parse().map_or(Value::Number(n), Value::Number)
            }
            _ => Value::Number(n),
        },
        Value::Array(items) => items.into_iter().map(numbers).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, numbers(member))).collect(),
        other => other,
    }
}
