//! What both simulated systems share: a listener behind a relay, and answers that go wrong as the script says.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use gateway_transport::listener::{Answerer, ListenError, Listener, Params, Peer};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::relay::{Cut, Cuts, Relay};
use super::script::{Script, Shows, Trouble};

/// A page as proxies and application servers show it.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Service Unavailable</h1>\
                    <p>The server is temporarily unable to service your request.<br></body></html>\n";

/// Bytes that are neither text nor XML.
const GARBAGE: &[u8] = b"\x00\xff\xfe\x89PNG\r\n\x1a\n<\x01\x02";

/// A SOAP fault as an application server writes it.
const SOAP_FAULT: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
                          <soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>The service failed\
                          </faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>";

/// Bytes of a document's body that arrive before its connection breaks.
const BYTES_BEFORE_BREAK: usize = 40;

/// Why a simulated system cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is not to be had.
    #[error("cannot listen on `{address}`")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The listener cannot be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The sender cannot be made.
    #[error(transparent)]
    Sender(#[from] gateway_transport::sender::SenderError),
    /// The mappings have no such dialect.
    #[error("no dialect `{dialect}` in the mappings")]
    UnknownDialect {
        /// Its name.
        dialect: String,
    },
    /// The vocabulary lacks fields.
    #[error(transparent)]
    Words(#[from] crate::MissingWords),
}

/// A running port.
#[derive(Debug)]
pub(crate) struct Site {
    address: SocketAddr,
    stop: CancellationToken,
    cuts: Cuts,
    gate: watch::Sender<bool>,
    listening: JoinHandle<()>,
    relaying: JoinHandle<()>,
}

/// An answer with what the script makes of it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    /// Seconds after which the caller may come again.
    pub(crate) retry_after: Option<u32>,
    pub(crate) body: Vec<u8>,
}

// === impl Site ===

impl Site {
    /// Serves calls on an address; `serve` is run for each.
    pub(crate) async fn start<F, A>(address: SocketAddr, cuts: Cuts, serve: F) -> Result<Self, StartError>
    where
        F: Fn(Request<Bytes>) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Response<Bytes>> + Send,
    {
        let listener = Listener::bind(Params::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).await?;
        let bind = |source| StartError::Bind { address, source };
        let relay = Relay::bind(address, listener.local_addr(), cuts.clone()).await.map_err(bind)?;
        let address = relay.local_addr();
        let stop = CancellationToken::new();
        let service = tower::service_fn(move |request| {
            let serve = serve.clone();
            async move { Ok::<_, Infallible>(serve(request).await) }
        });
        let answerer: Answerer =
            Arc::new(|rejection, _| plain(StatusCode::BAD_REQUEST, rejection.to_string()));
        let draining = stop.clone();
        let listening = tokio::spawn(async move {
            listener.serve(service, answerer, draining).await;
        });
        let gate = relay.gate();
        let relaying = tokio::spawn(relay.run(stop.clone()));
        Ok(Self { address, stop, cuts, gate, listening, relaying })
    }

    /// Opens the port, or closes it: then connections are refused, and those there are end at once.
    pub(crate) fn set_open(&self, open: bool) {
        self.gate.send_replace(open);
    }

    /// The next so many connections are reset before anything of them is read; when this script lets them go, if one is
    /// given.
    pub(crate) fn reset_next(&self, connections: usize, held_by: Option<Script>) {
        self.cuts.reset_next(connections, held_by);
    }

    /// The address callers use.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and waits until all calls have ended.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        // A panic in one of them was shown by the runtime already.
        let _ = tokio::join!(self.relaying, self.listening);
    }
}

// === impl Reply ===

impl Reply {
    pub(crate) const fn xml(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, content_type: "text/xml; charset=UTF-8", retry_after: None, body }
    }

    /// The page of a proxy or an application server.
    fn page(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        Self { status, content_type: "text/html; charset=UTF-8", retry_after: None, body: PAGE.into() }
    }

    /// The answer as the caller gets to see it.
    pub(crate) async fn show(
        self,
        trouble: Option<&Trouble>,
        script: &Script,
        cuts: &Cuts,
        peer: Option<SocketAddr>,
    ) -> Response<Bytes> {
        if trouble.is_some_and(Trouble::is_held) {
            script.hold().await;
        }
        let mut ends = None;
        let reply = match trouble.map(Trouble::shows) {
            None | Some(Shows::Errors { .. } | Shows::Answer) => self,
            Some(Shows::Status(status)) => Self::page(*status),
            Some(Shows::Later { status, seconds }) => {
                Self { retry_after: Some(*seconds), ..Self::page(*status) }
            }
            Some(Shows::SoapFault) => Self::xml(StatusCode::INTERNAL_SERVER_ERROR, SOAP_FAULT.into()),
            Some(Shows::Html) => Self::page(200),
            Some(Shows::Empty) => Self { body: Vec::new(), ..self },
            Some(Shows::Garbage) => Self { body: GARBAGE.into(), ..self },
            Some(Shows::HalfDocument) => {
                let half = self.body.len() / 2;
                Self { body: self.body.into_iter().take(half).collect(), ..self }
            }
            Some(Shows::BrokenOff) => {
                ends = Some(Cut::Body(BYTES_BEFORE_BREAK));
                self
            }
            Some(Shows::Stalled) => {
                ends = Some(Cut::Stall(BYTES_BEFORE_BREAK));
                self
            }
            Some(Shows::Dropped) => {
                ends = Some(Cut::Whole);
                self
            }
            Some(Shows::Reset) => {
                ends = Some(Cut::Reset);
                self
            }
            Some(Shows::Silent) => {
                ends = Some(Cut::Silence);
                self
            }
            Some(Shows::Late(time)) => {
                tokio::time::sleep(*time).await;
                self
            }
            Some(Shows::Held) => {
                script.hold().await;
                self
            }
        };
        let mut response = reply.into_response();
        match (ends, peer) {
            (Some(cut), Some(peer)) => cuts.cut(peer, cut),
            (Some(cut), None) => drop(response.extensions_mut().insert(cut)),
            (None, _) => {}
        }
        response
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A short text.
pub(crate) fn plain(status: StatusCode, text: impl Into<String>) -> Response<Bytes> {
    let content_type = "text/plain; charset=UTF-8";
    Reply { status, content_type, retry_after: None, body: text.into().into_bytes() }.into_response()
}

/// The address a call's connection has inside.
pub(crate) fn peer_of(request: &Request<Bytes>) -> Option<SocketAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.address)
}

#[cfg(test)]
mod tests;
