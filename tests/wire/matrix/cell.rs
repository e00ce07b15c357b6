//! One cell: it is run, and held to what has to become of it.

use super::expected::{self, Expected, Lasting, Said};
use super::fault::Fault;
use super::log::Log;
use super::operation::{Kind, Operation};
use super::pushed;
use super::world::World;
use crate::caller::Answered;
use crate::gateway::within;

/// What the store does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// Waits for its answer; then sends the same document once more.
    Waits(Lasting),
    /// Hangs up while the DOM is asked; then sends the same document once more.
    HangsUp,
    /// Sends the same document once more while the first is under way.
    Repeats,
}

/// All that stores do.
pub(crate) const STORES: [Store; 4] =
    [Store::Waits(Lasting::Once), Store::Waits(Lasting::AllTheTime), Store::HangsUp, Store::Repeats];

/// One cell.
pub(crate) struct Cell<'c> {
    pub(crate) operation: &'c Operation,
    pub(crate) fault: &'c Fault,
    pub(crate) store: Store,
}

/// What is not as it has to be.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<String>);

// === impl Cell ===

impl Cell<'_> {
    /// Runs it; `number` tells it from all others. What is not as it has to be comes back, each in a line.
    pub(crate) async fn run(&self, number: usize, log: &Log) -> Vec<String> {
        let Self { operation, fault, store } = *self;
        let mut findings = Findings::default();
        if expected::waiting(operation, fault, Lasting::AllTheTime).is_none() {
            return Vec::new();
        }
        let begun = World::start(format!("cell-{number}"), (operation, fault), log);
        match store {
            Store::Waits(lasting) => {
                let Some(expected) = expected::waiting(operation, fault, lasting) else { return Vec::new() };
                waits(&begun.await, lasting, expected, &mut findings).await;
            }
            Store::HangsUp => hangs_up(&begun.await, &mut findings).await,
            Store::Repeats => repeats(&begun.await, &mut findings).await,
        }
        let name = format!("{}, {}, {store:?}", operation.name, fault.name);
        findings.0.into_iter().map(|finding| format!("{name}: {finding}")).collect()
    }
}

/// The store waits, and sends the same once more when all is well again.
async fn waits(world: &World<'_>, lasting: Lasting, expected: Expected, findings: &mut Findings) {
    world.bring(lasting);
    let (answer, ()) = tokio::join!(world.ask("first"), world.let_the_late_act(lasting));
    findings.hold("first", world, (&answer, expected)).await;
    let seen = usize::try_from(world.asked().0).unwrap();
    let unread = match (world.fault.is_read(), lasting) {
        (true, _) => 0,
        (false, Lasting::Once) => usize::from(world.operation.kind != Kind::Local),
        (false, Lasting::AllTheTime) => expected.requests.1,
    };
    findings.within("requests the DOM read", seen + unread, expected.requests);
    world.mend();
    let again = world.ask("again").await;
    findings.hold("again", world, (&again, expected::again(world.operation, world.fault, expected))).await;
    findings.at_rest(world);
}

/// The store hangs up, and sends the same once more when all is well again. Where nothing is waited for, it leaves without
/// reading its answer.
async fn hangs_up(world: &World<'_>, findings: &mut Findings) {
    let id = world.id("left");
    let lasting = if world.bring_held() {
        let caller = world.begin("left").await;
        within(world.script().wait_for_held()).await;
        drop(caller);
        world.log.gone(&id).await;
        world.script().release(1);
        Lasting::Once
    } else {
        world.bring(Lasting::AllTheTime);
        let _unread = world.begin("left").await;
        world.log.end_of(&id).await;
        Lasting::AllTheTime
    };
    let line = world.log.end_of(&id).await;
    let waited = expected::waiting(world.operation, world.fault, lasting).unwrap();
    let fate = expected::left(world.operation, waited, lasting);
    let names = ["code", "origin", "dom_may_have_acted", "repeat"];
    findings.equal("the log's word", names.map(|name| line.field(name)), fate.map(str::to_owned));
    world.mend();
    let again = world.ask("again").await;
    findings.hold("again", world, (&again, expected::again(world.operation, world.fault, waited))).await;
    findings.at_rest(world);
}

