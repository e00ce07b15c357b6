//! Who may call: the credentials of a request against the configured ones, compared in constant time.

use gateway_model::{Fault, codes};
use gateway_transport::credentials::{self, Credentials as Pair};
use gateway_wire::soap::UsernameToken;
use http::HeaderMap;

use crate::config::{Credentials, CredentialsKind};

/// Lets a request's head in, or says that its credentials are missing or wrong, not which. Asked before its body is
/// looked at: whoever may not call learns nothing of how a document is read. Where a token in the document is expected,
/// every head is let in.
///
/// # Errors
/// `NOT_AUTHENTICATED`.
pub fn admit_head(expected: &Credentials, headers: &HeaderMap) -> Result<(), Fault> {
    let (CredentialsKind::Basic, Some((user, password))) = (expected.kind, pair(expected)) else {
        return Ok(());
    };
    let given = credentials::read_basic(headers);
    let right = given.is_some_and(|given| credentials::matches(&Pair::new(user, password), &given));
    if right { Ok(()) } else { Err(not_admitted("HTTP basic credentials")) }
}

/// Lets a document in by the token of its envelope, or says that it is missing or wrong, not which. Where the head has
/// to show credentials, every document is let in.
///
/// # Errors
/// `NOT_AUTHENTICATED`.
pub fn admit_token(expected: &Credentials, token: Option<&UsernameToken>) -> Result<(), Fault> {
    let (CredentialsKind::UsernameToken, Some((user, password))) = (expected.kind, pair(expected)) else {
        return Ok(());
    };
    // Both are compared before either decides, so that a wrong user takes as long as a wrong password.
    let right = token.is_some_and(|token| token.is_for(user) & token.verify(password));
    if right { Ok(()) } else { Err(not_admitted("a WS-Security UsernameToken")) }
}

fn pair(expected: &Credentials) -> Option<(&str, &str)> {
    Some((expected.user.as_deref()?, expected.password.as_ref()?.expose()))
}

fn not_admitted(what: &str) -> Fault {
    Fault::store(codes::NOT_AUTHENTICATED, format!("the credentials are missing or wrong, expected {what}"))
}

#[cfg(test)]
mod tests {
    use gateway_model::codes;
    use http::HeaderMap;
    use http::header::AUTHORIZATION;

    use super::{admit_head, admit_token};
    use crate::config::{Credentials, CredentialsKind, Secret};

    fn basic() -> Credentials {
        let password = Some(Secret::for_test("open sesame"));
        Credentials { kind: CredentialsKind::Basic, user: Some("store".to_owned()), password }
    }

    #[test]
    fn the_right_credentials_are_let_in_and_all_others_are_not() {
        for (user, password, admitted) in
            [("store", "open sesame", true), ("store", "open", false), ("other", "open sesame", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, gateway_transport::credentials::basic(user, password).unwrap());
            assert_eq!(admit_head(&basic(), &headers).is_ok(), admitted, "{user}");
        }
        let fault = admit_head(&basic(), &HeaderMap::new()).unwrap_err();
        assert_eq!(fault.code, codes::NOT_AUTHENTICATED);
        assert!(!fault.to_string().contains("sesame"));
        let token = Credentials { kind: CredentialsKind::UsernameToken, ..basic() };
        assert_eq!(admit_token(&token, None).unwrap_err().code, codes::NOT_AUTHENTICATED);
    }
}
