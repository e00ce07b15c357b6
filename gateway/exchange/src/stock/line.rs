//! One item at one location, by the names that documents have for them.

use gateway_model::{FieldId, Record};
use gateway_operation::{Demand, Views, availability};
use rust_decimal::Decimal;

/// A name as a store gives it: things have one of their own, and one that other systems know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Named<'a> {
    /// Part number of an item, name of an online store, external identifier of a physical store.
    External(&'a str),
    /// The store's internal id (`UniqueID`).
    Internal(&'a str),
}

/// Where stock is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceName<'a> {
    /// At an online store.
    Online {
        /// Its id, which is that of a store's business context.
        id: Option<&'a str>,
        /// Its name.
        name: Option<&'a str>,
    },
    /// At a physical store.
    Physical(Named<'a>),
}

/// One item at one location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockLine<'a> {
    /// The item, by its part number if the document says it.
    pub item: Named<'a>,
    /// The item's other name, if the document says both.
    pub also: Option<Named<'a>>,
    /// Where.
    pub place: PlaceName<'a>,
    /// In what unit, UN/ECE rec 20.
    pub unit: &'a str,
    /// How much is wanted; nothing if the document says no quantity.
    pub wanted: Decimal,
}

// === impl StockLine ===

impl<'a> StockLine<'a> {
    /// A line of an availability record; `None` if it names no item or no place.
    pub(super) fn asked(views: &Views, line: &'a Record<'_>, wanted: Decimal) -> Option<Self> {
        let view = &views.availability;
        let text = |field: FieldId| line.text(field);
        let (item, also) = names(text(view.item), text(view.item_id))?;
        let place = place(
            line.text(view.location_kind) == Some(availability::PHYSICAL),
            text(view.location),
            text(view.location_id),
        )?;
        Some(Self { item, also, place, unit: text(view.unit).unwrap_or(availability::PIECE), wanted })
    }

    /// What an order takes; `None` if it names no item or no place.
    pub(super) fn taken(demand: &'a Demand<'_>) -> Option<Self> {
        let (item, also) = names(demand.item.as_deref(), demand.item_id.as_deref())?;
        let from = &demand.place;
        let place = place(from.kind == availability::PHYSICAL, from.name.as_deref(), from.id.as_deref())?;
        Some(Self { item, also, place, unit: &demand.unit, wanted: demand.quantity })
    }

    /// The id of the online store whose stock it is, if it says one.
    #[must_use]
    pub fn online_store(&self) -> Option<&'a str> {
        match self.place {
            PlaceName::Online { id, .. } => id,
            PlaceName::Physical(_) => None,
        }
    }

    /// The line as it is asked of a DOM, at this position of its question.
    pub(super) fn record(&self, views: &Views, store: &'a str, position: usize) -> Record<'a> {
        let view = &views.availability;
        let mut line = view.shape.empty();
        line.set_text(view.position, position.to_string());
        for name in [Some(self.item), self.also].into_iter().flatten() {
            match name {
                Named::External(item) => line.set_text(view.item, item),
                Named::Internal(id) => line.set_text(view.item_id, id),
            }
        }
        line.set_text(view.unit, self.unit);
        match self.place {
            PlaceName::Online { id, name } => {
                line.set_text(view.location_kind, availability::ONLINE);
                line.set_text(view.location_id, id.unwrap_or(store));
                if let Some(name) = name {
                    line.set_text(view.location, name);
                }
            }
            PlaceName::Physical(name) => {
                line.set_text(view.location_kind, availability::PHYSICAL);
                line.set_text(view.line, availability::line_id(position));
                match name {
                    Named::External(name) => line.set_text(view.location, name),
                    Named::Internal(id) => line.set_text(view.location_id, id),
                }
            }
        }
        line
    }
}

/// A name, and the other one if there are both: the external one goes first.
fn names<'a>(external: Option<&'a str>, internal: Option<&'a str>) -> Option<(Named<'a>, Option<Named<'a>>)> {
    match (external, internal) {
        (Some(external), internal) => Some((Named::External(external), internal.map(Named::Internal))),
        (None, Some(internal)) => Some((Named::Internal(internal), None)),
        (None, None) => None,
    }
}

fn place<'a>(physical: bool, name: Option<&'a str>, id: Option<&'a str>) -> Option<PlaceName<'a>> {
    if !physical {
        return Some(PlaceName::Online { id, name });
    }
    names(name, id).map(|(name, _)| PlaceName::Physical(name))
}
