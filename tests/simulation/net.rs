//! The network: every exchange of the world goes by here, and meets what the dice say.
//!
//! What arrives is carried out to its end, whether its sender still waits or not, as long as the receiver lives.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use gateway_simulator::serve::Cut;
use gateway_transport::listener::Caller;
use gateway_transport::sender::{self, Answer, Call, Exchange, Progress, SendError, Spent};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::fleet::Node;
use crate::journal::print_of;
use crate::troubles::{End, Fate, Stretch, is_transfer, label};
use crate::world::{Standing, World};

/// How long a store waits, and a DOM (contract sterling section 10).
const STORE_WAITS: Duration = Duration::from_secs(20);
const DOM_WAITS: Duration = Duration::from_secs(15);
/// How long a call whose sender has gone is on its way at most: less than `settle_ms`, by which the gateways reckon.
const AT_WORK: Duration = Duration::from_millis(400);
/// How long anybody waits who says nothing of it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// One end of the network, from where calls are sent.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) world: Weak<World>,
    pub(crate) from: Sender,
}

/// Who sends.
#[derive(Debug, Clone)]
pub(crate) enum Sender {
    Store,
    Dom,
    /// A gateway, as long as it lives.
    Gateway {
        name: String,
        life: CancellationToken,
    },
}

/// A call on its way.
struct Sending {
    number: u64,
    to: String,
    what: String,
    fate: Fate,
    until: Instant,
}

impl sender::Way for Wire {
    fn send(&self, call: Call) -> Exchange<'_> {
        Box::pin(async move {
            let Some(world) = self.world.upgrade() else { return Err(gone(&self.from, "nobody")) };
            match &self.from {
                Sender::Gateway { life, .. } => {
                    let to = host(&call);
                    tokio::select! {
                        biased;
                        () = life.cancelled() => Err(gone(&self.from, &to)),
                        answer = exchange(&world, &self.from, call) => answer,
                    }
                }
                Sender::Store | Sender::Dom => exchange(&world, &self.from, call).await,
            }
        })
    }
}

async fn exchange(world: &Arc<World>, from: &Sender, call: Call) -> Result<Answer, SendError> {
    let to = host(&call);
    let stretch = Stretch::between(from, &to);
    let counted = if stretch == Stretch::GatewayToDom { &world.asked } else { &world.asking };
    counted.fetch_add(1, Ordering::Relaxed);
    let what = if world.plan.is_silent { String::new() } else { label(&call.body) };
    let is_transfer = is_transfer(&call.body);
    let mut fate = world.dice.fate(world.troubles(), (stretch, is_transfer));
    if stretch == Stretch::GatewayToDom && world.standing() == Standing::Silent {
        fate.end = End::Lost { silent: true };
    }
    let patience = match from {
        Sender::Store => STORE_WAITS,
        Sender::Dom => DOM_WAITS,
        Sender::Gateway { .. } => LONGEST_WAIT,
    };
    let patience = fate.left.map_or(patience, |left| left.min(patience));
    let own = Instant::now() + patience;
    let until = call.deadline.map_or(own, |deadline| deadline.min(own));
    let sending = Sending { number: world.journal.next_call(), to, what, fate, until };
    let (number, to) = (sending.number, sending.to.clone());
    world.journal.note(|| {
        let (print, Sending { what, fate, .. }) = (print_of(&call.body), &sending);
        format!("#{number} {} > {to} {what} {print} {fate:?}", from.name())
    });
    let answer = carried(world, call, sending).await;
    world.journal.note(|| match &answer {
        Ok(answer) => {
            let (status, print) = (answer.status.as_u16(), print_of(&answer.body));
            format!("#{number} {} < {to} {status} {print}", from.name())
        }
        Err(error) => format!("#{number} {} < {to} {error}", from.name()),
    });
    answer
}

async fn carried(world: &Arc<World>, call: Call, sending: Sending) -> Result<Answer, SendError> {
    let Sending { to, fate, until, .. } = &sending;
    let broken =
        |progress| Err(SendError::Broken { target: to.clone(), progress, reason: "reset".to_owned() });
    let silent = async {
        tokio::time::sleep_until(*until).await;
        Err(timed_out(to))
    };
    if let Some(never) = never_arrived(world, &sending).await {
        return never;
    }
    let (guard, answer) = delivered(world, &call, &sending);
    if let Some(after) = fate.again {
        let again =
            Sending { fate: Fate { there: after, ..*fate }, to: to.clone(), what: String::new(), ..sending };
        let (guard, _) = delivered(world, &call, &again);
        // Whoever sent it twice waits for one answer and does not hang up on the other.
        drop(guard.disarm());
    }
    let Ok(answer) = timeout_at(*until, answer).await else { return Err(timed_out(to)) };
    // Killed, or a panic that was noted.
    let Ok(mut answer) = answer else { return broken(Progress::PerhapsSent) };
    drop(guard.disarm());
    match answer.extensions_mut().remove::<Cut>() {
        Some(Cut::Whole | Cut::Reset) => return broken(Progress::PerhapsSent),
        Some(Cut::Silence) => return silent.await,
        Some(Cut::Stall(_)) => {
            tokio::time::sleep_until(*until).await;
            let (target, progress) = (to.clone(), Progress::Answering);
            return Err(SendError::TimedOut { target, progress, spent: Spent::Call });
        }
        Some(Cut::Body(_)) => return Err(truncated(to, answer.status())),
        None => {}
    }
    match fate.end {
        End::Unanswered { silent: true } => silent.await,
        End::Unanswered { silent: false } => broken(Progress::PerhapsSent),
        End::Cut => Err(truncated(to, answer.status())),
        _ => {
            let (head, body) = answer.into_parts();
            let answer = Answer { status: head.status, headers: head.headers, body };
            match timeout_at(*until, sleep(fate.back)).await {
                Ok(()) => Ok(answer),
                Err(_) => Err(timed_out(to)),
            }
        }
    }
}

