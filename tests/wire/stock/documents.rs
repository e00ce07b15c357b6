//! Documents about stock: questions, orders, news.

use std::fmt::Write as _;

use super::world::{SHOP, ago};

const NAMESPACES: &str = "xmlns:_inv=\"http://www.ibm.com/xmlns/prod/commerce/9/inventory\" \
     xmlns:_ord=\"http://www.ibm.com/xmlns/prod/commerce/9/order\" \
     xmlns:_wcf=\"http://www.ibm.com/xmlns/prod/commerce/9/foundation\" \
     xmlns:oa=\"http://www.openapplications.org/oagis/9\" \
     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" releaseID=\"9.0\"";

/// A question about stock. Names that begin with `#` are internal ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) items: Vec<&'a str>,
    /// Names of online stores.
    pub(crate) online: Vec<&'a str>,
    /// External identifiers of physical stores.
    pub(crate) physical: Vec<&'a str>,
    /// Units of measure, if the question names them.
    pub(crate) units: Vec<&'a str>,
}

/// An item of an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderItem<'a> {
    pub(crate) id: &'a str,
    pub(crate) item: &'a str,
    pub(crate) quantity: &'a str,
    /// Where it is collected; it is sent if that is nowhere.
    pub(crate) collected: Option<&'a str>,
    /// What a kit is made of, each with its quantity per kit.
    pub(crate) parts: &'a [(&'a str, &'a str)],
}

/// News of one item at one place, in the words of the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noun<'a> {
    pub(crate) item: &'a str,
    /// A physical store; the online store if there is none.
    pub(crate) physical: Option<&'a str>,
    pub(crate) status: &'a str,
    pub(crate) quantity: Option<&'a str>,
    pub(crate) updated: Option<&'a str>,
}

/// What is there of these items online.
pub(crate) fn online(items: &[&str]) -> String {
    Asked { items: items.to_vec(), online: vec![SHOP], ..Asked::default() }.document()
}

/// What is there of these items at these physical stores.
pub(crate) fn physical(items: &[&str], places: &[&str]) -> String {
    Asked { items: items.to_vec(), physical: places.to_vec(), ..Asked::default() }.document()
}

/// An order item that is sent.
pub(crate) fn sent<'a>(id: &'a str, item: &'a str, quantity: &'a str) -> OrderItem<'a> {
    OrderItem { id, item, quantity, collected: None, parts: &[] }
}

// === impl Asked ===

impl Asked<'_> {
    /// The document (contract store section 4.1).
    pub(crate) fn document(&self) -> String {
        let unit = match any("uom", &self.units, "'") {
            units if units.is_empty() => units,
            units => format!(" and {units}"),
        };
        let items = match self.items.first() {
            Some(first) if first.starts_with('#') => {
                format!("CatalogEntryIdentifier[{}{unit}]", any("UniqueID", &self.items, "'#"))
            }
            _ => {
                let numbers = any("PartNumber", &self.items, "'");
                format!("CatalogEntryIdentifier/ExternalIdentifier[{numbers}{unit}]")
            }
        };
        let mut places = Vec::new();
        let (ids, names) = parted(&self.online);
        places.extend(named("OnlineStoreIdentifier", "UniqueID", &ids));
        places.extend(named("OnlineStoreIdentifier/ExternalIdentifier", "NameIdentifier", &names));
        let (ids, names) = parted(&self.physical);
        places.extend(named("PhysicalStoreIdentifier", "UniqueID", &ids));
        places.extend(named("PhysicalStoreIdentifier", "ExternalIdentifier", &names));
        let places = match places.as_slice() {
            [only] => only.clone(),
            several => format!("({})", several.join(" or ")),
        };
        let expression = format!(
            "{{_wcf.ap=IBM_Store_Details}}/InventoryAvailability[InventoryAvailabilityIdentifier/ExternalIdentifier[{items} \
             and {places}]]"
        );
        format!(
            "<_inv:GetInventoryAvailability {NAMESPACES}>{}<_inv:DataArea><oa:Get>\
             <oa:Expression expressionLanguage=\"_wcf:XPath\">{expression}</oa:Expression></oa:Get></_inv:DataArea>\
             </_inv:GetInventoryAvailability>",
            area(&ago(0))
        )
    }
}

fn parted<'a>(names: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    names.iter().partition(|name| name.starts_with('#'))
}

