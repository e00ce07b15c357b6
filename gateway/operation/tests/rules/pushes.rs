//! What a DOM tells: contract sterling sections 7.6, 10 and 11, store sections 6, 11 and 12.

use gateway_operation::{availability_sync, confirmation, order_sync};
use jiff::tz::{TimeZone, offset};
use serde_json::{Value as Json, json};

use crate::support::World;

fn told(event: &Json) -> Option<Json> {
    let world = World::shipped();
    let event = world.record("order_sync_request", event);
    order_sync::tell(&world.views, event, &TimeZone::fixed(offset(2))).map(|request| world.json(&request))
}

#[test]
fn a_status_event_tells_id_status_and_time() {
    let cases = [
        (
            json!({"number": "WC_730011", "status": "R", "max_status": "3200"}),
            json!({"id": "730011", "status": "R"}),
        ),
        (json!({"number": "Y100004", "status": "B"}), json!({"id": "Y100004", "status": "B"})),
        (
            json!({"number": "WC_7", "external_id": "k", "status": "R", "updated_at": "1970-01-01T00:00:01.500Z", "lines": [{"id": "1", "status": "R"}]}),
            json!({"id": "7", "status": "R", "updated_at": "1970-01-01T00:00:01.500Z", "sequence": "1500", "lines": [{"id": "1", "status": "R"}]}),
        ),
        (
            json!({"number": "WC_7", "status": "R", "updated_at": "1970-01-01T02:00:00"}),
            json!({"id": "7", "status": "R", "updated_at": "1970-01-01T02:00:00+02:00", "sequence": "0"}),
        ),
    ];
    for (order, expected) in cases {
        assert_eq!(
            told(&json!({"store": "11651", "orders": [order]})),
            Some(json!({"store": "11651", "action": "Change", "orders": [expected]}))
        );
    }
}

#[test]
fn an_event_is_for_its_own_store_else_for_that_of_its_order() {
    let order = json!({"number": "WC_7", "status": "R", "store": {"id": "2", "name": "N"}});
    for (mut event, expected) in
        [(json!({"area": {"store": "1"}}), "1"), (json!({"store": "3"}), "3"), (json!({}), "2")]
    {
        event["orders"] = json!([order]);
        let told = told(&event).unwrap();
        assert_eq!(told["store"], expected);
        assert_eq!(told["orders"], json!([{"id": "7", "status": "R"}]));
    }
}

#[test]
fn a_status_the_store_does_not_know_is_not_told() {
    assert_eq!(told(&json!({"orders": [{"number": "WC_7", "max_status": "1100"}]})), None);
    assert_eq!(told(&json!({})), None);
    let two = json!({"orders": [{"number": "WC_7"}, {"number": "WC_8", "status": "X"}]});
    assert_eq!(told(&two).unwrap()["orders"], json!([{"id": "8", "status": "X"}]));
}

#[test]
fn a_later_event_of_an_order_never_has_a_lower_sequence() {
    let sequence = |event: Json| told(&event).unwrap().pointer("/orders/0/sequence").cloned();
    let number = |json: Option<Json>| json.unwrap().as_str().unwrap().parse::<i64>().unwrap();
    let released = number(sequence(
        json!({"orders": [{"number": "WC_7", "status": "R", "updated_at": "2026-07-20T10:59:59+02:00"}]}),
    ));
    let shipped = number(sequence(
        json!({"shipment": {"shipped_at": "2026-07-20T09:00:00+00:00", "lines": [{"order_number": "WC_7", "prime_line": "1"}]}}),
    ));
    assert!(released < shipped, "{released} {shipped}");
}

