//! Large SyncInventoryAvailability documents loaded into a running gateway.

use gateway_cache::{Location, Status};
use rust_decimal::Decimal;

use crate::loads::{gateway, old, online, post, remember, stock};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<_inv:SyncInventoryAvailability releaseID="9.0" xmlns:_inv="http://www.ibm.com/xmlns/prod/commerce/9/inventory" xmlns:_wcf="http://www.ibm.com/xmlns/prod/commerce/9/foundation" xmlns:oa="http://www.openapplications.org/oagis/9">
<oa:ApplicationArea><oa:CreationDateTime>2026-11-11T12:00:00Z</oa:CreationDateTime><_wcf:BusinessContext><_wcf:ContextData name="storeId">11651</_wcf:ContextData></_wcf:BusinessContext></oa:ApplicationArea>
<_inv:DataArea>
<oa:Sync><oa:ActionCriteria><oa:ActionExpression actionCode="Change">/InventoryAvailability[1]</oa:ActionExpression></oa:ActionCriteria></oa:Sync>
"#;
const TAIL: &str = "</_inv:DataArea>\n</_inv:SyncInventoryAvailability>\n";
const ONLINE: &str =
    "<_wcf:OnlineStoreIdentifier><_wcf:UniqueID>11651</_wcf:UniqueID></_wcf:OnlineStoreIdentifier>";
const GENT: &str = "<_wcf:PhysicalStoreIdentifier><_wcf:ExternalIdentifier>Gent</_wcf:ExternalIdentifier></_wcf:PhysicalStoreIdentifier>";

/// A noun on a line of its own.
fn noun(item: &str, place: &str, figures: &str) -> String {
    format!(
        "<_inv:InventoryAvailability><_inv:InventoryAvailabilityIdentifier><_wcf:ExternalIdentifier>\
         <_wcf:CatalogEntryIdentifier><_wcf:ExternalIdentifier><_wcf:PartNumber>{item}</_wcf:PartNumber>\
         </_wcf:ExternalIdentifier></_wcf:CatalogEntryIdentifier>{place}</_wcf:ExternalIdentifier>\
         </_inv:InventoryAvailabilityIdentifier>{figures}</_inv:InventoryAvailability>\n"
    )
}

fn figures(status: &str, quantity: &str, unit: &str) -> String {
    format!(
        "<_inv:InventoryStatus>{status}</_inv:InventoryStatus>\
         <_inv:AvailableQuantity uom=\"{unit}\">{quantity}</_inv:AvailableQuantity>\
         <_inv:LastUpdateDateTime>2026-11-11T12:00:00Z</_inv:LastUpdateDateTime>"
    )
}

fn document(nouns: &str) -> String {
    [HEAD, nouns, TAIL].concat()
}

#[tokio::test]
async fn each_noun_becomes_a_record() {
    let gateway = gateway().await;
    remember(&gateway, "OLD");
    let mut nouns: String = (0..2_500)
        .map(|number| {
            noun(&format!("ITEM-{number}"), ONLINE, &figures("Available", &number.to_string(), "C62"))
        })
        .collect();
    nouns += &noun(
        "ITEM-7",
        GENT,
        "<_inv:InventoryStatus>Backorderable</_inv:InventoryStatus>\
        <_inv:AvailabilityDateTime>2026-12-24T00:00:00Z</_inv:AvailabilityDateTime>",
    );
    let soap = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header/><s:Body>{}</s:Body></s:Envelope>",
        document(&nouns).split_once("?>").unwrap().1
    );
    let (status, said) = post(&gateway, "mode=full", &[], document(&nouns)).await;
    assert_eq!((status, &said["taken"], &said["rejected"]), (200, &2_501.into(), &0.into()), "{said}");
    assert_eq!((&said["format"], &said["bytes"]), (&"xml".into(), &document(&nouns).len().into()));
    for number in [0, 99, 100, 2_499] {
        let stock = online(&gateway, &format!("ITEM-{number}")).unwrap();
        assert_eq!((stock.quantity, stock.old_since_ms), (Some(Decimal::from(number)), None), "{number}");
        assert_eq!(stock.dom_time_ms, Some(1_794_398_400_000));
    }
    let gent = stock(&gateway, "ITEM-7", Location::Physical("Gent")).unwrap();
    assert_eq!(
        (gent.status, gent.available_at.as_deref()),
        (Status::Backorderable, Some("2026-12-24T00:00:00Z"))
    );
    assert!(old(&gateway, "OLD"));
    // The same in an envelope, as a mediation would send it: it is known already, but for the record without a time.
    let (status, said) = post(&gateway, "", &[("content-type", "text/xml")], soap).await;
    assert_eq!((status, &said["rows"], &said["unchanged"]), (200, &2_501.into(), &2_500.into()), "{said}");
}

#[tokio::test]
async fn a_bad_noun_is_told_with_its_line_and_takes_no_other_with_it() {
    let gateway = gateway().await;
    let good = |item| noun(item, ONLINE, &figures("Available", "5", "C62"));
    let nouns = [
        good("A"),
        noun("B", ONLINE, &figures("Available", "-5", "C62")),
        noun("C", ONLINE, &figures("xSold", "5", "C62")),
        noun("D", ONLINE, &figures("Available", "5", "KGM")),
        noun("E", ONLINE, &figures("Available", "many", "C62")),
        noun("F", "", &figures("Available", "5", "C62")),
        noun("G", &ONLINE.replace("11651", "11615"), &figures("Available", "5", "C62")),
        "<_inv:InventoryAvailability/>\n".to_owned(),
        good("H"),
    ];
    let (status, said) = post(&gateway, "", &[], document(&nouns.concat())).await;
    assert_eq!((status, &said["taken"], &said["rejected"]), (200, &2.into(), &7.into()), "{said}");
    let report = said["report"].as_str().unwrap();
    let faults: Vec<&str> = report.lines().skip(1).collect();
    assert_eq!(faults.len(), 7, "{report}");
    for (fault, (line, told)) in faults.iter().zip([
        (7, "-5"),
        (8, "xSold"),
        (9, "KGM"),
        (10, "many"),
        (11, "names no item at a location"),
        (12, "did you mean `11651`?"),
        (13, "names no item at a location"),
    ]) {
        assert!(fault.starts_with(&format!("{line},")), "{line}: {fault}");
        assert!(fault.contains(told) || told == "many" && fault.contains("number"), "{told}: {fault}");
    }
    assert!(online(&gateway, "A").is_some() && online(&gateway, "H").is_some());
}

#[tokio::test]
async fn what_is_no_such_document_is_refused_as_a_whole() {
    let gateway = gateway().await;
    remember(&gateway, "OLD");
    let whole = document(&noun("A", ONLINE, &figures("Available", "5", "C62")));
    let cut = whole.strip_suffix("</_inv:SyncInventoryAvailability>\n").unwrap();
    let other = whole.replace("InventoryAvailability", "Something");
    for (text, told) in [
        (cut, "the document ends too early, expected `</_inv:SyncInventoryAvailability>` (line 8"),
        (other.as_str(), "expected SyncInventoryAvailability, found `SyncSomething`"),
        ("<html><body>503</body></html>", "the document has no data area"),
        ("\n<!DOCTYPE a><a/>", "a document type declaration, expected an element (line 2"),
    ] {
        let (status, said) = post(&gateway, "mode=full", &[], text.to_owned()).await;
        assert_eq!((status, &said["complete"]), (422, &false.into()), "{said}");
        assert!(said["stopped"].as_str().unwrap().contains(told), "{said}");
        assert!(!old(&gateway, "OLD"), "{told}");
    }
}
