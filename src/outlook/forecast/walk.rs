//! From one end of a window to the next.

use super::candidates::{self, candidates};
use super::moment::{Moment, reference};
use super::sight::{Sight, assessed};
use super::turn::turn;
use super::{Fault, Forecaster};
use crate::exceptions::{Exceptions, Outcomes, outcomes};
use crate::facts::Facts;
use crate::facts::onepass::Layouts;
use crate::gate::{Entry, Question, ask};
use crate::model::forecast::Turn;
use crate::model::{Forecast, Gate, Instant, Millis, Outcome, Standing, Waiver, Window};
use bumpalo::Bump;
use serde_json::Value;
use std::collections::BTreeMap;

/// So many turns are told of.
const MOST_TURNS: usize = 500;

/// So many times are looked at.
const MOST_STEPS: usize = 200_000;

/// What stands for the forecast itself, and for the gate policy, among what is not proven.
const WHOLE: &str = "forecast";
const GATE: &str = "gate";

/// One forecast being made.
pub(super) struct Walk<'w> {
    forecaster: &'w Forecaster<'w>,
    facts: &'w Facts,
    exceptions: &'w Exceptions,
    waivers: Vec<&'w Waiver>,
    /// The dates of waivers and remediations.
    dates: Vec<Millis>,
    end: Millis,
    begin: Millis,
    /// Of what has no window of its own: the times at which it is judged, by the control's index, the gate's beyond them.
    tried: BTreeMap<usize, Vec<Millis>>,
}

/// The standings of controls, and until when (exclusive) each stays so.
struct Held {
    standings: Vec<Standing>,
    until: Vec<Millis>,
}

impl<'w> Walk<'w> {
    pub fn new(forecaster: &'w Forecaster<'w>, facts: &'w Facts, exceptions: &'w Exceptions) -> Self {
        let dates = exceptions.waivers.iter().flat_map(|w| [w.created_at, w.expires_at, w.remediation.target_date]);
        let dates = dates.chain(exceptions.remediations.iter().map(|r| r.target_date)).map(|date| date.ms).collect();
        let waivers = exceptions.waivers.iter().collect();
        Self { forecaster, facts, exceptions, waivers, dates, begin: 0, end: 0, tried: BTreeMap::new() }
    }

    /// Every turn from a time on.
    pub fn go(mut self, now: Instant, horizon: Millis) -> Result<Forecast, Fault> {
        (self.begin, self.end) = (now.ms, now.ms.saturating_add(horizon.max(1)));
        let layouts = Layouts::new(&self.forecaster.checklist.groups);
        let (assessed, arena) = (assessed(self.forecaster, self.facts), Bump::new());
        let sight = Sight::new(self.forecaster, self.facts, (&layouts, &assessed), &arena);
        let (mut scratch, mut held) = (Bump::new(), None);
        let (mut moment, mut next) = self.look(&sight, &mut held, now, &mut scratch)?;
        let gate = moment.gate;
        self.confirm(&moment, now)?;
        let (mut turns, mut steps) = (Vec::<Turn>::new(), 0);
        let mut cut = None;
        while next < self.end {
            let at = Instant { ms: next };
            steps += 1;
            if turns.len() >= MOST_TURNS || steps >= MOST_STEPS {
                cut = Some(at);
                break;
            }
            let (there, following) = self.look(&sight, &mut held, at, &mut scratch)?;
            if there != moment {
                self.confirm(&moment, Instant { ms: next - 1 })?;
                let findings = self.confirm(&there, at)?;
                turns.push(turn(at, (&moment, &there), &findings, (self.forecaster.checklist, self.exceptions)));
                moment = there;
            }
            next = following;
        }
        let until = cut.unwrap_or(Instant { ms: self.end });
        self.confirm(&moment, Instant { ms: until.ms - 1 })?;
        Ok(Forecast { from: now, until, gate, turns, unproven: self.unproven(cut) })
    }

