//! Elements, with the fragments they use.

use gateway_model::Diagnostic;
use gateway_model::codes::{BAD_INTO, MISPLACED_INSTRUCTION, UNKNOWN_INSTRUCTION};
use gateway_wire::Symbol;

use super::instructions::Host;
use super::pattern::Filled;
use super::start::Start;
use super::{Compiler, Here};
use crate::markup::{MarkupElement, QualifiedName};
use crate::program::{
    Content, Direction, Element, Item, Pattern, PatternPiece, Reread, Select, StartPiece, Text,
};

/// What stands in an element: its own, and what the fragment it uses brings.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) start: Start,
    pub(super) text: Option<Text>,
    pub(super) also_read: Vec<Reread>,
    pub(super) items: Vec<Item>,
}

// === impl Compiler ===

impl<'c> Compiler<'c> {
    pub(super) fn root(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Option<Element> {
        if markup.name.is_language() {
            self.stray_language_element(here.file, markup);
            return None;
        }
        self.hosted(markup, here, Host::Root)
    }

    pub(super) fn element(&mut self, markup: &MarkupElement, here: &Here<'c>) -> Option<Element> {
        self.hosted(markup, here, Host::Element)
    }

    fn hosted(&mut self, markup: &MarkupElement, here: &Here<'c>, host: Host) -> Option<Element> {
        self.check_instructions(here.file, markup, host);
        let direction = self.direction(markup, here);
        let keep = self.keep(markup, here);
        let entered = self.declarations.enter();
        let mut here = here.clone();
        here.written &= direction != Direction::Read;
        let mut start = Start::default();
        start.push(format!("<{}", markup.name.written()).into_bytes());
        self.need(&markup.name, &here, &mut start);
        let framed = self.frame(markup, &here);
        let shape = framed.as_ref().map(|(_, inner)| self.element_shape(markup, inner, start));
        self.declarations.leave(entered);
        let ((frame, inner), shape) = (framed?, shape?);
        let symbol = self.names.intern(&markup.name.namespace, &markup.name.local);
        let also = self.further_names(markup, &inner);
        Some(Element {
            spot: Box::new(inner.file.spot(markup.name.span.start)),
            name: markup.name.written().into(),
            symbol,
            also: also.into(),
            framed: frame.is_something(),
            frame: Box::new(frame),
            select: shape.start.select.into(),
            reads_attributes: false,
            start: shape.start.pieces.into(),
            end: format!("</{}>", markup.name.written()).into_bytes().into(),
            text: shape.text.map(Box::new),
            demands: false,
            content: Content { items: shape.items.into(), ..Content::default() },
            also_read: shape.also_read.into(),
            keep,
            direction,
            required: markup.instruction("required").map(|why| why.value.as_str().into()),
            varies: false,
            constant: None,
            demand: None,
        })
    }

    fn element_shape(&mut self, markup: &MarkupElement, here: &Here<'c>, start: Start) -> Shape {
        let mut shape = Shape { start, ..Shape::default() };
        self.add_source(markup, here, &mut shape);
        if let Some(attribute) = markup.instruction("use")
            && let Some(fragment) = self.used_fragment(attribute, here)
        {
            let inner = here.inside(fragment);
            self.expanding.push(attribute.value.as_str().to_owned());
            self.add_source(&fragment.markup, &inner, &mut shape);
            self.expanding.pop();
        }
        self.into(markup, here, &mut shape);
        shape
    }

    /// Adds what one piece of markup says to an element: its attributes, its text, its children.
    pub(super) fn add_source(&mut self, markup: &MarkupElement, here: &Here<'c>, shape: &mut Shape) {
        self.attributes(markup, here, &mut shape.start);
        if let Some(attribute) = markup.instruction("text") {
            if attribute.value.as_str() != "expression" {
                self.bad_value(here.file, attribute, "`expression`");
            }
            self.expression_text(markup, here, shape);
            return;
        }
        if !markup.text.is_blank() {
            match self.filled(&markup.text, here) {
                None => {}
                Some(Filled::Constant(text)) => {
                    shape.text = Some(Text::Constant(escaped(&text)));
                    shape.start.select.push(Select::Text(text.into()));
                }
                Some(Filled::Literal(text)) => shape.text = Some(Text::Constant(escaped(&text))),
                Some(Filled::Pattern(pattern)) => {
                    shape.start.select.extend(around(&pattern));
                    shape.text = Some(Text::Pattern(pattern));
                }
            }
        }
        self.children(&markup.children, here, shape);
    }

    /// The content of an element with `m:text="expression"`: elements of the expression's tree.
    fn expression_text(&mut self, markup: &MarkupElement, here: &Here<'c>, shape: &mut Shape) {
        if here.expression {
            let place = here.file.place(markup.name.span.clone());
            let message = "an expression's parts cannot be expressions themselves";
            self.report.add(Diagnostic::error(MISPLACED_INSTRUCTION, place, message));
            return;
        }
        let (rereads, parts): (Vec<_>, Vec<_>) = markup
            .children
            .iter()
            .cloned()
            .partition(|child| child.name.is_language() && child.name.local == "read");
        self.children(&rereads, here, shape);
        let mut inner = here.clone();
        inner.expression = true;
        let root = match parts.as_slice() {
            [only] if only.name.namespace.is_empty() && only.name.local == "expression" => only.clone(),
            _ => MarkupElement {
                name: QualifiedName {
                    prefix: String::new(),
                    local: "expression".to_owned(),
                    namespace: String::new(),
                    span: markup.name.span.clone(),
                },
                children: parts,
                attributes: Vec::new(),
                declares: Vec::new(),
                ..markup.clone()
            },
        };
        // Names of an expression are in no namespace and are written into a text of their own.
        inner.written = false;
        if let Some(element) = self.element(&root, &inner) {
            shape.text = Some(Text::Expression(Box::new(element)));
        }
    }

    /// `m:into`.
    fn into(&mut self, markup: &MarkupElement, here: &Here<'c>, shape: &mut Shape) {
        let Some(attribute) = markup.instruction("into") else { return };
        let read = match &shape.text {
            Some(Text::Pattern(pattern)) => pattern.reads.iter().any(Option::is_some),
            _ => false,
        };
        if read {
            let place = here.file.place(attribute.value.whole());
            let fault = Diagnostic::error(BAD_INTO, place, "the text of this element is read anyway");
            self.report.add(
                fault
                    .labelled("its hole is two-way")
                    .helped("to read it into a second field use `<m:read>{field}</m:read>`"),
            );
            return;
        }
        if let Some(pattern) = self.target_pattern(attribute, here) {
            shape.also_read.push(Reread { outwards: 0, from: None, pattern });
        }
    }

    /// `m:also`.
    fn further_names(&mut self, markup: &MarkupElement, here: &Here<'_>) -> Vec<Symbol> {
        let Some(attribute) = markup.instruction("also") else { return Vec::new() };
        let mut symbols = Vec::new();
        for name in attribute.value.as_str().split_ascii_whitespace() {
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            match markup.namespace_of(prefix) {
                Some(namespace) if gateway_wire::is_name(local) => {
                    let namespace = namespace.to_owned();
                    symbols.push(self.names.intern(&namespace, local));
                }
                _ => {
                    let place = here.file.place(attribute.value.whole());
                    let fault = Diagnostic::error(
                        UNKNOWN_INSTRUCTION,
                        place,
                        format!("`{name}` is not the name of an element"),
                    );
                    self.report.add(fault.expecting("names with declared prefixes, separated by spaces"));
                }
            }
        }
        symbols
    }
}

fn escaped(text: &str) -> Box<[u8]> {
    let mut bytes = Vec::new();
    // The text was read from a document that holds it, so it can be written.
    let _ = gateway_wire::escape_text(text, &mut bytes);
    bytes.into()
}

/// The literal text around a text's holes selects.
fn around(pattern: &Pattern) -> Option<Select> {
    let literal = |piece: Option<&PatternPiece>| match piece {
        Some(PatternPiece::Literal(text)) => text.clone(),
        _ => Box::default(),
    };
    let (before, after) = (literal(pattern.pieces.first()), literal(pattern.pieces.last()));
    let some = !before.is_empty() || !after.is_empty();
    some.then_some(Select::Around(before, after))
}

// === impl StartPiece ===

impl StartPiece {
    /// The bytes, if it has no hole.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Attribute { .. } => None,
        }
    }
}
