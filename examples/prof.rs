use golive::checklist::*;
use golive::evaluate::*;
use golive::facts::onepass::*;
use golive::facts::*;
use golive::model::*;
use golive::rego::*;
use golive::text::*;
use std::sync::Arc;
use std::time::*;
#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let doc: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{dir}/facts.json")).unwrap()).unwrap();
    let text = serde_json::to_string(&doc).unwrap();
    let par = std::fs::read_to_string("fixtures/deployments/claw-go/parameters.json").unwrap();
    let overlay = read_json(Arc::new(Source::new("p", par)), &golive::text::Limits::default()).unwrap();
    let c = load(&Files::embedded(), Some(&overlay), "prod", golive::rego::Limits::default()).map_err(|_| "x").unwrap();
    let one = Onepass::new(contract("envelope").unwrap(), &c.groups).map_err(|e| e.to_string()).unwrap();
    let b = compiled::Bounds { time: Duration::from_secs(2), memory: 256 << 20 };
    let q = Quick::new(&c, c.compiled().controls, b);
    let plan = Plan { environment: "prod".into(), release: "0.1.1".into() };
    let now = Instant::parse("2026-11-23T15:00:00Z").unwrap();
    let mut arena = bumpalo::Bump::new();
    println!("{} bytes", text.len());
    for round in 0..8 {
        let n = 2000;
        let t = std::time::Instant::now();
        for _ in 0..n {
            std::hint::black_box(one.read(text.as_bytes(), &arena).is_some());
            arena.reset();
        }
        let read = t.elapsed();
        let f_arena = bumpalo::Bump::new();
        let f = one.read(text.as_bytes(), &f_arena).expect("valid");
        let mut x = bumpalo::Bump::new();
        let t = std::time::Instant::now();
        let mut pass = 0;
        for _ in 0..n {
            let local = bumpalo::Bump::new();
            pass = q
                .judge(Case { checklist: &c, environment: &plan.environment, release: &plan.release, now }, &f, &local)
                .iter()
                .filter(|s| s.verdict.is_pass())
                .count();
        }
        let judge = t.elapsed();
        x.reset();
        println!("{round}: read {:?} judge {:?} pass {pass}", read / n, judge / n);
    }
}
