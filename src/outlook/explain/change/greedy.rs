//! Some set of changes where the smallest was not found in time: one change after the other, each the one that leaves the
//! fewest reasons, and then without those that turned out to be needless.

use super::search::{Node, Rank, Search};

/// Sets of more changes are not built.
const LONGEST: usize = 16;

/// A set with which the control passes, of which no change can be left out.
pub(super) fn some_set(search: &mut Search<'_>) -> Option<Vec<usize>> {
    let mut chosen = Vec::new();
    while chosen.len() < LONGEST {
        let Node::Stopped(conflicts) = search.node(&sorted(&chosen)) else { break };
        let options = conflicts.iter().map(|looks| search.options(looks, &chosen)).min_by_key(Vec::len)?;
        let mut best: Option<((usize, Rank), usize)> = None;
        for option in options {
            let with = sorted(&[chosen.as_slice(), &[option]].concat());
            let left = match search.node(&with) {
                Node::Passes => 0,
                Node::Stopped(conflicts) => conflicts.len(),
                Node::Dead => continue,
            };
            let rank = (left, search.rank(option));
            if best.is_none_or(|(least, _)| rank < least) {
                best = Some((rank, option));
            }
        }
        chosen.push(best?.1);
    }
    needed(search, &chosen)
}

/// A set that passes, without the changes that it does not need.
fn needed(search: &mut Search<'_>, chosen: &[usize]) -> Option<Vec<usize>> {
    let mut set = sorted(chosen);
    if !matches!(search.node(&set), Node::Passes) {
        return None;
    }
    for change in chosen {
        let without: Vec<usize> = set.iter().copied().filter(|other| other != change).collect();
        if matches!(search.node(&without), Node::Passes) {
            set = without;
        }
    }
    Some(set)
}

fn sorted(chosen: &[usize]) -> Vec<usize> {
    let mut out = chosen.to_vec();
    out.sort_unstable();
    out
}
