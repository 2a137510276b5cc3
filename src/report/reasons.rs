//! Why a control is not `pass`, in the order in which people read it: each finding once, under the criterion that it denies.

use crate::model::{Criterion, CriterionState, Finding, Judgement};

/// Some findings, and the criterion that they are about where it says more than they do.
pub struct Reason<'a> {
    /// A criterion that is not met. `None` where the findings are about whole groups or name their open criteria themselves.
    pub criterion: Option<&'a Criterion>,
    /// The findings in the judgement's order; empty where a finding about a group is why the criterion is open.
    pub findings: Vec<&'a Finding>,
}

/// All findings and all criteria that are not met, nothing twice.
pub fn reasons(judgement: &Judgement) -> Vec<Reason<'_>> {
    let owner = |finding: &Finding| {
        let id = finding.criterion.as_deref()?;
        judgement.criteria.iter().position(|c| c.id == id && c.state != CriterionState::Open)
    };
    let of = |index: Option<usize>| judgement.findings.iter().filter(|f| owner(f) == index).collect::<Vec<_>>();
    let mut out = vec![Reason { criterion: None, findings: of(None) }];
    for (index, criterion) in judgement.criteria.iter().enumerate() {
        let findings = of(Some(index));
        let named = judgement.findings.iter().any(|f| f.criterion.as_ref() == Some(&criterion.id));
        let silent = match criterion.state {
            CriterionState::Met => findings.is_empty(),
            CriterionState::Open => named,
            CriterionState::Denied | CriterionState::Contradicted => false,
        };
        if !silent {
            out.push(Reason { criterion: Some(criterion), findings });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn nothing_is_lost_and_nothing_twice() {
        for decision in [sample::go(), sample::no_go(), sample::hostile()] {
            for row in &decision.rows {
                let reasons = reasons(&row.judgement);
                let mut shown: Vec<&Finding> = reasons.iter().flat_map(|r| r.findings.iter().copied()).collect();
                shown.sort();
                let mut all: Vec<&Finding> = row.judgement.findings.iter().collect();
                all.sort();
                assert_eq!(shown, all, "{}", row.text.id);
                for criterion in row.judgement.criteria.iter().filter(|c| c.state != CriterionState::Met) {
                    let headed = reasons.iter().filter(|r| r.criterion == Some(criterion)).count();
                    let named = row.judgement.findings.iter().any(|f| f.criterion.as_ref() == Some(&criterion.id));
                    assert!(headed == 1 || (headed == 0 && named && criterion.state == CriterionState::Open), "{}", criterion.id);
                }
            }
        }
    }
}