/// What its sender sees of a call that does not come to its receiver; `None` of one that does.
async fn never_arrived(world: &World, sending: &Sending) -> Option<Result<Answer, SendError>> {
    let Sending { to, fate, until, .. } = sending;
    let target = to.clone();
    Some(match fate.end {
        _ if fate.end == End::Refused || !world.accepts(to) => {
            sleep(fate.there.min(Duration::from_millis(50))).await;
            Err(SendError::Unreachable { target, reason: "connection refused".to_owned() })
        }
        End::Lost { silent: true } => {
            tokio::time::sleep_until(*until).await;
            Err(timed_out(to))
        }
        End::Lost { silent: false } => {
            sleep(fate.there).await;
            Err(SendError::Broken { target, progress: Progress::PerhapsSent, reason: "reset".to_owned() })
        }
        End::Throttled => Ok(throttled()),
        _ => return None,
    })
}

/// Brings a call to its receiver. What is brought there is carried out, whatever its sender does.
fn delivered(
    world: &Arc<World>,
    call: &Call,
    sending: &Sending,
) -> (DropGuard, oneshot::Receiver<Response<Bytes>>) {
    let left = CancellationToken::new();
    let guard = left.clone().drop_guard();
    let (tell, told) = oneshot::channel();
    let request = request(call, sending.number);
    let (world, to, there) = (Arc::clone(world), sending.to.clone(), sending.fate.there);
    tokio::spawn(async move {
        let is_at_work = world.plan.at_work || to != "dom";
        tokio::select! {
            biased;
            () = sleep(there) => {}
            () = left.cancelled() => {
                if !is_at_work {
                    return;
                }
                sleep(AT_WORK.min(there)).await;
            }
        }
        let response = match world.node(&to) {
            // A connection that was closed before the request had arrived leads to no call.
            Some(_) if left.is_cancelled() => None,
            Some(None) => None,
            Some(Some(node)) => watched(node, request, &left).await,
            None => Some(world.served(&to, request).await),
        };
        if let Some(response) = response {
            // Nobody may wait any more.
            let _ = tell.send(response);
        }
    });
    (guard, told)
}

/// A call at a gateway whose caller may hang up. Its clock starts now that its request has arrived.
async fn watched(node: Node, request: Request<Bytes>, left: &CancellationToken) -> Option<Response<Bytes>> {
    let (caller, guard) = Caller::watched();
    let mut serving = pin!(node.served(request, caller));
    tokio::select! {
        biased;
        served = &mut serving => {
            drop(guard.disarm());
            return served;
        }
        () = left.cancelled() => drop(guard),
    }
    serving.await
}

fn request(call: &Call, number: u64) -> Request<Bytes> {
    let uri: Uri = call.address.to_string().parse().unwrap();
    let mut request = Request::new(call.body.clone());
    *request.method_mut() = call.method.clone();
    *request.uri_mut() = uri.path().parse().unwrap();
    *request.headers_mut() = call.headers.clone();
    let id = HeaderValue::from_str(&format!("call-{number}")).unwrap();
    request.headers_mut().insert("x-request-id", id);
    request
}

fn host(call: &Call) -> String {
    let uri: Uri = call.address.to_string().parse().unwrap();
    uri.host().unwrap().trim_end_matches(".test").to_owned()
}

fn throttled() -> Answer {
    let headers = [(http::header::RETRY_AFTER, HeaderValue::from_static("1"))].into_iter().collect();
    Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::from_static(b"slow down\n") }
}

fn timed_out(to: &str) -> SendError {
    SendError::TimedOut { target: to.to_owned(), progress: Progress::PerhapsSent, spent: Spent::Call }
}

fn truncated(to: &str, status: StatusCode) -> SendError {
    SendError::Truncated { target: to.to_owned(), status, reason: "reset".to_owned() }
}

/// Of a gateway that was killed nothing is heard any more, and it hears of nobody.
fn gone(from: &Sender, to: &str) -> SendError {
    let reason = format!("{} was killed", from.name());
    SendError::Broken { target: to.to_owned(), progress: Progress::PerhapsSent, reason }
}

// === impl Sender ===

impl Sender {
    fn name(&self) -> &str {
        match self {
            Self::Store => "store",
            Self::Dom => "dom",
            Self::Gateway { name, .. } => name,
        }
    }
}
