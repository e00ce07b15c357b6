//! Availability: contract sterling section 4, store sections 4.1 and 5.

use gateway_model::codes;
use gateway_operation::availability;
use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use crate::support::World;

const TODAY: Date = date(2026, 7, 15);

fn planned(question: &Json) -> Result<Json, String> {
    let world = World::shipped();
    let mut request = world.record("availability_request", question);
    match availability::plan(&world.views, &mut request) {
        Ok(()) => Ok(world.json(&request)),
        Err(fault) => Err(fault.to_string()),
    }
}

fn answered(question: &Json, answer: &Json) -> Json {
    let world = World::shipped();
    let mut request = world.record("availability_request", question);
    availability::plan(&world.views, &mut request).unwrap();
    let answer = world.record("availability_answer", answer);
    world.json(&availability::answer(&world.views, Some(&request), answer, TODAY))
}

/// Asks one item at one location and gives the line that comes back, without what identifies it.
fn one_line(kind: &str, unit: &str, supplies: &Json) -> Json {
    let field = if kind == "online" { "online_supplies" } else { "physical_supplies" };
    let question = json!({
        "items": [{"item": "TENT-2P", "unit": unit}],
        "locations": [{"kind": kind, "name": "MUC-Marienplatz"}],
    });
    let answer = answered(&question, &json!({field: supplies}));
    let mut line = answer.pointer("/lines/0").expect("one line").clone();
    let object = line.as_object_mut().expect("a line is an object");
    for name in ["position", "item", "location", "location_kind"] {
        assert!(object.remove(name).is_some(), "{name} is echoed");
    }
    line
}

