//! For those who edit policies: what is wrong with a checklist, what a control's fixtures can prove about it,
//! and what a change of it does to facts that are there.

pub mod check;
pub mod docs;
pub mod impact;
pub mod laid;
pub mod list;
pub mod lsp;
pub mod mutate;
pub mod prove;
pub mod reach;
pub mod start;
pub mod suite;
pub mod test;
pub mod trial;
