//! Check: answered from availability, contract sterling section 2, store section 7.

use gateway_operation::{availability, check};
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use crate::support::World;

const TODAY: Date = date(2026, 7, 15);

pub(crate) fn request(world: &World, lines: &Json) -> gateway_model::Record<'static> {
    let order = json!({"id": "845017", "store": {"id": "11651", "name": "NordlichtShop"}, "lines": lines});
    world.record(
        "requirement_request",
        &json!({"area": {"store": "11651", "message_id": "m-1"}, "order": order}),
    )
}

/// Checks an order against supplies of its online lines and gives `id status date` per item.
fn checked(lines: &Json, online: &Json, physical: &Json) -> Vec<String> {
    let world = World::shipped();
    let mut request = request(&world, lines);
    let question = check::plan(&world.views, &mut request).unwrap();
    let answer = world
        .record("availability_answer", &json!({"online_supplies": online, "physical_supplies": physical}));
    let found = availability::answer(&world.views, Some(&question), answer, TODAY);
    let answer = world.json(&check::answer(&world.views, &request, &found).unwrap());
    let text = |line: &Json, name: &str| line[name].as_str().unwrap_or("-").to_owned();
    answer["order"]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            assert_eq!(line["available_date"], line["expected_ship_date"]);
            ["id", "inventory_status", "available_date"].map(|name| text(line, name)).join(" ")
        })
        .collect()
}

