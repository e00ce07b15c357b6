//! The words on the command line that stand for what the drill's plan says.

use clap::ValueEnum;
use gateway_simulator::RepeatedOrder;

use crate::drill::Spoil;

/// Which troubles there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Faults {
    /// All of them.
    All,
    /// None: how the drill goes when nothing goes wrong.
    None,
}

/// What the DOM does with a second order of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Repeated {
    /// It keeps both.
    Accepted,
    /// It refuses the second.
    Refused,
}

/// How one order is spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Spoilt {
    /// The DOM loses it after it acknowledged it.
    Lost,
    /// The DOM creates it twice.
    Doubled,
    /// The DOM never takes it.
    Unresolved,
    /// The DOM never gives back what it reserved for it.
    Kept,
    /// The DOM reserves its stock twice.
    Orphan,
    /// The DOM takes its status back.
    Backwards,
    /// The store takes no push about it.
    Undelivered,
    /// The DOM repeats a push about it and never hears that it was taken.
    Unconfirmed,
    /// The store's call about it goes where there is no gateway.
    Unanswered,
}

// === impl Repeated ===

impl From<Repeated> for RepeatedOrder {
    fn from(repeated: Repeated) -> Self {
        match repeated {
            Repeated::Accepted => Self::Accepted,
            Repeated::Refused => Self::Refused,
        }
    }
}

// === impl Spoilt ===

impl From<Spoilt> for Spoil {
    fn from(spoilt: Spoilt) -> Self {
        match spoilt {
            Spoilt::Lost => Self::Lost,
            Spoilt::Doubled => Self::Doubled,
            Spoilt::Unresolved => Self::Unresolved,
            Spoilt::Kept => Self::Kept,
            Spoilt::Orphan => Self::Orphan,
            Spoilt::Backwards => Self::Backwards,
            Spoilt::Undelivered => Self::Undelivered,
            Spoilt::Unconfirmed => Self::Unconfirmed,
            Spoilt::Unanswered => Self::Unanswered,
        }
    }
}
