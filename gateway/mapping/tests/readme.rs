//! The page on the mapping language: its examples load, and do what the page says.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use gateway_mapping::{Context, FUNCTIONS, Mappings, Source, json, load, render};
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;

const README: &str = include_str!("../../../mappings/README.md");
const VOCABULARY: &str = include_str!("../../../mappings/vocabulary.toml");
const DIALECT: &str = "doc = 'd'\nside = 'dom'\nwire = 'bare'\n[[message]]\nfile = 'Promise.xml'\n";
const ORGANIZATION: &str = "doc = 'd'\nrows = [['11651', 'NORDWIND']]\n";

/// The code blocks of one kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    README.split(&fence).skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect()
}

fn loaded(template: &str) -> Mappings {
    let unit = blocks("toml").into_iter().find(|block| block.contains("C62")).unwrap();
    let sources = [
        Source::new("vocabulary.toml", VOCABULARY),
        Source::new("dom/dialect.toml", DIALECT),
        Source::new("dom/tables/unit.toml", unit),
        Source::new("dom/tables/organization.toml", ORGANIZATION),
        Source::new("dom/Promise.xml", template),
    ];
    let loaded = load(&sources);
    let Some(mappings) = loaded.mappings else { panic!("{}", render(&loaded.diagnostics, &sources, false)) };
    mappings
}

#[test]
fn the_example_is_written_and_read_back() {
    let mappings = loaded(blocks("xml").first().unwrap());
    let message = mappings.dialect("dom").unwrap().message("Promise").unwrap();
    let record = r#"{"store":"11651","order":{"id":"17","lines":[{"id":"1","item":"LAMP","quantity":"2.0","unit":"C62"},{"id":"2","item":"ROPE","quantity":"0.750","unit":"MTR"}]}}"#;
    let expected = "<Promise OrganizationCode=\"NORDWIND\">\
        <ReservationParameters ReservationID=\"WC_17\" AllowPartialReservation=\"N\"/><PromiseLines>\
        <PromiseLine LineId=\"WC_1\" ItemID=\"LAMP\" RequiredQty=\"2.0\" UnitOfMeasure=\"PIECE\"/>\
        <PromiseLine LineId=\"WC_2\" ItemID=\"ROPE\" RequiredQty=\"0.750\" UnitOfMeasure=\"METER\"/>\
        </PromiseLines></Promise>";
    let json: serde_json::Value = serde_json::from_str(record).unwrap();
    let value = json::from_json(&json, message.record, mappings.vocabulary()).unwrap();
    let context = Context { organization: Some("NORDWIND"), zone: &TimeZone::UTC };
    let mut out = Vec::new();
    message.write(&value, &context, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, expected);
    let tree = Tree::parse(&text, mappings.names(), &Limits::default()).unwrap();
    let read = message.read(&tree, tree.root(), &context).unwrap().record;
    let mut same = json;
    same["order"]["allow_partial"] = "N".into();
    assert_eq!(json::to_json(&read, mappings.vocabulary(), json::Show::Plain), same);
}

#[test]
fn every_expression_of_the_page_can_be_written() {
    let section = README.split("## Expressions").nth(1).unwrap();
    let holes: Vec<_> = section
        .lines()
        .filter_map(|line| line.trim().strip_prefix('{')?.split_once("}  "))
        .map(|(hole, _)| hole)
        .collect();
    assert!(holes.len() >= 5, "{holes:?}");
    for hole in holes {
        let hole = hole.replace('>', "&gt;").replace('"', "&quot;");
        loaded(&format!(
            "<Promise xmlns:m=\"urn:dom-gateway:mapping\" m:operation=\"reserve\" m:part=\"request\" m:with=\"order\">\
             <Line m:each=\"lines\" Value=\"{{{hole}}}\"/></Promise>"
        ));
    }
}

#[test]
fn the_page_lists_every_function_and_no_other() {
    let table = README.split("| function | example | back |").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> = table
        .lines()
        .filter_map(|row| row.strip_prefix("| "))
        .flat_map(|row| row.split(" | ").next().unwrap_or_default().split('`').skip(1).step_by(2))
        .filter_map(|usage| usage.split_whitespace().next())
        .collect();
    for function in FUNCTIONS {
        assert!(names.contains(&function.name), "`{}` is not on the page", function.name);
    }
    for name in names {
        let known = FUNCTIONS.iter().any(|function| function.name == name);
        assert!(known, "`{name}` is on the page and no function");
    }
}
