//! Values that must be there.

use crate::program::{Content, Demand, Direction, Element, Group, Item, Target, Text};

use super::is_plain;

/// Whether a hole of the element's own asks for a value.
pub(super) fn requires(element: &Element) -> bool {
    element.targets().any(|target| target.notes.required.is_some())
}

/// The first value that must be there whenever the surrounding element is.
pub(super) fn demand(element: &Element) -> Option<Demand> {
    if element.direction == Direction::Write {
        return None;
    }
    let own = element.required.as_ref().map(|why| {
        let text = element.text_pattern().filter(|_| element.frame.each.is_none());
        let path =
            text.and_then(|pattern| pattern.reads.iter().flatten().next()).map(|target| target.path.clone());
        Demand { spot: (*element.spot).clone(), why: why.clone(), path }
    });
    if own.is_some() || !is_plain(&element.frame) {
        return own;
    }
    let holes = element.targets().find_map(of_target);
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
