//! Reserve: contract sterling section 5, store section 7.

use gateway_operation::reserve;
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use crate::check::request;
use crate::support::World;

const TODAY: Date = date(2026, 7, 15);

#[test]
fn promises_are_the_items_each_followed_by_the_parts_of_a_configured_kit() {
    let world = World::shipped();
    let parts = json!([{"id": "22301", "item": "TOP", "item_id": "32011", "quantity": "1.0", "unit": "C62"},
        {"id": "22302", "item": "LEG", "quantity": "4.0", "unit": "C62"}]);
    let mut request = request(
        &world,
        &json!([
            {"id": "1", "item": "LAMP", "quantity": "2.0", "unit": "C62", "ship_to": {"city": "Utrecht"}},
            {"id": "2", "item": "DESK", "quantity": "1.0", "unit": "C62", "configuration": "CFG-1", "ship_mode": {"code": "Express"}, "components": parts},
            {"id": "3", "item": "SET", "quantity": "1.0", "unit": "C62", "components": parts},
        ]),
    );
    reserve::plan(&world.views, &mut request).unwrap();
    assert_eq!(
        world.json(&request)["promises"],
        json!([
            {"id": "1", "item": "LAMP", "quantity": "2.0", "unit": "C62", "ship_to": {"city": "Utrecht"}, "reservation_id": "845017"},
            {"id": "2", "item": "DESK", "quantity": "1.0", "unit": "C62", "configuration": "CFG-1",
             "ship_mode": {"code": "Express"}, "reservation_id": "845017"},
            {"parent": "2", "component_id": "22301", "item": "TOP", "item_id": "32011", "kit_quantity": "1.0", "unit": "C62",
             "ship_mode": {"code": "Express"}, "reservation_id": "845017"},
            {"parent": "2", "component_id": "22302", "item": "LEG", "kit_quantity": "4.0", "unit": "C62",
             "ship_mode": {"code": "Express"}, "reservation_id": "845017"},
            {"id": "3", "item": "SET", "quantity": "1.0", "unit": "C62", "reservation_id": "845017"},
        ])
    );
    assert_eq!(world.json(&request)["order"]["lines"][1]["components"], parts, "the order stays as it was");
}

#[test]
fn an_order_that_cannot_be_reserved_is_refused() {
    let cases = [
        (json!({"lines": [{"id": "1"}]}), "the order has no id, expected the store's order id"),
        (json!({"id": "7"}), "the order has no items, expected at least one to reserve"),
        (
            json!({"id": "7", "lines": [{"item": "A"}]}),
            "order item number 1 has no id, expected the store's order item id",
        ),
        (
            json!({"id": "7", "lines": [{"id": "1"}, {"id": "1"}]}),
            "two order items have the id `1`, expected one of each",
        ),
        (
            json!({"id": "7", "lines": [{"id": "1", "quantity": "0.0"}]}),
            "order item `1` has the quantity `0.0`, expected more than zero",
        ),
    ];
    for (order, expected) in cases {
        let world = World::shipped();
        let mut request = world.record("requirement_request", &json!({"order": order}));
        assert_eq!(reserve::plan(&world.views, &mut request).unwrap_err().message, expected);
    }
}

fn reserved(asked: &Json, promises: &Json) -> Json {
    let world = World::shipped();
    let request = request(&world, asked);
    let answer = world.record("requirement_answer", &json!({"promises": promises}));
    world.json(&reserve::answer(&world.views, Some(&request), answer, TODAY))
}

fn reservation(quantity: &str, available_on: &str) -> Json {
    json!({"id": "845017", "quantity": quantity, "unit": "C62", "center": "DC-Nord",
        "ship_on": "2026-08-04", "available_on": available_on})
}

#[test]
fn stock_available_up_to_today_is_allocated_and_later_stock_backordered() {
    let line = |status: &str, date: &str| {
        json!([{"id": "1", "quantity": "2.00", "unit": "C62", "inventory_status": status, "center": "DC-Nord",
            "available_date": date, "expected_ship_date": "2026-08-04T00:00:00.000"}])
    };
    for (day, expected) in [
        ("2026-07-14", line("Allocated", "2026-07-14T00:00:00.000")),
        ("2026-07-15", line("Allocated", "2026-07-15T00:00:00.000")),
        ("2026-07-16", line("Backordered", "2026-07-16T00:00:00.000")),
        ("2026-07-16T06:00:00Z", line("Backordered", "2026-07-16T06:00:00Z")),
    ] {
        let promise = json!([{"id": "1", "quantity_to_reserve": "2.00", "quantity_reserved": "2.00",
            "reservations": [reservation("2.00", day)]}]);
        let answer = reserved(&json!([{"id": "1", "item": "A", "quantity": "2.0"}]), &promise);
        assert_eq!(answer["order"]["lines"], expected, "{day}");
        assert_eq!(answer["order"]["id"], "845017");
        assert_eq!(answer["original"]["message_id"], "m-1");
        assert_eq!(answer["promises"], Json::Null);
    }
}

