//! How far a drill is: a bar on a terminal, a line now and then elsewhere.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::cli::load::progress::grouped;
use crate::cli::terminal::Terminal;
use crate::drill::Seen;

/// Between two lines where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(10);
const BAR: &str = "orders [{bar:30}] {pos}/{len}  {msg}";

/// Shows how far a drill is.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    orders: u64,
    began: Instant,
    last_line: Instant,
}

// === impl Progress ===

impl Progress {
    pub(super) fn begin(orders: u64, terminal: &Terminal) -> Self {
        let bar = terminal.is_watched().then(|| {
            let bar = ProgressBar::with_draw_target(Some(orders), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.with_style(style.progress_chars("=> "))
        });
        let now = Instant::now();
        Self { bar, orders, began: now, last_line: now }
    }

    pub(super) fn show(&mut self, seen: &Seen, terminal: &mut Terminal) -> io::Result<()> {
        let settled = seen.settled.load(Ordering::Relaxed);
        let told = self.told(settled, seen);
        if let Some(bar) = &self.bar {
            bar.set_position(settled);
            bar.set_message(told);
            return Ok(());
        }
        if self.last_line.elapsed() < LINE_EVERY {
            return Ok(());
        }
        self.last_line = Instant::now();
        terminal.tell(&format!("{} of {} orders, {told}\n", grouped(settled), grouped(self.orders)))
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn told(&self, settled: u64, seen: &Seen) -> String {
        let faults = grouped(seen.faults.load(Ordering::Relaxed));
        let kills = grouped(seen.kills.load(Ordering::Relaxed));
        let (rate, left) = pace(settled, self.orders, self.began.elapsed());
        format!("{}/s, {left}, {faults} faults, {kills} killed", grouped(rate))
    }
}

/// How many orders a second there were, and how long the others will take at that.
fn pace(settled: u64, orders: u64, elapsed: Duration) -> (u64, String) {
    let Some(rate) = settled.saturating_mul(1_000).checked_div(millis(elapsed)).filter(|rate| *rate > 0)
    else {
        return (0, "just begun".to_owned());
    };
    let seconds = orders.saturating_sub(settled) / rate;
    let left = if seconds < 120 { format!("{seconds} s left") } else { format!("{} min left", seconds / 60) };
    (rate, left)
}

fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pace;

    #[test]
    fn rate_and_time_left_follow_from_what_was_done() {
        let cases = [
            (0, 5, (0, "just begun")),
            (5_000, 10, (500, "90 s left")),
            (5_000, 100, (50, "15 min left")),
            (50_000, 10, (5_000, "0 s left")),
        ];
        for (settled, seconds, (rate, left)) in cases {
            let paced = pace(settled, 50_000, Duration::from_secs(seconds));
            assert_eq!(paced, (rate, left.to_owned()), "{settled} in {seconds} s");
        }
    }
}
