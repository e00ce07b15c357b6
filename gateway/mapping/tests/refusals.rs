//! What a store's request may not be: each refusal names what was found, and where.

#![expect(clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "fixtures/case.rs"]
#[expect(dead_code, reason = "shared with the fixtures' test")]
mod case;

use gateway_mapping::{Context, Mappings, Message, Part};
use gateway_model::codes::{BAD_SCALAR, UNKNOWN_ACTION, UNKNOWN_ROOT, WRONG_NAMESPACE};
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;

const INVENTORY: &str = "http://www.ibm.com/xmlns/prod/commerce/9/inventory";
const ORDER: &str = "http://www.ibm.com/xmlns/prod/commerce/9/order";
const OAGIS: &str = "http://www.openapplications.org/oagis/9";

#[test]
fn a_request_of_no_message_is_refused_with_what_was_found_and_what_is_known() {
    let deprecated = "http://www.ibm.com/xmlns/prod/commerce/inventory";
    let cases = [
        (format!("<GetCatalog xmlns='{INVENTORY}'/>"), UNKNOWN_ROOT, vec!["GetCatalog"]),
        ("<html><body>It works</body></html>".to_owned(), UNKNOWN_ROOT, vec!["html"]),
        (format!("<GetInventoryAvailability xmlns='{deprecated}'/>"), WRONG_NAMESPACE, vec![INVENTORY]),
        ("<GetInventoryAvailability/>".to_owned(), WRONG_NAMESPACE, vec![INVENTORY]),
        (
            with_action("ProcessInventoryRequirement", INVENTORY, "Process", "Reserve"),
            UNKNOWN_ACTION,
            vec![
                "Reserve",
                "ReserveInventory",
                "CheckInventory",
                "CancelInventoryReservation",
                "DecrementCache",
            ],
        ),
        (
            with_action("ProcessInventoryRequirement", INVENTORY, "Process", "reserveinventory"),
            UNKNOWN_ACTION,
            vec!["reserveinventory"],
        ),
        (
            with_action("ProcessOrder", ORDER, "Process", "Cancel"),
            UNKNOWN_ACTION,
            vec!["Cancel", "TransferOrder"],
        ),
        (with_action("SyncOrder", ORDER, "Sync", "Delete"), UNKNOWN_ACTION, vec!["Delete", "Change"]),
        (
            with_expression("{_wcf.ap=IBM_Everything}/Order[OrderIdentifier[(UniqueID='1')]]"),
            UNKNOWN_ACTION,
            vec!["IBM_Everything", "IBM_External_Summary", "IBM_External_Details"],
        ),
    ];
    let mappings = case::mappings();
    let store = mappings.dialect("hcl-commerce").expect("the store's dialect");
    for (document, code, words) in cases {
        let tree = parse(&mappings, &document);
        match store.route(&tree, tree.root(), Some(Part::Request)) {
            Ok(message) => panic!("{document} is taken for {}", message.name),
            Err(fault) => {
                assert_eq!(fault.code(), code, "{document}: {fault}");
                let text = fault.to_string();
                assert!(words.iter().all(|word| text.contains(word)), "{text} says {words:?}");
            }
        }
    }
}

#[test]
fn a_value_of_the_wrong_form_is_refused_with_its_places_in_template_and_document() {
    let cases = [
        ("<o:OrderItem><o:Quantity>two</o:Quantity></o:OrderItem>", "OrderItem/Quantity"),
        ("<o:PlacedDate>yesterday</o:PlacedDate>", "PlacedDate"),
        (
            "<o:OrderItem/><o:OrderItem><o:OrderItemAmount freeGift='perhaps'/></o:OrderItem>",
            "OrderItem/OrderItemAmount",
        ),
    ];
    let mappings = case::mappings();
    for (content, place) in cases {
        let document = format!(
            "<o:ProcessOrder xmlns:o='{ORDER}'><o:DataArea><o:Order>{content}</o:Order></o:DataArea></o:ProcessOrder>"
        );
        let fault = read(&mappings, message(&mappings, "ProcessOrder.Transfer"), &document);
        assert_eq!(fault.code, BAD_SCALAR);
        assert!(fault.template.starts_with("hcl-commerce/"), "{}", fault.template);
        let path = fault.path.expect("a path");
        assert!(path.contains(place), "{path} is at {place}");
        assert!(fault.position.is_some());
    }
}

fn with_action(root: &str, namespace: &str, verb: &str, action: &str) -> String {
    format!(
        "<n:{root} xmlns:n='{namespace}' xmlns:o='{OAGIS}'><n:DataArea><o:{verb}><o:ActionCriteria>\
         <o:ActionExpression actionCode='{action}'/></o:ActionCriteria></o:{verb}></n:DataArea></n:{root}>"
    )
}

fn with_expression(expression: &str) -> String {
    format!(
        "<n:GetOrder xmlns:n='{ORDER}' xmlns:o='{OAGIS}'><n:DataArea><o:Get><o:Expression>{expression}</o:Expression>\
         </o:Get></n:DataArea></n:GetOrder>"
    )
}

fn message<'m>(mappings: &'m Mappings, name: &str) -> &'m Message {
    mappings.dialect("hcl-commerce").and_then(|dialect| dialect.message(name)).expect("a message")
}

fn read(mappings: &Mappings, message: &Message, document: &str) -> gateway_mapping::MapFault {
    let tree = parse(mappings, document);
    let context = Context { organization: None, zone: &TimeZone::UTC };
    message.read(&tree, tree.root(), &context).map(|_| ()).expect_err("a fault")
}

fn parse<'a>(mappings: &Mappings, document: &'a str) -> Tree<'a> {
    Tree::parse(document, mappings.names(), &Limits::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}
