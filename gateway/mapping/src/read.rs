//! Document to record. The document is laid over the template: each of its elements is taken by the template's element
//! that means it, and the holes are collected.

mod alternatives;
mod document;
mod matching;
mod values;

use std::cell::RefCell;

use gateway_model::codes::{BAD_EXPRESSION, WRONG_MESSAGE};
use gateway_model::{Record, Value};
use gateway_wire::{Limits, Names, NodeId, Tree, parse_expression};

use crate::evaluate::{Run, missing};
use crate::fault::{MapFault, Stop};
use crate::message::{Context, Message, Reading};
use crate::program::{
    Content, Demand, Direction, Each, Element, Frame, Item, Path, Setting, StartPiece, Text, With,
};
use crate::source::Spot;
use document::{Document, Embedded, Whole};

/// Reads an element and everything below it as this message.
pub(crate) fn message<'t>(
    message: &'t Message,
    tree: &'t Tree<'t>,
    node: NodeId,
    context: &Context<'_>,
) -> Result<Reading<'t>, MapFault> {
    let document = Whole(tree);
    let root = &message.root;
    if !message.has_root(tree.symbol(node)) || !matching::selects(document, root, node) {
        let text = format!("the document is not a {}, expected `{}`", message.name, root.name);
        return Err(*at(Stop::new(WRONG_MESSAGE, text), &root.spot, document, node));
    }
    let run = Run { organization: context.organization, zone: context.zone, unmapped: RefCell::default() };
    let mut reader = Reader {
        run: &run,
        names: &message.names,
        stack: vec![Record::with_width(message.record, message.width)],
        skipped: Vec::new(),
        marks: Vec::new(),
        pairs: Vec::new(),
    };
    let read = reader.element(document, root, node);
    let (mut stack, skipped) = (std::mem::take(&mut reader.stack), std::mem::take(&mut reader.skipped));
    read.map_err(|fault| *fault)?;
    let record = stack.pop().unwrap_or_else(|| Record::with_width(message.record, message.width));
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
        if let Some(with) = &frame.with {
            self.enter(with);
        }
        self.settings(&frame.settings);
        body(self)?;
        if let Some(with) = &frame.with {
            self.leave(with);
        }
        if let Some(each) = &frame.each {
            self.add_entry(each);
        }
        Ok(())
    }

    fn enter(&mut self, with: &With) {
        let record = match self.slot(&with.path) {
            Some(slot) if matches!(slot, Value::Record(_)) => match std::mem::take(slot) {
                Value::Record(record) => Some(*record),
                _ => None,
            },
            _ => None,
        };
        self.stack.push(record.unwrap_or_else(|| Record::with_width(with.kind, usize::from(with.width))));
    }

    fn leave(&mut self, with: &With) {
        let Some(record) = self.stack.pop() else { return };
        if record.is_empty() {
            return;
        }
        if let Some(slot) = self.slot(&with.path) {
            *slot = Value::Record(Box::new(record));
        }
    }

    /// Adds the innermost record to its list. Lists are in the order of the document, whoever feeds them.
    fn add_entry(&mut self, each: &Each) {
        let Some(entry) = self.stack.pop() else { return };
        let Some(slot) = self.slot(&each.list) else { return };
        match slot {
            Value::List(list) => {
                let behind = list.last().is_none_or(|last| last.position <= entry.position);
                let index = if behind {
                    list.len()
                } else {
                    list.partition_point(|other| other.position <= entry.position)
                };
                list.insert(index, entry);
            }
            _ => *slot = Value::List(vec![entry]),
        }
    }

    fn settings(&mut self, settings: &'t [Setting]) {
        for setting in settings {
            if let Some(slot) = self.slot(&setting.path)
                && slot.is_absent()
            {
                *slot = Value::Text(std::borrow::Cow::Borrowed(&setting.value));
            }
        }
    }

    fn inside<D: Document<'t>>(&mut self, document: D, element: &'t Element, node: NodeId) -> Outcome {
        if element.reads_attributes {
            for piece in &element.start {
                if let StartPiece::Attribute { symbol, pattern, .. } = piece
                    && let Some(text) = document.attribute(node, *symbol)
                {
                    self.pattern(pattern, text, document, node)?;
                }
            }
        }
        match element.text.as_deref() {
            Some(Text::Pattern(pattern)) => self.pattern(pattern, document.text(node), document, node)?,
            Some(Text::Expression(root)) => self.expression(document, element, root, node)?,
            Some(Text::Constant(_)) | None => {}
        }
        for reread in &element.also_read {
            let outer = (0..reread.outwards).try_fold(node, |node, _| document.tree().parent(node));
            let text = outer.and_then(|outer| match reread.from {
                Some(symbol) => document.attribute(outer, symbol),
                None => Some(document.text(outer)),
            });
            if let Some(text) = text {
                self.pattern(&reread.pattern, text, document, node)?;
            }
        }
        self.content(document, &element.content, node)?;
        if element.demands {
            self.required(document, element, node)?;
        }
        Ok(())
    }

    /// Values of this element that have to be there.
    fn required<D: Document<'t>>(&self, document: D, element: &Element, node: NodeId) -> Outcome {
        let attributes = element.start.iter().filter_map(|piece| match piece {
            StartPiece::Attribute { pattern, .. } => Some(pattern),
            StartPiece::Bytes(_) => None,
        });
        let text = match element.text.as_deref() {
            Some(Text::Pattern(pattern)) => Some(pattern),
            _ => None,
        };
        for target in attributes.chain(text).flat_map(|pattern| pattern.reads.iter().flatten()) {
            let Some(why) =
                target.notes.required.as_deref().or(element.required.as_deref().filter(|_| text.is_some()))
            else {
                continue;
            };
            if !self.has(&target.path) {
                return Err(at(missing(Some(why)), &target.notes.spot, document, node));
            }
        }
        Ok(())
    }

    /// The children of an element.
    fn content<D: Document<'t>>(&mut self, document: D, content: &'t Content, node: NodeId) -> Outcome {
        if !content.matcher.plain {
            let nodes: Vec<NodeId> = document.tree().children(node).collect();
            return self.claimed(document, content, &nodes, node);
        }
        let base = self.marks.len();
        self.marks.resize(base + content.items.len(), false);
        let waiting = self.pairs.len();
        let mut hint = 0;
        let mut next = document.tree().first_child(node);
        while let Some(child) = next {
            next = document.tree().next_sibling(child);
            match matching::taker(
                document,
                content,
                child,
                &mut hint,
                self.marks.get(base..).unwrap_or_default(),
            ) {
                None => self.skip(document, child),
                Some(index) => {
                    if let Some(mark) = self.marks.get_mut(base + index) {
                        *mark = true;
                    }
                    match content.items.get(index) {
                        Some(Item::Element(element)) if !content.matcher.in_order => {
                            self.element(document, element, child)?;
                        }
                        _ => self.pairs.push((index, child)),
                    }
                }
            }
        }
        self.waiting(document, content, waiting)?;
        self.demands(document, content, base, node)?;
        self.marks.truncate(base);
        Ok(())
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
        if !content.matcher.demands {
            return Ok(());
        }
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

    /// Whether a field has a value.
    fn has(&self, path: &Path) -> bool {
        let Some(mut record) =
            self.stack.len().checked_sub(usize::from(path.depth) + 1).and_then(|index| self.stack.get(index))
        else {
            return false;
        };
        for step in &path.steps {
            match record.get(step.field) {
                Value::Record(inner) => record = inner,
                _ => return false,
            }
        }
        !record.get(path.field).is_absent()
    }

    /// The place of a field's value; records on the way are made.
    fn slot(&mut self, path: &Path) -> Option<&mut Value<'t>> {
        let index = self.stack.len().checked_sub(usize::from(path.depth) + 1)?;
        let mut record = self.stack.get_mut(index)?;
        for step in &path.steps {
            let slot = record.get_mut(step.field)?;
            if slot.is_absent() {
                *slot = Value::Record(Box::new(Record::with_width(step.kind, usize::from(step.width))));
            }
            match slot {
                Value::Record(inner) => record = inner,
                _ => return None,
            }
        }
        record.get_mut(path.field)
    }
}

/// A fault with both places.
#[cold]
fn at<'t>(stop: Stop, spot: &Spot, document: impl Document<'t>, node: NodeId) -> Box<MapFault> {
    let (path, position) = document.place(node);
    Box::new(MapFault { path: Some(path), position: Some(position), ..stop.at(spot) })
}
