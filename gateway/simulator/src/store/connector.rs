//! How the store's outbound connector behaves: retries on transport failure, silence after an exception.
//!
//! It throws on a SOAP fault, and after an exception lets the same kind of call run again only after a set time; a
//! call that fails on the way is sent again up to three times. Calls of one message type go out one after another.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// The message types an administrator joins to transports (contract store section 14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageType {
    /// All inventory calls.
    Inventory,
    /// Order transfers.
    Order,
    /// Order history and details.
    GetOrder,
}

/// Settings of the connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectorHabits {
    /// How often a call is sent again after a transport failure.
    pub retries: u32,
    /// How long a message type is held off after an exception. No default of the real one is known.
    pub hold_off: SignedDuration,
    /// How long an order may wait for its acknowledgement before it is sent again.
    pub pending_expiration: SignedDuration,
}

/// The connector's memory.
#[derive(Debug, Default)]
pub struct Connector {
    habits: ConnectorHabits,
    held_off: BTreeMap<MessageType, Timestamp>,
}

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// With a document that is no fault.
    Answered,
    /// With a SOAP fault.
    Fault,
    /// Without an answer that could be read.
    TransportFailure,
}

/// What the connector does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Hands the answer on.
    Done,
    /// Sends the same document once more.
    SendAgain,
    /// Throws.
    GiveUp,
}

/// The message type is not sent at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is held off until {until}", message_type.name())]
pub struct HeldOff {
    /// Which one.
    pub message_type: MessageType,
    /// When it is sent again.
    pub until: Timestamp,
}

// === impl MessageType ===

impl MessageType {
    /// Its name at the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inventory => "com.ibm.commerce.inventory.external",
            Self::Order => "com.ibm.commerce.order.external",
            Self::GetOrder => "com.ibm.commerce.order.external.GetOrder",
        }
    }

    /// The service it is sent to, the last part of the URL.
    #[must_use]
    pub const fn service(self) -> &'static str {
        match self {
            Self::Inventory => "InventoryServices",
            Self::Order | Self::GetOrder => "OrderServices",
        }
    }
}

// === impl ConnectorHabits ===

impl Default for ConnectorHabits {
    fn default() -> Self {
        Self {
            retries: 3,
            hold_off: SignedDuration::from_secs(60),
            pending_expiration: SignedDuration::from_secs(86_400),
        }
    }
}

// === impl Connector ===

impl Connector {
    /// A connector with these settings that has not sent anything yet.
    #[must_use]
    pub fn new(habits: ConnectorHabits) -> Self {
        Self { habits, held_off: BTreeMap::new() }
    }

    /// Its settings.
    #[must_use]
    pub fn habits(&self) -> ConnectorHabits {
        self.habits
    }

    /// Whether a call of this message type may go out.
    ///
    /// # Errors
    /// An exception came too short a time ago.
    pub fn may_send(&self, message_type: MessageType, now: Timestamp) -> Result<(), HeldOff> {
        match self.held_off.get(&message_type) {
            Some(until) if now < *until => Err(HeldOff { message_type, until: *until }),
            _ => Ok(()),
        }
    }

    /// Takes the outcome of the n-th attempt (from 1) and says what to do next.
    pub fn after(
        &mut self,
        message_type: MessageType,
        attempt: u32,
        outcome: Attempt,
        now: Timestamp,
    ) -> Next {
        match outcome {
            Attempt::Answered => {
                self.held_off.remove(&message_type);
                Next::Done
            }
            Attempt::TransportFailure if attempt <= self.habits.retries => Next::SendAgain,
            Attempt::TransportFailure | Attempt::Fault => {
                let until = now.checked_add(self.habits.hold_off).unwrap_or(Timestamp::MAX);
                self.held_off.insert(message_type, until);
                Next::GiveUp
            }
        }
    }
}
