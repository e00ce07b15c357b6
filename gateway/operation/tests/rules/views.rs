//! A vocabulary in which something the gateway works with is missing is refused as a whole.

use gateway_operation::{MissingView, Views, frame};
use serde_json::json;

use crate::support::{World, edited, fields_mut, vocabulary};

#[test]
fn all_missing_views_are_told_at_once() {
    let mut table = edited("");
    fields_mut(&mut table, "order").remove("id");
    fields_mut(&mut table, "order_line").insert("quantity".to_owned(), toml::toml! { type = "text" }.into());
    fields_mut(&mut table, "order")
        .insert("lines".to_owned(), toml::toml! { type = "list of component" }.into());
    table["record"].as_table_mut().unwrap().remove("shipment_line");
    fields_mut(&mut table, "shipment").remove("lines");
    let operations = table["operation"].as_table_mut().unwrap();
    operations.remove("decrement");
    operations["check"].as_table_mut().unwrap().insert("answer".to_owned(), "orders_answer".into());
    let missing = Views::bind(&vocabulary(&table)).unwrap_err();
    let texts: Vec<String> = missing.iter().map(MissingView::to_string).collect();
    assert_eq!(
        texts,
        [
            "`order` has no `id`, expected one of type `code`",
            "`order.lines` has the type `list of component`, expected `list of order_line`",
            "`order_line.quantity` has the type `text`, expected `number`",
            "`shipment` has no `lines`, expected one of type `list of shipment_line`",
            "the vocabulary has no `shipment_line`, expected a record type",
            "`operation.check.answer` has the type `orders_answer`, expected `requirement_answer`",
            "the vocabulary has no `operation.decrement`, expected an operation",
        ]
    );
}

#[test]
fn a_field_nobody_works_with_may_go() {
    let mut table = edited("");
    fields_mut(&mut table, "order").remove("description");
    fields_mut(&mut table, "order_line").remove("offer");
    assert!(Views::bind(&vocabulary(&table)).is_ok());
}

#[test]
fn a_record_is_stamped_with_its_identity_time_and_store() {
    let world = World::shipped();
    let stamp = frame::Stamp { sent_at: "2026-07-15T11:45:10.250Z".parse().unwrap(), message_id: "id-1" };
    let area = json!({"sent_at": "2026-07-15T11:45:10.250Z", "message_id": "id-1", "store": "11651"});
    for told in [json!({"store": "11651"}), json!({"store": "11651", "area": {"message_id": "old"}})] {
        let mut record = world.record("order_sync_request", &told);
        frame::stamp(&world.views, &mut record, stamp);
        assert_eq!(world.json(&record)["area"], area);
        assert_eq!(frame::identity(&world.views, &record), (Some("id-1"), Some("2026-07-15T11:45:10.250Z")));
        assert_eq!(frame::store(&world.views, &record), Some("11651"));
    }
    let answer = world.record("orders_answer", &json!({"refusal": {"reason_code": "R1"}}));
    assert!(frame::refusal(&world.views, &answer).is_some());
}
