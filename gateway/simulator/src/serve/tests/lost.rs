//! Answers that get lost: what a look at the simulated DOM proves, through the shipped dialects.

use std::sync::Arc;

use gateway_exchange::{Call, Ends, Interpreter, Judgement, Question, Released, Reply, Seen};
use gateway_mapping::{Outcome, Side};
use gateway_model::Origin;
use gateway_operation::frame::Stamp;
use gateway_wire::soap;
use http::StatusCode;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::dom::{call, start};
use crate::serve::{DomServer, Shows, Trouble};
use crate::testing;

const TRANSFER: &str =
    include_str!("../../../../../fixtures/exchanges/transfer/ship-pickup-and-promotion/store-request.xml");
const RESERVE: &str =
    include_str!("../../../../../fixtures/exchanges/reserve/split-and-kit-at-a-store/store-request.xml");

/// A gateway's exchanges, in front of a DOM.
struct World {
    dom: DomServer,
    interpreter: Arc<Interpreter>,
}

impl World {
    async fn start() -> Self {
        let interpreter =
            Interpreter::new(testing::load_mappings(), TimeZone::UTC, gateway_wire::Limits::default());
        Self { dom: start(|_| {}).await, interpreter: Arc::new(interpreter.expect("every word is there")) }
    }

    fn ends(&self) -> Ends<'_> {
        Ends {
            store: self.interpreter.dialect("hcl-commerce", Side::Store).expect("the dialect"),
            dom: self.interpreter.dialect("sterling", Side::Dom).expect("the dialect"),
            variant: None,
        }
    }

    async fn send(&self, sent: &Call) -> (Judgement, Reply) {
        let document = std::str::from_utf8(&sent.document).expect("UTF-8");
        let (status, body): (StatusCode, String) = call(&self.dom, &sent.api, document, &[]).await;
        let reply = Reply { status: status.as_u16(), body: body.into_bytes(), ..Reply::default() };
        (self.interpreter.judge(sent, self.ends().dom, &reply), reply)
    }

    /// Sends what a document asks of the DOM; what its reply comes to, and what `then` makes of it.
    async fn ask(&self, document: &str) -> Outcome {
        let tree = self.interpreter.parse(document).expect("XML");
        let mut question = self.question(&tree);
        let plan = self.interpreter.plan(&mut question, self.ends().dom, None).expect("a plan");
        self.send(&plan.calls[0]).await.0.outcome
    }

    async fn look(&self, document: &str) -> Seen {
        let tree = self.interpreter.parse(document).expect("XML");
        let mut question = self.question(&tree);
        self.interpreter.plan(&mut question, self.ends().dom, None).expect("a plan");
        let looking = self.interpreter.look(&question, self.ends().dom).expect("a call");
        assert!(looking.only_reads);
        let (_, reply) = self.send(&looking).await;
        self.interpreter.seen(&question, self.ends(), &reply, stamp())
    }

    async fn release(&self, document: &str) -> Vec<Released> {
        let tree = self.interpreter.parse(document).expect("XML");
        let mut question = self.question(&tree);
        self.interpreter.plan(&mut question, self.ends().dom, None).expect("a plan");
        let calls = self.interpreter.release(&question, self.ends().dom).expect("calls");
        let mut released = Vec::new();
        for call in &calls.singly {
            let (_, reply) = self.send(call).await;
            released.push(self.interpreter.released(self.ends().dom, &reply, stamp()));
        }
        released
    }

    fn question<'t>(&'t self, tree: &'t gateway_wire::Tree<'t>) -> Question<'t> {
        let payload = soap::open(tree).expect("a document").payload;
        let read = self.interpreter.read_question(self.ends().store, (tree, payload), Origin::Store);
        read.map_err(|unread| unread.fault).expect("a question")
    }

    fn held(&self) -> Decimal {
        self.dom.with(|dom| dom.reserved("11651", "845017"))
    }
}

fn stamp() -> Stamp<'static> {
    Stamp { sent_at: testing::now(), message_id: "m-1" }
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found() {
    let world = World::start().await;
    world.dom.script().add("transfer", Trouble::after_acting(Shows::Html));
    assert_eq!(world.ask(TRANSFER).await, Outcome::Ambiguous);
    let Seen::Same(answer) = world.look(TRANSFER).await else { panic!("the order is there") };
    let document = String::from_utf8(answer.document).expect("UTF-8");
    assert!(document.contains("AcknowledgeOrder") && document.contains("20260715120000"), "{document}");
}

#[tokio::test]
async fn an_order_that_was_never_taken_is_not_there_and_may_be_sent_again() {
    let world = World::start().await;
    world.dom.script().add("transfer", Trouble::instead(Shows::Empty));
    assert_eq!(world.ask(TRANSFER).await, Outcome::Ambiguous);
    assert!(matches!(world.look(TRANSFER).await, Seen::NotThere));
    assert_eq!(world.ask(TRANSFER).await, Outcome::Done);
}

#[tokio::test]
async fn an_order_sent_twice_is_refused_as_a_duplicate_and_found() {
    let world = World::start().await;
    assert_eq!(world.ask(TRANSFER).await, Outcome::Done);
    assert_eq!(world.ask(TRANSFER).await, Outcome::Duplicate);
    assert!(matches!(world.look(TRANSFER).await, Seen::Same(_)));
    // However far the DOM is with it.
    world.dom.with(|dom| dom.advance("845017", testing::now())).expect("known");
    assert!(matches!(world.look(TRANSFER).await, Seen::Same(_)));
    let other = TRANSFER.replacen(">2.0<", ">3.0<", 1);
    assert_ne!(other, TRANSFER);
    assert_eq!(world.ask(&other).await, Outcome::Duplicate);
    assert!(matches!(world.look(&other).await, Seen::Different(_)));
}

#[tokio::test]
async fn a_look_that_fails_proves_nothing() {
    let world = World::start().await;
    for shows in [Shows::Html, Shows::Empty, Shows::Status(503), Shows::HalfDocument, Shows::Status(404)] {
        world.dom.script().add("details", Trouble::instead(shows.clone()));
        assert!(matches!(world.look(TRANSFER).await, Seen::CannotTell(_)), "{shows:?}");
    }
}

#[tokio::test]
async fn a_reservation_whose_answer_was_lost_is_given_back() {
    let world = World::start().await;
    world.dom.script().add("reserve", Trouble::after_acting(Shows::Html));
    assert_eq!(world.ask(RESERVE).await, Outcome::Ambiguous);
    assert!(world.held() > Decimal::ZERO);
    let released = world.release(RESERVE).await;
    assert!(released.iter().all(|released| *released == Released::Free), "{released:?}");
    assert_eq!(world.held(), Decimal::ZERO);
    // Once more: nothing is held, and that is as good.
    let released = world.release(RESERVE).await;
    assert!(released.iter().all(|released| *released == Released::Free), "{released:?}");
}
