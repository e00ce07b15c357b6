//! What a DOM API takes, and whose it is.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::class::{ByClass, Class};
use crate::retry::BadParams;

/// What a DOM API takes, and how that is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// How often it may be called; nothing if that has no bound.
    pub requests: Option<Rate>,
    /// How many lines it may be asked for; nothing if that has no bound.
    pub lines: Option<Rate>,
    /// Calls under way at a time.
    pub concurrent: u32,
    /// Of those, how many are never lent, so that a class that comes back finds room at once.
    pub never_lent: u32,
    /// Calls waiting at a time.
    pub most_waiting: u32,
    /// What each class is sure of. The percentages may come to less than 100: what nobody is sure of is lent.
    pub classes: ByClass<Share>,
    /// How much more than others a store gets when several want the same class; 1 for those not named.
    pub stores: BTreeMap<String, NonZeroU32>,
}

/// So many per second, on average and at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// On average.
    pub per_second: NonZeroU32,
    /// At once after a quiet time. Timers keep to the millisecond, so with less than a thousandth of `per_second` the
    /// average cannot be reached. A call may have more lines; it waits until they have come together.
    pub at_once: NonZeroU32,
}

/// What a class is sure of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Of requests, lines, calls under way and room to wait.
    pub percent: u32,
    /// How long its calls wait at most; a call's own deadline may come earlier.
    pub longest_wait: Duration,
}

// === impl Params ===

impl Params {
    /// Says of each parameter whether it can be.
    ///
    /// # Errors
    ///
    /// The first one that cannot be.
    pub fn check(&self) -> Result<(), BadParams> {
        let bad = |setting, expected, found: String| Err(BadParams { setting, expected, found });
        let each = u32::try_from(Class::ALL.len()).unwrap_or(u32::MAX);
        if self.concurrent < each {
            return bad("concurrent", "at least 5, one for each class", self.concurrent.to_string());
        }
        if self.never_lent >= self.concurrent {
            return bad("never_lent", "less than `concurrent`", self.never_lent.to_string());
        }
        if self.most_waiting < each {
            return bad("most_waiting", "at least 5, one for each class", self.most_waiting.to_string());
        }
        let percent = Class::ALL.map(|class| self.classes.of(class).percent);
        if percent.contains(&0) || percent.into_iter().fold(0, u32::saturating_add) > 100 {
            return bad("classes", "at least 1 percent each and at most 100 in all", format!("{percent:?}"));
        }
        let longest = Duration::from_secs(3_600);
        if let Some((_, share)) = self.classes.iter().find(|(_, share)| share.longest_wait > longest) {
            return bad("longest_wait", "at most 1 h", format!("{:?}", share.longest_wait));
        }
        Ok(())
    }

    /// What a class is sure of from a whole that is counted in pieces: one for each class, and of the rest its percentage.
    pub(crate) fn sure_of(&self, whole: u32, class: Class) -> u32 {
        let each = u32::try_from(Class::ALL.len()).unwrap_or(u32::MAX);
        let rest = u64::from(whole.saturating_sub(each));
        let part = rest * u64::from(self.classes.of(class).percent) / 100;
        u32::try_from(part).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// What a store's share of a class is worth.
    pub(crate) fn weight(&self, store: &str) -> u128 {
        self.stores.get(store).map_or(1, |weight| weight.get().into())
    }
}

impl Default for Params {
    /// No rates, 20 calls under way of which 2 are never lent, 1,000 waiting.
    fn default() -> Self {
        let share = |percent, seconds| Share { percent, longest_wait: Duration::from_secs(seconds) };
        Self {
            requests: None,
            lines: None,
            concurrent: 20,
            never_lent: 2,
            most_waiting: 1_000,
            classes: ByClass {
                order: share(20, 10),
                checkout: share(40, 5),
                push: share(15, 5),
                account: share(10, 3),
                browse: share(15, 1),
            },
            stores: BTreeMap::new(),
        }
    }
}

// === impl Rate ===

impl Rate {
    /// The time that one takes.
    pub(crate) fn period(self) -> Duration {
        Duration::from_secs(1) / self.per_second.get()
    }

    /// The time that those take which may come at once.
    pub(crate) fn burst(self) -> Duration {
        self.period().saturating_mul(self.at_once.get())
    }
}
