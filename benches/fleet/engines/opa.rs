//! OPA's own library, with a query that it prepares once.

use super::{Engine, Entry, Prepared, Said};
use crate::ground::Ground;
use crate::opa::{Bridge, Opa};
use std::ffi::{CStr, CString};
use std::path::Path;

pub const ENTRY: Entry = Entry {
    name: "OPA",
    note: "OPA's Go library (GOLIVE_OPA_LIB), one prepared query for all controls and the gate, JSON in and out; handed the same as regorus, \
           outside of its time",
    make: |ground| Ok(Box::new(Judge::new(ground, c"bench.all", true)?)),
};

pub const INPUT: Entry = Entry {
    name: "OPA, input alone",
    note: "the same library and input with a rule that reads one word: what its bridge and its reading of JSON cost",
    make: |ground| Ok(Box::new(Judge::new(ground, c"bench.release", false)?)),
};

struct Judge<'g> {
    ground: &'g Ground,
    engines: Vec<Opa>,
    query: &'static CStr,
    judges: bool,
    last: String,
}

impl<'g> Judge<'g> {
    fn new(ground: &'g Ground, query: &'static CStr, judges: bool) -> Result<Self, String> {
        let path = std::env::var_os("GOLIVE_OPA_LIB").ok_or("OPA's library is not installed (GOLIVE_OPA_LIB)")?;
        // Loading it asks one question whose answer is known.
        let bridge = Bridge::load(Path::new(&path));
        let engine = |at: usize| {
            let opa = Opa::new(bridge);
            for (name, source) in ground.policies() {
                opa.policy(&name, &source);
            }
            for (name, value) in ground.data(at) {
                opa.data(name, &value);
            }
            opa
        };
        Ok(Self { ground, engines: (0..ground.courts.len()).map(engine).collect(), query, judges, last: String::new() })
    }
}

impl Engine for Judge<'_> {
    fn prepare(&self, document: &str) -> Prepared {
        let prepared = self.ground.host(document);
        Prepared { c_text: CString::new(prepared.text.as_str()).expect("no NUL in JSON"), ..prepared }
    }

    fn judge(&mut self, prepared: &Prepared) {
        self.last = self.engines[prepared.environment].ask(self.query, &prepared.c_text);
    }

    fn said(&self, prepared: &Prepared) -> Option<Said> {
        let all = Opa::value(&self.last).expect("OPA answers").expect("the entry has a value");
        self.judges.then(|| self.ground.said(&all, prepared))
    }
}
