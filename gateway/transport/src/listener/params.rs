//! What a listener may be told, with bounds that are checked before a port is opened.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The least [`Params::max_header_bytes`]: hyper's read buffer is never smaller.
pub const MIN_HEADER_BYTES: usize = 8 * 1024;

/// The longest any wait may be set to.
const LONGEST_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings of one listener. [`Params::new`] gives careful ones for an address; [`Params::check`] says which value
/// cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// TLS, if this listener speaks it; without it, plain HTTP/1.1 and HTTP/2 with prior knowledge.
    pub tls: Option<Tls>,
    /// From a connection's first moment, and later from a request's first byte, to the end of the request's head; the
    /// TLS handshake has the same time. A caller that is slower is cut without an answer.
    pub header_read_timeout: Duration,
    /// From the end of the head to the end of the body, in all: a trickle of bytes does not extend it.
    pub body_read_timeout: Duration,
    /// How long a connection without a call stays open.
    pub idle_timeout: Duration,
    /// How long a caller may take no byte of its answer before it is cut.
    pub write_timeout: Duration,
    /// How long the port stays open after the drain began, for balancers that have yet to notice. Calls are served
    /// as before, but each connection ends with its next answer.
    pub drain_delay: Duration,
    /// How long running calls may go on after the port was closed; what still runs then is cut.
    pub drain_timeout: Duration,
    /// Connections served at the same time. One more is answered with [`Rejection::TooManyConnections`] and closed,
    /// instead of waiting unseen: the store then knows, and a balancer can ask another replica.
    ///
    /// [`Rejection::TooManyConnections`]: super::Rejection::TooManyConnections
    pub max_connections: usize,
    /// Bytes of a request's head; at least [`MIN_HEADER_BYTES`]. A larger one gets hyper's own 431.
    pub max_header_bytes: usize,
    /// Bytes of a request's body.
    pub max_body_bytes: usize,
    /// Bytes of all requests' bodies held at a time, from their first to the end of their call. A request that would go
    /// beyond is answered with [`Rejection::NoMemory`]; what is streamed is not held.
    ///
    /// [`Rejection::NoMemory`]: super::Rejection::NoMemory
    pub max_held_bytes: usize,
    /// Calls under way on one HTTP/2 connection.
    pub max_streams: u32,
    /// What becomes of a call whose caller hangs up.
    pub hang_up: HangUp,
}

/// What becomes of a call whose caller closes the connection before the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HangUp {
    /// It stops at its next wait, which suits calls that change nothing.
    StopsCall,
    /// It runs to its end in a task of its own, and the drain waits for it: an order that is on its way stays so.
    FinishesCall,
}

/// The files of a TLS listener, all PEM, read once when the listener is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain, the listener's own certificate first.
    pub certificates: PathBuf,
    /// The certificate's private key (PKCS #8, PKCS #1 or SEC 1).
    pub key: PathBuf,
    /// The authorities of client certificates; if given, a caller without such a certificate is refused.
    pub client_authorities: Option<PathBuf>,
}

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: expected {expected}, found {found}")]
pub struct BadSetting {
    /// The field of the parameters.
    pub setting: &'static str,
    /// What it may be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

// === impl Params ===

impl Params {
    /// Careful settings for an address: 10 s for a head, 30 s for a body or a stalled answer, 75 s idle, no delay
    /// and 30 s to drain, 1,024 connections, 32 KiB of head, 8 MiB of body, 100 streams, calls run to their end.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            header_read_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(30),
            max_connections: 1_024,
            max_header_bytes: 32 * 1_024,
            max_body_bytes: 8 * 1_024 * 1_024,
            max_held_bytes: 256 * 1_024 * 1_024,
            max_streams: 100,
            hang_up: HangUp::FinishesCall,
        }
    }

    /// Says of each setting whether it can be.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be.
    pub fn check(&self) -> Result<(), BadSetting> {
        for (setting, value) in [
            ("header_read_timeout", self.header_read_timeout),
            ("body_read_timeout", self.body_read_timeout),
            ("idle_timeout", self.idle_timeout),
            ("write_timeout", self.write_timeout),
        ] {
            BadSetting::unless_time(setting, value)?;
        }
        for (setting, value) in [("drain_delay", self.drain_delay), ("drain_timeout", self.drain_timeout)] {
            let found = format_args!("{value:?}");
            BadSetting::unless(value <= LONGEST_TIME, setting, "at most 1 day", found)?;
        }
        let Self { max_connections, max_header_bytes, max_body_bytes, max_held_bytes, max_streams, .. } =
            *self;
        BadSetting::unless(
            (1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&max_connections),
            "max_connections",
            "at least 1",
            format_args!("{max_connections}"),
        )?;
        BadSetting::unless(
            (MIN_HEADER_BYTES..=1_024 * 1_024).contains(&max_header_bytes),
            "max_header_bytes",
            "8,192 to 1,048,576",
            format_args!("{max_header_bytes}"),
        )?;
        BadSetting::unless(max_body_bytes > 0, "max_body_bytes", "at least 1", format_args!("0"))?;
        BadSetting::unless(max_held_bytes > 0, "max_held_bytes", "at least 1", format_args!("0"))?;
        BadSetting::unless(max_streams > 0, "max_streams", "at least 1", format_args!("0"))
    }
}

