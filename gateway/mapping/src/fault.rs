//! A message that does not fit its template: both places are named, the template's and the document's.

use std::borrow::Cow;
use std::fmt;

use gateway_model::codes::{BAD_SCALAR, Code};
use gateway_model::{Fault, Origin};

use crate::function::Unfit;
use crate::source::Spot;

/// Why a message could not be read or written. Its texts never hold a value of a field marked as personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MapFault {
    /// Its number in the register.
    pub code: Code,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// The template's place, `sterling/createOrder.input.xml:12:7`.
    pub template: String,
    /// The document's path, when a document was read.
    pub path: Option<String>,
    /// Line and column of the element in the document, when a document was read.
    pub position: Option<(u32, u32)>,
}

/// What goes wrong while an expression is worked out, before anybody knows where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) code: Code,
    pub(crate) message: Cow<'static, str>,
}

// === impl MapFault ===

impl MapFault {
    pub(crate) fn at(code: Code, message: impl Into<String>, spot: &Spot) -> Self {
        Self { code, message: message.into(), template: spot.to_string(), path: None, position: None }
    }

    /// The same as a fault of the system whose document it is.
    #[must_use]
    pub fn into_fault(self, origin: Origin) -> Fault {
        let fault = match origin {
            Origin::Store => Fault::store(self.code, self.message),
            Origin::Gateway => Fault::gateway(self.code, self.message),
            Origin::Dom => Fault::dom(self.code, self.message),
            Origin::Network => Fault::network(self.code, self.message),
        };
        let fault = match (self.path, self.position) {
            (Some(path), Some((line, column))) => fault.at(format!("{path}, line {line}, column {column}")),
            (Some(path), None) => fault.at(path),
            (None, _) => fault,
        };
        fault.at(self.template)
    }
}

impl fmt::Display for MapFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} ({}", self.code, self.message, self.template)?;
        if let Some(path) = &self.path {
            write!(formatter, "; {path}")?;
        }
        if let Some((line, column)) = self.position {
            write!(formatter, ", line {line}, column {column}")?;
        }
        write!(formatter, ")")
    }
}

// === impl Stop ===

impl Stop {
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn at(self, spot: &Spot) -> MapFault {
        MapFault::at(self.code, self.message, spot)
    }
}

impl From<Unfit> for Stop {
    fn from(unfit: Unfit) -> Self {
        Self::new(BAD_SCALAR, format!("the value does not have the form it needs, expected {}", unfit.0))
    }
}
