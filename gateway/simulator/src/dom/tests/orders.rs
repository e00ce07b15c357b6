//! Creating orders, finding them again, and moving them on.

use gateway_model::{Record, Value};
use rust_decimal::Decimal;

use super::{World, filled, texts};
use crate::dom::{Answer, Refused, Stage};
use crate::testing;
use crate::words::RecordWords;

/// One lamp for 49.90.
const LAMP: [&str; 4] = ["845101", "LAMP-0042-BRS", "1.0", "49.90"];

fn transfer(world: &mut World, id: &str, lines: &[[&str; 4]]) -> Answer {
    let order = world.order(id, lines);
    world.transfer(order)
}

fn answered(world: &World, answer: &Record<'static>) -> Record<'static> {
    answer.record(world.words.transfer_answer.order).cloned().expect("an order")
}

#[test]
fn an_order_is_created_once() {
    let mut world = World::new();
    let answer = transfer(&mut world, "845017", &[LAMP]).expect("created");
    let order = answered(&world, &answer);
    let fields = &world.words.order;
    assert_eq!(
        texts(&order, &[fields.number, fields.id, fields.document_type]),
        ["WC_845017", "845017", "0001"]
    );
    assert_eq!(order.text(fields.external_id), Some("20260715120000000001"));
    let again = transfer(&mut world, "845017", &[LAMP]);
    assert_eq!(again, Err(Refused::DuplicateOrder { number: "WC_845017".to_owned() }));
    assert_eq!(world.promisable("LAMP-0042-BRS", "DC-Nord"), Decimal::from(139));
}

#[test]
fn a_dom_that_does_not_look_keeps_two_orders_of_one_number() {
    let mut world = World::with(|scenario| scenario.habits.repeated_order = crate::RepeatedOrder::Accepted);
    for copies in 1..=2 {
        transfer(&mut world, "845017", &[LAMP]).expect("created");
        assert_eq!(world.dom.keys("845017").len(), copies);
    }
    assert_eq!(world.dom.keys("WC_845017"), world.dom.keys("845017"));
}

#[test]
fn of_an_archived_order_number_and_stage_are_known_and_a_lost_one_never_was() {
    let mut world = World::new();
    transfer(&mut world, "845017", &[LAMP]).expect("created");
    world.dom.move_to("845017", Stage::Shipped, testing::now()).expect("known");
    world.dom.archive("845017");
    assert_eq!((world.dom.keys("845017").len(), world.dom.status("845017")), (1, Some(Stage::Shipped)));
    assert!(transfer(&mut world, "845017", &[LAMP]).is_err());
    world.dom.lose("845017");
    assert_eq!((world.dom.keys("845017").len(), world.dom.status("WC_845017")), (0, None));
}

#[test]
fn reservations_are_listed_until_an_order_takes_them_over() {
    let mut world = World::new();
    let lamp = ["845101", "LAMP-0042-BRS", "1", ""];
    world.reserve("845017", "N", &[lamp]).expect("reserved");
    assert_eq!(world.dom.reservations().collect::<Vec<_>>(), ["845017"]);
    world.cancel("845017", &[["LAMP-0042-BRS", "1", "", ""]]).expect("cancelled");
    assert_eq!(world.dom.reservations().count(), 0);
}

#[test]
fn an_order_takes_over_what_was_reserved_for_it() {
    let mut world = World::new();
    world.reserve("845017", "N", &[["845101", "LAMP-0042-BRS", "4", "MUC-Marienplatz"]]).expect("reserved");
    let mut order = world.order("845017", &[["845101", "LAMP-0042-BRS", "4", "49.90"]]);
    let held = &world.words.reservation;
    let pairs = [(held.id, "845017"), (held.item, "LAMP-0042-BRS"), (held.quantity, "4")];
    let reservation = filled(held.new_record(), &pairs);
    let lines = order.list_mut(world.words.order.lines).expect("lines");
    lines[0].set(world.words.order_line.reservations, Value::List(vec![reservation]));
    world.transfer(order).expect("created");
    assert_eq!(world.dom.reserved("11651", "845017"), Decimal::ZERO);
    assert_eq!(world.promisable("LAMP-0042-BRS", "MUC-Marienplatz"), Decimal::ZERO);
    assert_eq!(world.promisable("LAMP-0042-BRS", "DC-Nord"), Decimal::from(140));
}

#[test]
fn an_order_with_an_unknown_item_is_not_created() {
    let mut world = World::new();
    let refused = transfer(&mut world, "845017", &[LAMP, ["845102", "LAMP-9999", "1", "1"]]);
    assert_eq!(refused, Err(Refused::UnknownItem { item: "LAMP-9999".to_owned() }));
    transfer(&mut world, "845017", &[LAMP]).expect("created now");
}

/// Asks for a page: (page size, after key, log-on, order ids).
fn page(world: &mut World, size: &str, after: &str, log_on: &str, ids: &[&str]) -> Record<'static> {
    let fields = &world.words.orders_request;
    let pairs = [
        (fields.store, "11651"),
        (fields.page_size, size),
        (fields.after_key, after),
        (fields.log_on, log_on),
    ];
    let mut request = filled(fields.new_record(), &pairs);
    let word = &world.words.order_ref;
    let ids = ids.iter().map(|id| filled(word.new_record(), &[(word.id, id)])).collect();
    request.set(fields.orders, Value::List(ids));
    world.dom.answer("history", &request, testing::now()).expect("a page")
}

