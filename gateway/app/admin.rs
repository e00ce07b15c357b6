//! The admin listener: is it alive, is it ready, what has it counted, what was it told, what is known of stock;
//! and files of stock for its cache.

pub mod cross_site;
pub mod load;
mod purge;
mod query;
mod records;
mod stats;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use crate::clock;
use crate::front::Front;
use crate::load::Desk;
use crate::respond;

const KNOWN: &str = "known paths: /live /ready /metrics /config /cache /cache/stats, /cache/load, and by POST /cache/purge /cache/load\n";

/// What operators see.
#[derive(Debug)]
pub struct Admin {
    front: Arc<Front>,
    desk: Desk,
    ready: AtomicBool,
}

/// Why an operator's request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It says something that cannot be: a sentence about what, and what was expected.
    BadRequest(String),
    /// A browser sent it for a page, which may be anybody's.
    CrossSite,
    /// It was begun and did not end.
    Failed(String),
}

// === impl Admin ===

impl Admin {
    /// Shows this front and the loads let in at this desk; ready from the start.
    #[must_use]
    pub const fn new(front: Arc<Front>, desk: Desk) -> Self {
        Self { front, desk, ready: AtomicBool::new(true) }
    }

    /// From now on `/ready` says no, so that balancers send new calls elsewhere.
    pub fn set_not_ready(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }

    /// Answers a request.
    ///
    /// # Errors
    /// None: every fault is an answer.
    pub async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Bytes>, Infallible> {
        let path = request.uri().path();
        let is_change = path == "/cache/purge";
        let is_allowed = match *request.method() {
            Method::POST => is_change,
            Method::GET | Method::HEAD => !is_change,
            _ => false,
        };
        if is_allowed || !is_known(path) {
            return Ok(self.carried_out(&request).await);
        }
        let allowed = match path {
            // A POST goes another way: its body may be of any size.
            load::PATH => "GET, HEAD, POST",
            _ if is_change => "POST",
            _ => "GET, HEAD",
        };
        let text = format!("`{}` is not understood here, expected {allowed}\n", request.method());
        Ok(respond::refused(StatusCode::METHOD_NOT_ALLOWED, Some(allowed), text))
    }

    async fn carried_out(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default();
        let outcome = match request.uri().path() {
            "/live" => return respond::plain("alive\n"),
            // A DOM that is down is no reason to take this replica away: cached and in-band answers are still given.
            "/ready" if self.ready.load(Ordering::Relaxed) => return respond::plain("ready\n"),
            "/ready" => return respond::not_ready("shutting down\n"),
            "/metrics" => {
                return respond::shown(
                    "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    self.front.metrics_text(),
                );
            }
            "/config" => Ok(self.front.effective_config()),
            "/cache" => self.front.look(|ready| records::found(&ready.stocks, query, clock::now())),
            "/cache/stats" => Ok(self.front.look(stats::counted)),
            "/cache/purge" => match cross_site::refuse(request.headers()) {
                Some(refusal) => Err(refusal),
                None => {
                    let stocks = self.front.look(|ready| Arc::clone(&ready.stocks));
                    purge::carry_out(stocks, query, clock::now()).await
                }
            },
            load::PATH => return load::under_way(&self.desk),
            _ => return respond::nothing_here(KNOWN),
        };
        match outcome {
            Ok(shown) => respond::shown("application/json", format!("{shown:#}\n")),
            Err(refusal) => refusal.answer(),
        }
    }
}

fn is_known(path: &str) -> bool {
    const KNOWN: [&str; 8] =
        ["/live", "/ready", "/metrics", "/config", "/cache", "/cache/stats", "/cache/purge", load::PATH];
    KNOWN.contains(&path)
}

// === impl Refusal ===

impl Refusal {
    /// The answer that says so.
    #[must_use]
    pub fn answer(self) -> Response<Bytes> {
        let (status, text) = match self {
            Self::BadRequest(text) => (StatusCode::BAD_REQUEST, text),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "a request that a browser sends for a page is not carried out here, expected one without `Origin`"
                    .to_owned(),
            ),
            Self::Failed(text) => (StatusCode::INTERNAL_SERVER_ERROR, text),
        };
        respond::refused(status, None, format!("{text}\n"))
    }
}
