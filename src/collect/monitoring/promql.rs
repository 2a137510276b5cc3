//! Queries of Prometheus: whether one parses, whether two are the same, and whether one measures anything at all.

use promql_parser::parser::token::{T_LAND, T_LOR, T_LUNLESS};
use promql_parser::parser::{Expr, parse as parse_promql};

/// No query of an objective or a rule is longer, or nested deeper: the parser has no limit of its own.
const LONGEST: usize = 8192;
const DEEPEST: usize = 64;

/// A query that parses.
#[derive(Debug, Clone)]
pub struct Query(Expr);

/// Parses a query.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<Query, String> {
    if text.len() > LONGEST {
        return Err(format!("the query is longer than {LONGEST} bytes"));
    }
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("the query is nested deeper than {DEEPEST} brackets"));
        }
    }
    parse_promql(text).map(Query)
}

/// Whether two texts are the same query, however they are spaced and ordered.
pub fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match (parse(a), parse(b)) {
        (Ok(a), Ok(b)) => a.0.to_string() == b.0.to_string(),
        _ => plain(a) == plain(b),
    }
}

impl Query {
    /// Whether it would give an answer even where no series existed: then an answer proves nothing.
    pub fn answers_always(&self) -> bool {
        always(&self.0)
    }
}

impl Query {
    /// Whether its answer depends on any series: an alert of which it does not, such as `vector(0) > 1`, watches nothing.
    pub fn measures(&self) -> bool {
        measures(&self.0)
    }
}

fn measures(expr: &Expr) -> bool {
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => false,
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => true,
        Expr::Paren(inner) => measures(&inner.expr),
        Expr::Unary(inner) => measures(&inner.expr),
        Expr::Subquery(inner) => measures(&inner.expr),
        Expr::Aggregate(inner) => measures(&inner.expr),
        // What stands behind them only takes away from what stands before.
        Expr::Binary(both) if [T_LAND, T_LUNLESS].contains(&both.op.id()) => measures(&both.lhs),
        Expr::Binary(both) => measures(&both.lhs) || measures(&both.rhs),
        Expr::Call(call) => call.args.args.iter().any(|arg| measures(arg)),
    }
}

fn always(expr: &Expr) -> bool {
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => true,
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => false,
        Expr::Paren(inner) => always(&inner.expr),
        Expr::Unary(inner) => always(&inner.expr),
        Expr::Subquery(inner) => always(&inner.expr),
        Expr::Aggregate(inner) => always(&inner.expr),
        Expr::Binary(both) => match both.op.id() {
            T_LOR => always(&both.lhs) || always(&both.rhs),
            T_LAND | T_LUNLESS => always(&both.lhs),
            _ => always(&both.lhs) && always(&both.rhs),
        },
        // They answer, with 1 or NaN, just where nothing is there.
        Expr::Call(call) if ["absent", "absent_over_time", "scalar", "vector"].contains(&call.func.name) => true,
        Expr::Call(call) => call.args.args.iter().all(|arg| always(arg)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_measures_something() {
        for (text, want) in [
            ("avg_over_time(up{job=\"claw\"}[30d])", false),
            ("1 - sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))", false),
            ("(sum(rate(errors_total[5m])) or vector(0)) / sum(rate(requests_total[5m]))", false),
            ("sum(rate(errors_total[5m])) or vector(0)", true),
            ("histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))", false),
            ("clamp_min(up, 0)", false),
            ("vector(1)", true),
            ("1", true),
            ("time()", true),
            ("absent(up)", true),
            ("scalar(up)", true),
            ("max_over_time(up[5m:1m])", false),
        ] {
            assert_eq!(parse(text).expect(text).answers_always(), want, "{text}");
        }
    }

    #[test]
    fn an_alert_watches_something() {
        for (text, want) in [
            ("up == 0", true),
            ("absent(up)", true),
            ("time() - last_success > 3600", true),
            ("vector(1) > scalar(limit)", true),
            ("up == 0 or vector(0) > 1", true),
            ("vector(0) > 1", false),
            ("vector(0) > 1 and up", false),
            ("time() < bool 0", false),
        ] {
            assert_eq!(parse(text).expect(text).measures(), want, "{text}");
        }
    }

    #[test]
    fn broken_queries_are_refused() {
        for text in ["", "sum(", "up{", "up)", "rate(up)", &"(".repeat(70), &"a".repeat(9000)] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(same("sum(up)by(job)", "sum by (job) (up)"));
        assert!(same("up [5m]", "up[300s]"));
        assert!(!same("up > 1", "up > 2"));
    }
}
