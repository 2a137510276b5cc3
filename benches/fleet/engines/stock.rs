//! regorus as its users call it: `set_input_json`, then `eval_rule` of one entry.

use super::{Engine, Entry, Prepared, Said};
use crate::ground::Ground;

pub const ENTRY: Entry = Entry {
    name: "regorus",
    note: "the stock interpreter: set_input_json, eval_rule of one entry for all controls and the gate, to_json_str; it is handed what the \
           host made of the document (valid groups with `_ms`), and that is not in its time",
    make: |ground| Ok(Box::new(Stock::new(ground)?)),
};

struct Stock<'g> {
    ground: &'g Ground,
    engines: Vec<regorus::Engine>,
    last: String,
}

impl<'g> Stock<'g> {
    fn new(ground: &'g Ground) -> Result<Self, String> {
        let engine = |at: usize| -> Result<regorus::Engine, String> {
            let mut engine = regorus::Engine::new();
            for (name, source) in ground.policies() {
                engine.add_policy(name, source).map_err(|e| e.to_string())?;
            }
            for (name, value) in ground.data(at) {
                let data = serde_json::json!({ name: value }).to_string();
                engine.add_data_json(&data).map_err(|e| e.to_string())?;
            }
            Ok(engine)
        };
        let engines = (0..ground.courts.len()).map(engine).collect::<Result<_, _>>()?;
        Ok(Self { ground, engines, last: String::new() })
    }
}

impl Engine for Stock<'_> {
    fn prepare(&self, document: &str) -> Prepared {
        self.ground.host(document)
    }

    fn judge(&mut self, prepared: &Prepared) {
        let engine = &mut self.engines[prepared.environment];
        engine.set_input_json(&prepared.text).expect("the host's input is JSON");
        let value = engine.eval_rule("data.bench.all".to_owned()).expect("the entry has a value");
        self.last = value.to_json_str().expect("the entry's value is JSON");
    }

    fn said(&self, prepared: &Prepared) -> Option<Said> {
        let all = serde_json::from_str(&self.last).expect("the entry's value is JSON");
        Some(self.ground.said(&all, prepared))
    }
}
