//! What a look at the DOM proves: contract sterling sections 5 to 7 and 9.

use gateway_operation::reserve;
use gateway_operation::verify::{self, Found};
use proptest::prelude::{Just, Strategy, proptest};
use serde_json::{Value as Json, json};

use crate::support::World;

/// Two lines that come to 119.72, shipping and tax included.
fn sent() -> Json {
    json!({"id": "7", "currency": "EUR", "lines": [
        {"id": "71", "item": "LAMP", "unit": "C62", "quantity": "2.0", "unit_price": "49.90000", "sales_tax": "18.96",
            "adjustments": [{"usage": "Discount", "amount": "-10"}]},
        {"id": "72", "sub_line": "3", "item": "ROPE", "unit": "MTR", "quantity": "0.750", "unit_price": "10.01",
            "shipping_charge": "3.45"}]})
}

/// The same as the DOM says it: other spelling, its own numbers, parts of a kit, another order of lines.
fn found() -> Json {
    json!({"number": "WC_7", "external_id": "K1", "currency": "EUR", "grand_total": "119.72", "lines": [
        {"external_id": "L2", "prime_line": "1", "sub_line": "3", "id": "72", "item": "ROPE", "unit": "MTR", "quantity": "0.75"},
        {"external_id": "L1", "prime_line": "2", "sub_line": "1", "id": "71", "item": "LAMP", "unit": "C62", "quantity": "2.00"},
        {"external_id": "L3", "prime_line": "3", "item": "BULB", "unit": "C62", "quantity": "4", "bundle_parent": "L1"}]})
}

/// What a look comes to, as one word and the text.
fn look(asked_total: Option<&str>, sent: &Json, orders: &Json) -> (&'static str, String) {
    let world = World::shipped();
    let mut asked = sent.clone();
    if let Some(total) = asked_total {
        asked["grand_total"] = json!(total);
    }
    let asked = world.record("transfer_request", &json!({"store": "11651", "order": asked}));
    let sent = world.record("transfer_request", &json!({"store": "11651", "order": sent}));
    let answer = world.record("orders_answer", &json!({"orders": orders}));
    match verify::order(&world.views, (&asked, &sent), &answer) {
        Found::Same(order) => {
            ("same", order.text(world.views.order.external_id).unwrap_or_default().to_owned())
        }
        Found::Different(text) => ("different", text),
        Found::NotThere => ("not there", String::new()),
        Found::Unclear(text) => ("unclear", text),
    }
}

fn with(change: impl FnOnce(&mut Json)) -> Json {
    let mut order = found();
    change(&mut order);
    order
}

#[test]
fn what_the_dom_adds_by_itself_is_no_difference() {
    let cases = [
        found(),
        with(|order| {
            order["lines"]
                .as_array_mut()
                .unwrap()
                .push(json!({"item": "GIFT", "unit": "C62", "quantity": "1"}))
        }),
        with(|order| {
            // Split by the DOM, half shipped.
            order["lines"][1]["quantity"] = json!("1");
            order["lines"]
                .as_array_mut()
                .unwrap()
                .push(json!({"id": "71", "item": "LAMP", "unit": "C62", "quantity": "1.0"}));
        }),
        with(|order| {
            order["lines"][0].as_object_mut().unwrap().remove("sub_line");
            order["lines"][0].as_object_mut().unwrap().remove("unit");
        }),
        with(|order| {
            for line in order["lines"].as_array_mut().unwrap() {
                line.as_object_mut().unwrap().remove("id");
            }
        }),
        with(|order| {
            // Cancelled since: quantity and total are what is left.
            order["lines"][1]["quantity"] = json!("0");
            order["lines"][1]["status"] = json!("X");
            order["grand_total"] = json!("10.96");
        }),
    ];
    for order in cases {
        assert_eq!(look(Some("119.72"), &sent(), &json!([order])), ("same", "K1".to_owned()), "{order}");
    }
}