#[test]
fn a_shipment_is_told_by_order_without_lines_for_parts_of_kits() {
    let event = json!({"store": "11651", "shipment": {
        "key": "k", "status": "1400", "shipped_at": "1970-01-01T00:00:01Z",
        "lines": [
            {"order_number": "WC_730011", "prime_line": "91001", "sub_line": "1", "item": "TENT-2P", "quantity": "2.00"},
            {"order_number": "WC_730014", "prime_line": "1", "line_id": "91040"},
            {"order_number": "WC_730014", "prime_line": "5501", "bundle_parent": "2026"},
            {"order_number": "WC_730099", "prime_line": "5502", "bundle_parent": "2026"},
            {"order_number": "WC_730011", "prime_line": "91002"},
            {"order_number": "WC_730011", "prime_line": "91001", "sub_line": "1", "quantity": "1.00"},
            {"order_number": "WC_730098"},
            {"prime_line": "91003"},
        ],
    }});
    let item = |id: &str| json!({"id": id, "status": "D", "shipped_at": "1970-01-01T00:00:01Z"});
    let order = |id: &str, items: Json| json!({"id": id, "status": "S", "updated_at": "1970-01-01T00:00:01Z", "sequence": "1000", "lines": items});
    let bare =
        |id: &str| json!({"id": id, "status": "S", "updated_at": "1970-01-01T00:00:01Z", "sequence": "1000"});
    assert_eq!(
        told(&event),
        Some(json!({"store": "11651", "action": "Change", "orders": [
            order("730011", json!([item("91001"), item("91002")])),
            order("730014", json!([item("91040")])),
            bare("730099"),
            bare("730098"),
        ]}))
    );
}

#[test]
fn a_shipment_of_parts_of_kits_only_tells_the_order_without_lines() {
    let event =
        json!({"shipment": {"lines": [{"order_number": "WC_7", "prime_line": "1", "bundle_parent": "k"}]}});
    assert_eq!(told(&event), Some(json!({"action": "Change", "orders": [{"id": "7", "status": "S"}]})));
}

#[test]
fn a_shipment_counts_from_when_it_was_changed_last() {
    let event = json!({"shipment": {"shipped_at": "1970-01-01", "modified_at": "1970-01-02T00:00:00Z",
        "lines": [{"order_number": "WC_7", "prime_line": "1"}]}});
    let order = &told(&event).unwrap()["orders"][0];
    assert_eq!(
        (&order["updated_at"], &order["sequence"]),
        (&json!("1970-01-02T00:00:00Z"), &json!("86400000"))
    );
    assert_eq!(order["lines"][0]["shipped_at"], "1970-01-01T00:00:00.000+02:00");
    let timeless = json!({"shipment": {"lines": [{"order_number": "WC_7", "prime_line": "1"}]}});
    assert_eq!(
        told(&timeless).unwrap()["orders"],
        json!([{"id": "7", "status": "S", "lines": [{"id": "1", "status": "D"}]}])
    );
}

#[test]
fn the_stores_own_documents_pass_unchanged() {
    let order = json!({"id": "7", "external_id": "k", "comments": "late", "updated_at": "2026-07-15T09:30:00", "sequence": "3",
        "lines": [{"id": "1", "status": "X", "quantity": "2.0"}]});
    let event = json!({"area": {"message_id": "b", "store": "11651"}, "store": "11651", "action": "Change", "orders": [order]});
    assert_eq!(told(&event), Some(event));
    let merchant =
        json!({"store": "11651", "action": "Change", "orders": [{"external_id": "k", "status": "R"}]});
    assert_eq!(told(&merchant), Some(merchant));
}

#[test]
fn a_created_order_is_told_if_the_store_knows_it() {
    let world = World::shipped();
    let cases = [
        (
            json!({"number": "WC_7", "external_id": "k", "cart_id": "9", "entry_type": "WCS", "buyer": {"log_on": "marit"}}),
            Some(json!({"id": "7", "external_id": "k", "buyer": {"log_on": "marit"}})),
        ),
        (
            json!({"number": "Y7", "external_id": "k", "cart_id": "9"}),
            Some(json!({"id": "9", "external_id": "k"})),
        ),
        (json!({"number": "Y7", "external_id": "k"}), None),
        (
            json!({"id": "7", "external_id": "k", "status": "G"}),
            Some(json!({"id": "7", "external_id": "k", "status": "G"})),
        ),
    ];
    for (order, expected) in cases {
        let event = world.record("order_sync_request", &json!({"store": "11651", "orders": [order]}));
        let request = order_sync::created(&world.views, event).map(|request| world.json(&request));
        let expected = expected.map(|order| json!({"store": "11651", "action": "Change", "orders": [order]}));
        assert_eq!(request, expected);
    }
}

