//! What the gateway says of a load, as people read it.

use std::fmt::Write as _;

use gateway_load::Summary;
use serde_json::Value;

use crate::cli::load::progress::grouped;

/// What became of a load.
#[derive(Debug, Default)]
pub(super) struct Told {
    rows: u64,
    taken: u64,
    removed: u64,
    unchanged: u64,
    late: u64,
    not_kept: u64,
    repeated: u64,
    pub(super) rejected: u64,
    seconds: f64,
    dry_run: bool,
    pub(super) stopped: Option<String>,
    pub(super) report: String,
}

/// How far a load is, as `GET /cache/load` tells; `None` if none is under way.
pub(super) fn under_way(body: &[u8]) -> Option<Summary> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value.get("under_way")?.as_bool().filter(|under_way| *under_way)?;
    let count = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (rows, bytes, rejected) = (count("rows"), count("bytes"), count("rejected"));
    Some(Summary { rows, bytes, rejected, ..Summary::default() })
}

// === impl Told ===

impl Told {
    pub(super) fn of(value: &Value) -> Self {
        let count = |name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            rows: count("rows"),
            taken: count("taken"),
            removed: count("removed"),
            unchanged: count("unchanged"),
            late: count("late"),
            not_kept: count("not_kept"),
            repeated: count("repeated"),
            rejected: count("rejected"),
            seconds: value.get("seconds").and_then(Value::as_f64).unwrap_or_default(),
            dry_run: value.get("dry_run").and_then(Value::as_bool).unwrap_or_default(),
            stopped: text("stopped"),
            report: text("report").unwrap_or_default(),
        }
    }

    /// One line for the whole, one for each count that is not zero.
    pub(super) fn summary(&self, name: &str) -> String {
        let what = if self.dry_run { "checked" } else { "read" };
        let mut text = format!("{name}: {} rows {what} in {:.1} s\n", grouped(self.rows), self.seconds);
        for (count, meaning) in [
            (self.taken, if self.dry_run { "good" } else { "taken" }),
            (self.removed, "of them removals"),
            (self.unchanged, "changed nothing"),
            (self.late, "late: the cache has newer figures"),
            (self.not_kept, "not kept: no cache rule keeps them"),
            (self.repeated, "repeated: the last row of a key counts"),
            (self.rejected, "rejected"),
        ] {
            if count > 0 || meaning == "rejected" {
                // Writing to a `String` cannot fail.
                let _ = writeln!(text, "{:>13}  {meaning}", grouped(count));
            }
        }
        text
    }
}
