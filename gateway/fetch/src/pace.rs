//! How long a line waits for others to travel with.

use std::time::Duration;

/// The window as a share of what a call takes: a line waits at most a quarter longer than it would without.
const SHARE: u32 = 4;

/// The weight of all calls before in the usual time of a call, against 1 of the last.
const MEMORY: u32 = 7;

/// Knows how long calls usually take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    longest_window: Duration,
    usual: Option<Duration>,
}

// === impl Pace ===

impl Pace {
    pub(crate) const fn new(longest_window: Duration) -> Self {
        Self { longest_window, usual: None }
    }

    /// A call took so long.
    pub(crate) fn took(&mut self, time: Duration) {
        let usual = self.usual.map(|usual| (usual * MEMORY + time) / (MEMORY + 1));
        self.usual = Some(usual.unwrap_or(time));
    }

    /// How long the window is while the oldest call under way has lasted so long. Before any call came back it is the
    /// longest, because the first burst should not find out one call at a time that the source is slow.
    pub(crate) fn window(&self, under_way_for: Option<Duration>) -> Duration {
        match (under_way_for, self.usual) {
            (None, _) => Duration::ZERO,
            (Some(_), None) => self.longest_window,
            (Some(lasted), Some(usual)) => (usual.max(lasted) / SHARE).min(self.longest_window),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_window_is_a_quarter_of_a_call_up_to_the_longest() {
        // (what calls took, how long the oldest one under way has lasted, the window)
        let cases: [(&[u64], Option<u64>, u64); 8] = [
            (&[], None, 0),
            (&[], Some(0), 10),
            (&[20], None, 0),
            (&[20], Some(0), 5),
            (&[20], Some(30), 7),
            (&[20], Some(1_000), 10),
            (&[400], Some(0), 10),
            (&[16, 80], Some(0), 6),
        ];
        for (took, lasted, window) in cases {
            let mut pace = Pace::new(ms(10));
            took.iter().for_each(|time| pace.took(ms(*time)));
            let found = pace.window(lasted.map(ms)).as_millis();
            assert_eq!(found, u128::from(window), "{took:?} {lasted:?}");
        }
    }
}
