//! Order history and details: contract sterling sections 8 and 9, store section 10.

use gateway_operation::orders;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value as Json, json};

use crate::support::World;

#[test]
fn a_history_question_names_its_orders_page_and_store() {
    let ids = |ids: &[&str]| ids.iter().map(|id| json!({"id": id})).collect::<Json>();
    let cases = [
        (json!({}), json!({"page_size": "25"})),
        (json!({"page_size": "10"}), json!({"page_size": "10"})),
        (json!({"page_size": "0"}), json!({"page_size": "25"})),
        (json!({"area": {"store": "1"}}), json!({"area": {"store": "1"}, "store": "1", "page_size": "25"})),
        (
            json!({"area": {"store": "1"}, "store": "2"}),
            json!({"area": {"store": "1"}, "store": "2", "page_size": "25"}),
        ),
        (
            json!({"order_ids": "845017,845988, 839120,", "after_key": "2024"}),
            json!({"order_ids": "845017,845988, 839120,", "after_key": "2024", "page_size": "25",
                "orders": ids(&["845017", "845988", "839120"])}),
        ),
        (json!({"order_ids": " , "}), json!({"order_ids": " , ", "page_size": "25"})),
    ];
    let world = World::shipped();
    for (question, expected) in cases {
        let mut request = world.record("orders_request", &question);
        orders::plan_history(&world.views, &mut request, 25);
        assert_eq!(world.json(&request), expected);
    }
}

#[test]
fn a_details_question_has_to_name_one_order() {
    let world = World::shipped();
    for (question, names_one) in [
        (json!({"key": "2024"}), true),
        (json!({"order_id": "845017"}), true),
        (json!({"log_on": "marit"}), false),
    ] {
        let mut request = world.record("orders_request", &question);
        assert_eq!(orders::plan_details(&world.views, &mut request).is_ok(), names_one, "{question}");
    }
}

fn history(answer: &Json) -> Json {
    let world = World::shipped();
    let request = world.record("orders_request", &json!({"area": {"message_id": "m-1"}}));
    let answer = world.record("orders_answer", answer);
    let answer = world.json(&orders::history_answer(&world.views, Some(&request), answer));
    assert_eq!(answer["original"], json!({"message_id": "m-1"}));
    answer
}

#[test]
fn the_page_says_how_much_there_is_and_never_zero() {
    let cases = [
        (
            json!({"count": "2", "total": "3", "complete": "true"}),
            json!({"start": "0", "count": "2", "total": "3", "complete": "true"}),
        ),
        (json!({"count": "0", "total": "0", "complete": "true"}), json!({"start": "0", "complete": "true"})),
        (json!({"start": "20", "count": "10"}), json!({"start": "20", "count": "10"})),
    ];
    for (set, expected) in cases {
        assert_eq!(history(&json!({"record_set": set}))["record_set"], expected);
    }
    assert_eq!(history(&json!({}))["record_set"], json!({"start": "0"}));
}

#[test]
fn orders_of_a_page_are_named_and_judged_for_the_store() {
    let cases = [
        (
            json!({"number": "WC_729406", "external_id": "k"}),
            json!({"number": "WC_729406", "id": "729406", "external_id": "k"}),
        ),
        (json!({"number": "Y100004"}), json!({"number": "Y100004", "id": "Y100004"})),
        (json!({"id": "7"}), json!({"id": "7"})),
        (
            json!({"status": "S", "several_statuses": "true"}),
            json!({"status": "V", "several_statuses": "true"}),
        ),
        (
            json!({"status": "S", "several_statuses": "false"}),
            json!({"status": "S", "several_statuses": "false"}),
        ),
        (
            json!({"status": "G", "several_statuses": "true"}),
            json!({"status": "G", "several_statuses": "true"}),
        ),
        (json!({"max_status": "1234"}), json!({"max_status": "1234"})),
        (
            json!({"placed_at": "2026-07-02T08:30:11+00:00"}),
            json!({"placed_at": "2026-07-02T08:30:11+00:00"}),
        ),
        (json!({"placed_at": "2026-07-02"}), json!({"placed_at": "2026-07-02T00:00:00.000"})),
    ];
    for (order, expected) in cases {
        assert_eq!(history(&json!({"orders": [order]}))["orders"], json!([expected]));
    }
}

#[test]
fn details_say_when_the_order_was_placed_with_a_zone() {
    let world = World::shipped();
    let zone = TimeZone::fixed(offset(2));
    let cases = [
        (
            json!({"number": "WC_7", "placed_at": "2026-07-02T08:30:11"}),
            json!({"number": "WC_7", "id": "7", "placed_at": "2026-07-02T08:30:11+02:00"}),
        ),
        (
            json!({"number": "Y7", "placed_at": "2026-07-02"}),
            json!({"number": "Y7", "id": "Y7", "placed_at": "2026-07-02T00:00:00.000+02:00"}),
        ),
        (json!({"placed_at": "2026-07-02T08:30:11Z"}), json!({"placed_at": "2026-07-02T08:30:11Z"})),
        (
            json!({"lines": [{"id": "1", "quantity": "2.00"}]}),
            json!({"lines": [{"id": "1", "quantity": "2.00"}]}),
        ),
    ];
    for (order, expected) in cases {
        let answer = world.record("orders_answer", &json!({"orders": [order]}));
        let answer = world.json(&orders::details_answer(&world.views, None, answer, &zone));
        assert_eq!(answer["orders"], json!([expected]));
        assert_eq!(
            answer["record_set"],
            json!({"start": "0", "count": "1", "total": "1", "complete": "true"})
        );
    }
}
