//! Counts rows whose key stood in the load before, in constant memory.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use crate::LoadRow;

/// Keys side by side in one line of the processor's cache.
const PLACES: usize = 8;

/// Keys that are looked up together.
const WAITING: usize = 64;

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
    /// Keys not looked up yet: one after the other without anything between them, the processor fetches many lines
    /// at a time.
    waiting: Vec<u64>,
    count: u64,
}

// === impl Repeats ===

impl Repeats {
    /// Room for about so many keys; none: nothing is remembered.
    pub(crate) fn with_room_for(keys: usize) -> Self {
        let lines = if keys == 0 { 0 } else { keys.div_ceil(PLACES).next_power_of_two() };
        let lines = vec![[0; PLACES]; lines];
        Self { lines, hasher: FixedState::default(), waiting: Vec::with_capacity(WAITING), count: 0 }
    }

    /// Remembers the row's key, and counts it if it was there.
    pub(crate) fn note(&mut self, row: &LoadRow<'_>) {
        if self.lines.is_empty() {
            return;
        }
        self.waiting.push(self.hasher.hash_one((row.store, row.item, row.location, row.unit_or_default())));
        if self.waiting.len() == WAITING {
            self.look_up();
        }
    }

    /// Rows whose key was there.
    pub(crate) fn count(&mut self) -> u64 {
        self.look_up();
        self.count
    }

    fn look_up(&mut self) {
        let mask = (self.lines.len() as u64).saturating_sub(1);
        for hash in self.waiting.drain(..) {
            // Zero marks a free place.
            let fingerprint = hash.max(1);
            let [one, other] =
                [hash, hash >> 32].map(|half| usize::try_from(half & mask).unwrap_or_default());
            let (Some(first), Some(second)) = (self.lines.get(one), self.lines.get(other)) else { continue };
            if holds(first, fingerprint) || holds(second, fingerprint) {
                self.count += 1;
                continue;
            }
            let emptier = if free_places(first) < free_places(second) { other } else { one };
            if let Some(line) = self.lines.get_mut(emptier) {
                line.rotate_right(1);
                line[0] = fingerprint;
            }
        }
    }
}

/// Without an early end, which the processor would have to guess.
fn holds(line: &[u64; PLACES], fingerprint: u64) -> bool {
    line.iter().fold(false, |found, place| found | (*place == fingerprint))
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
            (row("A", online, None), 0),
            (row("A", physical, None), 0),
            (row("B", online, None), 0),
            (row("A", online, Some("MTR")), 0),
            (row("A", online, Some("C62")), 1),
            (row("A", physical, None), 2),
        ];
        for (row, count) in cases {
            repeats.note(&row);
            assert_eq!(repeats.count(), count, "{row:?}");
        }
    }

    #[test]
    fn every_repeat_is_noticed_up_to_half_the_room() {
        let mut repeats = Repeats::with_room_for(1 << 14);
        let items: Vec<String> = (0..1 << 13).map(|number| format!("ITEM-{number}")).collect();
        let mut note_all = || {
            items.iter().for_each(|item| repeats.note(&row(item, Location::Online { store: "1" }, None)));
            repeats.count()
        };
        assert_eq!(note_all(), 0);
        assert_eq!(note_all(), 1 << 13);
    }

    #[test]
    fn without_room_nothing_is_counted() {
        let mut repeats = Repeats::with_room_for(0);
        (0..1000).for_each(|_| repeats.note(&row("A", Location::Online { store: "1" }, None)));
        assert_eq!(repeats.count(), 0);
    }
}
