//! Check, reserve, cancel, decrement: contract sterling sections 5 and 6, store section 7.

use gateway_operation::{availability, cancel, check, decrement, reserve};
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use crate::support::World;

const TODAY: Date = date(2026, 7, 15);

fn request(world: &World, lines: &Json) -> gateway_model::Record<'static> {
    let order = json!({"id": "845017", "store": {"id": "11651", "name": "NordlichtShop"}, "lines": lines});
    world.record(
        "requirement_request",
        &json!({"area": {"store": "11651", "message_id": "m-1"}, "order": order}),
    )
}

// === check ===

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

// === reserve ===

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

// === cancel ===

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