fn numbers(world: &World, page: &Record<'_>) -> Vec<String> {
    let orders = page.list(world.words.orders_answer.orders).iter();
    orders.map(|order| order.text(world.words.order.number).unwrap_or("-").to_owned()).collect()
}

fn counts(world: &World, page: &Record<'_>) -> Vec<String> {
    let set = page.record(world.words.orders_answer.record_set).expect("a record set");
    let fields = &world.words.record_set;
    texts(set, &[fields.count, fields.total, fields.complete]).into_iter().map(str::to_owned).collect()
}

#[test]
fn history_is_paged_from_the_newest_by_the_last_key() {
    let mut world = World::new();
    for id in ["1", "2", "3"] {
        transfer(&mut world, id, &[LAMP]).expect("created");
    }
    let first = page(&mut world, "2", "", "zoe.kowalska", &[]);
    assert_eq!(numbers(&world, &first), ["WC_3", "WC_2"]);
    assert_eq!(counts(&world, &first), ["2", "3", "false"]);
    let orders = first.list(world.words.orders_answer.orders);
    let last = orders[1].text(world.words.order.external_id).expect("a key").to_owned();
    let second = page(&mut world, "2", &last, "zoe.kowalska", &[]);
    assert_eq!(numbers(&world, &second), ["WC_1"]);
    assert_eq!(counts(&world, &second), ["1", "3", "true"]);
    let end = page(&mut world, "2", "0", "zoe.kowalska", &[]);
    assert_eq!(counts(&world, &end), ["0", "3", "true"]);
}

#[test]
fn history_keeps_to_the_buyer_and_the_orders_asked_for() {
    let mut world = World::new();
    for id in ["1", "2", "3"] {
        transfer(&mut world, id, &[LAMP]).expect("created");
    }
    let nobodys = page(&mut world, "9", "", "somebody.else", &[]);
    assert!(numbers(&world, &nobodys).is_empty());
    let chosen = page(&mut world, "9", "", "zoe.kowalska", &["1", "3", "77"]);
    assert_eq!(numbers(&world, &chosen), ["WC_3", "WC_1"]);
}

fn details(world: &mut World, key: &str, id: &str) -> Answer {
    let fields = &world.words.orders_request;
    let pairs = [(fields.store, "11651"), (fields.key, key), (fields.order_id, id)];
    let request = filled(fields.new_record(), &pairs);
    world.dom.answer("details", &request, testing::now())
}

