//! What a simulated store promises: its connector, its orders, what it takes and refuses.

use gateway_model::{Record, Value};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::{Attempt, CartLine, Connector, ConnectorHabits, MessageType, Next, Place, Store};
use crate::testing;
use crate::words::RecordWords;

fn store() -> Store {
    let scenario = testing::scenario();
    let profile = scenario.stores[0].clone();
    Store::new(&testing::vocabulary(), scenario, profile).expect("every word is there")
}

fn later(seconds: i64) -> Timestamp {
    testing::now().checked_add(SignedDuration::from_secs(seconds)).expect("an instant")
}

fn opened(store: &mut Store) -> String {
    let cart = [
        CartLine::sent("LAMP-0042-BRS", Decimal::TWO),
        CartLine::collected("KIT-DESK-09", Decimal::ONE, "MUC-Marienplatz"),
    ];
    store.open_order(&cart, testing::now())
}

/// A message about one order: the order's fields as (name, text), then its items as (id, status).
fn told(store: &Store, pairs: &[(&str, &str)], items: &[(&str, &str)]) -> Record<'static> {
    let words = store.words();
    let mut order = words.order.new_record();
    for (name, text) in pairs {
        let field = match *name {
            "id" => words.order.id,
            "external" => words.order.external_id,
            "status" => words.order.status,
            "sequence" => words.order.sequence,
            "updated" => words.order.updated_at,
            other => panic!("no such field: {other}"),
        };
        order.set_text(field, (*text).to_owned());
    }
    let lines = items.iter().map(|(id, status)| {
        let mut line = words.order_line.new_record();
        line.set_text(words.order_line.id, (*id).to_owned());
        line.set_text(words.order_line.status, (*status).to_owned());
        line
    });
    order.set(words.order.lines, Value::List(lines.collect()));
    let mut request = words.order_sync_request.new_record();
    request.set_text(words.order_sync_request.action, "Change");
    request.set(words.order_sync_request.orders, Value::List(vec![order]));
    request
}

/// The key of a refusal, `-` for success.
fn key(store: &Store, confirmation: &Record<'_>) -> String {
    let fields = &store.words().confirmation;
    let refusal = confirmation.record(fields.refusal);
    assert_eq!(refusal.is_none(), confirmation.text(fields.succeeded) == Some("true"));
    let key = refusal.and_then(|refusal| refusal.text(store.words().refusal.reason_code));
    key.unwrap_or("-").to_owned()
}

#[test]
fn a_transport_failure_is_tried_three_times_more_and_a_fault_not_at_all() {
    use Attempt::{Answered, Fault, TransportFailure};
    let cases: [(&[Attempt], Next); 5] = [
        (&[Answered], Next::Done),
        (&[TransportFailure, Answered], Next::Done),
        (&[TransportFailure, TransportFailure, TransportFailure], Next::SendAgain),
        (&[TransportFailure, TransportFailure, TransportFailure, TransportFailure], Next::GiveUp),
        (&[Fault], Next::GiveUp),
    ];
    for (attempts, expected) in cases {
        let mut connector = Connector::default();
        let mut next = Next::SendAgain;
        for (number, attempt) in (1..).zip(attempts) {
            next = connector.after(MessageType::Inventory, number, *attempt, testing::now());
        }
        assert_eq!(next, expected, "{attempts:?}");
    }
}

#[test]
fn a_message_type_is_held_off_after_an_exception_and_others_are_not() {
    let mut connector = Connector::new(ConnectorHabits::default());
    connector.after(MessageType::Inventory, 1, Attempt::Fault, testing::now());
    let until = connector.may_send(MessageType::Inventory, later(59)).expect_err("held off").until;
    assert_eq!(until, later(60));
    assert_eq!(connector.may_send(MessageType::Order, later(1)), Ok(()));
    assert_eq!(connector.may_send(MessageType::Inventory, later(60)), Ok(()));
}

