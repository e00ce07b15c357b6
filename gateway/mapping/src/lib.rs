//! The mapping language of `mappings/README.md`: a document with holes, checked once, then read and written.
//!
//! The road: [`load`] takes the files of a mappings folder, reports every fault of every file, and gives [`Mappings`] if
//! there is none. A [`Dialect`] finds the [`Message`] a document is ([`Dialect::route`]) or an operation needs
//! ([`Dialect::find`]); a message reads a tree into a record and writes a record as bytes. Nothing here does I/O or knows
//! a clock, and a mapping that loads can fail afterwards only because of the message: [`MapFault`] then names the
//! template's place and the document's.

mod check;
mod compile;
mod coverage;
mod dialect;
mod evaluate;
mod expression;
mod fault;
mod function;
pub mod json;
mod mappings;
mod markup;
mod message;
mod outcome;
mod program;
mod read;
mod render;
mod report;
mod route;
mod source;
mod table;
mod toml_view;
mod vocabulary;
mod write;

pub use coverage::{Coverage, HoleCoverage, HoleDirection};
pub use dialect::{Dialect, Side, WireForm};
pub use fault::MapFault;
pub use function::{Example, FUNCTIONS, Function};
pub use mappings::{Loaded, Mappings, load};
pub use message::{Context, Message, Part, Reading, Unfinished, Unmapped};
pub use outcome::{BodyKind, Outcome, OutcomeRule, Replied, Verdict};
pub use render::render;
pub use route::RouteFault;
pub use source::Source;
