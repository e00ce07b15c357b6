//! One load at a time: whose turn it is, how far it is, and that it ends when the process does.
//!
//! Two loads at once would each be right, but two full replacements of one store would undo each other, and the machine
//! has requests to serve beside.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_load::Summary;
use tokio_util::sync::CancellationToken;

/// Where loads are let in. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct Desk {
    under_way: Arc<Mutex<Option<Seen>>>,
    closing: CancellationToken,
}

/// How far the load under way is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What is loaded: a file's name, or where it comes from.
    pub name: String,
    /// What it has done so far.
    pub summary: Summary,
}

/// The right to load; given back when it is dropped.
#[derive(Debug)]
pub struct Turn {
    under_way: Arc<Mutex<Option<Seen>>>,
    closing: CancellationToken,
}

/// Why a load cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// Another one is under way.
    #[error("a load is under way already: {name}, {rows} rows so far")]
    UnderWay {
        /// What is loaded.
        name: String,
        /// Rows it has read so far.
        rows: u64,
    },
    /// The gateway is being shut down.
    #[error("the gateway is shutting down")]
    Closing,
}

// === impl Desk ===

impl Desk {
    /// Lets loads in until `closing` is cancelled; then the one under way is broken off too.
    #[must_use]
    pub fn new(closing: CancellationToken) -> Self {
        Self { under_way: Arc::default(), closing }
    }

    /// Takes the turn.
    ///
    /// # Errors
    /// Another load is under way, or the gateway is shutting down.
    pub fn begin(&self, name: impl Into<String>) -> Result<Turn, Busy> {
        if self.closing.is_cancelled() {
            return Err(Busy::Closing);
        }
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Seen { name, summary }) = &*under_way {
            return Err(Busy::UnderWay { name: name.clone(), rows: summary.rows });
        }
        *under_way = Some(Seen { name: name.into(), summary: Summary::default() });
        Ok(Turn { under_way: Arc::clone(&self.under_way), closing: self.closing.clone() })
    }

    /// The load under way.
    #[must_use]
    pub fn under_way(&self) -> Option<Seen> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Cancelled when loads have to end.
    #[must_use]
    pub const fn closing(&self) -> &CancellationToken {
        &self.closing
    }
}

// === impl Turn ===

impl Turn {
    /// Notes how far the load is; `Break` when it has to end.
    pub(super) fn note(&self, so_far: &Summary) -> ControlFlow<()> {
        if let Some(seen) = &mut *self.under_way.lock().unwrap_or_else(PoisonError::into_inner) {
            seen.summary = *so_far;
        }
        if self.closing.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.under_way.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Busy, CancellationToken, Desk};

    #[test]
    fn one_load_at_a_time_and_none_while_shutting_down() {
        let desk = Desk::new(CancellationToken::new());
        let turn = desk.begin("night.csv").unwrap();
        let busy = desk.begin("other.csv").unwrap_err();
        assert_eq!(busy.to_string(), "a load is under way already: night.csv, 0 rows so far");
        assert_eq!(desk.under_way().map(|seen| seen.name), Some("night.csv".to_owned()));
        drop(turn);
        assert_eq!(desk.under_way(), None);
        let turn = desk.begin("other.csv").unwrap();
        desk.closing().cancel();
        assert!(turn.note(&Default::default()).is_break());
        drop(turn);
        assert_eq!(desk.begin("third.csv").unwrap_err(), Busy::Closing);
    }
}
