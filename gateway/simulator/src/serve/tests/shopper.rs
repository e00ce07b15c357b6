//! The store's calls: what is sent, how often, and what the store makes of the answer.

use std::sync::Arc;
use std::time::Duration;

use gateway_transport::sender::Address;
use tokio::net::TcpListener;

use super::store::start;
use super::{Said, StandIn, any_port};
use crate::Login;
use crate::serve::{Mishap, Outbound, Outcome, StoreServer};

const FAULT: &str = r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
    <soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>away</faultstring></soapenv:Fault>
    </soapenv:Body></soapenv:Envelope>"#;

/// AcknowledgeOrder with this verb.
fn acknowledged(verb: &str) -> Said {
    let body = format!(
        r#"<_ord:AcknowledgeOrder releaseID="9.0" xmlns:_ord="http://www.ibm.com/xmlns/prod/commerce/9/order"
        xmlns:_wcf="http://www.ibm.com/xmlns/prod/commerce/9/foundation" xmlns:oa="http://www.openapplications.org/oagis/9">
        <oa:ApplicationArea><oa:CreationDateTime>2026-07-15T12:00:00.000Z</oa:CreationDateTime></oa:ApplicationArea>
        <_ord:DataArea>{verb}<_ord:Order><_ord:OrderIdentifier><_wcf:UniqueID>845017</_wcf:UniqueID>
        <_wcf:ExternalOrderID>20260715120000000001</_wcf:ExternalOrderID></_ord:OrderIdentifier></_ord:Order>
        </_ord:DataArea></_ord:AcknowledgeOrder>"#
    );
    Some((200, body))
}

const REJECTED: &str = r#"<oa:Acknowledge><oa:ResponseCriteria><oa:ResponseExpression actionCode="Rejected"/>
    <oa:ChangeStatus><oa:Code>ERROR</oa:Code><oa:Description>no</oa:Description><oa:ReasonCode>ORD99901</oa:ReasonCode>
    </oa:ChangeStatus></oa:ResponseCriteria></oa:Acknowledge>"#;

async fn connected(answers: Vec<Said>, outbound: Outbound) -> (StoreServer, StandIn) {
    let gateway = StandIn::start(answers).await;
    let server = start(|params| params.outbound = outbound).await;
    server.connect(gateway.address());
    (server, gateway)
}

fn status(server: &StoreServer) -> String {
    server.with(|store| store.order("845017").expect("the order").status.clone())
}

#[tokio::test]
async fn what_is_sent_again_goes_to_the_next_gateway_in_turn() {
    let answers = [vec![None], vec![None]];
    let [one, other] = answers.map(StandIn::start);
    let (one, other) = (one.await, other.await);
    let server = start(|_| {}).await;
    server.connect_all(vec![one.address(), other.address()]);
    assert_eq!(server.transfer("845017").await.attempts, 4);
    assert_eq!((one.received().len(), other.received().len()), (2, 2));
}

/// A port, and its address as a gateway's.
async fn port() -> (TcpListener, Address) {
    let port = TcpListener::bind(any_port()).await.expect("a port");
    let address = format!("http://{}/gateway", port.local_addr().expect("an address"));
    (port, address.parse().expect("an address"))
}

#[tokio::test]
async fn an_impatient_transport_sends_again_what_is_under_way() {
    let (server, gateway) = connected(vec![acknowledged("<oa:Acknowledge/>")], Outbound::Nameless).await;
    let (_silent, silent) = port().await;
    server.connect_all(vec![gateway.address(), silent]);
    let after = Duration::from_millis(20);
    server.set_mishaps(Some(Arc::new(move |incident| {
        (incident.subject == "845017").then_some(Mishap::SentAgain { after, to_another: true })
    })));
    let exchange = server.transfer("845017").await;
    assert_eq!((exchange.attempts, exchange.sent_again), (1, 1));
    // The store did not wait for the first: nobody can say that it would have had no answer.
    assert!(exchange.unanswered.is_empty() && matches!(exchange.outcome, Outcome::Answered(_)));
    assert_eq!(gateway.received().len(), 1);
}

