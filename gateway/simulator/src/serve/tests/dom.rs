//! The DOM as the gateway meets it: Sterling's documents over the interop servlet and REST.

use gateway_transport::form;
use gateway_transport::sender::{Address, Call, Params, Sender};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::{any_port, clock, post};
use crate::dom::Dom;
use crate::serve::{Access, Count, DomParams, DomServer, Shows, Trouble};
use crate::{Login, testing};

const MONITOR: &str = r#"<MultiApi><API Name="monitorItemAvailability"><Input>
    <MonitorItemAvailability CallingOrganizationCode="NORDWIND" ItemID="LAMP-0042-BRS" UnitOfMeasure="EACH"/>
    </Input></API><API Name="findInventory"><Input><Promise OrganizationCode="NORDWIND"><PromiseLines>
    <PromiseLine LineId="physical_2" ItemID="LAMP-0042-BRS" RequiredQty="999999999" UnitOfMeasure="EACH"
        ShipNode="NW_STORE_7"/></PromiseLines></Promise></Input></API></MultiApi>"#;

const ORDER: &str = r#"<Order OrderNo="WC_845017" EnterpriseCode="NORDWIND" SellerOrganizationCode="NORDWIND"
    BuyerUserId="zoe.kowalska"><PriceInfo Currency="EURO"/><OrderLines><OrderLine OrderedQty="2.0" DeliveryMethod="SHP">
    <References><Reference Name="WC_OrderLineID" Value="845101"/></References>
    <Item ItemID="LAMP-0042-BRS" UnitOfMeasure="EACH"/><LinePriceInfo UnitPrice="49.90"/>
    </OrderLine></OrderLines></Order>"#;

const HISTORY: &str = r#"<Page PageSize="2" PaginationStrategy="NEXTPAGE"><API Name="getOrderList"><Input>
    <Order EnterpriseCode="NORDWIND" SellerOrganizationCode="NORDWIND" BuyerUserId="zoe.kowalska"/></Input></API>
    <PreviousPage/></Page>"#;

pub(super) async fn start(change: impl FnOnce(&mut DomParams)) -> DomServer {
    let mut scenario = testing::scenario();
    scenario.logins.push(Login { user: "gateway".to_owned(), password: "secret".to_owned() });
    let mappings = testing::mappings();
    let dom = Dom::new(mappings.vocabulary(), scenario).expect("every word is there");
    let mut params = DomParams::new(any_port(), "sterling");
    change(&mut params);
    DomServer::start(mappings, dom, params, clock()).await.expect("started")
}

/// Calls an API by the servlet, with further form fields.
pub(super) async fn call(
    server: &DomServer,
    api: &str,
    input: &str,
    more: &[(&str, &str)],
) -> (StatusCode, String) {
    let mut pairs = vec![("InteropApiName", api), ("InteropApiData", input), ("IsFlow", "N")];
    pairs.extend_from_slice(more);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form::CONTENT_TYPE));
    let url = format!("http://{}/smcfs/interop/InteropHttpServlet", server.address());
    post(&url, headers, form::encode(pairs)).await
}

/// All of these stand in the answer.
fn assert_says(answer: &(StatusCode, String), parts: &[&str]) {
    for part in parts {
        assert!(answer.1.contains(part), "`{part}` is not in {}", answer.1);
    }
}

#[tokio::test]
async fn availability_is_told_for_the_group_and_for_a_node() {
    let server = start(|_| {}).await;
    let answer = call(&server, "multiApi", MONITOR, &[]).await;
    assert_eq!(answer.0, StatusCode::OK);
    assert_says(
        &answer,
        &[
            r#"OnhandAvailableQuantity="144.00""#,
            r#"FirstFutureAvailableDate="2500-01-01""#,
            r#"LineId="physical_2""#,
            r#"ShipNode="NW_STORE_7""#,
            r#"Quantity="999999995.00""#,
            "NOT_ENOUGH_PRODUCT_CHOICES",
        ],
    );
    assert_eq!(server.script().count("multiApi"), Count { calls: 1, lines: 2 });
    assert_eq!(server.script().count("availability"), Count { calls: 1, lines: 2 });
    server.stop().await;
}

