//! How far a load is: a bar on a terminal, a line now and then elsewhere.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use gateway_load::Summary;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::cli::load::file::Sent;
use crate::cli::terminal::Terminal;

/// Between two lines where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(5);

const BAR: &str = "{prefix} [{bar:30}] {percent:>3} %  {msg}";

/// Shows how far a load is.
#[derive(Debug)]
pub(super) struct Progress {
    name: String,
    length: u64,
    began: Instant,
    bar: Option<ProgressBar>,
    last_line: Cell<Instant>,
}

// === impl Progress ===

impl Progress {
    pub(super) fn begin(name: String, length: u64, terminal: &Terminal) -> Self {
        let bar = terminal.is_watched().then(|| {
            let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.with_style(style.progress_chars("=> ")).with_prefix(name.clone())
        });
        let now = Instant::now();
        Self { name, length, began: now, bar, last_line: Cell::new(now) }
    }

    /// Shows what was sent, and what became of it as far as that is known.
    pub(super) fn show(&self, sent: &Sent, seen: Option<Summary>, terminal: &mut Terminal) -> io::Result<()> {
        let bytes = sent.bytes();
        let told = self.told(bytes, seen);
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.set_message(told);
            return Ok(());
        }
        if self.last_line.get().elapsed() < LINE_EVERY {
            return Ok(());
        }
        self.last_line.set(Instant::now());
        let percent = bytes.saturating_mul(100).checked_div(self.length).unwrap_or(100);
        terminal.tell(&format!("{}: {percent} %, {told}\n", self.name))
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn told(&self, bytes: u64, seen: Option<Summary>) -> String {
        let elapsed = self.began.elapsed().as_secs_f64().max(0.001);
        let mut told = Vec::new();
        if let Some(seen) = seen {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is shown, rounded"
            )]
            let rate = (seen.rows as f64 / elapsed) as u64;
            told.push(format!("{} rows", grouped(seen.rows)));
            told.push(format!("{} rows/s", grouped(rate)));
            told.push(format!("{} rejected", grouped(seen.rejected)));
        }
        if bytes > 0 {
            #[expect(clippy::cast_precision_loss, reason = "it is shown, rounded")]
            let left = elapsed * self.length.saturating_sub(bytes) as f64 / bytes as f64;
            told.push(format!("{left:.0} s left"));
        }
        told.join(", ")
    }
}

/// A number with commas between thousands.
pub(in crate::cli) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
    }
}
