//! Content with groups and alternatives. Who takes what is settled first, then everything is read in the template's order.

use gateway_wire::NodeId;

use super::document::Document;
use super::matching::names;
use super::values::ranges;
use super::{Outcome, Reader, at, read_again};
use crate::evaluate::missing;
use crate::program::{Choose, Content, Direction, Element, Group, Item, Pattern, StartPiece, Target, Text};

/// Places in a list of document elements.
type Places = Vec<usize>;

// === impl Reader ===

impl<'t> Reader<'t, '_> {
    /// Reads these elements of the document as the content of `parent`.
    pub(super) fn claimed<D: Document<'t>>(
        &mut self,
        document: D,
        content: &'t Content,
        nodes: &[NodeId],
        parent: NodeId,
    ) -> Outcome {
        let mut free = vec![true; nodes.len()];
        let mut taken: Vec<Places> = vec![Places::new(); content.items.len()];
        for index in content.matcher.claims.iter().copied() {
            let Some(item) = content.items.get(index) else { continue };
            let places = claim(document, item, nodes, &mut free);
            if let Some(own) = taken.get_mut(index) {
                *own = places;
            }
        }
        for (item, places) in content.items.iter().zip(&taken) {
            let own: Vec<NodeId> = places.iter().filter_map(|place| nodes.get(*place).copied()).collect();
            self.item(document, item, &own, parent)?;
        }
        for (node, free) in nodes.iter().zip(free) {
            if free {
                self.skip(document, *node);
            }
        }
        Ok(())
    }

    /// Reads an item from the elements it took.
    fn item<D: Document<'t>>(
        &mut self,
        document: D,
        item: &'t Item,
        nodes: &[NodeId],
        parent: NodeId,
    ) -> Outcome {
        match item {
            Item::Element(element) => {
                for node in nodes {
                    self.element(document, element, *node)?;
                }
                match &element.demand {
                    Some(demand) => self.demanded(demand, !nodes.is_empty(), document, parent),
                    None => Ok(()),
                }
            }
            Item::Group(group) => self.group(document, group, nodes, parent),
            Item::Choose(choose) => match chosen(document, choose, nodes) {
                Some(item) => self.item(document, item, nodes, parent),
                None => Ok(()),
            },
        }
    }

    fn group<D: Document<'t>>(
        &mut self,
        document: D,
        group: &'t Group,
        nodes: &[NodeId],
        parent: NodeId,
    ) -> Outcome {
        let Some(first) = nodes.first() else {
            return match &group.required {
                Some(why) => Err(at(missing(Some(why)), &group.spot, document, parent)),
                None => group
                    .demand
                    .as_ref()
                    .map_or(Ok(()), |demand| self.demanded(demand, false, document, parent)),
            };
        };
        let position = |node: NodeId| document.tree().number(node);
        if group.frame.each.is_none() {
            return self.framed(&group.frame, position(*first), |reader| {
                reader.claimed(document, &group.content, nodes, parent)
            });
        }
        for entry in entries(document, group, nodes) {
            let first = entry.first().map_or(0, |node| position(*node));
            self.framed(&group.frame, first, |reader| {
                reader.claimed(document, &group.content, entry, parent)
            })?;
        }
        Ok(())
    }
}

/// The places an item takes; they are no longer free.
fn claim<'t, D: Document<'t>>(document: D, item: &Item, nodes: &[NodeId], free: &mut [bool]) -> Places {
    match item {
        Item::Element(element) if element.direction == Direction::Write => Places::new(),
        Item::Element(element) => {
            let all = element.frame.each.is_some();
            claim_where(nodes, free, all, |node| names(document, element, node))
        }
        Item::Choose(choose) => {
            for alternative in &choose.alternatives {
                let mut trial = free.to_vec();
                let places = claim(document, alternative, nodes, &mut trial);
                let own: Vec<NodeId> = places.iter().filter_map(|place| nodes.get(*place).copied()).collect();
                if fits(document, alternative, &own) {
                    free.copy_from_slice(&trial);
                    return places;
                }
            }
            Places::new()
        }
        Item::Group(group) if group.direction == Direction::Write => Places::new(),
        Item::Group(group) if group.frame.each.is_some() => {
            let items = &group.content.items;
            let mut places =
                claim_where(nodes, free, true, |node| items.iter().any(|item| accepts(document, item, node)));
            places.sort_unstable();
            places
        }
        Item::Group(group) => {
            let mut places = Places::new();
            for index in group.content.matcher.claims.iter().copied() {
                if let Some(item) = group.content.items.get(index) {
                    places.extend(claim(document, item, nodes, free));
                }
            }
            places.sort_unstable();
            places
        }
    }
}

