//! The documents: those of the fixtures cut to the sizes of contract Sterling section 19, small and with many lines.
//!
//! Lines are an exchange's own, repeated with ids of their own. Where the contract's documents are shorter, white space and
//! what no mapping reads is left out; where they are longer, a DOM adds the attributes that the contract's samples have.

use std::fs;
use std::path::Path;

/// One row: a document and, if it answers one, the store's request.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) document: String,
    pub(crate) request: Option<String>,
    /// What libxslt called from C did for this row.
    pub(crate) libxslt: Option<Libxslt>,
}

/// A row of contract Sterling section 19: bytes read and written, median in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Libxslt {
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
    pub(crate) us: f64,
}

/// Which way a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A store asks: read, planned, written for the DOM.
    Ask,
    /// The DOM answers: read, paired with its question, written for the store.
    Answer,
    /// The DOM tells: read and written for the store.
    Push,
}

/// What libxslt did for each message, small and with a hundred lines. The availability request is that of the contract's first
/// generation: the second asks pair by pair, where all other messages are its.
const LIBXSLT: &[(&str, Libxslt, Libxslt)] = &[
    ("availability request", took(1_213, 431, 143.), took(3_787, 11_816, 3_064.)),
    ("availability answer", took(797, 1_351, 46.), took(62_418, 60_625, 2_907.)),
    ("reserve request", took(3_213, 3_111, 121.), took(191_625, 32_078, 4_116.)),
    ("reserve answer", took(827, 1_611, 58.), took(52_804, 67_149, 2_086.)),
    ("transfer", took(8_082, 3_303, 364.), took(293_956, 154_897, 13_706.)),
    ("history answer", took(674, 1_535, 58.), took(34_165, 76_681, 1_850.)),
    ("details answer", took(2_452, 2_954, 193.), took(154_956, 177_335, 8_458.)),
    ("availability push", took(414, 1_723, 43.), took(15_117, 65_777, 1_174.)),
];

/// The rows of the contract's table, each small and with a hundred lines.
pub(crate) fn rows() -> Vec<Row> {
    let both = |(message, small, large): &(&str, Libxslt, Libxslt)| {
        [(1, small), (100, large)].map(|(lines, libxslt)| {
            let name = if lines == 1 { (*message).to_owned() } else { format!("{message}, {lines} lines") };
            Row { name, libxslt: Some(*libxslt), ..message_of(message, lines) }
        })
    };
    LIBXSLT.iter().flat_map(both).collect()
}

/// A message with so many lines.
fn message_of(message: &str, lines: usize) -> Row {
    let (kind, document, request) = match message {
        "availability request" => (Kind::Ask, availability_request(lines), None),
        "availability answer" => {
            (Kind::Answer, availability_answer(lines), Some(availability_product(lines)))
        }
        "reserve request" => (Kind::Ask, reserve_request(lines), None),
        "reserve answer" => (Kind::Answer, reserve_answer(lines), Some(reserve_request(lines))),
        "transfer" => (Kind::Ask, transfer(lines), None),
        "history answer" => {
            let asked = fixture("history/first-page-of-several/store-request.xml");
            (Kind::Answer, history_answer(lines), Some(asked))
        }
        "details answer" => {
            (Kind::Answer, details_answer(lines), Some(fixture("details/by-key/store-request.xml")))
        }
        _ => (Kind::Push, availability_push(lines), None),
    };
    Row { name: format!("{message}, {lines} lines"), kind, document, request, libxslt: None }
}

const fn took(bytes_in: usize, bytes_out: usize, us: f64) -> Libxslt {
    Libxslt { bytes_in, bytes_out, us }
}

/// The documents that show how the time grows with the lines.
pub(crate) fn growth() -> Vec<(Row, usize)> {
    let messages = ["transfer", "reserve request", "reserve answer", "availability answer"];
    let of = |lines: usize| messages.map(|message| (message_of(message, lines), lines));
    [10, 100, 1_000, 5_000].into_iter().flat_map(of).collect()
}

fn fixture(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/exchanges");
    fs::read_to_string(root.join(path)).unwrap()
}

/// So many items at one physical store, a single line two of them.
fn availability_request(lines: usize) -> String {
    asked(lines.max(2), "PhysicalStoreIdentifier[(ExternalIdentifier='MUC-Marienplatz')]")
}

