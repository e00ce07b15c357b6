//! What holds of any question and any answer.

use gateway_operation::{availability, reserve};
use jiff::civil::date;
use proptest::prelude::{Strategy, any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::support::World;

const DATES: [&str; 5] = ["2026-07-14", "2026-07-15", "2026-07-16", "2500-01-01", ""];

fn supply() -> impl Strategy<Value = Json> {
    (0..200_u32, 0..DATES.len(), any::<bool>(), 1..9_u32).prop_map(|(hundredths, day, alert, line)| {
        let quantity = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        if alert {
            json!({"on_hand": quantity, "future_date": DATES[day]})
        } else {
            let assignment = json!({"quantity": quantity, "available_on": DATES[day]});
            json!({"line": format!("physical_{line}"), "assignments": [assignment]})
        }
    })
}

proptest! {
    #[test]
    fn every_asked_pair_is_answered_once_in_the_asked_order(
        items in prop::collection::vec("[A-C]", 1..4),
        kinds in prop::collection::vec(any::<bool>(), 1..4),
        online in prop::collection::vec(supply(), 0..6),
        physical in prop::collection::vec(supply(), 0..6),
        limit in 0..5_usize,
    ) {
        let world = World::shipped();
        let items: Vec<Json> = items.iter().map(|item| json!({"item": item})).collect();
        let locations: Vec<Json> = kinds
            .iter()
            .enumerate()
            .map(|(index, online)| json!({"kind": if *online { "online" } else { "physical" }, "name": format!("L{index}")}))
            .collect();
        let mut request =
            world.record("availability_request", &json!({"items": items, "locations": locations}));
        availability::plan(&world.views, &mut request).unwrap();
        let asked = world.json(&request)["lines"].as_array().unwrap().clone();
        prop_assert_eq!(asked.len(), items.len() * locations.len());
        let supplies = json!({"online_supplies": online, "physical_supplies": physical});
        let mut answers = availability::batches(&world.views, request, limit).into_iter().map(|batch| {
            let answer = world.record("availability_answer", &supplies);
            availability::answer(&world.views, Some(&batch), answer, date(2026, 7, 15))
        });
        let first = answers.next().unwrap();
        let whole = world.json(&availability::merge(&world.views, first, answers));
        let lines = whole["lines"].as_array().unwrap();
        prop_assert_eq!(lines.len(), asked.len());
        for (asked, line) in asked.iter().zip(lines) {
            for name in ["position", "item", "location_kind", "location"] {
                prop_assert_eq!(&asked[name], &line[name]);
            }
            let status = line["status"].as_str().unwrap();
            prop_assert!(["Available", "Backorderable", "Unavailable"].contains(&status));
            prop_assert_eq!(status == "Backorderable", !line["available_at"].is_null());
            prop_assert_eq!(line["quantity"].is_null(), line["unit"].is_null());
        }
    }

    #[test]
    fn the_parts_of_an_item_come_to_what_was_asked(
        hundredths in prop::collection::vec(1..500_i64, 0..5),
        missing in 0..500_i64,
    ) {
        let world = World::shipped();
        let held: Decimal = hundredths.iter().map(|part| Decimal::new(*part, 2)).sum();
        let asked = held + Decimal::new(missing, 2);
        let reservations: Vec<Json> = hundredths
            .iter()
            .map(|part| json!({"id": "7", "quantity": Decimal::new(*part, 2).to_string(), "available_on": "2026-07-15"}))
            .collect();
        let order = json!({"id": "7", "lines": [{"id": "1", "quantity": asked.to_string()}]});
        let request = world.record("requirement_request", &json!({"order": order}));
        let promise = json!({"id": "1", "quantity_to_reserve": asked.to_string(),
            "quantity_reserved": held.to_string(), "reservations": reservations});
        let answer = world.record("requirement_answer", &json!({"promises": [promise]}));
        let answer = world.json(&reserve::answer(&world.views, Some(&request), answer, date(2026, 7, 15)));
        let lines = answer["order"]["lines"].as_array().unwrap();
        let ids = lines.iter().filter(|line| line["id"] == "1").count();
        let groups = lines.iter().filter(|line| line["correlation_group"] == "1").count();
        prop_assert_eq!((ids, ids + groups), (1, lines.len()));
        if !hundredths.is_empty() {
            let sum: Decimal = lines
                .iter()
                .map(|line| line["quantity"].as_str().unwrap().parse::<Decimal>().unwrap())
                .sum();
            prop_assert_eq!(sum, asked);
        }
    }
}