    /// All that may turn at a time, and the first time after it at which any of it may.
    fn look<'a>(
        &mut self,
        sight: &Sight<'a>,
        held: &mut Option<Held>,
        now: Instant,
        scratch: &mut Bump,
    ) -> Result<(Moment, Millis), Fault> {
        self.judge(sight, held, now, scratch);
        let Some(Held { standings, until }) = held else {
            return Err(Fault::NoDecision { at: now, words: "nothing was judged".to_owned() });
        };
        let plan = &self.facts.plan;
        let Outcomes { outcomes, waived_by, states } = outcomes(self.forecaster.checklist, standings, &self.waivers, plan, now);
        let mut next = until.iter().copied().min().unwrap_or(self.end);
        next = self.dates.iter().copied().filter(|date| *date > now.ms).fold(next, Millis::min);
        let (gate, window) = self.gate((standings, &outcomes, &waived_by), now, scratch)?;
        next = next.min(window.map_or_else(|| self.next_tried(self.forecaster.checklist.controls.len(), now), |window| window.until));
        let overdue = (0..standings.len()).map(|index| self.is_overdue(index, outcomes[index], waived_by[index], now)).collect();
        let waivers = states.iter().map(crate::model::ExceptionState::word).collect();
        let moment = Moment { standings: standings.clone(), outcomes, overdue, waivers, gate };
        Ok((moment, next.max(now.ms.saturating_add(1))))
    }

    /// Judges the controls whose window has ended.
    fn judge<'a>(&mut self, sight: &Sight<'a>, held: &mut Option<Held>, now: Instant, scratch: &mut Bump) {
        let count = self.forecaster.checklist.controls.len();
        let before = held.take();
        let known = sight.known(now);
        let mut after = Held { standings: Vec::with_capacity(count), until: Vec::with_capacity(count) };
        for index in 0..count {
            let kept = before.as_ref().and_then(|b| Some((b.standings.get(index)?, *b.until.get(index)?)));
            let (standing, until) = match kept {
                Some((standing, until)) if now.ms < until => (standing.clone(), until),
                _ => {
                    let (standing, window) = sight.judge(index, &known, now, scratch);
                    (standing, window.map_or_else(|| self.next_tried(index, now), |window| window.until))
                }
            };
            after.standings.push(standing);
            after.until.push(until);
        }
        *held = Some(after);
    }

    fn gate(
        &self,
        (standings, outcomes, waived_by): (&[Standing], &[Outcome], &[Option<usize>]),
        now: Instant,
        scratch: &mut Bump,
    ) -> Result<(Gate, Option<Window>), Fault> {
        scratch.reset();
        let Forecaster { checklist, gate, .. } = self.forecaster;
        let rows = checklist.controls.iter().zip(standings).zip(outcomes.iter().zip(waived_by));
        let entries: Vec<Entry<'_>> = rows
            .map(|((control, standing), (outcome, waiver))| Entry {
                id: &control.text.id,
                standing,
                outcome: *outcome,
                // Every waiver carries its remediation.
                excepted: waiver.is_some(),
            })
            .collect();
        let plan = &self.facts.plan;
        let question = Question { checklist, environment: &plan.environment, release: &plan.release, now_ms: now.ms };
        let mut window = Some(Window::ALWAYS);
        let answer = match gate {
            Some(gate) => gate.ask(&question, &entries, &mut window, scratch),
            None => {
                window = None;
                ask(&question, &entries)
            }
        };
        answer.map(|(gate, _)| (gate, window)).map_err(|error| Fault::NoDecision { at: now, words: error.to_string() })
    }

    /// Whether the remediation of a control's row is overdue.
    fn is_overdue(&self, index: usize, outcome: Outcome, waived_by: Option<usize>, now: Instant) -> bool {
        let Some(control) = self.forecaster.checklist.controls.get(index) else { return false };
        let waived = waived_by.and_then(|index| self.waivers.get(index)).map(|waiver| &waiver.remediation);
        let plan = &self.facts.plan;
        let own = || {
            let fits = |r: &&crate::model::Remediation| {
                r.control == control.text.id && r.environment == plan.environment && r.release == plan.release
            };
            self.exceptions.remediations.iter().find(fits)
        };
        outcome != Outcome::Pass && waived.or_else(own).is_some_and(|remediation| remediation.is_overdue(now))
    }

    /// The next time at which something without a window is judged.
    fn next_tried(&mut self, index: usize, now: Instant) -> Millis {
        let (checklist, facts, range) = (self.forecaster.checklist, self.facts, (self.begin, self.end));
        let tried = self.tried.entry(index).or_insert_with(|| {
            let document = |name: &String| {
                let stated = facts.groups.get(name)?;
                facts.documents.get(stated.document)?.document.value.get("facts")?.get(name)
            };
            let groups: Vec<&Value> = match checklist.controls.get(index) {
                Some(control) => control.text.facts.keys().filter_map(document).collect(),
                None => facts.groups.keys().filter_map(document).collect(),
            };
            candidates(groups.into_iter().chain([&checklist.parameters.value]), range)
        });
        let place = tried.partition_point(|at| *at <= now.ms);
        tried.get(place).copied().unwrap_or(self.end)
    }

    /// Holds a moment against the reference's word; the findings of each control come out.
    fn confirm(&self, moment: &Moment, at: Instant) -> Result<Vec<Vec<crate::model::Finding>>, Fault> {
        let checklist = self.forecaster.checklist;
        let (reference, findings) = reference(checklist, self.facts, self.exceptions, at)?;
        match moment.difference(&reference, checklist) {
            Some(words) => Err(Fault::Differs { at, words }),
            None => Ok(findings),
        }
    }

    fn unproven(&self, cut: Option<Instant>) -> Vec<(String, String)> {
        let Forecaster { checklist, outside, .. } = self.forecaster;
        let reason = |(index, tried): (&usize, &Vec<Millis>)| {
            let id = checklist.controls.get(*index).map_or(GATE, |control| control.text.id.as_str());
            let why = match outside.get(*index) {
                Some(Some(words)) => format!("its policy is not compiled ({words})"),
                _ => "its policy uses the clock in other ways than by comparing, or only the interpreter could judge it".to_owned(),
            };
            let most = 3 * candidates::MOST;
            let rest = if tried.len() >= most.saturating_sub(2) { ", the earliest ones" } else { "" };
            (id.to_owned(), format!("{why}: it was judged at {} likely times{rest}", tried.len()))
        };
        let mut out: Vec<(String, String)> = self.tried.iter().map(reason).collect();
        out.extend(
            cut.map(|at| {
                (WHOLE.to_owned(), format!("it has {MOST_TURNS} turns or more, and ends at {at}: nothing is said of later times"))
            }),
        );
        out
    }
}
