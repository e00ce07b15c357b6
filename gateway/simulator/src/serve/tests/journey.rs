//! Both simulations with the gateway's exchanges between them, on real sockets: a shopper's whole journey in documents.
//!
//! The gateway here is as thin as can be: it walks the steps of an exchange and sends what they give. Limits, retries and
//! deadlines are the application's and tested there.

use std::sync::Arc;

use bytes::Bytes;
use gateway_exchange::{Ends, Interpreter, Reply as DomReply};
use gateway_mapping::Side;
use gateway_model::{Fault, Origin};
use gateway_operation::frame::Stamp;
use gateway_transport::form;
use gateway_transport::sender::{Address, Call, Params, Sender};
use gateway_wire::soap::{self, Form};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{any_port, clock, dom, store};
use crate::dom::{EventKind, Stage};
use crate::serve::relay::Cuts;
use crate::serve::site::{self, Reply, Site};
use crate::serve::{DomServer, Exchange, StoreServer};
use crate::store::{CartLine, Place};
use crate::testing;

/// What the gateway's calls share.
struct Gateway {
    interpreter: Interpreter,
    sender: Sender,
    dom: Address,
    store: StoreUrls,
}

/// Where the store takes pushes.
struct StoreUrls {
    inventory: Address,
    order: Address,
}

/// All three, running.
struct World {
    dom: DomServer,
    store: StoreServer,
    _gateway: Site,
}

impl World {
    async fn start() -> Self {
        let dom = dom::start(|_| {}).await;
        let store = store::start(|_| {}).await;
        let interpreter =
            Interpreter::new(testing::load_mappings(), TimeZone::UTC, gateway_wire::Limits::default());
        let url = |url: String| url.parse::<Address>().expect("an address");
        let gateway = Arc::new(Gateway {
            interpreter: interpreter.expect("every word is there"),
            sender: Sender::new(Params::new("neighbour")).expect("a sender"),
            dom: url(format!("http://{}/smcfs/interop/InteropHttpServlet", dom.address())),
            store: StoreUrls { inventory: url(store.inventory_url()), order: url(store.order_url()) },
        });
        let serve = move |request| Arc::clone(&gateway).serve(request);
        let site = Site::start(any_port(), Cuts::default(), serve).await.expect("started");
        store.connect(url(format!("http://{}/store", site.address())));
        dom.push_to(url(format!("http://{}/events", site.address())), None);
        Self { dom, store, _gateway: site }
    }

    /// Tells all there is to tell and says of each event whether it was taken.
    async fn tell(&self) -> Vec<(EventKind, bool)> {
        let deliveries = self.dom.deliver().await;
        deliveries.into_iter().map(|delivery| (delivery.kind, delivery.taken)).collect()
    }

    fn status(&self, order: &str) -> String {
        self.store.with(|store| store.order(order).expect("the order").status.clone())
    }
}

impl Gateway {
    async fn serve(self: Arc<Self>, request: Request<Bytes>) -> Response<Bytes> {
        let answered = match request.uri().path() {
            "/events" => self.push(request.body()).await,
            _ => self.ask(request.body()).await,
        };
        match answered {
            Ok(body) => Reply::xml(StatusCode::OK, body).into_response(),
            Err(fault) => site::plain(StatusCode::INTERNAL_SERVER_ERROR, fault.to_string()),
        }
    }

