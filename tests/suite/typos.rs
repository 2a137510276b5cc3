//! A slip of the pen in a path of a shipped policy is found at load: every name behind a point, every single-letter typo.

use golive::checklist::{Checklist, Files, contract, load};
use golive::rego::Limits;
use golive::rego::checks::{Context, ControlView, GateView, Index, check_modules};
use golive::rego::syntax::{Expr, ExprKind, Head, Module, Statement, StatementKind};
use golive::schema::{Kind, Schema, Shape};
use golive::text::{self, Problem, Span, read_json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// So many typos are made in one copy of the policies; what hides behind another typo is tried again.
const AT_ONCE: usize = 40;

/// A name in a policy: its module, its place, the name itself.
type Place = (usize, Span, String);

/// A typo: where, and what stands there instead.
type Typo = (Place, String);

/// A control or the gate with the shared modules that it reaches: indices of modules, itself first.
type Stand = Vec<usize>;

struct Ground {
    checklist: Checklist,
    parameters: Schema,
    modules: Vec<Module>,
    stands: Vec<Stand>,
}

impl Ground {
    fn new() -> Self {
        let files = Files::embedded();
        let checklist = load(&files, None, "prod", Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
        let source = files.get("schemas/parameters.schema.json").expect("a schema");
        let document = read_json(source.clone(), &text::Limits::default()).expect("JSON");
        let parameters = Schema::new(document, true).expect("a schema");
        let modules = checklist.engine.modules();
        let own = (0..checklist.controls.len()).chain([modules.len() - 1]);
        let stands = own.map(|first| stand(&modules, first)).collect();
        Self { checklist, parameters, modules, stands }
    }

    /// What the checks say of the policies of one stand.
    fn problems(&self, stand: &Stand, modules: &[Module]) -> Vec<Problem> {
        let Kind::Object(document) = &contract("envelope").expect("a schema").shape.kind else { panic!("no envelope") };
        let Kind::Map(envelope) = &document["facts"].kind else { panic!("no envelope") };
        let control = self.checklist.controls.get(stand[0]).map(|control| ControlView {
            id: control.text.id.clone(),
            module: 0,
            groups: control.text.facts.keys().cloned().collect(),
            criteria: control.text.criteria.iter().map(|(id, _)| (id.clone(), 0..0)).collect(),
            violations: control.text.violations.iter().map(|(c, v)| (c.clone(), v.denies.clone(), v.message.clone(), 0..0)).collect(),
        });
        let gate = GateView { module: 0, input: &contract("gate").expect("a schema").shape };
        let context = Context {
            modules,
            groups: self.checklist.groups.iter().map(|(name, schema)| (name.as_str(), &schema.shape)).collect(),
            envelope,
            parameters: &self.parameters.shape,
            controls: control.as_slice(),
            gate: control.is_none().then_some(gate),
            index: Index::new(modules),
        };
        check_modules(&context).err().unwrap_or_default()
    }

    /// The typos of one module that nothing is said of, whoever uses it.
    fn silent(&self, typos: &[Typo]) -> Vec<Typo> {
        let Some(((changed, ..), _)) = typos.first() else { return Vec::new() };
        let mut left = typos.to_vec();
        for stand in self.stands.iter().filter(|stand| stand.contains(changed)) {
            let mut modules: Vec<Module> = stand.iter().map(|index| self.modules[*index].clone()).collect();
            let at: BTreeMap<usize, &str> = left.iter().map(|((_, span, _), typo)| (span.start, typo.as_str())).collect();
            let here = stand.iter().position(|index| index == changed).expect("a module of the stand");
            each_name(&mut modules[here], &mut |span, name| {
                if let Some(typo) = at.get(&span.start) {
                    (*typo).clone_into(name);
                }
            });
            let problems = self.problems(stand, &modules);
            let told = |((_, span, _), _): &Typo| {
                problems.iter().filter_map(|p| p.labels.as_ref()).any(|(source, labels)| {
                    source.name == modules[here].source.name && labels.iter().any(|(at, _)| at.start <= span.start && span.end <= at.end)
                })
            };
            left.retain(|typo| !told(typo));
        }
        left
    }
}

/// A module and the shared ones that it imports, one through another.
fn stand(modules: &[Module], first: usize) -> Stand {
    let mut out = vec![first];
    let mut at = 0;
    while let Some(index) = out.get(at) {
        for import in &modules[*index].imports {
            let package = import.path.get(1..).unwrap_or_default();
            if let Some(found) = modules.iter().position(|m| m.package == package).filter(|found| !out.contains(found)) {
                out.push(found);
            }
        }
        at += 1;
    }
    out
}

/// What was tried, and what nothing was said of.
pub struct Found {
    /// Typos that were made.
    pub typos: usize,
    /// Names in which they were made.
    pub names: usize,
    /// Each typo that nothing was said of, in words.
    pub silent: Vec<String>,
}

/// Makes one in `share` typos of each name, on all threads.
pub fn look(share: usize) -> Found {
    let ground = Ground::new();
    for stand in &ground.stands {
        let modules: Vec<Module> = stand.iter().map(|index| ground.modules[*index].clone()).collect();
        assert!(ground.problems(stand, &modules).is_empty(), "the shipped policies have problems");
    }
    let places = places(&ground.modules);
    let rounds = rounds(&ground, &places, share);
    let typos = rounds.iter().map(Vec::len).sum();
    let (next, silent) = (Mutex::new(rounds.into_iter().flat_map(lots)), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(lot) = take(&next) {
                    let left = alone(&ground, lot);
                    silent.lock().expect("silent").extend(left);
                }
            });
        }
    });
    let words = |((module, span, name), typo): Typo| format!("{}:{}: `{name}` as `{typo}`", ground.modules[module].source.name, span.start);
    Found { typos, names: places.len(), silent: silent.into_inner().expect("silent").into_iter().map(words).collect() }
}

