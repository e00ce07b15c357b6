//! Both simulations with the operations between them: a shopper's whole journey in records, without a document.
//!
//! The gateway's operations stand where the gateway stands. What a DOM's templates add when they are read (a status letter
//! for a status number) is added here by hand.

use gateway_model::{FieldId, Record};
use gateway_operation::{
    Views, availability, availability_sync, cancel, order_sync, orders, reserve, transfer,
};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::dom::{Dom, Event, EventKind, Stage};
use crate::store::{CartLine, Place, Store};
use crate::testing::{now, scenario, today, vocabulary};
use crate::words::Words;

/// A store and a DOM with only the operations between them.
struct Journey {
    store: Store,
    dom: Dom,
    views: Views,
    words: Words,
}

impl Journey {
    fn new() -> Self {
        let vocabulary = vocabulary();
        let profile = scenario().stores[0].clone();
        Self {
            store: Store::new(&vocabulary, scenario(), profile).expect("every word is there"),
            dom: Dom::new(&vocabulary, scenario()).expect("every word is there"),
            views: Views::bind(&vocabulary).expect("every word is there"),
            words: Words::bind(&vocabulary).expect("every word is there"),
        }
    }

    fn browse(&mut self, items: &[&str], locations: &[&str]) -> Vec<String> {
        let mut request = self.store.availability_request(items, locations, now());
        availability::plan(&self.views, &mut request).expect("planned");
        let fields = &self.words.availability;
        let position = field("availability", "position");
        for line in request.list_mut(self.words.availability_request.lines).into_iter().flatten() {
            let position = line.text(position).unwrap_or_default().to_owned();
            line.set_text(fields.line, format!("physical_{position}"));
        }
        let answer = self.dom.answer("availability", &request, now()).expect("answered");
        let answer = availability::answer(&self.views, Some(&request), answer, today());
        let names = [fields.item, fields.location, fields.status, fields.quantity];
        let lines = answer.list(field("availability_answer", "lines")).iter();
        lines.map(|line| names.map(|name| line.text(name).unwrap_or("-")).join(" ")).collect()
    }

    fn reserve(&mut self, order: &str) -> Vec<String> {
        let mut request = self.store.requirement_request("reserve", order, now()).expect("the order");
        reserve::plan(&self.views, &mut request).expect("planned");
        let answer = self.dom.answer("reserve", &request, now()).expect("reserved");
        let answer = reserve::answer(&self.views, Some(&request), answer, today());
        self.store.reserved(order, &answer);
        let fields = self.words.order_line;
        let names = [fields.id, fields.item, fields.quantity, fields.inventory_status, fields.center];
        let lines = self.store.order(order).expect("the order").record.list(self.words.order.lines).iter();
        lines.map(|line| names.map(|name| line.text(name).unwrap_or("-")).join(" ")).collect()
    }

    fn cancel(&mut self, order: &str) {
        let mut request =
            self.store.requirement_request("cancel_reservation", order, now()).expect("the order");
        cancel::plan(&self.views, &mut request).expect("planned");
        self.dom.answer("cancel_reservation", &request, now()).expect("cancelled");
        self.store.unreserved(order);
    }

    fn transfer(&mut self, order: &str) {
        let mut request = self.store.transfer_request(order, now()).expect("the order");
        transfer::plan(&self.views, &mut request).expect("planned");
        let answer = self.dom.answer("transfer", &request, now()).expect("created");
        let answer = transfer::answer(&self.views, Some(&request), answer).expect("answered");
        self.store.transferred(order, &answer);
    }

    /// Tells the store all the DOM has to say and gives what was told: the operation and whether it was taken.
    fn tell(&mut self) -> Vec<(EventKind, bool)> {
        let mut told = Vec::new();
        for event in self.dom.take_events() {
            let kind = event.kind;
            let Some(request) = self.translate(event) else { continue };
            let confirmation = self.store.take(kind.operation(), &request, now());
            let taken = confirmation.text(self.words.confirmation.succeeded) == Some("true");
            told.push((kind, taken));
        }
        told
    }

    fn translate(&self, event: Event) -> Option<Record<'static>> {
        let mut record = event.record;
        let fields = &self.words.order;
        for order in record.list_mut(self.words.order_sync_request.orders).into_iter().flatten() {
            let letter = match order.text(fields.max_status) {
                Some("1300") => "B",
                Some("3200" | "3350") => "R",
                Some("3700") => "S",
                Some("9000") => "X",
                _ => "",
            };
            order.set_text(fields.status, letter);
        }
        match event.kind {
            EventKind::StatusChange | EventKind::Shipment => {
                order_sync::tell(&self.views, record, &TimeZone::UTC)
            }
            EventKind::OrderCreated => order_sync::created(&self.views, record),
            EventKind::AvailabilityChange => availability_sync::tell(&self.views, record),
        }
    }

    fn status(&self, order: &str) -> &str {
        &self.store.order(order).expect("the order").status
    }
}

