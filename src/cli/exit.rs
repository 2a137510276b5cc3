//! What an exit code means.

use std::process::ExitCode;

/// The end of a run; each number has one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: GO, or done.
    Go,
    /// 1: `NO_GO`, or an asked-for condition is not met.
    NoGo,
    /// 2: the command line is wrong.
    Usage,
    /// 3: input missing, unreadable or refused; nothing was decided.
    Input,
    /// 4: the checklist is refused; nothing was decided.
    Checklist,
    /// 5: no decision could be made.
    NoDecision,
    /// 6: could not write.
    Write,
    /// 7: a record does not verify, or comes to something else when it is run again.
    Record,
    /// 70: a bug of golive's.
    Bug,
    /// 130: stopped by SIGINT.
    Interrupted,
    /// 143: stopped by SIGTERM.
    Terminated,
    /// 141: the reader of stdout went away.
    Pipe,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Go => 0,
            Self::NoGo => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Checklist => 4,
            Self::NoDecision => 5,
            Self::Write => 6,
            Self::Record => 7,
            Self::Bug => 70,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Pipe => 141,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
