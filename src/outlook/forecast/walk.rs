//! From one end of a window to the next.

use super::candidates::{self, candidates};
use super::moment::{Moment, reference};
use super::sight::{Sight, assessed};
use super::turn::turn;
use super::{Fault, Forecaster};
use crate::evaluate::Said;
use crate::exceptions::{Exceptions, Outcomes, outcomes};
use crate::facts::Facts;
use crate::facts::onepass::Layouts;
use crate::gate::{Entry, Question, ask};
use crate::model::forecast::Turn;
use crate::model::{Forecast, Gate, Instant, Millis, Outcome, Standing, Waiver, Window};
use bumpalo::Bump;
use serde_json::Value;
use std::collections::BTreeMap;

/// How far a forecast goes: in turns, and in work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub turns: usize,
    pub work: u64,
}

impl Bounds {
    /// Half a minute or so. Work is counted in steps of compiled policies, so that it ends at the same time everywhere.
    pub const USUAL: Self = Self { turns: 500, work: 3_000_000_000 };
}

/// What every time that is looked at counts for.
const LOOKED: u64 = 5_000;

/// What each byte of the facts counts for where the interpreter judges one control, and where the reference judges all of them.
const INTERPRETED: u64 = 3;
const CONFIRMED: u64 = 30;

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
    bytes: u64,
    work: u64,
}

/// Facts that are looked at, with what is still known of the last look.
struct Eye<'s, 'a> {
    sight: &'s Sight<'a>,
    held: Vec<Held>,
    scratch: Bump,
}

/// What a control comes to, and the times at which it does; none where they are not known.
struct Held {
    standing: Standing,
    window: Option<Window>,
}

/// One look.
struct Look {
    moment: Moment,
    /// The first time after it at which something may turn, or is tried.
    next: Millis,
    /// Something of it has no window: it may turn before.
    loose: bool,
}

impl<'w> Walk<'w> {
    pub fn new(forecaster: &'w Forecaster<'w>, facts: &'w Facts, exceptions: &'w Exceptions) -> Self {
        let dates = exceptions.waivers.iter().flat_map(|w| [w.created_at, w.expires_at, w.remediation.target_date]);
        let dates = dates.chain(exceptions.remediations.iter().map(|r| r.target_date)).map(|date| date.ms).collect();
        let waivers = exceptions.waivers.iter().collect();
        let bytes = facts.documents.iter().map(|d| d.document.source.text.len() as u64).sum();
        Self { forecaster, facts, exceptions, waivers, dates, begin: 0, end: 0, tried: BTreeMap::new(), bytes, work: 0 }
    }

    /// Every turn from a time on.
    pub fn go(mut self, now: Instant, horizon: Millis) -> Result<Forecast, Fault> {
        (self.begin, self.end) = (now.ms, now.ms.saturating_add(horizon.max(1)));
        let layouts = Layouts::new(&self.forecaster.checklist.groups);
        let (assessed, arena) = (assessed(self.forecaster, self.facts), Bump::new());
        let sight = Sight::new(self.forecaster, self.facts, (&layouts, &assessed), &arena);
        let mut eye = Eye { sight: &sight, held: Vec::new(), scratch: Bump::new() };
        let (mut here, mut look) = (now, self.look(&mut eye, now)?);
        let gate = look.moment.gate;
        self.confirm(&look.moment, now)?;
        let bounds = self.forecaster.bounds;
        let (mut turns, mut cut) = (Vec::<Turn>::new(), None);
        loop {
            let found = self.before(&mut eye, &look, here)?;
            let Some(at) = found.or_else(|| (look.next < self.end).then_some(Instant { ms: look.next })) else { break };
            if turns.len() >= bounds.turns || self.work >= bounds.work {
                cut = Some(at);
                break;
            }
            let there = self.look(&mut eye, at)?;
            if there.moment != look.moment {
                self.confirm(&look.moment, Instant { ms: at.ms - 1 })?;
                let findings = self.confirm(&there.moment, at)?;
                let moments = (&look.moment, &there.moment);
                turns.push(turn(at, moments, &findings, (self.forecaster.checklist, self.exceptions)));
            }
            (here, look) = (at, there);
        }
        let until = cut.unwrap_or(Instant { ms: self.end });
        self.confirm(&look.moment, Instant { ms: until.ms - 1 })?;
        Ok(Forecast { from: now, until, gate, turns, unproven: self.unproven(cut) })
    }

    /// A turn before the next time that is looked at, of something that does not say when it turns: looked for by halves, where the last
    /// millisecond before that time is different.
    fn before(&mut self, eye: &mut Eye<'_, '_>, look: &Look, here: Instant) -> Result<Option<Instant>, Fault> {
        let (mut same, mut other) = (here.ms, look.next.min(self.end) - 1);
        if !look.loose || other <= same || self.look(eye, Instant { ms: other })?.moment == look.moment {
            return Ok(None);
        }
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            if self.look(eye, Instant { ms: middle })?.moment == look.moment {
                same = middle;
            } else {
                other = middle;
            }
        }
        Ok(Some(Instant { ms: other }))
    }

    /// All that may turn at a time, and the first time after it at which any of it may.
    fn look(&mut self, eye: &mut Eye<'_, '_>, now: Instant) -> Result<Look, Fault> {
        self.work += LOOKED;
        self.judge(eye, now);
        let standings: Vec<Standing> = eye.held.iter().map(|held| held.standing.clone()).collect();
        let plan = &self.facts.plan;
        let Outcomes { outcomes, waived_by, states } = outcomes(self.forecaster.checklist, &standings, &self.waivers, plan, now);
        let (gate, window) = self.gate((&standings, &outcomes, &waived_by), now, &mut eye.scratch)?;
        let windows: Vec<Option<Millis>> = eye.held.iter().map(|held| held.window).chain([window]).map(|w| w.map(|w| w.until)).collect();
        let mut next = self.dates.iter().copied().filter(|date| *date > now.ms).fold(self.end, Millis::min);
        for (index, until) in windows.iter().enumerate() {
            next = next.min(until.unwrap_or_else(|| self.next_tried(index, now)));
        }
        let overdue = (0..standings.len()).map(|index| self.is_overdue(index, outcomes[index], waived_by[index], now)).collect();
        let waivers = states.iter().map(crate::model::ExceptionState::word).collect();
        let moment = Moment { standings, outcomes, overdue, waivers, gate };
        Ok(Look { moment, next: next.max(now.ms.saturating_add(1)), loose: windows.iter().any(Option::is_none) })
    }

    /// Judges the controls whose window has ended, and those that have none.
    fn judge(&mut self, eye: &mut Eye<'_, '_>, now: Instant) {
        let Eye { sight, held, scratch } = eye;
        let known = sight.known(now);
        for index in 0..self.forecaster.checklist.controls.len() {
            if held.get(index).and_then(|held| held.window).is_some_and(|window| window.holds(now)) {
                continue;
            }
            let Said { standing, window, work } = sight.judge(index, &known, now, scratch);
            self.work += work.unwrap_or(INTERPRETED * self.bytes);
            let new = Held { standing, window };
            match held.get_mut(index) {
                Some(place) => *place = new,
                None => held.push(new),
            }
        }
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
    fn confirm(&mut self, moment: &Moment, at: Instant) -> Result<Vec<Vec<crate::model::Finding>>, Fault> {
        let checklist = self.forecaster.checklist;
        self.work += CONFIRMED * self.bytes;
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
        out.extend(cut.map(|at| (WHOLE.to_owned(), format!("it turns too often, and ends at {at}: nothing is said of later times"))));
        out
    }
}
