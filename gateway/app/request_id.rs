//! The id of a call: the caller's own `x-request-id` if it can be shown, else a new one.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use tower_http::request_id::{MakeRequestId, RequestId};

use crate::clock;

/// The header's name.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of an id; a longer one is no id anybody can use.
const LONGEST: usize = 64;

/// Makes ids that sort by time.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&clock::identity().id).ok().map(RequestId::new)
    }
}

/// The request without an id that could not be shown in a log or a header.
#[must_use]
pub fn without_unusable_id(mut request: Request<Bytes>) -> Request<Bytes> {
    let usable = |id: &HeaderValue| {
        let usable_byte = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(usable_byte)
    };
    if request.headers().get(REQUEST_ID).is_some_and(|id| !usable(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// The id the stack gave the request.
#[must_use]
pub fn of(request: &Request<Bytes>) -> String {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    id.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::{REQUEST_ID, without_unusable_id};

    #[test]
    fn an_id_that_cannot_be_shown_is_dropped() {
        let long = "x".repeat(65);
        for (id, kept) in
            [("42", true), ("a-b_c.d:e", true), ("a b", false), ("<script>", false), (&long, false)]
        {
            let request = Request::builder().header(REQUEST_ID, id).body(Bytes::new()).unwrap();
            assert_eq!(without_unusable_id(request).headers().contains_key(REQUEST_ID), kept, "{id}");
        }
    }
}
