//! `golive.decision/1`: the decision for machines, as `schemas/decision.schema.json` describes it.
//!
//! The structs are a twin of the model, so that a change of the model is no change of the format.

use super::{Format, Look, encode, words};
use crate::model::decision::Origin;
use crate::model::{Blocking, Decision, Dossier, Evidence, ExceptionState, Finding, Instant, Remediation, Row, Waiver};
use serde::Serialize;
use serde_json::Value;

/// For programs.
pub struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "golive.decision/1 for programs, as schemas/decision.schema.json describes it"
    }

    fn render(&self, dossier: &Dossier<'_>, _look: &Look) -> String {
        let decision = dossier.decision;
        encode::document(&DecisionTwin::of(decision))
    }
}

/// The twin of a decision, for documents that hold one.
pub fn twin(decision: &Decision) -> impl Serialize + '_ {
    DecisionTwin::of(decision)
}

#[derive(Serialize)]
struct DecisionTwin<'a> {
    format: &'static str,
    environment: &'a str,
    release: &'a str,
    evaluated_at: String,
    clock: &'static str,
    recorded: bool,
    checklist: ChecklistTwin<'a>,
    facts: Vec<FactsTwin<'a>>,
    gate: &'static str,
    waived: usize,
    blocking: Vec<BlockingTwin<'a>>,
    controls: Vec<ControlTwin<'a>>,
    waivers: Vec<StandingTwin<'a>>,
    idle_remediations: Vec<IdleTwin<'a>>,
}

#[derive(Serialize)]
struct ChecklistTwin<'a> {
    id: &'a str,
    title: &'a str,
    version: &'a str,
    origin: &'a str,
    digest: &'a str,
    controls: usize,
    parameters: Vec<ParameterTwin<'a>>,
}

#[derive(Serialize)]
struct ParameterTwin<'a> {
    pointer: &'a str,
    default: &'a Value,
    value: &'a Value,
}

#[derive(Serialize)]
struct FactsTwin<'a> {
    name: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct BlockingTwin<'a> {
    by: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct ControlTwin<'a> {
    id: &'a str,
    area: &'a str,
    title: &'a str,
    verdict: &'static str,
    mark: &'static str,
    outcome: &'static str,
    criteria: Vec<CriterionTwin<'a>>,
    findings: Vec<FindingTwin<'a>>,
    facts: Vec<OriginTwin<'a>>,
    waiver: Option<WaiverTwin<'a>>,
    remediation: Option<RemediationTwin<'a>>,
    record_incomplete: bool,
}

#[derive(Serialize)]
struct CriterionTwin<'a> {
    id: &'a str,
    words: &'a str,
    state: &'static str,
}

#[derive(Serialize)]
struct FindingTwin<'a> {
    id: &'a str,
    criterion: Option<&'a str>,
    message: &'a str,
    pointers: &'a [String],
}

#[derive(Serialize)]
struct OriginTwin<'a> {
    group: &'a str,
    trust: &'static str,
    collected_at: String,
    collector: CollectorTwin<'a>,
    source: &'a str,
    evidence: Vec<EvidenceTwin<'a>>,
}

#[derive(Serialize)]
struct CollectorTwin<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct EvidenceTwin<'a> {
    uri: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct WaiverTwin<'a> {
    id: &'a str,
    control: &'a str,
    environment: &'a str,
    release: &'a str,
    findings: &'a [String],
    reason: &'a str,
    ticket: &'a str,
    requested_by: &'a str,
    approved_by: &'a str,
    created_at: String,
    expires_at: String,
    remediation: RemediationTwin<'a>,
}

#[derive(Serialize)]
struct StandingTwin<'a> {
    #[serde(flatten)]
    waiver: WaiverTwin<'a>,
    state: &'static str,
    uncovered: &'a [String],
}

#[derive(Serialize)]
struct RemediationTwin<'a> {
    owner: &'a str,
    action: &'a str,
    target_date: String,
    overdue: bool,
}

#[derive(Serialize)]
struct IdleTwin<'a> {
    control: &'a str,
    environment: &'a str,
    release: &'a str,
    #[serde(flatten)]
    remediation: RemediationTwin<'a>,
    why: &'a str,
}

