//! Start tags: constants as finished bytes, holes between them.

use gateway_model::Diagnostic;
use gateway_model::codes::BAD_FRAGMENT;
use gateway_wire::Symbol;

use super::namespaces::written;
use super::pattern::Filled;
use super::{Compiler, Here};
use crate::markup::{MarkupAttribute, MarkupElement, QualifiedName, SCHEMA_INSTANCE};
use crate::program::{Select, StartPiece};

/// A start tag in the making.
#[derive(Debug, Default)]
pub(super) struct Start {
    pub(super) pieces: Vec<StartPiece>,
    pub(super) select: Vec<Select>,
    symbols: Vec<Symbol>,
}

// === impl Start ===

impl Start {
    pub(super) fn push(&mut self, bytes: impl Into<Box<[u8]>>) {
        self.pieces.push(StartPiece::Bytes(bytes.into()));
    }
}

// === impl Compiler ===

impl<'c> Compiler<'c> {
    /// Declares a name's prefix where the output needs it.
    pub(super) fn need(&mut self, name: &QualifiedName, here: &Here<'_>, start: &mut Start) {
        self.need_prefix(&name.prefix, &name.namespace, here, start);
    }

    /// Compiles the attributes of an element, or of the fragment it uses.
    pub(super) fn attributes(&mut self, element: &MarkupElement, here: &Here<'c>, start: &mut Start) {
        for attribute in element.attributes.iter().filter(|attribute| !attribute.name.is_language()) {
            self.attribute(element, attribute, here, start);
        }
    }

    fn attribute(
        &mut self,
        element: &MarkupElement,
        attribute: &MarkupAttribute,
        here: &Here<'c>,
        start: &mut Start,
    ) {
        let name = &attribute.name;
        let symbol = self.names.intern(&name.namespace, &name.local);
        if start.symbols.contains(&symbol) {
            let place = here.file.place(name.span.clone());
            let message = format!("the attribute `{}` stands twice on one element", name.written());
            self.report.add(
                Diagnostic::error(BAD_FRAGMENT, place, message)
                    .helped("the fragment used here brings it as well"),
            );
        }
        start.symbols.push(symbol);
        if !name.prefix.is_empty() {
            self.need(name, here, start);
        }
        let lead = format!(" {}=\"", name.written()).into_bytes();
        match self.filled(&attribute.value, here) {
            None => {}
            Some(Filled::Constant(text)) => {
                self.need_value(element, &text, here, start);
                let meant = (name.namespace == SCHEMA_INSTANCE && name.local == "type")
                    .then(|| self.meaning(element, &text))
                    .flatten();
                start.select.push(match meant {
                    Some(meant) => Select::Name(symbol, meant),
                    None => Select::Attribute(symbol, text.as_str().into()),
                });
                start.push(quoted(lead, &text));
            }
            Some(Filled::Literal(text)) => {
                self.need_value(element, &text, here, start);
                start.push(quoted(lead, &text));
            }
            Some(Filled::Pattern(pattern)) => {
                start.pieces.push(StartPiece::Attribute { lead: lead.into(), symbol, pattern });
            }
        }
    }

    /// A value such as `_wcf:XPath` needs its prefix declared.
    fn need_value(&mut self, element: &MarkupElement, text: &str, here: &Here<'_>, start: &mut Start) {
        let Some((prefix, _)) = text.split_once(':') else { return };
        if let Some(namespace) = element.namespace_of(prefix).filter(|_| !prefix.is_empty()) {
            self.need_prefix(prefix, namespace, here, start);
        }
    }

    fn need_prefix(&mut self, prefix: &str, namespace: &str, here: &Here<'_>, start: &mut Start) {
        if !here.written {
            return;
        }
        if let Some(declaration) = self.declarations.need(prefix, namespace) {
            start.push(written(&declaration));
        }
    }

    /// What a name in an attribute's value means.
    fn meaning(&mut self, element: &MarkupElement, text: &str) -> Option<Symbol> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let namespace = element.namespace_of(prefix)?.to_owned();
        Some(self.names.intern(&namespace, local))
    }
}

fn quoted(mut lead: Vec<u8>, text: &str) -> Vec<u8> {
    // The text was read from a document that holds it, so it can be written.
    let _ = gateway_wire::escape_attribute(text, &mut lead);
    lead.push(b'"');
    lead
}
