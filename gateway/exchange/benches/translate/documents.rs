//! The documents: those of the fixtures cut to the sizes of contract Sterling section 19, small and with many lines.
//!
//! Lines are an exchange's own, without indentation and without what no mapping reads where the contract's documents
//! are shorter, repeated with ids of their own.

use std::fs;
use std::path::Path;

/// One row: a document and, if it answers one, the store's request.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) document: String,
    pub(crate) request: Option<String>,
    /// The median of libxslt called from C for this row (contract Sterling section 19), in microseconds.
    pub(crate) libxslt_us: Option<f64>,
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

/// The rows of the contract's table, each small and with a hundred lines.
pub(crate) fn rows() -> Vec<Row> {
    let small_and_large = [1, 100].map(|lines| {
        let name =
            |message: &str| if lines == 1 { message.to_owned() } else { format!("{message}, 100 lines") };
        let of = |small, large| Some(if lines == 1 { small } else { large });
        vec![
            row(name("availability request"), Kind::Ask, availability_request(lines), None, of(92., 5857.)),
            row(
                name("availability answer"),
                Kind::Answer,
                availability_answer(lines),
                Some(availability_request(lines)),
                of(46., 2907.),
            ),
            row(name("reserve request"), Kind::Ask, reserve_request(lines), None, of(121., 4116.)),
            row(
                name("reserve answer"),
                Kind::Answer,
                reserve_answer(lines),
                Some(reserve_request(lines)),
                of(58., 2086.),
            ),
            row(name("transfer"), Kind::Ask, transfer(lines), None, of(364., 13706.)),
            row(
                name("history answer"),
                Kind::Answer,
                history_answer(lines),
                Some(fixture("history/first-page-of-several/store-request.xml")),
                of(58., 1850.),
            ),
            row(
                name("details answer"),
                Kind::Answer,
                details_answer(lines),
                Some(fixture("details/by-key/store-request.xml")),
                of(193., 8458.),
            ),
            row(name("availability push"), Kind::Push, availability_push(lines), None, of(43., 1174.)),
        ]
    });
    let [small, large] = small_and_large;
    small.into_iter().zip(large).flat_map(|(small, large)| [small, large]).collect()
}

/// The documents that show how the time grows with the lines.
pub(crate) fn growth() -> Vec<(Row, usize)> {
    let of = |lines: usize| {
        [
            (row(format!("transfer, {lines} lines"), Kind::Ask, transfer(lines), None, None), lines),
            (
                row(format!("reserve request, {lines} lines"), Kind::Ask, reserve_request(lines), None, None),
                lines,
            ),
            (
                row(
                    format!("reserve answer, {lines} lines"),
                    Kind::Answer,
                    reserve_answer(lines),
                    Some(reserve_request(lines)),
                    None,
                ),
                lines,
            ),
            (
                row(
                    format!("availability answer, {lines} lines"),
                    Kind::Answer,
                    availability_answer(lines),
                    Some(availability_request(lines)),
                    None,
                ),
                lines,
            ),
        ]
    };
    [10, 100, 1_000, 5_000].into_iter().flat_map(of).collect()
}

fn row(name: String, kind: Kind, document: String, request: Option<String>, libxslt_us: Option<f64>) -> Row {
    Row { name, kind, document, request, libxslt_us }
}

fn fixture(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/exchanges");
    fs::read_to_string(root.join(path)).unwrap()
}

/// Half the lines are items at the online store, half the same items at a physical one; a single line is online.
fn availability_request(lines: usize) -> String {
    let document = fixture("availability/items-online-and-physical/store-request.xml");
    let items: Vec<_> =
        (0..lines.div_ceil(2)).map(|number| format!("PartNumber='LAMP-{number:04}'")).collect();
    let online = "OnlineStoreIdentifier/ExternalIdentifier[(NameIdentifier='NordlichtShop')]";
    let stores = match lines {
        1 => online.to_owned(),
        _ => format!("({online} or PhysicalStoreIdentifier[(ExternalIdentifier='MUC-Marienplatz')])"),
    };
    let predicate = format!("(PartNumber='')] and {stores}").replace("PartNumber=''", &items.join(" or "));
    between(&document, "(PartNumber=", "]]</oa:Expression>", &predicate)
}

fn availability_answer(lines: usize) -> String {
    let document = fixture("availability/items-online-and-physical/dom-answer.xml");
    let online = cut(&document, "<API ", "</API>").repeat(lines.div_ceil(2));
    let physical: String = (0..lines / 2)
        .map(|number| {
            format!(
                "<PromiseLine LineId=\"physical_{}\" ItemID=\"LAMP-{number:04}\" RequiredQty=\"999999999.00\" \
                 UnitOfMeasure=\"EACH\" ShipNode=\"NW_STORE_7\">{}</PromiseLine>",
                2 * number + 2,
                cut(&document, "<Assignments ", "</Assignments>")
            )
        })
        .collect();
    let found =
        between(cut(&document, "<API Name=\"find", "</API>"), "<PromiseLine ", "</PromiseLines>", &physical);
    format!("<MultiApi>\n  {online}\n  {}\n</MultiApi>", if lines == 1 { "" } else { &found })
}

fn reserve_request(lines: usize) -> String {
    let document = flat(&fixture("reserve/split-and-kit-at-a-store/store-request.xml"));
    let line = cut(&document, "<_ord:OrderItem>", "</_ord:OrderItem>");
    let line = without(line, &["_wcf:PersonIdentifier", "_ord:Description"]);
    between(&document, "<_ord:OrderItem>", "</_inv:InventoryRequirement>", &numbered(&line, "845101", lines))
}

fn reserve_answer(lines: usize) -> String {
    let document = fixture("reserve/split-and-kit-at-a-store/dom-answer.xml");
    let line = cut(&document, "<PromiseLine LineId=\"WC_845101\"", "</PromiseLine>");
    between(&document, "<PromiseLine ", "</PromiseLines>", &numbered(line, "WC_845101", lines))
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
    between(&document, "<_ord:OrderItem>", "<_ord:OrderNotificationInfo>", &numbered(&line, "845101", lines))
}

fn history_answer(orders: usize) -> String {
    let document = fixture("history/first-page-of-several/dom-answer.xml");
    let order = cut(&document, "<Order ", "</Order>");
    between(&document, "<Order ", "</OrderList>", &numbered(order, "845988", orders))
}

fn details_answer(lines: usize) -> String {
    let document = flat(&fixture("details/by-key/dom-answer.xml"));
    let line = cut(&document, "<OrderLine ", "</OrderLine>");
    between(&document, "<OrderLine ", "</OrderLines>", &numbered(line, "91001", lines))
}

fn availability_push(changes: usize) -> String {
    if changes == 1 {
        return fixture("availability_sync/single-change/dom-event.xml");
    }
    let document = flat(&fixture("availability_sync/blank-node-unknown-unit-and-node/dom-event.xml"));
    let change =
        cut(&document, "<AvailabilityChange AlertRaisedOn", "/>").replace("Node=\"\"", "Node=\"NW_\"");
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