#[test]
fn an_acknowledgement_after_the_first_status_takes_nothing_back() {
    let mut store = store();
    let id = opened(&mut store);
    store.transfer_request(&id, testing::now()).expect("an order");
    assert!(store.order(&id).expect("the order").is_pending());
    let shipped = told(&store, &[("id", &id), ("status", "S"), ("sequence", "2")], &[]);
    store.take("order_sync", &shipped, later(1));
    let answer = store.words().transfer_answer.new_record();
    store.transferred(&id, &answer);
    let order = store.order(&id).expect("the order");
    assert_eq!((order.status.as_str(), order.went_back, order.pending_since), ("S", 0, None));
}

#[test]
fn an_order_the_dom_moves_on_is_not_sent_again() {
    let mut store = store();
    let id = opened(&mut store);
    store.transfer_request(&id, testing::now()).expect("an order");
    let habits = ConnectorHabits { pending_expiration: SignedDuration::from_secs(60), ..Default::default() };
    assert_eq!(store.overdue(habits, later(60)), [id.as_str()]);
    let released = told(&store, &[("id", &id), ("status", "R"), ("sequence", "1")], &[]);
    store.take("order_sync", &released, later(1));
    assert!(store.overdue(habits, later(60)).is_empty());
}

#[test]
fn a_status_that_goes_back_is_counted() {
    let mut store = store();
    let id = opened(&mut store);
    for (status, sequence, went_back) in [("R", "1", 0), ("S", "2", 0), ("B", "3", 1)] {
        let event = told(&store, &[("id", &id), ("status", status), ("sequence", sequence)], &[]);
        let confirmed = store.take("order_sync", &event, testing::now());
        assert_eq!(key(&store, &confirmed), "-");
        assert_eq!(store.order(&id).expect("the order").went_back, went_back, "{status}");
    }
}

#[test]
fn a_forgotten_order_gives_its_id_to_no_other() {
    let mut store = store();
    let id = opened(&mut store);
    assert!(store.forget(&id).is_some());
    assert_ne!(opened(&mut store), id);
}

#[test]
fn an_order_carries_the_sums_of_its_lines() {
    let mut store = store();
    let id = opened(&mut store);
    assert_eq!(id, "845017");
    let order = &store.order(&id).expect("the order").record;
    let words = &store.words().order;
    let names = [
        (words.product_total, "448.80000"),
        (words.shipping_total, "3.45000"),
        // 19 % of 99.80 and of 349.00, and of 3.45
        (words.sales_tax_total, "85.27000"),
        (words.shipping_tax_total, "0.66000"),
        (words.grand_total, "538.18000"),
    ];
    for (field, expected) in names {
        assert_eq!(order.text(field), Some(expected));
    }
    let lines = order.list(words.lines);
    let fields = &store.words().order_line;
    let ids: Vec<_> = lines.iter().filter_map(|line| line.text(fields.id)).collect();
    assert_eq!(ids, ["845101", "845102"]);
    assert_eq!(lines[1].list(fields.components).len(), 2);
    assert_eq!(lines[1].text(fields.pickup), Some("MUC-Marienplatz"));
    assert!(lines[0].record(fields.ship_to).is_some() && lines[1].record(fields.ship_to).is_none());
}

