//! Namespace declarations: written once at the root, only those that are used, with the prefixes of the template.

use crate::markup::{Declaration, LANGUAGE, MarkupElement};
use crate::program::{Element, StartPiece};

/// The declarations a template's output needs.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    /// Order in which the author declared them on the root.
    order: Vec<Declaration>,
    /// The root's own namespace, if its name has no prefix: only that one can be the default for all.
    default: Option<String>,
    used: Vec<Declaration>,
    /// Declarations that had to be made further in, because the root gives their prefix another meaning; the innermost last.
    inner: Vec<Declaration>,
}

// === impl Declarations ===

impl Declarations {
    pub(crate) fn new(root: &MarkupElement) -> Self {
        let default = root.name.prefix.is_empty().then(|| root.name.namespace.clone());
        Self { order: root.declares.clone(), default, ..Self::default() }
    }

    /// Makes sure a prefix has a meaning at an element. Gives a declaration if it has to stand on the element itself.
    pub(crate) fn need(&mut self, prefix: &str, namespace: &str) -> Option<Declaration> {
        if prefix == "xml" || namespace == LANGUAGE {
            return None;
        }
        let has_prefix = |declaration: &&Declaration| declaration.prefix == prefix;
        let current = self.inner.iter().rev().find(has_prefix).or_else(|| self.used.iter().find(has_prefix));
        let wanted = Declaration { prefix: prefix.to_owned(), namespace: namespace.to_owned() };
        match current {
            Some(current) if current.namespace == namespace => None,
            None if prefix.is_empty() && namespace.is_empty() => None,
            None if !prefix.is_empty() || self.default.as_deref() == Some(namespace) => {
                self.used.push(wanted);
                None
            }
            _ => {
                self.inner.push(wanted.clone());
                Some(wanted)
            }
        }
    }

    /// How many inner declarations are in force, to come back to with [`Self::leave`].
    pub(crate) fn enter(&self) -> usize {
        self.inner.len()
    }

    /// Forgets the declarations made since [`Self::enter`].
    pub(crate) fn leave(&mut self, entered: usize) {
        self.inner.truncate(entered);
    }

    /// Puts the declarations on the root.
    pub(crate) fn declare_on(&mut self, root: &mut Element) {
        let mut used = std::mem::take(&mut self.used);
        let place = |declaration: &Declaration| {
            let known = self.order.iter().position(|ordered| ordered == declaration);
            known.unwrap_or(self.order.len())
        };
        used.sort_by_key(place);
        let bytes: Vec<u8> = used.iter().flat_map(written).collect();
        let mut start = std::mem::take(&mut root.start).into_vec();
        start.insert(1.min(start.len()), StartPiece::Bytes(bytes.into()));
        root.start = start.into();
    }
}

/// ` xmlns:p="uri"`.
pub(crate) fn written(declaration: &Declaration) -> Vec<u8> {
    let mut bytes = if declaration.prefix.is_empty() {
        b" xmlns=\"".to_vec()
    } else {
        format!(" xmlns:{}=\"", declaration.prefix).into_bytes()
    };
    // The namespace was read from a document that holds it, so it can be written.
    let _ = gateway_wire::escape_attribute(&declaration.namespace, &mut bytes);
    bytes.push(b'"');
    bytes
}
