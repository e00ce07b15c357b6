//! Record to document. Constants are finished bytes, holes go straight into the output; an element that turns out to
//! hold nothing is taken back by cutting the output to where it began.

mod expression;
mod text;

use std::cell::RefCell;

use gateway_model::codes::OUTPUT_TOO_LARGE;
use gateway_model::{Record, Value};

use crate::evaluate::{Run, Scope, missing};
use crate::fault::{MapFault, Stop};
use crate::message::{Context, Message, Unmapped};
use crate::program::{Choose, Direction, Each, Element, Frame, Group, Item, Pattern, StartPiece, Text};
use crate::source::Spot;
use text::{Filling, Kind};

/// The largest document written.
const LARGEST: usize = 64 << 20;

/// Whether something was written that comes from the record. Anything else does not bring an element into being.
type Alive = bool;

/// Writes a message behind what `out` holds.
pub(crate) fn message(
    message: &Message,
    record: &Record<'_>,
    context: &Context<'_>,
    out: &mut Vec<u8>,
) -> Result<Vec<Unmapped>, MapFault> {
    let begin = out.len();
    let run = Run { organization: context.organization, zone: context.zone, unmapped: RefCell::default() };
    let empty = Record::with_width(message.record, 0);
    let mut writer = Writer { run: &run, names: &message.names, out, begin, empty: &empty };
    let scope = Scope { record, outer: None, exists: true, index: 0 };
    let written = writer.root(&message.root, &scope);
    match written {
        Ok(()) => Ok(run.unmapped.into_inner()),
        Err(fault) => {
            out.truncate(begin);
            Err(*fault)
        }
    }
}

struct Writer<'w, 'r> {
    run: &'w Run<'w>,
    names: &'r gateway_wire::Names,
    out: &'w mut Vec<u8>,
    begin: usize,
    /// Stands in for a record that is absent.
    empty: &'r Record<'r>,
}

// === impl Writer ===

