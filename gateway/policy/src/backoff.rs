//! How long to wait before the next attempt: exponential, with full jitter.

use std::time::Duration;

/// Waits that double from a first one up to a longest one, each drawn evenly between nothing and that bound, so that
/// callers that failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

// === impl Backoff ===

impl Backoff {
    /// The bound of the wait after so many attempts, counted from 1.
    pub(crate) fn bound(self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        self.first.saturating_mul(1_u32 << doublings).min(self.longest)
    }

    /// The wait after so many attempts; `share` is drawn evenly from 0 to 1.
    pub(crate) fn wait(self, attempts: u32, share: f64) -> Duration {
        self.bound(attempts).mul_f64(share.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Backoff;

    #[test]
    fn the_bound_doubles_up_to_the_longest() {
        let backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_secs(1) };
        let bounds = [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1_000), (6, 1_000), (u32::MAX, 1_000)];
        for (attempts, millis) in bounds {
            assert_eq!(backoff.bound(attempts), Duration::from_millis(millis), "{attempts}");
        }
    }

    proptest! {
        #[test]
        fn no_wait_exceeds_its_bound(first in 0_u64..10_000, longest in 0_u64..100_000, attempts: u32, share: f64) {
            let backoff = Backoff { first: Duration::from_millis(first), longest: Duration::from_millis(longest) };
            prop_assume!(!share.is_nan());
            prop_assert!(backoff.wait(attempts, share) <= backoff.bound(attempts));
            prop_assert!(backoff.bound(attempts) <= backoff.longest);
        }
    }
}
