//! What is cached under which name: one item at one location in one unit, as one store asks for it.

/// UN/ECE rec 20 code of a piece: the unit of whatever names none (contract store section 5).
pub const PIECE: &str = "C62";

/// Where stock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location<T> {
    /// The online store of the key's store.
    Online,
    /// A physical store, by its external identifier.
    Physical(T),
}

/// The name of one record.
///
/// `store` and `item` are texts that mean the same thing wherever they come from: whoever asks by id and by part number
/// settles on one of them before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key<'a> {
    /// Store id of the business context.
    pub store: &'a str,
    /// Part number, or whatever the store names its items by.
    pub item: &'a str,
    /// Where the stock is.
    pub location: Location<&'a str>,
    /// Unit of quantities, UN/ECE rec 20; never converted, another unit is another record.
    pub unit: &'a str,
}

/// A [`Key`] that keeps its texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnedKey {
    store: Box<str>,
    item: Box<str>,
    location: Location<Box<str>>,
    unit: Box<str>,
}

/// Which keys are meant: whatever is `None` means any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Scope {
    /// This item only.
    pub item: Option<Box<str>>,
    /// This store only.
    pub store: Option<Box<str>>,
    /// This location only.
    pub location: Option<Location<Box<str>>>,
}

// === impl Location ===

impl<T> Location<T> {
    /// The same location by reference.
    pub fn as_deref(&self) -> Location<&T::Target>
    where
        T: std::ops::Deref,
    {
        match self {
            Self::Online => Location::Online,
            Self::Physical(name) => Location::Physical(name),
        }
    }
}

impl Location<&str> {
    /// The same location with its own text.
    #[must_use]
    pub fn to_owned(self) -> Location<Box<str>> {
        match self {
            Self::Online => Location::Online,
            Self::Physical(name) => Location::Physical(name.into()),
        }
    }
}

// === impl Key ===

impl Key<'_> {
    /// The same key with its own texts.
    #[must_use]
    pub fn to_owned(&self) -> OwnedKey {
        OwnedKey {
            store: self.store.into(),
            item: self.item.into(),
            location: self.location.to_owned(),
            unit: self.unit.into(),
        }
    }
}

// === impl OwnedKey ===

impl OwnedKey {
    /// The key.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        Key { store: &self.store, item: &self.item, location: self.location.as_deref(), unit: &self.unit }
    }
}

// === impl Scope ===

impl Scope {
    /// Whether the key is meant.
    #[must_use]
    pub fn holds(&self, key: &Key<'_>) -> bool {
        self.item.as_deref().is_none_or(|item| item == key.item)
            && self.store.as_deref().is_none_or(|store| store == key.store)
            && self.location.as_ref().is_none_or(|location| location.as_deref() == key.location)
    }

    /// Whether every key that `other` means is meant.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.item.as_ref().is_none_or(|item| other.item.as_ref() == Some(item))
            && self.store.as_ref().is_none_or(|store| other.store.as_ref() == Some(store))
            && self.location.as_ref().is_none_or(|location| other.location.as_ref() == Some(location))
    }
}
