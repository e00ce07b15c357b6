//! Documents that are not sent on: what is missing or unknown is said, and nothing comes out.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use gateway_mapping::Side;
use gateway_model::Fault;
use gateway_model::codes::{BAD_REQUEST, BAD_SCALAR, Code, MISSING_VALUE, UNMAPPED_VALUE};
use gateway_operation::frame::Stamp;
use gateway_wire::soap;

#[path = "support/shipped.rs"]
mod shipped;

#[test]
fn a_question_without_a_store_is_not_asked_of_the_dom() {
    let stock = "{_wcf.ap=IBM_Store_Details}/InventoryAvailability[InventoryAvailabilityIdentifier/ExternalIdentifier\
        [CatalogEntryIdentifier/ExternalIdentifier[(PartNumber='A')] and PhysicalStoreIdentifier[(ExternalIdentifier='MUC')]]]";
    let history = "{_wcf.ap=IBM_External_Summary}/Order[OrderIdentifier[(UniqueID='')]]";
    let details = "{_wcf.ap=IBM_External_Details}/Order[OrderIdentifier[(UniqueID='845017')]]";
    for (root, noun, expression) in [
        ("GetInventoryAvailability", "inventory", stock),
        ("GetOrder", "order", history),
        ("GetOrder", "order", details),
    ] {
        let without = refusal(Side::Store, &get((root, noun), None, expression));
        assert_refusal(&without, MISSING_VALUE, "storeId");
        let unmapped = refusal(Side::Store, &get((root, noun), Some("99999"), expression));
        assert_refusal(&unmapped, UNMAPPED_VALUE, "99999");
    }
}

#[test]
fn an_event_that_cannot_be_understood_is_not_told_to_a_store() {
    let line = "<ShipmentLines><ShipmentLine OrderNo='WC_1' PrimeLineNo='7'/></ShipmentLines>";
    let change = "OnhandAvailableQuantity='1' IsDefaultDistributionGroup='Y'";
    let cases = [
        (
            "<Order OrderNo='WC_1' SellerOrganizationCode='ELSEWHERE' MaxOrderStatus='3200'/>".to_owned(),
            UNMAPPED_VALUE,
            "ELSEWHERE",
        ),
        ("<Order OrderNo='WC_1' MaxOrderStatus='3200'/>".to_owned(), MISSING_VALUE, "the store"),
        (
            "<Order SellerOrganizationCode='NORDWIND' MaxOrderStatus='3200'/>".to_owned(),
            MISSING_VALUE,
            "the order",
        ),
        (format!("<Shipment>{line}</Shipment>"), MISSING_VALUE, "the store"),
        (
            format!(
                "<Shipment SellerOrganizationCode='NORDWIND' ActualShipmentDate='soon'>{line}</Shipment>"
            ),
            BAD_SCALAR,
            "soon",
        ),
        (
            format!(
                "<AvailabilityChange {change}><Item ItemID='A' OrganizationCode='ELSEWHERE'/></AvailabilityChange>"
            ),
            MISSING_VALUE,
            "the store",
        ),
        (
            format!("<AvailabilityChange {change}><Item OrganizationCode='NORDWIND'/></AvailabilityChange>"),
            MISSING_VALUE,
            "the item",
        ),
    ];
    for (event, code, word) in cases {
        assert_refusal(&refusal(Side::Dom, &event), code, word);
    }
}

/// With each passed-over element compared with all others, this test would not come to an end.
#[test]
fn a_second_noun_is_found_among_many_unknown_elements() {
    let stock = "{_wcf.ap=IBM_Store_Details}/InventoryAvailability[InventoryAvailabilityIdentifier/ExternalIdentifier\
        [CatalogEntryIdentifier/ExternalIdentifier[(PartNumber='A')] and PhysicalStoreIdentifier[(ExternalIdentifier='MUC')]]]";
    let question = get(("GetInventoryAvailability", "inventory"), Some("11651"), stock);
    let unknown = "<x/>".repeat(100_000);
    let crowded = question.replace("</n:DataArea>", &format!("{unknown}</n:DataArea>"));
    assert!(translated(Side::Store, &crowded).is_ok());
    let second = question.replace("</n:DataArea>", &format!("{unknown}<oa:Get/></n:DataArea>"));
    assert_refusal(&refusal(Side::Store, &second), BAD_REQUEST, "a second `Get`");
}

fn assert_refusal(fault: &Fault, code: Code, word: &str) {
    assert_eq!(fault.code, code, "{fault}");
    assert!(fault.message.contains(word), "`{}` does not name `{word}`", fault.message);
    assert!(!fault.places.is_empty(), "{fault}");
}

fn get((root, noun): (&str, &str), store: Option<&str>, expression: &str) -> String {
    let context = store
        .map(|store| {
            format!(
                "<w:BusinessContext><w:ContextData name='storeId'>{store}</w:ContextData></w:BusinessContext>"
            )
        })
        .unwrap_or_default();
    format!(
        "<n:{root} xmlns:n='http://www.ibm.com/xmlns/prod/commerce/9/{noun}' \
         xmlns:w='http://www.ibm.com/xmlns/prod/commerce/9/foundation' xmlns:oa='http://www.openapplications.org/oagis/9'>\
         <oa:ApplicationArea>{context}</oa:ApplicationArea><n:DataArea><oa:Get><oa:Expression>{expression}</oa:Expression>\
         </oa:Get></n:DataArea></n:{root}>"
    )
}

/// What a document of this side is refused with.
fn refusal(side: Side, document: &str) -> Fault {
    translated(side, document).expect_err(document)
}

fn translated(side: Side, document: &str) -> Result<(), Fault> {
    let interpreter = shipped::interpreter();
    let (store, dom) = interpreter.only_dialects().unwrap();
    let pair = if side == Side::Store { (store, dom) } else { (dom, store) };
    let stamp = Stamp { sent_at: "2026-07-15T12:00:00Z".parse().unwrap(), message_id: "id" };
    let tree = interpreter.parse(document).unwrap();
    let payload = soap::open(&tree).unwrap().payload;
    interpreter.translate(pair, (&tree, payload), None, stamp).map(drop)
}
