//! Exit codes: how a command ended, for scripts.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use thiserror::Error;

use crate::cli::terminal::Terminal;

/// The codes, as `--help` shows them.
pub(super) const HELP: &str = "Exit codes:
   0  done, and everything was right
   1  what was looked at has faults: a document, a fixture, a step of the demo
      (for `check` also the configuration and the mappings)
   2  wrong usage
  66  a file named on the command line cannot be read
  69  an address cannot be listened on, or another system is not there
  70  a fault of the gateway itself
  74  the output cannot be written
  78  configuration or mappings have faults, so the command could not begin
 130  interrupted with Ctrl-C";

/// How a command that was carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything was right.
    Fine,
    /// What was looked at has faults; they have been printed.
    Faults,
}

/// Why a command could not be carried out.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// A file named on the command line cannot be read.
    #[error("`{name}` cannot be read: {source}")]
    Input {
        /// The file.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// The command line names something that does not exist, found only after the files were read.
    #[error("{0}")]
    Usage(String),
    /// Configuration or mappings have faults; they have been printed.
    #[error("{0}")]
    Configuration(String),
    /// An address cannot be listened on, or another system is not there.
    #[error("{0}")]
    Unavailable(String),
    /// Somebody wanted it to end.
    #[error("{0}")]
    Interrupted(String),
    /// The gateway's own fault.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

// === impl Failure ===

impl Failure {
    /// A file that cannot be read.
    #[must_use]
    pub(super) fn input(path: &Path, source: io::Error) -> Self {
        Self::Input { name: path.display().to_string(), source }
    }

    /// The exit code.
    #[must_use]
    pub(super) const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Input { .. } => 66,
            Self::Unavailable(_) => 69,
            Self::Internal(_) => 70,
            Self::Output(_) => 74,
            Self::Configuration(_) => 78,
            Self::Interrupted(_) => 130,
        }
    }
}

/// Prints what went wrong and gives the process's exit code.
pub(super) fn code(outcome: Result<Outcome, Failure>, terminal: &mut Terminal) -> ExitCode {
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Faults) => ExitCode::from(1),
        // Whoever reads the output has had enough of it, as `head` has.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // If standard error is gone too, only the exit code is left to tell.
            let _ = terminal.tell(&format!("error: {failure}\n"));
            ExitCode::from(failure.code())
        }
    }
}