#[test]
fn a_split_reservation_becomes_order_items_of_their_own() {
    let mut store = store();
    let id = opened(&mut store);
    let words = store.words().clone();
    let fields = &words.order_line;
    let part = |pairs: &[(gateway_model::FieldId, &str)]| {
        let mut part = words.order_line.new_record();
        for (field, text) in pairs {
            part.set_text(*field, (*text).to_owned());
        }
        part
    };
    let parts = vec![
        part(&[(fields.id, "845101"), (fields.quantity, "1.00"), (fields.inventory_status, "Allocated")]),
        part(&[
            (fields.correlation_group, "845101"),
            (fields.quantity, "1.00"),
            (fields.inventory_status, "Backordered"),
        ]),
        part(&[(fields.correlation_group, "845102"), (fields.inventory_status, "Unallocated")]),
    ];
    let mut order = words.order.new_record();
    order.set(words.order.lines, Value::List(parts));
    let mut answer = words.requirement_answer.new_record();
    answer.set(words.requirement_answer.order, Value::Record(Box::new(order)));
    store.reserved(&id, &answer);
    let lines = store.order(&id).expect("the order").record.list(words.order.lines);
    let found: Vec<_> = lines
        .iter()
        .map(|line| {
            [fields.id, fields.item, fields.quantity, fields.inventory_status]
                .map(|field| line.text(field).unwrap_or("-"))
        })
        .collect();
    let expected = [
        ["845101", "LAMP-0042-BRS", "1.00", "Allocated"],
        ["845102", "KIT-DESK-09", "1.0", "Unallocated"],
        ["845103", "LAMP-0042-BRS", "1.00", "Backordered"],
    ];
    assert_eq!(found, expected);
    store.unreserved(&id);
    let lines = store.order(&id).expect("the order").record.list(words.order.lines);
    assert!(lines.iter().all(|line| line.text(fields.inventory_status).is_none()));
}

#[test]
fn a_transfer_is_pending_until_it_is_acknowledged_without_a_refusal() {
    let mut store = store();
    let id = opened(&mut store);
    let words = store.words().clone();
    store.transfer_request(&id, testing::now()).expect("the order");
    assert_eq!(store.order(&id).expect("the order").status, "F");
    let habits = ConnectorHabits::default();
    assert!(store.overdue(habits, later(86_399)).is_empty());
    let mut refused = words.transfer_answer.new_record();
    refused.set(words.transfer_answer.refusal, Value::Record(Box::new(words.refusal.new_record())));
    store.transferred(&id, &refused);
    assert_eq!(store.overdue(habits, later(86_400)), std::slice::from_ref(&id));
    // Sending it again does not start the clock anew.
    store.transfer_request(&id, later(100)).expect("the order");
    assert_eq!(store.overdue(habits, later(86_400)), std::slice::from_ref(&id));
    store.transferred(&id, &words.transfer_answer.new_record());
    assert_eq!(store.order(&id).expect("the order").status, "G");
    assert!(store.overdue(habits, later(999_999)).is_empty());
}

#[test]
fn a_status_is_taken_and_a_contradiction_is_refused() {
    let known: &[(&str, &str)] = &[("id", "845017"), ("external", "K1"), ("status", "R"), ("sequence", "20")];
    // What it is, the message, the key it is refused with.
    type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c str);
    let cases: [Case<'_>; 10] = [
        ("newer", &[("id", "845017"), ("status", "S"), ("sequence", "21")], "-"),
        ("the same again", &[("id", "845017"), ("status", "R"), ("sequence", "20")], "-"),
        ("without a sequence", &[("id", "845017"), ("status", "S")], "-"),
        ("by the merchant number alone", &[("external", "K1"), ("status", "S")], "-"),
        ("older", &[("id", "845017"), ("status", "S"), ("sequence", "19")], "_ERR_OS_SEQUENCE"),
        ("earlier", &[("id", "845017"), ("updated", "2026-07-14T00:00:00Z")], "_ERR_OS_SEQUENCE"),
        ("no ids", &[("status", "S")], "_ERR_OS_PARAMS"),
        ("another number", &[("id", "845017"), ("external", "K2")], "_ERR_OS_ORDER_NUMBER_MISMATCH"),
        ("another order", &[("id", "9"), ("external", "K1")], "_ERR_OS_ORDERID_MISMATCH"),
        ("unknown", &[("id", "9"), ("status", "S")], "_ERR_ORDER_NOT_FOUND"),
    ];
    for (fact, pairs, expected) in cases {
        let mut store = store();
        let id = opened(&mut store);
        let first = told(&store, &[known, &[("updated", "2026-07-15T00:00:00Z")]].concat(), &[]);
        let confirmation = store.take("order_sync", &first, testing::now());
        assert_eq!(key(&store, &confirmation), "-");
        let second = told(&store, pairs, &[]);
        let confirmation = store.take("order_sync", &second, testing::now());
        assert_eq!(key(&store, &confirmation), expected, "{fact}");
        let status = pairs.iter().find(|(name, _)| *name == "status").map_or("R", |(_, status)| status);
        let status = if expected == "-" { status } else { "R" };
        assert_eq!(store.order(&id).expect("the order").status, status, "{fact}");
    }
}

