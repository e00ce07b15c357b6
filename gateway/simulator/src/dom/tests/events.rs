//! What a DOM tells unasked.

use gateway_model::Record;
use rust_decimal::Decimal;

use super::{World, texts};
use crate::dom::{Event, EventKind, Refused, Stage};
use crate::testing;

fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

fn told_order<'e>(world: &World, event: &'e Event) -> &'e Record<'static> {
    &event.record.list(world.words.order_sync_request.orders)[0]
}

#[test]
fn a_created_order_is_told_with_its_keys() {
    let mut world = World::new();
    let order = world.order("845017", &[["845101", "LAMP-0042-BRS", "1", "49.90"]]);
    world.transfer(order).expect("created");
    let events = world.dom.take_events();
    assert_eq!(kinds(&events), [EventKind::OrderCreated]);
    let order = told_order(&world, &events[0]);
    let fields = &world.words.order;
    let names = [fields.number, fields.external_id, fields.cart_id, fields.entry_type];
    assert_eq!(texts(order, &names), ["WC_845017", "20260715120000000001", "845017", "WCS"]);
    assert_eq!(events[0].record.text(world.words.order_sync_request.store), Some("11651"));
    assert!(world.dom.take_events().is_empty());
}

#[test]
fn every_change_of_status_is_told_and_nothing_else_is() {
    let mut world = World::with(|scenario| scenario.habits.announces_orders = false);
    let order = world.order("845017", &[["845101", "LAMP-0042-BRS", "1", "49.90"]]);
    world.transfer(order).expect("created");
    let mut told = Vec::new();
    for _ in 0..6 {
        world.dom.advance("845017", testing::now()).expect("known");
        told.extend(world.dom.take_events());
    }
    let status = EventKind::StatusChange;
    assert_eq!(kinds(&told), [status, status, status, status, EventKind::Shipment]);
    let stages: Vec<_> = told
        .iter()
        .take(4)
        .filter_map(|event| told_order(&world, event).text(world.words.order.max_status))
        .collect();
    assert_eq!(stages, ["1500", "3200", "3350", "3700"]);
}

#[test]
fn a_shipment_names_its_lines_and_the_parts_of_kits() {
    let mut world = World::new();
    let lines = [["845101", "LAMP-0042-BRS", "2.0", "49.90"], ["845103", "KIT-DESK-09", "1.0", "349.00"]];
    let order = world.order("845017", &lines);
    world.transfer(order).expect("created");
    world.dom.move_to("845017", Stage::Shipped, testing::now()).expect("known");
    let events = world.dom.take_events();
    let shipment =
        events.last().and_then(|event| event.record.record(world.words.order_sync_request.shipment));
    let shipment = shipment.expect("a shipment");
    let fields = &world.words.shipment;
    let names = [fields.node, fields.status, fields.shipped_at];
    assert_eq!(texts(shipment, &names), ["DC-Nord", "1400", "2026-07-15T12:00:00+00:00"]);
    let fields = &world.words.shipment_line;
    let names = [fields.order_number, fields.line_id, fields.prime_line, fields.item, fields.quantity];
    let lines: Vec<_> =
        shipment.list(world.words.shipment.lines).iter().map(|line| texts(line, &names)).collect();
    let expected = [
        ["WC_845017", "845101", "1", "LAMP-0042-BRS", "2.00"],
        ["WC_845017", "845103", "2", "KIT-DESK-09", "1.00"],
        ["WC_845017", "-", "2001", "DESK-TOP-09", "1.00"],
        ["WC_845017", "-", "2002", "DESK-LEG-09", "4.00"],
    ];
    assert_eq!(lines, expected);
    let parts = shipment.list(world.words.shipment.lines).iter();
    assert_eq!(parts.filter(|line| line.text(fields.bundle_parent).is_some()).count(), 2);
    assert_eq!(world.promisable("DESK-LEG-09", "DC-Nord"), Decimal::from(32));
}

#[test]
fn changed_stock_is_told_for_the_group_and_for_the_node() {
    let cases: [(&str, &str, &[[&str; 4]]); 3] = [
        ("LAMP-0042-BRS", "DC-Nord", &[["true", "-", "11.00", "2500-01-01"]]),
        (
            "LAMP-0042-BRS",
            "MUC-Marienplatz",
            &[["true", "-", "147.00", "2500-01-01"], ["false", "MUC-Marienplatz", "7.00", "2500-01-01"]],
        ),
        ("RUG-1187-GRN", "ZRH-Bahnhofstrasse", &[["false", "ZRH-Bahnhofstrasse", "7.00", "2026-08-20"]]),
    ];
    for (item, node, expected) in cases {
        let mut world = World::new();
        world.dom.set_stock(item, node, Decimal::from(7), testing::now()).expect("known");
        let events = world.dom.take_events();
        assert_eq!(kinds(&events), [EventKind::AvailabilityChange], "{item} at {node}");
        let fields = &world.words.availability;
        let names = [fields.default_group, fields.node, fields.on_hand, fields.future_date];
        let changes = events[0].record.list(world.words.availability_sync_request.changes);
        let found: Vec<_> = changes.iter().map(|change| texts(change, &names)).collect();
        assert_eq!(found, expected, "{item} at {node}");
    }
    let unknown = World::new().dom.set_stock("LAMP-9999", "DC-Nord", Decimal::ONE, testing::now());
    assert_eq!(unknown, Err(Refused::UnknownItem { item: "LAMP-9999".to_owned() }));
}

#[test]
fn a_full_synchronization_tells_every_item_once() {
    let mut world = World::new();
    world.dom.tell_everything(testing::now());
    let subjects: Vec<_> = world.dom.take_events().into_iter().map(|event| event.subject).collect();
    let expected = ["CLOTH-0550-BLU", "DESK-LEG-09", "DESK-TOP-09", "LAMP-0042-BRS", "RUG-1187-GRN"];
    assert_eq!(subjects, expected);
}
