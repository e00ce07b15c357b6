//! Availability: online lines by distribution group, physical lines by node, kits by their parts.

use gateway_model::{Record, Value};

use super::{World, filled, texts};
use crate::dom::{Answer, Refused};
use crate::scenario::UnknownItem;
use crate::testing;
use crate::words::RecordWords;

/// Asks for one line.
fn ask(world: &mut World, kind: &str, item: &str, unit: &str, node: &str) -> Answer {
    let fields = &world.words.availability;
    let pairs = [
        (fields.location_kind, kind),
        (fields.item, item),
        (fields.unit, unit),
        (fields.location, node),
        (fields.line, "physical_7"),
    ];
    let line = filled(fields.new_record(), &pairs);
    let fields = &world.words.availability_request;
    let mut request = filled(fields.new_record(), &[(fields.store, "11651")]);
    request.set(fields.lines, Value::List(vec![line]));
    world.dom.answer("availability", &request, testing::now())
}

fn online(world: &mut World, item: &str) -> Vec<String> {
    let answer = ask(world, "online", item, "", "NordlichtShop").expect("an answer");
    let fields = &world.words.availability;
    let supply: &Record<'_> = &answer.list(world.words.availability_answer.online_supplies)[0];
    let names = [fields.on_hand, fields.future_date, fields.future_quantity, fields.default_group];
    texts(supply, &names).into_iter().map(str::to_owned).collect()
}

#[test]
fn an_online_line_is_answered_with_what_its_distribution_group_has() {
    let cases = [
        // 140 at the centre and 4 in Munich; Zurich is not in the group
        ("LAMP-0042-BRS", ["144.00", "2500-01-01", "0.00", "true"]),
        ("RUG-1187-GRN", ["1.00", "2026-08-04", "40.00", "true"]),
        ("CLOTH-0550-BLU", ["12.50", "2500-01-01", "0.00", "true"]),
        ("VASE-0007-RED", ["0.00", "2500-01-01", "0.00", "true"]),
        // 12 tops and 39 legs now: 9 kits; with 20 and 80 more: 29 kits
        ("KIT-DESK-09", ["9.00", "2026-07-29", "20.00", "true"]),
        // by the store's internal id
        ("31207", ["144.00", "2500-01-01", "0.00", "true"]),
    ];
    for (item, expected) in cases {
        assert_eq!(online(&mut World::new(), item), expected, "{item}");
    }
}

#[test]
fn a_physical_line_is_answered_with_assignments_of_its_node_and_the_rest_without_a_node() {
    let cases: [(&str, &str, &[[&str; 5]]); 3] = [
        (
            "LAMP-0042-BRS",
            "MUC-Marienplatz",
            &[
                ["4.00", "2026-07-15", "2026-07-16", "MUC-Marienplatz", "-"],
                ["999999995.00", "-", "-", "-", "NOT_ENOUGH_PRODUCT_CHOICES"],
            ],
        ),
        (
            "RUG-1187-GRN",
            "ZRH-Bahnhofstrasse",
            &[
                ["12.00", "2026-08-20", "2026-08-21", "ZRH-Bahnhofstrasse", "-"],
                ["999999987.00", "-", "-", "-", "NOT_ENOUGH_PRODUCT_CHOICES"],
            ],
        ),
        (
            "VASE-0007-RED",
            "MUC-Marienplatz",
            &[["999999999.00", "-", "-", "-", "NOT_ENOUGH_PRODUCT_CHOICES"]],
        ),
    ];
    for (item, node, expected) in cases {
        let mut world = World::new();
        let answer = ask(&mut world, "physical", item, "C62", node).expect("an answer");
        let supply = &answer.list(world.words.availability_answer.physical_supplies)[0];
        assert_eq!(supply.text(world.words.availability.line), Some("physical_7"));
        let fields = &world.words.assignment;
        let names = [fields.quantity, fields.available_on, fields.ship_on, fields.node, fields.reason];
        let assignments = supply.list(world.words.availability.assignments);
        let found: Vec<_> = assignments.iter().map(|assignment| texts(assignment, &names)).collect();
        assert_eq!(found, expected, "{item} at {node}");
    }
}

#[test]
fn what_is_reserved_is_no_longer_promised() {
    let mut world = World::new();
    world.reserve("845017", "N", &[["845101", "LAMP-0042-BRS", "2.0", ""]]).expect("reserved");
    assert_eq!(online(&mut world, "LAMP-0042-BRS")[0], "142.00");
    world.reserve("845018", "N", &[["845201", "DESK-LEG-09", "7", ""]]).expect("reserved");
    assert_eq!(online(&mut world, "KIT-DESK-09")[0], "8.00");
}

#[test]
fn what_the_dom_does_not_know_is_refused() {
    let mut world = World::new();
    let unknown = ask(&mut world, "online", "LAMP-9999", "C62", "");
    assert_eq!(unknown, Err(Refused::UnknownItem { item: "LAMP-9999".to_owned() }));
    let unit = ask(&mut world, "online", "CLOTH-0550-BLU", "C62", "");
    let expected = Refused::UnknownUnit { item: "CLOTH-0550-BLU".to_owned(), unit: "C62".to_owned() };
    assert_eq!(unit, Err(expected));
    let request = world.words.availability_request.new_record();
    let nobody = world.dom.answer("availability", &request, testing::now());
    assert_eq!(nobody, Err(Refused::UnknownOrganization));
}

#[test]
fn an_unknown_item_may_be_one_without_supply() {
    let mut world = World::with(|scenario| scenario.habits.unknown_item = UnknownItem::WithoutSupply);
    assert_eq!(online(&mut world, "LAMP-9999"), ["0.00", "2500-01-01", "0.00", "true"]);
}

#[test]
fn supply_that_should_have_come_counts_as_there() {
    let mut world = World::new();
    let fields = &world.words.availability;
    let line =
        filled(fields.new_record(), &[(fields.item, "RUG-1187-GRN"), (fields.location_kind, "online")]);
    let fields = &world.words.availability_request;
    let mut request = filled(fields.new_record(), &[(fields.store, "11651")]);
    request.set(fields.lines, Value::List(vec![line]));
    let later = "2026-08-04T00:00:00Z".parse().expect("an instant");
    let answer = world.dom.answer("availability", &request, later).expect("an answer");
    let supply = &answer.list(world.words.availability_answer.online_supplies)[0];
    assert_eq!(supply.text(world.words.availability.on_hand), Some("41.00"));
}
