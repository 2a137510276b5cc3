//! For those who edit policies: what a control's fixtures can prove about it.

pub mod check;
pub mod prove;
