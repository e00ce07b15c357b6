//! Reserving and giving back.

use gateway_model::Record;
use rust_decimal::Decimal;

use super::{World, filled, texts};
use crate::dom::Refused;
use crate::scenario::{MissingReservation, RepeatedReservation};
use crate::words::RecordWords;

/// Each line: id, quantity to reserve, quantity reserved, and its reservations as (quantity, centre, available, ships).
fn outcome(world: &World, answer: &Record<'_>) -> Vec<(String, Vec<String>)> {
    let (line, held) = (&world.words.order_line, &world.words.reservation);
    let lines = answer.list(world.words.requirement_answer.promises).iter();
    lines
        .map(|record| {
            let head = texts(record, &[line.id, line.quantity_to_reserve, line.quantity_reserved]).join(" ");
            let names = [held.quantity, held.center, held.available_on, held.ship_on];
            (head, record.list(line.reservations).iter().map(|one| texts(one, &names).join(" ")).collect())
        })
        .collect()
}

#[test]
fn a_line_is_split_over_nodes_and_over_what_will_come() {
    let cases: [(&str, [&str; 4], &str, &[&str]); 7] = [
        (
            "enough at the first node",
            ["1", "LAMP-0042-BRS", "2.0", ""],
            "1 2.00 2.00",
            &["2.00 DC-Nord 2026-07-15 2026-07-16"],
        ),
        (
            "the second node helps out",
            ["1", "LAMP-0042-BRS", "142", ""],
            "1 142.00 142.00",
            &["140.00 DC-Nord 2026-07-15 2026-07-16", "2.00 MUC-Marienplatz 2026-07-15 2026-07-16"],
        ),
        (
            "the rest comes later",
            ["1", "RUG-1187-GRN", "3.0", ""],
            "1 3.00 3.00",
            &["1.00 DC-Nord 2026-07-15 2026-07-16", "2.00 DC-Nord 2026-08-04 2026-08-05"],
        ),
        (
            "a part of a unit",
            ["1", "CLOTH-0550-BLU", "0.750", ""],
            "1 0.75 0.75",
            &["0.75 DC-Nord 2026-07-15 2026-07-16"],
        ),
        (
            "collected in a store, only from there",
            ["1", "LAMP-0042-BRS", "4", "MUC-Marienplatz"],
            "1 4.00 4.00",
            &["4.00 MUC-Marienplatz 2026-07-15 2026-07-16"],
        ),
        ("more than there will ever be", ["1", "LAMP-0042-BRS", "145", ""], "1 145.00 0.00", &[]),
        ("nothing there", ["1", "VASE-0007-RED", "1", ""], "1 1.00 0.00", &[]),
    ];
    for (fact, line, head, held) in cases {
        let mut world = World::new();
        let answer = world.reserve("845017", "N", &[line]).expect("an answer");
        let held = held.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(outcome(&world, &answer), [(head.to_owned(), held)], "{fact}");
    }
}

#[test]
fn a_line_that_cannot_be_held_whole_is_held_in_part_only_if_that_is_allowed() {
    let line = ["1", "LAMP-0042-BRS", "6", "MUC-Marienplatz"];
    for (partial, reserved, left) in
        [("N", "1 6.00 0.00", 4), ("", "1 6.00 0.00", 4), ("Y", "1 6.00 4.00", 0)]
    {
        let mut world = World::new();
        let answer = world.reserve("845017", partial, &[line]).expect("an answer");
        assert_eq!(outcome(&world, &answer)[0].0, reserved, "partial `{partial}`");
        assert_eq!(world.promisable("LAMP-0042-BRS", "MUC-Marienplatz"), Decimal::from(left));
    }
}

