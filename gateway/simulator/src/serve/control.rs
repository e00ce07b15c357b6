//! Moving a simulated DOM that runs alone: `POST /control/...` on its own port.

use bytes::Bytes;
use gateway_transport::form;
use http::{Method, Request, Response, StatusCode};
use rust_decimal::Decimal;

use super::dom::Shared;
use super::script::{Shows, Trouble};
use super::site::plain;
use crate::dom::{Refused, Stage};

/// Carries a control call out; `None` for any other.
///
/// `/control/advance/ORDER` moves an order one step on, `/control/cancel/ORDER` cancels it; `/control/stock` with the
/// form fields `item`, `node`, `quantity` sets stock; `/control/tell` tells everything in stock. After `/control/off` the
/// DOM closes every connection without an answer, until `/control/on`; it still pushes.
pub(crate) fn serve(shared: &Shared, request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let command = request.uri().path().strip_prefix("/control/")?;
    if request.method() != Method::POST {
        return Some(plain(StatusCode::METHOD_NOT_ALLOWED, "expected POST\n"));
    }
    let now = (shared.clock)();
    let outcome = match command.split_once('/') {
        Some(("advance", order)) => shared.with(|dom| dom.advance(order, now)).map(describe),
        Some(("cancel", order)) => shared.with(|dom| dom.move_to(order, Stage::Cancelled, now)).map(describe),
        None if command == "stock" => return Some(set_stock(shared, request.body())),
        None if command == "tell" => {
            shared.with(|dom| dom.tell_everything(now));
            Ok("told\n".to_owned())
        }
        None if matches!(command, "off" | "on") => {
            let trouble = (command == "off").then(|| Trouble::instead(Shows::Dropped));
            shared.script().set_lasting(trouble);
            Ok(format!("{command}\n"))
        }
        _ => {
            let known = "expected advance/ORDER, cancel/ORDER, stock, tell, off or on\n";
            return Some(plain(StatusCode::NOT_FOUND, known));
        }
    };
    shared.changed();
    Some(answer(outcome))
}

fn set_stock(shared: &Shared, body: &[u8]) -> Response<Bytes> {
    let pairs = form::decode(body);
    let field = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let quantity = field("quantity").and_then(|text| text.parse::<Decimal>().ok());
    let (Some(item), Some(node), Some(quantity)) = (field("item"), field("node"), quantity) else {
        let expected = "expected the form fields item, node and quantity\n";
        return plain(StatusCode::BAD_REQUEST, expected);
    };
    let outcome = shared.with(|dom| dom.set_stock(item, node, quantity, (shared.clock)()));
    shared.changed();
    answer(outcome.map(|()| "set\n".to_owned()))
}

fn describe(stage: Stage) -> String {
    format!("{} {}\n", stage.number(), stage.text())
}

fn answer(outcome: Result<String, Refused>) -> Response<Bytes> {
    match outcome {
        Ok(text) => plain(StatusCode::OK, text),
        Err(refused) => plain(StatusCode::NOT_FOUND, format!("{}: {refused}\n", refused.code())),
    }
}