#[test]
fn a_change_of_stock_is_told_of_the_online_store_or_of_a_place() {
    let world = World::shipped();
    let raised = "2026-07-15T11:50:00+00:00";
    let online = json!({"location_kind": "online", "location_id": "11651"});
    let muc = json!({"location_kind": "physical", "location": "MUC"});
    let cases = [
        (
            json!({"unit": "C62", "default_group": "true", "on_hand": "17.00", "future_date": "2026-08-03", "alert_level": "1"}),
            &online,
            json!({"status": "Available", "quantity": "17.00", "unit": "C62"}),
        ),
        (
            json!({"default_group": "false", "on_hand": "0.750"}),
            &online,
            json!({"status": "Available", "quantity": "0.750", "unit": "C62"}),
        ),
        (
            json!({"default_group": "true", "node": "MUC", "on_hand": "1"}),
            &online,
            json!({"status": "Available", "quantity": "1", "unit": "C62"}),
        ),
        (
            json!({"unit": "MTR", "node": "MUC", "default_group": "false", "on_hand": "2"}),
            &muc,
            json!({"status": "Available", "quantity": "2", "unit": "MTR"}),
        ),
        (
            json!({"unit": "C62", "node": "MUC", "on_hand": "0.00", "future_date": "2026-08-20"}),
            &muc,
            json!({"status": "Backorderable", "available_at": "2026-08-20T00:00:00.000"}),
        ),
        (
            json!({"unit": "C62", "node": "MUC", "on_hand": "0.00", "future_date": "2500-01-01"}),
            &muc,
            json!({"status": "Unavailable"}),
        ),
        (json!({"unit": "C62"}), &online, json!({"status": "Unavailable"})),
    ];
    for (mut change, place, mut expected) in cases {
        change["item"] = json!("TENT");
        change["updated_at"] = json!(raised);
        let event =
            world.record("availability_sync_request", &json!({"store": "11651", "changes": [change]}));
        let request = availability_sync::tell(&world.views, event).unwrap();
        let whole = expected.as_object_mut().unwrap();
        whole.extend(place.as_object().unwrap().clone());
        whole.extend([("item".to_owned(), json!("TENT")), ("updated_at".to_owned(), json!(raised))]);
        assert_eq!(
            world.json(&request),
            json!({"store": "11651", "action": "Change", "changes": [expected]}),
            "{change}"
        );
    }
}

#[test]
fn the_stores_own_stock_documents_pass_unchanged_and_nothing_is_not_told() {
    let world = World::shipped();
    let change = json!({"item_id": "31207", "location_kind": "online", "location_id": "11651", "status": "Available",
        "quantity": "141.0", "unit": "C62", "updated_at": "2024-06-11T12:00:00.000Z"});
    let told = json!({"area": {"store": "11651"}, "store": "11651", "action": "Change", "changes": [change]});
    let event = world.record("availability_sync_request", &told);
    assert_eq!(world.json(&availability_sync::tell(&world.views, event).unwrap()), told);
    for nothing in [json!({}), json!({"changes": [{"on_hand": "3"}]})] {
        let event = world.record("availability_sync_request", &nothing);
        assert_eq!(availability_sync::tell(&world.views, event), None);
    }
}

#[test]
fn a_push_is_confirmed_or_refused() {
    let world = World::shipped();
    let push = world.record("order_sync_request", &json!({"area": {"message_id": "b"}}));
    let taken = confirmation::success(&world.views, Some(&push));
    assert_eq!(world.json(&taken), json!({"original": {"message_id": "b"}, "succeeded": "true"}));
    assert_eq!(confirmation::outcome(&world.views, &taken), Ok(()));
    let reason = world.record("refusal", &json!({"reason_code": "_ERR_OS_SEQUENCE"}));
    let refused = confirmation::failure(&world.views, Some(&push), reason.clone());
    assert_eq!(
        world.json(&refused),
        json!({"original": {"message_id": "b"}, "succeeded": "false", "refusal": {"reason_code": "_ERR_OS_SEQUENCE"}})
    );
    assert_eq!(confirmation::outcome(&world.views, &refused), Err(Some(&reason)));
    for (said, expected) in [(json!({}), Ok(())), (json!({"succeeded": "false"}), Err(None))] {
        assert_eq!(confirmation::outcome(&world.views, &world.record("confirmation", &said)), expected);
    }
}
