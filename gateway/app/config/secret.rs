//! Secrets: passwords from the environment or from files, and the one place that reads the environment.
//!
//! A secret never stands in `config.toml`, is never shown, and is read once, while the configuration is loaded.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use gateway_model::codes;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use crate::config::places::Located;
use crate::config::section::Section;

/// Where secrets are looked up; tests pass their own.
pub trait Environment {
    /// The variable's text; `None` if it is not set or not UTF-8.
    fn variable(&self, name: &str) -> Option<String>;

    /// The text of a password file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not UTF-8.
    fn password_file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}

impl<F: Fn(&str) -> Option<String>> Environment for F {
    fn variable(&self, name: &str) -> Option<String> {
        self(name)
    }
}

/// The environment of this process.
#[must_use]
pub fn process_environment() -> impl Environment {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    |name: &str| std::env::var(name).ok()
}

/// A password or key. Shown, it says only where it came from.
#[derive(Clone)]
pub struct Secret {
    /// Where it came from.
    pub source: SecretSource,
    value: SecretString,
}

/// Where a secret came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable of this name.
    Environment(String),
    /// A file; white space at its end does not belong to the secret.
    File(PathBuf),
}

/// Reads `password_env` or `password_file`; exactly one of them has to be there.
pub(super) fn read_password(section: &Section<'_>) -> Option<Secret> {
    let variable = section.text("password_env");
    let file = section.text("password_file");
    match (variable, file) {
        (Some(variable), None) => from_environment(section, variable),
        (None, Some(file)) => from_file(section, &file),
        (Some(_), Some(file)) => {
            section
                .fault(codes::CONFIG_VALUE, &file.span, "`password_file` stands beside `password_env`")
                .expecting("one of the two")
                .add();
            None
        }
        (None, None) => {
            section
                .fault(codes::CONFIG_KEY, &section.span, format!("`{}` has no password", section.path()))
                .expecting("`password_env = \"VARIABLE\"` or `password_file = \"FILE\"`")
                .helped("a password itself never stands in the configuration")
                .add();
            None
        }
    }
}

/// Asks for both keys where no password is wanted, so that they are known and can be refused.
pub(super) fn refuse_password(section: &Section<'_>, reason: &str) {
    for key in ["user", "password_env", "password_file"] {
        if let Some(found) = section.text(key) {
            section
                .warning(codes::CONFIG_VALUE, &found.span, format!("`{key}` is not used"))
                .labelled(reason)
                .add();
        }
    }
}

fn from_environment(section: &Section<'_>, variable: Located<String>) -> Option<Secret> {
    match section.environment().variable(&variable.value).filter(|value| !value.is_empty()) {
        Some(value) => Some(Secret {
            source: SecretSource::Environment(variable.value),
            value: SecretString::from(value),
        }),
        None => {
            section
                .fault(
                    codes::CONFIG_FILE,
                    &variable.span,
                    format!("the environment variable `{}` is not set", variable.value),
                )
                .helped("set it before starting the gateway")
                .add();
            None
        }
    }
}

fn from_file(section: &Section<'_>, file: &Located<String>) -> Option<Secret> {
    let path = section.beside(&file.value);
    match section.environment().password_file(&path) {
        Ok(text) if !text.trim_end().is_empty() => Some(Secret {
            value: SecretString::from(text.trim_end().to_owned()),
            source: SecretSource::File(path),
        }),
        Ok(_) => {
            let message = format!("the password file `{}` is empty", path.display());
            section.fault(codes::CONFIG_FILE, &file.span, message).add();
            None
        }
        Err(error) => {
            let message = format!("the password file `{}` cannot be read: {error}", path.display());
            section.fault(codes::CONFIG_FILE, &file.span, message).add();
            None
        }
    }
}

// === impl Secret ===

impl Secret {
    /// The secret itself; only for the place that sends or compares it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// A secret that came from nowhere.
    #[cfg(test)]
    pub(crate) fn for_test(text: &str) -> Self {
        Self {
            source: SecretSource::Environment("TEST".to_owned()),
            value: SecretString::from(text.to_owned()),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({})", self.source)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.source)
    }
}

// === impl SecretSource ===

impl fmt::Display for SecretSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(formatter, "(secret from the environment variable {name})"),
            Self::File(path) => write!(formatter, "(secret from the file {})", path.display()),
        }
    }
}