#[test]
fn another_content_under_the_same_number_is_different() {
    let cases = [
        (
            with(|order| order["lines"][1]["quantity"] = json!("3")),
            "quantity of order item `71`: `2.0` was sent, `3` is there",
        ),
        (
            with(|order| order["lines"][1]["item"] = json!("RUG")),
            "item of order item `71`: `LAMP` was sent, `RUG` is there",
        ),
        (
            with(|order| order["lines"][0]["unit"] = json!("C62")),
            "unit of order item `72`: `MTR` was sent, `C62` is there",
        ),
        (
            with(|order| order["lines"][0]["sub_line"] = json!("4")),
            "order item `72` was sent and is not there",
        ),
        (with(|order| order["lines"][0]["id"] = json!("99")), "order item `72` was sent and is not there"),
        (
            with(|order| {
                order["lines"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({"id": "99", "item": "RUG", "quantity": "1"}))
            }),
            "order item `99` is there and was not sent",
        ),
        (with(|order| order["currency"] = json!("CHF")), "currency: `EUR` was sent, `CHF` is there"),
        (with(|order| order["grand_total"] = json!("119.73")), "total: `119.72` was sent, `119.73` is there"),
        (
            with(|order| {
                for line in order["lines"].as_array_mut().unwrap() {
                    line.as_object_mut().unwrap().remove("id");
                }
                order["lines"][0]["quantity"] = json!("1");
            }),
            "quantity of item `ROPE`: `0.750` was sent, `1` is there",
        ),
    ];
    for (order, expected) in cases {
        assert_eq!(look(Some("119.72"), &sent(), &json!([order])), ("different", expected.to_owned()));
    }
}

#[test]
fn more_than_can_be_counted_is_another_quantity() {
    let most = "79228162514264337593543950335";
    let order = with(|order| {
        let line = json!({"id": "71", "item": "LAMP", "unit": "C62", "quantity": most});
        order["lines"][1] = line.clone();
        order["lines"].as_array_mut().unwrap().push(line);
    });
    let expected = format!("quantity of order item `71`: `2.0` was sent, `{most}` is there");
    assert_eq!(look(Some("119.72"), &sent(), &json!([order])), ("different", expected));
}

#[test]
fn a_total_is_the_stores_or_that_of_the_lines_with_or_without_what_the_dom_added() {
    let total = |total: &str| with(|order| order["grand_total"] = json!(total));
    let gift_wrap = with(|order| {
        order["grand_total"] = json!("122.22");
        order["adjustments"] = json!([{"usage": "Surcharge", "amount": "2.50"}]);
    });
    let cases = [
        // The store took a promotion off that the DOM was never told of.
        (Some("100.00"), total("119.72"), "same"),
        (Some("100.00"), total("100.0"), "same"),
        (Some("119.72"), gift_wrap.clone(), "same"),
        (Some("100.00"), gift_wrap, "same"),
        (Some("100.00"), total("101"), "different"),
        // Only one side says a total.
        (None, total("1"), "same"),
        (Some("1"), with(|order| drop(order.as_object_mut().unwrap().remove("grand_total"))), "same"),
    ];
    for (asked, order, expected) in cases {
        assert_eq!(look(asked, &sent(), &json!([order])).0, expected, "{asked:?} {order}");
    }
}

#[test]
fn an_answer_that_proves_nothing_is_not_taken_for_not_there() {
    let cases = [
        with(|order| order["number"] = json!("WC_8")),
        with(|order| order["number"] = json!("Y100004")),
        with(|order| drop(order.as_object_mut().unwrap().remove("number"))),
        with(|order| order["store"] = json!({"id": "10001"})),
        with(|order| order["lines"] = json!([])),
        with(|order| drop(order["lines"][0].as_object_mut().unwrap().remove("quantity"))),
        with(|order| drop(order["lines"][1].as_object_mut().unwrap().remove("item"))),
        json!({}),
    ];
    for order in cases {
        assert_eq!(look(None, &sent(), &json!([order])).0, "unclear", "{order}");
    }
    assert_eq!(look(None, &sent(), &json!([found(), found()])).0, "unclear");
    assert_eq!(look(None, &sent(), &json!([])).0, "not there");
}

