//! The listener: accepts connections, hands whole requests to a tower service, drains.
//!
//! The service sees a request only when its body has arrived and kept the bounds of [`Params`]; everything else is
//! answered by the [`Answerer`], which gets the reason ([`Rejection`]). A panic in the service costs that call only.
//! Bodies too large to be gathered go another way: what [`Streaming`] takes, it gets as it arrives. Whether somebody still
//! waits for the answer, and since when, the service finds in the request's extensions ([`Caller`]).

mod caller;
mod calls;
mod connection;
mod course;
mod framing;
mod gathered;
mod held;
mod intake;
mod params;
mod rejection;
mod stream;
mod tls;
mod watch;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

pub use caller::Caller;
pub use calls::{CallLost, Calls};
use connection::Connection;
use held::Memory;
pub use intake::Peer;
use intake::{Admission, Shared};
pub use params::{BadSetting, HangUp, MIN_HEADER_BYTES, Params, Tls};
pub use rejection::{Answerer, Rejection, RequestHead};
pub use stream::{BodyStream, Streaming};
pub use tls::TlsError;

/// How many connections over the limit are answered at a time; one more is closed without an answer.
const REFUSED_AT_A_TIME: usize = 64;

/// As many connections as the system keeps waiting for a port at most.
const LONGEST_QUEUE: usize = 4_096;

/// How long to wait after the system could not give a connection, most often for lack of file descriptors.
const PAUSE_AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(50);

/// A port that is open, but not served yet: callers wait in the system's queue.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    local_addr: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    params: Params,
    calls: Calls,
    counts: Arc<Counts>,
    streaming: Option<Streaming>,
    hurry: CancellationToken,
}

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// A setting cannot be.
    #[error(transparent)]
    Setting(#[from] BadSetting),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] TlsError),
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every call that was under way came to its end.
    Whole,
    /// The time was over; so many connections and calls were cut.
    Cut(usize),
}

/// What a listener has seen so far; for metrics.
#[derive(Debug, Default)]
pub struct Counts {
    open: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
}

// === impl Listener ===

impl Listener {
    /// Checks the parameters, reads the TLS files and opens the port.
    ///
    /// # Errors
    ///
    /// If a setting cannot be, a TLS file cannot be used, or the address is not to be had.
    pub async fn bind(params: Params) -> Result<Self, ListenError> {
        params.check()?;
        let tls = params.tls.as_ref().map(tls::server_config).transpose()?;
        let address = params.address;
        let fault = |source| ListenError::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(fault)?;
        let local_addr = socket.local_addr().map_err(fault)?;
        Ok(Self {
            socket,
            local_addr,
            tls,
            params,
            calls: Calls::new(),
            counts: Arc::default(),
            streaming: None,
            hurry: CancellationToken::new(),
        })
    }

    /// The address listened on, with the real port if 0 was asked for.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// For calls that have to run to their end on a listener whose calls otherwise stop with their caller.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// What this listener has seen; counts on while it is served.
    #[must_use]
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// Cancelled, it ends [`Params::drain_delay`] early: for whoever knows that no balancer has to notice.
    #[must_use]
    pub fn hurry(&self) -> CancellationToken {
        self.hurry.clone()
    }

    /// Hands the requests that `streaming` takes to it, their bodies unread, and all others to the service.
    #[must_use]
    pub fn streaming(mut self, streaming: Streaming) -> Self {
        self.streaming = Some(streaming);
        self
    }

    /// Serves until `drain` is cancelled and the drain has ended. From then on every answer ends its connection
    /// (`Connection: close`); after [`Params::drain_delay`] the port is closed, idle connections next, and calls under
    /// way get [`Params::drain_timeout`] to end. Dropping the future cuts everything at once.
    pub async fn serve<S>(self, service: S, answerer: Answerer, drain: CancellationToken) -> Drained
    where
        S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let (drain_delay, drain_timeout) = (self.params.drain_delay, self.params.drain_timeout);
        let (hurry, close) = (self.hurry, CancellationToken::new());
        let calls = self.calls.clone();
        let _cut_on_drop = calls.cut.clone().drop_guard();
        let acceptor = Acceptor {
            places: Arc::new(Semaphore::new(self.params.max_connections)),
            refusals: Arc::new(Semaphore::new(REFUSED_AT_A_TIME)),
            shared: Arc::new(Shared {
                memory: Memory::new(self.params.max_held_bytes),
                params: self.params,
                service,
                streaming: self.streaming,
                answerer,
                calls: calls.clone(),
                leaving: drain.clone(),
            }),
            tls: self.tls.map(TlsAcceptor::from),
            counts: self.counts,
            connections: TaskTracker::new(),
            drain: close.clone(),
        };
        let left = async {
            drain.cancelled().await;
            hurry.run_until_cancelled(sleep(drain_delay)).await;
        };
        tokio::select! {
            never = acceptor.accept(&self.socket) => match never {},
            () = left => {}
        }
        acceptor.close(self.socket);
        close.cancel();
        acceptor.finish(drain_timeout).await
    }
}

