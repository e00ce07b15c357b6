//! The words of the gateway: what every other crate speaks in.
//!
//! A [`Record`] is a message's meaning, in the words of a [`Vocabulary`]; a [`Fault`] says what went wrong and
//! whose fault it is; a [`Diagnostic`] tells the author of a file what to mend. This crate knows no I/O, no
//! clock, no document format.

mod class;
pub mod codes;
mod diagnostic;
mod fault;
mod record;
pub mod scalar;
mod vocabulary;

pub use class::Class;
pub use diagnostic::{Diagnostic, Place, Severity, Suggestion, closest};
pub use fault::{Fault, Origin, Pause, Reached, Repeat};
pub use record::{Record, Value};
pub use vocabulary::{
    Field, FieldId, FieldKind, Operation, Personal, RecordType, RecordTypeId, ScalarType, Vocabulary,
};
