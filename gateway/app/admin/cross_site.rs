//! Requests that change something and may come from any page an operator's browser has open.
//!
//! The admin listener asks for no credentials, because only this machine reaches it; a browser on this machine does too, and
//! sends what a page of anybody's tells it to. It says so in headers that no page can take away: `Origin` with every POST,
//! `Sec-Fetch-Site` with everything. Programs such as curl send neither.

use http::HeaderMap;
use http::header::ORIGIN;

use crate::admin::Refusal;

/// The refusal, if a page may be behind the request.
#[must_use]
pub fn refuse(headers: &HeaderMap) -> Option<Refusal> {
    let is_from_page = headers.contains_key(ORIGIN)
        || headers.get_all("sec-fetch-site").iter().any(|site| site != "none" && site != "same-origin");
    is_from_page.then_some(Refusal::CrossSite)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName};

    use super::refuse;

    #[test]
    fn only_what_no_page_can_send_is_carried_out() {
        for (headers, refused) in [
            (&[][..], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "")], true),
            (&[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")], true),
            (&[("origin", "http://127.0.0.1:8081")], true),
            (&[("origin", "null")], true),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(HeaderName::from_static(name), value.parse().unwrap());
            }
            assert_eq!(refuse(&map).is_some(), refused, "{headers:?}");
        }
    }
}
