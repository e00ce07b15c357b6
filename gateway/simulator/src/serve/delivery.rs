//! Telling the gateway: events are written in the DOM's dialect and posted, in order, until they are taken.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use gateway_model::Record;
use gateway_transport::sender::Call;
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio::time::Instant;

use super::dom::Shared;
use super::speaker::Reply;
use crate::dom::{Event, EventKind};
use crate::words::Words;

/// Time until events that were not taken are pushed again.
const PAUSE: Duration = Duration::from_secs(2);

/// Events on their way.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Vec<Event>);

/// One event told.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What kind of event it was.
    pub kind: EventKind,
    /// The order number or part number it was about.
    pub subject: String,
    /// The document sent.
    pub document: String,
    /// The HTTP status that came back, if any did.
    pub status: Option<u16>,
    /// The document that came back.
    pub answer: String,
    /// The gateway that gave no answer, by host and port, if one did not.
    pub unanswered: Option<String>,
    /// Whether the gateway took it.
    pub taken: bool,
    /// From sending to the whole answer.
    pub took: Duration,
}

impl Shared {
    /// Pushes all there is to tell.
    pub(crate) async fn deliver(&self) -> Vec<Delivery> {
        let Ok(_one_at_a_time) = self.delivering.acquire().await else { return Vec::new() };
        let mut events = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut waiting.0)
        };
        events.extend(self.with(crate::dom::Dom::take_events));
        let mut stuck: HashSet<String> = HashSet::new();
        let mut left = Vec::new();
        let mut deliveries = Vec::new();
        for event in events {
            if stuck.contains(&event.subject) {
                left.push(event);
                continue;
            }
            let delivery = self.tell(&event).await;
            if !delivery.taken {
                stuck.insert(event.subject.clone());
                left.push(event);
            }
            deliveries.push(delivery);
        }
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).0.extend(left);
        deliveries
    }

    /// Pushes whenever there is something to tell, for as long as the task lives.
    pub(crate) async fn push_forever(&self) {
        loop {
            let deliveries = self.deliver().await;
            if deliveries.iter().all(|delivery| delivery.taken) {
                self.wait_for_change().await;
            } else {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    pub(crate) async fn tell(&self, event: &Event) -> Delivery {
        let mut delivery = Delivery {
            kind: event.kind,
            subject: event.subject.clone(),
            document: String::new(),
            status: None,
            answer: String::new(),
            unanswered: None,
            taken: false,
            took: Duration::ZERO,
        };
        let operation = event.kind.operation();
        let words = self.with(|dom| dom.words().clone());
        let written = self.speaker.ask(operation, &event.record, |read| keeps(&words, event, read));
        let gateway = self.gateways.lock().unwrap_or_else(PoisonError::into_inner).next();
        let credentials = self.credentials.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (document, address) = match (written, gateway) {
            (Ok(document), Some(gateway)) => (document, gateway),
            (Ok(_), None) => return delivery,
            (Err(misheard), _) => {
                tracing::warn!(%operation, %misheard, "event not written");
                return delivery;
            }
        };
        delivery.document = String::from_utf8_lossy(&document).into_owned();
        let gateway = address.authority().to_owned();
        let mut call = Call::post(address, Bytes::from(document));
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=UTF-8"));
        if let Some(basic) = credentials.and_then(|credentials| credentials.to_basic().ok()) {
            call.headers.insert(AUTHORIZATION, basic);
        }
        let sent_at = Instant::now();
        let answered = self.sender.send(call).await;
        delivery.took = sent_at.elapsed();
        match answered {
            Ok(answer) => {
                delivery.status = Some(answer.status.as_u16());
                delivery.answer = String::from_utf8_lossy(&answer.body).into_owned();
                let understood = self.speaker.understand(operation, &answer.body, answer.charset());
                delivery.taken = answer.status.is_success() && matches!(understood, Ok(Reply::Answer(_)));
                let (subject, status, taken) = (&delivery.subject, answer.status.as_u16(), delivery.taken);
                tracing::info!(%operation, %subject, status, taken, "told");
            }
            Err(error) => {
                delivery.unanswered = Some(gateway);
                tracing::warn!(%operation, %error, "event not delivered");
            }
        }
        delivery
    }
}

/// Whether a document that was read says what the event was to say.
fn keeps(words: &Words, event: &Event, read: &Record<'_>) -> bool {
    let orders = words.order_sync_request.orders;
    let changes = words.availability_sync_request.changes;
    let shipped = |record: &Record<'_>| {
        record
            .record(words.order_sync_request.shipment)
            .map(|shipment| shipment.list(words.shipment.lines).len())
    };
    match event.kind {
        EventKind::StatusChange | EventKind::OrderCreated => {
            read.list(orders).len() == event.record.list(orders).len()
        }
        EventKind::Shipment => shipped(read) == shipped(&event.record),
        EventKind::AvailabilityChange => read.list(changes).len() == event.record.list(changes).len(),
    }
}
