use golive::checklist::*;
use golive::facts::onepass::*;
use golive::facts::*;
use golive::text::*;
use std::sync::Arc;
#[path = "../tests/fleet/mod.rs"]
mod fleet;
fn main() {
    let src = Arc::new(Source::new("p", fleet::Fleet::parameters().to_string()));
    let c = load(&Files::embedded(), Some(&read_json(src, &Limits::default()).unwrap()), "prod", golive::rego::Limits::default())
        .map_err(|_| "x")
        .unwrap();
    let one = Onepass::new(contract("envelope").unwrap(), &c.groups).map_err(|e| e.to_string()).unwrap();
    let f = fleet::Fleet::new(20_261_123);
    for i in 0..300 {
        let d = f.document(i);
        let a = bumpalo::Bump::new();
        if one.read(d.as_bytes(), &a).is_some() {
            continue;
        }
        let v: serde_json::Value = serde_json::from_str(&d).unwrap();
        for (g, e) in v["facts"].as_object().unwrap() {
            let mut w = v.clone();
            let mut m = serde_json::Map::new();
            m.insert(g.clone(), e.clone());
            w["facts"] = serde_json::Value::Object(m);
            if one.read(w.to_string().as_bytes(), &a).is_none() {
                let ok = c.groups[g].accepts(&e["value"]);
                if ok {
                    println!("{i} {g} valid {ok}: {}", serde_json::to_string(e).unwrap().chars().take(700).collect::<String>());
                }
            }
        }
    }
}
