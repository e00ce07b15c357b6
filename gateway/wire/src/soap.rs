//! SOAP 1.1 and 1.2 envelopes, faults and the WS-Security user name token (contract store section 1).
//!
//! Dispatch is never by SOAPAction: a document is known by the root element of its payload.

mod read;
mod token;
mod write;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::characters;
use crate::tree::NodeId;
use crate::write::Unwritable;

pub use read::{open, read_fault};
pub use write::{fault, wrap};

/// The envelope's namespace in SOAP 1.1.
const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The envelope's namespace in SOAP 1.2.
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// The namespace of WS-Security's header.
const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// The namespace of WS-Security's `Created`.
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// How the types of passwords begin; `#PasswordText` or `#PasswordDigest` follows.
const PASSWORD_TYPE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";

/// What is around a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Nothing: the payload is the document.
    Bare,
    /// A SOAP 1.1 envelope.
    Soap11,
    /// A SOAP 1.2 envelope.
    Soap12,
}

/// A document with its envelope looked through.
#[derive(Debug)]
pub struct Envelope {
    /// What is around the payload.
    pub form: Form,
    /// The payload's root element.
    pub payload: NodeId,
    /// The sender's user name token, if there is one.
    pub credentials: Option<UsernameToken>,
}

/// A user name and what proves it, as a sender gave them (WS-Security UsernameToken profile 1.0).
#[derive(Clone)]
pub struct UsernameToken {
    /// The user's name.
    pub username: String,
    /// The password or its digest.
    pub password: SecretString,
    /// Which of the two.
    pub kind: PasswordKind,
}

/// How a token proves that its sender knows the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordKind {
    /// It shows the password.
    Text,
    /// It shows `Base64(SHA-1(nonce + created + password))`. That nonce and time have not been used before is not
    /// checked here.
    Digest {
        /// A number used once, in base64 as it was sent; may be empty.
        nonce: String,
        /// When the token was made, as it was sent; may be empty.
        created: String,
    },
}

/// User name and password to send along.
#[derive(Clone)]
pub struct Credentials {
    username: String,
    password: SecretString,
}

/// Whose fault a SOAP fault says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Of who sent the request: `Client`, in SOAP 1.2 `Sender`.
    Client,
    /// Of who answers: `Server`, in SOAP 1.2 `Receiver`.
    Server,
}

/// A fault to be written (contract store section 13.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapFault {
    /// Whose fault it is.
    pub side: Side,
    /// What went wrong.
    pub text: String,
    /// Who found it: `faultactor`, in SOAP 1.2 `Role`.
    pub actor: Option<String>,
    /// Elements of the detail: names (without prefix) and texts. One whose name is no XML name is left out.
    pub details: Vec<(String, String)>,
}

/// A fault that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapFaultText {
    /// The fault code without its prefix: `Client`, `Server`, `Sender`.
    pub code: String,
    /// What the sender says went wrong.
    pub text: String,
    /// Who found it, if that was said.
    pub actor: Option<String>,
    /// The detail element, if there is one.
    pub detail: Option<NodeId>,
}

// === impl Form ===

impl Form {
    /// The content type of a document in this form, without charset.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Bare | Self::Soap11 => "text/xml",
            Self::Soap12 => "application/soap+xml",
        }
    }
}

// === impl Credentials ===

impl Credentials {
    /// Checks that both can stand in a document.
    ///
    /// # Errors
    /// One of them has a character that XML cannot hold.
    pub fn try_new(username: String, password: SecretString) -> Result<Self, Unwritable> {
        for text in [username.as_str(), password.expose_secret()] {
            if let Some((offset, c)) = text.char_indices().find(|(_, c)| !characters::is_char(*c)) {
                return Err(Unwritable { character: u32::from(c), offset });
            }
        }
        Ok(Self { username, password })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
