use golive::checklist::*; use golive::text::*; use std::sync::Arc;
#[path = "../tests/fleet/mod.rs"] mod fleet;
fn main() {
    let src = Arc::new(Source::new("p", fleet::Fleet::parameters().to_string()));
    let c = load(&Files::embedded(), Some(&read_json(src, &Limits::default()).unwrap()), "prod", golive::rego::Limits::default()).map_err(|_| "x").unwrap();
    for (p, k) in c.compiled().controls.iter().zip(&c.controls) { let s = format!("{:?}", p.as_ref().unwrap()); println!("{} {} chars, {} Compare {} Call {} Some {} Every {} Path", k.text.id, s.len(), s.matches("Compare(").count(), s.matches("Call {").count(), s.matches("Some {").count(), s.matches("Every {").count(), s.matches("Path(").count() + s.matches("Field(").count()); }
}
