//! Values that must be there.

use crate::program::{Content, Demand, Direction, Element, Group, Item, StartPiece, Target, Text};

use super::is_plain;

/// Whether a hole of the element's own asks for a value.
pub(super) fn requires(element: &Element) -> bool {
    let attributes = element.start.iter().filter_map(|piece| match piece {
        StartPiece::Attribute { pattern, .. } => Some(pattern),
        StartPiece::Bytes(_) => None,
    });
    let text = match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => Some(pattern),
        _ => None,
    };
    let mut targets = attributes.chain(text).flat_map(|pattern| pattern.reads.iter().flatten());
    targets.any(|target| target.notes.required.is_some())
}

/// The first value that must be there whenever the surrounding element is.
pub(super) fn demand(element: &Element) -> Option<Demand> {
    if element.direction == Direction::Write {
        return None;
    }
    let own = element.required.as_ref().map(|why| {
        let path = match element.text.as_deref() {
            Some(Text::Pattern(pattern)) if element.frame.each.is_none() => {
                pattern.reads.iter().flatten().next().map(|target| target.path.clone())
            }
            _ => None,
        };
        Demand { spot: (*element.spot).clone(), why: why.clone(), path }
    });
    if own.is_some() || !is_plain(&element.frame) {
        return own;
    }
    let attributes = element.start.iter().filter_map(|piece| match piece {
        StartPiece::Attribute { pattern, .. } => Some(pattern),
        StartPiece::Bytes(_) => None,
    });
    let text = match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => Some(pattern),
        _ => None,
    };
    let holes = attributes.chain(text).flat_map(|pattern| pattern.reads.iter().flatten()).find_map(of_target);
    let below = match element.text.as_deref() {
        Some(Text::Expression(inner)) => inner.demand.as_deref().cloned(),
        _ => None,
    };
    holes.or(below).or_else(|| first_demand(&element.content))
}

fn of_target(target: &Target) -> Option<Demand> {
    let why = target.notes.required.clone()?;
    Some(Demand { spot: target.notes.spot.clone(), why, path: Some(target.path.clone()) })
}

pub(super) fn group_demand(group: &Group) -> Option<Demand> {
    if group.direction == Direction::Write {
        return None;
    }
    match &group.required {
        Some(why) => Some(Demand { spot: group.spot.clone(), why: why.clone(), path: None }),
        None if is_plain(&group.frame) => first_demand(&group.content),
        None => None,
    }
}

pub(super) fn first_demand(content: &Content) -> Option<Demand> {
    content.items.iter().find_map(|item| match item {
        Item::Element(element) => element.demand.as_deref().cloned(),
        Item::Group(group) => group.demand.as_deref().cloned(),
        Item::Choose(_) => None,
    })
}
