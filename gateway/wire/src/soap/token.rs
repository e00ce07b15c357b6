//! Checking a user name token against the password that is expected.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::{PasswordKind, UsernameToken};

impl UsernameToken {
    /// Whether the token shows that its sender knows this password. The time it takes does not depend on how much of
    /// the password is right. An empty password is never right.
    ///
    /// That a digest's nonce is new and its time recent is for the caller to check.
    #[must_use]
    pub fn verify(&self, expected_password: &str) -> bool {
        if expected_password.is_empty() {
            return false;
        }
        let shown = self.password.expose_secret().as_bytes();
        match &self.kind {
            PasswordKind::Text => bool::from(shown.ct_eq(expected_password.as_bytes())),
            PasswordKind::Digest { nonce, created } => {
                let Ok(nonce) = STANDARD.decode(nonce) else { return false };
                let digest = Sha1::new()
                    .chain_update(nonce)
                    .chain_update(created.as_bytes())
                    .chain_update(expected_password.as_bytes())
                    .finalize();
                bool::from(shown.ct_eq(STANDARD.encode(digest).as_bytes()))
            }
        }
    }

    /// Whether the token is for this user, in constant time.
    #[must_use]
    pub fn is_for(&self, username: &str) -> bool {
        bool::from(self.username.as_bytes().ct_eq(username.as_bytes()))
    }
}

impl fmt::Debug for UsernameToken {
    /// Neither name nor password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UsernameToken").finish_non_exhaustive()
    }
}
