//! Who waits for a call's answer: since when, and whether still.

use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The one who waits for a call's answer; in the request's extensions. Cheap to clone: all clones are one.
///
/// A call whose caller has gone goes on by itself where [`HangUp::FinishesCall`] holds; it may look here and stop.
/// Gone means that the connection, or the HTTP/2 stream, ended before there was an answer; that an answer was never
/// read cannot be known.
///
/// [`HangUp::FinishesCall`]: super::HangUp::FinishesCall
#[derive(Debug, Clone)]
pub struct Caller {
    since: Instant,
    gone: CancellationToken,
}

// === impl Caller ===

impl Caller {
    /// Somebody who begins to wait now, and stays: for requests that came by no listener.
    #[must_use]
    pub fn who_stays() -> Self {
        Self { since: Instant::now(), gone: CancellationToken::new() }
    }

    /// Somebody who begins to wait now, and is gone when the guard is dropped before it is disarmed.
    #[must_use]
    pub fn watched() -> (Self, DropGuard) {
        let caller = Self::who_stays();
        let guard = caller.gone.clone().drop_guard();
        (caller, guard)
    }

    /// When the request had arrived whole: the caller's own clock runs from here.
    #[must_use]
    pub const fn since(&self) -> Instant {
        self.since
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone.is_cancelled()
    }

    /// Waits until nobody waits any more.
    pub async fn gone(&self) {
        self.gone.cancelled().await;
    }
}
