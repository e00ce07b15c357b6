//! Refuses what a web page could make an operator's browser send.
//!
//! The admin listener asks for no credentials; being reachable from this machine only is its protection, and a browser on
//! this machine would carry a foreign page's request past it.

use http::HeaderMap;
use http::header::ORIGIN;

/// Where a browser says from where a request was caused (Fetch Metadata).
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Why a request that changes something is refused; `None` if no foreign page can have caused it.
#[must_use]
pub fn refuse(headers: &HeaderMap) -> Option<&'static str> {
    if headers.contains_key(ORIGIN) {
        return Some("requests of web pages are not taken here, found the header `Origin`");
    }
    let site = headers.get(SEC_FETCH_SITE)?;
    let harmless = ["none", "same-origin"].iter().any(|known| site == known);
    (!harmless)
        .then_some("requests of web pages are not taken here, found `Sec-Fetch-Site` with another site")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName};

    use super::refuse;

    #[test]
    fn what_a_foreign_page_could_send_is_refused() {
        let cases = [
            (&[][..], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("origin", "null")], true),
            (&[("origin", "http://127.0.0.1:8081")], true),
        ];
        for (headers, refused) in cases {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(refuse(&map).is_some(), refused, "{headers:?}");
        }
    }
}
