//! How the last calls fared: counts of a sliding window, in pieces.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The window is cut into so many pieces; the oldest one is forgotten as a whole.
const PIECES: u32 = 10;

/// Calls that went well and ill, not longer ago than the window.
#[derive(Debug)]
pub(crate) struct Window {
    piece: Duration,
    pieces: VecDeque<Piece>,
    well: u32,
    ill: u32,
}

#[derive(Debug)]
struct Piece {
    begun: Instant,
    well: u32,
    ill: u32,
}

// === impl Window ===

impl Window {
    pub(crate) fn new(length: Duration) -> Self {
        Self { piece: length / PIECES, pieces: VecDeque::new(), well: 0, ill: 0 }
    }

    /// Counts one call that ended now.
    pub(crate) fn note(&mut self, went_well: bool, now: Instant) {
        self.forget(now);
        if self.pieces.back().is_none_or(|piece| piece.begun + self.piece <= now) {
            self.pieces.push_back(Piece { begun: now, well: 0, ill: 0 });
        }
        let Some(piece) = self.pieces.back_mut() else { return };
        let (of_piece, of_all) =
            if went_well { (&mut piece.well, &mut self.well) } else { (&mut piece.ill, &mut self.ill) };
        if let (Some(more), Some(more_of_all)) = (of_piece.checked_add(1), of_all.checked_add(1)) {
            (*of_piece, *of_all) = (more, more_of_all);
        }
    }

    /// Calls of the window, and those of them that went ill.
    pub(crate) fn counts(&mut self, now: Instant) -> (u32, u32) {
        self.forget(now);
        (self.well.saturating_add(self.ill), self.ill)
    }

    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
        (self.well, self.ill) = (0, 0);
    }

    /// A piece goes when the window no longer reaches its first instant: nothing older than the window is ever counted.
    fn forget(&mut self, now: Instant) {
        let length = self.piece * PIECES;
        while self.pieces.front().is_some_and(|piece| piece.begun + length <= now) {
            let Some(gone) = self.pieces.pop_front() else { return };
            self.well = self.well.saturating_sub(gone.well);
            self.ill = self.ill.saturating_sub(gone.ill);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::Window;

    proptest! {
        #[test]
        fn nothing_older_than_the_window_is_counted_and_nothing_younger_than_nine_tenths_is_not(
            calls in prop::collection::vec((0_u64..700, any::<bool>()), 1..300),
        ) {
            let (mut window, mut now) = (Window::new(Duration::from_secs(10)), Instant::now());
            let mut all = Vec::new();
            for (pause, well) in calls {
                now += Duration::from_millis(pause);
                window.note(well, now);
                all.push((now, well));
                let ill_within = |millis| {
                    let after = |at: Instant| now - at < Duration::from_millis(millis);
                    let within = all.iter().filter(|(at, _)| after(*at));
                    let ill = within.clone().filter(|(_, well)| !well).count();
                    (u32::try_from(within.count()).unwrap(), u32::try_from(ill).unwrap())
                };
                let (calls, ill) = window.counts(now);
                prop_assert!((ill_within(9_000).0..=ill_within(10_000).0).contains(&calls));
                prop_assert!((ill_within(9_000).1..=ill_within(10_000).1).contains(&ill));
            }
        }
    }
}
