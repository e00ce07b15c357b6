//! The sender: one HTTP exchange with one other system, and the truth about what became of it.
//!
//! A sender never repeats, follows no redirect, uses no proxy and reads no environment: what is sent, and how often, is
//! decided above. Each failure says how far the exchange had come ([`Progress`]), so that nobody has to guess whether
//! the other side may have acted.

mod address;
mod answer;
mod error;
mod outgoing;
mod params;
mod upload;
mod way;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method};
use reqwest::{Client, redirect, retry};
use tokio::time::{Instant, timeout_at};
use tower::Service;

pub use address::{Address, BadAddress};
pub use answer::Answer;
pub use error::{Neighbour, Progress, SendError, Spent};
use outgoing::{Outgoing, Sight};
pub use params::{Authorities, ClientTls, Params, SenderError};
pub use upload::Upload;
use upload::Uploading;
pub use way::{Exchange, Way};

/// How much room is made for an answer before its first byte.
const FIRST_ANSWER_BYTES: usize = 16 * 1_024;

/// How often an HTTP/2 connection with calls under way is asked whether it is alive, and how long it may take to say so.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(10);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(5);

/// A pool of connections to one other system. Cheap to clone: all clones are one pool.
#[derive(Debug, Clone)]
pub struct Sender {
    client: Client,
    params: Arc<Params>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method; [`Call::post`] is the usual one.
    pub method: Method,
    /// Where to.
    pub address: Address,
    /// Headers as they are sent: content type, credentials, trace context. Host and length are the sender's.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When the whole call has to be over, whatever the attempt's own limit is.
    pub deadline: Option<Instant>,
}

// === impl Sender ===

impl Sender {
    /// A pool for a system; no connection is made yet.
    ///
    /// # Errors
    ///
    /// If a setting cannot be, or a TLS file cannot be used.
    pub fn new(params: Params) -> Result<Self, SenderError> {
        params.check()?;
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .connect_timeout(params.connect_timeout)
            .pool_idle_timeout(params.idle_timeout)
            .pool_max_idle_per_host(params.max_idle)
            .tcp_nodelay(true)
            // An HTTP/2 connection whose other end is gone would else be used, and time out, again and again.
            .http2_keep_alive_interval(HTTP2_PING_INTERVAL)
            .http2_keep_alive_timeout(HTTP2_PING_TIMEOUT);
        let builder = params.tls.apply(builder)?;
        let client = builder.build().map_err(SenderError::Unusable)?;
        Ok(Self { client, params: Arc::new(params) })
    }

    /// Sends once and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// If there is no whole answer within the limits; the error says how far the exchange had come.
    pub async fn send(&self, mut call: Call) -> Result<Answer, SendError> {
        let body = std::mem::take(&mut call.body);
        let sight = Sight::new(body.is_empty());
        let body = reqwest::Body::wrap(Outgoing::new(body, sight.clone()));
        self.send_in_time(call, (body, sight)).await
    }

    /// Sends a body that is made as it is sent, in place of the call's own, and waits for the whole answer, which may come
    /// before the body's end.
    ///
    /// # Errors
    ///
    /// As [`Sender::send`]; a body that fails breaks the exchange.
    pub async fn upload(&self, call: Call, body: Upload) -> Result<Answer, SendError> {
        let sight = Sight::new(false);
        let body = reqwest::Body::wrap(Uploading::new(body, sight.clone()));
        self.send_in_time(call, (body, sight)).await
    }

    async fn send_in_time(
        &self,
        call: Call,
        (body, sight): (reqwest::Body, Sight),
    ) -> Result<Answer, SendError> {
        let now = Instant::now();
        let attempt_end = now + self.params.attempt_timeout;
        let (end, spent) = match call.deadline {
            Some(deadline) if deadline < attempt_end => (deadline, Spent::Call),
            _ => (attempt_end, Spent::Attempt),
        };
        if end <= now {
            return Err(self.timed_out(Progress::NothingSent, spent));
        }
        let answer = timeout_at(end, self.exchange(call, (body, &sight))).await;
        answer.unwrap_or_else(|_| Err(self.timed_out(sight.at_the_end(), spent)))
    }

    /// The name of the system, as it was configured.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.params.target
    }

    async fn exchange(
        &self,
        call: Call,
        (body, sight): (reqwest::Body, &Sight),
    ) -> Result<Answer, SendError> {
        let mut request = reqwest::Request::new(call.method, call.address.into_url());
        *request.headers_mut() = call.headers;
        *request.body_mut() = Some(body);
        let target = &self.params.target;
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| SendError::before_answer(target, sight.at_the_end(), error))?;
        sight.answering();
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let limit_bytes = self.params.max_answer_bytes;
        let too_large = || SendError::TooLarge { target: target.clone(), status, limit_bytes };
        if response.content_length().is_some_and(|length| length > limit_bytes as u64) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| SendError::in_answer(target, status, error))?
        {
            if chunk.len() > limit_bytes.saturating_sub(body.len()) {
                return Err(too_large());
            }
            if body.is_empty() {
                body.reserve(FIRST_ANSWER_BYTES.min(limit_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }

    fn timed_out(&self, progress: Progress, spent: Spent) -> SendError {
        SendError::TimedOut { target: self.params.target.clone(), progress, spent }
    }
}

/// For stacks: the same as [`Sender::send`], always ready.
impl Service<Call> for Sender {
    type Response = Answer;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, SendError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let sender = self.clone();
        Box::pin(async move { sender.send(call).await })
    }
}

// === impl Call ===

impl Call {
    /// A POST with a body and no headers, without a deadline of its own.
    #[must_use]
    pub fn post(address: Address, body: Bytes) -> Self {
        Self { method: Method::POST, address, headers: HeaderMap::new(), body, deadline: None }
    }
}
