//! Requests whose bodies are read as they arrive: large files, in constant memory.
//!
//! Such a body has no bound in bytes and none on its whole time; the wait for its next bytes has one. Reading waits for
//! the service and, through the socket, so does the caller: nothing piles up.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, request};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::calls::Calls;
use super::params::Params;
use super::rejection::Rejection;

/// How long what a caller still sends after an early answer is read and thrown away, so that it can see the answer:
/// closing a socket with unread bytes resets it.
const LONGEST_DISCARD: Duration = Duration::from_secs(30);

/// The same once the listener drains.
const LAST_DISCARD: Duration = Duration::from_millis(500);

type Answer = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;
type Takes = dyn Fn(&request::Parts) -> bool + Send + Sync;
type Service = dyn Fn(Request<BodyStream>) -> Answer + Send + Sync;

/// Which requests are handed over with their bodies unread, and to whom.
#[derive(Clone)]
pub struct Streaming {
    takes: Arc<Takes>,
    service: Arc<Service>,
    idle: Option<Duration>,
}

/// A body as it arrives.
///
/// Dropped before its end, the rest is read and thrown away for a while, and the connection ends with the answer.
#[derive(Debug)]
pub struct BodyStream {
    body: Option<Incoming>,
    idle: Duration,
    /// Whether the caller sends: it was asked to, or does not wait for that.
    sends: bool,
    unfinished: Arc<AtomicBool>,
    calls: Calls,
    /// Cancelled when the connection is to end.
    retire: CancellationToken,
}

// === impl Streaming ===

impl Streaming {
    /// Hands requests that `takes` says yes to over to `service`. The other bounds of [`Params`] hold for them too.
    pub fn new<F>(
        takes: impl Fn(&request::Parts) -> bool + Send + Sync + 'static,
        service: impl Fn(Request<BodyStream>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let service = move |request| Box::pin(service(request)) as Answer;
        Self { takes: Arc::new(takes), service: Arc::new(service), idle: None }
    }

    /// How long the next bytes of a body may take; without it, as long as a whole one of the others
    /// ([`Params::body_read_timeout`]).
    #[must_use]
    pub const fn idle_timeout(mut self, idle: Duration) -> Self {
        self.idle = Some(idle);
        self
    }

    pub(super) fn takes(&self, parts: &request::Parts) -> bool {
        (self.takes)(parts)
    }

    pub(super) fn idle(&self, params: &Params) -> Duration {
        self.idle.unwrap_or(params.body_read_timeout)
    }

    pub(super) fn call(&self, request: Request<BodyStream>) -> Answer {
        (self.service)(request)
    }
}

impl fmt::Debug for Streaming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Streaming").field("idle", &self.idle).finish_non_exhaustive()
    }
}

// === impl BodyStream ===

impl BodyStream {
    /// `waits`: the caller sends nothing before somebody asks for it.
    /// `retire` is cancelled when the connection is to end.
    pub(super) fn new(
        (body, waits): (Incoming, bool),
        idle: Duration,
        (calls, retire): (&Calls, &CancellationToken),
    ) -> Self {
        let ended = body.is_end_stream();
        let unfinished = Arc::new(AtomicBool::new(!ended));
        let body = Some(body).filter(|_| !ended);
        Self { body, idle, sends: !waits, unfinished, calls: calls.clone(), retire: retire.clone() }
    }

    /// Whether bytes are, or were, left unread, as far as is known when it is asked.
    pub(super) fn unfinished(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.unfinished)
    }

    /// The bytes the head announces, if it does.
    #[must_use]
    pub fn announced_bytes(&self) -> Option<u64> {
        self.body.as_ref().map_or(Some(0), |body| body.size_hint().exact())
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Rejection::TooSlow`] if they did not come in time, [`Rejection::Broken`] if they never will. Nothing comes after.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Rejection> {
        loop {
            let Some(body) = &mut self.body else { return Ok(None) };
            self.sends = true;
            match timeout(self.idle, body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
                Ok(None) => {
                    self.body = None;
                    self.unfinished.store(false, Ordering::Release);
                }
                Ok(Some(Err(_))) => {
                    self.body = None;
                    return Err(Rejection::Broken);
                }
                Err(_) => {
                    self.body = None;
                    return Err(Rejection::TooSlow { limit: self.idle });
                }
            }
        }
    }
}

impl Drop for BodyStream {
    fn drop(&mut self) {
        // Whoever still waits for `100 Continue` has sent nothing, and asking now would make it send.
        let Some(mut rest) = self.body.take().filter(|_| self.sends) else { return };
        if Handle::try_current().is_err() {
            return;
        }
        let (cut, retire) = (self.calls.cut.clone(), self.retire.clone());
        self.calls.tasks.spawn(cut.run_until_cancelled_owned(async move {
            let over = async {
                let _ = timeout(LONGEST_DISCARD, retire.cancelled()).await;
                sleep(LAST_DISCARD).await;
            };
            tokio::select! {
                () = over => {}
                () = async { while let Some(Ok(_)) = rest.frame().await {} } => {}
            }
        }));
    }
}
