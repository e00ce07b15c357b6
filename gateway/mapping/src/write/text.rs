//! Texts with holes.

use std::borrow::Cow;

use gateway_model::codes::UNWRITABLE_TEXT;

use super::{Writer, at};
use crate::evaluate::{Outcome, Scope};
use crate::fault::MapFault;
use crate::program::{Pattern, PatternPiece, Simple};
use crate::source::Spot;

/// How text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Attribute,
    Text,
}

/// What writing a text with holes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Filling {
    Nothing,
    /// Only from literals or defaults.
    Standing,
    FromRecord,
}

// === impl Filling ===

impl Filling {
    fn of(outcome: &Outcome<'_>) -> Self {
        if outcome.from_record { Self::FromRecord } else { Self::Standing }
    }

    pub(super) const fn is_alive(self) -> bool {
        matches!(self, Self::FromRecord)
    }
}

// === impl Writer ===

impl<'r> Writer<'_, 'r> {
    /// Writes a text with holes; nothing if no hole has a value.
    pub(super) fn pattern(
        &mut self,
        pattern: &'r Pattern,
        scope: &Scope<'_, 'r>,
        kind: Kind,
    ) -> Result<Filling, Box<MapFault>> {
        if let Some(simple) = &pattern.simple {
            return self.simple(simple, pattern, scope, kind);
        }
        let mark = self.out.len();
        let mut filling = Filling::Nothing;
        for piece in &pattern.pieces {
            match piece {
                PatternPiece::Literal(text) => self.escaped(text, kind, &pattern.spot)?,
                PatternPiece::Hole(hole) => {
                    let outcome =
                        self.run.value(&hole.expression, scope).map_err(|stop| at(stop, &hole.spot))?;
                    let found = Filling::of(&outcome);
                    if let Some(text) = outcome.cell.into_text() {
                        self.escaped(&text, kind, &hole.spot)?;
                        filling = filling.max(found);
                    }
                }
            }
        }
        if filling == Filling::Nothing {
            self.out.truncate(mark);
        }
        Ok(filling)
    }

    fn simple(
        &mut self,
        simple: &'r Simple,
        pattern: &Pattern,
        scope: &Scope<'_, 'r>,
        kind: Kind,
    ) -> Result<Filling, Box<MapFault>> {
        let Some(text) = scope.text(&simple.path) else { return Ok(Filling::Nothing) };
        if text.is_empty() {
            return Ok(Filling::Nothing);
        }
        self.surrounded(text, simple, pattern, kind)?;
        Ok(Filling::FromRecord)
    }

    /// A value with the literal text around it.
    pub(super) fn surrounded(
        &mut self,
        text: &str,
        simple: &Simple,
        pattern: &Pattern,
        kind: Kind,
    ) -> Result<(), Box<MapFault>> {
        if !simple.before.is_empty() {
            self.escaped(&simple.before, kind, &pattern.spot)?;
        }
        self.escaped(text, kind, &pattern.spot)?;
        if !simple.after.is_empty() {
            self.escaped(&simple.after, kind, &pattern.spot)?;
        }
        Ok(())
    }

    pub(super) fn escaped(&mut self, text: &str, kind: Kind, spot: &Spot) -> Result<(), Box<MapFault>> {
        let escaped = match kind {
            Kind::Attribute => gateway_wire::escape_attribute(text, self.out),
            Kind::Text => gateway_wire::escape_text(text, self.out),
        };
        escaped.map_err(|unwritable| {
            Box::new(MapFault::at(UNWRITABLE_TEXT, Cow::from(unwritable.to_string()), spot))
        })
    }
}