fn take(next: &Mutex<impl Iterator<Item = Vec<Typo>>>) -> Option<Vec<Typo>> {
    next.lock().expect("work").next()
}

/// The typos that are passed over in silence by themselves; in company one may hide behind another.
fn alone(ground: &Ground, mut typos: Vec<Typo>) -> Vec<Typo> {
    let mut size = typos.len();
    while !typos.is_empty() && size > 0 {
        typos = typos.chunks(size).flat_map(|chunk| ground.silent(chunk)).collect();
        size = if size == 1 { 0 } else { (size / 8).max(1) };
    }
    typos
}

/// The first typo of each place, then the second: so that those of one expression are not made at once.
fn rounds(ground: &Ground, places: &[Place], share: usize) -> Vec<Vec<Typo>> {
    let valid = valid_names(ground);
    let mut rounds: BTreeMap<usize, Vec<Typo>> = BTreeMap::new();
    for place in places {
        let typos = typos_of(&place.2).into_iter().filter(|typo| !valid.contains(typo));
        for (round, typo) in typos.enumerate().filter(|(round, _)| round % share == 0) {
            rounds.entry(round).or_default().push((place.clone(), typo));
        }
    }
    rounds.into_values().collect()
}

#[test]
fn a_typo_of_a_path_is_reported() {
    // One in a hundred: `cargo bench --bench fleet -- --typos` makes all of them.
    let found = look(100);
    crate::project::tell(&format!("{} typos of {} names", found.typos, found.names));
    assert!(found.typos > 5_000 && found.names > 500, "too few typos");
    assert!(found.silent.is_empty(), "nothing is said of {} typos:\n{}", found.silent.len(), found.silent.join("\n"));
}

/// The typos by their modules, in lots.
fn lots(typos: Vec<Typo>) -> Vec<Vec<Typo>> {
    let mut modules: BTreeMap<usize, Vec<Typo>> = BTreeMap::new();
    for typo in typos {
        modules.entry(typo.0.0).or_default().push(typo);
    }
    modules.into_values().flat_map(|typos| typos.chunks(AT_ONCE).map(<[Typo]>::to_vec).collect::<Vec<_>>()).collect()
}

/// Every name behind a point, once.
fn places(modules: &[Module]) -> Vec<Place> {
    let mut seen = BTreeSet::new();
    for (index, module) in modules.iter().enumerate() {
        each_name(&mut module.clone(), &mut |span, name| {
            seen.insert((index, span.start, span.end, name.clone()));
        });
    }
    seen.into_iter().map(|(module, start, end, name)| (module, start..end, name)).collect()
}

/// All that is a name somewhere in a schema, or of a rule: a typo that comes to one of these may be another valid path.
fn valid_names(ground: &Ground) -> BTreeSet<String> {
    let mut out: BTreeSet<String> = ground.checklist.groups.keys().cloned().collect();
    // A typo of a function that comes to a builtin is another function, and no path.
    out.extend(["count", "max", "min", "sum", "abs", "split", "lower", "upper"].map(str::to_owned));
    out.extend(["facts", "envelope", "environment", "release", "now_ms", "parameters", "input", "data"].map(str::to_owned));
    let shapes = ground.checklist.groups.values().map(|s| &s.shape).chain([&ground.parameters.shape]);
    let contracts = ["envelope", "gate"].map(|name| &contract(name).expect("a schema").shape);
    shapes.chain(contracts).for_each(|shape| names(shape, &mut out));
    out.extend(ground.modules.iter().flat_map(|m| m.rules.iter().map(|r| r.name.clone()).chain(m.package.clone())));
    out
}

fn names(shape: &Shape, out: &mut BTreeSet<String>) {
    match &shape.kind {
        Kind::Object(properties) => {
            for (name, below) in properties {
                out.extend([name.clone(), format!("{name}_ms")]);
                names(below, out);
            }
        }
        Kind::Map(below) | Kind::List { items: below, .. } => names(below, out),
        Kind::Choice(shapes) => shapes.iter().for_each(|s| names(s, out)),
        Kind::Leaf(_) => {}
    }
}

