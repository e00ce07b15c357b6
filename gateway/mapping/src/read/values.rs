//! Texts of the document to values of the record.

use std::borrow::Cow;

use gateway_model::codes::BAD_SCALAR;
use gateway_model::{Personal, Value, scalar};
use gateway_wire::NodeId;

use super::document::Document;
use super::{Outcome, Reader, at};
use crate::fault::Stop;
use crate::program::{Back, Pattern, PatternPiece, Target};

// === impl Reader ===

impl<'t> Reader<'t, '_> {
    /// Reads a text with holes. A text that does not have the literal parts is passed over.
    pub(super) fn pattern<D: Document<'t>>(
        &mut self,
        pattern: &'t Pattern,
        text: Cow<'t, str>,
        document: D,
        node: NodeId,
    ) -> Outcome {
        match (pattern.reads.as_ref(), &*pattern.pieces) {
            ([Some(target)], [PatternPiece::Hole(_)]) => self.assign(target, text, document, node),
            _ => {
                for (target, piece) in apart(pattern, text) {
                    self.assign(target, piece, document, node)?;
                }
                Ok(())
            }
        }
    }

    /// Leads a text back to its field. If the field has a value already, that one stays.
    fn assign<D: Document<'t>>(
        &mut self,
        target: &'t Target,
        text: Cow<'t, str>,
        document: D,
        node: NodeId,
    ) -> Outcome {
        if text.is_empty() || self.has(&target.path) {
            return Ok(());
        }
        let mut text = text;
        for back in &target.back {
            let undone = match back {
                Back::Table(table) => self.run.to_record(table, text),
                Back::Change(change) if text.trim_ascii().is_empty() || change.is_unchanged_back() => {
                    Ok(Some(text))
                }
                Back::Change(change) => match change.undo(text) {
                    Ok(text) => Ok(Some(text)),
                    Err(unfit) => {
                        return Err(at(
                            Stop::new(BAD_SCALAR, misfit(target, None, &unfit.0)),
                            &target.notes.spot,
                            document,
                            node,
                        ));
                    }
                },
            };
            match undone.map_err(|stop| at(stop, &target.notes.spot, document, node))? {
                Some(next) => text = next,
                None => return Ok(()),
            }
        }
        let shown = (target.notes.personal == Personal::No).then(|| text.clone());
        match scalar::check(target.kind, text) {
            Some(text) if text.is_empty() => Ok(()),
            Some(text) => {
                if let Some(slot) = self.slot(&target.path) {
                    *slot = Value::Text(text);
                }
                Ok(())
            }
            None => {
                let message = misfit(target, shown.as_deref(), scalar::expectation(target.kind));
                Err(at(Stop::new(BAD_SCALAR, message), &target.notes.spot, document, node))
            }
        }
    }
}

fn misfit(target: &Target, found: Option<&str>, expected: &str) -> String {
    let found = found.map(|found| format!(", found `{}`", shortened(found.trim_ascii()))).unwrap_or_default();
    format!(
        "the value of `{}` does not have the form it needs, expected {expected}{found}",
        target.notes.name
    )
}

fn shortened(text: &str) -> String {
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
}

/// Takes a text apart at the literal pieces of its pattern: the texts of the two-way holes. Nothing if it does not fit.
fn apart<'t>(pattern: &'t Pattern, text: Cow<'t, str>) -> Vec<(&'t Target, Cow<'t, str>)> {
    if !pattern.separable {
        return Vec::new();
    }
    let Some(ranges) = ranges(pattern, &text) else { return Vec::new() };
    let targets = pattern.reads.iter().zip(ranges);
    targets
        .filter_map(|(target, range)| {
            let piece = match &text {
                Cow::Borrowed(text) => Cow::Borrowed(text.get(range)?),
                Cow::Owned(text) => Cow::Owned(text.get(range)?.to_owned()),
            };
            Some((target.as_ref()?, piece))
        })
        .collect()
}

/// The bytes each hole stands for. `None` if the literal parts are not there.
pub(super) fn ranges(pattern: &Pattern, text: &str) -> Option<Vec<std::ops::Range<usize>>> {
    let leading = text.len() - text.trim_ascii_start().len();
    let trimmed = text.trim_ascii();
    let mut rest = trimmed;
    let mut ranges = Vec::with_capacity(pattern.reads.len());
    let mut open: Option<usize> = None;
    for (index, piece) in pattern.pieces.iter().enumerate() {
        let at = leading + (trimmed.len() - rest.len());
        match piece {
            PatternPiece::Hole(_) => open = Some(at),
            PatternPiece::Literal(literal) => {
                let literal = &**literal;
                let last = index + 1 == pattern.pieces.len();
                let found = match open {
                    None => rest.starts_with(literal).then_some(0),
                    Some(_) if last => rest.ends_with(literal).then(|| rest.len() - literal.len()),
                    Some(_) => rest.find(literal),
                }?;
                if let Some(start) = open.take() {
                    ranges.push(start..at + found);
                }
                rest = rest.get(found + literal.len()..)?;
            }
        }
    }
    if let Some(start) = open {
        ranges.push(start..leading + trimmed.len());
    }
    Some(ranges)
}
