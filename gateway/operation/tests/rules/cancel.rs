//! Cancel and decrement: contract sterling section 6, store section 7.

use gateway_operation::{cancel, decrement};
use serde_json::{Value as Json, json};

use crate::check::request;
use crate::support::World;

#[test]
fn held_stock_is_given_back_per_item_or_per_part() {
    let world = World::shipped();
    let mut request = request(
        &world,
        &json!([
            {"id": "1", "item": "LAMP", "quantity": "2.0", "unit": "C62", "inventory_status": "Allocated", "center": "DC-Nord", "expected_ship_date": "2026-07-20T00:00:00.000Z"},
            {"id": "2", "item": "RUG", "quantity": "1.0", "inventory_status": "Unallocated"},
            {"id": "3", "item": "BOOT", "quantity": "0.750", "unit": "C62"},
            {"id": "4", "item": "DESK", "quantity": "2.0", "center": "DC-Nord", "center_id": "13001", "expected_ship_date": "2026-07-20", "components": [
                {"id": "22301", "item": "TOP", "quantity": "1.0", "unit": "C62"}, {"id": "22302", "item_id": "32012", "quantity": "4.50", "unit": "MTR"}]},
        ]),
    );
    assert_eq!(cancel::plan(&world.views, &mut request).unwrap(), cancel::Step::Send);
    assert_eq!(
        world.json(&request)["cancellations"],
        json!([
            {"id": "1", "item": "LAMP", "quantity": "2.0", "unit": "C62", "inventory_status": "Allocated", "center": "DC-Nord", "expected_ship_date": "2026-07-20T00:00:00.000Z", "reservation_id": "845017"},
            {"id": "3", "item": "BOOT", "quantity": "0.750", "unit": "C62", "reservation_id": "845017"},
            {"parent": "4", "component_id": "22301", "item": "TOP", "quantity": "2", "unit": "C62", "center": "DC-Nord", "center_id": "13001", "expected_ship_date": "2026-07-20", "reservation_id": "845017"},
            {"parent": "4", "component_id": "22302", "item_id": "32012", "quantity": "9", "unit": "MTR", "center": "DC-Nord", "center_id": "13001", "expected_ship_date": "2026-07-20", "reservation_id": "845017"},
        ])
    );
}

#[test]
fn what_names_no_item_or_quantity_cannot_be_given_back() {
    let world = World::shipped();
    let kit = |part: Json| json!([{"id": "4", "quantity": "2.0", "components": [part]}]);
    let cases = [
        (
            json!([{"id": "1", "quantity": "2.0"}]),
            "order item `1` names no item, expected a part number or an item id",
        ),
        (json!([{"id": "1", "item": "A"}]), "order item `1` has no quantity, expected a decimal number"),
        (
            kit(json!({"quantity": "1"})),
            "a kit part of order item `4` names no item, expected a part number or an item id",
        ),
        (
            kit(json!({"id": "5", "item": "B"})),
            "kit part `5` of order item `4` has no quantity, expected a decimal number",
        ),
    ];
    for (lines, expected) in cases {
        let mut request = request(&world, &lines);
        assert_eq!(cancel::plan(&world.views, &mut request).unwrap_err().message, expected);
    }
}

#[test]
fn when_nothing_is_held_the_dom_is_not_asked() {
    let world = World::shipped();
    for lines in [json!([]), json!([{"id": "2", "inventory_status": "Unallocated"}])] {
        let mut request = request(&world, &lines);
        assert_eq!(cancel::plan(&world.views, &mut request).unwrap(), cancel::Step::AnswerAtOnce);
        let answer = cancel::answer(&world.views, Some(&request), cancel::nothing_sent(&world.views));
        assert_eq!(world.json(&answer)["order"], json!({"id": "845017"}));
    }
}

#[test]
fn a_cancellation_is_acknowledged_with_the_order_id_only() {
    let world = World::shipped();
    let told = json!({"cancellations": [{"reservation_id": "845017", "item": "LAMP"}]});
    let request = request(&world, &json!([{"id": "1", "item": "LAMP"}]));
    for (request, original) in
        [(Some(&request), json!({"store": "11651", "message_id": "m-1"})), (None, Json::Null)]
    {
        let answer = world.record("requirement_answer", &told);
        let answer = world.json(&cancel::answer(&world.views, request, answer));
        assert_eq!((&answer["order"], &answer["original"]), (&json!({"id": "845017"}), &original));
        assert_eq!(answer["cancellations"], Json::Null);
    }
}

// === decrement ===

#[test]
fn a_decrement_is_acknowledged_and_says_what_to_lower() {
    let world = World::shipped();
    let request = request(
        &world,
        &json!([
            {"id": "1", "item": "LAMP", "item_id": "31207", "quantity": "2.0"},
            {"id": "2", "item": "DESK", "quantity": "2", "pickup": "MUC", "ship_mode": {"code": "PickupInStore"},
             "components": [{"id": "22302", "item": "LEG", "quantity": "4.0", "unit": "MTR"}]},
        ]),
    );
    let (answer, demands) = decrement::answer(&world.views, &request).unwrap();
    assert_eq!(
        world.json(&answer),
        json!({
            "original": {"store": "11651", "message_id": "m-1"},
            "order": {"id": "845017", "store": {"id": "11651", "name": "NordlichtShop"}},
        })
    );
    let found: Vec<String> = demands
        .iter()
        .map(|demand| {
            let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("-").to_owned();
            let place = &demand.place;
            let parts = [
                &demand.order_line,
                &demand.component,
                &demand.item,
                &demand.item_id,
                &place.id,
                &place.name,
            ];
            format!(
                "{} {} {} {}",
                parts.map(text).join(" "),
                place.kind,
                demand.quantity.normalize(),
                demand.unit
            )
        })
        .collect();
    assert_eq!(
        found,
        ["1 - LAMP 31207 11651 NordlichtShop online 2 C62", "2 22302 LEG - - MUC physical 8 MTR"]
    );
}
