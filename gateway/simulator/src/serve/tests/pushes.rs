//! What the DOM tells the gateway, and what it does when it is not heard.

use rust_decimal::Decimal;

use super::dom::{call, start};
use super::{Said, StandIn};
use crate::dom::{EventKind, Stage};
use crate::serve::{DomServer, Pushes};
use crate::testing::now;

const ORDER: &str = r#"<Order OrderNo="WC_1" EnterpriseCode="NORDWIND" SellerOrganizationCode="NORDWIND"
    BuyerUserId="zoe.kowalska"><OrderLines><OrderLine OrderedQty="1.0">
    <References><Reference Name="WC_OrderLineID" Value="845101"/></References>
    <Item ItemID="LAMP-0042-BRS" UnitOfMeasure="EACH"/></OrderLine></OrderLines></Order>"#;

fn taken() -> Said {
    Some((200, "<ApiSuccess/>".to_owned()))
}

fn refused() -> Said {
    Some((200, r#"<Errors><Error ErrorCode="WC_ERROR" ErrorDescription="no"/></Errors>"#.to_owned()))
}

async fn create(server: &DomServer, number: &str) {
    let answer = call(server, "createOrder", &ORDER.replace("WC_1", number), &[]).await;
    assert!(answer.1.contains("OrderHeaderKey"), "{}", answer.1);
}

#[tokio::test]
async fn each_kind_of_event_is_told_in_its_own_document() {
    let gateway = StandIn::start(vec![taken()]).await;
    let server = start(|_| {}).await;
    server.push_to(gateway.address(), None);
    create(&server, "WC_1").await;
    server.with(|dom| dom.move_to("1", Stage::Shipped, now())).expect("known");
    server.with(|dom| dom.set_stock("LAMP-0042-BRS", "MUC-Marienplatz", Decimal::TEN, now())).expect("known");
    let deliveries = server.deliver().await;
    assert!(deliveries.iter().all(|delivery| delivery.taken), "{deliveries:?}");
    let parts: [&[&str]; 4] = [
        &["<Order", r#"EntryType="WCS""#, r#"CartId="1""#, r#"SellerOrganizationCode="NORDWIND""#],
        &["<Order", r#"MaxOrderStatus="3700""#, r#"OrderNo="WC_1""#],
        &["<Shipment", r#"OrderNo="WC_1""#, r#"Value="845101""#, r#"ShipNode="NW_DC_1""#],
        &[
            "NORDWIND-INV",
            r#"ItemID="LAMP-0042-BRS""#,
            r#"Node="NW_STORE_7""#,
            r#"OnhandAvailableQuantity="10.00""#,
        ],
    ];
    let received = gateway.received();
    assert_eq!(received.len(), parts.len());
    for (document, parts) in received.iter().zip(parts) {
        for part in parts {
            assert!(document.contains(part), "`{part}` is not in {document}");
        }
    }
    assert!(server.deliver().await.is_empty());
}

#[tokio::test]
async fn what_is_not_taken_is_told_again_before_anything_later_of_its_order() {
    // The first order's creation is refused, twice in two ways; the second order's goes through meanwhile.
    let answers = vec![refused(), taken(), Some((503, String::new())), None, taken()];
    let gateway = StandIn::start(answers).await;
    let server = start(|_| {}).await;
    server.push_to(gateway.address(), None);
    create(&server, "WC_1").await;
    server.with(|dom| dom.move_to("1", Stage::Released, now())).expect("known");
    create(&server, "WC_2").await;
    let told = |deliveries: Vec<crate::serve::Delivery>| {
        let told = deliveries.into_iter().map(|delivery| (delivery.kind, delivery.subject, delivery.taken));
        told.collect::<Vec<_>>()
    };
    let created = |number: &str, taken| (EventKind::OrderCreated, number.to_owned(), taken);
    assert_eq!(told(server.deliver().await), [created("WC_1", false), created("WC_2", true)]);
    assert_eq!(told(server.deliver().await), [created("WC_1", false)]);
    assert_eq!(told(server.deliver().await), [created("WC_1", false)]);
    let status = (EventKind::StatusChange, "WC_1".to_owned(), true);
    assert_eq!(told(server.deliver().await), [created("WC_1", true), status]);
}

#[tokio::test]
async fn a_dom_that_runs_alone_tells_at_once() {
    let gateway = StandIn::start(vec![taken()]).await;
    let server = start(|params| params.pushes = Pushes::AtOnce).await;
    server.push_to(gateway.address(), None);
    create(&server, "WC_1").await;
    while gateway.received().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(gateway.received()[0].contains("WC_1"));
    server.stop().await;
}
