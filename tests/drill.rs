//! The drill finds what it is there to find: of what is spoilt on purpose each kind is seen, and nothing else.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use crate::world::text;

/// What is judged, in its order.
const JUDGED: &[&str] =
    &["lost", "doubled", "unresolved", "orphans", "undelivered", "backwards", "unconfirmed", "unanswered"];

fn drill(arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dom-gateway"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("drill").args(arguments).output().unwrap()
}

/// A row's name and its count.
fn count(line: &str, judged: bool) -> Option<(&str, u64)> {
    let marked = line.strip_prefix("ok ").or(line.strip_prefix("WRONG "));
    let (name, rest) = match marked {
        Some(rest) if judged => rest.trim_start().split_once(' ')?,
        None if !judged => line.split_at_checked(32)?,
        _ => return None,
    };
    let count = rest.split_whitespace().next()?.replace(',', "").parse().ok()?;
    Some((name.trim(), count))
}

/// The counts of a table, by name: those that say `ok` or `WRONG` when `judged`, else what happened.
fn counts(table: &str, judged: bool) -> BTreeMap<&str, u64> {
    table.lines().filter_map(|line| count(line, judged)).collect()
}

#[test]
fn without_troubles_every_order_comes_to_its_right_end() {
    let output = drill(&["--orders", "150", "--seed", "3", "--faults", "none"]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}{}", text(&output.stderr));
    let judged = counts(&table, true);
    assert_eq!(judged, JUDGED.iter().map(|name| (*name, 0)).collect(), "{table}");
    let happened = counts(&table, false);
    let of = |name| happened.get(name).copied().unwrap_or_default();
    assert_eq!((of("orders"), of("handed over") + of("cancelled or left")), (150, 150), "{table}");
    // Each order is told of as created, released and shipped, and its shipment; nothing is told twice.
    assert_eq!(of("pushes of the DOM"), 4 * of("handed over"), "{table}");
    assert_eq!((of("faults and refusals"), of("payments deposited again")), (0, 0), "{table}");
}

/// The promise of the drill itself: it counts what it says it counts.
fn finds(spoil: &str, found: &str) {
    let arguments =
        ["--orders", "60", "--seed", "5", "--gateways", "1", "--faults", "none", "--spoil", spoil];
    let output = drill(&arguments);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}{}", text(&output.stderr));
    let expected: BTreeMap<_, _> = JUDGED.iter().map(|name| (*name, u64::from(*name == found))).collect();
    assert_eq!(counts(&table, true), expected, "{table}");
}

#[test]
fn an_order_the_dom_lost_is_found() {
    finds("lost", "lost");
}

#[test]
fn an_order_the_dom_doubled_is_found() {
    finds("doubled", "doubled");
}

#[test]
fn an_order_the_dom_never_takes_is_found() {
    finds("unresolved", "unresolved");
}

#[test]
fn a_reservation_the_dom_never_gives_back_is_found() {
    finds("kept", "unresolved");
}

#[test]
fn a_reservation_nobody_wants_is_found() {
    finds("orphan", "orphans");
}

#[test]
fn a_status_that_goes_back_is_found() {
    finds("backwards", "backwards");
}

#[test]
fn a_push_the_store_never_takes_is_found() {
    finds("undelivered", "undelivered");
}

#[test]
fn a_push_the_dom_is_never_rid_of_is_found() {
    finds("unconfirmed", "unconfirmed");
}

#[test]
fn a_call_that_no_gateway_answers_is_found() {
    finds("unanswered", "unanswered");
}

#[test]
fn a_rolling_restart_costs_no_call() {
    let output = drill(&["--orders", "250", "--seed", "3", "--faults", "none", "--rolling", "2"]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}{}", text(&output.stderr));
    let happened = counts(&table, false);
    let of = |name| happened.get(name).copied().unwrap_or_default();
    assert_eq!(of("gateways drained and replaced"), 4, "{table}");
    assert_eq!((of("faults and refusals"), of("sent again by its connector")), (0, 0), "{table}");
}

/// The troubles of a drill's first calls: whatever comes after depends on how fast everybody is.
fn first_faults(seed: &str) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faults");
    let listed = file.to_str().unwrap();
    drill(&["--orders", "120", "--seed", seed, "--kills", "0", "--outages", "0", "--list-faults", listed]);
    let faults = std::fs::read_to_string(file).unwrap();
    let place = |line: &str| line.match_indices(' ').nth(2).map(|(place, _)| place).unwrap();
    faults
        .lines()
        .map(|line| line.split_at(place(line)))
        .map(|(call, trouble)| (call.to_owned(), trouble.to_owned()))
        .collect()
}

#[test]
fn the_same_seed_has_the_same_faults() {
    let (one, other) = (first_faults("11"), first_faults("11"));
    // Whether a call is made at all may depend on how fast everybody was, but not what befalls it.
    for (call, trouble) in &one {
        assert!(other.get(call).is_none_or(|met| met == trouble), "{call}{trouble}");
    }
    let first_reserves = |faults: &BTreeMap<String, String>| -> Vec<String> {
        faults
            .iter()
            .filter(|(call, _)| call.ends_with(" reserve 1"))
            .map(|(call, met)| format!("{call}{met}"))
            .collect()
    };
    assert!(!first_reserves(&one).is_empty());
    assert_eq!(first_reserves(&one), first_reserves(&other));
    assert_ne!(first_reserves(&one), first_reserves(&first_faults("12")));
}

#[test]
fn through_all_troubles_no_order_stays_on_its_way() {
    let arguments = ["--orders", "300", "--seed", "7", "--kills", "2", "--outages", "1"];
    let output = drill(&arguments);
    let table = text(&output.stdout);
    let (happened, judged) = (counts(&table, false), counts(&table, true));
    let of = |name| happened.get(name).copied().unwrap_or_default();
    assert_eq!(of("handed over") + of("cancelled or left"), 300, "{table}{}", text(&output.stderr));
    assert_eq!((of("gateways killed"), of("outages of the DOM")), (2, 1), "{table}");
    assert!(of("faults and refusals") > 0 && of("sent again by its connector") > 0, "{table}");
    assert!(of("sent twice by its transport") > 0, "{table}");
    for name in ["lost", "unresolved", "undelivered", "backwards", "unanswered"] {
        assert_eq!(judged.get(name), Some(&0), "{table}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let output = drill(&["--mappings", "nowhere"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(text(&output.stderr).contains("there is no folder `nowhere`"));
}
