//! A store that runs alone is made to act by HTTP.

use http::{HeaderMap, Method, StatusCode};

use super::store::start;
use super::{Said, StandIn, post};
use crate::serve::StoreServer;

const ACKNOWLEDGED: &str = r#"<_ord:AcknowledgeOrder releaseID="9.0" xmlns:_ord="http://www.ibm.com/xmlns/prod/commerce/9/order"
    xmlns:_wcf="http://www.ibm.com/xmlns/prod/commerce/9/foundation" xmlns:oa="http://www.openapplications.org/oagis/9">
    <oa:ApplicationArea><oa:CreationDateTime>2026-07-15T12:00:00.000Z</oa:CreationDateTime></oa:ApplicationArea>
    <_ord:DataArea><oa:Acknowledge/><_ord:Order><_ord:OrderIdentifier><_wcf:UniqueID>845017</_wcf:UniqueID>
    <_wcf:ExternalOrderID>20260715120000000001</_wcf:ExternalOrderID></_ord:OrderIdentifier></_ord:Order>
    </_ord:DataArea></_ord:AcknowledgeOrder>"#;

async fn controlled(answers: Vec<Said>) -> (StoreServer, StandIn) {
    let gateway = StandIn::start(answers).await;
    let server = start(|params| params.control = true).await;
    server.connect(gateway.address());
    (server, gateway)
}

async fn told(server: &StoreServer, command: &str, body: &str) -> (StatusCode, String) {
    let url = format!("http://{}/control/{command}", server.address());
    post(&url, HeaderMap::new(), body.to_owned()).await
}

async fn shown(server: &StoreServer, what: &str) -> String {
    use gateway_transport::sender::{Address, Call, Params, Sender};
    let address: Address = format!("http://{}/control/{what}", server.address()).parse().expect("an address");
    let call = Call { method: Method::GET, ..Call::post(address, bytes::Bytes::new()) };
    let answer =
        Sender::new(Params::new("simulator")).expect("a sender").send(call).await.expect("an answer");
    String::from_utf8(answer.body.to_vec()).expect("text")
}

#[tokio::test]
async fn a_call_is_sent_and_its_answer_shown() {
    let (server, gateway) = controlled(vec![Some((200, ACKNOWLEDGED.to_owned()))]).await;
    let (status, text) = told(&server, "transfer/845017", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.starts_with("transfer: answered, status 200, attempts 1\n"), "{text}");
    assert!(text.contains("<_ord:AcknowledgeOrder"), "{text}");
    assert!(gateway.received()[0].contains("actionCode=\"TransferOrder\""));
    let orders = shown(&server, "orders").await;
    assert_eq!(orders, "order 845017: status G, known to the DOM as 20260715120000000001\n");
}

#[tokio::test]
async fn a_cart_is_filled_with_the_lines_named() {
    let (server, _gateway) = controlled(vec![None]).await;
    let (_, text) =
        told(&server, "cart", "line=LAMP-0042-BRS*2&line=CLOTH-0550-BLU*0.75@MUC-Marienplatz").await;
    assert_eq!(text, "order 845018\n");
    let lines = server.with(|store| {
        let (lines, fields) = (store.words().order.lines, store.words().order_line);
        let order = store.order("845018").expect("the order").record.clone();
        let line = |line: &gateway_model::Record<'_>| {
            [fields.item, fields.quantity, fields.pickup]
                .map(|field| line.text(field).unwrap_or("-").to_owned())
        };
        order.list(lines).iter().map(line).collect::<Vec<_>>()
    });
    assert_eq!(lines, [["LAMP-0042-BRS", "2.0", "-"], ["CLOTH-0550-BLU", "0.75", "MUC-Marienplatz"]]);
}

#[tokio::test]
async fn what_is_not_understood_says_what_is() {
    let (server, gateway) = controlled(vec![None]).await;
    for (command, body, status, part) in [
        ("dance", "", StatusCode::NOT_FOUND, "expected GET orders"),
        ("dance/845017", "", StatusCode::NOT_FOUND, "check/ORDER"),
        ("cart", "line=LAMP-0042-BRS", StatusCode::BAD_REQUEST, "line=ITEM*QUANTITY"),
        ("cart", "line=LAMP-0042-BRS*-1", StatusCode::BAD_REQUEST, "line=ITEM*QUANTITY"),
        ("reserve/1", "", StatusCode::OK, "not sent: the store has no order `1`"),
    ] {
        let (found, text) = told(&server, command, body).await;
        assert_eq!(found, status, "{command}: {text}");
        assert!(text.contains(part), "{command}: {text}");
    }
    assert!(gateway.received().is_empty());
}

#[tokio::test]
async fn only_a_store_that_runs_alone_is_controlled() {
    let server = start(|_| {}).await;
    let (status, _) = told(&server, "cart", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
