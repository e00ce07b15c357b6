//! What a load came to, in a form that can be kept, logged and sent.

use std::error::Error;
use std::time::Duration;

use gateway_load::{Mode, Stop, Stopped, Summary, Unreadable};
use serde_json::{Value, json};

use crate::load::{Format, Job};

/// A load that is over.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was to be done.
    pub job: Job,
    /// In what the file was written; `None` if its first bytes could not be read.
    pub format: Option<Format>,
    /// What was done.
    pub summary: Summary,
    /// How it ended.
    pub ending: Ending,
    /// How long it took.
    pub took: Duration,
    /// The bad rows as CSV, at most [`crate::load::REPORTED_ROWS`] of them; empty if there are none.
    pub report: String,
}

/// How a load ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// At the file's end.
    Complete,
    /// Before it, because of what stands in the file.
    BadFile(String),
    /// Before it, because the file came only in part.
    BrokenOff(String),
    /// Before it, because the gateway is shutting down, or somebody wanted no more.
    Cancelled,
    /// Before it, because the gateway could not go on.
    Failed(String),
}

// === impl Outcome ===

impl Outcome {
    pub(super) fn new<E: Error + 'static>(
        job: Job,
        format: Option<Format>,
        ended: Result<Summary, Stopped<E>>,
        (took, report): (Duration, Vec<u8>),
    ) -> Self {
        let (summary, ending) = match ended {
            Ok(summary) => (summary, Ending::Complete),
            Err(Stopped { stop, summary }) => (summary, Ending::of(stop)),
        };
        // The report is written from text only.
        let report = String::from_utf8(report).unwrap_or_default();
        Self { job, format, summary, ending, took, report }
    }

    /// Whether the file was read to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.ending == Ending::Complete
    }

    /// Everything, as it is answered to an upload.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Summary { rows, bytes, taken, removed, unchanged, late, not_kept, rejected, repeated } =
            self.summary;
        json!({
            "complete": self.is_complete(),
            "stopped": self.ending.reason(),
            "mode": match self.job.mode { Mode::Delta => "delta", Mode::Full => "full" },
            "dry_run": self.job.dry_run,
            "format": self.format.map(Format::name),
            "rows": rows, "bytes": bytes, "taken": taken, "removed": removed, "unchanged": unchanged, "late": late,
            "not_kept": not_kept, "rejected": rejected, "repeated": repeated,
            "seconds": self.took.as_secs_f64(),
            "report": self.report,
        })
    }

    /// A line of the log.
    pub fn log(&self, name: &str) {
        let Summary { rows, taken, removed, unchanged, late, not_kept, rejected, .. } = self.summary;
        let duration_ms = self.took.as_secs_f64() * 1_000.0;
        let full = self.job.mode == Mode::Full;
        match self.ending.reason() {
            None => tracing::info!(
                load.name = name,
                full,
                dry_run = self.job.dry_run,
                rows,
                taken,
                removed,
                unchanged,
                late,
                not_kept,
                rejected,
                duration_ms,
                "loaded"
            ),
            Some(reason) => tracing::warn!(
                load.name = name,
                full,
                dry_run = self.job.dry_run,
                rows,
                taken,
                removed,
                unchanged,
                late,
                not_kept,
                rejected,
                duration_ms,
                "the load was broken off: {reason}"
            ),
        }
    }
}

// === impl Ending ===

impl Ending {
    fn of<E: Error + 'static>(stop: Stop<E>) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled,
            Stop::Unreadable(Unreadable::Read(error)) => Self::BrokenOff(error.to_string()),
            Stop::Sink(_) => Self::Failed(whole(&stop)),
            Stop::Unreadable(_) | Stop::BadRows { .. } | Stop::Stores { .. } => Self::BadFile(whole(&stop)),
        }
    }

    /// Why it ended early; `None` if it did not.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Complete => None,
            Self::BadFile(reason) | Self::BrokenOff(reason) | Self::Failed(reason) => Some(reason),
            Self::Cancelled => Some("it was cancelled"),
        }
    }
}

/// An error with its causes.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
