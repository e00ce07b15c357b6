//! Between hyper and the service: every request is whole, bounded and in time before the service sees it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HOST, HeaderValue, TRANSFER_ENCODING};
use http::{Request, Response, Version, request};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use super::caller::Caller;
use super::calls::{CallLost, Calls, run_here};
use super::course::{Course, Underway};
use super::gathered::Gathered;
use super::held::{Held, Memory};
use super::params::{HangUp, Params};
use super::rejection::{Answerer, Rejection, RequestHead};
use super::stream::{BodyStream, Streaming};

/// The other end of the connection a request came by; in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address and port.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// What every connection of a listener shares.
pub(super) struct Shared<S> {
    pub(super) params: Params,
    pub(super) service: S,
    pub(super) streaming: Option<Streaming>,
    pub(super) answerer: Answerer,
    pub(super) calls: Calls,
    /// What the bodies of all requests may take.
    pub(super) memory: Memory,
    /// The listener is about to close its port: a connection that is answered ends.
    pub(super) leaving: CancellationToken,
}

/// Whether a connection's requests are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Served,
    /// Its first request is answered with a refusal.
    Refused,
}

/// The service of one connection.
pub(super) struct Intake<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) course: Arc<Course>,
    pub(super) peer: Peer,
    pub(super) admission: Admission,
}

/// An answer's body, which counts its call as under way until hyper has all of it.
#[derive(Debug)]
pub(super) struct AnswerBody {
    bytes: Full<Bytes>,
    _underway: Underway,
}

type BoxedFuture = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Infallible>> + Send>>;

// === impl Intake ===

impl<S> hyper::service::Service<Request<Incoming>> for Intake<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = BoxedFuture;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (underway, vouched) = self.course.begin();
        let taken = Taken {
            shared: Arc::clone(&self.shared),
            course: Arc::clone(&self.course),
            peer: self.peer,
            admission: self.admission,
            vouched,
        };
        Box::pin(async move {
            let (course, leaving) = (Arc::clone(&taken.course), taken.shared.leaving.clone());
            let version = request.version();
            let mut answer = taken.answer(request).await;
            if leaving.is_cancelled() {
                leave_after(&mut answer, version, &course);
            }
            let underway = underway.answered();
            Ok(answer.map(|bytes| AnswerBody { bytes: Full::new(bytes), _underway: underway }))
        })
    }
}

/// A request that was taken, with all its answer needs.
struct Taken<S> {
    shared: Arc<Shared<S>>,
    course: Arc<Course>,
    peer: Peer,
    admission: Admission,
    vouched: bool,
}

