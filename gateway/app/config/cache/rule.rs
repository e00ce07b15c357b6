//! One `[[cache.rule]]`.

use std::time::Duration;

use gateway_cache::{Fallback, Flags, Location, Rule, Scope, Status};
use gateway_model::codes;
use gateway_model::scalar::check_datetime;
use rust_decimal::Decimal;

use super::Places;
use crate::config::section::{Report, Section};

/// The words of documents, and the codes of the store's tables for them (contract store sections 5 and 14.2).
const STATUSES: [(&str, Status); 6] = [
    ("Available", Status::Available),
    ("Backorderable", Status::Backorderable),
    ("Unavailable", Status::Unavailable),
    ("AVL", Status::Available),
    ("BA", Status::Backorderable),
    ("UAVL", Status::Unavailable),
];

/// As many seconds as the store's tables can say.
const MOST_SECONDS: u64 = 4_294_967_295;

pub(super) fn read_rule(section: &Section<'_>, report: &Report<'_>) -> Option<((Scope, Rule), Places)> {
    let name = section.required_text("name", "what people call the rule, such as `standard`");
    let item = section.text("item");
    let store = section.text("store");
    let scope = Scope {
        item: item.map(|item| item.value.into()),
        store: store.as_ref().map(|store| store.value.as_str().into()),
        location: read_location(section),
    };
    let seconds =
        |key, default| section.whole_unless(key, "never", default, 0..=MOST_SECONDS).map(Duration::from_secs);
    let longer = |key, default| Duration::from_secs(section.whole(key, default, 0..=MOST_SECONDS));
    let rule = Rule {
        name: name.as_ref().map_or("", |name| &name.value).into(),
        flags: Flags {
            memory: section.flag("keep", true),
            ask: section.flag("ask", true),
            decrement: section.flag("decrement", true),
            update: section.flag("update", true),
        },
        threshold: section.decimal_unless("threshold_quantity", Some("none"), Decimal::TEN),
        fresh_above: seconds("fresh_above_secs", 600),
        fresh_below: seconds("fresh_below_secs", 60),
        fallback: section.optional_section("fallback").and_then(|fallback| read_fallback(&fallback)),
        fallback_when_short: section.flag("fallback_when_short", true),
        status_at_zero: section.choice("status_at_zero", &STATUSES, Status::Available),
        precedence: section.decimal_unless("precedence", None, Decimal::ZERO).unwrap_or_default(),
        serve_while_refreshing: longer("refresh_secs", 30),
        serve_on_error: longer("on_error_secs", 3_600),
        age_in_document: section.flag("age_in_document", false),
    };
    section.finish();
    let name = name?;
    let store = store.map_or_else(|| name.span.clone(), |store| store.span);
    let places = Places { rule: report.place(&name.span), store: report.place(&store), is_ours: true };
    Some(((scope, rule), places))
}

/// `location = "online"`, or the physical store's name under a key of its own: a physical store may be called anything.
fn read_location(section: &Section<'_>) -> Option<Location<Box<str>>> {
    let (online, physical) = (section.text("location"), section.text("physical"));
    if let Some(found) = online.as_ref().filter(|online| online.value != "online") {
        section
            .fault(codes::CONFIG_VALUE, &found.span, format!("`location` cannot be `{}`", found.value))
            .expecting("`online`")
            .helped("a physical store is named by `physical = \"…\"`, any location by neither key")
            .add();
    }
    if let (Some(_), Some(physical)) = (&online, &physical) {
        section
            .fault(codes::CONFIG_VALUE, &physical.span, "`physical` stands beside `location`")
            .expecting("one of them")
            .add();
    }
    match (online, physical) {
        (_, Some(name)) => Some(Location::Physical(name.value.into())),
        (Some(_), None) => Some(Location::Online),
        (None, None) => None,
    }
}

fn read_fallback(section: &Section<'_>) -> Option<Fallback> {
    let status = section.required_text("status", "`Available`, `Backorderable` or `Unavailable`");
    let fallback = Fallback {
        status: section.choice("status", &STATUSES, Status::Unavailable),
        available_at: read_time(section),
        offset: section
            .optional_whole("offset_secs", 0..=MOST_SECONDS)
            .and_then(|offset| i64::try_from(offset.value).ok()),
    };
    section.finish();
    status.map(|_| fallback)
}

fn read_time(section: &Section<'_>) -> Option<Box<str>> {
    let time = section.text("at")?;
    if !check_datetime(&time.value) {
        section
            .fault(codes::CONFIG_VALUE, &time.span, format!("`{}` is no date and time", time.value))
            .expecting("such as `2026-12-24T08:00:00Z`")
            .add();
    }
    Some(time.value.into())
}
