//! What is asked, and how urgent it is.

use gateway_model::Fault;

/// How urgent a line is; the more urgent one is the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A shopper is paying: goes first and waits for no window.
    Checkout,
    /// A shopper is looking.
    Browse,
    /// Nobody waits: goes when there is room, and never takes the last free half of the calls.
    Refresh,
}

/// Where values come from: answers many keys in one call.
pub trait Source<K, V>: Send + Sync + 'static {
    /// Asks for all of these keys at once; `class` is that of the most urgent one. There are never more keys than
    /// [`lines_per_call`](crate::Params::lines_per_call), none twice, and none that another call is asking for.
    ///
    /// The answer has one entry per key in the order of the keys. Whoever remembers values should do so before
    /// answering: as soon as this has answered, the next one who asks for the key causes another line.
    ///
    /// # Errors
    ///
    /// If the call failed as a whole. What the fault says decides what follows: see [`Fetcher`](crate::Fetcher).
    fn fetch(
        &self,
        keys: Vec<K>,
        class: Class,
    ) -> impl Future<Output = Result<Vec<Result<V, Fault>>, Fault>> + Send;
}
