use golive::batch::*;
use golive::checklist::Files;
use golive::model::Instant;
use golive::text::*;
use std::sync::Arc;
#[path = "../tests/fleet/mod.rs"]
mod fleet;
#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main() {
    let n: u64 = std::env::var("N").map_or(64, |n| n.parse().unwrap());
    let rounds: u64 = std::env::var("R").map_or(5, |n| n.parse().unwrap());
    let src = Arc::new(Source::new("p", fleet::Fleet::parameters().to_string()));
    let setting = Setting {
        files: Files::embedded(),
        overlay: Some(read_json(src, &Limits::default()).unwrap()),
        waivers: vec![],
        remediations: vec![],
        environment: None,
        release: None,
    };
    let mut j = Judge::new(setting, Instant::parse(fleet::NOW).unwrap()).map_err(|_| "x").unwrap();
    j.try_all().map_err(|_| "x").unwrap();
    j.take(Mode::quick(0.0));
    let f = fleet::Fleet::new(20_261_123);
    let docs: Vec<String> = (0..n).map(|i| f.document(i)).collect();
    println!(
        "quick {} of {n}, mean {}",
        docs.iter().filter(|d| j.quick_line("x", d.as_bytes()).is_some()).count(),
        docs.iter().map(|d| d.len()).sum::<usize>() / n as usize
    );
    for d in &docs {
        if j.quick_line("x", d.as_bytes()).is_none() {
            println!("{}", j.line("x", d.as_bytes()).text);
            std::fs::write("/tmp/bad.json", d).unwrap();
        }
    }
    let docs: Vec<String> = docs.into_iter().filter(|d| j.quick_line("x", d.as_bytes()).is_some()).collect();
    let n = docs.len() as u64;
    for _ in 0..rounds {
        let t = std::time::Instant::now();
        let mut bytes = 0;
        for d in &docs {
            bytes += j.line("x", d.as_bytes()).text.len();
        }
        println!("{:?}/doc, {} bytes of line", t.elapsed() / n as u32, bytes / n as usize);
    }
}
