//! The one task that hands calls out, and the tasks that make them.

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gateway_model::codes::{DOM_TIMEOUT, INTERNAL};
use gateway_model::{Fault, Reached};
use tokio::sync::{Notify, SetOnce};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::desk::{Batch, Desk, Step};
use crate::source::Source;

/// What callers, calls and the dispatching task share.
#[derive(Debug)]
pub(crate) struct Shared<K, V> {
    desk: Mutex<Desk<K, V>>,
    /// Something changed that may call for another step.
    pub(crate) wake: Notify,
    /// No task is left.
    pub(crate) ended: SetOnce<()>,
}

/// Settles what is left, however the dispatching task ends.
struct End<K: Clone + Eq + Hash, V>(Arc<Shared<K, V>>);

/// A call that has to be settled, however its task ends.
struct OpenCall<K: Clone + Eq + Hash, V> {
    shared: Arc<Shared<K, V>>,
    batch: Option<Batch<K>>,
}

/// Hands calls out until the desk is closed and nothing is left.
pub(crate) async fn dispatch<K, V, S>(shared: Arc<Shared<K, V>>, source: Arc<S>, longest_call: Duration)
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
    S: Source<K, V>,
{
    let end = End(shared);
    let shared = &end.0;
    let mut calls = JoinSet::new();
    loop {
        // A call that panicked was settled when it was dropped.
        while calls.try_join_next().is_some() {}
        let step = shared.desk().next(Instant::now());
        match step {
            Step::Call(batch) => {
                calls.spawn(call(Arc::clone(shared), Arc::clone(&source), batch, longest_call));
            }
            Step::WaitUntil(until) => {
                // Whether woken or not, the desk says what is next.
                let _ = timeout_at(until, shared.wake.notified()).await;
            }
            Step::Wait => shared.wake.notified().await,
            Step::End => break,
        }
    }
    while calls.join_next().await.is_some() {}
}

/// Makes one call and hands out what came of it.
async fn call<K, V, S>(shared: Arc<Shared<K, V>>, source: Arc<S>, batch: Batch<K>, longest: Duration)
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
    S: Source<K, V>,
{
    let (keys, class) = (batch.keys.clone(), batch.class);
    let open = OpenCall { shared, batch: Some(batch) };
    let outcome = timeout(longest, source.fetch(keys, class)).await.unwrap_or_else(|_| {
        let text = format!("no answer within {longest:?}, the longest that a call may take");
        Err(Fault::network(DOM_TIMEOUT, text).reached(Reached::Maybe))
    });
    open.settle(outcome);
}

// === impl Shared ===

impl<K, V> Shared<K, V> {
    pub(crate) fn new(desk: Desk<K, V>) -> Self {
        Self { desk: Mutex::new(desk), wake: Notify::new(), ended: SetOnce::new() }
    }

    /// The desk; never held while waiting or while answers are set.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk<K, V>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl End ===

impl<K: Clone + Eq + Hash, V> Drop for End<K, V> {
    fn drop(&mut self) {
        let left = self.0.desk().end();
        for (answer, fault) in left {
            let _ = answer.set(fault);
        }
        let _ = self.0.ended.set(());
    }
}

// === impl OpenCall ===

impl<K: Clone + Eq + Hash, V> OpenCall<K, V> {
    fn settle(mut self, outcome: Result<Vec<Result<V, Fault>>, Fault>) {
        self.settle_once(outcome);
    }

    fn settle_once(&mut self, outcome: Result<Vec<Result<V, Fault>>, Fault>) {
        let Some(batch) = self.batch.take() else { return };
        let settled = self.shared.desk().settle(batch, outcome, Instant::now());
        for (answer, outcome) in settled {
            // Set by nobody else: the line left the desk just now.
            let _ = answer.set(outcome);
        }
        self.shared.wake.notify_one();
    }
}

impl<K: Clone + Eq + Hash, V> Drop for OpenCall<K, V> {
    /// The call's task panicked or was stopped; whoever waits must not wait for ever.
    fn drop(&mut self) {
        self.settle_once(Err(Fault::gateway(INTERNAL, "a call ended without an answer")));
    }
}