    async fn ask(&self, body: &[u8]) -> Result<Vec<u8>, Fault> {
        let interpreter = &self.interpreter;
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Store);
        let ends = Ends {
            store: interpreter.dialect("hcl-commerce", Side::Store).expect("the dialect"),
            dom: interpreter.dialect("sterling", Side::Dom).expect("the dialect"),
            variant: None,
        };
        let text = interpreter.decode(body, None).map_err(refused)?;
        let tree = interpreter.parse(&text).map_err(refused)?;
        let payload = soap::open(&tree).map_err(refused)?.payload;
        let question = interpreter.read_question(ends.store, (&tree, payload), Origin::Store);
        let mut question = question.map_err(|unread| unread.fault)?;
        let plan = interpreter.plan(&mut question, ends.dom, None)?;
        let mut replies = Vec::new();
        for call in &plan.calls {
            let input = std::str::from_utf8(&call.document).expect("UTF-8");
            let pairs = [("InteropApiName", call.api.as_str()), ("InteropApiData", input)];
            replies.push(self.send(&self.dom, form::CONTENT_TYPE, form::encode(pairs)).await);
        }
        let answer = interpreter.answer((&question, &plan), ends, &replies, stamp())?;
        Ok(enveloped(&answer.document))
    }

    async fn push(&self, body: &[u8]) -> Result<Vec<u8>, Fault> {
        let interpreter = &self.interpreter;
        let refused = |refusal: gateway_wire::Refusal| refusal.into_fault(Origin::Dom);
        let store = interpreter.dialect("hcl-commerce", Side::Store).expect("the dialect");
        let dom = interpreter.dialect("sterling", Side::Dom).expect("the dialect");
        let text = interpreter.decode(body, None).map_err(refused)?;
        let tree = interpreter.parse(&text).map_err(refused)?;
        let told = interpreter.read_push(dom, [], (&tree, tree.root())).map_err(|unread| unread.fault)?;
        let operation = told.question.operation;
        let mut outcome = Ok(());
        if let Some(document) = interpreter.deliver(&told, store, stamp())? {
            let address = match operation.name() {
                "availability_sync" => &self.store.inventory,
                _ => &self.store.order,
            };
            let reply = self.send(address, "text/xml", Bytes::from(enveloped(&document))).await;
            let text = interpreter.reply_text(&reply)?;
            let tree = interpreter.parse(&text).map_err(refused)?;
            let payload = soap::open(&tree).map_err(refused)?.payload;
            outcome = interpreter.confirmed(operation, store, (&tree, payload));
        }
        interpreter.acknowledge((operation, Some(&told)), dom, outcome.as_ref().copied(), stamp())
    }

    async fn send(&self, address: &Address, content_type: &'static str, body: Bytes) -> DomReply {
        let mut call = Call::post(address.clone(), body);
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let answer = self.sender.send(call).await.expect("an answer");
        DomReply {
            status: answer.status.as_u16(),
            content_type: answer.content_type().map(str::to_owned),
            body: answer.body.to_vec(),
            ..DomReply::default()
        }
    }
}

fn stamp() -> Stamp<'static> {
    Stamp { sent_at: clock()(), message_id: "3c1d7e02-28e6-11ef-9a51-d3b7a1c0e411" }
}

fn enveloped(document: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    soap::wrap(Form::Soap11, None, |out| out.extend_from_slice(document), &mut body);
    body
}

/// All of these stand in what came back, and it was an answer.
fn assert_says(exchange: &Exchange, parts: &[&str]) {
    assert!(exchange.record().is_some(), "{:?}: {}", exchange.outcome, exchange.received);
    for part in parts {
        assert!(exchange.received.contains(part), "`{part}` is not in {}", exchange.received);
    }
}

#[tokio::test]
async fn a_shopper_browses() {
    let world = World::start().await;
    let items = ["LAMP-0042-BRS", "RUG-1187-GRN", "VASE-0007-RED", "CLOTH-0550-BLU"];
    let exchange = world.store.browse(&items, &["NordlichtShop", "ZRH-Bahnhofstrasse"]).await;
    assert_says(
        &exchange,
        &[
            "ShowInventoryAvailability",
            r#"uom="C62">144.00<"#,
            "2026-08-20T00:00:00.000",
            "Unavailable",
            r#"uom="MTR">12.50<"#,
            r#"recordSetTotal="8""#,
        ],
    );
}

