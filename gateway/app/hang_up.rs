//! What becomes of a call whose caller hangs up before its answer: a read stops, a write goes to its end. Either is logged
//! and counted when it happens.

use std::pin::pin;

use gateway_exchange::Operation;
use gateway_transport::listener::Caller;

use crate::metrics::Metrics;

/// A call whose caller is watched.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'c> {
    /// Who waits for the answer.
    pub caller: &'c Caller,
    /// Its name in logs and metrics.
    pub name: &'c str,
    /// What was asked.
    pub operation: Operation,
    /// The call's id.
    pub request_id: &'c str,
    /// Where it is counted.
    pub metrics: &'c Metrics,
}

// === impl Watched ===

impl Watched<'_> {
    /// Works until the caller hangs up; `None` if it did. What it shares with others goes on for them.
    pub async fn read<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.caller.gone() => {
                self.note("stopped");
                None
            }
            done = work => Some(done),
        }
    }

    /// Works to the end, whether somebody waits for it or not.
    pub async fn write<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.caller.gone() => self.note("goes on"),
        }
        work.await
    }

    fn note(self, call: &'static str) {
        let Self { name, request_id, metrics, .. } = self;
        let operation = self.operation.name();
        metrics.caller_gone(name, operation, call);
        tracing::warn!(request.id = request_id, caller = name, operation, call, "caller gone");
    }
}