#[test]
fn an_item_told_to_be_delivered_twice_is_deposited_twice() {
    let mut store = store();
    let id = opened(&mut store);
    let shipped = told(&store, &[("id", "845017"), ("status", "S")], &[("845101", "D")]);
    for times in 1..=2 {
        store.take("order_sync", &shipped, testing::now());
        assert_eq!(store.order(&id).expect("the order").deposits.get("845101"), Some(&times));
    }
    let stranger = told(&store, &[("id", "845017")], &[("1", "D")]);
    let confirmation = store.take("order_sync", &stranger, testing::now());
    assert_eq!(key(&store, &confirmation), "_ERR_INVALID_ORDER_ITEM_ID");
}

#[test]
fn another_action_than_change_is_refused() {
    let mut store = store();
    opened(&mut store);
    let mut request = told(&store, &[("id", "845017"), ("status", "S")], &[]);
    request.set_text(store.words().order_sync_request.action, "Replace");
    let confirmation = store.take("order_sync", &request, testing::now());
    assert_eq!(key(&store, &confirmation), "_ERR_CMD_MISSING_PARAM");
}

#[test]
fn the_word_of_creation_transfers_an_order_and_never_takes_a_status_back() {
    for (before, after) in [("F", "G"), ("S", "S")] {
        let mut store = store();
        let id = opened(&mut store);
        let status = told(&store, &[("id", "845017"), ("status", before)], &[]);
        store.take("order_sync", &status, testing::now());
        let created = told(&store, &[("id", "845017"), ("external", "K1")], &[]);
        let confirmation = store.take("order_created", &created, testing::now());
        assert_eq!(key(&store, &confirmation), "-");
        let order = store.order(&id).expect("the order");
        assert_eq!((order.status.as_str(), order.external_id.as_deref()), (after, Some("K1")));
    }
}

#[test]
fn stock_is_kept_as_it_was_told() {
    let mut store = store();
    let words = store.words().clone();
    let fields = &words.availability;
    let change = |kind: &str, location: &str, status: &str, quantity: &str| {
        let mut change = words.availability.new_record();
        change.set_text(fields.item, "LAMP-0042-BRS");
        change.set_text(fields.location_kind, kind.to_owned());
        change.set_text(fields.location, location.to_owned());
        change.set_text(fields.status, status.to_owned());
        change.set_text(fields.quantity, quantity.to_owned());
        change
    };
    let changes = vec![
        change("online", "", "Available", "141.0"),
        change("physical", "MUC-Marienplatz", "Unavailable", ""),
    ];
    let mut request = words.availability_sync_request.new_record();
    request.set(words.availability_sync_request.changes, Value::List(changes));
    let confirmation = store.take("availability_sync", &request, testing::now());
    assert_eq!(key(&store, &confirmation), "-");
    let online = store.stock("LAMP-0042-BRS", &Place::Online).expect("told");
    assert_eq!((online.status.as_str(), online.quantity.as_deref()), ("Available", Some("141.0")));
    let munich = Place::Physical("MUC-Marienplatz".to_owned());
    assert_eq!(store.stock("LAMP-0042-BRS", &munich).expect("told").status, "Unavailable");
}

#[test]
fn a_confirmation_names_the_message_it_confirms() {
    let mut store = store();
    opened(&mut store);
    let words = store.words().clone();
    let mut request = told(&store, &[("id", "845017"), ("status", "R")], &[]);
    let mut area = words.area.new_record();
    area.set_text(words.area.message_id, "838c4b9e");
    request.set(words.order_sync_request.area, Value::Record(Box::new(area.clone())));
    let confirmation = store.take("order_sync", &request, testing::now());
    assert_eq!(confirmation.record(words.confirmation.original), Some(&area));
}
