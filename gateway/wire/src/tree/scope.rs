//! Names in their scope: prefixes resolved to namespaces, and each distinct name resolved once.
//!
//! A name as written, the scope it stands in and whether it is an element's decide its meaning. A small table of names met
//! before answers most questions; it forgets when it is full, so that no document can make it slow or large.

use std::borrow::Cow;

use crate::characters::{self, is_name};
use crate::limits::Limits;
use crate::names::{Names, Symbol};

/// The namespace of the `xml` prefix (Namespaces in XML, section 3).
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the `xmlns` prefix, which nobody may declare.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// The namespace of `xsi:type`.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Places of the table of names, as a power of two: a BOD of any length has some 150 distinct names, a small one some 30.
const PLACES: u32 = 8;
/// The same for documents of at most `SMALL` bytes.
const FEW_PLACES: u32 = 6;
/// Bytes up to which a document counts as small; for it, clearing a larger table would be the dearest part.
const SMALL: usize = 8 << 10;

/// A name as it stands in the document, resolved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    /// With its prefix.
    pub(super) written: &'a str,
    pub(super) local: &'a str,
    /// Index of its namespace.
    pub(super) namespace: u32,
    pub(super) symbol: Symbol,
    /// Whether it is `xsi:type`.
    pub(super) xsi_type: bool,
    /// Eight bits of its local part: names with different ones are different.
    pub(super) digest: u8,
}

/// A namespace of the document; the first is that of names without one.
#[derive(Debug, Clone)]
pub(super) struct Namespace<'a> {
    pub(super) uri: Cow<'a, str>,
    /// Its index in the table of names, if any name of it was interned.
    interned: Option<u32>,
}

/// Elements take the default namespace, attributes without prefix none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Element,
    Attribute,
}

/// What is wrong with a name or declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    NotAName,
    TooLong,
    UndeclaredPrefix,
    ReservedPrefix,
    EmptyNamespace,
    TooManyInScope,
}

/// The declarations in scope and the names met so far.
#[derive(Debug)]
pub(super) struct Scope<'a, 'n> {
    table: &'n Names,
    /// Bytes of a written name.
    longest: usize,
    /// Declarations in scope at one place.
    most_bindings: usize,
    pub(super) names: Vec<Name<'a>>,
    pub(super) namespaces: Vec<Namespace<'a>>,
    bindings: Vec<Binding<'a>>,
    marks: Vec<Mark>,
    /// Depth of the innermost element that declares something.
    marked_depth: u32,
    /// Number of the innermost set of declarations; scopes left and entered again keep theirs.
    current: u32,
    last: u32,
    slots: Vec<Ways>,
    /// How many of 64 bits are not needed for a place.
    shift: u32,
}

#[derive(Debug, Clone, Copy)]
struct Binding<'a> {
    prefix: &'a str,
    namespace: u32,
}

/// Where to go back to when the element that declared something ends.
#[derive(Debug, Clone, Copy)]
struct Mark {
    bindings: usize,
    depth: u32,
    scope: u32,
}

/// The names of one place, the one met last first. The higher half of each is the scope and kind it was met in, never 0;
/// the lower half is its index.
type Ways = [u64; 2];

// === impl Scope ===

impl<'a, 'n> Scope<'a, 'n> {
    /// A document of this many bytes begins.
    pub(super) fn new(table: &'n Names, limits: &Limits, bytes: usize) -> Self {
        let places = if bytes > SMALL { PLACES } else { FEW_PLACES };
        let mut scope = Self {
            table,
            longest: limits.name_bytes,
            most_bindings: limits.namespaces.saturating_mul(8),
            names: Vec::with_capacity(if bytes > SMALL { 128 } else { 20 }),
            namespaces: Vec::with_capacity(8),
            bindings: Vec::with_capacity(8),
            marks: Vec::new(),
            marked_depth: u32::MAX,
            current: 1,
            last: 1,
            slots: vec![Ways::default(); 1 << places],
            shift: 64 - places,
        };
        scope.add_namespace(Cow::Borrowed(""));
        let xml = scope.add_namespace(Cow::Borrowed(XML));
        scope.bindings.push(Binding { prefix: "xml", namespace: xml });
        scope
    }

    /// Resolves a name; gives its index and its symbol.
    #[inline]
    pub(super) fn resolve(&mut self, written: &'a str, kind: Kind) -> Result<(u32, Symbol), Fault> {
        let key = self.key(kind);
        let place = place(written.as_bytes(), key, self.shift);
        for slot in self.slots.get(place).copied().unwrap_or_default() {
            let index = slot as u32;
            if (slot >> 32) as u32 == key
                && let Some(name) = self.names.get(index as usize)
                && same_bytes(name.written.as_bytes(), written.as_bytes())
            {
                return Ok((index, name.symbol));
            }
        }
        self.resolve_new(written, kind, place)
    }

    /// The scope and the kind of a name in one number that is never 0.
    #[inline]
    const fn key(&self, kind: Kind) -> u32 {
        self.current << 1 | matches!(kind, Kind::Attribute) as u32
    }

