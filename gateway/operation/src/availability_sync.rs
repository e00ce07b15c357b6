//! What a DOM tells of stock, as the store is told it (contract sterling section 11, store section 6).

use gateway_model::{FieldId, Record, Value};

use crate::availability::{ONLINE, PHYSICAL, PIECE, on_hand};
use crate::frame;
use crate::values::{is_true, owned, take_list};
use crate::views::Views;

/// Action code of everything told of stock.
const CHANGE: &str = "Change";

/// Turns an availability event into the request for the store; `None` when it names no item.
///
/// A change of the default distribution group, or of no node, is the online store's, under the store's id; any other
/// is that of the physical store the node stands for. A DOM that pushes the store's own documents is believed: changes
/// that have a status or a location pass unchanged.
#[must_use]
pub fn tell<'a>(views: &Views, mut event: Record<'a>) -> Option<Record<'a>> {
    let view = &views.availability_sync_request;
    frame::fill_store(views, &mut event);
    let store = event.get(view.store).clone();
    let changes: Vec<Record<'a>> = take_list(&mut event, view.changes)
        .into_iter()
        .filter(|change| says_any(change, [views.availability.item, views.availability.item_id]))
        .map(|change| told_change(views, change, &store))
        .collect();
    if changes.is_empty() {
        return None;
    }
    event.set(view.changes, Value::List(changes));
    if event.get(view.action).is_absent() {
        event.set_text(view.action, CHANGE);
    }
    Some(event)
}

fn told_change<'a>(views: &Views, mut change: Record<'a>, store: &Value<'a>) -> Record<'a> {
    let view = &views.availability;
    if says_any(&change, [view.status, view.location_kind, view.location, view.location_id]) {
        return change;
    }
    let finding = on_hand(views, &change);
    let node = owned(&change, view.node).filter(|_| !is_true(&change, view.default_group));
    view.shape.strip(&mut change, &[view.item_id, view.item, view.unit, view.updated_at]);
    match node {
        Some(node) => {
            change.set_text(view.location_kind, PHYSICAL);
            change.set_text(view.location, node);
        }
        None => {
            change.set_text(view.location_kind, ONLINE);
            change.set(view.location_id, store.clone());
        }
    }
    if change.get(view.unit).is_absent() {
        change.set_text(view.unit, PIECE);
    }
    finding.write(views, &mut change);
    // The store is told what is there now; what comes later is another message.
    change.take(view.future_date);
    change
}

fn says_any<const N: usize>(record: &Record<'_>, fields: [FieldId; N]) -> bool {
    fields.iter().any(|field| record.text(*field).is_some())
}
