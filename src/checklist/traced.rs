//! A checklist's policies as those see them who ask why.

use super::load::Checklist;
use crate::rego::checks::Context;
use crate::rego::syntax::Module;

impl Checklist {
    /// What tracing needs of policies; `modules` are those of the checklist's engine.
    pub fn context<'a>(&'a self, modules: &'a [Module]) -> Context<'a> {
        self.reading.context(modules, &self.groups)
    }
}