/// Half the lines are items at the online store, half the same items at a physical one; a single line is physical.
fn availability_product(lines: usize) -> String {
    let physical = "PhysicalStoreIdentifier[(ExternalIdentifier='MUC-Marienplatz')]";
    let online = "OnlineStoreIdentifier/ExternalIdentifier[(NameIdentifier='NordlichtShop')]";
    match lines {
        1 => asked(1, physical),
        _ => asked(lines.div_ceil(2), &format!("({online} or {physical})")),
    }
}

fn asked(items: usize, locations: &str) -> String {
    let document = fixture("availability/items-online-and-physical/store-request.xml");
    let items: Vec<_> = (0..items).map(|number| format!("PartNumber='LAMP-{number:04}'")).collect();
    let predicate = format!("({})] and {locations}", items.join(" or "));
    between(&document, "(PartNumber=", "]]</oa:Expression>", &predicate)
}

fn availability_answer(lines: usize) -> String {
    let document = fixture("availability/items-online-and-physical/dom-answer.xml");
    // What a DOM writes beside what is read: an alert's, and of every line the rest that nobody has.
    let alert = "<InventoryAlert AlertQuantity=\"148.00\" DistributionRuleId=\"NW_ALL\" FutureAvailableQuantity=\"0.00\" OnhandAvailableDate=\"2024-06-11\" ";
    let rest = "  <Assignment InteractionNo=\"1\" Quantity=\"999999851.00\" ShipNode=\"\" \
                EmptyAssignmentReason=\"NOT_ENOUGH_PRODUCT_CHOICES\"/>\n                </Assignments>";
    let online = cut(&document, "  <API ", "</API>\n").replace("<InventoryAlert ", alert);
    let physical = cut(&document, "              <PromiseLine LineId=\"physical_5\"", "</PromiseLine>\n");
    let physical = physical
        .replace("</Assignments>", rest)
        .replace(" ShipDate", " DeliveryDate=\"2024-06-21\" ShipDate")
        .replace("RUG-1187-GRN", "LAMP-0000");
    if lines == 1 {
        let found = flat(&between(
            cut(&document, "<API Name=\"find", "</API>"),
            "<PromiseLine ",
            "</PromiseLines>",
            "",
        ));
        let line = flat(&physical.replace(rest, "</Assignments>")).replace("physical_5", "physical_1");
        return format!(
            "<MultiApi>{}</MultiApi>",
            found.replace("</PromiseLines>", &format!("{line}</PromiseLines>"))
        );
    }
    let physical: String = (0..lines / 2)
        .map(|number| {
            let line = physical.replace("physical_5", &format!("physical_{}", 2 * number + 2));
            line.replace("LAMP-0000", &format!("LAMP-{number:04}"))
        })
        .collect();
    let found =
        between(cut(&document, "<API Name=\"find", "</API>"), "<PromiseLine ", "</PromiseLines>", &physical);
    format!("<MultiApi>\n{}  {found}\n</MultiApi>", online.repeat(lines.div_ceil(2)))
}

fn reserve_request(lines: usize) -> String {
    let document = flat(&fixture("reserve/split-and-kit-at-a-store/store-request.xml"));
    let line = cut(&document, "<_ord:OrderItem>", "</_ord:OrderItem>");
    let line = without(line, &["_wcf:PersonIdentifier", "_ord:Description"]);
    let context = "</_wcf:BusinessContext>";
    let document = between(&document, "<_wcf:ContextData name=\"catalogId\"", context, "");
    between(&document, "<_ord:OrderItem>", "</_inv:InventoryRequirement>", &numbered(&line, "845101", lines))
}

fn reserve_answer(lines: usize) -> String {
    let document = fixture("reserve/split-and-kit-at-a-store/dom-answer.xml");
    let line = cut(&document, "    <PromiseLine LineId=\"WC_845101\"", "</PromiseLine>\n");
    let line = line
        .replace("TotalReservedQty", "AvailableQty=\"2.00\" UnitOfMeasure=\"EACH\" TotalReservedQty")
        .replace("<Reservation ", "<Reservation ExpirationDate=\"2024-06-12T09:20:12+00:00\" ")
        .replace("<PromiseLine ", "<PromiseLine ReqStartDate=\"2024-06-12\" ShipNode=\"\" ");
    let parameters = "<ReservationParameters ReservationID=\"WC_845017\" AllowPartialReservation=\"Y\" \
                      AllowMultipleReservations=\"Y\"/><PromiseLines ";
    let document = document.replace("<PromiseLines ", parameters);
    let document =
        document.replace("    <PromiseLine LineId=\"WC_845103\"", "<PromiseLine LineId=\"WC_845103\"");
    between(&document, "<PromiseLine ", "</PromiseLines>", &numbered(&line, "WC_845101", lines))
}

