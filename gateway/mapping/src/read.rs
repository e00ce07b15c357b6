//! Document to record. The document is laid over the template: each of its elements is taken by the template's element
//! that means it, and the holes are collected.

mod alternatives;
mod document;
mod matching;
mod record;
mod values;

use std::borrow::Cow;
use std::cell::RefCell;

use gateway_model::Record;
use gateway_model::codes::{BAD_EXPRESSION, WRONG_MESSAGE};
use gateway_wire::{Limits, Names, NodeId, Tree, parse_expression};

use crate::evaluate::{Run, missing};
use crate::fault::{MapFault, Stop};
use crate::message::{Context, Message, Reading, Unfinished};
use crate::program::{Content, Demand, Direction, Element, Frame, Item, Reread, StartPiece, Text};
use crate::source::Spot;
use document::{Document, Embedded, Whole};
use matching::Taken;

/// Reads an element and everything below it as this message.
pub(crate) fn message<'t>(
    message: &'t Message,
    tree: &'t Tree<'t>,
    node: NodeId,
    context: &Context<'_>,
) -> Result<Reading<'t>, Box<Unfinished<'t>>> {
    let document = Whole(tree);
    let empty = || Record::with_width(message.record, message.width);
    let root = &message.root;
    if !message.has_root(tree.symbol(node)) || !matching::selects(document, root, node) {
        let text = format!("the document is not a {}, expected `{}`", message.name, root.name);
        let fault = *at(Stop::new(WRONG_MESSAGE, text), &root.spot, document, node);
        return Err(Box::new(Unfinished { fault, record: empty() }));
    }
    let run = Run { organization: context.organization, zone: context.zone, unmapped: RefCell::default() };
    let mut reader = Reader {
        run: &run,
        names: &message.names,
        stack: vec![empty()],
        skipped: Vec::new(),
        marks: Vec::new(),
        pairs: Vec::new(),
    };
    let read = reader.element(document, root, node);
    let (mut stack, skipped) = (std::mem::take(&mut reader.stack), std::mem::take(&mut reader.skipped));
    let record = stack.pop().unwrap_or_else(empty);
    if let Err(fault) = read {
        return Err(Box::new(Unfinished { fault: *fault, record }));
    }
    Ok(Reading { record, skipped, unmapped: run.unmapped.into_inner() })
}

struct Reader<'t, 'c> {
    run: &'c Run<'c>,
    names: &'t Names,
    /// The records being filled, the innermost last.
    stack: Vec<Record<'t>>,
    skipped: Vec<NodeId>,
    /// Which items of the elements being read have taken something; those of the innermost last.
    marks: Vec<bool>,
    /// Elements waiting to be read in the template's order.
    pairs: Vec<(usize, NodeId)>,
}

type Outcome<T = ()> = Result<T, Box<MapFault>>;

// === impl Reader ===

