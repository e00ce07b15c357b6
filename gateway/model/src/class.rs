//! How urgent a call is: one word for what operations say of themselves and what limits go by.

/// How urgent a call is; a later one in this list goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A shopper looks.
    Browse,
    /// A shopper looks at orders.
    Account,
    /// A DOM tells something.
    Push,
    /// A shopper is about to order.
    Checkout,
    /// The order itself.
    Order,
}

// === impl Class ===

impl Class {
    /// Every class, the most urgent one first.
    pub const ALL: [Self; 5] = [Self::Order, Self::Checkout, Self::Push, Self::Account, Self::Browse];

    /// The word used in settings, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Browse => "browse",
            Self::Account => "account",
            Self::Push => "push",
            Self::Checkout => "checkout",
            Self::Order => "order",
        }
    }
}
