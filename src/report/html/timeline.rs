//! Until when the decision holds: a picture, and the same in words.

use super::{Writer, chip, to_control};
use crate::model::forecast::Turn;
use crate::model::time::{Millis, say_duration};
use crate::model::{Dossier, Forecast, Gate};

/// Numbers on the picture are so many percent apart at least; all of them stand in the list.
const APART: f64 = 3.5;

pub(super) fn timeline(html: &mut Writer, dossier: &Dossier<'_>) {
    let Some(forecast) = dossier.annex.and_then(|annex| annex.forecast.as_ref()) else { return };
    html.leaf("p", &[], &said(forecast));
    picture(html, forecast);
    html.put("p", &[("class", "ends")], |html| {
        html.leaf("span", &[], &forecast.from.to_string());
        html.leaf("span", &[], &forecast.until.to_string());
    });
    if !forecast.turns.is_empty() {
        html.put("ol", &[("class", "items")], |html| {
            for turn in &forecast.turns {
                html.put("li", &[], |html| self::turn(html, forecast, turn));
            }
        });
    }
    if !forecast.unproven.is_empty() {
        html.leaf("p", &[], "Of these it is not proven that every moment was found:");
        html.put("ul", &[], |html| {
            for (control, reason) in &forecast.unproven {
                html.leaf("li", &[], &format!("{control}: {reason}"));
            }
        });
    }
}

/// The forecast in a sentence.
fn said(forecast: &Forecast) -> String {
    let gate = forecast.gate.word();
    match forecast.ends() {
        Some(turn) => {
            let after = say_duration(turn.at.ms - forecast.from.ms);
            format!("With no new facts it is {gate} until {}, which is {after} after the decision, and then {}.", turn.at, turn.gate.word())
        }
        None => format!("With no new facts it stays {gate} until {}, the end of what was looked at.", forecast.until),
    }
}

/// A bar over time: stripes where the gate is closed, a numbered mark at each turn. Everything on it stands in the list below, too.
fn picture(html: &mut Writer, forecast: &Forecast) {
    let words = format!("{} A list of every turn follows.", said(forecast));
    html.put("svg", &[("class", "line"), ("role", "img"), ("aria-labelledby", "line-title line-words")], |html| {
        html.leaf("title", &[("id", "line-title")], "The gate over time");
        html.leaf("desc", &[("id", "line-words")], &words);
        let mut begins = (forecast.from.ms, forecast.gate);
        for turn in forecast.turns.iter().filter(|turn| turn.at.ms > forecast.from.ms) {
            if turn.gate != begins.1 {
                stretch(html, forecast, begins, turn.at.ms);
                begins = (turn.at.ms, turn.gate);
            }
        }
        stretch(html, forecast, begins, forecast.until.ms);
        let mut last = -100.0;
        for (number, turn) in (1..).zip(&forecast.turns) {
            let at = share(forecast, turn.at.ms);
            let x = percent(at);
            html.put("line", &[("class", "tick"), ("x1", &x), ("x2", &x), ("y1", "22"), ("y2", "62")], |_| {});
            if at - last >= APART {
                last = at;
                html.put("circle", &[("class", "dot"), ("cx", &x), ("cy", "12"), ("r", "11")], |_| {});
                html.leaf("text", &[("x", &x), ("y", "16.5"), ("text-anchor", "middle")], &i32::to_string(&number));
            }
        }
    });
}

/// A stretch of time with one gate. Where it is closed, stripes say so without colour.
fn stretch(html: &mut Writer, forecast: &Forecast, (from, gate): (Millis, Gate), until: Millis) {
    let (start, end) = (share(forecast, from), share(forecast, until));
    let class = if gate == Gate::Go { "at-go" } else { "at-no-go" };
    let attributes = [("class", class), ("x", &percent(start)), ("width", &percent(end - start)), ("y", "28"), ("height", "28")];
    html.put("rect", &attributes, |_| {});
    if gate == Gate::NoGo {
        let mut at = start + 0.8;
        while at < end {
            let x = percent(at);
            html.put("line", &[("class", "stripe"), ("x1", &x), ("x2", &x), ("y1", "28"), ("y2", "56")], |_| {});
            at += 1.6;
        }
    }
    if end - start > 12.0 {
        let x = percent(start);
        html.leaf("text", &[("x", &x), ("y", "72"), ("dx", "2")], gate.word());
    }
}

/// How far into the stretch of time, in percent.
#[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
fn share(forecast: &Forecast, at: Millis) -> f64 {
    let whole = (forecast.until.ms - forecast.from.ms).max(1) as f64;
    ((at - forecast.from.ms) as f64 * 100.0 / whole).clamp(0.0, 100.0)
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

/// What is different from a moment on.
fn turn(html: &mut Writer, forecast: &Forecast, turn: &Turn) {
    html.put("p", &[], |html| {
        let class = if turn.gate == Gate::Go { "good" } else { "bad" };
        html.leaf("strong", &[], &turn.at.to_string());
        html.text(&format!(" (after {}) ", say_duration(turn.at.ms - forecast.from.ms)));
        chip(html, class, turn.gate.word());
    });
    for control in &turn.controls {
        html.put("p", &[], |html| {
            html.leaf("a", &[("href", &to_control(&control.control))], &control.control);
            let ((verdict, outcome), (then, after)) = (control.before, control.after);
            html.text(&format!(": {verdict} ({}) becomes {then} ({})", outcome.word(), after.word()));
        });
        for finding in &control.gained {
            html.put("p", &[("class", "soft")], |html| {
                html.leaf("code", &[], &finding.id);
                html.text(&format!(" {}", finding.message));
            });
        }
        if !control.lost.is_empty() {
            html.leaf("p", &[("class", "soft")], &format!("gone: {}", control.lost.join(", ")));
        }
    }
    for (id, before, after) in &turn.waivers {
        html.leaf("p", &[], &format!("Waiver {id}: {before} becomes {after}"));
    }
    for control in &turn.overdue {
        html.leaf("p", &[], &format!("The remediation of {control} is overdue"));
    }
}
