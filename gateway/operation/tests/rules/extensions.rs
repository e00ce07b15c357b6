//! Fields an integrator added flow through without the program knowing them.

use gateway_operation::{
    availability, availability_sync, cancel, check, order_sync, orders, reserve, transfer,
};
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use crate::support::World;

const FURTHER: &str = "
    order.gift_message: text
    order_line.engraving: text
    component.engraving: text
    availability.lot: code
    asked_item.lot: code
    asked_location.zone: code
    availability.zone: code
    order_line.lot: code
    shipment_line.engraving: text
    shipment.gift_message: text
    requirement_request.campaign: code
    transfer_answer.campaign: code
";

fn world() -> World {
    World::with(FURTHER)
}

fn first<'j>(json: &'j Json, path: &str) -> &'j Json {
    json.pointer(path).unwrap_or_else(|| panic!("nothing at {path} of {json}"))
}

#[test]
fn a_question_carries_them_from_item_and_location_into_its_lines() {
    let world = world();
    let mut request = world.record(
        "availability_request",
        &json!({"items": [{"item": "A", "lot": "L1"}], "locations": [{"kind": "online", "name": "N", "zone": "Z"}]}),
    );
    availability::plan(&world.views, &mut request).unwrap();
    let json = world.json(&request);
    assert_eq!((first(&json, "/lines/0/lot"), first(&json, "/lines/0/zone")), (&json!("L1"), &json!("Z")));
}

#[test]
fn the_doms_supply_carries_them_into_the_answer() {
    let world = world();
    let mut request = world.record(
        "availability_request",
        &json!({"items": [{"item": "A"}], "locations": [{"kind": "online", "name": "N"}]}),
    );
    availability::plan(&world.views, &mut request).unwrap();
    let supplied = json!({"online_supplies": [{"on_hand": "1", "lot": "L1", "user_data": [{"name": "n", "value": "v"}]}]});
    let answer = world.record("availability_answer", &supplied);
    let json = world.json(&availability::answer(&world.views, Some(&request), answer, date(2026, 7, 15)));
    assert_eq!(first(&json, "/lines/0/lot"), "L1");
    assert_eq!(first(&json, "/lines/0/user_data/0/value"), "v");
}

#[test]
fn a_check_carries_them_from_the_order_item_to_the_question_and_the_answer() {
    let world = world();
    let order = json!({"id": "7", "gift_message": "Hi", "lines": [{"id": "1", "item": "A", "quantity": "1", "lot": "L1", "engraving": "M"}]});
    let mut request = world.record("requirement_request", &json!({"order": order, "campaign": "C"}));
    let question = check::plan(&world.views, &mut request).unwrap();
    assert_eq!(first(&world.json(&question), "/lines/0/lot"), "L1");
    assert_eq!(world.json(&request)["campaign"], "C");
    let nothing = world.record("availability_answer", &json!({}));
    let found = availability::answer(&world.views, Some(&question), nothing, date(2026, 7, 15));
    let json = world.json(&check::answer(&world.views, &request, &found).unwrap());
    assert_eq!(
        (first(&json, "/order/gift_message"), first(&json, "/order/lines/0/engraving")),
        (&json!("Hi"), &json!("M"))
    );
}

#[test]
fn a_reservation_carries_them_both_ways() {
    let world = world();
    let line = json!({"id": "1", "item": "A", "quantity": "1", "configuration": "C", "engraving": "asked", "components": [{"id": "9", "item": "P", "quantity": "1", "engraving": "part"}]});
    let mut request = world
        .record("requirement_request", &json!({"order": {"id": "7", "gift_message": "Hi", "lines": [line]}}));
    reserve::plan(&world.views, &mut request).unwrap();
    let json = world.json(&request);
    assert_eq!(
        (first(&json, "/promises/0/engraving"), first(&json, "/promises/1/engraving")),
        (&json!("asked"), &json!("part"))
    );
    for (told, expected) in [(json!("told"), "told"), (json!(""), "asked")] {
        let promises = json!({"promises": [{"id": "1", "engraving": told, "reservations": [{"id": "7", "quantity": "1"}]}]});
        let answer = world.record("requirement_answer", &promises);
        let json = world.json(&reserve::answer(&world.views, Some(&request), answer, date(2026, 7, 15)));
        assert_eq!(
            (first(&json, "/order/gift_message"), first(&json, "/order/lines/0/engraving")),
            (&json!("Hi"), &json!(expected))
        );
    }
}

#[test]
fn a_cancellation_carries_them() {
    let world = world();
    let line = json!({"id": "1", "quantity": "1", "lot": "L1", "engraving": "kit", "components": [{"id": "9", "item": "P", "quantity": "1", "engraving": "part"}]});
    let mut request = world.record("requirement_request", &json!({"order": {"id": "7", "lines": [line]}}));
    cancel::plan(&world.views, &mut request).unwrap();
    let json = world.json(&request);
    assert_eq!(
        (first(&json, "/cancellations/0/lot"), first(&json, "/cancellations/0/engraving")),
        (&json!("L1"), &json!("part"))
    );
}

#[test]
fn a_transfer_and_a_page_of_orders_carry_them() {
    let world = world();
    let answer = world.record(
        "transfer_answer",
        &json!({"campaign": "C", "order": {"number": "WC_7", "gift_message": "Hi"}}),
    );
    let json = world.json(&transfer::answer(&world.views, None, answer).unwrap());
    assert_eq!((&json["campaign"], first(&json, "/order/gift_message")), (&json!("C"), &json!("Hi")));
    let page = json!({"orders": [{"number": "WC_7", "gift_message": "Hi", "lines": [{"engraving": "M"}]}]});
    let json = world.json(&orders::history_answer(&world.views, None, world.record("orders_answer", &page)));
    assert_eq!(
        (first(&json, "/orders/0/gift_message"), first(&json, "/orders/0/lines/0/engraving")),
        (&json!("Hi"), &json!("M"))
    );
}

#[test]
fn pushes_carry_them() {
    let world = world();
    let tell = |event: Json| {
        let event = world.record("order_sync_request", &event);
        world.json(&order_sync::tell(&world.views, event, &TimeZone::UTC).unwrap())
    };
    let json = tell(json!({"orders": [{"number": "WC_7", "status": "R", "gift_message": "Hi"}]}));
    assert_eq!(first(&json, "/orders/0/gift_message"), "Hi");
    let json = tell(
        json!({"shipment": {"gift_message": "Hi", "lines": [{"order_number": "WC_7", "prime_line": "1", "engraving": "M"}]}}),
    );
    assert_eq!(
        (first(&json, "/orders/0/gift_message"), first(&json, "/orders/0/lines/0/engraving")),
        (&json!("Hi"), &json!("M"))
    );
    let event = world.record("availability_sync_request", &json!({"changes": [{"item": "A", "lot": "L1"}]}));
    assert_eq!(
        first(&world.json(&availability_sync::tell(&world.views, event).unwrap()), "/changes/0/lot"),
        "L1"
    );
}
