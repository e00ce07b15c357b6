//! What can be read and written without detours: plain texts, and records that are absent.

use super::{decides, reads};
use crate::program::{
    AttributeRead, Direction, Element, Expression, Item, Leaf, Path, Pattern, PatternPiece, StartPiece, Text,
};

pub(super) fn attribute_reads(element: &Element) -> Box<[AttributeRead]> {
    let pieces = element.start.iter().enumerate();
    pieces
        .filter_map(|(piece, start)| match start {
            StartPiece::Attribute { symbol, pattern, .. } if reads(pattern) => {
                Some(AttributeRead { symbol: *symbol, piece, leaf: pattern_leaf(pattern) })
            }
            _ => None,
        })
        .collect()
}

/// The field of an element that is nothing but a text for it.
pub(super) fn element_leaf(element: &Element) -> Option<Leaf> {
    let bare = !element.framed
        && !element.demands
        && element.select.is_empty()
        && element.attributes.is_empty()
        && element.also_read.is_empty()
        && element.content.items.is_empty();
    match element.text.as_deref() {
        Some(Text::Pattern(pattern)) if bare => pattern_leaf(pattern),
        _ => None,
    }
}

fn pattern_leaf(pattern: &Pattern) -> Option<Leaf> {
    match (&*pattern.pieces, &*pattern.reads) {
        ([PatternPiece::Hole(_)], [Some(target)]) if target.back.is_empty() => {
            Some(Leaf { path: target.path.clone(), kind: target.kind })
        }
        _ => None,
    }
}

/// The start tag of an element that is nothing but a text from the record.
pub(super) fn written_leaf(element: &Element) -> Option<Box<[u8]>> {
    let plain = !decides(&element.frame)
        && element.frame.with.is_empty()
        && !element.keep
        && element.required.is_none()
        && element.content.items.is_empty();
    match (element.text.as_deref(), &*element.start) {
        (Some(Text::Pattern(pattern)), [StartPiece::Bytes(start)]) if plain && pattern.simple.is_some() => {
            Some([start, b">".as_slice()].concat().into())
        }
        _ => None,
    }
}

/// Whether an element writes nothing from the record when the record at the end of a path is absent: all its holes are
/// values of that record, and functions that make nothing of nothing.
pub(super) fn is_silent(element: &Element, record: &Path) -> bool {
    let attributes = element.start.iter().all(|piece| match piece {
        StartPiece::Attribute { pattern, .. } => is_silent_pattern(pattern, record),
        StartPiece::Bytes(_) => true,
    });
    let text = match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => is_silent_pattern(pattern, record),
        Some(Text::Expression(_)) => false,
        Some(Text::Constant(_)) | None => true,
    };
    let items = element.content.items.iter().all(|item| match item {
        Item::Element(child) if child.direction == Direction::Read => true,
        Item::Element(child) => !decides(&child.frame) && is_silent(child, record),
        Item::Group(_) | Item::Choose(_) => false,
    });
    element.frame.each.is_none() && attributes && text && items
}

fn is_silent_pattern(pattern: &Pattern, record: &Path) -> bool {
    pattern.pieces.iter().all(|piece| match piece {
        PatternPiece::Literal(_) => true,
        PatternPiece::Hole(hole) => hole.literal || is_silent_expression(&hole.expression, record),
    })
}

fn is_silent_expression(expression: &Expression, record: &Path) -> bool {
    match expression {
        Expression::Scalar(path, _) => is_below(path, record),
        Expression::Text(_) | Expression::Number(_) | Expression::Flag(_) => true,
        Expression::Default(one, other) => {
            is_silent_expression(one, record) && is_silent_expression(other, record)
        }
        Expression::Change(inner, _) | Expression::Table(inner, _) => is_silent_expression(inner, record),
        _ => false,
    }
}

/// Whether a path leads through the record at the end of another.
fn is_below(path: &Path, record: &Path) -> bool {
    let mut steps = path.steps.iter().map(|step| step.field);
    let mut wanted = record.steps.iter().map(|step| step.field).chain(std::iter::once(record.field));
    path.depth == record.depth && wanted.all(|field| steps.next() == Some(field))
}