#[tokio::test]
async fn an_order_goes_from_cart_to_doorstep() {
    let world = World::start().await;
    let cart = [
        CartLine::sent("LAMP-0042-BRS", Decimal::TWO),
        CartLine::sent("RUG-1187-GRN", Decimal::from(3)),
        CartLine::sent("KIT-DESK-09", Decimal::ONE),
        CartLine::collected("LAMP-0042-BRS", Decimal::ONE, "MUC-Marienplatz"),
        CartLine::collected("VASE-0007-RED", Decimal::ONE, "MUC-Marienplatz"),
    ];
    let order = world.store.with(|store| store.open_order(&cart, testing::now()));
    assert_says(&world.store.check(&order).await, &["Available", "Backorderable", "Unavailable"]);

    let reserved = world.store.reserve(&order).await;
    assert_says(&reserved, &["Allocated", "Backordered", "Unallocated", "CorrelationGroup", "DC-Nord"]);
    let held = |world: &World| world.dom.with(|dom| dom.reserved("11651", "845018"));
    // Two lamps and one, three rugs, a table top and four legs.
    assert_eq!(held(&world), Decimal::from(11));
    world.store.cancel(&order).await;
    assert_eq!(held(&world), Decimal::ZERO);
    world.store.reserve(&order).await;

    let transferred = world.store.transfer(&order).await;
    assert_says(&transferred, &["AcknowledgeOrder", "20260715120000"]);
    assert_eq!(world.status(&order), "G");
    // What was reserved is the order's now, and nothing is left over.
    assert_eq!(held(&world), Decimal::ZERO);
    assert_says(&world.store.decrement(&order).await, &["AcknowledgeInventoryRequirement"]);
    assert_eq!(world.tell().await, [(EventKind::OrderCreated, true)]);

    assert_says(&world.store.history(None).await, &["ShowOrder", ">845018<", "20260715120000"]);
    assert_says(&world.store.details(&order).await, &["ShowOrder", "LAMP-0042-BRS", "Grünen Bäume"]);

    world.dom.with(|dom| dom.move_to(&order, Stage::Released, testing::now())).expect("known");
    assert_eq!(world.tell().await, [(EventKind::StatusChange, true)]);
    assert_eq!(world.status(&order), "R");
    world.dom.with(|dom| dom.move_to(&order, Stage::Shipped, testing::now())).expect("known");
    let told = world.tell().await;
    assert!(told.len() == 3 && told.iter().all(|(_, taken)| *taken), "{told:?}");
    assert_eq!(world.status(&order), "S");
    let shipped = world.store.with(|store| store.order(&order).expect("the order").deposits.clone());
    assert!(!shipped.is_empty() && shipped.values().all(|times| *times == 1), "{shipped:?}");
}

#[tokio::test]
async fn a_refusal_of_the_dom_arrives_as_one() {
    let world = World::start().await;
    let order = "845017";
    assert_says(&world.store.transfer(order).await, &["AcknowledgeOrder"]);
    let again = world.store.transfer(order).await;
    assert_says(&again, &["ORD99901", "ReasonCode"]);
    let unknown = world.store.browse(&["LAMP-9999"], &["NordlichtShop"]).await;
    assert_says(&unknown, &["INV99901", "LAMP-9999"]);
}

#[tokio::test]
async fn changed_stock_arrives_at_the_store() {
    let world = World::start().await;
    let set = |dom: &mut crate::dom::Dom| {
        dom.set_stock("LAMP-0042-BRS", "MUC-Marienplatz", Decimal::ZERO, testing::now())
    };
    world.dom.with(set).expect("known");
    assert_eq!(world.tell().await, [(EventKind::AvailabilityChange, true)]);
    let told = |place| world.store.with(|store| store.stock("LAMP-0042-BRS", &place).cloned()).expect("told");
    let online = told(Place::Online);
    assert_eq!((online.status.as_str(), online.quantity.as_deref()), ("Available", Some("140.00")));
    assert_eq!(told(Place::Physical("MUC-Marienplatz".to_owned())).status, "Unavailable");
}
