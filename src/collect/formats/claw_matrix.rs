//! claw's published matrix of compatible releases, `compatibility-matrix.json`, read together with the rule by which claw itself decides.

use semver::Version;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Matrix {
    schema_version: String,
    releases: Vec<Release>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    name: String,
    cli_version: String,
    daemon_version: String,
    compatibility: Vec<Cell>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cell {
    target_release: String,
    support: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Unsupported,
    Limited,
    Full,
}

/// What is published for each client version against this daemon version: `full`, `limited`, `unsupported` or `unknown`.
///
/// # Errors
/// It is no such matrix, or names no release, or several, for the daemon.
pub fn levels(matrix: Value, daemon: &str, clients: &[String]) -> Result<Vec<&'static str>, String> {
    let matrix: Matrix = serde_json::from_value(matrix).map_err(|e| format!("it is no compatibility matrix: {e}"))?;
    if matrix.schema_version != "1.0" {
        return Err(format!("its schemaVersion is {}, 1.0 is read", matrix.schema_version));
    }
    let bad = |version: &str| format!("{version} is no version");
    let parsed = version(daemon).ok_or_else(|| bad(daemon))?;
    let mut served = matrix.releases.iter().filter(|r| covers(&r.daemon_version, &parsed));
    let (Some(served), None) = (served.next(), served.next()) else {
        return Err(format!("it does not name exactly one release for the daemon version {daemon}"));
    };
    clients.iter().map(|client| Ok(level(&matrix, served, &parsed, &version(client).ok_or_else(|| bad(client))?))).collect()
}

/// The published word, where the program's own rule grants as much. A cell that promises more is nothing to rely on, nor is a missing one.
fn level(matrix: &Matrix, served: &Release, daemon: &Version, client: &Version) -> &'static str {
    let mut used = matrix.releases.iter().filter(|r| covers(&r.cli_version, client));
    let (Some(used), None) = (used.next(), used.next()) else { return "unknown" };
    let cells = [(used, served), (served, used)];
    let published = |(from, to): (&Release, &Release)| {
        let to_it = from.compatibility.iter().filter(|c| c.target_release == to.name);
        to_it.map(|c| known(&c.support)).collect::<Vec<_>>()
    };
    let levels: Option<Vec<Level>> = cells.into_iter().flat_map(published).collect();
    match levels.and_then(|levels| levels.into_iter().min()) {
        Some(published) if published <= rule(daemon, client) => match published {
            Level::Full => "full",
            Level::Limited => "limited",
            Level::Unsupported => "unsupported",
        },
        _ => "unknown",
    }
}

fn known(word: &str) -> Option<Level> {
    match word {
        "full" => Some(Level::Full),
        "limited" => Some(Level::Limited),
        "unsupported" => Some(Level::Unsupported),
        _ => None,
    }
}

/// Same major and minor: full; one minor apart: limited. What stands behind the numbers does not count.
fn rule(daemon: &Version, client: &Version) -> Level {
    match (daemon.major == client.major, daemon.minor.abs_diff(client.minor)) {
        (true, 0) => Level::Full,
        (true, 1) => Level::Limited,
        _ => Level::Unsupported,
    }
}

fn version(text: &str) -> Option<Version> {
    Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
}

/// Whether `0.1.x` covers a version.
fn covers(pattern: &str, version: &Version) -> bool {
    let numbers = [version.major, version.minor, version.patch];
    let parts: Vec<&str> = pattern.split('.').collect();
    parts.len() == 3 && parts.iter().zip(numbers).all(|(part, number)| *part == "x" || part.parse() == Ok(number))
}

#[cfg(test)]
mod tests {
    use super::levels;
    use serde_json::{Value, json};

    fn matrix() -> Value {
        let release = |name: &str, version: &str, cells: Value| json!({ "name": name, "cliVersion": version, "daemonVersion": version, "compatibility": cells });
        let cell = |target: &str, support: &str| json!({ "targetRelease": target, "support": support });
        json!({ "schemaVersion": "1.0", "releases": [
            release("N", "0.1.x", json!([cell("N", "full")])),
            release("N+1", "0.2.x", json!([cell("N+1", "full"), cell("N", "limited")])),
            release("N+2", "0.3.x", json!([cell("N+2", "full"), cell("N+1", "full"), cell("N", "read-only")])),
            release("N+3", "0.4.x", json!([cell("N+3", "full"), cell("N", "unsupported")])),
        ]})
    }

    #[test]
    fn a_level_is_what_is_published_and_never_more_than_the_rule_grants() {
        for (daemon, client, want) in [
            ("0.1.1", "0.1.0", "full"),
            ("0.1.2-beta.1", "0.1.1", "full"),
            ("0.2.0", "0.1.9", "limited"),
            ("0.1.9", "0.2.0", "limited"),
            ("0.3.0", "0.2.1", "unknown"),
            ("0.3.0", "0.1.0", "unknown"),
            ("0.4.0", "0.1.0", "unsupported"),
            ("0.4.0", "0.3.0", "unknown"),
            ("0.1.1", "9.0.0", "unknown"),
        ] {
            assert_eq!(levels(matrix(), daemon, &[client.to_owned()]), Ok(vec![want]), "{daemon} {client}");
        }
        assert!(levels(matrix(), "0.9.0", &[]).is_err());
        assert!(levels(json!({ "schemaVersion": "2.0", "releases": [] }), "0.1.1", &[]).is_err());
    }
}
