//! A listener to test against, and a raw caller.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gateway_transport::listener::{Answerer, Counts, Drained, Listener, Params, Rejection, RequestHead};
use http::{Request, Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::service_fn;

/// A limit that is met soon.
pub(crate) const SHORT: Duration = Duration::from_millis(60);

/// A limit that no test meets; a test that does has failed.
pub(crate) const NEVER: Duration = Duration::from_secs(60);

/// A listener that is served.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) drain: CancellationToken,
    /// Ends the delay of the drain early.
    pub(crate) hurry: CancellationToken,
    pub(crate) counts: Arc<Counts>,
    /// How often the service was called.
    pub(crate) called: Arc<AtomicUsize>,
    pub(crate) task: JoinHandle<Drained>,
}

/// Any port of this machine, limits that no test meets.
pub(crate) fn params() -> Params {
    Params {
        header_read_timeout: NEVER,
        body_read_timeout: NEVER,
        idle_timeout: NEVER,
        write_timeout: NEVER,
        drain_timeout: NEVER,
        max_body_bytes: 1_000,
        ..Params::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }
}

/// Serves with a handler.
pub(crate) async fn serve<H, F>(params: Params, handler: H) -> Served
where
    H: Fn(Request<Bytes>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let listener = Listener::bind(params).await.unwrap();
    let (address, counts, hurry) = (listener.local_addr(), listener.counts(), listener.hurry());
    let drain = CancellationToken::new();
    let called = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&called);
    let service = service_fn(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let task = tokio::spawn(listener.serve(service, answerer(), drain.clone()));
    Served { address, drain, hurry, counts, called, task }
}

/// Serves with a handler that answers with what it got.
pub(crate) async fn serve_echo(params: Params) -> Served {
    serve(params, echo).await
}

/// Method, path and version, then the body.
pub(crate) async fn echo(request: Request<Bytes>) -> Response<Bytes> {
    let head = format!("{} {} {:?} ", request.method(), request.uri().path(), request.version());
    Response::new([head.as_bytes(), request.body()].concat().into())
}

/// Answers a rejection with its kind as status and its text as body.
pub(crate) fn answerer() -> Answerer {
    Arc::new(|rejection: &Rejection, head: &RequestHead| {
        let status = match rejection {
            Rejection::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Rejection::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Rejection::Broken | Rejection::Doubtful(_) => StatusCode::BAD_REQUEST,
            Rejection::TooManyConnections { .. } | Rejection::NoMemory { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Rejection::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let text = format!("{} {}: {rejection}", head.method, head.uri.path());
        Response::builder().status(status).body(text.into()).unwrap()
    })
}

impl Served {
    pub(crate) fn called(&self) -> usize {
        self.called.load(Ordering::SeqCst)
    }

    pub(crate) async fn connect(&self) -> Caller {
        Caller { stream: TcpStream::connect(self.address).await.unwrap(), seen: Vec::new() }
    }

    /// Waits until a connection is open no longer, whatever its caller does.
    pub(crate) async fn until_open(&self, count: u64) {
        within(async {
            while self.counts.open() != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// A caller that says what it likes.
pub(crate) struct Caller {
    pub(crate) stream: TcpStream,
    seen: Vec<u8>,
}

impl Caller {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The next answer: its head and its body, by its content length.
    pub(crate) async fn answer(&mut self) -> (String, String) {
        within(async {
            loop {
                if let Some(answer) = self.take_answer() {
                    return answer;
                }
                let read = self.stream.read_buf(&mut self.seen).await.unwrap();
                assert!(
                    read > 0,
                    "the connection ended before the answer: {:?}",
                    String::from_utf8_lossy(&self.seen)
                );
            }
        })
        .await
    }

    fn take_answer(&mut self) -> Option<(String, String)> {
        let text = String::from_utf8(self.seen.clone()).unwrap();
        let (head, rest) = text.split_once("\r\n\r\n")?;
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = lengths.next().map_or(0, |(_, value)| value.parse().unwrap());
        let (body, rest) = rest.split_at_checked(length)?;
        self.seen = rest.as_bytes().to_vec();
        Some((head.to_owned(), body.to_owned()))
    }

    /// Whether the listener ends the connection without another byte.
    pub(crate) async fn is_cut(&mut self) -> bool {
        assert!(self.seen.is_empty(), "{:?}", String::from_utf8_lossy(&self.seen));
        let mut rest = Vec::new();
        // A reset is as good an end as any.
        let _ = within(self.stream.read_to_end(&mut rest)).await;
        rest.is_empty()
    }
}

/// Fails the test if it takes for ever.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(NEVER, future).await.expect("the test waited for ever")
}

/// A client that speaks HTTP/2 without asking.
pub(crate) fn http2_client() -> reqwest::Client {
    // Fails if it is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().http2_prior_knowledge().no_proxy().tls_certs_only([]).build().unwrap()
}

/// A whole POST with a body.
pub(crate) fn post(body: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