/// The store sends the same twice at once.
async fn repeats(world: &World<'_>, findings: &mut Findings) {
    let held = world.bring_held();
    if !held {
        world.bring(Lasting::AllTheTime);
    }
    let second = async {
        if held {
            within(world.script().wait_for_held()).await;
        }
        let both = async {
            while !world.gateway.admin("/metrics").await.body.contains("gateway_calls_under_way 2\n") {}
        };
        let mut asked = std::pin::pin!(world.ask("second"));
        let early = tokio::select! {
            answer = &mut asked => Some(answer),
            () = both => None,
        };
        world.script().release(1);
        match early {
            Some(answer) => answer,
            None => asked.await,
        }
    };
    let (first, second) = tokio::join!(world.ask("first"), second);
    let expected = expected::twice(world.operation, world.fault);
    findings.hold("first", world, (&first, expected[0])).await;
    findings.hold("second", world, (&second, expected[1])).await;
    if held && !matches!(world.operation.kind, Kind::Read | Kind::Push) {
        let seen = usize::try_from(world.asked().0).unwrap();
        let unread = usize::from(!world.fault.is_read());
        findings.within("requests the DOM read", seen + unread, expected[0].requests);
    }
    world.mend();
    let last = world.ask("last").await;
    findings.explained("last", world, &last).await;
    findings.equal("last", (last.status, last.code()), (200, ""));
    findings.at_rest(world);
}

// === impl Said ===

impl Said {
    /// Whether nobody knows what is held.
    pub(crate) fn is_unknown(&self) -> bool {
        self.fate()[0] == "GW-4031"
    }

    /// What the log says of it.
    pub(crate) fn fate(&self) -> [&'static str; 4] {
        match *self {
            Self::Answer => [""; 4],
            Self::InBand(fate) | Self::Fault(fate) => fate,
        }
    }
}

// === impl Findings ===

impl Findings {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: T, expected: T) {
        if found != expected {
            self.0.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }

    fn within(&mut self, what: &str, found: usize, (least, most): (usize, usize)) {
        self.equal(what, found, found.clamp(least, most));
    }

    /// Holds an answer to what is expected of it, and the DOM's state with it.
    async fn hold(&mut self, call: &str, world: &World<'_>, (answer, expected): (&Answered, Expected)) {
        self.explained(call, world, answer).await;
        let (root, status) = match (expected.said, world.operation.kind) {
            (Said::Answer | Said::InBand(_), _) => (world.operation.root, 200),
            // The DOM's own words, with a status by which it sees that it has to send again.
            (Said::Fault([code, ..]), Kind::Push) => ("Errors", pushed::status(code)),
            (Said::Fault(_), _) => ("Fault", 500),
        };
        let found = (answer.status, answer.root(), answer.fate());
        self.equal(call, found, (status, root.to_owned(), expected.said.fate()));
        if expected::says_when(world.operation, world.fault, expected.said) {
            let seconds: u64 = answer.header("retry-after").parse().unwrap_or_default();
            self.equal(&format!("{call}: says when to come back"), seconds > 0, true);
        }
        self.within(&format!("{call}: attempts"), answer.attempts(), expected.requests);
        let done = world.state() == world.operation.done;
        self.equal(&format!("{call}: carried out"), done, expected.done);
    }

    /// Every answer has its line in the log, which says the same.
    async fn explained(&mut self, call: &str, world: &World<'_>, answer: &Answered) {
        let line = world.log.end_of(&world.id(call)).await;
        for (field, header) in [
            ("request.id", "x-request-id"),
            ("code", "x-gateway-code"),
            ("origin", "x-gateway-origin"),
            ("dom_may_have_acted", "x-gateway-dom-may-have-acted"),
            ("repeat", "x-gateway-repeat"),
            ("attempts", "x-gateway-attempts"),
        ] {
            self.equal(&format!("{call}: {field}"), line.field(field), answer.header(header).to_owned());
        }
        self.equal("whose line", line.field("operation").as_str(), world.operation.name);
    }

    /// What holds at the end of every cell: what was asked for was done, once; a question changed nothing.
    fn at_rest(&mut self, world: &World<'_>) {
        self.equal("at the DOM in the end", &world.state(), &world.operation.done);
        if matches!(world.operation.kind, Kind::Read | Kind::Local) {
            self.equal("commands of a question", world.asked().1, 0);
        }
    }
}
