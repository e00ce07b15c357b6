//! What callers have in hand: ask, refresh, count, close.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use gateway_model::codes::DEADLINE;
use gateway_model::{Fault, Reached, Repeat};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use crate::counts::Counts;
use crate::desk::{Asked, Desk};
use crate::dispatch::{Shared, dispatch};
use crate::params::{CannotStart, Params};
use crate::source::{Class, Source};

/// Fetches values of one source for many callers.
///
/// # When a call fails as a whole
///
/// | the fault | what follows |
/// | --- | --- |
/// | refused by the DOM (`DOM_REFUSED`), not translatable (`GW-3xxx`), or of the store's or the gateway's making | if the call carried lines of several callers, it is asked again in halves, until whoever is refused stands alone; the way stays open |
/// | held back before it was sent (`OVERLOADED`, `DOM_NOT_ASKED`) | all its lines get the fault; the way stays as it is |
/// | all else: not reached, no answer in time, broken, overloaded, not understood | all its lines get the fault; the way is closed for a pause, and what waits gets the fault too |
///
/// A fault of one line within an answer is that line's, and nothing follows.
///
/// Dropping the fetcher lets calls under way end, and drops refreshes that wait.
pub struct Fetcher<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    shared: Arc<Shared<K, V>>,
}

/// A caller who waits; leaves however the waiting ends.
struct Caller<K: Clone + Eq + Hash, V> {
    shared: Arc<Shared<K, V>>,
    keys: Vec<K>,
    asked: Vec<Asked<V>>,
}

// === impl Fetcher ===

impl<K, V> Fetcher<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A fetcher of this source. Its tasks run on the runtime it is made in.
    ///
    /// # Errors
    ///
    /// If a parameter cannot be, or if there is no runtime.
    pub fn new<S: Source<K, V>>(params: Params, source: S) -> Result<Self, CannotStart> {
        params.check().map_err(CannotStart::Params)?;
        let runtime = Handle::try_current().map_err(|_| CannotStart::NoRuntime)?;
        let longest_call = params.longest_call;
        let shared = Arc::new(Shared::new(Desk::new(params)));
        runtime.spawn(dispatch(Arc::clone(&shared), Arc::new(source), longest_call));
        Ok(Self { shared })
    }

    /// Asks for these keys, and waits until each has an answer or the deadline has passed. One entry per key in the order
    /// of the keys; a key named twice is asked for once.
    ///
    /// Besides the source's own faults an entry may be `DEADLINE` (the line goes on for others), `OVERLOADED` (as many wait
    /// as may), `DRAINING` (the fetcher is closed), or `DOM_NOT_ASKED` (the source is left alone). May be dropped at any time.
    pub async fn get(&self, keys: Vec<K>, class: Class, deadline: Option<Instant>) -> Vec<Result<V, Fault>> {
        let now = Instant::now();
        if deadline.is_some_and(|deadline| deadline <= now) {
            return same_for_all(&keys, &late(Reached::No));
        }
        let asked = self.shared.desk().ask(&keys, class, now);
        let caller = match asked {
            Ok(asked) => Caller { shared: Arc::clone(&self.shared), keys, asked },
            Err(fault) => return same_for_all(&keys, &fault),
        };
        self.shared.wake.notify_one();
        match deadline {
            // What has been answered by then is known, and is told.
            Some(deadline) => timeout_at(deadline, caller.all_answers()).await.unwrap_or_default(),
            None => caller.all_answers().await,
        }
        caller.answers()
    }

    /// Has this key asked for behind everybody's back: with low priority, once however often it is wanted meanwhile, never
    /// waited for. What comes of it is the source's to remember.
    pub fn refresh(&self, key: K) {
        self.shared.desk().refresh(key, Instant::now());
        self.shared.wake.notify_one();
    }

    /// What was done so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.desk().counts()
    }

    /// Lets nobody new in, sends what callers wait for, drops refreshes that wait, and comes back when all calls have ended.
    /// May be called more than once.
    pub async fn close(&self) {
        self.begin_to_close();
        self.shared.ended.wait().await;
    }

    fn begin_to_close(&self) {
        self.shared.desk().close(Instant::now());
        self.shared.wake.notify_one();
    }
}

impl<K, V> Drop for Fetcher<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        self.begin_to_close();
    }
}

impl<K, V> fmt::Debug for Fetcher<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fetcher").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

// === impl Caller ===

impl<K: Clone + Eq + Hash, V: Clone> Caller<K, V> {
    async fn all_answers(&self) {
        for answer in self.asked.iter().flatten() {
            answer.wait().await;
        }
    }

    fn answers(&self) -> Vec<Result<V, Fault>> {
        let told = |asked: &Asked<V>| match asked {
            Ok(answer) => answer.get().cloned().unwrap_or_else(|| Err(late(Reached::Maybe))),
            Err(fault) => Err(fault.clone()),
        };
        self.asked.iter().map(told).collect()
    }
}

impl<K: Clone + Eq + Hash, V> Drop for Caller<K, V> {
    fn drop(&mut self) {
        self.shared.desk().leave(&self.keys, &self.asked);
    }
}

fn same_for_all<K, V>(keys: &[K], fault: &Fault) -> Vec<Result<V, Fault>> {
    keys.iter().map(|_| Err(fault.clone())).collect()
}

/// Asking changes nothing at the source, so it may be asked again.
fn late(reached: Reached) -> Fault {
    let text = "the call's time was over before the line was answered";
    Fault::network(DEADLINE, text).reached(reached).repeat(Repeat::Safe)
}

#[cfg(test)]
mod tests;