#[test]
fn every_item_is_asked_at_every_location_items_first() {
    let question = json!({
        "area": {"store": "11651"},
        "items": [{"item": "LAMP", "id": "31207"}, {"item": "RUG", "unit": "MTR"}],
        "locations": [{"kind": "online", "name": "NordlichtShop"}, {"kind": "physical", "name": "MUC-Marienplatz", "id": "12001"}],
    });
    let planned = planned(&question).unwrap();
    assert_eq!(planned["store"], "11651");
    let lamp = json!({"item": "LAMP", "item_id": "31207", "unit": "C62"});
    let rug = json!({"item": "RUG", "unit": "MTR"});
    let online = json!({"location_kind": "online", "location": "NordlichtShop"});
    let physical =
        json!({"location_kind": "physical", "location": "MUC-Marienplatz", "location_id": "12001"});
    let expected = [(&lamp, &online), (&lamp, &physical), (&rug, &online), (&rug, &physical)];
    let lines = planned["lines"].as_array().unwrap();
    assert_eq!(lines.len(), expected.len());
    for (position, (line, (item, location))) in (1..).zip(lines.iter().zip(expected)) {
        let mut whole = json!({"position": position.to_string()});
        if location["location_kind"] == "physical" {
            whole["line"] = json!(format!("physical_{position}"));
        }
        for part in [item, location] {
            whole.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        assert_eq!(line, &whole);
    }
}

#[test]
fn the_unit_is_the_items_own_else_the_nth_else_the_only_else_pieces() {
    let cases = [
        (json!([{"item": "A", "unit": "KGM"}, {"item": "B"}]), json!([{"unit": "MTR"}]), ["KGM", "MTR"]),
        (json!([{"item": "A"}, {"item": "B"}]), json!([{"unit": "MTR"}, {"unit": "KGM"}]), ["MTR", "KGM"]),
        (json!([{"item": "A"}, {"item": "B"}]), json!([{"unit": "MTR"}]), ["MTR", "MTR"]),
        (json!([{"item": "A"}, {"item": "B"}]), json!([]), ["C62", "C62"]),
        (
            json!([{"item": "A"}, {"item": "B"}]),
            json!([{"unit": "MTR"}, {"unit": "KGM"}, {"unit": "LTR"}]),
            ["C62", "C62"],
        ),
    ];
    for (items, units, expected) in cases {
        let question =
            json!({"items": items, "units": units, "locations": [{"kind": "online", "id": "11651"}]});
        let planned = planned(&question).unwrap();
        let units: Vec<&str> =
            planned["lines"].as_array().unwrap().iter().map(|line| line["unit"].as_str().unwrap()).collect();
        assert_eq!(units, expected, "{question}");
    }
}

#[test]
fn the_store_is_that_of_the_area_else_that_of_the_noun() {
    let cases = [
        (json!({"area": {"store": "1"}, "store": "2"}), json!("1")),
        (json!({"area": {"sender": "x"}, "store": "2"}), json!("2")),
        (json!({}), Json::Null),
    ];
    for (mut question, expected) in cases {
        question["items"] = json!([{"item": "A"}]);
        question["locations"] = json!([{"kind": "online", "id": "11651"}]);
        assert_eq!(planned(&question).unwrap()["store"], expected);
    }
}

#[test]
fn a_question_that_asks_nothing_is_refused() {
    let location = json!([{"kind": "online", "id": "11651"}]);
    let cases = [
        json!({"locations": location}),
        json!({"items": [{"unit": "C62"}], "locations": location}),
        json!({"items": [{"item": "A"}]}),
        json!({"items": [{"item": "A"}], "locations": [{"kind": "physical"}]}),
    ];
    for question in cases {
        assert!(planned(&question).unwrap_err().starts_with("GW-3007: the question names no "), "{question}");
    }
}

#[test]
fn a_question_for_more_lines_than_allowed_is_refused() {
    let world = World::shipped();
    let items: Vec<Json> = (0..101).map(|index| json!({"item": format!("A{index}")})).collect();
    let locations: Vec<Json> =
        (0..100).map(|index| json!({"kind": "physical", "name": format!("L{index}")})).collect();
    let mut request = world.record("availability_request", &json!({"items": items, "locations": locations}));
    let fault = availability::plan(&world.views, &mut request).unwrap_err();
    assert_eq!(fault.code, codes::LIMIT_EXCEEDED);
    assert_eq!(fault.message, "101 items at 100 locations make 10100 lines, expected at most 10000");
}

#[test]
fn an_online_line_is_judged_by_quantity_on_hand_then_future_date() {
    let unavailable = json!({"status": "Unavailable", "quantity": "0", "unit": "C62"});
    let cases = [
        (json!({"on_hand": "17.00"}), json!({"status": "Available", "quantity": "17.00", "unit": "MTR"})),
        (json!({"on_hand": "0.750"}), json!({"status": "Available", "quantity": "0.750", "unit": "MTR"})),
        (
            json!({"on_hand": "0.00", "future_date": "2026-08-03"}),
            json!({"status": "Backorderable", "available_at": "2026-08-03T00:00:00.000"}),
        ),
        (
            json!({"future_date": "2026-08-03T06:00:00+02:00"}),
            json!({"status": "Backorderable", "available_at": "2026-08-03T06:00:00+02:00"}),
        ),
        (json!({"on_hand": "0.00", "future_date": "2500-01-01"}), unavailable.clone()),
        (json!({"on_hand": "-1"}), unavailable.clone()),
        (json!({}), unavailable),
    ];
    for (supply, expected) in cases {
        assert_eq!(one_line("online", "MTR", &json!([supply])), expected, "{supply}");
    }
}

#[test]
fn a_physical_line_is_judged_by_its_assignments() {
    let cases = [
        // up to and including today
        (json!([["4.00", "2026-07-15"]]), json!({"status": "Available", "quantity": "4", "unit": "MTR"})),
        (json!([["0.750", "2026-01-01"]]), json!({"status": "Available", "quantity": "0.75", "unit": "MTR"})),
        (
            json!([["12.00", "2026-07-16"]]),
            json!({"status": "Backorderable", "available_at": "2026-07-16T00:00:00.000"}),
        ),
        // sums are plain, also of one, and a figure of nothing adds nothing
        (
            json!([["3.00", "2026-07-14"], ["2.00", "2026-07-15"]]),
            json!({"status": "Available", "quantity": "5", "unit": "MTR"}),
        ),
        (
            json!([["0.50", "2026-07-14"], ["0.25", "2026-07-15"]]),
            json!({"status": "Available", "quantity": "0.75", "unit": "MTR"}),
        ),
        (
            json!([["0.00", "2026-07-14"], ["2.00", "2026-07-15"]]),
            json!({"status": "Available", "quantity": "2", "unit": "MTR"}),
        ),
        // the remainder of the huge quantity asked has no date
        (
            json!([["4.00", "2026-07-15"], ["999999995.00", ""]]),
            json!({"status": "Available", "quantity": "4", "unit": "MTR"}),
        ),
        // the first later date of those with a quantity
        (
            json!([["0", "2026-08-01"], ["1", "2026-08-20"], ["5", "2026-08-10"], ["999999987.00", ""]]),
            json!({"status": "Backorderable", "available_at": "2026-08-20T00:00:00.000"}),
        ),
        (json!([["3", "2500-01-01"]]), json!({"status": "Unavailable"})),
        (json!([["999999999.00", ""]]), json!({"status": "Unavailable"})),
        (json!([]), json!({"status": "Unavailable"})),
    ];
    for (assignments, expected) in cases {
        let list: Vec<Json> = assignments
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| json!({"quantity": pair[0], "available_on": pair[1]}))
            .collect();
        let supply = json!([{"line": "physical_1", "assignments": list}]);
        assert_eq!(one_line("physical", "MTR", &supply), expected, "{assignments}");
    }
}

