//! When a breaker opens, and for how long.

use std::time::Duration;

use crate::retry::BadParams;

/// When to open, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// What is looked back upon.
    pub window: Duration,
    /// Calls of the window without which nothing is decided.
    pub least_calls: u32,
    /// The share of calls that has to go ill, 0.5 for half of them.
    pub share: f32,
    /// The bound of the first open time; it doubles with each probe. What is taken lies between half of the bound and all
    /// of it.
    pub first_open: Duration,
    /// The bound of every open time. After each one a probe passes, so this is how late a DOM's return may be noticed by
    /// calls that come all the time.
    pub longest_open: Duration,
    /// What the jitter starts from.
    pub seed: u64,
}

// === impl Params ===

impl Params {
    /// Says of each parameter whether it can be.
    ///
    /// # Errors
    ///
    /// The first one that cannot be.
    pub fn check(&self) -> Result<(), BadParams> {
        let bad = |setting, expected, found| Err(BadParams { setting, expected, found });
        let (shortest, longest) = (Duration::from_millis(1), Duration::from_secs(3_600));
        let of_time = |time: &Duration| (shortest..=longest).contains(time);
        if !of_time(&self.window) {
            return bad("window", "1 ms to 1 h", format!("{:?}", self.window));
        }
        if self.least_calls == 0 {
            return bad("least_calls", "at least 1", "0".to_owned());
        }
        if !(self.share > 0.0 && self.share <= 1.0) {
            return bad("share", "more than 0, at most 1", self.share.to_string());
        }
        if !of_time(&self.first_open) {
            return bad("first_open", "1 ms to 1 h", format!("{:?}", self.first_open));
        }
        if self.longest_open < self.first_open || self.longest_open > longest {
            return bad("longest_open", "`first_open` to 1 h", format!("{:?}", self.longest_open));
        }
        Ok(())
    }
}

impl Default for Params {
    /// Half of at least 20 calls of the last 10 s; up to 1 s, later up to 4 s.
    fn default() -> Self {
        Self {
            window: Duration::from_secs(10),
            least_calls: 20,
            share: 0.5,
            first_open: Duration::from_secs(1),
            longest_open: Duration::from_secs(4),
            seed: 0,
        }
    }
}