#[test]
fn one_line_without_stock_does_not_keep_the_others_from_being_held() {
    let mut world = World::new();
    let lines = [["1", "VASE-0007-RED", "1", ""], ["2", "LAMP-0042-BRS", "1", ""]];
    let answer = world.reserve("845017", "N", &lines).expect("an answer");
    let heads: Vec<_> = outcome(&world, &answer).into_iter().map(|(head, _)| head).collect();
    assert_eq!(heads, ["1 1.00 0.00", "2 1.00 1.00"]);
}

/// A kit line and its two parts, as the gateway sends them.
fn desk(world: &World, quantity: &str) -> Vec<Record<'static>> {
    let fields = &world.words.order_line;
    let kit = [(fields.id, "845103"), (fields.item, "KIT-DESK-09"), (fields.quantity, quantity)];
    let part = |component, item, per_kit| {
        let pairs = [
            (fields.component_id, component),
            (fields.parent, "845103"),
            (fields.item, item),
            (fields.kit_quantity, per_kit),
        ];
        filled(fields.new_record(), &pairs)
    };
    vec![
        filled(fields.new_record(), &kit),
        part("22301", "DESK-TOP-09", "1.0"),
        part("22302", "DESK-LEG-09", "4.0"),
    ]
}

#[test]
fn a_kit_is_held_as_its_parts() {
    let mut world = World::new();
    let lines = desk(&world, "2.0");
    let answer = world.reserve_lines("845017", "N", lines).expect("an answer");
    let expected = [
        ("845103 2.00 2.00", "2.00 DC-Nord 2026-07-15 2026-07-16"),
        ("- 2.00 2.00", "2.00 DC-Nord 2026-07-15 2026-07-16"),
        ("- 8.00 8.00", "8.00 DC-Nord 2026-07-15 2026-07-16"),
    ];
    let expected = expected.map(|(head, held)| (head.to_owned(), vec![held.to_owned()]));
    assert_eq!(outcome(&world, &answer), expected);
    assert_eq!(world.promisable("DESK-LEG-09", "DC-Nord"), Decimal::from(28));
    assert_eq!(world.promisable("DESK-TOP-09", "DC-Nord"), Decimal::from(8));
}

#[test]
fn of_a_kit_as_many_are_held_as_the_scarcest_part_allows() {
    for (partial, kits, legs_left) in [("Y", "845103 3.00 0.00", 3), ("N", "845103 3.00 0.00", 3)] {
        let mut world = World::new();
        let mut lines = desk(&world, "3");
        lines[0].set_text(world.words.order_line.pickup, "MUC-Marienplatz");
        let answer = world.reserve_lines("845017", partial, lines).expect("an answer");
        // Munich has two tops, but three of four legs.
        assert_eq!(outcome(&world, &answer)[0].0, kits, "partial `{partial}`");
        assert_eq!(world.promisable("DESK-LEG-09", "MUC-Marienplatz"), Decimal::from(legs_left));
    }
    let mut world = World::new();
    let lines = desk(&world, "40");
    let answer = world.reserve_lines("845017", "Y", lines).expect("an answer");
    let (head, held) = outcome(&world, &answer).remove(0);
    assert_eq!(head, "845103 40.00 29.00");
    assert_eq!(held, ["9.00 DC-Nord 2026-07-15 2026-07-16", "20.00 DC-Nord 2026-07-29 2026-07-30"]);
}

#[test]
fn a_wanted_ship_date_puts_shipping_off() {
    let mut world = World::new();
    let fields = world.words.order_line;
    let pairs = [
        (fields.id, "1"),
        (fields.item, "LAMP-0042-BRS"),
        (fields.quantity, "1"),
        (fields.requested_ship_date, "2026-07-20T00:00:00.000Z"),
    ];
    let answer = world.reserve_lines("1", "N", vec![filled(fields.new_record(), &pairs)]).expect("an answer");
    assert_eq!(outcome(&world, &answer)[0].1, ["1.00 DC-Nord 2026-07-15 2026-07-20"]);
}

