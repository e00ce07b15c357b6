//! What stands below an element: elements, groups, alternatives, and attributes read once more.

use gateway_model::Diagnostic;
use gateway_model::codes::{BAD_INTO, MISPLACED_INSTRUCTION};
use gateway_wire::Symbol;

use super::element::Shape;
use super::instructions::Host;
use super::pattern::Filled;
use super::{Compiler, Here};
use crate::markup::MarkupElement;
use crate::program::{Choose, Content, Direction, Frame, Group, Item, Path, Reread, With};

// === impl Compiler ===

impl<'c> Compiler<'c> {
    /// Compiles children. A fault in one does not hide those of the others.
    pub(super) fn children(&mut self, children: &[MarkupElement], here: &Here<'c>, shape: &mut Shape) {
        for child in children {
            if child.name.is_language() && child.name.local == "read" {
                shape.also_read.extend(self.reread(child, here));
            } else {
                shape.items.extend(self.item(child, here).into_iter().flat_map(dissolved));
            }
        }
    }

    fn item(&mut self, child: &MarkupElement, here: &Here<'c>) -> Option<Item> {
        if !child.name.is_language() {
            return self.element(child, here).map(|element| Item::Element(Box::new(element)));
        }
        match child.name.local.as_str() {
            "group" => self.group(child, here).map(|group| Item::Group(Box::new(group))),
            "or" if here.expression => self.or(child, here).map(|group| Item::Group(Box::new(group))),
            "choose" => self.choose(child, here).map(|choose| Item::Choose(Box::new(choose))),
            _ => {
                self.stray_language_element(here.file, child);
                None
            }
        }
    }

    fn group(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Option<Group> {
        self.check_instructions(here.file, markup, Host::Group);
        self.no_text(markup, here);
        let direction = self.direction(markup, here);
        let mut outer = here.clone();
        outer.written &= direction != Direction::Read;
        let (frame, inner) = self.frame(markup, &outer)?;
        let mut items = self.items(markup, &inner);
        if let Some(attribute) = markup.instruction("use")
            && let Some(fragment) = self.used_fragment(attribute, &inner)
        {
            self.only_children(fragment, attribute, &inner);
            self.expanding.push(attribute.value.as_str().to_owned());
            items.extend(self.items(&fragment.markup, &inner.inside(fragment)));
            self.expanding.pop();
        }
        Some(Group {
            spot: here.file.spot(markup.name.span.start),
            frame,
            content: Content { items: items.into_iter().flat_map(dissolved).collect(), ..Content::default() },
            direction,
            required: markup.instruction("required").map(|why| why.value.as_str().into()),
            or: false,
            demand: None,
        })
    }

    fn or(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Option<Group> {
        self.check_instructions(here.file, markup, Host::Or);
        self.no_text(markup, here);
        Some(Group {
            spot: here.file.spot(markup.name.span.start),
            frame: crate::program::Frame::default(),
            content: Content { items: self.items(markup, here).into(), ..Content::default() },
            direction: Direction::Both,
            required: None,
            or: true,
            demand: None,
        })
    }

    fn choose(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Option<Choose> {
        self.check_instructions(here.file, markup, Host::Choose);
        self.no_text(markup, here);
        let alternatives = self.items(markup, here);
        Some(Choose { alternatives: alternatives.into() })
    }

    /// Children of something that is no element, where nothing can be read once more.
    fn items(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Vec<Item> {
        let mut items = Vec::new();
        for child in &markup.children {
            if child.name.is_language() && child.name.local == "read" {
                let place = here.file.place(child.name.span.clone());
                let message = format!("`{}` has no element around it to read from", child.name.written());
                self.report.add(Diagnostic::error(MISPLACED_INSTRUCTION, place, message));
            } else {
                items.extend(self.item(child, here));
            }
        }
        items
    }

    /// `<m:read from="@Name">{…}</m:read>`, also `from="../@Name"`.
    fn reread(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Option<Reread> {
        self.check_instructions(here.file, markup, Host::Read);
        let (outwards, from) = match markup.attributes.iter().find(|attribute| attribute.name.local == "from")
        {
            None => (0, None),
            Some(attribute) => match self.origin(markup, attribute.value.as_str()) {
                Some(origin) => origin,
                None => {
                    let expected =
                        "an attribute of the surrounding element, `@Name`, or of one around that, `../@Name`";
                    self.bad_value(here.file, attribute, expected);
                    return None;
                }
            },
        };
        match self.filled(&markup.text, here)? {
            Filled::Pattern(pattern) if pattern.reads.iter().any(Option::is_some) => {
                Some(Reread { outwards, from, pattern })
            }
            _ => {
                let place = here.file.place(markup.name.span.clone());
                let fault = Diagnostic::error(BAD_INTO, place, "nothing can be read here");
                self.report.add(fault.expecting("a two-way hole, such as `{status | table order_status}`"));
                None
            }
        }
    }

    /// `../../@Name`: how many elements outwards, and which attribute; without one, the text.
    fn origin(&mut self, markup: &MarkupElement, path: &str) -> Option<(usize, Option<Symbol>)> {
        let mut outwards = 0;
        let mut rest = path;
        while let Some(inner) = rest.strip_prefix("..") {
            outwards += 1;
            rest = inner.strip_prefix('/').unwrap_or(inner);
        }
        if rest.is_empty() && outwards > 0 {
            return Some((outwards, None));
        }
        let name = rest.strip_prefix('@')?;
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let namespace = if prefix.is_empty() { Some("") } else { markup.namespace_of(prefix) };
        let namespace = namespace.filter(|_| gateway_wire::is_name(local))?.to_owned();
        Some((outwards, Some(self.names.intern(&namespace, local))))
    }

    fn no_text(&mut self, markup: &MarkupElement, here: &Here<'_>) {
        if !markup.text.is_blank() {
            let place = here.file.place(markup.text.whole());
            let message =
                format!("`{}` is no element of the document and has no text", markup.name.written());
            self.report.add(Diagnostic::error(MISPLACED_INSTRUCTION, place, message));
        }
    }
}

/// A group that does no more than bring in a record's names has done so when its children are compiled. What is left
/// of it is said of each child, so that reading need not know of it.
fn dissolved(item: Item) -> Vec<Item> {
    match item {
        Item::Group(group) if is_mere_scope(&group) => {
            let items = group.content.items.into_vec().into_iter().flat_map(dissolved);
            items.map(|item| guarded(item, &group.frame.with)).collect()
        }
        other => vec![other],
    }
}

fn is_mere_scope(group: &Group) -> bool {
    let frame = &group.frame;
    let bare = frame.each.is_none() && frame.when.is_none() && group.required.is_none() && !group.or;
    bare && group.direction == Direction::Both
}

/// An item that is only written where these records exist.
fn guarded(mut item: Item, records: &[With]) -> Item {
    match &mut item {
        Item::Element(element) => guard(&mut element.frame, records),
        Item::Group(group) => guard(&mut group.frame, records),
        Item::Choose(choose) => {
            let alternatives = std::mem::take(&mut choose.alternatives).into_vec().into_iter();
            choose.alternatives = alternatives.map(|alternative| guarded(alternative, records)).collect();
        }
    }
    item
}

fn guard(frame: &mut Frame, records: &[With]) {
    // Inside a repetition the way to the record begins one frame further in.
    let further = u16::from(frame.each.is_some());
    let outer = records.iter().map(|with| With {
        path: Path { depth: with.path.depth + further, ..with.path.clone() },
        of_group: true,
    });
    frame.with.splice(0..0, outer.collect::<Vec<_>>());
}