fn named(path: &str, element: &str, names: &[&str]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{path}[{}]", any(element, names, "'#")))
}

/// `(Name='a' or Name='b')`; nothing for nothing.
fn any(element: &str, values: &[&str], trimmed: &str) -> String {
    let trimmed: Vec<char> = trimmed.chars().collect();
    let one = |value: &&str| format!("{element}='{}'", value.trim_start_matches(trimmed.as_slice()));
    let all: Vec<String> = values.iter().map(one).collect();
    if all.is_empty() { String::new() } else { format!("({})", all.join(" or ")) }
}

fn area(made: &str) -> String {
    area_of("11651", made)
}

fn area_of(store: &str, made: &str) -> String {
    format!(
        "<oa:ApplicationArea xsi:type=\"_wcf:ApplicationAreaType\"><oa:CreationDateTime>{made}</oa:CreationDateTime>\
         <oa:BODID>5fcef2a4-27cf-11ef-9a51-d3b7a1c0e402</oa:BODID><_wcf:BusinessContext>\
         <_wcf:ContextData name=\"storeId\">{store}</_wcf:ContextData></_wcf:BusinessContext></oa:ApplicationArea>"
    )
}

/// An order as a requirement of stock, made at this time, for this action (contract store section 7.1).
pub(crate) fn requirement(action: &str, (order, made): (&str, &str), items: &[OrderItem<'_>]) -> String {
    format!(
        "<_inv:ProcessInventoryRequirement {NAMESPACES}>{}<_inv:DataArea><oa:Process><oa:ActionCriteria>\
         <oa:ActionExpression actionCode=\"{action}\" expressionLanguage=\"_wcf:XPath\">/InventoryRequirement[1]\
         </oa:ActionExpression></oa:ActionCriteria></oa:Process><_inv:InventoryRequirement>{}</_inv:InventoryRequirement>\
         </_inv:DataArea></_inv:ProcessInventoryRequirement>",
        area(made),
        order_body(order, items)
    )
}

/// The same order, handed over (contract store section 9).
pub(crate) fn transfer((order, made): (&str, &str), items: &[OrderItem<'_>]) -> String {
    format!(
        "<_ord:ProcessOrder {NAMESPACES}>{}<_ord:DataArea><oa:Process><oa:ActionCriteria>\
         <oa:ActionExpression actionCode=\"Transfer\">/Order[1]</oa:ActionExpression></oa:ActionCriteria></oa:Process>\
         <_ord:Order>{}</_ord:Order></_ord:DataArea></_ord:ProcessOrder>",
        area(made),
        order_body(order, items)
    )
}

/// A check of these items.
pub(crate) fn check(items: &[OrderItem<'_>]) -> String {
    requirement("CheckInventory", ("4711", &ago(0)), items)
}

fn order_body(order: &str, items: &[OrderItem<'_>]) -> String {
    let mut body = format!(
        "<_ord:OrderIdentifier><_wcf:UniqueID>{order}</_wcf:UniqueID></_ord:OrderIdentifier>\
         <_ord:StoreIdentifier><_wcf:UniqueID>11651</_wcf:UniqueID></_ord:StoreIdentifier>"
    );
    for OrderItem { id, item, quantity, collected, parts } in items {
        write!(
            body,
            "<_ord:OrderItem><_ord:OrderItemIdentifier><_wcf:UniqueID>{id}</_wcf:UniqueID></_ord:OrderItemIdentifier>\
             <_ord:CatalogEntryIdentifier><_wcf:ExternalIdentifier><_wcf:PartNumber>{item}</_wcf:PartNumber>\
             </_wcf:ExternalIdentifier></_ord:CatalogEntryIdentifier>"
        )
        .unwrap();
        for (place, (part, each)) in parts.iter().enumerate() {
            write!(
                body,
                "<_ord:OrderItemComponent><_ord:OrderItemComponentIdentifier><_ord:UniqueID>{id}{place}</_ord:UniqueID>\
                 </_ord:OrderItemComponentIdentifier><_ord:CatalogEntryIdentifier><_wcf:ExternalIdentifier>\
                 <_wcf:PartNumber>{part}</_wcf:PartNumber></_wcf:ExternalIdentifier></_ord:CatalogEntryIdentifier>\
                 <_ord:Quantity uom=\"C62\">{each}</_ord:Quantity></_ord:OrderItemComponent>"
            )
            .unwrap();
        }
        write!(body, "<_ord:Quantity uom=\"C62\">{quantity}</_ord:Quantity>").unwrap();
        if let Some(place) = collected {
            write!(
                body,
                "<_ord:OrderItemShippingInfo><_ord:ShippingMode><_ord:ShippingModeIdentifier><_ord:ExternalIdentifier>\
                 <_ord:ShipModeCode>PickupInStore</_ord:ShipModeCode></_ord:ExternalIdentifier>\
                 </_ord:ShippingModeIdentifier></_ord:ShippingMode><_ord:PhysicalStoreIdentifier>\
                 <_wcf:ExternalIdentifier>{place}</_wcf:ExternalIdentifier></_ord:PhysicalStoreIdentifier>\
                 </_ord:OrderItemShippingInfo>"
            )
            .unwrap();
        }
        body.push_str("</_ord:OrderItem>");
    }
    body
}

/// News of one item in the words of the DOM: places with their quantities, no node for the online store (contract
/// sterling section 11).
pub(crate) fn change(item: &str, raised: &str, places: &[(&str, &str)]) -> String {
    let mut changes = String::new();
    for (node, quantity) in places {
        let group = if node.is_empty() { "Y" } else { "N" };
        write!(
            changes,
            "<AvailabilityChange AlertLevel=\"1\" AlertType=\"REALTIME_ONHAND\" AlertRaisedOn=\"{raised}\" \
             IsDefaultDistributionGroup=\"{group}\" Node=\"{node}\" OnhandAvailableQuantity=\"{quantity}\"/>"
        )
        .unwrap();
    }
    format!(
        "<InventoryItem InventoryOrganizationCode=\"NORDWIND-INV\" ItemID=\"{item}\" UnitOfMeasure=\"EACH\">\
         <AvailabilityChanges>{changes}</AvailabilityChanges></InventoryItem>"
    )
}

/// News in the words of the store (contract store section 6).
pub(crate) fn sync(nouns: &[Noun<'_>]) -> String {
    sync_of("11651", nouns)
}

/// News in the words of the store of this id.
pub(crate) fn sync_of(store: &str, nouns: &[Noun<'_>]) -> String {
    let mut body = String::new();
    for Noun { item, physical, status, quantity, updated } in nouns {
        let place = match physical {
            Some(name) => format!(
                "<_wcf:PhysicalStoreIdentifier><_wcf:ExternalIdentifier>{name}</_wcf:ExternalIdentifier>\
                 </_wcf:PhysicalStoreIdentifier>"
            ),
            None => format!(
                "<_wcf:OnlineStoreIdentifier><_wcf:UniqueID>{store}</_wcf:UniqueID></_wcf:OnlineStoreIdentifier>"
            ),
        };
        let told = |name: &str, attribute: &str, text: &Option<&str>| {
            text.map_or_else(String::new, |text| format!("<_inv:{name}{attribute}>{text}</_inv:{name}>"))
        };
        write!(
            body,
            "<_inv:InventoryAvailability><_inv:InventoryAvailabilityIdentifier><_wcf:ExternalIdentifier>\
             <_wcf:CatalogEntryIdentifier><_wcf:ExternalIdentifier><_wcf:PartNumber>{item}</_wcf:PartNumber>\
             </_wcf:ExternalIdentifier></_wcf:CatalogEntryIdentifier>{place}</_wcf:ExternalIdentifier>\
             </_inv:InventoryAvailabilityIdentifier><_inv:InventoryStatus>{status}</_inv:InventoryStatus>{}{}\
             </_inv:InventoryAvailability>",
            told("AvailableQuantity", " uom=\"C62\"", quantity),
            told("LastUpdateDateTime", "", updated)
        )
        .unwrap();
    }
    format!(
        "<_inv:SyncInventoryAvailability {NAMESPACES}>{}<_inv:DataArea><oa:Sync><oa:ActionCriteria>\
         <oa:ActionExpression actionCode=\"Change\" expressionLanguage=\"_wcf:XPath\">/InventoryAvailability[1]\
         </oa:ActionExpression></oa:ActionCriteria></oa:Sync>{body}</_inv:DataArea></_inv:SyncInventoryAvailability>",
        area_of(store, &ago(0))
    )
}
