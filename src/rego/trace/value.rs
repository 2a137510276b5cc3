//! Values that know where they come from.

use super::Halt;
use serde_json::Value as Json;
use std::cmp::Ordering;
use std::rc::Rc;

/// A place in the input or in the parameters: tokens that begin with `input` or `data`.
#[derive(Debug, Clone)]
pub(super) struct Path(Rc<Node>);

#[derive(Debug)]
struct Node {
    parent: Option<Path>,
    token: String,
}

impl Path {
    pub fn root(token: &str) -> Self {
        Self(Rc::new(Node { parent: None, token: token.to_owned() }))
    }

    pub fn join(&self, token: &str) -> Self {
        Self(Rc::new(Node { parent: Some(self.clone()), token: token.to_owned() }))
    }

    pub fn tokens(&self) -> Vec<String> {
        let mut out = self.0.parent.as_ref().map(Self::tokens).unwrap_or_default();
        out.push(self.0.token.clone());
        out
    }
}

/// What was looked at.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub path: Path,
    /// The whole value, not only which members it has.
    pub deep: bool,
}

/// A value and its sources.
#[derive(Debug, Clone)]
pub(super) struct Val<'a> {
    pub data: Data<'a>,
    /// Where it stands, for what was not computed.
    pub at: Option<Path>,
    /// What it was computed from.
    pub from: Vec<Read>,
}

