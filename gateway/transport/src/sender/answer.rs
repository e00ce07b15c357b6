//! What the other side answered, whole.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

/// A whole answer of any status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, decompressed.
    pub body: Bytes,
}

// === impl Answer ===

impl Answer {
    /// The content type as it was sent; `None` if there is none or it is no visible ASCII.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// The `charset` parameter of the content type.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        let mut parameters = self.content_type()?.split(';').skip(1);
        parameters.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches('"');
            (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
        })
    }

    /// How long the other side asks to wait before the next call: `Retry-After` in seconds. Its other form, a date,
    /// needs a clock that both sides share and counts as none.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        text.parse().ok().map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Answer, Bytes, CONTENT_TYPE, HeaderMap, RETRY_AFTER, StatusCode};

    fn answer(name: http::HeaderName, value: &str) -> Answer {
        let headers = HeaderMap::from_iter([(name, value.parse().unwrap())]);
        Answer { status: StatusCode::OK, headers, body: Bytes::new() }
    }

    #[test]
    fn the_charset_is_read_in_every_spelling() {
        let cases = [
            ("text/xml", None),
            ("text/xml; charset=ISO-8859-1", Some("ISO-8859-1")),
            ("text/xml;charset=\"utf-8\"", Some("utf-8")),
            ("application/soap+xml; action=x ; Charset = utf-16", Some("utf-16")),
            ("text/xml; charset=", None),
        ];
        for (value, expected) in cases {
            assert_eq!(answer(CONTENT_TYPE, value).charset(), expected, "{value}");
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds_only() {
        let cases = [
            ("120", Some(Duration::from_secs(120))),
            (" 0 ", Some(Duration::ZERO)),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None),
            ("-1", None),
            ("1.5", None),
        ];
        for (value, expected) in cases {
            assert_eq!(answer(RETRY_AFTER, value).retry_after(), expected, "{value}");
        }
    }
}
