//! What is made wrong, and what must be found.

use crate::claw_binary;
use crate::world::World;

#[test]
fn all_eleven_pass() {
    let Some(claw) = claw_binary() else { return };
    let world = World::build(&claw);
    world.verify_artifacts();
    let _daemon = world.daemon();
    let ran = world.golive(&["run"]);
    assert_eq!((ran.exit, &ran.decision["gate"]), (Some(0), &"GO".into()), "{}", ran.words);
}
