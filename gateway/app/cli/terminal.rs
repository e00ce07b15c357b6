//! Where a command prints: results to standard output, everything about them to standard error.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use gateway_mapping::{Source, render};
use gateway_model::Diagnostic;

use crate::config::{Environment, process_environment};

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// If it goes to a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Standard output and standard error, or what stands for them in a test.
pub(super) struct Terminal {
    results: Box<dyn Write>,
    remarks: Box<dyn Write>,
    color: bool,
    /// Whether results may have colours; they can go elsewhere than remarks.
    result_color: bool,
    /// Whether somebody sees remarks as they are made.
    watched: bool,
}

// === impl Terminal ===

impl Terminal {
    /// The process's own.
    #[must_use]
    pub(super) fn of_process(color: Color) -> Self {
        let wanted = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && process_environment().variable("NO_COLOR").is_none(),
        };
        Self {
            results: Box::new(io::stdout()),
            remarks: Box::new(io::stderr()),
            color: wanted(io::stderr().is_terminal()),
            result_color: wanted(io::stdout().is_terminal()),
            watched: io::stderr().is_terminal(),
        }
    }

    /// Whether results may have colours.
    #[must_use]
    pub(super) const fn has_result_color(&self) -> bool {
        self.result_color
    }

    /// Whether remarks go to a terminal, where they can be overwritten.
    #[must_use]
    pub(super) const fn is_watched(&self) -> bool {
        self.watched
    }

    /// Writes a result.
    ///
    /// # Errors
    ///
    /// Standard output is closed or full.
    pub(super) fn give(&mut self, result: &[u8]) -> io::Result<()> {
        self.results.write_all(result)?;
        self.results.flush()
    }

    /// Writes a remark.
    ///
    /// # Errors
    ///
    /// Standard error is closed or full.
    pub(super) fn tell(&mut self, remark: &str) -> io::Result<()> {
        self.remarks.write_all(remark.as_bytes())?;
        self.remarks.flush()
    }

    /// Writes diagnostics, with the lines of the files they are about.
    ///
    /// # Errors
    ///
    /// Standard error is closed or full.
    pub(super) fn report(&mut self, diagnostics: &[Diagnostic], files: &[Source]) -> io::Result<()> {
        let text = render(diagnostics, files, self.color);
        self.tell(&text)
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Terminal").field("color", &self.color).finish_non_exhaustive()
    }
}
