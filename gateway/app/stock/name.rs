//! Between the names documents have for an item at a location and the key of its record.
//!
//! An item is known by its part number. One that a document names by the store's internal id alone has a record of its own,
//! under a mark that no document can hold; so a push by part number cannot reach it, and it lives by its rule's clocks.

use std::borrow::Cow;

use gateway_cache::{Key, Location, Rule, Rules};
use gateway_exchange::{Named, PlaceName, StockLine};

/// Before an internal id, where an external name could stand: a character that XML does not know.
const INTERNAL: char = '\u{1}';

/// A line's key, with texts that may be the document's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'a> {
    store: &'a str,
    item: Cow<'a, str>,
    /// The item's other name, if the document says both.
    also: Option<Cow<'a, str>>,
    location: Location<Cow<'a, str>>,
    unit: &'a str,
}

// === impl Name ===

impl<'a> Name<'a> {
    /// The key of a line that is asked for or told in the context of a store; `None` for an online store that is not
    /// the context's own: whether it means the same stock, nobody here can tell.
    #[must_use]
    pub fn of(store: &'a str, line: &StockLine<'a>) -> Option<Self> {
        let location = match line.place {
            PlaceName::Online { id, .. } if id.is_none_or(|id| id == store) => Location::Online,
            PlaceName::Online { .. } => return None,
            PlaceName::Physical(name) => Location::Physical(text(name)),
        };
        Some(Self { store, item: text(line.item), also: line.also.map(text), location, unit: line.unit })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        let location = match &self.location {
            Location::Online => Location::Online,
            Location::Physical(name) => Location::Physical(&**name),
        };
        Key { store: self.store, item: &self.item, location, unit: self.unit }
    }

    /// The key by the item's other name, if it has one.
    #[must_use]
    pub fn other_key(&self) -> Option<Key<'_>> {
        self.also.as_deref().map(|item| Key { item, ..self.key() })
    }

    /// The rule that holds for it, if one was written.
    #[must_use]
    pub fn rule<'r>(&self, rules: &'r Rules) -> Option<&'r Rule> {
        rule(rules, &self.key())
    }
}

/// The rule that holds for a key, if one was written; it may name an item by its internal id.
#[must_use]
pub fn rule<'r>(rules: &'r Rules, key: &Key<'_>) -> Option<&'r Rule> {
    rules.find(key.store, plain(key.item), key.location)
}

/// The line that a key is asked for as.
#[must_use]
pub fn line<'k>(key: &Key<'k>) -> StockLine<'k> {
    let place = match key.location {
        Location::Online => PlaceName::Online { id: Some(key.store), name: None },
        Location::Physical(name) => PlaceName::Physical(named(name)),
    };
    StockLine {
        item: named(key.item),
        also: None,
        place,
        unit: key.unit,
        wanted: rust_decimal::Decimal::ZERO,
    }
}

/// A key's text without the mark of an internal id, as people read it.
#[must_use]
pub fn plain(text: &str) -> &str {
    text.strip_prefix(INTERNAL).unwrap_or(text)
}

/// The texts by which a record may be kept of what people call by this name.
#[must_use]
pub fn spellings(name: &str) -> [String; 2] {
    [name.to_owned(), format!("{INTERNAL}{name}")]
}

fn text(name: Named<'_>) -> Cow<'_, str> {
    match name {
        Named::External(name) => Cow::Borrowed(name),
        Named::Internal(id) => Cow::Owned(format!("{INTERNAL}{id}")),
    }
}

fn named(text: &str) -> Named<'_> {
    text.strip_prefix(INTERNAL).map_or(Named::External(text), Named::Internal)
}

#[cfg(test)]
mod tests {
    use gateway_cache::{Key, Location};
    use gateway_exchange::{Named, PlaceName, StockLine};
    use rust_decimal::Decimal;

    use super::{Name, line};

    fn asked<'a>(item: Named<'a>, place: PlaceName<'a>) -> StockLine<'a> {
        StockLine { item, also: None, place, unit: "C62", wanted: Decimal::ZERO }
    }

    #[test]
    fn a_key_is_asked_for_as_what_it_was_made_of() {
        for item in [Named::External("LAMP"), Named::Internal("10042")] {
            for place in [
                PlaceName::Online { id: Some("11651"), name: None },
                PlaceName::Physical(Named::External("HAMBURG")),
                PlaceName::Physical(Named::Internal("12")),
            ] {
                let asked = asked(item, place);
                let name = Name::of("11651", &asked).unwrap();
                assert_eq!(line(&name.key()), asked);
            }
        }
    }

    #[test]
    fn an_item_by_its_id_is_not_an_item_by_a_part_number_that_reads_the_same() {
        let place = PlaceName::Online { id: None, name: Some("Nordlicht") };
        let [by_number, by_id] = [Named::External("1"), Named::Internal("1")].map(|item| asked(item, place));
        let names = [&by_number, &by_id].map(|line| Name::of("11651", line).unwrap());
        assert_ne!(names[0].key(), names[1].key());
        assert_eq!(
            names[0].key(),
            Key { store: "11651", item: "1", location: Location::Online, unit: "C62" }
        );
    }

    #[test]
    fn the_online_store_of_another_context_has_no_key() {
        let place = PlaceName::Online { id: Some("10101"), name: None };
        assert_eq!(Name::of("11651", &asked(Named::External("1"), place)), None);
    }
}
