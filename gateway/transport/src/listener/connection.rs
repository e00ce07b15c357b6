//! One accepted connection: which protocol it speaks, and the conversation until its end.

use std::convert::Infallible;
use std::io::Cursor;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::course::{Course, Limits};
use super::intake::{Admission, Intake, Peer, Shared};
use super::tls::ALPN_HTTP2;
use super::watch::Watch;

/// What a client that speaks HTTP/2 without asking sends first (RFC 9113 section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a connection is heard that was accepted just before the drain and has said nothing: its caller may be about
/// to speak, and would take silence for a failure.
const LAST_WORD: Duration = Duration::from_millis(250);

/// A connection that was accepted and said nothing yet.
pub(super) struct Connection<S> {
    pub(super) shared: Arc<Shared<S>>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) address: SocketAddr,
    pub(super) admission: Admission,
    /// When it was accepted.
    pub(super) since: Instant,
    /// Asks for the end after the calls under way.
    pub(super) drain: CancellationToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
}

/// How a conversation ended.
#[derive(Debug)]
enum Ended {
    Orderly,
    Overdue,
    Broken(hyper::Error),
}

// === impl Connection ===

impl<S> Connection<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    /// Serves the connection until it ends. Whatever ends it is the caller's doing or a limit, so it is noted for
    /// debugging only.
    pub(super) async fn serve(self, stream: TcpStream) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        // Boxes, because a future has room for all it may come to wait for, and idle connections live on this memory.
        match self.tls.clone() {
            Some(acceptor) => Box::pin(self.serve_encrypted(acceptor, stream)).await,
            None => self.serve_plain(stream).await,
        }
    }

    async fn serve_encrypted(self, acceptor: TlsAcceptor, stream: TcpStream) {
        let address = self.address;
        let accepted = timeout(self.shared.params.header_read_timeout, acceptor.accept(stream));
        let Some(Ok(stream)) = self
            .unless_drained(accepted)
            .await
            .map(|outcome| outcome.unwrap_or_else(|elapsed| Err(elapsed.into())))
            .inspect(|outcome| {
                if let Err(error) = outcome {
                    tracing::debug!(peer = %address, %error, "no TLS with this caller");
                }
            })
        else {
            return;
        };
        let http2 = stream.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2);
        let protocol = if http2 { Protocol::Http2 } else { Protocol::Http1 };
        Box::pin(self.converse(stream, protocol)).await;
    }

    async fn serve_plain(self, stream: TcpStream) {
        let (mut read, write) = stream.into_split();
        let opening = timeout(self.shared.params.header_read_timeout, opening(&mut read));
        let Some(Ok(Some((protocol, seen)))) = self.unless_drained(opening).await else {
            return;
        };
        let stream = tokio::io::join(Cursor::new(seen).chain(read), write);
        Box::pin(self.converse(stream, protocol)).await;
    }

    /// What the caller begins with, unless the drain begins and it has had its time to speak.
    async fn unless_drained<F: Future>(&self, beginning: F) -> Option<F::Output> {
        let drained = async {
            self.drain.cancelled().await;
            sleep_until(self.since + LAST_WORD).await;
        };
        tokio::select! {
            biased;
            begun = beginning => Some(begun),
            () = drained => None,
        }
    }

    async fn converse<IO>(self, stream: IO, protocol: Protocol)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let course = Course::new(self.drain.child_token());
        let params = &self.shared.params;
        let intake = Intake {
            shared: Arc::clone(&self.shared),
            course: Arc::clone(&course),
            peer: Peer { address: self.address, tls: self.tls.is_some() },
            admission: self.admission,
        };
        let ended = match protocol {
            Protocol::Http1 => {
                let stream = TokioIo::new(Watch::http1(stream, Arc::clone(&course)));
                let conversation = pin!(
                    http1::Builder::new()
                        .timer(TokioTimer::new())
                        // The course below times heads and idleness apart.
                        .header_read_timeout(None)
                        .max_header_size(params.max_header_bytes)
                        .max_buf_size(params.max_header_bytes)
                        .serve_connection(stream, intake)
                );
                follow(conversation, &course, Limits::new(params)).await
            }
            Protocol::Http2 => {
                let stream = TokioIo::new(Watch::http2(stream, Arc::clone(&course)));
                let conversation = pin!(
                    http2::Builder::new(TokioExecutor::new())
                        .timer(TokioTimer::new())
                        .max_header_list_size(u32::try_from(params.max_header_bytes).unwrap_or(u32::MAX))
                        .max_concurrent_streams(params.max_streams)
                        .serve_connection(stream, intake)
                );
                follow(conversation, &course, Limits::new(params)).await
            }
        };
        match ended {
            Ended::Orderly => {}
            Ended::Overdue => tracing::debug!(peer = %self.address, "caller too slow, connection cut"),
            Ended::Broken(error) => tracing::debug!(peer = %self.address, %error, "connection ended early"),
        }
    }
}

/// Lets a conversation go on until it ends, or has waited too long for its caller.
async fn follow(
    mut conversation: Pin<&mut impl GracefulConnection<Error = hyper::Error>>,
    course: &Course,
    limits: Limits,
) -> Ended {
    let mut overdue = pin!(course.overdue(limits));
    let mut retiring = false;
    loop {
        tokio::select! {
            biased;
            ended = conversation.as_mut() => return ended.map_or_else(Ended::Broken, |()| Ended::Orderly),
            () = course.retire.cancelled(), if !retiring => {
                retiring = true;
                conversation.as_mut().graceful_shutdown();
            }
            () = overdue.as_mut() => return Ended::Overdue,
        }
    }
}

/// Reads as many bytes as tell HTTP/2 with prior knowledge from HTTP/1.1; `None` if the caller hangs up before.
async fn opening(stream: &mut (impl AsyncRead + Unpin)) -> Option<(Protocol, Vec<u8>)> {
    let mut seen = Vec::with_capacity(PREFACE.len());
    loop {
        let missing = PREFACE.len().saturating_sub(seen.len());
        let read = (&mut *stream).take(missing as u64).read_buf(&mut seen).await.ok()?;
        if !PREFACE.starts_with(&seen) {
            return Some((Protocol::Http1, seen));
        }
        if seen.len() == PREFACE.len() {
            return Some((Protocol::Http2, seen));
        }
        if read == 0 {
            return None;
        }
    }
}