impl<'a> DecisionTwin<'a> {
    fn of(decision: &'a Decision) -> Self {
        let now = decision.evaluated_at;
        let idle = |(remediation, why): &'a (Remediation, String)| IdleTwin {
            control: &remediation.control,
            environment: &remediation.environment,
            release: &remediation.release,
            remediation: RemediationTwin::of(remediation, now),
            why,
        };
        Self {
            format: "golive.decision/1",
            environment: &decision.environment,
            release: &decision.release,
            evaluated_at: decision.evaluated_at.to_string(),
            clock: if decision.clock_given { "given" } else { "system" },
            recorded: decision.recorded,
            checklist: ChecklistTwin::of(decision),
            facts: decision.facts.iter().map(|(name, digest)| FactsTwin { name, sha256: hex(digest) }).collect(),
            gate: decision.gate.word(),
            waived: decision.waived(),
            blocking: decision.blocking.iter().map(|Blocking { by, message }| BlockingTwin { by, message }).collect(),
            controls: decision.rows.iter().map(|row| ControlTwin::of(row, now)).collect(),
            waivers: decision.waivers.iter().map(|(waiver, state)| StandingTwin::of(waiver, state, now)).collect(),
            idle_remediations: decision.idle_remediations.iter().map(idle).collect(),
        }
    }
}

/// The 64 digits: the field's name says what they are.
fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

impl<'a> ChecklistTwin<'a> {
    fn of(decision: &'a Decision) -> Self {
        let checklist = &decision.checklist;
        let parameters = checklist.parameters.iter();
        Self {
            id: &checklist.id,
            title: &checklist.title,
            version: &checklist.version,
            origin: &checklist.origin,
            digest: &checklist.digest,
            controls: checklist.controls,
            parameters: parameters
                .map(|change| ParameterTwin { pointer: &change.pointer, default: &change.default, value: &change.value })
                .collect(),
        }
    }
}

impl<'a> ControlTwin<'a> {
    fn of(row: &'a Row, now: Instant) -> Self {
        let judgement = &row.judgement;
        let criteria = judgement.criteria.iter();
        Self {
            id: &row.text.id,
            area: &row.text.area,
            title: &row.text.title,
            verdict: judgement.verdict.word(),
            mark: judgement.verdict.mark(),
            outcome: row.outcome.word(),
            criteria: criteria.map(|c| CriterionTwin { id: &c.id, words: &c.words, state: c.state.word() }).collect(),
            findings: judgement.findings.iter().map(FindingTwin::of).collect(),
            facts: row.origins.iter().map(OriginTwin::of).collect(),
            waiver: row.waiver.as_ref().map(|waiver| WaiverTwin::of(waiver, now)),
            remediation: row.remediation.as_ref().map(|remediation| RemediationTwin::of(remediation, now)),
            record_incomplete: row.is_incomplete(),
        }
    }
}

impl<'a> FindingTwin<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self { id: &finding.id, criterion: finding.criterion.as_deref(), message: &finding.message, pointers: &finding.pointers }
    }
}

impl<'a> OriginTwin<'a> {
    fn of(origin: &'a Origin) -> Self {
        Self {
            group: &origin.group,
            trust: origin.trust.word(),
            collected_at: origin.collected_at.to_string(),
            collector: CollectorTwin { name: &origin.collector.name, version: &origin.collector.version },
            source: &origin.source,
            evidence: origin.evidence.iter().map(|Evidence { uri, sha256 }| EvidenceTwin { uri, sha256 }).collect(),
        }
    }
}

impl<'a> WaiverTwin<'a> {
    fn of(waiver: &'a Waiver, now: Instant) -> Self {
        Self {
            id: &waiver.id,
            control: waiver.control(),
            environment: &waiver.remediation.environment,
            release: &waiver.remediation.release,
            findings: &waiver.findings,
            reason: &waiver.reason,
            ticket: &waiver.ticket,
            requested_by: &waiver.requested_by,
            approved_by: &waiver.approved_by,
            created_at: waiver.created_at.to_string(),
            expires_at: waiver.expires_at.to_string(),
            remediation: RemediationTwin::of(&waiver.remediation, now),
        }
    }
}

impl<'a> StandingTwin<'a> {
    fn of(waiver: &'a Waiver, state: &'a ExceptionState, now: Instant) -> Self {
        Self { waiver: WaiverTwin::of(waiver, now), state: state.word(), uncovered: words::uncovered(state) }
    }
}

impl<'a> RemediationTwin<'a> {
    fn of(remediation: &'a Remediation, now: Instant) -> Self {
        Self {
            owner: &remediation.owner,
            action: &remediation.action,
            target_date: remediation.target_date.to_string(),
            overdue: remediation.is_overdue(now),
        }
    }
}