impl<S> Taken<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    async fn answer(self, request: Request<Incoming>) -> Response<Bytes> {
        let (mut parts, mut body) = request.into_parts();
        let head = RequestHead::new(&parts, self.peer.address);
        let version = parts.version;
        let outcome = match self.admit(&parts) {
            Ok(()) => {
                if let Some(streaming) = self.shared.streaming.as_ref().filter(|way| way.takes(&parts)) {
                    let answer = self.stream(streaming, (parts, body)).await;
                    return answer.unwrap_or_else(|rejection| self.refuse(&rejection, &head, version));
                }
                self.read(&mut body).await
            }
            Err(rejection) => Err(rejection),
        };
        let outcome = match outcome {
            Ok((bytes, held)) => {
                drop(body);
                let (caller, leaves) = Caller::watched();
                parts.extensions.insert(self.peer);
                parts.extensions.insert(caller);
                let outcome = self.call(Request::from_parts(parts, bytes), held).await;
                // hyper drops this future when the caller hangs up, and the guard with it.
                leaves.disarm();
                outcome
            }
            Err(rejection) => {
                self.discard(&rejection, &parts, body).await;
                Err(rejection)
            }
        };
        outcome.unwrap_or_else(|rejection| self.refuse(&rejection, &head, version))
    }

    /// Refuses what needs no body to be refused.
    fn admit(&self, parts: &request::Parts) -> Result<(), Rejection> {
        if self.admission == Admission::Refused {
            return Err(Rejection::TooManyConnections { limit: self.shared.params.max_connections });
        }
        if parts.version > Version::HTTP_11 {
            return Ok(());
        }
        if !self.vouched && parts.headers.contains_key(TRANSFER_ENCODING) {
            return Err(Rejection::Doubtful("`Content-Length` beside `Transfer-Encoding`"));
        }
        let mut hosts = parts.headers.get_all(HOST).iter();
        match (hosts.next(), hosts.next(), parts.version) {
            (None, _, Version::HTTP_11) => Err(Rejection::Doubtful("no `Host`")),
            (Some(_), Some(_), _) => Err(Rejection::Doubtful("more than one `Host`")),
            _ => Ok(()),
        }
    }

    async fn read(&self, body: &mut Incoming) -> Result<(Bytes, Held), Rejection> {
        let params = &self.shared.params;
        let mut held = self.shared.memory.nothing();
        if body.is_end_stream() {
            return Ok((Bytes::new(), held));
        }
        let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if said > params.max_body_bytes {
            return Err(Rejection::TooLarge { limit_bytes: params.max_body_bytes });
        }
        // What a head promises is kept free from the start: nobody is refused in the middle of a body whose length is known.
        if !held.take_up_to(said) {
            return Err(Rejection::NoMemory { limit_bytes: params.max_held_bytes });
        }
        match timeout_at(after(params.body_read_timeout), self.collect(body, &mut held)).await {
            Err(_) => Err(Rejection::TooSlow { limit: params.body_read_timeout }),
            Ok(collected) => Ok((collected?, held)),
        }
    }

    /// Reads a body to its end, as long as it is no larger than it may be and there is memory for it.
    async fn collect(&self, body: &mut Incoming, held: &mut Held) -> Result<Bytes, Rejection> {
        let params = &self.shared.params;
        let mut gathered = Gathered::default();
        while let Some(frame) = body.frame().await {
            let Ok(piece) = frame.map_err(|_| Rejection::Broken)?.into_data() else { continue };
            gathered.add(piece);
            if gathered.bytes() > params.max_body_bytes {
                return Err(Rejection::TooLarge { limit_bytes: params.max_body_bytes });
            }
            if !held.take_up_to(gathered.bytes()) {
                return Err(Rejection::NoMemory { limit_bytes: params.max_held_bytes });
            }
        }
        Ok(gathered.whole())
    }

    async fn call(&self, request: Request<Bytes>, held: Held) -> Result<Response<Bytes>, Rejection> {
        let call = self.shared.service.clone().oneshot(request);
        self.to_end(async move {
            // With the call and not with its caller: a write goes on without one, and has its body still.
            let _held = held;
            call.await.unwrap_or_else(|never| match never {})
        })
        .await
    }

    /// Hands a request over with its body unread.
    async fn stream(
        &self,
        streaming: &Streaming,
        (mut parts, body): (request::Parts, Incoming),
    ) -> Result<Response<Bytes>, Rejection> {
        parts.extensions.insert(self.peer);
        let version = parts.version;
        let waits = parts.headers.contains_key(EXPECT);
        let body = BodyStream::new(
            (body, waits),
            streaming.idle(&self.shared.params),
            (&self.shared.calls, &self.course.retire),
        );
        let unfinished = body.unfinished();
        let mut answer = self.to_end(streaming.call(Request::from_parts(parts, body))).await?;
        if unfinished.load(Ordering::Acquire) && version <= Version::HTTP_11 {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(answer)
    }

    async fn to_end<F>(&self, call: F) -> Result<Response<Bytes>, Rejection>
    where
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let outcome = match self.shared.params.hang_up {
            HangUp::StopsCall => run_here(call).await,
            HangUp::FinishesCall => self.shared.calls.run_to_end(call).await,
        };
        outcome.map_err(|CallLost| Rejection::Panicked)
    }

    /// Reads what a caller still sends, as far as one more body would be read, so that it can see the answer: closing a
    /// socket with unread bytes resets it, and the answer is lost.
    async fn discard(&self, rejection: &Rejection, parts: &request::Parts, body: Incoming) {
        let gone =
            matches!(rejection, Rejection::Broken | Rejection::TooSlow { .. } | Rejection::Doubtful(_));
        // Whoever waits for `100 Continue` has sent nothing, and polling the body would ask for it.
        if gone || parts.headers.contains_key(EXPECT) {
            return;
        }
        let params = &self.shared.params;
        let mut rest = Limited::new(body, params.max_body_bytes);
        let _ = timeout_at(after(params.body_read_timeout), async {
            while let Some(Ok(_)) = rest.frame().await {}
        })
        .await;
    }

    fn refuse(&self, rejection: &Rejection, head: &RequestHead, version: Version) -> Response<Bytes> {
        tracing::debug!(peer = %head.peer, %rejection, "request refused by the listener");
        let mut answer = (self.shared.answerer)(rejection, head);
        if rejection.closes() && version <= Version::HTTP_11 {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if self.admission == Admission::Refused {
            self.course.retire.cancel();
        }
        answer
    }
}

/// Has the connection end with this answer, and says so: its caller opens the next one elsewhere.
fn leave_after(answer: &mut Response<Bytes>, version: Version, course: &Course) {
    if version <= Version::HTTP_11 {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    course.retire.cancel();
}

fn after(limit: Duration) -> Instant {
    Instant::now() + limit
}

// === impl AnswerBody ===

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.bytes).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.bytes.size_hint()
    }
}
