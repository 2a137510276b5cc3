//! What policies are compiled to: rules as trees of expressions over numbered places, parameters folded in.

use crate::tree::{Keys, Value};

/// A place of the frame of one definition.
pub(super) type Slot = usize;

/// Compiled policies: some rules that are asked for, and all that they use.
#[derive(Debug)]
pub struct Program {
    pub(super) rules: Vec<Rule>,
    /// The rules that are asked for, in the order in which they were named.
    pub(super) entries: Vec<usize>,
    /// Each use of the clock is a comparison of which it is known when it turns.
    pub(super) steady: bool,
}

/// A rule with all its definitions. Its value is found once for each document.
#[derive(Debug)]
pub(super) struct Rule {
    pub kind: RuleKind,
    pub definitions: Vec<Definition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleKind {
    /// `name := value`.
    Value,
    /// `name contains member`.
    Set,
}

/// One way in which a rule or a function comes to a value.
#[derive(Debug)]
pub(super) struct Definition {
    pub body: Vec<Statement>,
    /// The value, or the member.
    pub value: Expr,
    /// The first solution of the body settles it: every other gives the same value, and none can be an error.
    pub first: bool,
    /// How many places a rule's frame has; unused for a function, which lives in the frame of its caller.
    pub frame: usize,
}

/// One statement, which holds or does not.
#[derive(Debug)]
pub(super) enum Statement {
    Holds(Expr),
    Not(Expr),
    Let(Slot, Expr),
    /// For each member of a collection: what follows it in the body.
    Some {
        key: Option<Slot>,
        value: Option<Slot>,
        within: Expr,
    },
    /// For every member of a collection: its body. `first`: one solution of the body settles a member.
    Every {
        key: Option<Slot>,
        value: Slot,
        within: Expr,
        body: Vec<Statement>,
        first: bool,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Constant(Value<'static>),
    Local(Slot),
    Input,
    /// A member of a local record: the commonest of all.
    Field(Slot, Slot),
    /// Members of members of a local record.
    LocalPath(Slot, Box<[Slot]>),
    /// Members of the input.
    InputPath(Box<[Slot]>),
    Rule(usize),
    /// Members of records whose slots are known from the schema.
    Path(Box<Expr>, Box<[Slot]>),
    /// A member by its name.
    Member(Box<Expr>, &'static str),
    Index(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// A comparison of integers whose difference grows with the clock, or falls.
    Clock {
        comparison: Comparison,
        grows: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Arithmetic(Operation, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Box<Expr>),
    List(Vec<Expr>),
    Set(Vec<Expr>),
    /// Members in the order in which they are written, each with its slot.
    Record(&'static Keys, Vec<(Slot, Expr)>),
    Comprehension(std::sync::Arc<Comprehension>),
    Call(std::sync::Arc<Call>),
    Builtin(Builtin, Vec<Expr>),
}

#[derive(Debug)]
pub(super) struct Comprehension {
    pub is_set: bool,
    pub term: Expr,
    pub body: Vec<Statement>,
}

/// A function, written out where it is called.
#[derive(Debug)]
pub(super) struct Call {
    /// What is found first; one that is undefined makes the call undefined.
    pub arguments: Vec<(Option<Slot>, Expr)>,
    pub definitions: Vec<Case>,
    /// The first definition that comes to a value settles it.
    pub first: bool,
    /// It is true or undefined, never anything else.
    pub is_condition: bool,
}

#[derive(Debug)]
pub(super) struct Case {
    /// Arguments that must equal a literal.
    pub literals: Vec<(Expr, Value<'static>)>,
    pub definition: Definition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Plus,
    Minus,
    Times,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    Contains,
    Count,
    EndsWith,
    IsArray,
    IsBoolean,
    IsNull,
    IsNumber,
    IsObject,
    IsString,
    Max,
    Min,
    Split,
    StartsWith,
    Sum,
    TrimSpace,
}