#[test]
fn a_later_date_is_remembered_beside_what_is_available() {
    let online = one_line("online", "C62", &json!([{"on_hand": "17.00", "future_date": "2026-08-03"}]));
    assert_eq!(online["future_date"], "2026-08-03");
    let never = one_line("online", "C62", &json!([{"on_hand": "17.00", "future_date": "2500-01-01"}]));
    assert_eq!(never["future_date"], Json::Null);
}

#[test]
fn a_status_the_dom_states_itself_is_believed() {
    let supply = json!([{"line": "physical_1", "status": "Available"}]);
    assert_eq!(one_line("physical", "C62", &supply), json!({"status": "Available"}));
    let supply = json!([{"status": "Backorderable", "available_at": "2026-08-03", "offset": "3600"}]);
    assert_eq!(
        one_line("online", "C62", &supply),
        json!({"status": "Backorderable", "available_at": "2026-08-03T00:00:00.000", "offset": "3600"})
    );
}

const TWO_BY_TWO: &str = r#"{
    "area": {"store": "11651", "message_id": "m-1"},
    "items": [{"item": "TENT"}, {"id": "31544"}],
    "locations": [{"kind": "physical", "name": "MUC"}, {"kind": "online", "id": "11651"}]
}"#;

fn brief(answer: &Json) -> Vec<String> {
    let text = |line: &Json, name: &str| line[name].as_str().unwrap_or("-").to_owned();
    answer["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            ["item", "item_id", "location", "location_id", "status", "quantity"]
                .map(|name| text(line, name))
                .join(" ")
        })
        .collect()
}

#[test]
fn answers_stand_in_the_asked_order_and_identifiers() {
    let question: Json = serde_json::from_str(TWO_BY_TWO).unwrap();
    let answer = answered(
        &question,
        &json!({
            "online_supplies": [{"on_hand": "1"}, {"on_hand": "2"}],
            "physical_supplies": [
                {"line": "physical_3", "item": "31544", "assignments": [{"quantity": "4", "available_on": "2026-07-15"}]},
                {"line": "physical_1", "item": "TENT", "assignments": [{"quantity": "3", "available_on": "2026-07-15"}]},
            ],
        }),
    );
    assert_eq!(
        brief(&answer),
        [
            "TENT - MUC - Available 3",
            "TENT - - 11651 Available 1",
            "- 31544 MUC - Available 4",
            "- 31544 - 11651 Available 2",
        ]
    );
    assert_eq!(answer["original"], json!({"store": "11651", "message_id": "m-1"}));
    assert_eq!(answer["record_set"], json!({"start": "0", "count": "4", "total": "4", "complete": "true"}));
    assert_eq!((&answer["online_supplies"], &answer["physical_supplies"]), (&Json::Null, &Json::Null));
}

#[test]
fn every_asked_pair_is_answered_when_the_dom_says_nothing() {
    let question: Json = serde_json::from_str(TWO_BY_TWO).unwrap();
    assert_eq!(
        brief(&answered(&question, &json!({}))),
        [
            "TENT - MUC - Unavailable -",
            "TENT - - 11651 Unavailable 0",
            "- 31544 MUC - Unavailable -",
            "- 31544 - 11651 Unavailable 0",
        ]
    );
}

#[test]
fn physical_lines_without_line_ids_are_paired_by_item_location_and_unit() {
    let assignments = |quantity: &str| json!([{"quantity": quantity, "available_on": "2026-07-15"}]);
    let supplies = json!([
        {"item": "TENT-2P", "unit": "MTR", "location": "MUC-Marienplatz", "assignments": assignments("1")},
        {"item": "TENT-2P", "unit": "C62", "location": "ZRH", "assignments": assignments("2")},
        {"item": "BOOT", "unit": "C62", "location": "MUC-Marienplatz", "assignments": assignments("3")},
        {"item": "TENT-2P", "unit": "C62", "node": "MUC-Marienplatz", "assignments": assignments("4.0")},
        {"item": "TENT-2P", "location": "MUC-Marienplatz", "assignments": assignments("5.0")},
    ]);
    // the fourth and the fifth fit; several lines of one pair are summed
    let line = one_line("physical", "C62", &supplies);
    assert_eq!(line, json!({"status": "Available", "quantity": "9", "unit": "C62"}));
}

