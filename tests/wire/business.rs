//! Documents that are understood and cannot be carried out: the answer the store waits for, with the reason inside
//! (contract store section 13.1), and nothing sent to the DOM.

use crate::caller::{Answered, SOAP_12, attribute, first};
use crate::documents::{availability, copied_mappings, exchange, replaced, reserve, soap_11, soap_12};
use crate::gateway::{INVENTORY, ORDERS, Settings};
use crate::stand_in::{count, dom};

/// What is changed in a document, the code of its refusal, and a piece of the refusal's text.
type Change = (&'static str, (&'static str, &'static str), &'static str, &'static str);

/// A document that can be carried out, the root of its answer, and what makes it refused.
struct Spoilt {
    document: String,
    root: &'static str,
    changes: &'static [Change],
}

const STORE: &str = "<_wcf:ContextData name=\"storeId\">11651</_wcf:ContextData>";
const SHIPPING: &str = "<_ord:OrderItemShippingInfo>";
const SOON: &str = "<_ord:OrderItemShippingInfo><_ord:RequestedShipDate>soon</_ord:RequestedShipDate>";
const NO_DAY: &str =
    "<_ord:OrderItemShippingInfo><_ord:RequestedShipDate>2026-02-30T00:00:00Z</_ord:RequestedShipDate>";

const SECOND: &str = "<_ord:Order><_ord:OrderIdentifier/></_ord:Order></_ord:DataArea>";

const OF_QUESTIONS: &[Change] = &[
    ("an unknown store", ("11651", "99999"), "GW-3003", "99999"),
    ("an expression that does not end", ("]]]<", "]]<"), "GW-1011", "brackets that do not close"),
    ("an expression with an open quote", ("Shop'", "Shop"), "GW-1011", "at character"),
    ("no item", ("(PartNumber='TENT-9P')", "(Colour='red')"), "GW-3007", "names no item"),
    ("no location", ("NameIdentifier='NordlichtShop'", "Colour='red'"), "GW-3007", "names no location"),
];

const OF_RESERVATIONS: &[Change] = &[
    ("no store", (STORE, ""), "GW-3001", "the store says which"),
    ("an unknown store", ("11651", "99999"), "GW-3003", "99999"),
    ("a quantity in words", ("2.0", "two"), "GW-3002", "found `two`"),
    ("a quantity with a comma", ("2.0", "2,5"), "GW-3002", "found `2,5`"),
    ("a date in words", (SHIPPING, SOON), "GW-3002", "found `soon`"),
    ("a date that does not exist", (SHIPPING, NO_DAY), "GW-3002", "found `2026-02-30"),
    ("no order id", ("<_wcf:UniqueID>845022<", "<_wcf:UniqueID><"), "GW-3007", "the order has no id"),
    ("two items of one id", ("<_wcf:UniqueID>2<", "<_wcf:UniqueID>1<"), "GW-3007", "have the id `1`"),
    ("an item without an id", ("<_wcf:UniqueID>2<", "<_wcf:UniqueID><"), "GW-3007", "has no id"),
    ("nothing of an item", ("\"C62\">2.0", "\"C62\">0"), "GW-3007", "expected more than zero"),
    ("less than nothing", ("\"C62\">2.0", "\"C62\">-2.0"), "GW-3007", "expected more than zero"),
];

const OF_ORDERS: &[Change] = &[
    ("no store", ("<_wcf:UniqueID>11651<", "<_wcf:UniqueID><"), "GW-3001", "the store says which"),
    ("an unknown store", ("11651", "99999"), "GW-3003", "99999"),
    ("no order id", ("<_wcf:UniqueID>9001<", "<_wcf:UniqueID> <"), "GW-3007", "the order has no id"),
    ("nothing of an item", ("<_ord:Quantity>1", "<_ord:Quantity>0.0"), "GW-3007", "expected more than zero"),
    ("less than nothing", ("<_ord:Quantity>1", "<_ord:Quantity>-1"), "GW-3007", "expected more than zero"),
    ("two items of one id", ("</_ord:OrderItem>", SAME_ITEM), "GW-3007", "have the id `77`"),
    ("a quantity in words", ("<_ord:Quantity>1", "<_ord:Quantity>one"), "GW-3002", "found `one`"),
    ("no quantity", ("<_ord:Quantity>1", "<_ord:Quantity>"), "GW-3007", "has no quantity"),
    ("no part number", (">TENT-2P<", "><"), "GW-3007", "names no item"),
    ("a second order", ("</_ord:DataArea>", SECOND), "GW-3007", "a second `Order` in one document"),
];

/// The end of an order item, and another one of its id.
const SAME_ITEM: &str = "</_ord:OrderItem><_ord:OrderItem><_ord:OrderItemIdentifier><_wcf:UniqueID>77</_wcf:UniqueID>\
     </_ord:OrderItemIdentifier><_ord:CatalogEntryIdentifier><_wcf:ExternalIdentifier><_wcf:PartNumber>LAMP\
     </_wcf:PartNumber></_wcf:ExternalIdentifier></_ord:CatalogEntryIdentifier><_ord:Quantity>1</_ord:Quantity>\
     </_ord:OrderItem>";

const OF_CANCELLATIONS: &[Change] = &[
    ("an unknown store", ("11651", "99999"), "GW-3003", "99999"),
    ("no order id", ("<_wcf:UniqueID>845017<", "<_wcf:UniqueID><"), "GW-3007", "the order has no id"),
    ("no quantity", ("\"C62\">2.0", "\"C62\">"), "GW-3007", "has no quantity"),
    ("nothing of an item", ("\"C62\">2.0", "\"C62\">0"), "GW-3007", "expected more than zero"),
    ("less than nothing", ("\"C62\">2.0", "\"C62\">-2.0"), "GW-3007", "expected more than zero"),
];

const OF_NOTHING: &[Change] = &[("no items", ("", ""), "GW-3007", "the order has no items")];

fn transfer() -> String {
    exchange("transfer", "numbered-by-the-dom", "store-request.xml")
}

fn without_items(document: &str) -> String {
    let (before, _) = document.split_once("<_ord:OrderItem>").unwrap();
    let (_, after) = document.rsplit_once("</_ord:OrderItem>").unwrap();
    format!("{before}{after}")
}

fn cancel() -> String {
    exchange("cancel_reservation", "split-items-without-the-unallocated", "store-request.xml")
}

fn spoilt() -> [Spoilt; 6] {
    let requirement = "AcknowledgeInventoryRequirement";
    let nothing = without_items(&reserve());
    let checked = nothing.replace("ReserveInventory", "CheckInventory");
    [
        (availability(), "ShowInventoryAvailability", OF_QUESTIONS),
        (reserve(), requirement, OF_RESERVATIONS),
        (cancel(), requirement, OF_CANCELLATIONS),
        (transfer(), "AcknowledgeOrder", OF_ORDERS),
        (nothing, requirement, OF_NOTHING),
        (checked, requirement, OF_NOTHING),
    ]
    .map(|(document, root, changes)| Spoilt { document, root, changes })
}

fn assert_refused_in_band(
    name: &str,
    answer: &Answered,
    document: &str,
    (root, code, told): (&str, &str, &str),
) {
    let refused = answer.in_band();
    assert_eq!((refused.root.as_str(), refused.code.as_str()), (root, "ERROR"), "{name}");
    assert_eq!(refused.action, "Rejected", "{name}");
    assert_eq!(refused.reason_code, "_ERR_BAD_RESPONSE_FROM_EXTERNAL_SYSTEM", "{name}");
    assert!(refused.description.contains(told), "{name}: {}", refused.description);
    assert_eq!(refused.original, first(document, "BODID"), "{name}: whom it answers");
    assert_eq!(answer.first("Reason"), code, "{name}");
    assert_eq!(attribute(&answer.body, root, "releaseID"), "9.0", "{name}");
    let own = answer.first("BODID");
    assert!(!own.is_empty() && own != refused.original, "{name}: {}", answer.body);
}

#[tokio::test]
async fn a_request_that_cannot_be_carried_out_is_refused_in_band_and_nothing_is_sent() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    for Spoilt { document, root, changes } in spoilt() {
        for (name, (from, to), code, told) in changes {
            let name = format!("{root}, {name}");
            let document = replaced(&document, from, to);
            let answer = gateway.ask(INVENTORY, &soap_11(&document)).await;
            assert_eq!((answer.status, answer.attempts()), (200, 0), "{name}: {}", answer.body);
            assert_eq!(answer.fate(), [*code, "store", "no", "useless"], "{name}: {}", answer.body);
            assert_refused_in_band(&name, &answer, &document, (root, code, told));
        }
    }
    assert_eq!(count(&dom).await, 0);
}

