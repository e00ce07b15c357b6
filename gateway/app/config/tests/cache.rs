//! Rules of the cache: what can be said, what is refused and where, and what is taken from the store's tables.

use std::path::Path;
use std::time::Duration;

use gateway_cache::{Fallback, Flags, Location, Rule, Scope, Status};
use gateway_model::Severity;
use gateway_model::codes::Code;
use rust_decimal::Decimal;
use serde_json::json;

use super::{FILE, KEY, LEAST, VALUE, load_beside_shipped, no_variables, rendered, source};
use crate::config::{Loaded, read};

fn with_rule(keys: &str) -> Loaded {
    load_beside_shipped(&format!("[[cache.rule]]\nname = \"standard\"\n{keys}\n{LEAST}"))
}

#[test]
fn without_rules_nothing_is_cached() {
    let config = load_beside_shipped(LEAST).config.unwrap();
    assert_eq!(config.cache.rules, []);
}

#[test]
fn every_key_of_a_rule_says_what_it_means() {
    let loaded = with_rule(
        "item = \"LAMP\"\nstore = \"11651\"\nphysical = \"online\"\nkeep = false\nask = false\ndecrement = false\n\
         update = false\nthreshold_quantity = -2.50\nfresh_above_secs = \"never\"\nfresh_below_secs = 0\n\
         refresh_secs = 1\non_error_secs = 2\nfallback_when_short = false\nstatus_at_zero = \"UAVL\"\n\
         precedence = 1.5\nage_in_document = true\n\
         fallback = { status = \"Backorderable\", at = \"2026-12-24T08:00:00Z\" }",
    );
    let cache = loaded.config.as_ref().unwrap_or_else(|| panic!("{}", rendered(&loaded))).cache.clone();
    let scope = Scope {
        item: Some("LAMP".into()),
        store: Some("11651".into()),
        location: Some(Location::Physical("online".into())),
    };
    let rule = Rule {
        name: "standard".into(),
        flags: Flags { memory: false, ask: false, decrement: false, update: false },
        threshold: Some(Decimal::new(-25, 1)),
        fresh_above: None,
        fresh_below: Some(Duration::ZERO),
        fallback: Some(Fallback {
            status: Status::Backorderable,
            available_at: Some("2026-12-24T08:00:00Z".into()),
            offset: None,
        }),
        fallback_when_short: false,
        status_at_zero: Status::Unavailable,
        precedence: Decimal::new(15, 1),
        serve_while_refreshing: Duration::from_secs(1),
        serve_on_error: Duration::from_secs(2),
        age_in_document: true,
    };
    assert_eq!(cache.rules, [(scope, rule)]);
}

#[test]
fn words_say_no_threshold_and_the_online_store() {
    let loaded = with_rule("threshold_quantity = \"none\"\nlocation = \"online\"");
    let (scope, rule) = &loaded.config.unwrap().cache.rules[0];
    assert_eq!((rule.threshold, &scope.location), (None, &Some(Location::Online)));
}

#[test]
fn the_effective_configuration_shows_rules_by_their_keys() {
    let loaded = with_rule("physical = \"MUC\"\nthreshold_quantity = 2.5\nfresh_above_secs = \"never\"");
    let shown = loaded.config.unwrap().effective();
    let expected = json!([{
        "name": "standard", "physical": "MUC", "keep": true, "ask": true, "decrement": true, "update": true,
        "threshold_quantity": 2.5, "fresh_above_secs": "never", "fresh_below_secs": 60, "refresh_secs": 30,
        "on_error_secs": 3600, "fallback_when_short": true, "status_at_zero": "Available", "precedence": 0,
        "age_in_document": false
    }]);
    assert_eq!(shown["cache"]["rule"], expected);
}