impl<'r> Writer<'_, 'r> {
    /// The root is always written; `m:each` on it stands for one entry.
    fn root(&mut self, root: &'r Element, scope: &Scope<'_, 'r>) -> Result<(), Box<MapFault>> {
        let entry = match &root.frame.each {
            None => None,
            Some(each) => {
                let entries = scope.entries(&each.list).iter();
                let mut found = None;
                for record in entries {
                    let entry = Scope { record, outer: Some(scope), exists: true, index: 1 };
                    if self.selected(each, &entry, &root.spot)? {
                        found = Some(entry);
                        break;
                    }
                }
                Some(found.unwrap_or(Scope {
                    record: self.empty,
                    outer: Some(scope),
                    exists: false,
                    index: 1,
                }))
            }
        };
        let scope = entry.as_ref().unwrap_or(scope);
        self.within(&root.frame, scope, |writer, inner| writer.tag(root, inner, true))?;
        Ok(())
    }

    fn items(&mut self, items: &'r [Item], scope: &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>> {
        let mut alive = false;
        for item in items {
            alive |= self.item(item, scope)?;
        }
        Ok(alive)
    }

    fn item(&mut self, item: &'r Item, scope: &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>> {
        match item {
            Item::Element(element) => match &element.constant {
                Some(bytes) => {
                    self.out.extend_from_slice(bytes);
                    Ok(false)
                }
                None => self.element(element, scope),
            },
            Item::Group(group) => self.group(group, scope),
            Item::Choose(choose) => self.choose(choose, scope),
        }
    }

    fn element(&mut self, element: &'r Element, scope: &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>> {
        if element.direction == Direction::Read {
            return Ok(false);
        }
        if let (Some(start), Some(Text::Pattern(pattern))) = (&element.leaf, element.text.as_deref()) {
            return self.leaf(element, start, pattern, scope);
        }
        let begin = self.out.len();
        // What is kept is kept where its surroundings exist.
        let keep = element.keep && scope.exists;
        let alive = self.framed(&element.frame, scope, &element.spot, |writer, inner| {
            // Constants speak of a group's record only where there is one.
            let of_group = !element.varies && element.frame.with.iter().any(|with| with.of_group);
            if !inner.exists && scope.exists && !keep && (element.falls_silent || of_group) {
                return Ok(false);
            }
            writer.tag(element, inner, keep)
        })?;
        self.demanded(element.required.as_deref(), begin, scope, &element.spot)?;
        Ok(alive)
    }

    /// An element that is nothing but a text from the record.
    fn leaf(
        &mut self,
        element: &'r Element,
        start: &[u8],
        pattern: &'r Pattern,
        scope: &Scope<'_, 'r>,
    ) -> Result<Alive, Box<MapFault>> {
        let Some(simple) = &pattern.simple else { return Ok(false) };
        let Some(text) = scope.text(&simple.path).filter(|text| !text.is_empty()) else { return Ok(false) };
        self.out.extend_from_slice(start);
        self.surrounded(text, simple, pattern, Kind::Text)?;
        self.out.extend_from_slice(&element.end);
        self.bounded(&element.spot)?;
        Ok(true)
    }

    fn group(&mut self, group: &'r Group, scope: &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>> {
        if group.direction == Direction::Read {
            return Ok(false);
        }
        if group.or {
            return self.or(group, scope);
        }
        let begin = self.out.len();
        let alive = self.framed(&group.frame, scope, &group.spot, |writer, inner| {
            let begin = writer.out.len();
            let alive = writer.items(&group.content.items, inner)?;
            // Constants speak of a record only where there is one.
            if !alive && scope.exists && !inner.exists {
                writer.out.truncate(begin);
            }
            Ok(alive)
        })?;
        self.demanded(group.required.as_deref(), begin, scope, &group.spot)?;
        Ok(alive)
    }

    /// `m:required`: nothing written where something has to be.
    fn demanded(
        &self,
        why: Option<&str>,
        begin: usize,
        scope: &Scope<'_, 'r>,
        spot: &Spot,
    ) -> Result<(), Box<MapFault>> {
        match why {
            Some(why) if self.out.len() == begin && scope.exists => {
                Err(Box::new(missing(Some(why)).at(spot)))
            }
            _ => Ok(()),
        }
    }

    fn choose(&mut self, choose: &'r Choose, scope: &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>> {
        for alternative in &choose.alternatives {
            let (frame, spot) = match alternative {
                Item::Element(element) if element.direction == Direction::Read => continue,
                Item::Element(element) => (&*element.frame, &*element.spot),
                Item::Group(group) => (&group.frame, &group.spot),
                Item::Choose(inner) => return self.choose(inner, scope),
            };
            // With `m:each` the condition is asked for each entry, so the alternative is chosen if it writes anything.
            if frame.each.is_some() {
                let begin = self.out.len();
                let alive = self.item(alternative, scope)?;
                if alive || self.out.len() > begin {
                    return Ok(alive);
                }
            } else if self.applies(frame, scope, spot)? {
                return self.item(alternative, scope);
            }
        }
        Ok(false)
    }

    /// Whether the condition of a frame without repetition holds.
    fn applies(&self, frame: &'r Frame, scope: &Scope<'_, 'r>, spot: &Spot) -> Result<bool, Box<MapFault>> {
        match &frame.when {
            None => Ok(true),
            Some(when) => self.run.holds(when, scope).map_err(|stop| at(stop, spot)),
        }
    }

    /// Repeats, and then does what [`Self::within`] does.
    fn framed(
        &mut self,
        frame: &'r Frame,
        scope: &Scope<'_, 'r>,
        spot: &Spot,
        mut body: impl FnMut(&mut Self, &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>>,
    ) -> Result<Alive, Box<MapFault>> {
        let Some(each) = &frame.each else { return self.conditional(frame, scope, spot, &mut body) };
        let mut alive = false;
        let mut index = 1;
        for record in scope.entries(&each.list) {
            let entry = Scope { record, outer: Some(scope), exists: true, index };
            if self.selected(each, &entry, spot)? {
                index += 1;
                alive |= self.conditional(frame, &entry, spot, &mut body)?;
            }
        }
        Ok(alive)
    }

    fn conditional(
        &mut self,
        frame: &'r Frame,
        scope: &Scope<'_, 'r>,
        spot: &Spot,
        body: &mut impl FnMut(&mut Self, &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>>,
    ) -> Result<Alive, Box<MapFault>> {
        if frame.when.is_some() && !self.applies(frame, scope, spot)? {
            return Ok(false);
        }
        self.within(frame, scope, body)
    }

    /// Looks whether the records of `m:with` exist.
    fn within(
        &mut self,
        frame: &'r Frame,
        scope: &Scope<'_, 'r>,
        mut body: impl FnMut(&mut Self, &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>>,
    ) -> Result<Alive, Box<MapFault>> {
        let exists = frame.with.iter().all(|with| matches!(scope.value(&with.path), Value::Record(_)));
        if exists { body(self, scope) } else { body(self, &Scope { exists: false, ..*scope }) }
    }

    fn selected(&self, each: &'r Each, entry: &Scope<'_, 'r>, spot: &Spot) -> Result<bool, Box<MapFault>> {
        match &each.condition {
            None => Ok(true),
            Some(condition) => self.run.holds(condition, entry).map_err(|stop| at(stop, spot)),
        }
    }

    /// One element: start tag, content, end tag; taken back if it holds nothing.
    fn tag(
        &mut self,
        element: &'r Element,
        scope: &Scope<'_, 'r>,
        always: bool,
    ) -> Result<Alive, Box<MapFault>> {
        let begin = self.out.len();
        let mut alive = false;
        for piece in &element.start {
            match piece {
                StartPiece::Bytes(bytes) => self.out.extend_from_slice(bytes),
                StartPiece::Attribute { lead, pattern, .. } => {
                    let mark = self.out.len();
                    self.out.extend_from_slice(lead);
                    match self.pattern(pattern, scope, Kind::Attribute)? {
                        Filling::Nothing => self.out.truncate(mark),
                        filling => {
                            self.out.push(b'"');
                            alive |= filling.is_alive();
                        }
                    }
                }
            }
        }
        self.out.push(b'>');
        let inside = self.out.len();
        match element.text.as_deref() {
            Some(Text::Pattern(pattern)) => alive |= self.pattern(pattern, scope, Kind::Text)?.is_alive(),
            Some(Text::Constant(bytes)) => self.out.extend_from_slice(bytes),
            Some(Text::Expression(root)) => alive |= self.expression(root, scope, &element.spot)?,
            None => {}
        }
        alive |= self.items(&element.content.items, scope)?;
        if !alive && element.varies && !always {
            self.out.truncate(begin);
            return Ok(false);
        }
        if self.out.len() == inside {
            self.out.truncate(inside - 1);
            self.out.extend_from_slice(b"/>");
        } else {
            self.out.extend_from_slice(&element.end);
        }
        self.bounded(&element.spot)?;
        // An element that always looks the same says something of the record by being there under a condition; one that
        // is kept brings those around it into being as well.
        Ok(alive
            || always
            || (!element.varies && (element.frame.each.is_some() || element.frame.when.is_some())))
    }

    /// Refuses to write on beyond the largest document.
    fn bounded(&self, spot: &Spot) -> Result<(), Box<MapFault>> {
        if self.out.len() - self.begin <= LARGEST {
            return Ok(());
        }
        let message = format!("the document would be larger than {} MiB", LARGEST >> 20);
        Err(Box::new(MapFault::at(OUTPUT_TOO_LARGE, message, spot)))
    }
}

#[cold]
fn at(stop: Stop, spot: &Spot) -> Box<MapFault> {
    Box::new(stop.at(spot))
}
