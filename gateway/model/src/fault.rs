//! A fault: what went wrong, whose fault it is, whether the DOM may have acted, whether sending again is safe.
//!
//! Every crate below `app` has its own small error enums; across the joints they become a `Fault`, and only
//! `app/respond.rs` turns one into an answer.

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use crate::codes::{self, Code};

/// Who has to act for it not to happen again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The store's document or credentials.
    Store,
    /// This gateway: its configuration, its mappings, its limits.
    Gateway,
    /// The DOM.
    Dom,
    /// The way between the gateway and another system.
    Network,
}

/// Whether the DOM may have acted on what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reached {
    /// Nothing was sent to it.
    No,
    /// It may have got the message; nobody knows.
    Maybe,
    /// It answered.
    Yes,
}

/// Whether the caller may send the same document again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Yes; it may work then.
    Safe,
    /// Only after finding out whether the first one was carried out.
    AfterCheck,
    /// It would fail the same way.
    Useless,
}

/// What went wrong. Its text never holds a body, a credential or personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number in the register.
    pub code: Code,
    /// Whose fault it is.
    pub origin: Origin,
    /// Whether the DOM may have acted.
    pub reached: Reached,
    /// Whether to send again.
    pub repeat: Repeat,
    /// What went wrong; lower case, no full stop.
    pub message: String,
    /// Where: line, column and path in the document, or a template's place.
    pub places: Vec<String>,
    /// The DOM's own error code, if it gave one.
    pub dom_code: Option<String>,
    /// The DOM's parameters of its error, if it gave any.
    pub reasons: Vec<String>,
    /// The HTTP status that the DOM answered with, if the status is what is wrong.
    pub dom_status: Option<NonZeroU16>,
    /// How long to wait before sending again, if whoever refused says so: the DOM (`Retry-After`) or a limit of this
    /// gateway.
    pub retry_after: Option<Pause>,
}

/// How long to wait: 1 ms to 49 days. Kept to the millisecond and in few bytes, as each result of a call has room for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pause(NonZeroU32);

// === impl Origin ===

impl Origin {
    /// The word used in headers, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Gateway => "gateway",
            Self::Dom => "dom",
            Self::Network => "network",
        }
    }
}

// === impl Reached ===

impl Reached {
    /// The word used in headers, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Yes => "yes",
        }
    }
}

// === impl Repeat ===

impl Repeat {
    /// The word used in headers, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::AfterCheck => "after-check",
            Self::Useless => "useless",
        }
    }
}

// === impl Fault ===

impl Fault {
    /// A fault of the store's document: nothing was sent, the same document would fail again.
    #[must_use]
    pub fn store(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Origin::Store, message)
    }

    /// A fault of this gateway: nothing was sent, the same document would fail again.
    #[must_use]
    pub fn gateway(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Origin::Gateway, message)
    }

    /// A fault of the DOM, after it answered.
    #[must_use]
    pub fn dom(code: Code, message: impl Into<String>) -> Self {
        Self { reached: Reached::Yes, ..Self::new(code, Origin::Dom, message) }
    }

    /// A fault on the way: nothing is said yet of whether the DOM got the message.
    #[must_use]
    pub fn network(code: Code, message: impl Into<String>) -> Self {
        Self { repeat: Repeat::Safe, ..Self::new(code, Origin::Network, message) }
    }

    /// Says whether the DOM may have acted.
    #[must_use]
    pub fn reached(mut self, reached: Reached) -> Self {
        self.reached = reached;
        self
    }

    /// Says whether sending again is safe.
    #[must_use]
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// Says how long to wait before sending again; nothing if there is no need to.
    #[must_use]
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Pause::of(pause);
        self
    }

    /// Says with which HTTP status the DOM answered.
    #[must_use]
    pub fn dom_status(mut self, status: u16) -> Self {
        self.dom_status = NonZeroU16::new(status);
        self
    }

    /// Whether a limit of this gateway held the call back: nobody else was asked, and nothing is said of anybody's health.
    #[must_use]
    pub fn was_held_back(&self) -> bool {
        self.reached == Reached::No && matches!(self.code, codes::DOM_NOT_ASKED | codes::OVERLOADED)
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.places.push(place.into());
        self
    }

    fn new(code: Code, origin: Origin, message: impl Into<String>) -> Self {
        Self {
            code,
            origin,
            reached: Reached::No,
            repeat: Repeat::Useless,
            message: message.into(),
            places: Vec::new(),
            dom_code: None,
            reasons: Vec::new(),
            dom_status: None,
            retry_after: None,
        }
    }
}

// === impl Pause ===

impl Pause {
    /// A pause of this length, rounded up to the millisecond and cut to the longest; nothing if it has no length.
    #[must_use]
    pub fn of(length: Duration) -> Option<Self> {
        let millis = length.as_nanos().div_ceil(1_000_000);
        NonZeroU32::new(u32::try_from(millis).unwrap_or(u32::MAX)).map(Self)
    }

    /// Its length.
    #[must_use]
    pub const fn length(self) -> Duration {
        Duration::from_millis(self.0.get() as u64)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)?;
        for place in &self.places {
            write!(formatter, " ({place})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Fault, Pause};

    #[test]
    fn a_pause_is_never_shorter_than_asked_but_for_the_longest() {
        let longest = Duration::from_millis(u32::MAX.into());
        let cases = [
            (Duration::ZERO, None),
            (Duration::from_nanos(1), Some(Duration::from_millis(1))),
            (Duration::from_micros(1_001), Some(Duration::from_millis(2))),
            (Duration::from_secs(60), Some(Duration::from_secs(60))),
            (longest, Some(longest)),
            (Duration::MAX, Some(longest)),
        ];
        for (asked, kept) in cases {
            assert_eq!(Pause::of(asked).map(Pause::length), kept, "{asked:?}");
        }
    }

    #[test]
    fn a_fault_leaves_room_for_what_goes_along_with_it_in_a_result() {
        // From 128 bytes on, clippy asks for a box around the error of a result.
        assert!(size_of::<Fault>() <= 112);
    }
}