fn transfer(lines: usize) -> String {
    let document = flat(&fixture("transfer/ship-pickup-and-promotion/store-request.xml"));
    let line = cut(&document, "<_ord:OrderItem>", "</_ord:OrderItem>");
    let unread =
        ["_wcf:PersonIdentifier", "_wcf:MobilePhone1", "_ord:Description", "_ord:ContractIdentifier"];
    let line = without(line, &unread);
    let line = without(&line, &["_ord:OrderItemStatus", "_ord:CorrelationGroup", "_ord:CreateDate"]);
    // One payment of the two, and of the addresses what an order has of its own.
    let credit = "</_ord:PaymentInstruction><_ord:PaymentInstruction>";
    let document = between(&document, credit, "</_ord:PaymentInstruction><_ord:Status>", "");
    let document =
        without(&document, &["_wcf:ContactInfoIdentifier", "_ord:OrderShippingInfo", "_ord:PromotionCode"]);
    let document = without(&document, &["_ord:FinancialTransaction"]);
    between(&document, "<_ord:OrderItem>", "<_ord:OrderNotificationInfo>", &numbered(&line, "845101", lines))
}

fn history_answer(orders: usize) -> String {
    let document = fixture("history/first-page-of-several/dom-answer.xml");
    let page = "<Page PageNumber=\"1\" PageSize=\"100\" PageSetToken=\"\" IsFirstPage=\"Y\" IsValidPage=\"Y\" \
                GeneratedOn=\"2026-07-15T11:45:10+00:00\" IsLastPage";
    let document = document.replace("<Page IsLastPage", page);
    let order = cut(&document, "<Order ", "</Order>");
    between(&document, "<Order ", "</OrderList>", &numbered(order, "845988", orders))
}

fn details_answer(lines: usize) -> String {
    let document = flat(&fixture("details/by-key/dom-answer.xml"));
    let line = cut(&document, "<OrderLine ", "</OrderLine>");
    let address = cut(line, "<PersonInfoShipTo ", "/>");
    let line = line.replace(address, &between(address, " AddressLine2", " City", ""));
    let line = between(&line, " DayPhone", "/><LinePriceInfo", "");
    let document = between(&document, "<PersonInfoBillTo ", "<PaymentMethods>", "");
    between(&document, "<OrderLine ", "</OrderLines>", &numbered(&line, "91001", lines))
}

fn availability_push(changes: usize) -> String {
    if changes == 1 {
        let document = fixture("availability_sync/single-change/dom-event.xml");
        let ids = "<AvailabilityChange AlertQuantity=\"0.00\" DistributionRuleId=\"NW_ALL\"";
        return document.replace("<AvailabilityChange", ids);
    }
    let document = flat(&fixture("availability_sync/blank-node-unknown-unit-and-node/dom-event.xml"));
    let change =
        cut(&document, "<AvailabilityChange AlertRaisedOn", "/>").replace("Node=\"\"", "Node=\"NW_\"");
    let change = change.replace("<AvailabilityChange", "<AvailabilityChange AlertLevel=\"1\"");
    between(&document, "<AvailabilityChange ", "</AvailabilityChanges>", &numbered(&change, "NW_", changes))
}

// === text ===

/// The document without the white space between its tags.
fn flat(document: &str) -> String {
    let lines: Vec<_> = document.lines().map(str::trim).collect();
    lines.join("\n").replace(">\n<", "><")
}

/// What begins with the first `from` and ends with the next `to`.
fn cut<'d>(document: &'d str, from: &str, to: &str) -> &'d str {
    let rest = &document[document.find(from).unwrap()..];
    &rest[..rest.find(to).unwrap() + to.len()]
}

/// The document with something else from the first `from` to the next `to`, which stays.
fn between(document: &str, from: &str, to: &str, instead: &str) -> String {
    let start = document.find(from).unwrap();
    let end = start + document[start..].find(to).unwrap();
    format!("{}{instead}{}", &document[..start], &document[end..])
}

/// So many copies, each with its own id.
fn numbered(line: &str, id: &str, count: usize) -> String {
    (0..count).map(|number| line.replace(id, &format!("{id}{number}"))).collect()
}

/// The text without the elements of these names.
fn without(text: &str, names: &[&str]) -> String {
    names.iter().fold(text.to_owned(), |text, name| {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        let mut pieces = text.split(&open);
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |kept, piece| kept + piece.split_once(&close).map_or(piece, |(_, rest)| rest))
    })
}
