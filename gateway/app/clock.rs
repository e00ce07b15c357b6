//! The one place where the clock is read and identities are made; everything below gets them as values.

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

/// Now, and a new identity that sorts by time.
#[must_use]
pub fn identity() -> Identity {
    Identity { now: now(), id: Uuid::now_v7().to_string() }
}

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

// === impl Identity ===

impl Identity {
    /// The stamp of a document.
    #[must_use]
    pub fn stamp(&self) -> Stamp<'_> {
        Stamp { sent_at: self.now, message_id: &self.id }
    }
}
