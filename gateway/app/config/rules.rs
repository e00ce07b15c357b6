//! What one setting means for another: references that lead somewhere, names and paths that are used once.

use std::net::IpAddr;

use gateway_model::codes;
use http::Uri;

use crate::config::places::Located;
use crate::config::section::Report;
use crate::config::Config;

/// Reports every contradiction between settings that are each valid by themselves.
pub(super) fn check(config: &Config, report: &Report<'_>) {
    check_something_to_do(config, report);
    check_once(report, "two stores have the name", config.stores.iter().map(|store| &store.name));
    check_once(report, "two DOMs have the name", config.doms.iter().map(|dom| &dom.name));
    check_once(report, "two stores have the id", config.stores.iter().flat_map(|store| &store.ids));
    let pushes = config.doms.iter().filter_map(|dom| dom.push.as_ref()).map(|push| &push.path);
    let paths = config.stores.iter().map(|store| &store.path).chain(pushes);
    check_once(report, "two ends are called at the path", paths);
    check_doms(config, report);
    check_plain_ways(config, report);
    check_addresses(config, report);
}

fn check_something_to_do(config: &Config, report: &Report<'_>) {
    if config.stores.is_empty() {
        report
            .fault(codes::CONFIG_KEY, 0..0, "there is no store")
            .expecting("at least one `[[store]]`")
            .add();
    }
}

fn check_once<'v>(report: &Report<'_>, message: &str, values: impl Iterator<Item = &'v Located<String>>) {
    let mut seen: Vec<&Located<String>> = Vec::new();
    for value in values {
        match seen.iter().find(|earlier| earlier.value == value.value) {
            None => seen.push(value),
            Some(earlier) => report
                .fault(codes::CONFIG_VALUE, value.span.clone(), format!("{message} `{}`", value.value))
                .labelled("the second")
                .beside(report.place(&earlier.span), "the first")
                .add(),
        }
    }
}

fn check_doms(config: &Config, report: &Report<'_>) {
    let names: Vec<&str> = config.doms.iter().map(|dom| dom.name.value.as_str()).collect();
    for store in &config.stores {
        let dom = &store.dom;
        if !names.contains(&dom.value.as_str()) {
            let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("store `{}` is answered by an unknown DOM `{}`", store.name.value, dom.value);
            let expected =
                if known.is_empty() { "a `[[dom]]` of this name".to_owned() } else { known.join(", ") };
            report
                .fault(codes::CONFIG_VALUE, dom.span.clone(), message)
                .expecting(expected)
                .did_you_mean(&dom.value, names.iter().copied())
                .add();
        }
    }
    for dom in &config.doms {
        if !config.stores.iter().any(|store| store.dom.value == dom.name.value) {
            report
                .warning(
                    codes::CONFIG_VALUE,
                    dom.name.span.clone(),
                    format!("no store is answered by the DOM `{}`", dom.name.value),
                )
                .add();
        }
    }
}

/// Passwords on an unprotected way are worth a word, unless the way stays within this machine.
fn check_plain_ways(config: &Config, report: &Report<'_>) {
    for dom in config.doms.iter().filter(|dom| dom.login.password.is_some()) {
        check_plain_way(report, &dom.url);
    }
    let inbound = config.stores.iter().filter_map(|store| store.inbound.as_ref());
    for inbound in inbound.filter(|inbound| inbound.credentials.password.is_some()) {
        check_plain_way(report, &inbound.inventory);
        check_plain_way(report, &inbound.order);
    }
}

fn check_plain_way(report: &Report<'_>, url: &Located<Uri>) {
    let host = url.value.host().unwrap_or_default().trim_matches(['[', ']']);
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.value.scheme_str() == Some("http") && !local {
        report
            .warning(codes::CONFIG_VALUE, url.span.clone(), "a password is sent over plain HTTP")
            .expecting("an `https` URL")
            .add();
    }
}

fn check_addresses(config: &Config, report: &Report<'_>) {
    let (listen, admin) = (&config.listen.address, &config.admin.address);
    if listen.value == admin.value && listen.value.port() != 0 {
        report
            .fault(codes::CONFIG_VALUE, admin.span.clone(), "both listeners have one address")
            .labelled("the admin listener")
            .beside(report.place(&listen.span), "the listener for stores and DOMs")
            .add();
    }
}
