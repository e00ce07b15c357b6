//! What the cache counts; the app turns it into metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

/// Declares the counters once, for the fields and for the list of them.
macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// All counters of a cache, from its start.
        #[derive(Debug, Default)]
        pub struct Stats {
            $($(#[doc = $doc])+ pub $name: Counter,)+
        }

        impl Stats {
            /// Every counter with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.get()),)+]
            }

            /// Every counter with its name and what it counts.
            #[must_use]
            pub fn described(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), concat!($($doc),+).trim(), self.$name.get()),)+]
            }
        }
    };
}

counters! {
    /// Requests answered from memory alone; counted by whoever answers requests.
    requests_hit,
    /// Requests answered in part from memory.
    requests_partial,
    /// Requests of which no line was answered from memory.
    requests_missed,
    /// Requests that no rule allows to be answered line by line.
    requests_passed_by,
    /// Lines of the requests that were answered line by line.
    lines,
    /// Lines answered from a fresh record.
    lines_fresh,
    /// Lines answered from a record that was fetched anew behind.
    lines_refreshing,
    /// Lines the DOM was asked for, each time it was.
    lines_asked,
    /// Lines answered from a record past its end, because the DOM could not be asked.
    lines_stale,
    /// Lines answered with the rule's fallback.
    lines_fallback,
    /// News that changed a record or made one.
    news_taken,
    /// News that said what the record said.
    news_double,
    /// Pushes and rows that were older than the record.
    news_late,
    /// Answers that a push had overtaken.
    answers_late,
    /// Order lines that lowered a record.
    decrements,
    /// Order lines that had lowered a record before.
    decrements_repeated,
    /// Order lines the record contained already.
    decrements_contained,
    /// Order lines of records that are not kept.
    decrements_missing,
    /// Order lines whose stock was given back.
    given_back,
    /// Scopes marked as old.
    marks,
    /// Records marked as old because a reservation showed that they are wrong.
    records_doubted,
}

// === impl Counter ===

impl Counter {
    /// Adds.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The number so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