#[test]
fn supplies_that_name_their_item_are_paired_by_it_whatever_their_order() {
    let question: Json = serde_json::from_str(TWO_BY_TWO).unwrap();
    let answer = answered(
        &question,
        &json!({"online_supplies": [
            {"item": "31544", "unit": "C62", "node": "MUC", "on_hand": "4.00", "future_date": "2500-01-01"},
            {"item": "31544", "unit": "C62", "on_hand": "3.00"},
            {"item": "TENT", "unit": "C62", "default_group": "true", "node": "NW", "on_hand": "2.00"},
            {"item": "TENT", "unit": "C62", "node": "MUC", "on_hand": "0.00", "future_date": "2026-08-20"},
        ]}),
    );
    assert_eq!(
        brief(&answer),
        [
            "TENT - MUC - Backorderable -",
            "TENT - - 11651 Available 2.00",
            "- 31544 MUC - Available 4.00",
            "- 31544 - 11651 Available 3.00",
        ]
    );
}

#[test]
fn a_named_supply_of_another_name_of_the_item_is_paired_by_its_place() {
    let question: Json = serde_json::from_str(TWO_BY_TWO).unwrap();
    // The item asked by its id 31544 is called RUG where the DOM answers.
    let supply = |item: &str, on_hand: &str| json!({"item": item, "unit": "C62", "on_hand": on_hand});
    let supplies =
        json!([supply("TENT", "1.00"), supply("TENT", "2.00"), supply("RUG", "3.00"), supply("RUG", "4.00")]);
    let answer = answered(&question, &json!({"online_supplies": supplies}));
    let found = brief(&answer);
    assert_eq!(found[2..], ["- 31544 MUC - Available 3.00", "- 31544 - 11651 Available 4.00"]);
}

#[test]
fn a_line_id_does_not_make_another_item_or_place_the_asked_one() {
    let assignments = json!([{"quantity": "2", "available_on": "2026-07-15"}]);
    for other in [
        json!({"line": "physical_1", "item": "BOOT", "location": "MUC-Marienplatz", "assignments": assignments}),
        json!({"line": "physical_1", "item": "TENT-2P", "location": "ZRH", "assignments": assignments}),
    ] {
        assert_eq!(one_line("physical", "C62", &json!([other])), json!({"status": "Unavailable"}));
    }
}

#[test]
fn without_the_question_the_lines_are_what_the_supplies_name() {
    let world = World::shipped();
    let answer = world.record(
        "availability_answer",
        &json!({
            "online_supplies": [{"on_hand": "17.00"}],
            "physical_supplies": [{"item": "TENT", "node": "MUC", "unit": "MTR",
                "assignments": [{"quantity": "2", "available_on": "2026-07-15"}]}],
        }),
    );
    let answer = world.json(&availability::answer(&world.views, None, answer, TODAY));
    assert_eq!(
        answer["lines"],
        json!([
            {"location_kind": "online", "unit": "C62", "status": "Available", "quantity": "17.00"},
            {"item": "TENT", "location_kind": "physical", "location": "MUC", "unit": "MTR",
             "status": "Available", "quantity": "2"},
        ])
    );
    assert_eq!(answer["record_set"]["count"], "2");
}

#[test]
fn a_question_is_cut_at_the_doms_limit_and_its_answers_are_joined() {
    let world = World::shipped();
    let question: Json = serde_json::from_str(TWO_BY_TWO).unwrap();
    let mut request = world.record("availability_request", &question);
    availability::plan(&world.views, &mut request).unwrap();
    for (limit, sizes) in [(0, vec![4]), (4, vec![4]), (9, vec![4]), (3, vec![3, 1]), (1, vec![1; 4])] {
        let batches = availability::batches(&world.views, request.clone(), limit);
        let found: Vec<usize> =
            batches.iter().map(|batch| world.json(batch)["lines"].as_array().unwrap().len()).collect();
        assert_eq!(found, sizes, "limit {limit}");
        let mut answers = batches.iter().map(|batch| {
            let answer = world.record("availability_answer", &json!({"online_supplies": [{"on_hand": "1"}]}));
            availability::answer(&world.views, Some(batch), answer, TODAY)
        });
        let first = answers.next().unwrap();
        let whole = world.json(&availability::merge(&world.views, first, answers));
        let positions: Vec<&str> = whole["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["position"].as_str().unwrap())
            .collect();
        assert_eq!(positions, ["1", "2", "3", "4"]);
        assert_eq!(whole["record_set"]["total"], "4");
        assert_eq!(whole["original"]["message_id"], "m-1");
    }
}

#[test]
fn one_refused_batch_refuses_the_whole() {
    let world = World::shipped();
    let fine = world.record("availability_answer", &json!({}));
    let refused = world.record("availability_answer", &json!({"refusal": {"reason_code": "INV99901"}}));
    let whole = availability::merge(&world.views, fine, [refused]);
    assert_eq!(world.json(&whole)["refusal"]["reason_code"], "INV99901");
}
