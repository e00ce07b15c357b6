//! Calls that run to their end, whoever hangs up meanwhile.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs calls in tasks of their own; the listener's drain waits for them. Cheap to clone: all clones are one.
#[derive(Debug, Clone)]
pub struct Calls {
    pub(super) tasks: TaskTracker,
    pub(super) cut: CancellationToken,
}

/// A call did not come to its end: it panicked, or the drain's time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the call ended without an answer")]
pub struct CallLost;

// === impl Calls ===

impl Calls {
    pub(super) fn new() -> Self {
        Self { tasks: TaskTracker::new(), cut: CancellationToken::new() }
    }

    /// Runs a call in a task of its own and waits for it. If the waiting is given up, as hyper does when the caller
    /// hangs up, the call goes on.
    ///
    /// # Errors
    ///
    /// If the call panicked, or the drain's time was over before its end.
    pub async fn run_to_end<F>(&self, call: F) -> Result<F::Output, CallLost>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let cut = self.cut.clone();
        let task = self.tasks.spawn(async move { cut.run_until_cancelled_owned(call).await });
        task.await.ok().flatten().ok_or(CallLost)
    }
}

/// Runs a call here; a panic in it ends the call only.
pub(super) async fn run_here<F: Future>(call: F) -> Result<F::Output, CallLost> {
    let mut call = pin!(call);
    poll_fn(|context| {
        // What the call owns is dropped with it, so nobody sees it half changed.
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(CallLost)),
        }
    })
    .await
}