#[derive(Debug, Clone)]
pub(super) enum Data<'a> {
    /// A part of the input or of the parameters.
    Json(&'a Json),
    /// A scalar that was made.
    Own(Json),
    List(Rc<Vec<Val<'a>>>),
    /// Members are distinct, in the order in which they were found.
    Set(Rc<Vec<Val<'a>>>),
    Object(Rc<Vec<(String, Val<'a>)>>),
}

impl<'a> Val<'a> {
    pub fn at(json: &'a Json, path: Path) -> Self {
        Self { data: Data::Json(json), at: Some(path), from: Vec::new() }
    }

    pub fn made(data: Data<'a>, from: Vec<Read>) -> Self {
        Self { data, at: None, from }
    }

    pub fn scalar(json: Json, from: Vec<Read>) -> Self {
        Self::made(Data::Own(json), from)
    }

    /// Everything that the value depends on.
    pub fn sources(&self) -> Vec<Read> {
        let own = self.at.iter().map(|path| Read { path: path.clone(), deep: true });
        let mut out: Vec<Read> = own.chain(self.from.iter().cloned()).collect();
        match &self.data {
            Data::List(items) | Data::Set(items) => out.extend(items.iter().flat_map(Val::sources)),
            Data::Object(members) => out.extend(members.iter().flat_map(|(_, v)| v.sources())),
            Data::Json(_) | Data::Own(_) => {}
        }
        out
    }

    /// What decides which members it has, where they themselves do not count.
    pub fn outline(&self) -> Vec<Read> {
        match (&self.data, &self.at) {
            (Data::Json(_), Some(path)) => vec![Read { path: path.clone(), deep: false }],
            // Which members a set that was made has hangs on the members.
            (Data::Set(_), _) => self.sources(),
            _ => self.from.clone(),
        }
    }

    /// A member by its name.
    pub fn member(&self, name: &str) -> Option<Val<'a>> {
        match &self.data {
            Data::Json(Json::Object(members)) => members.get(name).map(|v| self.below(v, name)),
            Data::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone()),
            _ => None,
        }
    }

    fn below(&self, json: &'a Json, token: &str) -> Val<'a> {
        Val { data: Data::Json(json), at: self.at.as_ref().map(|p| p.join(token)), from: self.from.clone() }
    }

    /// Keys and members of a collection; none where it is no collection.
    pub fn items(&self) -> Option<Vec<(Val<'a>, Val<'a>)>> {
        let key = |json: Json| Val::scalar(json, Vec::new());
        let numbered = |items: &Rc<Vec<Val<'a>>>| items.iter().enumerate().map(|(i, v)| (key(i.into()), v.clone())).collect::<Vec<_>>();
        Some(match &self.data {
            Data::Json(Json::Array(items)) => {
                items.iter().enumerate().map(|(i, v)| (key(i.into()), self.below(v, &i.to_string()))).collect()
            }
            Data::Json(Json::Object(members)) => members.iter().map(|(k, v)| (key(k.clone().into()), self.below(v, k))).collect(),
            Data::List(items) => numbered(items),
            Data::Set(items) => items.iter().map(|v| (v.clone(), v.clone())).collect(),
            Data::Object(members) => members.iter().map(|(k, v)| (key(k.clone().into()), v.clone())).collect(),
            _ => return None,
        })
    }

    /// As JSON, a set as a list.
    pub fn json(&self) -> Json {
        match &self.data {
            Data::Json(json) => (*json).clone(),
            Data::Own(json) => json.clone(),
            Data::List(items) | Data::Set(items) => items.iter().map(Val::json).collect(),
            Data::Object(members) => Json::Object(members.iter().map(|(k, v)| (k.clone(), v.json())).collect()),
        }
    }

    /// The JSON of a scalar.
    pub fn plain(&self) -> Option<&Json> {
        match &self.data {
            Data::Json(json) => Some(json).copied().filter(|j| !j.is_array() && !j.is_object()),
            Data::Own(json) => Some(json),
            _ => None,
        }
    }

    pub fn is_false(&self) -> bool {
        self.plain() == Some(&Json::Bool(false))
    }

    fn rank(&self) -> u8 {
        match &self.data {
            Data::Set(_) => 6,
            Data::List(_) => 4,
            Data::Object(_) => 5,
            Data::Json(json) => rank(json),
            Data::Own(json) => rank(json),
        }
    }

    /// Rego's order of all values.
    pub fn order(&self, other: &Val<'a>) -> Result<Ordering, Halt> {
        let ranks = self.rank().cmp(&other.rank());
        if ranks.is_ne() {
            return Ok(ranks);
        }
        if let (Some(a), Some(b)) = (self.plain(), other.plain()) {
            return scalars(a, b);
        }
        let sorted = |val: &Val<'a>| -> Result<Vec<(Val<'a>, Val<'a>)>, Halt> {
            let mut items = val.items().ok_or(Halt::Unsure)?;
            if matches!(val.data, Data::Set(_)) {
                sort(&mut items)?;
            }
            Ok(items)
        };
        let (a, b) = (sorted(self)?, sorted(other)?);
        let keyed = self.rank() == 5;
        for ((ak, av), (bk, bv)) in a.iter().zip(&b) {
            let keys = if keyed { ak.order(bk)? } else { Ordering::Equal };
            let order = if keys.is_ne() { keys } else { av.order(bv)? };
            if order.is_ne() {
                return Ok(order);
            }
        }
        Ok(a.len().cmp(&b.len()))
    }

    pub fn equals(&self, other: &Val<'a>) -> Result<bool, Halt> {
        self.order(other).map(Ordering::is_eq)
    }

    /// A set of these members, each once.
    pub fn set(members: Vec<Val<'a>>) -> Result<Val<'a>, Halt> {
        let mut distinct: Vec<Val<'a>> = Vec::new();
        for member in members {
            let mut known = false;
            for other in &distinct {
                known |= other.equals(&member)?;
            }
            if !known {
                distinct.push(member);
            }
        }
        Ok(Val::made(Data::Set(Rc::new(distinct)), Vec::new()))
    }
}

/// Sorts by values; an order that is not known is told.
fn sort<'a>(items: &mut [(Val<'a>, Val<'a>)]) -> Result<(), Halt> {
    let mut unsure = None;
    items.sort_by(|(_, a), (_, b)| {
        a.order(b).unwrap_or_else(|halt| {
            unsure = Some(halt);
            Ordering::Equal
        })
    });
    unsure.map_or(Ok(()), Err)
}

fn rank(json: &Json) -> u8 {
    match json {
        Json::Null => 0,
        Json::Bool(_) => 1,
        Json::Number(_) => 2,
        Json::String(_) => 3,
        Json::Array(_) => 4,
        Json::Object(_) => 5,
    }
}

fn scalars(a: &Json, b: &Json) -> Result<Ordering, Halt> {
    match (a, b) {
        (Json::Bool(a), Json::Bool(b)) => Ok(a.cmp(b)),
        (Json::String(a), Json::String(b)) => Ok(a.cmp(b)),
        (Json::Number(_), Json::Number(_)) => Ok(a.as_i64().ok_or(Halt::Unsure)?.cmp(&b.as_i64().ok_or(Halt::Unsure)?)),
        _ => Ok(Ordering::Equal),
    }
}
