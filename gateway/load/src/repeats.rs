//! Counts rows whose key stood in the load before, in constant memory.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::FixedState;

use crate::LoadRow;

/// Keys side by side in one line of the processor's cache.
const PLACES: usize = 8;

/// The keys a load has seen last, as 64-bit fingerprints.
///
/// A key has its place in one of two lines, the emptier one when it came. So nothing is forgotten before about two
/// thirds of the places are taken; after that the oldest of a line goes. Two keys are taken for one with a chance
/// of one in 10^12 per row. Only a count hangs on all this: that the last row of a key wins comes from the order of
/// the rows.
#[derive(Debug)]
pub(crate) struct Repeats {
    /// As many as a power of two, or none.
    lines: Vec<[u64; PLACES]>,
    hasher: FixedState,
}

// === impl Repeats ===

impl Repeats {
    /// Room for about so many keys; none: nothing is remembered.
    pub(crate) fn with_room_for(keys: usize) -> Self {
        let lines = if keys == 0 { 0 } else { keys.div_ceil(PLACES).next_power_of_two() };
        Self { lines: vec![[0; PLACES]; lines], hasher: FixedState::default() }
    }

    /// Remembers the row's key, and says whether it was there.
    pub(crate) fn again(&mut self, row: &LoadRow<'_>) -> bool {
        let Some(last) = (self.lines.len() as u64).checked_sub(1) else { return false };
        let mut hasher = self.hasher.build_hasher();
        (row.store, row.item, row.location, row.unit_or_default()).hash(&mut hasher);
        let hash = hasher.finish();
        // Zero marks a free place.
        let fingerprint = hash.max(1);
        let [one, other] = [hash, hash >> 32].map(|half| usize::try_from(half & last).unwrap_or_default());
        let free = |line: usize| self.lines.get(line).map_or(0, |line| free_places(line));
        if [one, other]
            .iter()
            .any(|line| self.lines.get(*line).is_some_and(|line| line.contains(&fingerprint)))
        {
            return true;
        }
        let chosen = if free(one) < free(other) { other } else { one };
        if let Some(line) = self.lines.get_mut(chosen) {
            line.rotate_right(1);
            line[0] = fingerprint;
        }
        false
    }
}

fn free_places(line: &[u64; PLACES]) -> usize {
    line.iter().filter(|place| **place == 0).count()
}

#[cfg(test)]
mod tests {
    use super::Repeats;
    use crate::{Change, LoadRow, Location};

    fn row<'r>(item: &'r str, location: Location<'r>, unit: Option<&'r str>) -> LoadRow<'r> {
        LoadRow { line: 1, store: "1", item, location, unit, change: Change::Remove, updated_ms: None }
    }

    #[test]
    fn a_key_is_item_location_and_unit() {
        let mut repeats = Repeats::with_room_for(100);
        let (online, physical) = (Location::Online { store: "1" }, Location::Physical { name: "1" });
        let cases = [
            (row("A", online, None), false),
            (row("A", physical, None), false),
            (row("B", online, None), false),
            (row("A", online, Some("MTR")), false),
            (row("A", online, Some("C62")), true),
            (row("A", physical, None), true),
        ];
        for (row, again) in cases {
            assert_eq!(repeats.again(&row), again, "{row:?}");
        }
    }

    #[test]
    fn every_repeat_is_noticed_up_to_half_the_room() {
        let mut repeats = Repeats::with_room_for(1 << 14);
        let items: Vec<String> = (0..1 << 13).map(|number| format!("ITEM-{number}")).collect();
        let mut count = || {
            let online = Location::Online { store: "1" };
            items.iter().filter(|item| repeats.again(&row(item, online, None))).count()
        };
        assert_eq!(count(), 0);
        assert_eq!(count(), 1 << 13);
    }

    #[test]
    fn without_room_nothing_is_counted() {
        let mut repeats = Repeats::with_room_for(0);
        let row = row("A", Location::Online { store: "1" }, None);
        assert!(!repeats.again(&row) && !repeats.again(&row));
    }
}