    /// The name behind an index.
    pub(super) fn name(&self, index: u32) -> Option<&Name<'a>> {
        self.names.get(index as usize)
    }

    /// Whether two names are the same when expanded.
    pub(super) fn same(&self, one: u32, other: u32) -> bool {
        let (Some(one), Some(other)) = (self.name(one), self.name(other)) else { return false };
        one.local == other.local && self.uri(one.namespace) == self.uri(other.namespace)
    }

    /// The symbol of a qualified name in an attribute's value; a prefix nobody declared makes it unknown.
    pub(super) fn resolve_value(&self, value: &str) -> Symbol {
        let value = value.trim_matches([' ', '\t', '\n', '\r']);
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        match self.lookup(prefix) {
            None if !prefix.is_empty() => Symbol::UNKNOWN,
            namespace => self.symbol(namespace.unwrap_or_default(), local),
        }
    }

    /// Binds a prefix (empty for the default namespace) for an element and all below it.
    pub(super) fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>, depth: u32) -> Result<(), Fault> {
        if !prefix.is_empty() && !is_name(prefix) {
            return Err(Fault::NotAName);
        }
        if prefix.len() > self.longest {
            return Err(Fault::TooLong);
        }
        if prefix == "xmlns" || uri == XMLNS || (prefix == "xml") != (uri == XML) {
            return Err(Fault::ReservedPrefix);
        }
        if uri.is_empty() && !prefix.is_empty() {
            return Err(Fault::EmptyNamespace);
        }
        let bound = self.lookup(prefix).unwrap_or_default();
        if self.uri(bound) == uri {
            return Ok(());
        }
        if self.bindings.len() > self.most_bindings {
            return Err(Fault::TooManyInScope);
        }
        self.enter(depth);
        let namespace = self.add_namespace(uri);
        self.bindings.push(Binding { prefix, namespace });
        Ok(())
    }

    /// Forgets what the element that ends now declared.
    #[inline]
    pub(super) fn leave(&mut self, depth: u32) {
        if self.marked_depth == depth {
            self.unwind();
        }
    }

    fn unwind(&mut self) {
        if let Some(mark) = self.marks.pop() {
            self.bindings.truncate(mark.bindings);
            self.current = mark.scope;
        }
        self.marked_depth = self.marks.last().map_or(u32::MAX, |mark| mark.depth);
    }

    /// Begins a new scope, unless this element has begun one already.
    fn enter(&mut self, depth: u32) {
        if self.marked_depth != depth {
            self.marks.push(Mark { bindings: self.bindings.len(), depth, scope: self.current });
            self.marked_depth = depth;
            self.last += 1;
            self.current = self.last;
        }
    }

    #[inline(never)]
    fn resolve_new(&mut self, written: &'a str, kind: Kind, place: usize) -> Result<(u32, Symbol), Fault> {
        if written.len() > self.longest {
            return Err(Fault::TooLong);
        }
        let (namespace, local) = match characters::split_name(written).ok_or(Fault::NotAName)? {
            // A prefix in scope was checked when it was declared.
            (Some(prefix), local) => match self.lookup(prefix) {
                Some(namespace) => (namespace, local),
                None if is_name(prefix) && is_name(local) => return Err(Fault::UndeclaredPrefix),
                None => return Err(Fault::NotAName),
            },
            (None, local) if kind == Kind::Element => (self.lookup("").unwrap_or_default(), local),
            (None, local) => (0, local),
        };
        let symbol = self.symbol(namespace, local);
        if !symbol.is_known() && !is_name(local) {
            return Err(Fault::NotAName);
        }
        let xsi_type = kind == Kind::Attribute && local == "type" && self.uri(namespace) == XSI;
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let digest = digest(local.as_bytes());
        self.names.push(Name { written, local, namespace, symbol, xsi_type, digest });
        let key = self.key(kind);
        if let Some([first, second]) = self.slots.get_mut(place) {
            *second = *first;
            *first = u64::from(key) << 32 | u64::from(index);
        }
        Ok((index, symbol))
    }

    fn symbol(&self, namespace: u32, local: &str) -> Symbol {
        let interned = self.namespaces.get(namespace as usize).and_then(|namespace| namespace.interned);
        interned.map_or(Symbol::UNKNOWN, |namespace| self.table.local(namespace, local))
    }

    fn lookup(&self, prefix: &str) -> Option<u32> {
        let bound = |binding: &&Binding<'_>| same_bytes(binding.prefix.as_bytes(), prefix.as_bytes());
        self.bindings.iter().rev().find(bound).map(|binding| binding.namespace)
    }

    fn uri(&self, namespace: u32) -> &str {
        self.namespaces.get(namespace as usize).map_or("", |namespace| namespace.uri.as_ref())
    }

    fn add_namespace(&mut self, uri: Cow<'a, str>) -> u32 {
        let index = u32::try_from(self.namespaces.len()).unwrap_or(u32::MAX);
        let interned = self.table.namespace(&uri);
        self.namespaces.push(Namespace { uri, interned });
        index
    }
}

/// Where a name stands in the table. Beginning, end and length tell the names of one document apart; some that fall
/// together only cost time.
#[inline]
fn place(written: &[u8], key: u32, shift: u32) -> usize {
    let (first, last) = ends(written);
    let mixed = first ^ last.rotate_left(23) ^ (written.len() as u64) << 40 ^ u64::from(key) << 52;
    // The highest bits of a product depend on all bits of the factor (the number is 2^64 divided by the golden ratio).
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

fn digest(local: &[u8]) -> u8 {
    let (first, last) = ends(local);
    ((first ^ last.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
}

/// The first and the last eight bytes, or all there are.
#[inline]
fn ends(written: &[u8]) -> (u64, u64) {
    match (written.first_chunk::<8>(), written.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (written.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), 0),
    }
}

/// Equality without a call for names of up to 32 bytes, which most are.
#[inline]
fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (
        one.first_chunk::<16>(),
        one.last_chunk::<16>(),
        other.first_chunk::<16>(),
        other.last_chunk::<16>(),
    ) {
        (Some(first), Some(last), Some(other_first), Some(other_last)) => {
            u128::from_le_bytes(*first) == u128::from_le_bytes(*other_first)
                && u128::from_le_bytes(*last) == u128::from_le_bytes(*other_last)
                && (one.len() <= 32 || one == other)
        }
        // Up to 16 bytes the two ends are the whole.
        _ => ends(one) == ends(other),
    }
}