fn claim_where(nodes: &[NodeId], free: &mut [bool], all: bool, accepts: impl Fn(NodeId) -> bool) -> Places {
    let mut places = Places::new();
    for ((place, node), free) in nodes.iter().enumerate().zip(free) {
        if *free && accepts(*node) {
            *free = false;
            places.push(place);
            if !all {
                break;
            }
        }
    }
    places
}

/// Whether an item could take an element.
fn accepts<'t, D: Document<'t>>(document: D, item: &Item, node: NodeId) -> bool {
    match item {
        Item::Element(element) => element.direction != Direction::Write && names(document, element, node),
        Item::Group(group) => group.content.items.iter().any(|item| accepts(document, item, node)),
        Item::Choose(choose) => choose
            .alternatives
            .iter()
            .any(|item| accepts(document, item, node) && fits(document, item, &[node])),
    }
}

/// The elements of each entry of a repeated group: what its first item takes begins a new one.
fn entries<'n, 't, D: Document<'t>>(document: D, group: &Group, nodes: &'n [NodeId]) -> Vec<&'n [NodeId]> {
    let begins =
        |node: &NodeId| group.content.items.first().is_some_and(|first| accepts(document, first, *node));
    let mut entries = Vec::new();
    let mut start = 0;
    for (place, node) in nodes.iter().enumerate().skip(1) {
        if begins(node) {
            entries.extend(nodes.get(start..place));
            start = place;
        }
    }
    entries.extend(nodes.get(start..));
    entries
}

/// The alternative that took these elements.
fn chosen<'i, 't, D: Document<'t>>(document: D, choose: &'i Choose, nodes: &[NodeId]) -> Option<&'i Item> {
    let mut free = vec![true; nodes.len()];
    choose.alternatives.iter().find(|alternative| {
        free.fill(true);
        let places = claim(document, alternative, nodes, &mut free);
        places.len() == nodes.len() && fits(document, alternative, nodes)
    })
}

/// Whether an alternative took something and all its required values are there.
fn fits<'t, D: Document<'t>>(document: D, item: &Item, nodes: &[NodeId]) -> bool {
    if nodes.is_empty() {
        return false;
    }
    match item {
        Item::Element(element) => nodes.iter().all(|node| complete(document, element, *node)),
        Item::Group(group) => {
            group.content.items.iter().all(|item| satisfied(document, item, nodes.iter().copied()))
        }
        Item::Choose(choose) => choose.alternatives.iter().any(|item| fits(document, item, nodes)),
    }
}

/// Whether the required values of an element are there.
fn complete<'t, D: Document<'t>>(document: D, element: &Element, node: NodeId) -> bool {
    let tree = document.tree();
    let attributes = element.start.iter().all(|piece| match piece {
        StartPiece::Attribute { symbol, pattern, .. } => {
            provides(pattern, tree.attribute(node, *symbol).unwrap_or_default(), false)
        }
        StartPiece::Bytes(_) => true,
    });
    let text = match element.text.as_deref() {
        Some(Text::Pattern(pattern)) => provides(pattern, tree.text(node), element.required.is_some()),
        _ => true,
    };
    let again = element.also_read.iter().all(|reread| {
        provides(&reread.pattern, &read_again(document, reread, node).unwrap_or_default(), false)
    });
    attributes
        && text
        && again
        && element.content.items.iter().all(|item| satisfied(document, item, tree.children(node)))
}

/// Whether a text has the required values of its pattern, or all of them.
fn provides(pattern: &Pattern, text: &str, all: bool) -> bool {
    let required = |target: &Option<Target>| {
        target.as_ref().is_some_and(|target| all || target.notes.required.is_some())
    };
    if !pattern.reads.iter().any(required) {
        return true;
    }
    let Some(ranges) = ranges(pattern, text) else { return false };
    pattern
        .reads
        .iter()
        .zip(ranges)
        .filter(|(target, _)| required(target))
        .all(|(_, range)| text.get(range).is_some_and(|piece| !piece.trim_ascii().is_empty()))
}

/// Whether what an item demands can be found among these elements.
fn satisfied<'t, D: Document<'t>>(document: D, item: &Item, nodes: impl Iterator<Item = NodeId>) -> bool {
    let mut nodes = nodes;
    match item {
        Item::Element(element) if element.demand.is_some() => {
            nodes.any(|node| names(document, element, node) && complete(document, element, node))
        }
        Item::Group(group) if group.demand.is_some() => {
            let nodes: Vec<NodeId> = nodes.collect();
            group.content.items.iter().all(|item| satisfied(document, item, nodes.iter().copied()))
        }
        _ => true,
    }
}