#[test]
fn the_order_is_asked_for_by_its_number_in_its_store() {
    let world = World::shipped();
    let request = world.record("transfer_request", &json!({"store": "11651", "order": sent()}));
    let question = verify::question(&world.views, &request);
    assert_eq!(world.json(&question), json!({"store": "11651", "order_id": "7"}));
}

#[test]
fn a_reservation_is_undone_item_by_item_wherever_it_is_held() {
    let world = World::shipped();
    let mut request = world.record(
        "requirement_request",
        &json!({"store": "11651", "order": {"id": "7", "lines": [
            {"id": "71", "item": "LAMP", "quantity": "2.0", "center": "DC-Nord", "inventory_status": "Unallocated"},
            {"id": "72", "item": "DESK", "quantity": "2", "configuration": "c-1", "components": [
                {"id": "1", "item": "TOP", "quantity": "1"}, {"id": "2", "item": "LEG", "quantity": "4"}]},
            {"id": "73", "item": "RUG", "quantity": "1", "components": [{"id": "3", "item": "FRINGE", "quantity": "9"}]}]}}),
    );
    reserve::plan(&world.views, &mut request).unwrap();
    let together = verify::release(&world.views, &request).unwrap();
    let requests = verify::singly(&world.views, together);
    let found: Vec<_> = requests
        .iter()
        .map(|request| {
            let request = world.json(request);
            assert_eq!((&request["store"], &request["order"]["id"]), (&json!("11651"), &json!("7")));
            assert!(request.get("promises").is_none());
            let cancellations = request["cancellations"].as_array().unwrap().clone();
            assert_eq!(cancellations.len(), 1);
            let one = &cancellations[0];
            assert!(one.get("center").is_none() && one["reservation_id"] == json!("7"), "{one}");
            (one["item"].as_str().unwrap().to_owned(), one["quantity"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected = [("LAMP", "2.0"), ("TOP", "2"), ("LEG", "8"), ("RUG", "1")];
    assert_eq!(found, expected.map(|(item, quantity)| (item.to_owned(), quantity.to_owned())));
}

proptest! {
    /// However the DOM orders, splits and spells the lines: the same order stays the same, and one piece less does not.
    #[test]
    fn an_order_is_the_same_in_any_order_of_its_lines(
        (lines, shuffled) in proptest::collection::vec(("[A-C]", 1_u32..50), 1..8)
            .prop_flat_map(|lines| {
                let numbered: Vec<_> = lines.into_iter().enumerate().collect();
                (Just(numbered.clone()), Just(numbered).prop_shuffle())
            })
    ) {
        let line = |index: usize, item: &str, quantity: String| {
            json!({"id": (index + 1).to_string(), "item": item, "unit": "C62", "quantity": quantity})
        };
        let sent: Vec<_> =
            lines.iter().map(|(index, (item, quantity))| line(*index, item, quantity.to_string())).collect();
        let there: Vec<_> =
            shuffled.iter().map(|(index, (item, quantity))| line(*index, item, format!("{quantity}.00"))).collect();
        let sent = json!({"id": "7", "lines": sent});
        let order = |lines: Vec<Json>| json!([{"number": "WC_7", "external_id": "K1", "lines": lines}]);
        assert_eq!(look(None, &sent, &order(there.clone())).0, "same");
        let mut fewer = there.clone();
        fewer[0]["quantity"] = json!((shuffled[0].1.1 - 1).to_string());
        assert_eq!(look(None, &sent, &order(fewer)).0, "different");
        let nameless = there.into_iter().map(|mut line| {
            line.as_object_mut().unwrap().remove("id");
            line
        });
        assert_eq!(look(None, &sent, &order(nameless.collect())).0, "same");
    }
}
