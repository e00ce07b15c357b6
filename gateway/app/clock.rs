//! The one place where the clock is read and identities are made; everything below gets them as values.
//!
//! A gateway has its clock from [`crate::outside`]; the functions read the machine's.

use std::fmt;

use gateway_operation::frame::Stamp;
use jiff::Timestamp;
use uuid::Uuid;

/// When a document is written and the identity it gets.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Now.
    pub now: Timestamp,
    /// A new identity.
    pub id: String,
}

/// Where the time and new identities come from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, and a new identity.
    fn identity(&self) -> Identity;

    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's.
#[derive(Debug, Clone, Copy)]
pub struct MachineClock;

/// Now, and a new identity that sorts by time.
#[must_use]
pub fn identity() -> Identity {
    Identity { now: now(), id: Uuid::now_v7().to_string() }
}

/// The identity that follows from a document's bytes: the same bytes, the same identity.
#[must_use]
pub fn identity_of(document: &[u8]) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, document).to_string()
}

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

// === impl MachineClock ===

impl Clock for MachineClock {
    fn identity(&self) -> Identity {
        identity()
    }

    fn now(&self) -> Timestamp {
        now()
    }
}

// === impl Identity ===

impl Identity {
    /// The stamp of a document.
    #[must_use]
    pub fn stamp(&self) -> Stamp<'_> {
        Stamp { sent_at: self.now, message_id: &self.id }
    }
}
