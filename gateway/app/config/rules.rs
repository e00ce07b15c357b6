//! What one setting means for another: references that lead somewhere, names and paths that are used once.

use std::net::IpAddr;

use gateway_model::codes;
use http::Uri;

use crate::config::places::Located;
use crate::config::section::Report;
use crate::config::{Admin, Dom, Limits, Listen, Store};

/// Reports two listeners at one address.
pub(super) fn check_listeners(listen: Option<&Listen>, admin: Option<&Admin>, report: &Report<'_>) {
    let Some((listen, admin)) = listen.zip(admin) else { return };
    if listen.address.value == admin.address.value && listen.address.value.port() != 0 {
        report
            .fault(codes::CONFIG_VALUE, admin.address.span.clone(), "both listeners have one address")
            .labelled("the admin listener")
            .beside(report.place(&listen.address.span), "the listener for stores and DOMs")
            .add();
    }
}

/// Reports a bound of memory that a single document may be beyond.
pub(super) fn check_memory(listen: Option<&Listen>, limits: &Limits, report: &Report<'_>) {
    let Some(memory) = listen.map(|listen| &listen.body_memory_bytes) else { return };
    let largest = limits.document_bytes as u64;
    if memory.value < largest {
        report
            .fault(
                codes::CONFIG_VALUE,
                memory.span.clone(),
                "a document may have more bytes than all together",
            )
            .labelled(format!("`limits.document_bytes` is {largest}"))
            .expecting("`body_memory_bytes` of at least `limits.document_bytes`, better several times that")
            .add();
    }
}

/// Reports every contradiction between stores and DOMs that are each valid by themselves. Those that are not are
/// `None`: what they say is not known, so nothing is missed because of them.
pub(super) fn check_ends(stores: &[Option<Store>], doms: &[Option<Dom>], report: &Report<'_>) {
    if stores.is_empty() {
        report
            .fault(codes::CONFIG_KEY, 0..0, "there is no store")
            .expecting("at least one `[[store]]`")
            .add();
    }
    let (all_stores, all_doms) = (stores.iter().all(Option::is_some), doms.iter().all(Option::is_some));
    let stores: Vec<&Store> = stores.iter().flatten().collect();
    let doms: Vec<&Dom> = doms.iter().flatten().collect();
    if all_doms {
        check_answered(&stores, &doms, report);
    }
    if all_stores {
        check_used(&stores, &doms, report);
    }
    check_once(report, "two stores have the name", stores.iter().map(|store| &store.name));
    check_once(report, "two DOMs have the name", doms.iter().map(|dom| &dom.name));
    check_once(report, "two stores have the id", stores.iter().flat_map(|store| &store.ids));
    let pushes = doms.iter().filter_map(|dom| dom.push.as_ref()).map(|push| &push.path);
    let paths = stores.iter().map(|store| &store.path).chain(pushes);
    check_once(report, "two ends are called at the path", paths);
    check_plain_ways(&stores, &doms, report);
    check_settling(&stores, &doms, report);
}

/// Reports calls that cannot outlast the time a DOM may be at work on one that was cut: an order that is not there could never
/// be handed over again, and of a reservation whose answer was lost nobody could ever say that nothing is held.
fn check_settling(stores: &[&Store], doms: &[&Dom], report: &Report<'_>) {
    for store in stores {
        let Some(dom) = doms.iter().find(|dom| dom.name.value == store.dom.value) else { continue };
        for operation in ["transfer", "reserve"] {
            let call = store.deadlines.of(operation).call;
            let is_asked = operation == "reserve" || dom.verify.enabled;
            if !is_asked || call > dom.verify.settle {
                continue;
            }
            let (name, settle_ms) = (&store.name.value, dom.verify.settle.as_millis());
            let message = format!("`verify.settle_ms` of the DOM `{}` is too long", dom.name.value);
            report
                .fault(codes::CONFIG_VALUE, dom.name.span.clone(), message)
                .labelled(format!(
                    "`{operation}` of the store `{name}` may take {} ms, and {settle_ms} ms of it are waited",
                    call.as_millis()
                ))
                .expecting("`settle_ms` of less than `call_ms` of `transfer` and `reserve`, better a fraction of that")
                .add();
        }
    }
}

/// Reports calls that a drain would cut: what became of them, nobody would say.
pub(super) fn check_drain(listen: Option<&Listen>, stores: &[Option<Store>], report: &Report<'_>) {
    let Some(listen) = listen else { return };
    for store in stores.iter().flatten() {
        let longest = store.deadlines.iter().max_by_key(|(_, deadline)| deadline.call);
        let Some((operation, deadline)) =
            longest.filter(|(_, deadline)| deadline.call > listen.drain_timeout)
        else {
            continue;
        };
        let (call, drain) = (deadline.call.as_millis(), listen.drain_timeout.as_millis());
        let name = &store.name;
        let message = format!("a restart may cut calls of the store `{}`", name.value);
        report
            .warning(codes::CONFIG_VALUE, name.span.clone(), message)
            .labelled(format!("`{operation}` may take {call} ms, and `listen.drain_timeout_ms` is {drain}"))
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

fn check_answered(stores: &[&Store], doms: &[&Dom], report: &Report<'_>) {
    let names: Vec<&str> = doms.iter().map(|dom| dom.name.value.as_str()).collect();
    for store in stores.iter().filter(|store| !names.contains(&store.dom.value.as_str())) {
        let dom = &store.dom;
        let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let expected =
            if known.is_empty() { "a `[[dom]]` of this name".to_owned() } else { known.join(", ") };
        let message = format!("store `{}` is answered by an unknown DOM `{}`", store.name.value, dom.value);
        report
            .fault(codes::CONFIG_VALUE, dom.span.clone(), message)
            .expecting(expected)
            .did_you_mean(&dom.value, names.iter().copied())
            .add();
    }
}

fn check_used(stores: &[&Store], doms: &[&Dom], report: &Report<'_>) {
    let used = |dom: &Dom| stores.iter().any(|store| store.dom.value == dom.name.value);
    for dom in doms.iter().filter(|dom| !used(dom)) {
        let message = format!("no store is answered by the DOM `{}`", dom.name.value);
        report.warning(codes::CONFIG_VALUE, dom.name.span.clone(), message).add();
    }
}

/// Passwords on an unprotected way are worth a word, unless the way stays within this machine.
fn check_plain_ways(stores: &[&Store], doms: &[&Dom], report: &Report<'_>) {
    for dom in doms.iter().filter(|dom| dom.login.password.is_some()) {
        check_plain_way(report, &dom.url);
    }
    let inbound = stores.iter().filter_map(|store| store.inbound.as_ref());
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