#[tokio::test]
async fn who_gave_no_answer_is_named() {
    let (server, gateway) = connected(vec![acknowledged("<oa:Acknowledge/>")], Outbound::Nameless).await;
    let (closed, nowhere) = port().await;
    drop(closed);
    let astray = nowhere.clone();
    server.set_mishaps(Some(Arc::new(move |incident| {
        (incident.attempt == 1).then(|| Mishap::Astray(astray.clone()))
    })));
    let exchange = server.transfer("845017").await;
    assert_eq!((exchange.attempts, exchange.unanswered), (2, vec![nowhere.authority().to_owned()]));
    assert_eq!(gateway.received().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_named_beside_its_answer() {
    let answers = vec![acknowledged(REJECTED), acknowledged("<oa:Acknowledge/>")];
    let (server, _gateway) = connected(answers, Outbound::Nameless).await;
    assert_eq!(server.transfer("845017").await.refusal.as_deref(), Some("ORD99901"));
    assert_eq!(server.transfer("845017").await.refusal, None);
}

#[tokio::test]
async fn every_call_is_a_soap_message_of_its_operation() {
    let (server, gateway) = connected(vec![Some((500, FAULT.to_owned()))], Outbound::Nameless).await;
    server.browse(&["LAMP-0042-BRS", "CLOTH-0550-BLU"], &["NordlichtShop", "MUC-Marienplatz"]).await;
    server.transfer("845017").await;
    server.history(Some("20260715120000000001")).await;
    let parts: [&[&str]; 3] = [
        &[
            "GetInventoryAvailability",
            "IBM_Store_Details",
            "PartNumber='LAMP-0042-BRS'",
            "'NordlichtShop'",
            "uom=",
        ],
        &[
            "ProcessOrder",
            "actionCode=\"TransferOrder\"",
            ">845101<",
            "Straße der Grünen Bäume 7",
            "tok-simulated-4242",
        ],
        &[
            "GetOrder",
            "IBM_External_Summary",
            "LogOnID='zoe.kowalska'",
            "ExternalOrderID='20260715120000000001'",
        ],
    ];
    for (document, parts) in gateway.received().iter().zip(parts) {
        assert!(document.contains("http://schemas.xmlsoap.org/soap/envelope/"));
        for part in parts {
            assert!(document.contains(part), "`{part}` is not in {document}");
        }
    }
    assert_eq!(gateway.received().len(), parts.len());
}

#[tokio::test]
async fn a_requirement_names_its_action() {
    let actions = [
        ("check", "CheckInventory"),
        ("reserve", "ReserveInventory"),
        ("cancel", "CancelInventoryReservation"),
        ("decrement", "DecrementCache"),
    ];
    for (call, action) in actions {
        let (server, gateway) = connected(vec![Some((500, FAULT.to_owned()))], Outbound::Nameless).await;
        match call {
            "check" => server.check("845017").await,
            "reserve" => server.reserve("845017").await,
            "cancel" => server.cancel("845017").await,
            _ => server.decrement("845017").await,
        };
        let received = gateway.received();
        assert!(received[0].contains(&format!("actionCode=\"{action}\"")), "{}", received[0]);
    }
}

#[tokio::test]
async fn after_a_fault_the_message_type_is_held_off() {
    let (server, gateway) = connected(vec![Some((500, FAULT.to_owned()))], Outbound::Nameless).await;
    let faulted = server.reserve("845017").await;
    assert_eq!((faulted.attempts, faulted.status), (1, Some(500)));
    let Outcome::Fault { code, text } = faulted.outcome else { panic!("{:?}", faulted.outcome) };
    assert_eq!((code.as_str(), text.as_str()), ("Server", "away"));
    let held_off = server.browse(&["LAMP-0042-BRS"], &["NordlichtShop"]).await;
    assert!(matches!(held_off.outcome, Outcome::HeldOff(_)), "{:?}", held_off.outcome);
    assert_eq!(gateway.received().len(), 1);
}

#[tokio::test]
async fn a_call_without_an_answer_is_sent_three_times_more() {
    let (server, gateway) = connected(vec![None], Outbound::Nameless).await;
    let exchange = server.reserve("845017").await;
    assert!(matches!(exchange.outcome, Outcome::NoAnswer(_)), "{:?}", exchange.outcome);
    let received = gateway.received();
    assert_eq!((exchange.attempts, received.len()), (4, 4));
    assert!(received.iter().all(|document| *document == exchange.sent));
}

#[tokio::test]
async fn a_transfer_is_done_when_it_is_acknowledged_without_a_refusal() {
    let answers = vec![
        Some((503, "<html>away</html>".to_owned())),
        acknowledged(REJECTED),
        acknowledged("<oa:Acknowledge/>"),
    ];
    let (server, _gateway) = connected(answers, Outbound::Nameless).await;
    let rejected = server.transfer("845017").await;
    assert_eq!((rejected.attempts, status(&server).as_str()), (2, "F"));
    assert!(rejected.record().is_some());
    server.transfer("845017").await;
    assert_eq!(status(&server), "G");
    let external = server.with(|store| store.order("845017").and_then(|order| order.external_id.clone()));
    assert_eq!(external.as_deref(), Some("20260715120000000001"));
}

#[tokio::test]
async fn the_store_says_who_it_is_as_configured() {
    let login = || Login { user: "shop".to_owned(), password: "s&cret".to_owned() };
    let (server, gateway) =
        connected(vec![acknowledged("<oa:Acknowledge/>")], Outbound::UsernameToken(login())).await;
    let exchange = server.transfer("845017").await;
    let received = gateway.received();
    assert!(received[0].contains("<wsse:Username>shop</wsse:Username>"), "{}", received[0]);
    assert!(received[0].contains("s&amp;cret"));
    assert_eq!(exchange.sent, received[0]);
}

#[tokio::test]
async fn an_unknown_order_is_not_sent() {
    let (server, gateway) = connected(vec![None], Outbound::Nameless).await;
    let exchange = server.reserve("1").await;
    assert!(matches!(exchange.outcome, Outcome::NotSent(_)));
    assert!(gateway.received().is_empty());
}
