//! Bytes to tree and back: XML, SOAP 1.1 and 1.2, the BOD expression text, and every limit on hostile input.
//!
//! The road in is [`decode()`] (bytes to text), [`Tree::parse`] (text to tree), [`soap::open`] (tree to payload); the
//! road out is [`escape_text`] and [`soap::wrap`]. What a document *means* is not known here. This crate is the only one
//! that knows quick-xml; none of its types shows outside.

mod characters;
mod decode;
mod expression;
mod limits;
mod names;
mod refusal;
pub mod soap;
mod split;
mod tree;
mod write;

pub use characters::is_name;
pub use decode::decode;
pub use expression::{parse_expression, print_expression};
pub use limits::Limits;
pub use names::{Names, NamesBuilder, Symbol};
pub use refusal::Refusal;
pub use split::{Piece, Pieces, Unsplit};
pub use tree::{Attribute, Children, NodeId, Tree};
pub use write::{Unwritable, escape_attribute, escape_text};
