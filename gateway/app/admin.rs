//! The admin listener: is it alive, is it ready, what has it counted, what was it told; and files for its cache.

pub mod cross_site;
pub mod load;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{Request, Response};

use crate::front::Front;
use crate::load::Desk;
use crate::respond;

const KNOWN: &str = "known paths: /live /ready /metrics /config /cache/load\n";

/// What operators see.
#[derive(Debug)]
pub struct Admin {
    front: Arc<Front>,
    desk: Desk,
    ready: AtomicBool,
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
        Ok(match request.uri().path() {
            "/live" => respond::plain("alive\n"),
            // A DOM that is down is no reason to take this replica away: cached and in-band answers are still given.
            "/ready" if self.ready.load(Ordering::Relaxed) => respond::plain("ready\n"),
            "/ready" => respond::not_ready("shutting down\n"),
            "/metrics" => respond::shown(
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                self.front.metrics_text(),
            ),
            "/config" => respond::shown("application/json", format!("{:#}\n", self.front.effective_config())),
            load::PATH => load::under_way(&self.desk),
            _ => respond::nothing_here(KNOWN),
        })
    }
}
