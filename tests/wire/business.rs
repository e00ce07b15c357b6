//! Documents that are understood and cannot be carried out: the answer the store waits for, with the reason inside
//! (contract store section 13.1), and nothing sent to the DOM.

use crate::caller::{SOAP_12, attribute, first};
use crate::documents::{availability, copied_mappings, exchange, replaced, reserve, soap_11, soap_12};
use crate::gateway::{INVENTORY, ORDERS, Settings};
use crate::stand_in::{count, dom};

/// A request that is refused in the store's own terms.
struct Case {
    name: &'static str,
    document: String,
    code: &'static str,
    root: &'static str,
    /// What the refusal says besides.
    told: &'static str,
}

fn transfer() -> String {
    exchange("transfer", "numbered-by-the-dom", "store-request.xml")
}

fn without(document: &str, from: &str, to: &str) -> String {
    let (before, rest) = document.split_once(from).unwrap();
    let (_, after) = rest.split_once(to).unwrap();
    format!("{before}{after}")
}

fn cases() -> Vec<Case> {
    const SHOW: &str = "ShowInventoryAvailability";
    const REQUIREMENT: &str = "AcknowledgeInventoryRequirement";
    const ORDER: &str = "AcknowledgeOrder";
    let case = |name, document, code, root, told| Case { name, document, code, root, told };
    let item = |document: &str| without(document, "<_ord:OrderItem>", "</_ord:OrderItem>");
    let order_id = |document: &str| without(document, "<_ord:OrderIdentifier>", "</_ord:OrderIdentifier>");
    let store = "<_wcf:ContextData name=\"storeId\">11651</_wcf:ContextData>";
    let unit = "<_ord:Quantity uom=\"C62\">";
    let date =
        "<_ord:OrderItemShippingInfo>\n          <_ord:RequestedShipDate>soon</_ord:RequestedShipDate>";
    vec![
        case("no store", replaced(&reserve(), store, ""), "GW-3001", REQUIREMENT, "the store says which"),
        case(
            "no store of an order",
            without(&transfer(), "<_ord:StoreIdentifier>", "</_ord:StoreIdentifier>"),
            "GW-3001",
            ORDER,
            "the store says which",
        ),
        case("an unknown store", replaced(&reserve(), "11651", "99999"), "GW-3003", REQUIREMENT, "99999"),
        case(
            "an unknown store of a question",
            replaced(&availability(), "11651", "99999"),
            "GW-3003",
            SHOW,
            "99999",
        ),
        case(
            "an unknown store of an order",
            replaced(&transfer(), "11651", "99999"),
            "GW-3003",
            ORDER,
            "99999",
        ),
        case("a quantity in words", replaced(&reserve(), "2.0", "two"), "GW-3002", REQUIREMENT, "two"),
        case("a quantity with a comma", replaced(&reserve(), "2.0", "2,5"), "GW-3002", REQUIREMENT, "2,5"),
        case(
            "a date in words",
            replaced(&reserve(), "<_ord:OrderItemShippingInfo>", date),
            "GW-3002",
            REQUIREMENT,
            "soon",
        ),
        case(
            "a date that does not exist",
            replaced(
                &reserve(),
                "<_ord:OrderItemShippingInfo>",
                &date.replace("soon", "2026-02-30T00:00:00Z"),
            ),
            "GW-3002",
            REQUIREMENT,
            "2026-02-30",
        ),
        case("no order id", order_id(&reserve()), "GW-3007", REQUIREMENT, "no id"),
        case("no order id of an order", order_id(&transfer()), "GW-3007", ORDER, "no id"),
        case(
            "two items of one id",
            replaced(&reserve(), "<_wcf:UniqueID>2<", "<_wcf:UniqueID>1<"),
            "GW-3007",
            REQUIREMENT,
            "`1`",
        ),
        case(
            "nothing of an item",
            replaced(&reserve(), &format!("{unit}2.0"), &format!("{unit}0")),
            "GW-3007",
            REQUIREMENT,
            "more than zero",
        ),
        case(
            "less than nothing",
            replaced(&transfer(), "<_ord:Quantity>1", "<_ord:Quantity>-1"),
            "GW-3007",
            ORDER,
            "more than zero",
        ),
        case("no items", item(&item(&reserve())), "GW-3007", REQUIREMENT, "no items"),
        case(
            "an item without an id",
            replaced(&reserve(), "<_wcf:UniqueID>2<", "<_wcf:UniqueID><"),
            "GW-3007",
            REQUIREMENT,
            "no id",
        ),
        case(
            "a check of nothing",
            item(&item(&reserve())).replace("ReserveInventory", "CheckInventory"),
            "GW-3007",
            REQUIREMENT,
            "no items",
        ),
        case(
            "an expression that does not end",
            replaced(&availability(), "]]]<", "]]<"),
            "GW-1011",
            SHOW,
            "brackets that do not close",
        ),
        case(
            "an expression with an open quote",
            replaced(&availability(), "Shop'", "Shop"),
            "GW-1011",
            SHOW,
            "at character",
        ),
        case(
            "a question without an item",
            replaced(&availability(), "(PartNumber='TENT-9P')", "(Colour='red')"),
            "GW-3007",
            SHOW,
            "item",
        ),
    ]
}

#[tokio::test]
async fn a_request_that_cannot_be_carried_out_is_refused_in_band_and_nothing_is_sent() {
    let dom = dom("<Errors/>").await;
    let gateway = Settings::of(dom.uri()).run().await;
    for Case { name, document, code, root, told } in cases() {
        let answer = gateway.ask(INVENTORY, &soap_11(&document)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert_eq!(answer.fate(), [code, "store", "no", "useless"], "{name}: {}", answer.body);
        assert_eq!(answer.attempts(), 0, "{name}");
        let refused = answer.in_band();
        assert_eq!((refused.root.as_str(), refused.code.as_str()), (root, "ERROR"), "{name}");
        assert_eq!(refused.action, "Rejected", "{name}");
        assert_eq!(refused.reason_code, "_ERR_BAD_RESPONSE_FROM_EXTERNAL_SYSTEM", "{name}");
        assert!(refused.description.contains(told), "{name}: {}", refused.description);
        assert_eq!(refused.original, first(&document, "BODID"), "{name}: whom it answers");
        assert_eq!(answer.first("Reason"), code, "{name}");
        assert_eq!(attribute(&answer.body, root, "releaseID"), "9.0", "{name}");
        let own = answer.first("BODID");
        assert!(!own.is_empty() && own != refused.original, "{name}: {}", answer.body);
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
