//! The operations by name: which class a call belongs to, whether it may be repeated, what it asks of the DOM.

use gateway_model::Class;

/// One thing a store or a DOM wants, independent of its wire form (design section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Is it in stock?
    Availability,
    /// Can this order be delivered? Answered from availability.
    Check,
    /// Hold stock for an order.
    Reserve,
    /// Give held stock back.
    CancelReservation,
    /// Lower the cached quantities; the DOM is not asked.
    Decrement,
    /// Hand an order to the DOM.
    Transfer,
    /// One page of a buyer's orders.
    History,
    /// One order in full.
    Details,
    /// New states of orders, for the store.
    OrderSync,
    /// A transferred order now exists, for the store.
    OrderCreated,
    /// Changed stock, for the store.
    AvailabilitySync,
}

/// Every operation, in the order of the design's table.
pub const OPERATIONS: [Operation; 11] = [
    Operation::Availability,
    Operation::Check,
    Operation::Reserve,
    Operation::CancelReservation,
    Operation::Decrement,
    Operation::Transfer,
    Operation::History,
    Operation::Details,
    Operation::OrderSync,
    Operation::OrderCreated,
    Operation::AvailabilitySync,
];

// === impl Operation ===

impl Operation {
    /// Its name in the vocabulary, in logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Check => "check",
            Self::Reserve => "reserve",
            Self::CancelReservation => "cancel_reservation",
            Self::Decrement => "decrement",
            Self::Transfer => "transfer",
            Self::History => "history",
            Self::Details => "details",
            Self::OrderSync => "order_sync",
            Self::OrderCreated => "order_created",
            Self::AvailabilitySync => "availability_sync",
        }
    }

    /// The operation of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        OPERATIONS.into_iter().find(|operation| operation.name() == name)
    }

    /// Its class; follows from what it is, no header needed.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::Availability => Class::Browse,
            Self::Check | Self::Reserve | Self::CancelReservation | Self::Decrement => Class::Checkout,
            Self::Transfer => Class::Order,
            Self::History | Self::Details => Class::Account,
            Self::OrderSync | Self::OrderCreated | Self::AvailabilitySync => Class::Push,
        }
    }

    /// Whether it changes nothing at the DOM, so that it may be asked again at any time, and ends when nobody waits for it.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        matches!(self, Self::Availability | Self::Check | Self::History | Self::Details)
    }

    /// Whether it may be sent again although nobody knows whether the DOM acted on it: what only reads, and a cancellation. What
    /// was given back cannot be given back again; but a cancellation names a quantity, so under an id that holds more than that
    /// quantity a second one takes more.
    #[must_use]
    pub const fn is_safe_to_repeat(self) -> bool {
        self.only_reads() || matches!(self, Self::CancelReservation)
    }

    /// Whether the DOM starts it.
    #[must_use]
    pub const fn is_push(self) -> bool {
        matches!(self, Self::OrderSync | Self::OrderCreated | Self::AvailabilitySync)
    }

    /// The operation whose messages are used towards the DOM: a check is asked as availability.
    #[must_use]
    pub const fn asked_as(self) -> Self {
        match self {
            Self::Check => Self::Availability,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, Operation};

    #[test]
    fn every_operation_is_found_by_its_name() {
        for operation in OPERATIONS {
            assert_eq!(Operation::named(operation.name()), Some(operation));
        }
        assert_eq!(Operation::named("browse"), None);
    }
}
