//! Who may call: the credentials of a request against the configured ones, compared in constant time.

use gateway_model::{Fault, codes};
use gateway_transport::credentials::{self, Credentials as Pair};
use gateway_wire::soap::UsernameToken;
use http::HeaderMap;

use crate::config::{Credentials, CredentialsKind};

/// Lets a request in, or says that its credentials are missing or wrong, not which.
///
/// # Errors
/// `NOT_AUTHENTICATED`.
pub fn admit(
    expected: &Credentials,
    headers: &HeaderMap,
    token: Option<&UsernameToken>,
) -> Result<(), Fault> {
    let (Some(user), Some(password)) = (&expected.user, &expected.password) else { return Ok(()) };
    let admitted = match expected.kind {
        CredentialsKind::None => true,
        CredentialsKind::Basic => credentials::read_basic(headers)
            .is_some_and(|given| credentials::matches(&Pair::new(user.as_str(), password.expose()), &given)),
        // Both are compared before either decides, so that a wrong user takes as long as a wrong password.
        CredentialsKind::UsernameToken => {
            token.is_some_and(|token| token.is_for(user) & token.verify(password.expose()))
        }
    };
    if admitted {
        return Ok(());
    }
    let what = match expected.kind {
        CredentialsKind::UsernameToken => "a WS-Security UsernameToken",
        _ => "HTTP basic credentials",
    };
    Err(Fault::store(
        codes::NOT_AUTHENTICATED,
        format!("the credentials are missing or wrong, expected {what}"),
    ))
}

#[cfg(test)]
mod tests {
    use gateway_model::codes;
    use http::HeaderMap;
    use http::header::AUTHORIZATION;

    use super::admit;
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
            assert_eq!(admit(&basic(), &headers, None).is_ok(), admitted, "{user}");
        }
        let fault = admit(&basic(), &HeaderMap::new(), None).unwrap_err();
        assert_eq!(fault.code, codes::NOT_AUTHENTICATED);
        assert!(!fault.to_string().contains("sesame"));
    }
}
