//! Why the listener refuses a request before the service sees it, and what is known of that request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_model::codes::{BAD_HTTP, BODY_TIMEOUT, INTERNAL, LIMIT_EXCEEDED, OVERLOADED};
use gateway_model::{Fault, Origin, Reached, Repeat};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, Uri, request};

/// Why a request is refused, or has no answer of the service's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is larger than it may be.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// What it may be.
        limit_bytes: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive within {limit:?}")]
    TooSlow {
        /// The time it had.
        limit: Duration,
    },
    /// The body broke off. The caller is gone as a rule and sees no answer.
    #[error("the body broke off before its end")]
    Broken,
    /// Two readers of the request could see two different requests in it (RFC 9112 sections 3.2 and 6.3).
    #[error("the request's head is doubtful: {0}")]
    Doubtful(&'static str),
    /// All connections the listener may have are taken; this one is closed after the answer.
    #[error("all {limit} connections are taken")]
    TooManyConnections {
        /// What it may have.
        limit: usize,
    },
    /// The bodies of other requests take all the memory they may.
    #[error("the requests under way hold {limit_bytes} bytes, as many as they may")]
    NoMemory {
        /// What they may hold.
        limit_bytes: usize,
    },
    /// The service did not come to its end: it panicked.
    #[error("the call ended without an answer")]
    Panicked,
}

/// What an [`Answerer`] may know of the request it answers.
#[derive(Debug, Clone)]
pub struct RequestHead {
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// The request's method.
    pub method: Method,
    /// The request's target. Its query may hold credentials: not for logs.
    pub uri: Uri,
    /// The form the caller writes in, which tells SOAP 1.1 from 1.2.
    pub content_type: Option<HeaderValue>,
}

/// Makes the answer to a refused request, in the caller's own format. A panic in it costs the connection.
///
/// The listener adds `Connection: close` where the connection cannot go on.
pub type Answerer = Arc<dyn Fn(&Rejection, &RequestHead) -> Response<Bytes> + Send + Sync>;

// === impl Rejection ===

impl From<&Rejection> for Fault {
    /// The fault a rejection is; nothing was sent to the DOM, but for [`Rejection::Panicked`], where nobody knows.
    fn from(rejection: &Rejection) -> Self {
        let text = rejection.to_string();
        match rejection {
            Rejection::TooLarge { .. } => Self::store(LIMIT_EXCEEDED, text),
            Rejection::TooSlow { .. } => Self::store(BODY_TIMEOUT, text).repeat(Repeat::Safe),
            Rejection::Broken => {
                Self { origin: Origin::Network, ..Self::store(BAD_HTTP, text).repeat(Repeat::Safe) }
            }
            Rejection::Doubtful(_) => Self::store(BAD_HTTP, text),
            Rejection::TooManyConnections { .. } | Rejection::NoMemory { .. } => {
                Self::gateway(OVERLOADED, text).repeat(Repeat::Safe)
            }
            Rejection::Panicked => {
                Self::gateway(INTERNAL, text).reached(Reached::Maybe).repeat(Repeat::AfterCheck)
            }
        }
    }
}

impl Rejection {
    /// Whether the connection may carry another request: not if bytes of this one are left unread, or if where it
    /// ends is in doubt.
    pub(super) const fn closes(&self) -> bool {
        !matches!(self, Self::Panicked)
    }
}

// === impl RequestHead ===

impl RequestHead {
    pub(super) fn new(parts: &request::Parts, peer: SocketAddr) -> Self {
        Self {
            peer,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            content_type: parts.headers.get(CONTENT_TYPE).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gateway_model::codes::{BAD_HTTP, BODY_TIMEOUT, INTERNAL, LIMIT_EXCEEDED, OVERLOADED};
    use gateway_model::{Fault, Origin, Reached, Repeat};

    use super::Rejection;

    #[test]
    fn each_rejection_says_whose_fault_it_is_and_whether_to_send_again() {
        use Origin::{Gateway, Network, Store};
        use Reached::{Maybe, No};
        use Repeat::{AfterCheck, Safe, Useless};
        let cases = [
            (Rejection::TooLarge { limit_bytes: 1 }, (LIMIT_EXCEEDED, Store, No, Useless)),
            (Rejection::TooSlow { limit: Duration::ZERO }, (BODY_TIMEOUT, Store, No, Safe)),
            (Rejection::Broken, (BAD_HTTP, Network, No, Safe)),
            (Rejection::Doubtful("no `Host`"), (BAD_HTTP, Store, No, Useless)),
            (Rejection::TooManyConnections { limit: 1 }, (OVERLOADED, Gateway, No, Safe)),
            (Rejection::NoMemory { limit_bytes: 1 }, (OVERLOADED, Gateway, No, Safe)),
            (Rejection::Panicked, (INTERNAL, Gateway, Maybe, AfterCheck)),
        ];
        for (rejection, expected) in cases {
            let fault = Fault::from(&rejection);
            assert_eq!((fault.code, fault.origin, fault.reached, fault.repeat), expected, "{rejection}");
        }
    }
}
