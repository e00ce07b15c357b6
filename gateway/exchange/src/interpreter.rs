//! What every exchange needs: the mappings, the operations' views of the vocabulary, the zone and the limits.

use std::borrow::Cow;

use gateway_mapping::{Context, Dialect, Mappings, Side};
use gateway_model::{Fault, Origin, Record};
use gateway_operation::{MissingView, Views};
use gateway_wire::{Limits, Refusal, Tree, decode};
use jiff::tz::TimeZone;

/// Interprets between stores and DOMs. One per generation; immutable, shared by all calls.
#[derive(Debug)]
pub struct Interpreter {
    mappings: Mappings,
    views: Views,
    zone: TimeZone,
    limits: Limits,
}

/// Why mappings cannot be used for exchanges.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The vocabulary lacks words the operations need.
    #[error("the vocabulary lacks {} words the gateway works with", .0.len())]
    Vocabulary(Vec<MissingView>),
}

// === impl Interpreter ===

impl Interpreter {
    /// An interpreter over checked mappings.
    ///
    /// `zone` is where "today" is decided and where times without a zone are meant; `limits` bound every document read.
    ///
    /// # Errors
    /// [`Unusable`] if the vocabulary lacks words the operations need.
    pub fn new(mappings: Mappings, zone: TimeZone, limits: Limits) -> Result<Self, Unusable> {
        let views = Views::bind(mappings.vocabulary()).map_err(Unusable::Vocabulary)?;
        Ok(Self { mappings, views, zone, limits })
    }

    /// The mappings.
    #[must_use]
    pub const fn mappings(&self) -> &Mappings {
        &self.mappings
    }

    /// The operations' views of the vocabulary.
    #[must_use]
    pub const fn views(&self) -> &Views {
        &self.views
    }

    /// The zone in which "today" is decided.
    #[must_use]
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The limits of every document read.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The dialect of this name, if it stands on this side.
    #[must_use]
    pub fn dialect(&self, name: &str, side: Side) -> Option<&Dialect> {
        self.mappings.dialect(name).filter(|dialect| dialect.side == side)
    }

    /// A body's text, whatever its encoding.
    ///
    /// # Errors
    /// A body that is empty, too large, or not text in a known encoding.
    pub fn decode<'b>(&self, body: &'b [u8], charset: Option<&str>) -> Result<Cow<'b, str>, Refusal> {
        decode(body, charset, &self.limits)
    }

    /// A text's tree.
    ///
    /// # Errors
    /// A text that is not well-formed XML, or beyond the limits.
    pub fn parse<'t>(&self, text: &'t str) -> Result<Tree<'t>, Refusal> {
        Tree::parse(text, self.mappings.names(), &self.limits)
    }

    /// What reading and writing needs to know beside the record: for per-organization tables, the organization that
    /// the DOM's dialect gives the record's store.
    pub(crate) fn organization<'r>(&self, dom: &'r Dialect, record: &'r Record<'_>) -> Option<Cow<'r, str>> {
        dom.organization(record)
    }

    pub(crate) fn context<'c>(&'c self, organization: Option<&'c str>) -> Context<'c> {
        Context { organization, zone: &self.zone }
    }
}

/// A refusal of the DOM's document becomes a fault of the DOM.
pub(crate) fn dom_refusal(refusal: Refusal) -> Fault {
    refusal.into_fault(Origin::Dom)
}