/// One letter more, less, other, or two in the other order.
fn typos_of(name: &str) -> BTreeSet<String> {
    let letters: Vec<char> = name.chars().collect();
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let alphabet = || ('a'..='z').chain(['_']);
    let mut out = BTreeSet::new();
    for at in 0..=letters.len() {
        for letter in alphabet() {
            let mut more = letters.clone();
            more.insert(at, letter);
            out.insert(text(&more));
            if at < letters.len() {
                let mut other = letters.clone();
                other[at] = letter;
                out.insert(text(&other));
            }
        }
        if at < letters.len() {
            let mut less = letters.clone();
            less.remove(at);
            out.insert(text(&less));
        }
        if at + 1 < letters.len() {
            let mut turned = letters.clone();
            turned.swap(at, at + 1);
            out.insert(text(&turned));
        }
    }
    out.remove(name);
    out.remove("");
    out
}

/// Calls `see` on each name of a path: behind a point, in `["name"]`, as the key of `object.get`, and in `at`.
fn each_name(module: &mut Module, see: &mut dyn FnMut(&Span, &mut String)) {
    for rule in &mut module.rules {
        let violation = rule.name == "violations";
        match &mut rule.head {
            Head::Set(Some(e)) => {
                if let (ExprKind::Object(fields), true) = (&mut e.kind, violation) {
                    fields.iter_mut().filter(|(k, _)| matches!(&k.kind, ExprKind::Text(t) if t == "at")).for_each(|(_, at)| texts(at, see));
                }
                expression(e, see);
            }
            Head::Value(Some(e)) | Head::Function(_, Some(e)) => expression(e, see),
            _ => {}
        }
        for body in &mut rule.bodies {
            body.value.iter_mut().for_each(|e| expression(e, see));
            body.statements.iter_mut().for_each(|s| statement(s, see));
        }
    }
}

/// The texts of a violation's paths.
fn texts(at: &mut Expr, see: &mut dyn FnMut(&Span, &mut String)) {
    match &mut at.kind {
        ExprKind::Text(name) => see(&at.span, name),
        ExprKind::Array(items) => items.iter_mut().for_each(|e| texts(e, see)),
        ExprKind::Comprehension(_, terms, _) => terms.iter_mut().for_each(|e| texts(e, see)),
        _ => {}
    }
}

fn statement(statement: &mut Statement, see: &mut dyn FnMut(&Span, &mut String)) {
    match &mut statement.kind {
        StatementKind::Declare(_) => {}
        StatementKind::SomeIn(key, value, collection) => key.iter_mut().chain([value, collection]).for_each(|e| expression(e, see)),
        StatementKind::Expr(e) | StatementKind::Not(e) => expression(e, see),
        StatementKind::Every(_, _, domain, body) => {
            expression(domain, see);
            for s in body {
                self::statement(s, see);
            }
        }
    }
}

fn expression(e: &mut Expr, see: &mut dyn FnMut(&Span, &mut String)) {
    match &mut e.kind {
        ExprKind::Constant(_) | ExprKind::Text(_) | ExprKind::Var(_) => {}
        ExprKind::Field(base, name, span) => {
            expression(base, see);
            see(span, name);
        }
        ExprKind::Index(base, index) => {
            expression(base, see);
            match &mut index.kind {
                ExprKind::Text(name) => see(&index.span, name),
                _ => expression(index, see),
            }
        }
        ExprKind::Call(name, span, arguments) => {
            if let [.., last] = name.as_mut_slice() {
                see(span, last);
            }
            if let ([package, function], [object, key, ..]) = (name.as_slice(), arguments.as_mut_slice())
                && (package.as_str(), function.as_str()) == ("object", "get")
                && let ExprKind::Text(text) = &mut key.kind
            {
                expression(object, see);
                see(&key.span, text);
            }
            for e in arguments {
                expression(e, see);
            }
        }
        ExprKind::Array(items) | ExprKind::Set(items) => items.iter_mut().for_each(|e| expression(e, see)),
        ExprKind::Object(fields) => fields.iter_mut().for_each(|(k, v)| {
            expression(k, see);
            expression(v, see);
        }),
        ExprKind::Comprehension(_, terms, body) => {
            for e in terms {
                expression(e, see);
            }
            for s in body {
                statement(s, see);
            }
        }
        ExprKind::Minus(a) => expression(a, see),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::SetOperation(a, b) | ExprKind::Assign(_, a, b) => {
            expression(a, see);
            expression(b, see);
        }
        ExprKind::In(key, value, collection) => {
            if let Some(key) = key {
                expression(key, see);
            }
            expression(value, see);
            expression(collection, see);
        }
    }
}
