//! The store as the gateway meets it when it pushes.

use http::{HeaderMap, StatusCode};
use rust_decimal::Decimal;

use super::{any_port, clock, post};
use crate::serve::{Shows, StoreParams, StoreServer, Trouble};
use crate::store::{CartLine, Place, Store};
use crate::{Login, testing};

/// SyncOrder with these children of its order.
fn sync_order(order: &str) -> String {
    envelope(&format!(
        r#"<_ord:SyncOrder releaseID="9.0" xmlns:_ord="http://www.ibm.com/xmlns/prod/commerce/9/order"
        xmlns:_wcf="http://www.ibm.com/xmlns/prod/commerce/9/foundation" xmlns:oa="http://www.openapplications.org/oagis/9">
        <oa:ApplicationArea><oa:CreationDateTime>2026-07-15T12:00:00.000Z</oa:CreationDateTime>
        <oa:BODID>0d6e21c4</oa:BODID></oa:ApplicationArea>
        <_ord:DataArea><oa:Sync><oa:ActionCriteria><oa:ActionExpression actionCode="Change"
        expressionLanguage="_wcf:XPath">/Order[1]</oa:ActionExpression></oa:ActionCriteria></oa:Sync>
        <_ord:Order>{order}</_ord:Order></_ord:DataArea></_ord:SyncOrder>"#
    ))
}

fn envelope(body: &str) -> String {
    format!(
        r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"#
    )
}

const RELEASED: &str = "<_ord:OrderIdentifier><_wcf:UniqueID>845017</_wcf:UniqueID></_ord:OrderIdentifier>\
    <_ord:OrderStatus><_ord:Status>R</_ord:Status></_ord:OrderStatus>";

const STOCK: &str = r#"<_inv:SyncInventoryAvailability releaseID="9.0"
    xmlns:_inv="http://www.ibm.com/xmlns/prod/commerce/9/inventory"
    xmlns:_wcf="http://www.ibm.com/xmlns/prod/commerce/9/foundation" xmlns:oa="http://www.openapplications.org/oagis/9">
    <oa:ApplicationArea><oa:CreationDateTime>2026-07-15T12:00:00.000Z</oa:CreationDateTime></oa:ApplicationArea>
    <_inv:DataArea><oa:Sync><oa:ActionCriteria><oa:ActionExpression actionCode="Change"
    expressionLanguage="_wcf:XPath">/InventoryAvailability[1]</oa:ActionExpression></oa:ActionCriteria></oa:Sync>
    <_inv:InventoryAvailability><_inv:InventoryAvailabilityIdentifier><_wcf:ExternalIdentifier>
    <_wcf:CatalogEntryIdentifier><_wcf:ExternalIdentifier><_wcf:PartNumber>LAMP-0042-BRS</_wcf:PartNumber>
    </_wcf:ExternalIdentifier></_wcf:CatalogEntryIdentifier>
    <_wcf:OnlineStoreIdentifier><_wcf:UniqueID>11651</_wcf:UniqueID></_wcf:OnlineStoreIdentifier>
    </_wcf:ExternalIdentifier></_inv:InventoryAvailabilityIdentifier>
    <_inv:InventoryStatus>Available</_inv:InventoryStatus>
    <_inv:AvailableQuantity uom="C62">141.0</_inv:AvailableQuantity></_inv:InventoryAvailability></_inv:DataArea>
    </_inv:SyncInventoryAvailability>"#;

pub(super) async fn start(change: impl FnOnce(&mut StoreParams)) -> StoreServer {
    let mappings = testing::mappings();
    let scenario = testing::scenario();
    let profile = scenario.stores[0].clone();
    let mut store = Store::new(mappings.vocabulary(), scenario, profile).expect("every word is there");
    store.open_order(&[CartLine::sent("LAMP-0042-BRS", Decimal::TWO)], testing::now());
    let mut params = StoreParams::new(any_port(), "hcl-commerce");
    change(&mut params);
    StoreServer::start(mappings, store, params, clock()).await.expect("started")
}

fn status(server: &StoreServer) -> String {
    server.with(|store| store.order("845017").expect("the order").status.clone())
}

