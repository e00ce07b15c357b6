//! What a caller sees of each trouble, on real sockets.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use gateway_transport::sender::{Address, Answer, Call, Params, Progress, SendError, Sender};
use http::{Request, StatusCode};

use super::{Cuts, Reply, Site, peer_of};
use crate::serve::script::{Called, Script, Shows, Trouble};

const DOCUMENT: &[u8] = b"<Order OrderNo=\"WC_845017\" EnterpriseCode=\"NORDWIND\" DocumentType=\"0001\"/>";

/// Calls once and gives what came back.
async fn call(shows: Option<Shows>) -> Result<Answer, SendError> {
    let (script, cuts) = (Script::default(), Cuts::default());
    if let Some(shows) = shows {
        script.add("transfer", Trouble::after_acting(shows));
    }
    script.release(1);
    let shown = cuts.clone();
    let serve = move |request: Request<Bytes>| {
        let (script, cuts) = (script.clone(), shown.clone());
        async move {
            let trouble = script.next(Called {
                operation: "transfer",
                api: "createOrder",
                lines: 1,
                ..Called::default()
            });
            let reply = Reply::xml(StatusCode::OK, DOCUMENT.into());
            reply.show(trouble.as_ref(), &script, &cuts, peer_of(&request)).await
        }
    };
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let site = Site::start(any, cuts, serve).await.expect("started");
    let address: Address = format!("http://{}/", site.address()).parse().expect("an address");
    let sender = Sender::new(Params::new("dom")).expect("a sender");
    let answer = sender.send(Call::post(address, Bytes::from_static(b"<Order/>"))).await;
    site.stop().await;
    answer
}

async fn answered(shows: Option<Shows>) -> (u16, Vec<u8>) {
    let answer = call(shows).await.expect("an answer");
    (answer.status.as_u16(), answer.body.to_vec())
}

#[tokio::test]
async fn without_trouble_the_document_arrives() {
    assert_eq!(answered(None).await, (200, DOCUMENT.to_vec()));
    assert_eq!(answered(Some(Shows::Held)).await, (200, DOCUMENT.to_vec()));
}

#[tokio::test]
async fn each_trouble_shows_what_it_says() {
    let (status, body) = answered(Some(Shows::Status(503))).await;
    assert!(status == 503 && body.starts_with(b"<!DOCTYPE html>"));
    let (status, body) = answered(Some(Shows::SoapFault)).await;
    assert!(status == 500 && body.starts_with(b"<soapenv:Envelope"));
    let later = call(Some(Shows::Later { status: 429, seconds: 7 })).await.expect("an answer");
    assert_eq!((later.status.as_u16(), &later.headers["retry-after"]), (429, &"7".parse().expect("a value")));
    let (status, body) = answered(Some(Shows::Html)).await;
    assert!(status == 200 && body.starts_with(b"<!DOCTYPE html>"));
    assert_eq!(answered(Some(Shows::Empty)).await, (200, Vec::new()));
    let half = DOCUMENT[..DOCUMENT.len() / 2].to_vec();
    assert_eq!(answered(Some(Shows::HalfDocument)).await, (200, half));
    let (status, body) = answered(Some(Shows::Garbage)).await;
    assert!(status == 200 && std::str::from_utf8(&body).is_err());
}

#[tokio::test]
async fn a_dropped_call_has_no_answer_and_a_broken_one_has_half() {
    let dropped = call(Some(Shows::Dropped)).await.expect_err("no answer");
    assert!(matches!(dropped, SendError::Broken { .. }), "{dropped}");
    let reset = call(Some(Shows::Reset)).await.expect_err("no answer");
    assert!(matches!(reset, SendError::Broken { progress: Progress::PerhapsSent, .. }), "{reset}");
    let broken = call(Some(Shows::BrokenOff)).await.expect_err("half an answer");
    assert!(matches!(broken, SendError::Truncated { .. }), "{broken}");
}