#[tokio::test]
async fn a_refusal_in_band_names_the_place_of_the_value() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    let document = replaced(&reserve(), "2.0", "two");
    let line = document.lines().position(|line| line.contains(">two<")).unwrap() + 1;
    let answer = gateway.ask(INVENTORY, &document).await;
    for part in [format!("line {line}, column "), "/OrderItem".to_owned(), "hcl-commerce/".to_owned()] {
        assert!(answer.body.contains(&part), "{part}: {}", answer.body);
    }
    // Whom it is about was read before the fault.
    assert_eq!(answer.first("UniqueID"), "845022", "{}", answer.body);
}

#[tokio::test]
async fn a_refusal_in_band_comes_in_the_form_of_the_request() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    let document = replaced(&reserve(), "11651", "99999");
    for (content_type, sent, namespace) in [
        (SOAP_12, soap_12(&document), "http://www.w3.org/2003/05/soap-envelope"),
        ("text/xml", soap_11(&document), "http://schemas.xmlsoap.org/soap/envelope/"),
        ("text/xml", document.clone(), "http://www.ibm.com/xmlns/prod/commerce/9/inventory"),
    ] {
        let answer = gateway.post(INVENTORY, content_type, sent).await;
        let read = roxmltree::Document::parse(&answer.body).unwrap();
        assert_eq!(read.root_element().tag_name().namespace(), Some(namespace), "{}", answer.body);
        assert_eq!((answer.status, answer.code()), (200, "GW-3003"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_command_the_dom_carried_out_is_not_called_refused_when_its_answer_cannot_be_told() {
    let mappings = copied_mappings();
    let file = mappings.path().join("hcl-commerce/AcknowledgeOrder.xml");
    let template = std::fs::read_to_string(&file).unwrap();
    let required = "<_ord:Comments>{comments | required 'a store that wants one'}</_ord:Comments>";
    let store = "<_ord:StoreIdentifier m:with";
    let changed = replaced(&template, store, &format!("{required}{store}"));
    std::fs::write(&file, changed).unwrap();
    let dom = dom("<Order OrderHeaderKey=\"k1\" OrderNo=\"WC_9001\"/>").await;
    let mappings = Some(mappings.path().to_owned());
    let gateway = Settings { mappings, ..Settings::of(dom.uri()) }.run().await;
    let answer = gateway.ask(ORDERS, &transfer()).await;
    assert_eq!(answer.fate(), ["GW-3001", "gateway", "yes", "after-check"], "{}", answer.body);
    assert_eq!((answer.status, answer.soap_fault().side), (500, "Server"));
    assert_eq!(count(&dom).await, 1);
}

#[tokio::test]
async fn what_the_dom_need_not_be_asked_is_answered_without_it() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    for (operation, case) in [("decrement", "acknowledged"), ("cancel_reservation", "nothing-to-give-back")] {
        let answer = gateway.ask(INVENTORY, &exchange(operation, case, "store-request.xml")).await;
        assert_eq!((answer.status, answer.code(), answer.attempts()), (200, "", 0), "{operation}");
        assert_eq!(answer.root(), "AcknowledgeInventoryRequirement", "{operation}");
    }
    assert_eq!(count(&dom).await, 0);
}