#[tokio::test]
async fn a_push_is_confirmed_in_the_form_it_came() {
    let server = start(|_| {}).await;
    let (code, text) = post(&server.order_url(), HeaderMap::new(), sync_order(RELEASED)).await;
    assert_eq!(code, StatusCode::OK);
    for part in ["soapenv:Envelope", "ConfirmBOD", "BODSuccessMessage", "0d6e21c4"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    assert_eq!(status(&server), "R");
    let (code, text) = post(&server.inventory_url(), HeaderMap::new(), STOCK).await;
    assert!(
        code == StatusCode::OK && text.contains("BODSuccessMessage") && !text.contains("Envelope"),
        "{text}"
    );
    let told = server.with(|store| store.stock("LAMP-0042-BRS", &Place::Online).cloned()).expect("told");
    assert_eq!(told.quantity.as_deref(), Some("141.0"));
    server.stop().await;
}

#[tokio::test]
async fn an_objection_is_a_failure_message_with_its_key() {
    let server = start(|_| {}).await;
    let (code, text) =
        post(&server.order_url(), HeaderMap::new(), sync_order(&RELEASED.replace("845017", "9"))).await;
    assert_eq!(code, StatusCode::OK);
    assert!(text.contains("BODFailureMessage") && text.contains("_ERR_ORDER_NOT_FOUND"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_push_is_a_soap_fault() {
    let server = start(|_| {}).await;
    for body in [envelope("<Nonsense/>"), "<broken".to_owned(), String::new()] {
        let (code, text) = post(&server.order_url(), HeaderMap::new(), body).await;
        assert!(code == StatusCode::INTERNAL_SERVER_ERROR && text.contains("faultstring"), "{text}");
    }
    let elsewhere = format!("http://{}/webapp/wcs/elsewhere", server.address());
    assert_eq!(post(&elsewhere, HeaderMap::new(), "").await.0, StatusCode::NOT_FOUND);
    server.stop().await;
}

#[tokio::test]
async fn only_who_may_push_is_heard() {
    let login = Login { user: "gateway".to_owned(), password: "secret".to_owned() };
    let server = start(|params| params.inbound = Some(login)).await;
    let (code, _) = post(&server.order_url(), HeaderMap::new(), sync_order(RELEASED)).await;
    assert_eq!(code, StatusCode::UNAUTHORIZED);
    let mut headers = HeaderMap::new();
    let basic = gateway_transport::credentials::basic("gateway", "secret").expect("a header");
    headers.insert(http::header::AUTHORIZATION, basic);
    let (code, _) = post(&server.order_url(), headers, sync_order(RELEASED)).await;
    assert_eq!(code, StatusCode::OK);
    for (password, expected) in [("secret", StatusCode::OK), ("wrong", StatusCode::UNAUTHORIZED)] {
        let token = format!(
            r#"<soapenv:Header><wsse:Security
            xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
            <wsse:UsernameToken><wsse:Username>gateway</wsse:Username><wsse:Password>{password}</wsse:Password>
            </wsse:UsernameToken></wsse:Security></soapenv:Header><soapenv:Body>"#
        );
        let body = sync_order(RELEASED).replacen("<soapenv:Body>", &token, 1);
        let (code, _) = post(&server.order_url(), HeaderMap::new(), body).await;
        assert_eq!(code, expected);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_push_may_go_wrong_as_scripted() {
    let server = start(|_| {}).await;
    server.script().add("order_sync", Trouble::instead(Shows::Status(503)));
    let error = Shows::Errors { code: "_ERR_GENERIC".to_owned(), description: "out of order".to_owned() };
    server.script().add("order_sync", Trouble::instead(error));
    let (code, _) = post(&server.order_url(), HeaderMap::new(), sync_order(RELEASED)).await;
    assert_eq!(code, StatusCode::SERVICE_UNAVAILABLE);
    let (code, text) = post(&server.order_url(), HeaderMap::new(), sync_order(RELEASED)).await;
    assert!(code == StatusCode::INTERNAL_SERVER_ERROR && text.contains("_ERR_GENERIC"), "{text}");
    assert_eq!(status(&server), "P");
    assert_eq!(server.script().count("order_sync").calls, 2);
    server.stop().await;
}
