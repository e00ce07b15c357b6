//! HTTP basic credentials (RFC 7617): made, read and compared.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;

/// A user and a password. Neither is shown by `Debug`, and there is no `Display`.
#[derive(Clone)]
pub struct Credentials {
    user: String,
    password: String,
}

/// The user's name has a colon, which HTTP basic cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a user without `:`, for HTTP basic ends the user there")]
pub struct UserWithColon;

/// The value of the `Authorization` header for a user and a password in UTF-8, marked as sensitive.
///
/// # Errors
///
/// If the user's name has a colon.
pub fn basic(user: &str, password: &str) -> Result<HeaderValue, UserWithColon> {
    if user.contains(':') {
        return Err(UserWithColon);
    }
    let text = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    // Base64 has only visible characters, so a header value always takes it.
    let mut value = HeaderValue::try_from(text).map_err(|_| UserWithColon)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The HTTP basic credentials a request carries; `None` if it has none, several, or unreadable ones.
#[must_use]
pub fn read_basic(headers: &HeaderMap) -> Option<Credentials> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Credentials::new(user, password))
}

/// Whether two pairs are the same, in a time that depends on their lengths only: both parts are always compared.
#[must_use]
pub fn matches(expected: &Credentials, given: &Credentials) -> bool {
    let user = expected.user.as_bytes().ct_eq(given.user.as_bytes());
    let password = expected.password.as_bytes().ct_eq(given.password.as_bytes());
    (user & password).into()
}

// === impl Credentials ===

impl Credentials {
    /// A pair as it was configured or received.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }

    /// The user; not for logs of refused calls, for people type passwords into this field too.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The value of the `Authorization` header for this pair.
    ///
    /// # Errors
    ///
    /// If the user's name has a colon.
    pub fn to_basic(&self) -> Result<HeaderValue, UserWithColon> {
        basic(&self.user, &self.password)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AUTHORIZATION, Credentials, HeaderMap, HeaderValue, UserWithColon, basic, matches, read_basic,
    };

    fn headers(values: &[&str]) -> HeaderMap {
        let value = |text: &&str| (AUTHORIZATION, HeaderValue::from_str(text).unwrap());
        values.iter().map(value).collect()
    }

    #[test]
    fn the_header_is_the_one_of_rfc_7617() {
        // The example of RFC 7617 section 2 and the UTF-8 one of section 2.1.
        assert_eq!(basic("Aladdin", "open sesame").unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic("test", "123\u{a3}").unwrap(), "Basic dGVzdDoxMjPCow==");
        assert!(basic("a", "b").unwrap().is_sensitive());
        assert_eq!(basic("a:b", "c"), Err(UserWithColon));
    }

    #[test]
    fn credentials_are_read_as_they_were_made() {
        for (user, password) in [("store", "s3cret"), ("", ""), ("a", "b:c:d"), ("M\u{fc}ller", "\u{20ac} ")]
        {
            let given = headers(&[basic(user, password).unwrap().to_str().unwrap()]);
            let read = read_basic(&given).unwrap();
            assert!(matches(&Credentials::new(user, password), &read), "{user}");
        }
        assert!(read_basic(&headers(&["bAsIc QTpC"])).is_some());
    }

    #[test]
    fn unreadable_credentials_are_none() {
        let cases: &[&[&str]] = &[
            &[],
            &["Basic"],
            &["Basic !"],
            &["Bearer QTpC"],
            &["Basic QQ=="],
            &["Basic QTpC", "Basic QTpC"],
        ];
        for values in cases {
            assert!(read_basic(&headers(values)).is_none(), "{values:?}");
        }
    }

    #[test]
    fn only_the_same_pair_matches() {
        let expected = Credentials::new("store", "s3cret");
        for (user, password, same) in [
            ("store", "s3cret", true),
            ("store", "s3creT", false),
            ("Store", "s3cret", false),
            ("store", "", false),
            ("store", "s3cret ", false),
            ("", "", false),
        ] {
            assert_eq!(matches(&expected, &Credentials::new(user, password)), same, "{user} {password}");
        }
    }

    #[test]
    fn neither_user_nor_password_is_shown() {
        assert_eq!(format!("{:?}", Credentials::new("store", "s3cret")), "Credentials(..)");
    }
}