#[tokio::test]
async fn stock_is_told_in_the_form_it_was_asked() {
    let server = start(|_| {}).await;
    let api = |node: &str| {
        format!(
            r#"<API Name="getInventoryAlertsList"><Input><InventoryAlerts OrganizationCode="NORDWIND" {node}>
            <InventoryItems><InventoryItem ItemID="LAMP-0042-BRS" UnitOfMeasure="EACH"/></InventoryItems>
            </InventoryAlerts></Input></API>"#
        )
    };
    let input = format!("<MultiApi>{}{}</MultiApi>", api(""), api(r#"Node="NW_STORE_7""#));
    let answer = call(&server, "multiApi", &input, &[]).await;
    assert_says(&answer, &["<InventoryItemList>", r#"Node="NW_STORE_7""#]);
    let quantities: Vec<_> =
        answer.1.split("OnhandAvailableQuantity=\"").skip(1).filter_map(|rest| rest.get(..4)).collect();
    assert_eq!(quantities, ["144.", "4.00"]);
    assert_eq!(server.script().count("availability"), Count { calls: 1, lines: 2 });
    server.stop().await;
}

#[tokio::test]
async fn an_order_is_created_once_and_found_again() {
    let server = start(|_| {}).await;
    let created = call(&server, "createOrder", ORDER, &[]).await;
    assert_says(&created, &[r#"OrderNo="WC_845017""#, r#"OrderHeaderKey="20260715120000000001""#]);
    let again = call(&server, "createOrder", ORDER, &[]).await;
    assert_says(&again, &["<Errors", r#"ErrorCode="ORD99901""#, r#"Value="WC_845017""#]);
    let page = call(&server, "getPage", HISTORY, &[]).await;
    assert_says(&page, &[r#"IsLastPage="Y""#, r#"TotalNumberOfRecords="1""#, r#"MaxOrderStatus="1100""#]);
    let key = r#"<Order OrderHeaderKey="20260715120000000001"/>"#;
    let whole = call(&server, "getCompleteOrderDetails", key, &[]).await;
    assert_says(&whole, &[r#"LineSubTotal="99.80""#, r#"Value="845101""#, r#"ItemID="LAMP-0042-BRS""#]);
    server.stop().await;
}

#[tokio::test]
async fn a_reservation_is_held_and_given_back() {
    let server = start(|_| {}).await;
    let reserve = r#"<Promise OrganizationCode="NORDWIND"><ReservationParameters ReservationID="WC_845017"/>
        <PromiseLines><PromiseLine LineId="WC_845101" ItemID="LAMP-0042-BRS" RequiredQty="2.0" UnitOfMeasure="EACH"/>
        </PromiseLines></Promise>"#;
    let reserved = call(&server, "reserveAvailableInventory", reserve, &[]).await;
    assert_says(
        &reserved,
        &[r#"ReservationID="WC_845017""#, r#"ReservedQty="2.00""#, r#"ShipNode="NW_DC_1""#],
    );
    let cancel = r#"<MultiApi><API Name="cancelReservation"><Input><CancelReservation OrganizationCode="NORDWIND"
        ReservationID="WC_845017" ItemID="LAMP-0042-BRS" QtyToBeCancelled="2.0" UnitOfMeasure="EACH"/></Input></API>
        </MultiApi>"#;
    let cancelled = call(&server, "multiApi", cancel, &[]).await;
    assert_says(&cancelled, &[r#"QtyToBeCancelled="2.00""#]);
    assert!(server.with(|dom| dom.reserved("11651", "845017").is_zero()));
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_answered_with_errors() {
    let server = start(|_| {}).await;
    let unknown_item = MONITOR.replace("LAMP-0042-BRS", "LAMP-9999");
    let unknown_organization = MONITOR.replace("NORDWIND", "SUEDWIND");
    let cases = [
        ("multiApi", unknown_item.as_str(), "INV99901"),
        ("multiApi", unknown_organization.as_str(), "ORG99901"),
        ("createOrder", MONITOR, "YFS99902"),
        ("multiApi", "<MultiApi>", "YFS99903"),
        ("multiApi", "", "YFS99903"),
        ("getCompleteOrderDetails", r#"<Order OrderHeaderKey="1"/>"#, "YFS10003"),
    ];
    for (api, input, code) in cases {
        let answer = call(&server, api, input, &[]).await;
        assert_says(&answer, &["<Errors", &format!(r#"ErrorCode="{code}""#)]);
    }
    server.stop().await;
}

#[tokio::test]
async fn only_who_logged_in_is_let_in() {
    let server = start(|params| params.access = Access::Login).await;
    let refused = call(&server, "multiApi", MONITOR, &[]).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);
    let login = call(&server, "login", r#"<Login LoginID="gateway" Password="secret"/>"#, &[]).await;
    let token =
        login.1.split_once("UserToken=\"").and_then(|(_, rest)| rest.split_once('"')).expect("a token").0;
    let user = ("YFSEnvironment.userId", "gateway");
    for proof in [("YFSEnvironment.userToken", token), ("YFSEnvironment.password", "secret")] {
        assert_says(&call(&server, "multiApi", MONITOR, &[user, proof]).await, &["144.00"]);
    }
    for proof in [("YFSEnvironment.userToken", "another"), ("YFSEnvironment.password", "wrong")] {
        let refused = call(&server, "multiApi", MONITOR, &[user, proof]).await;
        assert_says(&refused, &["YCP0427"]);
    }
    let url = format!("http://{}/smcfs/restapi/invoke/multiApi", server.address());
    let unknown = post(&url, HeaderMap::new(), MONITOR).await;
    assert_eq!(unknown.0, StatusCode::BAD_REQUEST);
    let known = post(&format!("{url}?_loginid=gateway&_token={token}"), HeaderMap::new(), MONITOR).await;
    assert_says(&known, &["144.00"]);
    server.stop().await;
}

#[tokio::test]
async fn a_call_may_go_wrong_before_or_after_it_was_carried_out() {
    let server = start(|_| {}).await;
    server.script().add("transfer", Trouble::instead(Shows::Status(503)));
    server.script().add("createOrder", Trouble::after_acting(Shows::Html));
    let error = Shows::Errors { code: "YFS100066".to_owned(), description: "Busy".to_owned() };
    server.script().add("details", Trouble::instead(error));
    let refused = call(&server, "createOrder", ORDER, &[]).await;
    assert_eq!(refused.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(server.with(|dom| dom.status("845017").is_none()));
    let page = call(&server, "createOrder", ORDER, &[]).await;
    assert!(page.0 == StatusCode::OK && page.1.contains("<html>"));
    assert!(server.with(|dom| dom.status("845017").is_some()));
    let scripted = call(&server, "getCompleteOrderDetails", r#"<Order OrderHeaderKey="1"/>"#, &[]).await;
    assert_says(&scripted, &[r#"ErrorCode="YFS100066""#, r#"ErrorDescription="Busy""#]);
    assert_eq!(server.script().count("transfer"), Count { calls: 2, lines: 2 });
    server.stop().await;
}

#[tokio::test]
async fn an_order_can_be_moved_from_outside() {
    let server = start(|params| params.control = true).await;
    call(&server, "createOrder", ORDER, &[]).await;
    let url = |command: &str| format!("http://{}/control/{command}", server.address());
    let moved = post(&url("advance/845017"), HeaderMap::new(), "").await;
    assert_eq!(moved, (StatusCode::OK, "1500 Scheduled\n".to_owned()));
    let unknown = post(&url("advance/1"), HeaderMap::new(), "").await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    let stock = form::encode([("item", "VASE-0007-RED"), ("node", "DC-Nord"), ("quantity", "3")]);
    assert_eq!(post(&url("stock"), HeaderMap::new(), stock).await.0, StatusCode::OK);
    let there = server.with(|dom| dom.promisable("VASE-0007-RED", "DC-Nord", testing::now()));
    assert_eq!(there, rust_decimal::Decimal::from(3));
    server.stop().await;
}

#[tokio::test]
async fn a_dom_that_is_off_answers_nobody_until_it_is_on_again() {
    let server = start(|params| params.control = true).await;
    let control = |command: &str| format!("http://{}/control/{command}", server.address());
    assert_eq!(post(&control("off"), HeaderMap::new(), "").await, (StatusCode::OK, "off\n".to_owned()));
    let sender = Sender::new(Params::new("simulator")).expect("a sender");
    let servlet: Address = server.interop_url().parse().expect("an address");
    let empty = Call::post(servlet, bytes::Bytes::new());
    sender.send(empty).await.expect_err("no answer");
    let noted = server.journal().take();
    assert_eq!((noted.len(), noted[0].status, noted[0].answer.as_str()), (1, 0, ""));
    assert_eq!(post(&control("on"), HeaderMap::new(), "").await, (StatusCode::OK, "on\n".to_owned()));
    let answer = call(&server, "multiApi", MONITOR, &[]).await;
    assert_says(&answer, &[r#"OnhandAvailableQuantity="144.00""#]);
    server.stop().await;
}
