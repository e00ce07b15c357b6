//! What a fetcher has done so far.

/// Counts since the fetcher was made; they only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines sent to the source; one that is asked again counts again.
    pub lines_asked: u64,
    /// Wanted keys that had a line already, waiting or under way.
    pub lines_joined: u64,
    /// Lines sent in a call beside lines of other callers.
    pub lines_batched: u64,
    /// Lines that everyone left before they were sent.
    pub lines_left: u64,
    /// Calls to the source.
    pub calls: u64,
    /// Calls that left lines behind because they were full.
    pub splits: u64,
    /// Calls that asked part of a refused call again.
    pub asked_again: u64,
    /// Calls that failed on the way, and so began a pause or were part of what began it.
    pub failures: u64,
    /// Wanted keys not asked for because the source is left alone, those that waited when it failed included.
    pub refused_by_pause: u64,
    /// Wanted keys refused because as many lines or callers wait as may.
    pub refused_by_bound: u64,
    /// Refreshes not begun: the source is left alone, or as many wait as may.
    pub refreshes_dropped: u64,
}
