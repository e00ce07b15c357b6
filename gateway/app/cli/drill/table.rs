//! What a drill counted, as a table.

use std::fmt::Write as _;

use crate::cli::load::progress::grouped;
use crate::drill::Tally;

/// The table: what happened, then what must not be.
pub(super) fn of(tally: &Tally, seed: u64) -> String {
    let mut text = format!("drill with seed {seed}\n\n");
    // Writing to a text cannot fail.
    for (name, count) in &tally.happened {
        let _ = writeln!(text, "{name:<32}{:>12}", grouped(*count));
    }
    let _ = writeln!(text, "{:<32}{:>12.1}", "seconds", tally.took.as_secs_f64());
    text.push('\n');
    for row in &tally.judged {
        let mark = if row.count == 0 { "ok   " } else { "WRONG" };
        let _ = writeln!(text, "{mark} {:<12}{:>10}  {}", row.name, grouped(row.count), row.meaning);
        if row.count > 0 {
            let _ = writeln!(text, "{:<30}orders {}", "", row.orders.join(", "));
        }
    }
    text
}
