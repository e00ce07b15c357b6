//! Which rule wins, and which sets of rules are refused.

use rust_decimal::Decimal;

use super::{RuleFault, Rules};
use crate::key::{Location, Scope};
use crate::rule::{Fallback, Rule};
use crate::stock::Status;

/// `item store location`, where `*` is any and `online` the online store.
fn scope(text: &str) -> Scope {
    let names: Vec<Option<&str>> = text.split(' ').map(|name| (name != "*").then_some(name)).collect();
    let location = names[2].map(|name| match name {
        "online" => Location::Online,
        name => Location::Physical(name.into()),
    });
    Scope { item: names[0].map(Into::into), store: names[1].map(Into::into), location }
}

fn rule(name: &str, precedence: i64) -> Rule {
    Rule { name: name.into(), precedence: Decimal::from(precedence), ..Rule::ask_always() }
}

fn rules(scopes: &[(&str, i64)]) -> Rules {
    Rules::try_new(scopes.iter().map(|(text, precedence)| (scope(text), rule(text, *precedence))).collect())
        .unwrap()
}

#[test]
fn the_most_specific_rule_wins_then_the_highest_precedence() {
    let rules = rules(&[
        ("* * *", 99),
        ("* * *", 3),
        ("* 11651 *", 50),
        ("* * online", 50),
        ("* * MUC", 1),
        ("* 11651 MUC", 1),
        ("LAMP * *", 0),
        ("LAMP 11651 *", 0),
        ("LAMP * MUC", 0),
        ("LAMP 11651 MUC", 0),
        ("LAMP 11651 MUC", 7),
        ("RUG * *", 0),
    ]);
    let online = Location::Online;
    for (store, item, location, expected, precedence) in [
        ("11651", "LAMP", Location::Physical("MUC"), "LAMP 11651 MUC", 7),
        ("10101", "LAMP", Location::Physical("MUC"), "LAMP * MUC", 0),
        ("11651", "LAMP", Location::Physical("ZRH"), "LAMP 11651 *", 0),
        ("10101", "LAMP", online, "LAMP * *", 0),
        ("11651", "RUG", Location::Physical("MUC"), "RUG * *", 0),
        ("11651", "DESK", Location::Physical("MUC"), "* 11651 MUC", 1),
        ("10101", "DESK", Location::Physical("MUC"), "* * MUC", 1),
        ("11651", "DESK", online, "* * online", 50),
        ("11651", "DESK", Location::Physical("ZRH"), "* 11651 *", 50),
        ("10101", "DESK", Location::Physical("ZRH"), "* * *", 99),
        ("10101", "DESK", Location::Physical("online"), "* * *", 99),
    ] {
        let found = rules.select(store, item, location);
        assert_eq!(
            (&*found.name, found.precedence),
            (expected, Decimal::from(precedence)),
            "{store} {item} {location:?}"
        );
    }
    assert_eq!(rules.iter().count(), 12);
}

#[test]
fn without_a_rule_the_dom_is_always_asked() {
    assert_eq!(*Rules::default().select("11651", "LAMP", Location::Online), Rule::ask_always());
    assert_eq!(*rules(&[("RUG * *", 0)]).select("11651", "LAMP", Location::Online), Rule::ask_always());
}

#[test]
fn all_faults_of_all_rules_are_told() {
    let fallback = |available_at: Option<&str>, offset| {
        Some(Fallback { status: Status::Unavailable, available_at: available_at.map(Into::into), offset })
    };
    let faults = Rules::try_new(vec![
        (scope("* * *"), rule("first", 1)),
        (scope("* * *"), rule("second", 1)),
        (scope("A * *"), rule(" ", 1)),
        (Scope { item: Some("".into()), ..Scope::default() }, rule("empty", 1)),
        (Scope { location: Some(Location::Physical("".into())), ..Scope::default() }, rule("nowhere", 1)),
        (scope("B * *"), Rule { fallback: fallback(None, Some(-1)), ..rule("early", 1) }),
        (
            scope("C * *"),
            Rule { fallback: fallback(Some("2026-07-02T00:00:00"), Some(1)), ..rule("both", 1) },
        ),
    ])
    .unwrap_err();
    let places: Vec<(usize, Option<usize>)> =
        faults.iter().map(|fault| (fault.at(), fault.first_at())).collect();
    assert_eq!(places, [(2, None), (3, None), (4, None), (5, None), (6, None), (1, Some(0))]);
    let texts: Vec<String> = faults.iter().map(RuleFault::to_string).collect();
    assert_eq!(
        texts,
        [
            "the 3. rule has no name, expected a text",
            "rule `empty` names an empty item, expected a text, or no item for any",
            "rule `nowhere` names an empty location, expected a text, or no location for any",
            "rule `early` has a fallback offset of -1 seconds, expected 0 or more",
            "rule `both` has both a fallback time and a fallback offset, expected one of them",
            "rules `first` and `second` hold for the same item, store and location with precedence 1, expected different \
         precedences",
        ]
    );
}
