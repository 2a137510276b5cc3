//! Facts laid out once, to be judged at many times.

use super::Forecaster;
use crate::evaluate::{Case, Known, Said, judge};
use crate::facts::onepass::{Group, Layouts};
use crate::facts::{Ages, Assessment, Facts, assess};
use crate::model::{Fault, Instant, Millis, Standing, Trust};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// One group, and all that is known of it but its age.
struct Laid<'a> {
    collected_at: Instant,
    trust: Trust,
    max_age: Option<Millis>,
    /// What is wrong with it at every time.
    faults: Vec<Fault>,
    group: Option<Group<'a>>,
}

/// Groups without their ages, by name, for those that are stated.
pub(super) fn assessed(forecaster: &Forecaster<'_>, facts: &Facts) -> BTreeMap<String, Assessment> {
    let groups = &forecaster.checklist.groups;
    let stated = groups.iter().filter_map(|(name, schema)| Some((name, schema, facts.groups.get(name)?)));
    // At the time of its own collection no group is too old or too new.
    let ages = |now| Ages { now, skew: 0, max_age: Some(0) };
    stated.map(|(name, schema, stated)| (name.clone(), assess(facts, name, schema, &ages(stated.group.collected_at)))).collect()
}

/// Facts laid out once.
pub(super) struct Sight<'a> {
    forecaster: &'a Forecaster<'a>,
    facts: &'a Facts,
    skew: Millis,
    /// In the order of the names of all groups that have a schema; none for those that nobody states.
    groups: Vec<Option<Laid<'a>>>,
    /// Per control: the places of its groups, and whether it is for the interpreter alone, because one of them could not be laid out.
    controls: Vec<(Vec<usize>, bool)>,
}

impl<'a> Sight<'a> {
    /// Lays out groups that were assessed before.
    pub fn new(
        forecaster: &'a Forecaster<'a>,
        facts: &'a Facts,
        (layouts, assessed): (&'a Layouts<'a>, &'a BTreeMap<String, Assessment>),
        arena: &'a Bump,
    ) -> Self {
        let checklist = forecaster.checklist;
        let laid = |name: &String| {
            let (stated, assessment) = (&facts.groups.get(name)?.group, assessed.get(name)?);
            Some(Laid {
                collected_at: stated.collected_at,
                trust: stated.trust,
                max_age: checklist.parameters.max_age(name),
                faults: assessment.faults.iter().map(|(fault, _)| *fault).collect(),
                group: layouts.group(name, stated, assessment, arena),
            })
        };
        let groups: Vec<Option<Laid<'a>>> = checklist.groups.keys().map(laid).collect();
        let names: Vec<&String> = checklist.groups.keys().collect();
        let places = |names_of: &mut dyn Iterator<Item = &String>| -> Vec<usize> {
            names_of.filter_map(|name| names.iter().position(|known| *known == name)).collect()
        };
        let lost = |index: &usize| groups[*index].as_ref().is_some_and(|laid| laid.group.is_none() && laid.faults.is_empty());
        let controls = checklist.controls.iter().map(|control| {
            let places = places(&mut control.text.facts.keys());
            let lost = places.iter().any(lost);
            (places, lost)
        });
        let controls = controls.collect();
        Self { forecaster, facts, skew: checklist.parameters.clock_skew(), groups, controls }
    }

    /// What is known of every group at a time.
    pub fn known(&self, now: Instant) -> Vec<Known<'a>> {
        let known = |laid: &Option<Laid<'a>>| {
            let Some(laid) = laid else { return Known { group: None, trust: None, faults: vec![Fault::Missing] } };
            let mut faults = laid.faults.clone();
            faults.extend(Ages { now, skew: self.skew, max_age: laid.max_age }.fault(laid.collected_at));
            Known { group: laid.group.filter(|_| faults.is_empty()), trust: Some(laid.trust), faults }
        };
        self.groups.iter().map(known).collect()
    }

    /// One control at a time, and while it stays so; none where that is not known.
    pub fn judge(&self, index: usize, known: &[Known<'a>], now: Instant, arena: &mut Bump) -> Said {
        arena.reset();
        let asked = || Said { standing: self.interpret(index, now), window: None, work: None };
        let Some((places, lost)) = self.controls.get(index) else { return asked() };
        let plan = &self.facts.plan;
        let case = Case { checklist: self.forecaster.checklist, environment: &plan.environment, release: &plan.release, now };
        let quick = if *lost { None } else { self.forecaster.quick.judge_one(index, case, known, arena) };
        let Some(mut said) = quick else { return asked() };
        if let Some(window) = &mut said.window {
            for laid in places.iter().filter_map(|place| self.groups.get(*place)?.as_ref()) {
                let collected = laid.collected_at.ms;
                window.turn(now, collected.saturating_sub(self.skew));
                if let Some(max_age) = laid.max_age {
                    window.turn(now, collected.saturating_add(max_age).saturating_add(1));
                }
            }
        }
        said
    }

    fn interpret(&self, index: usize, now: Instant) -> Standing {
        let checklist = self.forecaster.checklist;
        let Some(control) = checklist.controls.get(index) else { return Standing::new(crate::model::Verdict::ERROR, Vec::new()) };
        let assessed: BTreeMap<&str, Assessment> = control
            .text
            .facts
            .keys()
            .filter_map(|name| {
                let ages = Ages { now, skew: self.skew, max_age: checklist.parameters.max_age(name) };
                Some((name.as_str(), assess(self.facts, name, checklist.groups.get(name)?, &ages)))
            })
            .collect();
        let groups = assessed.iter().map(|(name, assessment)| (*name, assessment)).collect();
        Standing::of(&judge(checklist, control, self.facts, &groups, now))
    }
}
