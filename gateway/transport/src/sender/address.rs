//! Where a call goes: a URL that was checked once and is never shown whole.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// An `http` or `https` URL without user and fragment. `Display` and `Debug` leave out the query, which may hold
/// credentials (Sterling's REST login does: contract Sterling section 13.2).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(Url);

/// A text is no address to send to. The text itself is not repeated, for it may hold credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not a URL at all.
    #[error("expected a URL such as `http://dom.example:9080/smcfs`")]
    NoUrl,
    /// Neither `http` nor `https`, or no host.
    #[error("expected a URL that begins with `http://` or `https://` and names a host")]
    Scheme,
    /// A user or password stands in it, where it would end in logs of every proxy.
    #[error("expected a URL without user and password; they have settings of their own")]
    UserInfo,
    /// A fragment, which is never sent.
    #[error("expected a URL without `#`")]
    Fragment,
}

// === impl Address ===

impl Address {
    /// Whether calls to it are encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Host and port, as they stand in it.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// The same address with segments added to its path, each percent-encoded as needed.
    #[must_use]
    pub fn with_path<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Self {
        let mut url = self.0.clone();
        // Only URLs without a host have no path segments, and those are refused at construction.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Self(url)
    }

    /// The same address with pairs added to its query.
    #[must_use]
    pub fn with_query<'p>(&self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let mut url = self.0.clone();
        let mut pairs = pairs.into_iter().peekable();
        // Without a pair there would still be a `?`.
        if pairs.peek().is_some() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Self(url)
    }

    pub(super) fn into_url(self) -> Url {
        self.0
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let url = Url::parse(text).map_err(|_| BadAddress::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(BadAddress::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(BadAddress::Fragment);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_str();
        formatter.write_str(text.split_once('?').map_or(text, |(before_query, _)| before_query))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, BadAddress};

    #[test]
    fn only_plain_http_urls_are_addresses() {
        let cases = [
            ("http://dom.example:9080/smcfs/interop/InteropHttpServlet", None),
            ("https://dom.example/?a=b", None),
            ("dom.example:9080/smcfs", Some(BadAddress::Scheme)),
            ("/smcfs", Some(BadAddress::NoUrl)),
            ("", Some(BadAddress::NoUrl)),
            ("ftp://dom.example/", Some(BadAddress::Scheme)),
            ("http://user@dom.example/", Some(BadAddress::UserInfo)),
            ("http://:secret@dom.example/", Some(BadAddress::UserInfo)),
            ("http://dom.example/#x", Some(BadAddress::Fragment)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Address>().err(), expected, "{text}");
        }
    }

    #[test]
    fn path_and_query_are_added_and_encoded() {
        let base: Address = "http://dom.example/smcfs/restapi/".parse().unwrap();
        let address =
            base.with_path(["invoke", "a b/c"]).with_query([("_loginid", "a&b"), ("_token", "x y")]);
        let url = address.into_url();
        assert_eq!(
            url.as_str(),
            "http://dom.example/smcfs/restapi/invoke/a%20b%2Fc?_loginid=a%26b&_token=x+y"
        );
    }

    #[test]
    fn nothing_added_changes_nothing() {
        let address: Address = "http://dom.example/smcfs".parse().unwrap();
        assert_eq!(address.with_query([]).with_path([]).into_url().as_str(), "http://dom.example/smcfs");
    }

    #[test]
    fn the_query_is_never_shown() {
        let address: Address = "http://dom.example/a?_token=s3cret".parse().unwrap();
        assert_eq!(address.to_string(), "http://dom.example/a");
        assert_eq!(format!("{address:?}"), "Address(http://dom.example/a)");
    }
}