#[test]
fn a_second_reservation_under_one_id_adds_up_or_replaces_by_habit() {
    for (habit, held) in [(RepeatedReservation::Added, 4), (RepeatedReservation::Replaced, 2)] {
        let mut world = World::with(|scenario| scenario.habits.repeated_reservation = habit);
        for _ in 0..2 {
            world.reserve("845017", "N", &[["1", "LAMP-0042-BRS", "2", ""]]).expect("reserved");
        }
        assert_eq!(world.dom.reserved("11651", "845017"), Decimal::from(held), "{habit:?}");
    }
}

#[test]
fn a_refused_line_leaves_nothing_held() {
    let mut world = World::new();
    let cases = [
        (["2", "LAMP-9999", "1", ""], Refused::UnknownItem { item: "LAMP-9999".to_owned() }),
        (["2", "LAMP-0042-BRS", "0", ""], Refused::BadQuantity { item: "LAMP-0042-BRS".to_owned() }),
        (["2", "LAMP-0042-BRS", "", ""], Refused::BadQuantity { item: "LAMP-0042-BRS".to_owned() }),
    ];
    for (line, expected) in cases {
        let answer = world.reserve("845017", "N", &[["1", "LAMP-0042-BRS", "2", ""], line]);
        assert_eq!(answer, Err(expected));
        assert_eq!(world.dom.reserved("11651", "845017"), Decimal::ZERO);
    }
}

#[test]
fn what_is_given_back_can_be_promised_again() {
    let mut world = World::new();
    let lines = [["1", "LAMP-0042-BRS", "142", ""], ["2", "RUG-1187-GRN", "3", ""]];
    world.reserve("845017", "N", &lines).expect("reserved");
    // Two from Munich, although the centre holds more of it; then a quantity over what is held.
    world.cancel("845017", &[["LAMP-0042-BRS", "2", "MUC-Marienplatz", ""]]).expect("cancelled");
    assert_eq!(world.promisable("LAMP-0042-BRS", "MUC-Marienplatz"), Decimal::from(4));
    assert_eq!(world.promisable("LAMP-0042-BRS", "DC-Nord"), Decimal::ZERO);
    // The rugs that come later, by their ship day.
    world.cancel("845017", &[["RUG-1187-GRN", "2", "DC-Nord", "2026-08-05"]]).expect("cancelled");
    assert_eq!(world.promisable("RUG-1187-GRN", "DC-Nord"), Decimal::ZERO);
    let answer = world.cancel("845017", &[["RUG-1187-GRN", "9", "", ""]]).expect("cancelled");
    assert_eq!(world.promisable("RUG-1187-GRN", "DC-Nord"), Decimal::ONE);
    let line = &answer.list(world.words.requirement_answer.cancellations)[0];
    assert_eq!(line.text(world.words.order_line.quantity), Some("1.00"));
    assert_eq!(line.text(world.words.order_line.reservation_id), Some("845017"));
}

#[test]
fn giving_back_what_is_not_held_is_ignored_or_rolls_all_back_by_habit() {
    let lines = [["LAMP-0042-BRS", "2", "", ""], ["RUG-1187-GRN", "1", "", ""]];
    let mut lenient = World::new();
    lenient.reserve("845017", "N", &[["1", "LAMP-0042-BRS", "2", ""]]).expect("reserved");
    lenient.cancel("845017", &lines).expect("cancelled");
    assert_eq!(lenient.dom.reserved("11651", "845017"), Decimal::ZERO);

    let mut strict =
        World::with(|scenario| scenario.habits.missing_reservation = MissingReservation::Refused);
    strict.reserve("845017", "N", &[["1", "LAMP-0042-BRS", "2", ""]]).expect("reserved");
    let refused = Refused::UnknownReservation { id: "845017".to_owned(), item: "RUG-1187-GRN".to_owned() };
    assert_eq!(strict.cancel("845017", &lines), Err(refused));
    assert_eq!(strict.dom.reserved("11651", "845017"), Decimal::TWO);
}
