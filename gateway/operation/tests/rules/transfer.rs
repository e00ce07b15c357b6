//! Transfer: contract sterling section 7, store section 9.

use gateway_model::{Repeat, codes};
use gateway_operation::transfer;
use serde_json::{Value as Json, json};

use crate::support::World;

#[test]
fn an_order_is_checked_before_it_is_handed_over() {
    let cases = [
        (json!({"id": "845017"}), None),
        (
            json!({"id": "845017", "lines": [{"id": "1", "quantity": "0.750"}, {"id": "1-2", "quantity": "2.0"}, {"id": "3"}]}),
            None,
        ),
        (json!({"lines": [{"id": "1"}]}), Some("the order has no id, expected the store's order id")),
        (
            json!({"id": "7", "lines": [{"id": "1"}, {"id": "2"}, {"id": "1"}]}),
            Some("two order items have the id `1`, expected one of each"),
        ),
        (
            json!({"id": "7", "lines": [{"id": "1", "quantity": "0"}]}),
            Some("order item `1` has the quantity `0`, expected more than zero"),
        ),
        (
            json!({"id": "7", "lines": [{"quantity": "-2.0"}]}),
            Some("order item number 1 has the quantity `-2.0`, expected more than zero"),
        ),
    ];
    let world = World::shipped();
    for (order, expected) in cases {
        let mut request = world.record("transfer_request", &json!({"order": order}));
        let fault = transfer::plan(&world.views, &mut request).err();
        assert!(fault.iter().all(|fault| fault.code == codes::BAD_REQUEST));
        assert_eq!(fault.map(|fault| fault.message).as_deref(), expected, "{order}");
        assert_eq!(world.json(&request)["order"], order, "the order passes as it is");
    }
}

#[test]
fn the_store_is_the_orders_own_whatever_the_context_says() {
    let world = World::shipped();
    let cases = [
        (json!({"area": {"store": "1"}, "order": {"id": "7", "store": {"id": "2"}}}), json!("2")),
        (json!({"area": {"store": "1"}, "order": {"id": "7", "store": {"name": "N"}}}), json!("1")),
        (json!({"area": {"store": "1"}, "order": {"id": "7"}}), json!("1")),
        (json!({"area": {}, "order": {"id": "7", "store": {"id": "2", "name": "N"}}}), json!("2")),
        (json!({"order": {"id": "7", "store": {"name": "N"}}}), json!("N")),
        (json!({"order": {"id": "7"}}), Json::Null),
    ];
    for (request, expected) in cases {
        let mut request = world.record("transfer_request", &request);
        transfer::plan(&world.views, &mut request).unwrap();
        assert_eq!(world.json(&request)["store"], expected);
    }
}

#[test]
fn an_order_that_names_nobody_to_bill_is_billed_to_the_first_address_of_its_payments() {
    let world = World::shipped();
    let cases = [
        (json!({"bill_to": {"city": "A"}, "payments": [{"bill_to": {"city": "B"}}]}), json!({"city": "A"})),
        (
            json!({"payments": [{"id": "1"}, {"bill_to": {"city": "B"}}, {"bill_to": {"city": "C"}}]}),
            json!({"city": "B"}),
        ),
        (json!({"payments": [{"id": "1"}]}), Json::Null),
        (json!({}), Json::Null),
    ];
    for (mut order, expected) in cases {
        order["id"] = json!("7");
        let mut request = world.record("transfer_request", &json!({"order": order}));
        transfer::plan(&world.views, &mut request).unwrap();
        assert_eq!(world.json(&request)["order"]["bill_to"], expected);
    }
}

#[test]
fn the_answer_has_the_stores_id_and_the_doms_key() {
    let cases = [
        (
            json!({"number": "WC_845017", "external_id": "20240611"}),
            json!({"id": "845017", "external_id": "20240611"}),
        ),
        (json!({"number": "WC_845017", "cart_id": "9"}), json!({"id": "845017", "external_id": "WC_845017"})),
        (
            json!({"number": "Y100004", "cart_id": "845017"}),
            json!({"id": "845017", "external_id": "Y100004"}),
        ),
        (json!({"number": "Y100004", "external_id": "k"}), json!({"id": "845017", "external_id": "k"})),
        (json!({"number": "WC_", "document_type": "0001"}), json!({"id": "845017", "external_id": "WC_"})),
        (json!({}), json!({"id": "845017"})),
    ];
    let world = World::shipped();
    let request = world.record(
        "transfer_request",
        &json!({"area": {"message_id": "m-1"}, "order": {"id": "845017", "lines": [{"id": "1"}]}}),
    );
    for (order, expected) in cases {
        let answer = world.record("transfer_answer", &json!({"order": order}));
        let answer = world.json(&transfer::answer(&world.views, Some(&request), answer).unwrap());
        assert_eq!(answer, json!({"original": {"message_id": "m-1"}, "order": expected}));
    }
    let answer = world.record("transfer_answer", &json!({"order": {"number": "WC_845017"}}));
    let answer = world.json(&transfer::answer(&world.views, None, answer).unwrap());
    assert_eq!(answer["order"]["id"], "845017");
}

#[test]
fn an_answer_about_another_order_is_not_taken_for_success() {
    let world = World::shipped();
    let request = world.record("transfer_request", &json!({"order": {"id": "845017"}}));
    let answer = world.record("transfer_answer", &json!({"order": {"number": "WC_845018"}}));
    let fault = transfer::answer(&world.views, Some(&request), answer).unwrap_err();
    assert_eq!((fault.code, fault.repeat), (codes::DOM_UNEXPECTED, Repeat::AfterCheck));
}
