//! Why a document was not taken, and where.

use std::fmt;

use gateway_model::codes::{self, Code};
use gateway_model::{Fault, Origin, Reached};

/// A document, envelope or expression that is refused. Its texts never hold content of the document beyond the names
/// of its elements and attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its number in the register.
    pub code: Code,
    /// Line of the decoded text, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What was expected there, if that can be said.
    pub expected: Option<String>,
}

// === impl Refusal ===

impl Refusal {
    /// A refusal at a byte of the text.
    pub(crate) fn at(text: &str, offset: usize, code: Code, message: impl Into<String>) -> Self {
        let (line, column) = position(text, offset);
        Self { code, line, column, message: message.into(), expected: None }
    }

    /// Says what was expected.
    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The refusal as a fault of the system whose document it was.
    ///
    /// The codes of a store's document are those of the refusal; a document of the DOM has the codes of the DOM's range,
    /// because there it is an answer that cannot be understood.
    #[must_use]
    pub fn into_fault(self, origin: Origin) -> Fault {
        let place = format!("line {}, column {}", self.line, self.column);
        let message = match self.expected {
            Some(expected) => format!("{}, expected {expected}", self.message),
            None => self.message,
        };
        let fault = match origin {
            Origin::Store => Fault::store(self.code, message),
            Origin::Gateway => Fault::gateway(self.code, message),
            Origin::Dom => Fault::dom(dom_code(self.code), message),
            Origin::Network => Fault::network(self.code, message).reached(Reached::Maybe),
        };
        fault.at(place)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)?;
        if let Some(expected) = &self.expected {
            write!(formatter, ", expected {expected}")?;
        }
        write!(formatter, " (line {}, column {})", self.line, self.column)
    }
}

impl std::error::Error for Refusal {}

/// The code of the DOM's range that says the same of an answer.
fn dom_code(code: Code) -> Code {
    match code {
        codes::MALFORMED_XML | codes::DOCTYPE_REFUSED | codes::BAD_ENCODING => codes::DOM_NOT_XML,
        codes::TRUNCATED_XML => codes::DOM_TRUNCATED,
        codes::EMPTY_BODY => codes::DOM_EMPTY,
        codes::BAD_ENVELOPE => codes::DOM_UNEXPECTED,
        other => other,
    }
}

/// Line and column (in characters) of a byte of the text, both from 1. A byte inside a character counts as its
/// start, a byte beyond the end as the end.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use gateway_model::{Origin, Reached, codes};

    use super::{Refusal, position};

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("ab", 0), (1, 1));
        assert_eq!(position("äöx", 4), (1, 3));
        assert_eq!(position("a\nbc", 3), (2, 2));
        assert_eq!(position("a\n", 9), (2, 1));
    }

    #[test]
    fn a_refused_answer_of_the_dom_is_a_fault_of_the_dom() {
        let refusal = Refusal::at("<a>", 3, codes::TRUNCATED_XML, "the document ends too early");
        let fault = refusal.clone().into_fault(Origin::Dom);
        assert_eq!((fault.code, fault.reached), (codes::DOM_TRUNCATED, Reached::Yes));
        let fault = refusal.into_fault(Origin::Store);
        assert_eq!((fault.code, fault.reached), (codes::TRUNCATED_XML, Reached::No));
        assert_eq!(fault.places, ["line 1, column 4"]);
    }
}
