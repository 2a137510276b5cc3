//! For those who edit policies: what is wrong with a checklist, and what a control's fixtures can prove about it.

pub mod check;
pub mod laid;
pub mod mutate;
pub mod prove;
pub mod reach;
pub mod suite;
pub mod test;
pub mod trial;
