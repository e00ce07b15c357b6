//! Chance that depends on the seed and on what is decided, and on nothing else.

use fastrand::Rng;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// Decides by a seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    seed: u64,
}

// === impl Chance ===

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The dice for one decision: what it is about, of which order, at which attempt.
    pub(super) fn dice(self, about: &str, order: &str, attempt: u32) -> Rng {
        Rng::with_seed(FixedState::with_seed(self.seed).hash_one((about, order, attempt)))
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub(super) fn percent(self, percent: u8, (about, order, attempt): (&str, &str, u32)) -> bool {
        self.dice(about, order, attempt).u8(..100) < percent
    }

    /// So many places of a row of `length`, in order, none at its very ends.
    pub(super) fn places(self, about: &str, count: u32, length: u32) -> Vec<u32> {
        let mut dice = self.dice(about, "", 0);
        let (first, last) = (length / 20, length - length / 20);
        let mut places: Vec<u32> = (0..count).map(|_| dice.u32(first..=last)).collect();
        places.sort_unstable();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_decides_the_same_and_another_otherwise() {
        let decided = |seed: u64| -> Vec<bool> {
            let orders = (0..200).map(|order: u32| order.to_string());
            orders.map(|order| Chance::new(seed).percent(50, ("transfer", &order, 1))).collect()
        };
        assert_eq!(decided(7), decided(7));
        assert_ne!(decided(7), decided(8));
    }

    #[test]
    fn places_are_in_order_and_within_the_row() {
        let places = Chance::new(1).places("kill", 50, 1_000);
        assert!(places.is_sorted() && places.len() == 50);
        assert!(places.iter().all(|place| (50..=950).contains(place)));
        assert_eq!(Chance::new(1).places("kill", 2, 0), [0, 0]);
    }
}
