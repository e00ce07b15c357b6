//! From what the ends saw to what is shown: the documents of a call or a push, in the order they went over the wires.

use gateway_simulator::serve::{Delivery, Entry, Exchange};

use crate::demo::step::Hop;

/// The ends, as they are shown.
const STORE: &str = "store";
const GATEWAY: &str = "gateway";
const DOM: &str = "DOM";

/// The hops of a store's call; `asked` is what the DOM was asked because of it.
pub(super) fn of_call(exchange: &Exchange, asked: &[Entry]) -> Vec<Hop> {
    let mut hops = vec![hop((STORE, GATEWAY), what_it_is(&exchange.sent), &exchange.sent)];
    for entry in asked {
        hops.push(hop((GATEWAY, DOM), entry.name.clone(), &entry.question));
        hops.push(hop((DOM, GATEWAY), format!("{} answer", entry.name), &entry.answer));
    }
    hops.push(hop((GATEWAY, STORE), what_it_is(&exchange.received), &exchange.received));
    hops.retain(|hop| !hop.document.is_empty());
    hops
}

/// The hops of the DOM's pushes; `told` is what the store was told because of them, in the same order.
pub(super) fn of_pushes(deliveries: &[Delivery], told: &[Entry]) -> Vec<Hop> {
    let mut told = told.iter().peekable();
    let mut hops = Vec::new();
    for delivery in deliveries {
        let name = format!("{} event", what_it_is(&delivery.document));
        hops.push(hop((DOM, GATEWAY), name, &delivery.document));
        if let Some(entry) = told.next_if(|entry| entry.name == delivery.kind.operation()) {
            hops.push(hop((GATEWAY, STORE), what_it_is(&entry.question), &entry.question));
            hops.push(hop((STORE, GATEWAY), what_it_is(&entry.answer), &entry.answer));
        }
        hops.push(hop((GATEWAY, DOM), what_it_is(&delivery.answer), &delivery.answer));
    }
    hops.retain(|hop| !hop.document.is_empty());
    hops
}

/// The way of a store's call in short.
pub(super) fn route_of_call(exchange: &Exchange, asked: &[Entry]) -> Vec<String> {
    let first = format!("{STORE} {}", what_it_is(&exchange.sent));
    let name = |entry: &Entry| match entry.answer.as_str() {
        "" => format!("{}, which does not answer", entry.name),
        _ => entry.name.clone(),
    };
    let mut apis: Vec<String> = asked.iter().map(name).collect();
    apis.dedup();
    let second = match apis.as_slice() {
        [] => format!("→ {GATEWAY}, which answers"),
        apis => format!("→ {DOM} {}", apis.join(", ")),
    };
    vec![first, second]
}

/// The way of the DOM's pushes in short.
pub(super) fn route_of_pushes(deliveries: &[Delivery], told: &[Entry]) -> Vec<String> {
    let mut told = told.iter().peekable();
    let mut route = Vec::new();
    for delivery in deliveries {
        route.push(format!("{DOM} {} event", what_it_is(&delivery.document)));
        route.push(match told.next_if(|entry| entry.name == delivery.kind.operation()) {
            Some(entry) => format!("→ {STORE} {}", what_it_is(&entry.question)),
            None => format!("→ {GATEWAY}, which told nobody"),
        });
    }
    route
}

fn hop((from, to): (&'static str, &'static str), name: String, document: &str) -> Hop {
    Hop { from, to, name, document: document.to_owned() }
}

/// What a document is, for a person: the name of its first element below a SOAP envelope, and the action it asks for.
fn what_it_is(document: &str) -> String {
    let mut names = document.split('<').skip(1).filter_map(|tag| {
        let name = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next()?;
        let local = name.rsplit(':').next()?;
        local.starts_with(char::is_alphabetic).then_some(local)
    });
    let frame = ["Envelope", "Header", "Body"];
    let root = names.find(|name| !frame.contains(name)).unwrap_or("no document");
    match root
        .starts_with("Process")
        .then(|| document.split("actionCode=\"").nth(1)?.split('"').next())
        .flatten()
    {
        Some(action) => format!("{root} {action}"),
        None => root.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gateway_simulator::serve::{Entry, Exchange, Outcome};
    use http::HeaderMap;

    use super::{of_call, route_of_call, what_it_is};

    #[test]
    fn a_question_without_an_answer_is_shown_as_such() {
        let exchange = Exchange {
            operation: "availability",
            attempts: 1,
            sent_again: 0,
            asked: Vec::new(),
            unanswered: Vec::new(),
            sent: "<GetInventoryAvailability/>".to_owned(),
            status: Some(200),
            headers: HeaderMap::new(),
            received: "<ShowInventoryAvailability/>".to_owned(),
            outcome: Outcome::NoAnswer(String::new()),
            refusal: None,
            took: Duration::ZERO,
        };
        let asked = Entry {
            name: "multiApi".to_owned(),
            question: "<MultiApi/>".to_owned(),
            status: 0,
            answer: String::new(),
        };
        let asked = [asked.clone(), asked];
        let route = ["store GetInventoryAvailability", "→ DOM multiApi, which does not answer"];
        assert_eq!(route_of_call(&exchange, &asked), route);
        let ends: Vec<_> = of_call(&exchange, &asked).iter().map(|hop| (hop.from, hop.to)).collect();
        let twice = [("gateway", "DOM"); 2];
        assert_eq!(ends, [&[("store", "gateway")][..], &twice, &[("gateway", "store")]].concat());
    }

    #[test]
    fn a_document_is_called_by_its_root_and_what_it_wants() {
        for (document, name) in [
            ("<?xml version=\"1.0\"?>\n<!-- no --><Promise A=\"1\"/>", "Promise"),
            (
                "<s:Envelope xmlns:s=\"x\"><s:Header/><s:Body><_inv:GetInventoryAvailability>",
                "GetInventoryAvailability",
            ),
            ("<a:ProcessOrder><oa:ActionExpression actionCode=\"Transfer\">", "ProcessOrder Transfer"),
            ("<a:SyncOrder><oa:ActionExpression actionCode=\"Change\">", "SyncOrder"),
            ("gateway timeout", "no document"),
        ] {
            assert_eq!(what_it_is(document), name);
        }
    }
}