/// The accepting half of a listener.
struct Acceptor<S> {
    shared: Arc<Shared<S>>,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    tls: Option<TlsAcceptor>,
    counts: Arc<Counts>,
    connections: TaskTracker,
    drain: CancellationToken,
}

impl<S> Acceptor<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    async fn accept(&self, socket: &TcpListener) -> Infallible {
        loop {
            match socket.accept().await {
                Ok((stream, address)) => self.admit(stream, address),
                // The caller was gone before it was its turn.
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(PAUSE_AFTER_ACCEPT_ERROR).await;
                }
            }
        }
    }

    /// Accepts the connections that the system has made already, and closes the port: the other way round it would reset
    /// them.
    fn close(&self, socket: TcpListener) {
        let Ok(socket) = socket.into_std() else { return };
        for _ in 0..LONGEST_QUEUE {
            let (stream, address) = match socket.accept() {
                Ok(accepted) => accepted,
                // The caller was gone; others are behind it.
                Err(error) if is_of_one_connection(&error) => continue,
                Err(_) => return,
            };
            if stream.set_nonblocking(true).is_ok()
                && let Ok(stream) = TcpStream::from_std(stream)
            {
                self.admit(stream, address);
            }
        }
    }

    fn admit(&self, stream: TcpStream, address: SocketAddr) {
        self.counts.accepted.fetch_add(1, Ordering::Relaxed);
        let place = Arc::clone(&self.places).try_acquire_owned();
        let (admission, place) = match place {
            Ok(place) => (Admission::Served, Ok(place)),
            Err(_) => (Admission::Refused, Arc::clone(&self.refusals).try_acquire_owned()),
        };
        if admission == Admission::Refused {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
        }
        let Ok(place) = place else { return };
        let connection = Connection {
            shared: Arc::clone(&self.shared),
            tls: self.tls.clone(),
            address,
            admission,
            since: Instant::now(),
            drain: self.drain.clone(),
        };
        let cut = self.shared.calls.cut.clone();
        let open = Open::new(&self.counts, place);
        // In a box, or each future around it would hold it once more.
        let served = Box::pin(connection.serve(stream));
        self.connections.spawn(async move {
            cut.run_until_cancelled_owned(served).await;
            drop(open);
        });
    }

    async fn finish(self, limit: Duration) -> Drained {
        let calls = &self.shared.calls;
        self.connections.close();
        let whole = async {
            // Connections first: while one is open, it may still begin a call.
            self.connections.wait().await;
            calls.tasks.close();
            calls.tasks.wait().await;
        };
        if timeout(limit, whole).await.is_ok() {
            return Drained::Whole;
        }
        let left = self.connections.len().max(calls.tasks.len());
        calls.cut.cancel();
        calls.tasks.close();
        self.connections.wait().await;
        calls.tasks.wait().await;
        tracing::warn!(cut = left, "the drain's time was over before all calls had ended");
        Drained::Cut(left)
    }
}

/// Whether an error of `accept` is about the one connection that would have been accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// An open connection's place.
struct Open {
    counts: Arc<Counts>,
    _place: OwnedSemaphorePermit,
}

// === impl Open ===

impl Open {
    fn new(counts: &Arc<Counts>, place: OwnedSemaphorePermit) -> Self {
        counts.open.fetch_add(1, Ordering::Relaxed);
        Self { counts: Arc::clone(counts), _place: place }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::Relaxed);
    }
}

// === impl Counts ===

impl Counts {
    /// Connections open now.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Connections accepted so far, the refused ones included.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Connections refused so far because all places were taken.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}
