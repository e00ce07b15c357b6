//! What reading looks at instead of the template itself.

use gateway_model::ScalarType;
use gateway_wire::Symbol;

use super::Path;

/// An attribute that is read.
#[derive(Debug, Clone)]
pub(crate) struct AttributeRead {
    pub(crate) symbol: Symbol,
    /// Which piece of the start tag it is.
    pub(crate) piece: usize,
    pub(crate) leaf: Option<Leaf>,
}

/// The commonest way of a text into the record: as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) path: Path,
    pub(crate) kind: ScalarType,
}

/// Finds the item that takes a document's element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matcher {
    /// The names taken, and for each the items that may take it.
    pub(crate) symbols: Box<[Symbol]>,
    pub(crate) takers: Box<[Takers]>,
    /// Only plain elements: documents can be read in one pass.
    pub(crate) plain: bool,
    /// Items that may read the same field as another: they are read in the template's order and not in the document's.
    pub(crate) contested: Box<[bool]>,
    /// Some item has a value that must be there.
    pub(crate) demands: bool,
    /// Order in which items that are no plain elements choose.
    pub(crate) claims: Box<[usize]>,
}

/// Items by their places, the most particular first.
pub(crate) type Candidates = Box<[usize]>;

/// The items that may take elements of one name, the most particular first.
#[derive(Debug, Clone)]
pub(crate) enum Takers {
    /// Only this one, an element that is nothing but a text for a field.
    Leaf(usize, Leaf),
    /// Only this one.
    One(usize),
    Several(Box<[usize]>),
    /// An attribute's value says which: those for a value, sorted by it, and those for any other.
    Keyed {
        attribute: Symbol,
        keys: Box<[(Box<str>, Candidates)]>,
        others: Candidates,
    },
}
