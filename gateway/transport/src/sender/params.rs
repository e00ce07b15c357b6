//! What a sender may be told, checked before it is built.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, ClientBuilder, Identity};

use crate::listener::BadSetting;
use crate::provider;

/// The settings of the sender to one other system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// The system's name in the configuration; it stands in error texts in place of its address.
    pub target: String,
    /// To the end of the TCP and TLS handshakes.
    pub connect_timeout: Duration,
    /// One exchange, connecting included, to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How long an unused connection is kept. Shorter than the other side keeps it, or calls meet closed connections.
    pub idle_timeout: Duration,
    /// Unused connections kept per host.
    pub max_idle: usize,
    /// Bytes of an answer's body, decompressed.
    pub max_answer_bytes: usize,
    /// Whom to trust, and who we are.
    pub tls: ClientTls,
}

/// The TLS side of a sender.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientTls {
    /// Whose certificates are good.
    pub authorities: Authorities,
    /// A PEM file with our certificate chain and private key, for systems that ask for one.
    pub identity: Option<PathBuf>,
}

/// Whose certificates are good.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authorities {
    /// Nobody's: for addresses that begin with `http:`. The system's certificates are not looked for.
    #[default]
    None,
    /// Those the operating system trusts.
    System,
    /// Those in a PEM file, and no others.
    File(PathBuf),
}

/// Why a sender cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// A setting cannot be.
    #[error(transparent)]
    Setting(#[from] BadSetting),
    /// A TLS file cannot be read.
    #[error("cannot read `{}`", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A TLS file does not hold what it should.
    #[error("expected {expected} in PEM in `{}`", file.display())]
    Pem {
        /// The file.
        file: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The settings do not make a client; without certificates of the operating system, for instance.
    #[error("no sender can be made of these settings")]
    Unusable(#[source] reqwest::Error),
}

// === impl Params ===

impl Params {
    /// Careful settings for a system: 2 s to connect, 10 s for an exchange, 20 s idle, 64 idle connections, 16 MiB of
    /// answer, no TLS.
    #[must_use]
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            connect_timeout: Duration::from_secs(2),
            attempt_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(20),
            max_idle: 64,
            max_answer_bytes: 16 * 1_024 * 1_024,
            tls: ClientTls::default(),
        }
    }

    /// Says of each setting whether it can be.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be.
    pub fn check(&self) -> Result<(), BadSetting> {
        for (setting, value) in [
            ("connect_timeout", self.connect_timeout),
            ("attempt_timeout", self.attempt_timeout),
            ("idle_timeout", self.idle_timeout),
        ] {
            BadSetting::unless_time(setting, value)?;
        }
        BadSetting::unless(self.max_answer_bytes > 0, "max_answer_bytes", "at least 1", format_args!("0"))?;
        BadSetting::unless(!self.target.is_empty(), "target", "a name", format_args!("none"))
    }
}

// === impl ClientTls ===

impl ClientTls {
    pub(super) fn apply(&self, builder: ClientBuilder) -> Result<ClientBuilder, SenderError> {
        provider::install();
        let builder = match &self.authorities {
            Authorities::None => builder.tls_certs_only([]),
            Authorities::System => builder,
            Authorities::File(file) => builder.tls_certs_only(certificates(file)?),
        };
        let Some(file) = &self.identity else {
            return Ok(builder);
        };
        let identity = Identity::from_pem(&read(file)?).map_err(|_| SenderError::Pem {
            file: file.clone(),
            expected: "a certificate and its private key",
        })?;
        Ok(builder.identity(identity))
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, SenderError> {
    let found = Certificate::from_pem_bundle(&read(file)?).unwrap_or_default();
    if found.is_empty() {
        return Err(SenderError::Pem { file: file.to_path_buf(), expected: "at least one certificate" });
    }
    Ok(found)
}

fn read(file: &Path) -> Result<Vec<u8>, SenderError> {
    fs::read(file).map_err(|source| SenderError::File { file: file.to_path_buf(), source })
}
