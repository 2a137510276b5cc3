//! `golive forecast`: what it says of a time is so at that time.

use crate::foresight::{Trial, try_all};
use crate::project;

/// The full figure is that of the benchmark: `--forecast 1000`, with a grid of one minute.
#[test]
fn what_a_forecast_says_of_a_time_is_so_at_that_time() {
    let report = try_all(Trial { seed: 20_261_127, documents: 24, every: 60, asked: 2 });
    project::tell(&format!("forecast: {report}"));
    report.hold();
}