fn short(answer: &Json) -> Vec<String> {
    let text = |line: &Json, name: &str| line[name].as_str().unwrap_or("-").to_owned();
    answer["order"]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            ["id", "correlation_group", "inventory_status", "quantity", "unit"]
                .map(|name| text(line, name))
                .join(" ")
        })
        .collect()
}

#[test]
fn an_item_comes_back_split_as_it_was_reserved() {
    let asked = json!([{"id": "1", "item": "A", "quantity": "5.0", "unit": "C62"}]);
    let (today, later) = (reservation("1.00", "2026-07-15"), reservation("1.50", "2026-08-03"));
    let cases = [
        (
            "nothing reserved",
            json!([{"id": "1", "quantity_to_reserve": "5.00", "quantity_reserved": "0.00"}]),
            vec!["1 - Unallocated - -"],
        ),
        ("nothing said", json!([]), vec!["1 - Unallocated - -"]),
        (
            "a reservation of nothing",
            json!([{"id": "1", "reservations": [reservation("0.00", "2026-07-15")]}]),
            vec!["1 - Unallocated - -"],
        ),
        (
            "two places",
            json!([{"id": "1", "quantity_to_reserve": "2.50", "quantity_reserved": "2.50", "reservations": [today, later]}]),
            vec!["1 - Allocated 1.00 C62", "- 1 Backordered 1.50 C62"],
        ),
        (
            "partly reserved",
            json!([{"id": "1", "quantity_to_reserve": "5.00", "quantity_reserved": "2.50", "reservations": [today, later]}]),
            vec!["1 - Allocated 1.00 C62", "- 1 Backordered 1.50 C62", "- 1 Unallocated 2.5 C62"],
        ),
        (
            "partly reserved, sums not told",
            json!([{"id": "1", "reservations": [today]}]),
            vec!["1 - Allocated 1.00 C62", "- 1 Unallocated 4 C62"],
        ),
        (
            "units told by the item only, a part held under no reservation",
            json!([{"id": "1", "unit": "MTR", "quantity_to_reserve": "5", "quantity_reserved": "3", "reservations": [
                {"quantity": "2", "available_on": "2026-08-03"},
                {"id": "845017", "quantity": "1"},
            ]}]),
            vec!["1 - Unallocated 2 MTR", "- 1 Backordered 1 MTR", "- 1 Unallocated 2 MTR"],
        ),
        (
            "units told by the request only",
            json!([{"id": "1", "reservations": [{"id": "845017", "quantity": "1"}]}]),
            vec!["1 - Backordered 1 C62", "- 1 Unallocated 4 C62"],
        ),
    ];
    for (name, promises, expected) in cases {
        assert_eq!(short(&reserved(&asked, &promises)), expected, "{name}");
    }
}

#[test]
fn items_stand_in_the_order_of_the_request_and_parts_of_kits_are_dropped() {
    let asked = json!([{"id": "3", "item": "A"}, {"id": "1", "item": "KIT"}, {"id": "2", "item": "B"}]);
    let whole = |id: &str| {
        json!({"id": id, "quantity_to_reserve": "1.00", "quantity_reserved": "1.00",
            "reservations": [reservation("1.00", "2026-07-15")]})
    };
    let mut part = whole("9");
    part["parent"] = json!("1");
    let mut other_part = whole("8");
    other_part["bundle_parent"] = json!("20260715");
    let mut third_part = whole("");
    third_part["component_id"] = json!("22301");
    let promises = json!([whole("1"), part, other_part, third_part, whole("3"), whole("77")]);
    assert_eq!(
        short(&reserved(&asked, &promises)),
        ["3 - Allocated 1.00 C62", "1 - Allocated 1.00 C62", "2 - Unallocated - -"]
    );
}

#[test]
fn of_two_promises_for_one_item_the_first_counts() {
    let promise = |quantity: &str| json!({"id": "1", "quantity_to_reserve": "1", "quantity_reserved": "1", "reservations": [reservation(quantity, "2026-07-15")]});
    let promises = json!([promise("1.00"), promise("1.50")]);
    let asked = json!([{"id": "1", "item": "A"}]);
    assert_eq!(short(&reserved(&asked, &promises)), ["1 - Allocated 1.00 C62"]);
}

#[test]
fn without_the_request_the_order_id_is_that_of_the_first_reservation() {
    let world = World::shipped();
    let promises = json!([
        {"id": "2", "quantity": "1.00"},
        {"id": "1", "quantity": "3.00", "reservations": [reservation("1.00", "2026-07-15")]},
    ]);
    let answer = world.record("requirement_answer", &json!({"promises": promises}));
    let answer = world.json(&reserve::answer(&world.views, None, answer, TODAY));
    assert_eq!(answer["order"]["id"], "845017");
    assert_eq!(short(&answer), ["2 - Unallocated - -", "1 - Allocated 1.00 C62", "- 1 Unallocated 2 C62"]);
}
