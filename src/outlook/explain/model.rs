//! An explanation as plain data: what `golive.explanation/1` holds, in its order.

use super::change::Report;
use crate::model::Checklist;
use serde::Serialize;
use serde_json::Value as Json;

/// Why one control stands as it does.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// `golive.explanation/1`.
    pub format: &'static str,
    /// The control's id.
    pub control: String,
    /// The checklist's words for it.
    pub title: String,
    /// The planned environment.
    pub environment: String,
    /// The planned release.
    pub release: String,
    /// The evaluation's clock.
    pub evaluated_at: String,
    /// `given` or `system`.
    pub clock: &'static str,
    /// The checklist.
    pub checklist: Checklist,
    /// The facts documents: names and digests.
    pub facts: Vec<DocumentRow>,
    /// The verdict's word.
    pub verdict: &'static str,
    /// The checklist's mark.
    pub mark: &'static str,
    /// The groups that the control reads.
    pub groups: Vec<GroupRow>,
    /// Its criteria, in METADATA's order.
    pub criteria: Vec<CriterionRow>,
    /// Whether statements could be followed; where not, only rules are named.
    pub traced: bool,
    /// An error of the policy, in words.
    pub error: Option<String>,
    /// The smallest change that would turn it to `pass`.
    pub change: Report,
}

/// A facts document.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentRow {
    /// Its name.
    pub name: String,
    /// `sha256:…` of its bytes.
    pub digest: String,
}

/// A group of facts: where it comes from, and what is wrong with it.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// Its name.
    pub name: String,
    /// Where it comes from; none where nobody states it.
    pub origin: Option<OriginRow>,
    /// How old it may be.
    pub max_age: Option<String>,
    /// The lowest trust that the control accepts.
    pub accepts: &'static str,
    /// What is wrong with it, and what is wanted.
    pub faults: Vec<FaultRow>,
}

/// Where a group comes from.
#[derive(Debug, Clone, Serialize)]
pub struct OriginRow {
    /// The facts document.
    pub document: String,
    /// The collector's name and version.
    pub collector: String,
    /// From where it was collected.
    pub source: String,
    /// When.
    pub collected_at: String,
    /// How long before the evaluation.
    pub age: String,
    /// `observed` or `attested`.
    pub trust: &'static str,
    /// Links to what backs it.
    pub evidence: Vec<String>,
}

/// Why a group cannot be used.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRow {
    /// The fault's word.
    pub fault: &'static str,
    /// What is wrong.
    pub message: String,
    /// What is wanted.
    pub wanted: String,
}

/// A criterion.
#[derive(Debug, Clone, Serialize)]
pub struct CriterionRow {
    /// Its id.
    pub id: String,
    /// Its words.
    pub words: String,
    /// `met`, `denied`, `open` or `contradicted`.
    pub state: &'static str,
    /// Groups that cannot be used, where they leave it open.
    pub blind: Vec<String>,
    /// The rules that could meet it.
    pub rules: Vec<RuleRow>,
    /// What the rule that met it compared.
    pub compared: Vec<CompareRow>,
    /// What stopped each of its rules.
    pub stopped: Vec<StopRow>,
    /// The violations that deny it.
    pub violations: Vec<ViolationRow>,
}

/// A rule as it is written.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRow {
    /// The policy's file.
    pub file: String,
    /// The number of its first line.
    pub line: usize,
    /// Its lines.
    pub text: Vec<String>,
}

/// A statement in a policy.
#[derive(Debug, Clone, Serialize)]
pub struct At {
    /// The policy's file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The statement as it is written.
    pub text: String,
}

/// A comparison with both its sides.
#[derive(Debug, Clone, Serialize)]
pub struct CompareRow {
    /// Where it stands.
    pub at: At,
    /// The operator.
    pub operator: &'static str,
    /// The left side.
    pub left: OperandRow,
    /// The right side.
    pub right: OperandRow,
}

/// One side of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct OperandRow {
    /// As it is written.
    pub text: String,
    /// Its value; none for what has many parts.
    pub value: Option<Json>,
    /// Its value for people.
    pub says: String,
    /// What it was made of.
    pub sources: Vec<SourceRow>,
}

/// A fact, a parameter or something about the plan that a value was made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceRow {
    /// `fact`, `parameter`, `plan`, or `made` where the policy itself made it.
    pub kind: &'static str,
    /// A JSON pointer into the facts document, or the name of the parameter; empty for what was made.
    pub place: String,
    /// The value there; none for what has many parts.
    pub value: Option<Json>,
    /// How many members it has, where it is a list.
    pub members: Option<usize>,
}

/// A statement that stopped.
#[derive(Debug, Clone, Serialize)]
pub struct StopRow {
    /// Where it stands.
    pub at: At,
    /// `false`, `undefined`, `held`, `members` or `called`.
    pub why: &'static str,
    /// In words.
    pub says: String,
    /// What it compared.
    pub compared: Option<CompareRow>,
    /// Of what something is missing.
    pub missing: Option<OperandRow>,
    /// The members of a collection that stopped, or the definitions of a function.
    pub below: Vec<BelowRow>,
    /// How many more there are.
    pub more: usize,
}

/// One member or definition, and what stopped it.
#[derive(Debug, Clone, Serialize)]
pub struct BelowRow {
    /// The member's name in the policy, or the name of the function.
    pub name: String,
    /// Which member it is; none for a function.
    pub source: Option<SourceRow>,
    /// What stopped it.
    pub stop: StopRow,
}

/// A violation that holds.
#[derive(Debug, Clone, Serialize)]
pub struct ViolationRow {
    /// The finding's id.
    pub finding: String,
    /// Its words.
    pub message: String,
    /// Where it points, and what stands there.
    pub facts: Vec<SourceRow>,
    /// The rule that found it.
    pub rule: Option<RuleRow>,
    /// What it compared.
    pub compared: Vec<CompareRow>,
}
