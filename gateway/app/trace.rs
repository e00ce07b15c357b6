//! What ties the calls of several systems together: W3C trace context and the request id, passed on as they came.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::request_id::REQUEST_ID;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The headers `traceparent` and `tracestate` of a call, if the first has its form, and its `x-request-id`.
#[derive(Debug, Clone, Default)]
pub struct TraceContext {
    parent: Option<HeaderValue>,
    state: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
}

// === impl TraceContext ===

impl TraceContext {
    /// Takes the context from a request; a malformed one is dropped, as the recommendation demands.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let parent = headers.get(&TRACEPARENT).filter(|value| is_parent(value.as_bytes()));
        let state = parent.and_then(|_| headers.get(&TRACESTATE));
        let request_id = headers.get(REQUEST_ID);
        Self { parent: parent.cloned(), state: state.cloned(), request_id: request_id.cloned() }
    }

    /// The context of what the gateway does by itself, for several callers or none: an id of its own.
    #[must_use]
    pub fn of_own(id: &str) -> Self {
        Self { request_id: HeaderValue::from_str(id).ok(), ..Self::default() }
    }

    /// Writes the context onto an outgoing request.
    pub fn write(&self, headers: &mut HeaderMap) {
        let pairs = [(TRACEPARENT, &self.parent), (TRACESTATE, &self.state), (REQUEST_ID, &self.request_id)];
        for (name, value) in pairs {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }

    /// The trace id, for the log.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.parent.as_ref()?.to_str().ok()?.split('-').nth(1)
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`, neither id all zero; later versions may have more behind.
fn is_parent(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'-');
    let mut hex = |length: usize, nonzero: bool| {
        parts.next().is_some_and(|part| {
            part.len() == length
                && part.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
                && !(nonzero && part.iter().all(|byte| *byte == b'0'))
        })
    };
    let version = value.get(..2) != Some(b"ff") && hex(2, false);
    let fits = version && hex(32, true) && hex(16, true) && hex(2, false);
    fits && (value.get(..2) != Some(b"00") || parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::TraceContext;

    fn taken(parent: &str) -> TraceContext {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", parent.parse().unwrap());
        headers.insert("tracestate", "a=b".parse().unwrap());
        TraceContext::of(&headers)
    }

    #[test]
    fn a_context_is_passed_on_as_it_came() {
        let context = taken("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(context.id(), Some("0af7651916cd43dd8448eb211c80319c"));
        let mut headers = HeaderMap::new();
        context.write(&mut headers);
        assert_eq!(headers["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(headers["tracestate"], "a=b");
    }

    #[test]
    fn a_malformed_context_is_dropped() {
        for parent in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            let mut headers = HeaderMap::new();
            taken(parent).write(&mut headers);
            assert!(headers.is_empty(), "{parent}");
        }
    }
}
