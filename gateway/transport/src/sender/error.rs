//! Why there is no whole answer, and how far the exchange had come.

use std::error::Error;

use gateway_model::codes::{self, Code};
use gateway_model::{Fault, Reached, Repeat};
use http::StatusCode;

/// How far an exchange had come when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// No byte of the request had left.
    NothingSent,
    /// Some or all bytes may have left; nothing came back.
    PerhapsSent,
    /// The answer had begun.
    Answering,
}

/// Whose time was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spent {
    /// The attempt's: another one may have time left.
    Attempt,
    /// The whole call's.
    Call,
}

/// What the other system is to the gateway; decides the codes of its faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Neighbour {
    /// A DOM.
    Dom,
    /// A store that is told something.
    Store,
}

/// Why there is no whole answer. Texts name the target by its configured name and never its address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection: refused, no route, unknown host, or connecting took too long.
    #[error("no connection to `{target}`: {reason}")]
    Unreachable {
        /// The system's configured name.
        target: String,
        /// What the operating system said.
        reason: String,
    },
    /// A connection, but no agreement on TLS.
    #[error("no TLS connection to `{target}`: {reason}")]
    Tls {
        /// The system's configured name.
        target: String,
        /// What rustls said.
        reason: String,
    },
    /// The time was over.
    #[error("no answer of `{target}` within the {}'s time: {}", spent.name(), progress.name())]
    TimedOut {
        /// The system's configured name.
        target: String,
        /// How far the exchange had come.
        progress: Progress,
        /// Whose time.
        spent: Spent,
    },
    /// The connection broke, or what came back is not HTTP.
    #[error("the exchange with `{target}` broke, {}: {reason}", progress.name())]
    Broken {
        /// The system's configured name.
        target: String,
        /// How far the exchange had come.
        progress: Progress,
        /// What hyper said.
        reason: String,
    },
    /// The answer began and broke off before its end.
    #[error("the answer of `{target}` with status {status} broke off: {reason}")]
    Truncated {
        /// The system's configured name.
        target: String,
        /// The status it began with.
        status: StatusCode,
        /// What hyper said.
        reason: String,
    },
    /// The answer is larger than it may be; the rest was not read.
    #[error("the answer of `{target}` with status {status} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The system's configured name.
        target: String,
        /// The status it began with.
        status: StatusCode,
        /// What it may be.
        limit_bytes: usize,
    },
    /// The request cannot be put into HTTP; nothing was sent.
    #[error("the request to `{target}` cannot be sent: {reason}")]
    Unsendable {
        /// The system's configured name.
        target: String,
        /// What reqwest said.
        reason: String,
    },
}

// === impl Progress ===

impl Progress {
    /// In words, for error texts.
    const fn name(self) -> &'static str {
        match self {
            Self::NothingSent => "nothing was sent",
            Self::PerhapsSent => "the request may have arrived",
            Self::Answering => "the answer had begun",
        }
    }

    /// Whether the other side may have acted.
    const fn reached(self) -> Reached {
        match self {
            Self::NothingSent => Reached::No,
            Self::PerhapsSent => Reached::Maybe,
            Self::Answering => Reached::Yes,
        }
    }
}

// === impl Spent ===

impl Spent {
    const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Call => "call",
        }
    }
}

// === impl SendError ===

impl SendError {
    /// How far the exchange had come.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        match self {
            Self::Unreachable { .. } | Self::Tls { .. } | Self::Unsendable { .. } => Progress::NothingSent,
            Self::TimedOut { progress, .. } | Self::Broken { progress, .. } => *progress,
            Self::Truncated { .. } | Self::TooLarge { .. } => Progress::Answering,
        }
    }

    /// The fault this is, with the codes for that neighbour. Sending again is called safe only if nothing was sent.
    #[must_use]
    pub fn into_fault(self, neighbour: Neighbour) -> Fault {
        let code = self.code(neighbour);
        let text = self.to_string();
        let progress = self.progress();
        let fault = match &self {
            Self::Unsendable { .. } => return Fault::gateway(code, text),
            Self::TooLarge { .. } if neighbour == Neighbour::Dom => Fault::dom(code, text),
            _ => Fault::network(code, text),
        };
        let repeat = if progress == Progress::NothingSent { Repeat::Safe } else { Repeat::AfterCheck };
        fault.reached(progress.reached()).repeat(repeat)
    }

    const fn code(&self, neighbour: Neighbour) -> Code {
        match (self, neighbour) {
            (Self::Unsendable { .. }, _) => codes::INTERNAL,
            (Self::TimedOut { spent: Spent::Call, .. }, _) => codes::DEADLINE,
            (Self::Unreachable { .. } | Self::Tls { .. }, Neighbour::Dom) => codes::DOM_UNREACHABLE,
            (Self::Unreachable { .. } | Self::Tls { .. }, Neighbour::Store) => codes::STORE_UNREACHABLE,
            (Self::TimedOut { .. }, Neighbour::Dom) => codes::DOM_TIMEOUT,
            (Self::TimedOut { .. }, Neighbour::Store) => codes::STORE_TIMEOUT,
            (Self::Broken { .. }, Neighbour::Dom) => codes::DOM_BROKEN,
            (Self::Truncated { .. }, Neighbour::Dom) => codes::DOM_TRUNCATED,
            (Self::TooLarge { .. }, Neighbour::Dom) => codes::DOM_UNEXPECTED,
            (_, Neighbour::Store) => codes::STORE_UNEXPECTED,
        }
    }

    /// An error of reqwest before the answer's head.
    pub(super) fn before_answer(target: &str, progress: Progress, error: reqwest::Error) -> Self {
        let target = target.to_owned();
        let reason = root_cause(&error);
        if error.is_builder() {
            return Self::Unsendable { target, reason };
        }
        if !error.is_connect() {
            return Self::Broken { target, progress, reason };
        }
        if is_tls(&error) { Self::Tls { target, reason } } else { Self::Unreachable { target, reason } }
    }

    /// An error of reqwest after the answer's head.
    pub(super) fn in_answer(target: &str, status: StatusCode, error: reqwest::Error) -> Self {
        Self::Truncated { target: target.to_owned(), status, reason: root_cause(&error) }
    }
}

impl From<SendError> for Fault {
    /// The fault of a call to a DOM.
    fn from(error: SendError) -> Self {
        error.into_fault(Neighbour::Dom)
    }
}

/// The innermost text, for the outer ones repeat each other and the outermost holds the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if cause.is::<reqwest::Error>() {
        return "the request was refused by the client".to_owned();
    }
    cause.to_string()
}

/// Whether TLS is at the root. An I/O error hides what it wraps from `source`, so it is opened by hand.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    wrapped.is_some_and(|wrapped| is_tls(wrapped)) || error.source().is_some_and(is_tls)
}