impl<'t> Reader<'t, '_> {
    /// Reads an element the template's element has taken.
    fn element<D: Document<'t>>(&mut self, document: D, element: &'t Element, node: NodeId) -> Outcome {
        if !element.framed {
            return self.inside(document, element, node);
        }
        self.framed(&element.frame, document.tree().number(node), |reader| {
            reader.inside(document, element, node)
        })
    }

    /// Makes a frame's names and records current while something is read.
    fn framed(
        &mut self,
        frame: &'t Frame,
        position: u32,
        body: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        if let Some(each) = &frame.each {
            let mut entry = Record::with_width(each.kind, usize::from(each.width));
            entry.position = position;
            self.stack.push(entry);
            self.settings(&each.settings);
        }
        self.settings(&frame.settings);
        // After a fault too: what was read up to it is kept.
        let outcome = body(self);
        if let Some(each) = &frame.each {
            self.add_entry(each);
        }
        outcome
    }

    fn inside<D: Document<'t>>(&mut self, document: D, element: &'t Element, node: NodeId) -> Outcome {
        if !element.attributes.is_empty() {
            self.attributes(document, element, node)?;
        }
        match element.text.as_deref() {
            Some(Text::Pattern(pattern)) => self.pattern(pattern, document.text(node), document, node)?,
            Some(Text::Expression(root)) => self.expression(document, element, root, node)?,
            Some(Text::Constant(_)) | None => {}
        }
        for reread in &element.also_read {
            if let Some(text) = read_again(document, reread, node) {
                self.pattern(&reread.pattern, text, document, node)?;
            }
        }
        self.content(document, &element.content, node)?;
        if element.demands {
            self.required(document, element, node)?;
        }
        Ok(())
    }

    fn attributes<D: Document<'t>>(&mut self, document: D, element: &'t Element, node: NodeId) -> Outcome {
        let mut hint = 0;
        for read in &element.attributes {
            let Some(text) = document.attribute_near(node, read.symbol, &mut hint) else { continue };
            let text = match &read.leaf {
                None => text,
                Some(leaf) => match self.leaf(leaf, text) {
                    None => continue,
                    // It does not fit: the long way says so.
                    Some(text) => text,
                },
            };
            if let Some(StartPiece::Attribute { pattern, .. }) = element.start.get(read.piece) {
                self.pattern(pattern, text, document, node)?;
            }
        }
        Ok(())
    }

    /// Values of this element that have to be there: its holes' own words, and `m:required` for its text.
    fn required<D: Document<'t>>(&self, document: D, element: &Element, node: NodeId) -> Outcome {
        let own = element.targets().map(|target| (target, target.notes.required.as_deref()));
        let text = element.text_pattern().into_iter().flat_map(|pattern| pattern.reads.iter().flatten());
        for (target, why) in own.chain(text.map(|target| (target, element.required.as_deref()))) {
            if why.is_some() && !self.has(&target.path) {
                return Err(at(missing(why), &target.notes.spot, document, node));
            }
        }
        Ok(())
    }

    /// The children of an element.
    fn content<D: Document<'t>>(&mut self, document: D, content: &'t Content, node: NodeId) -> Outcome {
        let matcher = &content.matcher;
        let mut next = document.tree().first_child(node);
        if next.is_none() && !matcher.demands {
            return Ok(());
        }
        if !matcher.plain {
            let nodes: Vec<NodeId> = document.tree().children(node).collect();
            return self.claimed(document, content, &nodes, node);
        }
        let base = self.marks.len();
        self.marks.resize(base + content.items.len(), false);
        let waiting = self.pairs.len();
        let mut hint = 0;
        while let Some(child) = next {
            next = document.tree().next_sibling(child);
            let taken = self.marks.get(base..).unwrap_or_default();
            match matching::taker(document, content, child, &mut hint, taken) {
                Taken::Nobody => self.skip(document, child),
                Taken::Item(index) => self.taken(document, content, (base, index), child)?,
                Taken::Leaf(index, leaf) => {
                    let whole = document.tree().first_child(child).is_some();
                    let contested = matcher.contested.get(index).copied().unwrap_or_default();
                    if whole || contested || self.leaf(leaf, document.text(child)).is_some() {
                        self.taken(document, content, (base, index), child)?;
                    } else if let Some(mark) = self.marks.get_mut(base + index) {
                        *mark = true;
                    }
                }
            }
        }
        self.waiting(document, content, waiting)?;
        if matcher.demands {
            self.demands(document, content, base, node)?;
        }
        self.marks.truncate(base);
        Ok(())
    }

    /// Reads a child its item has taken, or puts it aside until those before it in the template have been read.
    fn taken<D: Document<'t>>(
        &mut self,
        document: D,
        content: &'t Content,
        (base, index): (usize, usize),
        child: NodeId,
    ) -> Outcome {
        if let Some(mark) = self.marks.get_mut(base + index) {
            *mark = true;
        }
        match content.items.get(index) {
            Some(Item::Element(element))
                if !content.matcher.contested.get(index).copied().unwrap_or_default() =>
            {
                self.element(document, element, child)
            }
            _ => {
                self.pairs.push((index, child));
                Ok(())
            }
        }
    }

    /// Reads what has to be read in the template's order.
    fn waiting<D: Document<'t>>(&mut self, document: D, content: &'t Content, from: usize) -> Outcome {
        let Some(pairs) = self.pairs.get_mut(from..).filter(|pairs| !pairs.is_empty()) else { return Ok(()) };
        pairs.sort_by_key(|(index, _)| *index);
        let mut at = from;
        while let Some((index, child)) = self.pairs.get(at).copied() {
            if let Some(Item::Element(element)) = content.items.get(index) {
                self.element(document, element, child)?;
            }
            at += 1;
        }
        self.pairs.truncate(from);
        Ok(())
    }

    /// Values below an element that have to be there.
    fn demands<D: Document<'t>>(&self, document: D, content: &Content, base: usize, node: NodeId) -> Outcome {
        for (index, item) in content.items.iter().enumerate() {
            let demand = match item {
                Item::Element(element) => element.demand.as_deref(),
                Item::Group(group) => group.demand.as_deref(),
                Item::Choose(_) => None,
            };
            let taken = self.marks.get(base + index).copied().unwrap_or_default();
            if let Some(demand) = demand {
                self.demanded(demand, taken, document, node)?;
            }
        }
        Ok(())
    }

    fn demanded<D: Document<'t>>(&self, demand: &Demand, taken: bool, document: D, node: NodeId) -> Outcome {
        let there = demand.path.as_ref().map_or(taken, |path| self.has(path));
        if there { Ok(()) } else { Err(at(missing(Some(&demand.why)), &demand.spot, document, node)) }
    }

    fn skip<D: Document<'t>>(&mut self, document: D, node: NodeId) {
        if document.is_whole() {
            self.skipped.push(node);
        }
    }

    /// The text of an element that is a BOD expression.
    fn expression<D: Document<'t>>(
        &mut self,
        document: D,
        element: &'t Element,
        root: &'t Element,
        node: NodeId,
    ) -> Outcome {
        let text = document.tree().text(node).trim_ascii();
        if text.is_empty() || root.direction == Direction::Write {
            return Ok(());
        }
        let tree = parse_expression(text, self.names, &Limits::default()).map_err(|refusal| {
            let stop =
                Stop::new(BAD_EXPRESSION, format!("{}, at character {}", refusal.message, refusal.column));
            at(stop, &element.spot, document, node)
        })?;
        let (path, position) = document.place(node);
        let embedded = Embedded { tree: &tree, path: &path, position };
        self.element(embedded, root, tree.root())
    }
}

/// The text an `m:read` of an element reads, if it is there.
fn read_again<'t>(document: impl Document<'t>, reread: &Reread, node: NodeId) -> Option<Cow<'t, str>> {
    let outer = (0..reread.outwards).try_fold(node, |node, _| document.tree().parent(node))?;
    match reread.from {
        Some(symbol) => document.attribute(outer, symbol),
        None => Some(document.text(outer)),
    }
}

/// A fault with both places.
#[cold]
fn at<'t>(stop: Stop, spot: &Spot, document: impl Document<'t>, node: NodeId) -> Box<MapFault> {
    let (path, position) = document.place(node);
    Box::new(MapFault { path: Some(path), position: Some(position), ..stop.at(spot) })
}