/// A field only the operations work with.
fn field(record: &str, field: &str) -> FieldId {
    vocabulary().field_named(record, field).expect("every word is there").1
}

#[test]
fn a_shopper_sees_what_is_there() {
    let mut journey = Journey::new();
    let lines = journey.browse(&["LAMP-0042-BRS", "RUG-1187-GRN"], &["NordlichtShop", "MUC-Marienplatz"]);
    let expected = [
        "LAMP-0042-BRS NordlichtShop Available 144.00",
        "LAMP-0042-BRS MUC-Marienplatz Available 4",
        "RUG-1187-GRN NordlichtShop Available 1.00",
        "RUG-1187-GRN MUC-Marienplatz Unavailable -",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_order_goes_from_cart_to_doorstep() {
    let mut journey = Journey::new();
    let cart = [
        CartLine::sent("LAMP-0042-BRS", Decimal::TWO),
        CartLine::sent("RUG-1187-GRN", Decimal::from(3)),
        CartLine::sent("KIT-DESK-09", Decimal::ONE),
        CartLine::collected("VASE-0007-RED", Decimal::ONE, "MUC-Marienplatz"),
    ];
    let order = journey.store.open_order(&cart, now());
    let expected = [
        "845101 LAMP-0042-BRS 2.00 Allocated DC-Nord",
        "845102 RUG-1187-GRN 1.00 Allocated DC-Nord",
        "845103 KIT-DESK-09 1.00 Allocated DC-Nord",
        "845104 VASE-0007-RED 1.0 Unallocated -",
        "845105 RUG-1187-GRN 2.00 Backordered DC-Nord",
    ];
    assert_eq!(journey.reserve(&order), expected);
    assert_eq!(journey.dom.reserved("11651", &order), Decimal::from(10));

    journey.cancel(&order);
    assert_eq!(journey.dom.reserved("11651", &order), Decimal::ZERO);

    journey.transfer(&order);
    assert_eq!(journey.status(&order), "G");
    assert_eq!(journey.tell(), [(EventKind::OrderCreated, true)]);

    journey.dom.advance(&order, now()).expect("known");
    // The vase is backordered, everything else is scheduled: nothing the store's table has a letter for.
    assert!(journey.tell().is_empty());
    journey.dom.move_to(&order, Stage::Shipped, now()).expect("known");
    // One shipment from the centre, one from Munich.
    let shipment = (EventKind::Shipment, true);
    assert_eq!(journey.tell(), [(EventKind::StatusChange, true), shipment, shipment]);
    assert_eq!(journey.status(&order), "S");
    let deposits = &journey.store.order(&order).expect("the order").deposits;
    assert_eq!(deposits.get("845101"), Some(&1));
}

#[test]
fn history_and_details_show_the_order() {
    let mut journey = Journey::new();
    let cart = [CartLine::sent("LAMP-0042-BRS", Decimal::TWO)];
    let order = journey.store.open_order(&cart, now());
    journey.transfer(&order);
    let mut request = journey.store.history_request(None, now());
    orders::plan_history(&journey.views, &mut request, 10);
    let answer = journey.dom.answer("history", &request, now()).expect("a page");
    let answer = orders::history_answer(&journey.views, Some(&request), answer);
    let fields = &journey.words.order;
    let listed = &answer.list(journey.words.orders_answer.orders)[0];
    // 99.80 and 3.45 shipping, with 18.96 and 0.66 tax
    let shown = [fields.id, fields.grand_total].map(|field| listed.text(field).unwrap_or("-"));
    assert_eq!(shown, [order.as_str(), "122.87000"]);

    let request = journey.store.details_request(&order, now());
    let answer = journey.dom.answer("details", &request, now()).expect("the order");
    let answer = orders::details_answer(&journey.views, Some(&request), answer, &TimeZone::UTC);
    let whole = &answer.list(journey.words.orders_answer.orders)[0];
    assert_eq!(whole.text(fields.id), Some(order.as_str()));
    assert_eq!(whole.list(fields.lines).len(), 1);
}

#[test]
fn changed_stock_arrives_at_the_store() {
    let mut journey = Journey::new();
    journey.dom.set_stock("LAMP-0042-BRS", "MUC-Marienplatz", Decimal::ZERO, now()).expect("known");
    assert_eq!(journey.tell(), [(EventKind::AvailabilityChange, true)]);
    let online = journey.store.stock("LAMP-0042-BRS", &Place::Online).expect("told");
    assert_eq!((online.status.as_str(), online.quantity.as_deref()), ("Available", Some("140.00")));
    let munich = Place::Physical("MUC-Marienplatz".to_owned());
    assert_eq!(journey.store.stock("LAMP-0042-BRS", &munich).expect("told").status, "Unavailable");
}