/// What a rule cannot say.
const FAULTS: &[(&str, Code, &str)] = &[
    ("nmae = \"x\"", KEY, "did you mean `name`?"),
    ("item = \"\"", VALUE, "`item` is empty"),
    ("keep = 1", KEY, "true or false"),
    ("location = \"MUC\"", VALUE, "a physical store is named by `physical"),
    ("location = \"online\"\nphysical = \"MUC\"", VALUE, "`physical` stands beside `location`"),
    ("store = \"11615\"", VALUE, "did you mean `11651`?"),
    ("threshold_quantity = \"ten\"", KEY, "a number, or `\"none\"`"),
    ("threshold_quantity = nan", VALUE, "no number that can be kept exactly"),
    ("precedence = \"none\"", KEY, "a number"),
    ("fresh_above_secs = \"for ever\"", KEY, "a whole number, or `\"never\"`"),
    ("fresh_below_secs = -1", VALUE, "out of range: -1"),
    ("refresh_secs = \"never\"", KEY, "a whole number"),
    ("status_at_zero = \"Availabel\"", VALUE, "did you mean `Available`?"),
    ("fallback = { at = \"2026-12-24T08:00:00Z\" }", KEY, "lacks the key `status`"),
    ("fallback = { status = \"gone\" }", VALUE, "`status` cannot be `gone`"),
    ("fallback = { status = \"BA\", at = \"tomorrow\" }", VALUE, "`tomorrow` is no date and time"),
    ("fallback = { status = \"BA\", offset_secs = -1 }", VALUE, "out of range: -1"),
    (
        "fallback = { status = \"BA\", at = \"2026-12-24T08:00:00Z\", offset_secs = 1 }",
        VALUE,
        "both a fallback time and a fallback offset",
    ),
    ("[[cache.rule]]\nask = true", KEY, "`cache.rule` lacks the key `name`"),
    ("[[cache.rule]]\nname = \"twin\"", VALUE, "rules `standard` and `twin` hold for the same"),
    ("[cache]\nmemory_bytes = 1", VALUE, "from 1048576"),
    ("[cache]\nrules_file = \"none.csv\"", FILE, "none.csv"),
];

#[test]
fn what_a_rule_cannot_say_is_refused_where_it_stands() {
    for (keys, code, sentence) in FAULTS {
        // A table cannot be named again after a list below it.
        let loaded = match keys.strip_prefix("[cache]\n") {
            Some(keys) => load_beside_shipped(&format!("[cache]\n{keys}\n{LEAST}")),
            None => with_rule(keys),
        };
        let shown = rendered(&loaded);
        assert!(loaded.config.is_none(), "{keys}");
        let fault = loaded.diagnostics.iter().find(|fault| fault.code == *code);
        assert!(fault.is_some_and(|fault| !fault.place.span.is_empty()), "{keys}:\n{shown}");
        assert!(shown.contains(sentence), "{keys}:\n{shown}");
    }
}

#[test]
fn of_two_equal_rules_both_places_are_shown() {
    let shown = rendered(&with_rule("[[cache.rule]]\nname = \"twin\""));
    assert!(shown.contains("config.toml:4:8") && shown.contains("the first"), "{shown}");
}

/// The least configuration with a file of the store's tables beside it.
fn with_file(rows: &str) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mappings")).unwrap();
    let header = "IDENTIFIER,FLAGS,CHEXPABOVETHRES,CHEXPBELOWTHRES,STORE_ID,PRECEDENCE\n";
    std::fs::write(folder.path().join("invcnf.csv"), header.to_owned() + rows).unwrap();
    let text = format!("[cache]\nrules_file = \"invcnf.csv\"\n{LEAST}");
    read(source(&text), Path::new(folder.path()), &no_variables)
}

#[test]
fn rules_of_the_store_s_tables_hold_and_their_notes_are_warnings_at_their_lines() {
    let loaded = with_file("plain,29,600,60,11651,\nother,31,600,60,10101,1\n");
    let shown = rendered(&loaded);
    let names: Vec<&str> =
        loaded.config.as_ref().unwrap().cache.rules.iter().map(|(_, rule)| &*rule.name).collect();
    assert_eq!(names, ["plain", "other"], "{shown}");
    assert!(loaded.diagnostics.iter().all(|doubt| doubt.severity == Severity::Warning), "{shown}");
    assert_eq!(loaded.diagnostics.len(), 2, "{shown}");
    assert!(shown.contains("invcnf.csv:3"), "{shown}");
    assert!(shown.contains("the store's database too"), "{shown}");
    assert!(shown.contains("for the store `10101`, which no `[[store]]` has"), "{shown}");
}

#[test]
fn faults_of_the_store_s_tables_are_shown_with_their_file_and_line() {
    let loaded = with_file("plain,29,600,60,11651,\nwrong,99,soon,60,,\n");
    let shown = rendered(&loaded);
    assert!(loaded.config.is_none());
    assert_eq!(loaded.diagnostics.len(), 2, "{shown}");
    assert!(shown.contains("invcnf.csv:3") && shown.contains("wrong,99,soon"), "{shown}");
    let loaded = with_file("a,29,600,60,11651,\nb,29,600,60,11651,\n");
    let shown = rendered(&loaded);
    assert!(shown.contains("invcnf.csv:3") && shown.contains("rules `a` and `b`"), "{shown}");
}
