//! Expanded names (namespace URI and local name) as small numbers, so that matching is integer comparison.
//!
//! The names a gateway works with are known when its mappings are loaded. A document's names are looked up once per
//! distinct name; names nobody interned are all [`Symbol::UNKNOWN`] and matched by nothing.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::characters::is_name;

/// An expanded name of one [`Names`] table.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Ord, PartialOrd, Debug)]
pub struct Symbol(u32);

/// Collects the names that documents will be matched against.
#[derive(Debug, Default)]
pub struct NamesBuilder {
    names: Names,
}

/// A finished table of names; immutable, shared by all documents.
#[derive(Debug, Default)]
pub struct Names {
    /// Namespace URI to its index in `locals`.
    namespaces: HashMap<Box<str>, u32, FixedState>,
    /// Per namespace, local name to symbol.
    locals: Vec<HashMap<Box<str>, Symbol, FixedState>>,
    /// By symbol, less one.
    expanded: Vec<(Box<str>, Box<str>)>,
}

// === impl Symbol ===

impl Symbol {
    /// A name nobody interned.
    pub const UNKNOWN: Self = Self(0);

    /// Whether somebody interned the name.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 != Self::UNKNOWN.0
    }

    /// The symbol as an index: 0 for the unknown name, then 1, 2, 3 in the order of interning.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

// === impl NamesBuilder ===

impl NamesBuilder {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The symbol of a name; the same name always gives the same symbol. A local part that is no XML name gets a symbol
    /// that no document's name will have.
    pub fn intern(&mut self, namespace: &str, local: &str) -> Symbol {
        if let Some(symbol) = self.names.symbol(namespace, local) {
            return symbol;
        }
        let names = &mut self.names;
        let next = u32::try_from(names.locals.len()).unwrap_or(u32::MAX);
        let index = *names.namespaces.entry(namespace.into()).or_insert(next);
        if index == next {
            names.locals.push(HashMap::default());
        }
        names.expanded.push((namespace.into(), local.into()));
        let symbol = Symbol(u32::try_from(names.expanded.len()).unwrap_or(0));
        // Readers rely on it that every name found in the table is well-formed.
        if let Some(locals) = names.locals.get_mut(index as usize).filter(|_| is_name(local)) {
            locals.insert(local.into(), symbol);
        }
        symbol
    }

    /// The finished table.
    #[must_use]
    pub fn build(self) -> Names {
        self.names
    }
}

// === impl Names ===

impl Names {
    /// The symbol of a name, if it was interned.
    #[must_use]
    pub fn symbol(&self, namespace: &str, local: &str) -> Option<Symbol> {
        self.namespace(namespace).map(|index| self.local(index, local)).filter(|symbol| symbol.is_known())
    }

    /// Namespace URI and local name of a symbol.
    #[must_use]
    pub fn expand(&self, symbol: Symbol) -> Option<(&str, &str)> {
        let (namespace, local) = self.expanded.get(symbol.index().checked_sub(1)?)?;
        Some((namespace, local))
    }

    /// How many names were interned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.expanded.len()
    }

    /// Whether no name was interned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expanded.is_empty()
    }

    /// The index of a namespace in which some name was interned.
    pub(crate) fn namespace(&self, uri: &str) -> Option<u32> {
        self.namespaces.get(uri).copied()
    }

    /// The symbol of a local name in a namespace given by its index.
    pub(crate) fn local(&self, namespace: u32, local: &str) -> Symbol {
        let locals = self.locals.get(namespace as usize);
        locals.and_then(|locals| locals.get(local)).copied().unwrap_or(Symbol::UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::{NamesBuilder, Symbol};

    #[test]
    fn a_name_is_its_namespace_and_local_part_together() {
        let mut builder = NamesBuilder::new();
        let plain = builder.intern("", "Order");
        let qualified = builder.intern("urn:a", "Order");
        assert_ne!(plain, qualified);
        assert_eq!(builder.intern("", "Order"), plain);
        let names = builder.build();
        assert_eq!(names.symbol("urn:a", "Order"), Some(qualified));
        assert_eq!(names.expand(qualified), Some(("urn:a", "Order")));
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn a_name_nobody_interned_is_unknown() {
        let mut builder = NamesBuilder::new();
        builder.intern("urn:a", "Order");
        builder.intern("urn:a", "1a");
        let names = builder.build();
        assert_eq!(names.symbol("urn:b", "Order"), None);
        assert_eq!(names.symbol("urn:a", "Item"), None);
        assert_eq!(names.symbol("urn:a", "1a"), None);
        assert_eq!(names.expand(Symbol::UNKNOWN), None);
        assert!(!Symbol::UNKNOWN.is_known());
    }
}
