//! The last pass over a compiled template, from the leaves up: what varies, what must be there, who takes what.

mod claims;
mod demands;
mod shortcuts;

use crate::program::{Content, Direction, Element, Frame, Item, Pattern, PatternPiece, StartPiece, Text};
use claims::matcher;
use demands::{demand, group_demand, requires};
use shortcuts::{attribute_reads, is_silent, written_leaf};

/// Settles an element and everything below it.
pub(super) fn finish(element: &mut Element) {
    finish_content(&mut element.content);
    if let Some(Text::Expression(inner)) = element.text.as_deref_mut() {
        finish(inner);
    }
    fold(element);
    element.attributes = attribute_reads(element);
    element.varies = element
        .start
        .iter()
        .any(|piece| matches!(piece, StartPiece::Attribute { pattern, .. } if varies(pattern)))
        || match element.text.as_deref() {
            Some(Text::Pattern(pattern)) => varies(pattern),
            Some(Text::Expression(inner)) => inner.varies,
            Some(Text::Constant(_)) | None => false,
        }
        || element.content.items.iter().any(item_varies);
    element.constant = constant(element);
    element.leaf = written_leaf(element);
    element.falls_silent = element.frame.with.iter().any(|with| is_silent(element, &with.path));
    element.demand = demand(element).map(Box::new);
    element.demands = element.required.is_some() || requires(element);
}

fn finish_content(content: &mut Content) {
    for item in &mut content.items {
        finish_item(item);
    }
    *content.matcher = matcher(&content.items);
}

fn finish_item(item: &mut Item) {
    match item {
        Item::Element(element) => finish(element),
        Item::Group(group) => {
            finish_content(&mut group.content);
            group.demand = group_demand(group).map(Box::new);
        }
        Item::Choose(choose) => choose.alternatives.iter_mut().for_each(finish_item),
    }
}

/// Puts neighbouring constants of a start tag together.
fn fold(element: &mut Element) {
    let mut folded: Vec<StartPiece> = Vec::new();
    for piece in std::mem::take(&mut element.start) {
        match (folded.last_mut(), piece.bytes()) {
            (_, Some([])) => {}
            (Some(StartPiece::Bytes(last)), Some(bytes)) => *last = [last.as_ref(), bytes].concat().into(),
            _ => folded.push(piece),
        }
    }
    element.start = folded.into();
}

fn varies(pattern: &Pattern) -> bool {
    pattern.pieces.iter().any(|piece| matches!(piece, PatternPiece::Hole(hole) if !hole.literal))
}

fn reads(pattern: &Pattern) -> bool {
    pattern.reads.iter().any(Option::is_some)
}

fn item_varies(item: &Item) -> bool {
    match item {
        Item::Element(element) => {
            element.direction != Direction::Read && (element.varies || decides(&element.frame))
        }
        Item::Group(group) => {
            group.direction != Direction::Read
                && (decides(&group.frame) || group.content.items.iter().any(item_varies))
        }
        Item::Choose(_) => true,
    }
}

/// Whether the record decides if something is written at all.
fn decides(frame: &Frame) -> bool {
    frame.each.is_some() || frame.when.is_some()
}

fn is_plain(frame: &Frame) -> bool {
    !decides(frame) && frame.with.is_empty()
}

/// All of an element as bytes, if it is always written the same way. One that is kept brings those around it into being,
/// which bytes cannot.
fn constant(element: &Element) -> Option<Box<[u8]>> {
    let same = !element.varies
        && !element.keep
        && is_plain(&element.frame)
        && element.direction != Direction::Read
        && element.required.is_none();
    if !same {
        return None;
    }
    let mut bytes = Vec::new();
    for piece in &element.start {
        bytes.extend_from_slice(piece.bytes()?);
    }
    let mut inner = Vec::new();
    match element.text.as_deref() {
        Some(Text::Constant(text)) => inner.extend_from_slice(text),
        Some(Text::Pattern(_) | Text::Expression(_)) => return None,
        None => {}
    }
    for item in &element.content.items {
        match item {
            Item::Element(child) if child.direction == Direction::Read => {}
            Item::Element(child) => inner.extend_from_slice(child.constant.as_deref()?),
            Item::Group(_) | Item::Choose(_) => return None,
        }
    }
    if inner.is_empty() {
        bytes.extend_from_slice(b"/>");
    } else {
        bytes.push(b'>');
        bytes.extend_from_slice(&inner);
        bytes.extend_from_slice(&element.end);
    }
    Some(bytes.into())
}
