//! Both simulations on real sockets, in the shipped dialects.

mod control;
mod dom;
mod journey;
mod lost;
mod pushes;
mod shopper;
mod store;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gateway_transport::sender::{Address, Answer, Call, Params, Sender};
use http::{HeaderMap, Request, Response, StatusCode};

use super::Clock;
use super::relay::{Cut, Cuts};
use super::site::{Reply, Site, peer_of};
use crate::testing;

/// Any free port of this machine.
fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// A clock that stands still.
fn clock() -> Clock {
    Arc::new(testing::now)
}

/// Posts a body and gives status and text of the answer.
async fn post(url: &str, headers: HeaderMap, body: impl Into<Bytes>) -> (StatusCode, String) {
    let sender = Sender::new(Params::new("simulator")).expect("a sender");
    let address: Address = url.parse().expect("an address");
    let answer: Answer =
        sender.send(Call { headers, ..Call::post(address, body.into()) }).await.expect("an answer");
    (answer.status, String::from_utf8(answer.body.to_vec()).expect("text"))
}

/// A stand-in for the gateway: it keeps what it gets and answers what it was told to, in turn; the last for ever.
struct StandIn {
    site: Site,
    received: Arc<Mutex<Vec<String>>>,
}

/// One answer of a stand-in; without one the connection is closed.
type Said = Option<(u16, String)>;

impl StandIn {
    async fn start(answers: Vec<Said>) -> Self {
        let received: Arc<Mutex<Vec<String>>> = Arc::default();
        let cuts = Cuts::default();
        let (kept, cut) = (Arc::clone(&received), cuts.clone());
        let answers = Arc::new(answers);
        let serve = move |request: Request<Bytes>| {
            let (kept, answers, cuts) = (Arc::clone(&kept), Arc::clone(&answers), cut.clone());
            async move { respond(&request, &kept, &answers, &cuts) }
        };
        let site = Site::start(any_port(), cuts, serve).await.expect("started");
        Self { site, received }
    }

    fn address(&self) -> Address {
        format!("http://{}/gateway", self.site.address()).parse().expect("an address")
    }

    /// What it got so far.
    fn received(&self) -> Vec<String> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn respond(
    request: &Request<Bytes>,
    kept: &Mutex<Vec<String>>,
    answers: &[Said],
    cuts: &Cuts,
) -> Response<Bytes> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let said = answers.get(kept.len()).or(answers.last()).cloned().flatten();
    kept.push(String::from_utf8_lossy(request.body()).into_owned());
    let (status, body) = said.unwrap_or_else(|| {
        peer_of(request).into_iter().for_each(|peer| cuts.cut(peer, Cut::Whole));
        (200, String::new())
    });
    Reply::xml(StatusCode::from_u16(status).expect("a status"), body.into_bytes()).into_response()
}