#[test]
fn an_order_is_checked_where_its_items_are_taken_from() {
    let world = World::shipped();
    let mut request = request(
        &world,
        &json!([
            {"id": "1", "item": "LAMP", "item_id": "31207", "quantity": "2.0", "unit": "C62"},
            {"id": "2", "item": "RUG", "quantity": "1", "pickup": "MUC", "pickup_id": "12001", "ship_mode": {"code": "PickupInStore"}},
            {"id": "3", "item": "RUG", "quantity": "1", "pickup": "MUC", "ship_mode": {"code": "Standard"}},
            {"id": "4", "item": "RUG", "quantity": "1", "ship_mode": {"code": "PickupInStore"}},
            {"id": "5", "item": "KIT", "quantity": "1", "components": [{"item": "LEG", "quantity": "4", "unit": "MTR"}]},
            {"id": "6", "item": "LAMP", "item_id": "31207", "quantity": "9"},
        ]),
    );
    let question = world.json(&check::plan(&world.views, &mut request).unwrap());
    assert_eq!(question["store"], "11651");
    assert_eq!(question["area"]["message_id"], "m-1");
    let online = json!({"location_kind": "online", "location_id": "11651", "location": "NordlichtShop"});
    let with = |place: &Json, more: Json| {
        let mut line = place.clone();
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let muc =
        json!({"location_kind": "physical", "location_id": "12001", "location": "MUC", "line": "physical_2"});
    assert_eq!(
        question["lines"],
        json!([
            with(&online, json!({"position": "1", "item": "LAMP", "item_id": "31207", "unit": "C62"})),
            with(&muc, json!({"position": "2", "item": "RUG", "unit": "C62"})),
            with(&online, json!({"position": "3", "item": "RUG", "unit": "C62"})),
            with(&online, json!({"position": "4", "item": "LEG", "unit": "MTR"})),
        ])
    );
}

#[test]
fn the_orders_own_ship_mode_holds_for_items_without_one() {
    let world = World::shipped();
    let order = json!({"id": "1", "ship_mode": {"code": "PickupInStore"}, "pickup": "ZRH",
        "lines": [{"id": "1", "item": "RUG", "quantity": "1"}]});
    let mut request = world.record("requirement_request", &json!({"order": order}));
    let question = world.json(&check::plan(&world.views, &mut request).unwrap());
    assert_eq!(question.pointer("/lines/0/location"), Some(&json!("ZRH")));
}

#[test]
fn an_item_is_available_only_if_all_of_it_is() {
    let line = |quantity: &str| json!([{"id": "1", "item": "RUG", "quantity": quantity}]);
    let cases = [
        ("2.0", json!({"on_hand": "2.00"}), "1 Available -"),
        ("0.750", json!({"on_hand": "0.750"}), "1 Available -"),
        (
            "3",
            json!({"on_hand": "2.00", "future_date": "2026-08-03"}),
            "1 Backorderable 2026-08-03T00:00:00.000",
        ),
        ("3", json!({"on_hand": "2.00", "future_date": "2500-01-01"}), "1 Unavailable -"),
        ("3", json!({"on_hand": "2.00"}), "1 Unavailable -"),
        (
            "1",
            json!({"on_hand": "0", "future_date": "2026-08-03"}),
            "1 Backorderable 2026-08-03T00:00:00.000",
        ),
        ("1", json!({}), "1 Unavailable -"),
        // available without a quantity is unlimited
        ("99999", json!({"status": "Available"}), "1 Available -"),
    ];
    for (quantity, supply, expected) in cases {
        assert_eq!(
            checked(&line(quantity), &json!([supply]), &json!([])),
            [expected],
            "{quantity} of {supply}"
        );
    }
}

#[test]
fn a_pick_up_store_with_too_little_says_when_more_comes() {
    let lines = json!([{"id": "1", "item": "RUG", "quantity": "3", "pickup": "MUC", "ship_mode": {"code": "PickupInStore"}}]);
    let supply = json!([{"line": "physical_1", "assignments": [
        {"quantity": "1", "available_on": "2026-07-15"}, {"quantity": "9", "available_on": "2026-08-20"}]}]);
    assert_eq!(checked(&lines, &json!([]), &supply), ["1 Backorderable 2026-08-20T00:00:00.000"]);
}

#[test]
fn what_one_item_takes_is_not_there_for_the_next() {
    let lines = json!([
        {"id": "1", "item": "RUG", "quantity": "2"},
        {"id": "2", "item": "RUG", "quantity": "3"},
        {"id": "3", "item": "RUG", "quantity": "1"},
    ]);
    assert_eq!(
        checked(&lines, &json!([{"on_hand": "3"}]), &json!([])),
        ["1 Available -", "2 Unavailable -", "3 Available -"]
    );
}

#[test]
fn a_kit_is_as_available_as_its_scarcest_part() {
    let kit = json!([{"id": "1", "item": "DESK", "quantity": "2", "components": [
        {"item": "TOP", "quantity": "1.0"}, {"item": "LEG", "quantity": "4.0"}]}]);
    let cases = [
        (json!([{"on_hand": "2"}, {"on_hand": "8"}]), "1 Available -"),
        (json!([{"on_hand": "2"}, {"on_hand": "7"}]), "1 Unavailable -"),
        (
            json!([{"on_hand": "2"}, {"on_hand": "7", "future_date": "2026-08-03"}]),
            "1 Backorderable 2026-08-03T00:00:00.000",
        ),
        (
            json!([{"future_date": "2026-08-03"}, {"future_date": "2026-09-01"}]),
            "1 Backorderable 2026-09-01T00:00:00.000",
        ),
        (json!([{"future_date": "2026-08-03"}, {}]), "1 Unavailable -"),
    ];
    for (supplies, expected) in cases {
        assert_eq!(checked(&kit, &supplies, &json!([])), [expected], "{supplies}");
    }
}

#[test]
fn a_check_answers_with_ids_quantities_and_status_only() {
    let world = World::shipped();
    let line =
        json!({"id": "1", "item": "RUG", "quantity": "2.0", "unit": "C62", "ship_to": {"city": "Utrecht"}});
    let mut request = request(&world, &json!([line]));
    let question = check::plan(&world.views, &mut request).unwrap();
    let found = availability::answer(
        &world.views,
        Some(&question),
        world.record("availability_answer", &json!({"online_supplies": [{"on_hand": "2"}]})),
        TODAY,
    );
    assert_eq!(
        world.json(&check::answer(&world.views, &request, &found).unwrap()),
        json!({
            "original": {"store": "11651", "message_id": "m-1"},
            "order": {"id": "845017", "store": {"id": "11651", "name": "NordlichtShop"}, "lines": [
                {"id": "1", "quantity": "2.0", "unit": "C62", "inventory_status": "Available"}]},
        })
    );
}

#[test]
fn an_order_that_cannot_be_checked_is_refused() {
    let cases = [
        (json!([]), "GW-3007: the order has no items, expected at least one to check"),
        (
            json!([{"id": "1", "item": "RUG"}]),
            "GW-3007: order item `1` has no quantity, expected a decimal number",
        ),
        (
            json!([{"quantity": "1"}]),
            "GW-3007: order item number 1 names no item, expected a part number or an item id",
        ),
        (
            json!([{"id": "1", "quantity": "1", "components": [{"id": "22301", "item": "LEG"}]}]),
            "GW-3007: kit part `22301` of order item `1` has no quantity, expected a decimal number",
        ),
        (
            json!([{"id": "1", "quantity": "9999999999999999", "components": [{"item": "LEG", "quantity": "99999999999999999"}]}]),
            "GW-3007: a kit part of order item `1` has a quantity too large to calculate with",
        ),
    ];
    for (lines, expected) in cases {
        let world = World::shipped();
        let fault = check::plan(&world.views, &mut request(&world, &lines)).unwrap_err();
        assert_eq!(fault.to_string(), expected);
    }
}
