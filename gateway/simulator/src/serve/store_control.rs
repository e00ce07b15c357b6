//! Making a simulated store that runs alone act: `POST /control/...` on its own port.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use gateway_transport::form;
use http::{Method, Request, Response, StatusCode};
use rust_decimal::Decimal;

use super::shopper::{Exchange, Outcome};
use super::site::plain;
use super::store::StoreShared;
use crate::store::{CartLine, Store};

const KNOWN: &str = "expected GET orders or stock, or POST browse, cart, checkout, history, check/ORDER, \
                     reserve/ORDER, cancel/ORDER, transfer/ORDER, decrement/ORDER or details/ORDER\n";
const LINE: &str = "expected line=ITEM*QUANTITY, or line=ITEM*QUANTITY@STORE for one that is collected\n";

/// Carries a control call out; `None` for any other.
///
/// `GET /control/orders` and `/control/stock` show what the store knows. `POST /control/browse` (form fields `item` and
/// `at`, any number of each) asks for availability; `/control/cart` (form fields `line`) opens an order,
/// `/control/checkout` opens, reserves, transfers and decrements one; the others send one call about an order.
pub(crate) async fn serve(shared: &Arc<StoreShared>, request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let command = request.uri().path().strip_prefix("/control/")?;
    let said = match (request.method(), command.split_once('/')) {
        (&Method::GET, None) if command == "orders" => shared.with(|store| orders(store)),
        (&Method::GET, None) if command == "stock" => shared.with(|store| stock(store)),
        (&Method::POST, Some((call, order))) => match about_order(shared, call, order).await {
            Some(exchange) => told(&exchange),
            None => return Some(plain(StatusCode::NOT_FOUND, KNOWN)),
        },
        (&Method::POST, None) => match command {
            "browse" => told(&browse(shared, request.body()).await),
            "history" => told(&shared.history(None).await),
            "cart" | "checkout" => match open(shared, request.body()) {
                Some(order) if command == "cart" => format!("order {order}\n"),
                Some(order) => check_out(shared, &order).await,
                None => return Some(plain(StatusCode::BAD_REQUEST, LINE)),
            },
            _ => return Some(plain(StatusCode::NOT_FOUND, KNOWN)),
        },
        _ => return Some(plain(StatusCode::NOT_FOUND, KNOWN)),
    };
    Some(plain(StatusCode::OK, said))
}

async fn about_order(shared: &StoreShared, call: &str, order: &str) -> Option<Exchange> {
    Some(match call {
        "check" => shared.check(order).await,
        "reserve" => shared.reserve(order).await,
        "cancel" => shared.cancel(order).await,
        "transfer" => shared.transfer(order).await,
        "decrement" => shared.decrement(order).await,
        "details" => shared.details(order).await,
        _ => return None,
    })
}

async fn browse(shared: &StoreShared, body: &[u8]) -> Exchange {
    let pairs = form::decode(body);
    let mut items = fields(&pairs, "item");
    let mut places = fields(&pairs, "at");
    if items.is_empty() {
        items = vec!["LAMP-0042-BRS", "RUG-1187-GRN"];
    }
    let online = shared.with(|store| store.profile().name.clone());
    if places.is_empty() {
        places.push(&online);
    }
    shared.browse(&items, &places).await
}

/// Opens an order with the lines of a form, two lamps if it has none.
fn open(shared: &StoreShared, body: &[u8]) -> Option<String> {
    let pairs = form::decode(body);
    let lines = fields(&pairs, "line").into_iter().map(cart_line).collect::<Option<Vec<_>>>()?;
    let lines = if lines.is_empty() { vec![CartLine::sent("LAMP-0042-BRS", Decimal::TWO)] } else { lines };
    Some(shared.with(|store| store.open_order(&lines, (shared.clock)())))
}

fn cart_line(text: &str) -> Option<CartLine> {
    let (item, rest) = text.split_once('*')?;
    let (quantity, place) =
        rest.split_once('@').map_or((rest, None), |(quantity, place)| (quantity, Some(place)));
    let quantity = quantity.parse::<Decimal>().ok().filter(|quantity| *quantity > Decimal::ZERO)?;
    Some(match place {
        Some(place) => CartLine::collected(item, quantity, place),
        None => CartLine::sent(item, quantity),
    })
}

/// Reserves, transfers and decrements, each only after the one before.
async fn check_out(shared: &StoreShared, order: &str) -> String {
    let mut said = format!("order {order}\n");
    for call in ["reserve", "transfer", "decrement"] {
        let Some(exchange) = about_order(shared, call, order).await else { return said };
        said.push_str(&told(&exchange));
        if exchange.record().is_none() {
            break;
        }
    }
    said
}

/// A call in one line, and the document that came back.
fn told(exchange: &Exchange) -> String {
    let outcome = match &exchange.outcome {
        Outcome::Answered(_) => "answered".to_owned(),
        Outcome::Fault { code, text } => format!("SOAP fault {code}: {text}"),
        Outcome::HeldOff(held_off) => held_off.to_string(),
        Outcome::NoAnswer(reason) => format!("no answer: {reason}"),
        Outcome::NotSent(reason) => format!("not sent: {reason}"),
    };
    let status = exchange.status.map(|status| format!(", status {status}")).unwrap_or_default();
    let Exchange { operation, attempts, received, .. } = exchange;
    let line = format!("{operation}: {outcome}{status}, attempts {attempts}\n");
    if received.is_empty() { line } else { format!("{line}{received}\n") }
}

fn orders(store: &Store) -> String {
    let mut text = String::new();
    for (id, order) in store.orders() {
        let external = order.external_id.as_deref().unwrap_or("-");
        line(&mut text, format_args!("order {id}: status {}, known to the DOM as {external}", order.status));
        for (item, status) in &order.items {
            line(&mut text, format_args!("  item {item}: status {status}"));
        }
    }
    if text.is_empty() { "no orders yet\n".to_owned() } else { text }
}

fn stock(store: &Store) -> String {
    let mut text = String::new();
    for (item, place, told) in store.stocks() {
        let quantity = told.quantity.as_deref().unwrap_or("-");
        let since = told.available_at.as_deref().unwrap_or("-");
        line(&mut text, format_args!("{item} {place}: {} {quantity}, available at {since}", told.status));
    }
    if text.is_empty() { "the store was not told of any stock yet\n".to_owned() } else { text }
}

fn fields<'p>(pairs: &'p [(String, String)], wanted: &str) -> Vec<&'p str> {
    pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect()
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{content}");
}
