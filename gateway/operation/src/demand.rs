//! What an order takes from stock: which item, where, how much. Kits count by their parts.

use std::borrow::Cow;

use gateway_model::{Fault, Record};
use rust_decimal::Decimal;

use crate::availability::{ONLINE, PHYSICAL, PIECE};
use crate::faults::{bad_request, item_named, line_name, part_name, quantity};
use crate::frame;
use crate::values::owned;
use crate::views::Views;

/// Ship mode code of what the shopper collects in a store (contract store section 7.1).
pub(crate) const PICK_UP: &str = "PickupInStore";

/// Where stock is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place<'a> {
    /// `online` or `physical`.
    pub kind: &'static str,
    /// The store's internal id of the place.
    pub id: Option<Cow<'a, str>>,
    /// Name of the online store, or external identifier of the physical store.
    pub name: Option<Cow<'a, str>>,
}

/// What one order item, or one part of a kit, takes from stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand<'a> {
    /// Place of the order item among the order's lines, from 0.
    pub index: usize,
    /// The store's order item id.
    pub order_line: Option<Cow<'a, str>>,
    /// The component id, when this is a part of a kit.
    pub component: Option<Cow<'a, str>>,
    /// The store's internal item id.
    pub item_id: Option<Cow<'a, str>>,
    /// Part number.
    pub item: Option<Cow<'a, str>>,
    /// Where from.
    pub place: Place<'a>,
    /// Unit of the quantity, UN/ECE rec 20.
    pub unit: Cow<'a, str>,
    /// How much; for a kit part, component quantity times item quantity.
    pub quantity: Decimal,
}

/// All demands of a request's order, in the order of its lines and their components; none if it has no order.
///
/// A pick-up line takes from its physical store, every other from the online store of the order.
///
/// # Errors
///
/// `BAD_REQUEST` when an item or kit part has no quantity or names no item.
pub fn demands<'a>(views: &Views, request: &Record<'a>) -> Result<Vec<Demand<'a>>, Fault> {
    let order = views.frames.of(request.kind).order.and_then(|field| request.record(field));
    let Some(order) = order else { return Ok(Vec::new()) };
    let online = online_place(views, request, order);
    let mut demands = Vec::new();
    for (index, line) in order.list(views.order.lines).iter().enumerate() {
        let place = place(views, order, line).unwrap_or_else(|| online.clone());
        demands_of(views, line, (index, place), &mut demands)?;
    }
    Ok(demands)
}

fn demands_of<'a>(
    views: &Views,
    line: &Record<'a>,
    (index, place): (usize, Place<'a>),
    demands: &mut Vec<Demand<'a>>,
) -> Result<(), Fault> {
    let view = &views.order_line;
    let name = || line_name(views, line, index);
    let quantity = quantity(line, view.quantity, name)?;
    let item = Demand {
        index,
        order_line: owned(line, view.id),
        component: None,
        item_id: owned(line, view.item_id),
        item: owned(line, view.item),
        place,
        unit: owned(line, view.unit).unwrap_or(Cow::Borrowed(PIECE)),
        quantity,
    };
    let components = line.list(view.components);
    if components.is_empty() {
        item_named(line, [view.item, view.item_id], name)?;
        demands.push(item);
        return Ok(());
    }
    for component in components {
        let each = part_quantity(views, component, quantity, name)?;
        let part = &views.component;
        let demand = Demand {
            component: owned(component, part.id),
            item_id: owned(component, part.item_id),
            item: owned(component, part.item),
            unit: owned(component, part.unit).unwrap_or(Cow::Borrowed(PIECE)),
            quantity: each,
            ..item.clone()
        };
        item_named(component, [part.item, part.item_id], name)?;
        demands.push(demand);
    }
    Ok(())
}

/// The demand of a kit part: its quantity per piece times the kit's (contract store section 7.1).
pub(crate) fn part_quantity(
    views: &Views,
    component: &Record<'_>,
    kits: Decimal,
    name: impl Fn() -> String,
) -> Result<Decimal, Fault> {
    let part = || part_name(views, component, &name());
    quantity(component, views.component.quantity, part)?
        .checked_mul(kits)
        .ok_or_else(|| bad_request(format!("{} has a quantity too large to calculate with", part())))
}

fn online_place<'a>(views: &Views, request: &Record<'a>, order: &Record<'a>) -> Place<'a> {
    let store = order.record(views.order.store);
    let named = |field| store.and_then(|store| owned(store, field));
    let id = named(views.store.id)
        .or_else(|| frame::store(views, request).map(|store| Cow::Owned(store.to_owned())));
    Place { kind: ONLINE, id, name: named(views.store.name) }
}

/// The physical store where a line is collected; `None` if it is shipped, or names no store.
///
/// What the line does not say is the order's: its ship mode, and with it its pick-up store.
fn place<'a>(views: &Views, order: &Record<'a>, line: &Record<'a>) -> Option<Place<'a>> {
    let (of_line, of_order) = (&views.order_line, &views.order);
    let mode = line.record(of_line.ship_mode).or_else(|| order.record(of_order.ship_mode))?;
    if mode.text(views.ship_mode.code) != Some(PICK_UP) {
        return None;
    }
    let (id, name) = match (owned(line, of_line.pickup_id), owned(line, of_line.pickup)) {
        (None, None) => (owned(order, of_order.pickup_id), owned(order, of_order.pickup)),
        place => place,
    };
    (id.is_some() || name.is_some()).then_some(Place { kind: PHYSICAL, id, name })
}
