//! One step of the journey as it was seen.

use std::time::Duration;

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What somebody did.
    pub name: &'static str,
    /// What went from whom to whom, one hop or more to an entry.
    pub route: Vec<String>,
    /// The facts that make it right; or what was expected and what was found instead.
    pub outcome: Result<String, String>,
    /// From sending to the whole answer, as the store saw it, or the DOM where it began.
    pub took: Duration,
    /// Every document that went over a wire, in order.
    pub hops: Vec<Hop>,
}

/// One document on its way.
#[derive(Debug, Clone)]
pub struct Hop {
    /// Who sent it.
    pub from: &'static str,
    /// Who got it.
    pub to: &'static str,
    /// What it is: its root, with action or profile; the API's name for the DOM's.
    pub name: String,
    /// The document.
    pub document: String,
}

// === impl Step ===

impl Step {
    /// Whether everything was as it has to be.
    #[must_use]
    pub const fn is_right(&self) -> bool {
        self.outcome.is_ok()
    }
}
