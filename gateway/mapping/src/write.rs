//! Record to document. Constants are finished bytes, holes go straight into the output; an element that turns out to
//! hold nothing is taken back by cutting the output to where it began.

mod expression;

use std::borrow::Cow;
use std::cell::RefCell;

use gateway_model::codes::{OUTPUT_TOO_LARGE, UNWRITABLE_TEXT};
use gateway_model::{Record, Value};

use crate::evaluate::{Outcome, Run, Scope, missing};
use crate::fault::{MapFault, Stop};
use crate::message::{Context, Message, Unmapped};
use crate::program::{
    Choose, Direction, Each, Element, Frame, Group, Item, Pattern, PatternPiece, Simple, StartPiece, Text,
};
use crate::source::Spot;

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

/// How text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Attribute,
    Text,
}

/// What writing a text with holes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Filling {
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

    const fn is_alive(self) -> bool {
        matches!(self, Self::FromRecord)
    }
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
        let begin = self.out.len();
        // What is kept is kept where its surroundings exist.
        let keep = element.keep && scope.exists;
        let alive = self
            .framed(&element.frame, scope, &element.spot, |writer, inner| writer.tag(element, inner, keep))?;
        self.demanded(element.required.as_deref(), begin, scope, &element.spot)?;
        Ok(alive)
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
        let Some(when) = &frame.when else { return Ok(true) };
        let inner = self.with(frame, scope);
        self.run.holds(when, inner.as_ref().unwrap_or(scope)).map_err(|stop| at(stop, spot))
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

    /// Brings in the names of `m:with`.
    fn within(
        &mut self,
        frame: &'r Frame,
        scope: &Scope<'_, 'r>,
        mut body: impl FnMut(&mut Self, &Scope<'_, 'r>) -> Result<Alive, Box<MapFault>>,
    ) -> Result<Alive, Box<MapFault>> {
        match self.with(frame, scope) {
            Some(inner) => body(self, &inner),
            None => body(self, scope),
        }
    }

    fn with<'s>(&self, frame: &'r Frame, scope: &'s Scope<'s, 'r>) -> Option<Scope<'s, 'r>> {
        let with = frame.with.as_ref()?;
        Some(match scope.value(&with.path) {
            Value::Record(record) => Scope { record, outer: Some(scope), exists: scope.exists, index: 0 },
            _ => Scope { record: self.empty, outer: Some(scope), exists: false, index: 0 },
        })
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
        if self.out.len() - self.begin > LARGEST {
            let message = format!("the document would be larger than {} MiB", LARGEST >> 20);
            return Err(Box::new(MapFault::at(OUTPUT_TOO_LARGE, message, &element.spot)));
        }
        // An element that always looks the same says something of the record by being there under a condition; one that
        // is kept brings those around it into being as well.
        Ok(alive
            || always
            || (!element.varies && (element.frame.each.is_some() || element.frame.when.is_some())))
    }

    fn pattern(
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
        if !simple.before.is_empty() {
            self.escaped(&simple.before, kind, &pattern.spot)?;
        }
        self.escaped(text, kind, &pattern.spot)?;
        if !simple.after.is_empty() {
            self.escaped(&simple.after, kind, &pattern.spot)?;
        }
        Ok(Filling::FromRecord)
    }

    fn escaped(&mut self, text: &str, kind: Kind, spot: &Spot) -> Result<(), Box<MapFault>> {
        let escaped = match kind {
            Kind::Attribute => gateway_wire::escape_attribute(text, self.out),
            Kind::Text => gateway_wire::escape_text(text, self.out),
        };
        escaped.map_err(|unwritable| {
            Box::new(MapFault::at(UNWRITABLE_TEXT, Cow::from(unwritable.to_string()), spot))
        })
    }
}

#[cold]
fn at(stop: Stop, spot: &Spot) -> Box<MapFault> {
    Box::new(stop.at(spot))
}
