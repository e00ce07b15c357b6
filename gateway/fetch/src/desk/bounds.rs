//! Who is let in: nobody while the desk is closing, the source is left alone, or as many wait as may.

use std::hash::Hash;

use gateway_model::codes::{DRAINING, OVERLOADED};
use gateway_model::{Fault, Repeat};
use tokio::time::Instant;

use super::Desk;
use crate::source::Class;

impl<K: Clone + Eq + Hash, V> Desk<K, V> {
    /// Whether one more caller, of so many keys, may ask.
    pub(super) fn admit_caller(&mut self, keys: usize, now: Instant) -> Result<(), Fault> {
        let keys = u64::try_from(keys).unwrap_or(u64::MAX);
        if self.closing {
            return Err(draining());
        }
        if let Some(fault) = self.way.refusal(now, || self.calls_of_this_round()) {
            self.counts.refused_by_pause += keys;
            return Err(fault);
        }
        if self.callers >= self.params.most_callers {
            self.counts.refused_by_bound += keys;
            return Err(overloaded("as many callers wait for answers as may (`most_callers`)"));
        }
        Ok(())
    }

    /// Whether there may be one more line.
    pub(super) fn admit_line(&mut self, class: Class) -> Result<(), Fault> {
        if self.lines.len() >= self.params.most_lines {
            self.counts.refused_by_bound += 1;
            return Err(overloaded("as many lines wait for answers as may (`most_lines`)"));
        }
        if class == Class::Refresh && self.queue.refreshes() >= self.params.most_refreshes {
            self.counts.refused_by_bound += 1;
            return Err(overloaded("as many refreshes wait as may (`most_refreshes`)"));
        }
        Ok(())
    }

    /// Whether a refresh is not to be begun.
    pub(super) fn refuses_refreshes(&self, now: Instant) -> bool {
        self.closing
            || self.lines.len() >= self.params.most_lines
            || self.queue.refreshes() >= self.params.most_refreshes
            || self.way.refusal(now, || self.calls_of_this_round()).is_some()
    }
}

/// Why nobody is let in any more.
pub(super) fn draining() -> Fault {
    Fault::gateway(DRAINING, "the gateway is shutting down").repeat(Repeat::Safe)
}

fn overloaded(text: &str) -> Fault {
    Fault::gateway(OVERLOADED, text).repeat(Repeat::Safe)
}
