//! `artifacts.signed`.

use super::{Control, each, some_and_all, value};
use crate::native::Case;
use crate::native::leaf::{Sha, Time};
use crate::native::limits::has;
use crate::native::release::{Artifact, Signature};
use crate::native::row::Row;
use crate::native::words::{Checksum, NotVerified, Validity};

pub const SIGNED: Control = Control {
    id: "artifacts.signed",
    groups: &["artifacts", "daemons", "release_manifest"],
    criteria: &[
        "manifest-planned",
        "release-covered",
        "artifacts-released",
        "checksums-match",
        "signatures-valid",
        "keys-trusted",
        "daemons-verified",
        "verified-first",
    ],
    judge,
};

impl<'a> Artifact<'a> {
    fn verified_at(&self) -> Option<&Time<'a>> {
        match &self.signature {
            Signature::Verified { verified_at, .. } => Some(verified_at),
            Signature::NotVerified { .. } => None,
        }
    }
}

fn judge(case: &Case<'_, '_>, row: &mut Row) {
    let checked = value(case.seen.artifacts.as_ref()).map(|group| &group.artifacts);
    let daemons = value(case.seen.daemons.as_ref()).map(|group| &group.daemons);
    let manifest = value(case.seen.release_manifest.as_ref());
    let subjects = manifest.map(|group| &group.subjects);
    let keys = &case.limits.artifacts.trusted_keys;
    let is_checked = |sha256: &Sha<'_>| each(checked).any(|a| a.sha256 == *sha256);
    let is_released = |sha256: &Sha<'_>| each(subjects).any(|s| s.sha256 == *sha256);
    row.met("manifest-planned", manifest.is_some_and(|m| m.version.0 == case.release));
    row.deny("manifest-planned", "other-release", manifest.is_some_and(|m| m.version.0 != case.release));
    row.met("release-covered", some_and_all(subjects, |s| is_checked(&s.sha256)));
    row.met("artifacts-released", some_and_all(checked, |a| is_released(&a.sha256)));
    row.met("checksums-match", some_and_all(checked, |a| a.checksum == Checksum::Matched));
    let valid = |a: &Artifact<'_>| matches!(a.signature, Signature::Verified { result: Validity::Valid, .. });
    let trusted = |a: &Artifact<'_>| matches!(&a.signature, Signature::Verified { key, .. } if has(keys, &key.0));
    row.met("signatures-valid", some_and_all(checked, valid));
    row.met("keys-trusted", some_and_all(checked, trusted));
    row.met("daemons-verified", some_and_all(daemons, |d| is_checked(&d.executable.sha256)));
    let first = |started: i64| some_and_all(checked, |a| a.verified_at().is_some_and(|at| at.ms < started));
    row.met("verified-first", some_and_all(daemons, |d| !case.future(d.started_at.ms) && first(d.started_at.ms)));
    for s in each(subjects).filter(|s| checked.is_some() && !is_checked(&s.sha256)) {
        row.about("release-covered", "subject-unchecked", &[&s.name.0, s.sha256.0]);
    }
    for d in each(daemons) {
        if checked.is_some() && !is_checked(&d.executable.sha256) {
            row.about("daemons-verified", "daemon-unverified", &[&d.id.0]);
        }
        if case.future(d.started_at.ms) {
            row.about("verified-first", "start-future", &[&d.id.0]);
        }
    }
    for a in each(checked) {
        let foreign = subjects.is_some() && !is_released(&a.sha256);
        artifact(a, foreign, trusted(a), row);
        for d in each(daemons).filter(|d| a.verified_at().is_some_and(|at| at.ms >= d.started_at.ms)) {
            row.about("verified-first", "verified-late", &[&a.name.0, a.sha256.0, &d.id.0]);
        }
    }
}

fn artifact(a: &Artifact<'_>, foreign: bool, trusted: bool, row: &mut Row) {
    let reason = |wanted| matches!(&a.signature, Signature::NotVerified { reason } if *reason == wanted);
    let invalid = matches!(a.signature, Signature::Verified { result: Validity::Invalid, .. });
    for (wrong, criterion, code) in [
        (foreign, "artifacts-released", "artifact-foreign"),
        (a.checksum == Checksum::Mismatched, "checksums-match", "checksum-mismatched"),
        (a.checksum == Checksum::Missing, "checksums-match", "checksum-missing"),
        (reason(NotVerified::Missing), "signatures-valid", "signature-missing"),
        (reason(NotVerified::Unsupported), "signatures-valid", "signature-unsupported"),
        (invalid, "signatures-valid", "signature-invalid"),
        (a.verified_at().is_some() && !trusted, "keys-trusted", "key-untrusted"),
    ] {
        if wrong {
            row.about(criterion, code, &[&a.name.0, a.sha256.0]);
        }
    }
}