#[test]
fn details_are_found_by_key_or_id_with_totals_of_the_lines() {
    let mut world = World::new();
    let mut order = world.order("845017", &[["845101", "LAMP-0042-BRS", "2.0", "49.90"], LAMP]);
    let fields = world.words.order_line;
    let lines = order.list_mut(world.words.order.lines).expect("lines");
    lines[0].set_text(fields.shipping_charge, "3.45");
    lines[0].set_text(fields.sales_tax, "18.96");
    lines[0].set_text(fields.shipping_tax, "0.66");
    lines[1].set_text(fields.total_adjustment, "-5.00");
    let answer = world.transfer(order).expect("created");
    let key = answered(&world, &answer).text(world.words.order.external_id).expect("a key").to_owned();
    for (key, id) in [(key.as_str(), ""), ("", "845017")] {
        let answer = details(&mut world, key, id).expect("the order");
        let order = &answer.list(world.words.orders_answer.orders)[0];
        let words = &world.words.order;
        let names = [
            words.product_total,
            words.adjustment_total,
            words.shipping_total,
            words.sales_tax_total,
            words.shipping_tax_total,
            words.grand_total,
        ];
        assert_eq!(texts(order, &names), ["149.70", "-5.00", "3.45", "18.96", "0.66", "167.77"]);
        let line = &order.list(words.lines)[1];
        let names = [fields.id, fields.prime_line, fields.sub_line, fields.max_status, fields.center];
        assert_eq!(texts(line, &names), ["845101", "2", "1", "1100", "DC-Nord"]);
    }
    assert_eq!(details(&mut world, "20000101000000000001", ""), Err(Refused::UnknownOrder));
    assert_eq!(details(&mut world, "", ""), Err(Refused::MissingValue { name: "OrderHeaderKey" }));
}

#[test]
fn an_order_moves_on_step_by_step() {
    let mut world = World::new();
    transfer(&mut world, "845017", &[LAMP]).expect("created");
    let steps = [Stage::Scheduled, Stage::Released, Stage::InShipment, Stage::Shipped, Stage::Shipped];
    for expected in steps {
        assert_eq!(world.dom.advance("845017", testing::now()), Ok(expected));
    }
    assert_eq!(world.promisable("LAMP-0042-BRS", "DC-Nord"), Decimal::from(139));
    assert_eq!(world.dom.advance("9", testing::now()), Err(Refused::UnknownOrder));
}

#[test]
fn a_line_without_stock_waits_until_stock_comes() {
    let mut world = World::new();
    transfer(&mut world, "845017", &[["1", "VASE-0007-RED", "1", "29.90"]]).expect("created");
    assert_eq!(world.dom.advance("845017", testing::now()), Ok(Stage::Backordered));
    assert_eq!(world.dom.advance("845017", testing::now()), Ok(Stage::Backordered));
    world.dom.set_stock("VASE-0007-RED", "DC-Nord", Decimal::ONE, testing::now()).expect("known");
    assert_eq!(world.dom.advance("845017", testing::now()), Ok(Stage::Scheduled));
}

#[test]
fn a_cancelled_order_gives_its_stock_back_and_moves_no_more() {
    let mut world = World::new();
    transfer(&mut world, "845017", &[LAMP]).expect("created");
    assert_eq!(world.dom.move_to("845017", Stage::Cancelled, testing::now()), Ok(Stage::Cancelled));
    assert_eq!(world.promisable("LAMP-0042-BRS", "DC-Nord"), Decimal::from(140));
    assert_eq!(world.dom.advance("845017", testing::now()), Ok(Stage::Cancelled));
}

#[test]
fn lines_may_ship_apart() {
    let mut world = World::new();
    transfer(&mut world, "845017", &[LAMP, ["845102", "RUG-1187-GRN", "1", "63.00"]]).expect("created");
    world.dom.ship("845017", &["845101"], testing::now()).expect("shipped");
    let answer = details(&mut world, "", "845017").expect("the order");
    let order = &answer.list(world.words.orders_answer.orders)[0];
    let words = &world.words.order;
    let names = [words.max_status, words.min_status, words.several_statuses, words.status_text];
    assert_eq!(texts(order, &names), ["3700", "1100", "true", "Partially Shipped"]);
}

#[test]
fn a_login_gives_a_token_that_is_let_in() {
    let mut world = World::with(|scenario| {
        let login = crate::Login { user: "gateway".to_owned(), password: "secret".to_owned() };
        scenario.logins.push(login);
    });
    let fields = world.words.login_request;
    let request =
        |password| filled(fields.new_record(), &[(fields.user, "gateway"), (fields.password, password)]);
    assert_eq!(world.dom.answer("login", &request("wrong"), testing::now()), Err(Refused::NotAuthenticated));
    let answer = world.dom.answer("login", &request("secret"), testing::now()).expect("a token");
    let token = answer.text(world.words.login_answer.token).expect("a token");
    assert!(world.dom.admits("gateway", token) && !world.dom.admits("somebody", token));
    world.dom.forget_tokens();
    assert!(!world.dom.admits("gateway", token));
}