// === impl BadSetting ===

impl BadSetting {
    /// The fault, unless a wait of this length has a beginning and an end.
    pub(crate) fn unless_time(setting: &'static str, value: Duration) -> Result<(), Self> {
        let holds = !value.is_zero() && value <= LONGEST_TIME;
        Self::unless(holds, setting, "more than zero and at most 1 day", format_args!("{value:?}"))
    }

    /// The fault, unless the condition holds.
    pub(crate) fn unless(
        holds: bool,
        setting: &'static str,
        expected: &str,
        found: std::fmt::Arguments<'_>,
    ) -> Result<(), Self> {
        if holds {
            return Ok(());
        }
        Err(Self { setting, expected: expected.to_owned(), found: found.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use super::Params;

    fn params() -> Params {
        Params::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    #[test]
    fn the_settings_given_for_an_address_can_be() {
        assert_eq!(params().check(), Ok(()));
    }

    #[test]
    fn a_setting_that_cannot_be_is_named_with_what_it_may_be() {
        let zero = Duration::ZERO;
        let cases = [
            (
                Params { header_read_timeout: zero, ..params() },
                "`header_read_timeout`: expected more than zero and at most 1 day, found 0ns",
            ),
            (
                Params { body_read_timeout: zero, ..params() },
                "`body_read_timeout`: expected more than zero and at most 1 day, found 0ns",
            ),
            (
                Params { idle_timeout: zero, ..params() },
                "`idle_timeout`: expected more than zero and at most 1 day, found 0ns",
            ),
            (
                Params { write_timeout: zero, ..params() },
                "`write_timeout`: expected more than zero and at most 1 day, found 0ns",
            ),
            (
                Params { write_timeout: Duration::MAX, ..params() },
                "`write_timeout`: expected more than zero and at most 1 day, found 18446744073709551615.999999999s",
            ),
            (
                Params { drain_delay: Duration::from_secs(86_401), ..params() },
                "`drain_delay`: expected at most 1 day, found 86401s",
            ),
            (
                Params { drain_timeout: Duration::from_secs(86_401), ..params() },
                "`drain_timeout`: expected at most 1 day, found 86401s",
            ),
            (Params { max_connections: 0, ..params() }, "`max_connections`: expected at least 1, found 0"),
            (
                Params { max_header_bytes: 8_191, ..params() },
                "`max_header_bytes`: expected 8,192 to 1,048,576, found 8191",
            ),
            (Params { max_body_bytes: 0, ..params() }, "`max_body_bytes`: expected at least 1, found 0"),
            (Params { max_held_bytes: 0, ..params() }, "`max_held_bytes`: expected at least 1, found 0"),
            (Params { max_streams: 0, ..params() }, "`max_streams`: expected at least 1, found 0"),
        ];
        for (params, text) in cases {
            assert_eq!(params.check().unwrap_err().to_string(), text);
        }
    }
}
