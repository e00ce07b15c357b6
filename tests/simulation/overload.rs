//! More than the DOM bears, and a DOM that is away: what gives way, what does not, and how soon all is well again. By counts
//! alone; the time is simulated.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use gateway_simulator::store::{CartLine, Store};
use gateway_simulator::{RepeatedOrder, RepeatedReservation};
use gateway_transport::sender::{Address, Answer, Call, SendError, Way};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::net::{Sender, Wire};
use crate::plan::{Capacity, Plan};
use crate::world::{Standing, World, in_simulated_time};

/// What the DOM bears: 8 requests at a time of 400 ms each, so 20 a second.
const CAPACITY: Capacity = Capacity { threads: 8, each: Duration::from_millis(400) };
const PER_SECOND: u32 = 20;

/// The day on which every world begins, as times begin with it.
const DAY: &str = "2026-03-02T";

/// How long the DOM is away, and how long after its return all has to be as before.
const AWAY: Duration = Duration::from_secs(120);
const NORMAL: Duration = Duration::from_secs(5);

/// The documents of a store, for any order.
struct Documents {
    browse: String,
    reserve: String,
    transfer: String,
    /// The order they were written for.
    order: String,
}

/// What came back for calls of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    /// Answered with what was asked for.
    answered: u32,
    /// Told in-band that there is nothing to be told.
    in_band: u32,
    /// SOAP faults, and calls without an answer.
    faults: u32,
}

/// What a store sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Browse,
    Reserve,
    Transfer,
}

// === impl Counts ===

impl Counts {
    fn count(&mut self, answer: &Result<Answer, SendError>) {
        match answer {
            Ok(answer) if answer.status != 200 => self.faults += 1,
            Ok(answer) if answer.headers.contains_key("x-gateway-code") => self.in_band += 1,
            Ok(_) => self.answered += 1,
            Err(_) => self.faults += 1,
        }
    }

    fn all(self) -> u32 {
        self.answered + self.in_band + self.faults
    }
}

// === impl Documents ===

impl Documents {
    /// Has the store write one of each.
    async fn written(world: &World) -> Self {
        let store = world.store();
        let cart = [CartLine::sent("LAMP-0042-BRS", Decimal::ONE)];
        let order = store.with(|store| store.open_order(&cart, world.now()));
        let browse = store.browse(&["LAMP-0042-BRS"], &["NordlichtShop"]).await.sent;
        let reserve = store.reserve(&order).await.sent;
        let transfer = store.transfer(&order).await.sent;
        Self { browse, reserve, transfer, order }
    }

    /// A document of this kind about another order, made now.
    fn of(&self, kind: Kind, number: u64, now: Timestamp) -> Call {
        let (service, document) = match kind {
            Kind::Browse => ("InventoryServices", &self.browse),
            Kind::Reserve => ("InventoryServices", &self.reserve),
            Kind::Transfer => ("OrderServices", &self.transfer),
        };
        let other = (Store::FIRST_ORDER + 1 + number).to_string();
        let document = document.replace(&self.order, &other);
        let mut pieces = document.split(DAY);
        let first = pieces.next().unwrap().to_owned();
        let time = format!("{DAY}{}", now.strftime("%H:%M:%S"));
        let document = pieces.fold(first, |document, piece| document + &time + &piece["08:00:00".len()..]);
        let address: Address = format!("http://gateway-0.test/stores/nordlicht/{service}").parse().unwrap();
        let mut call = Call::post(address, Bytes::from(document));
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=UTF-8"));
        call
    }
}

/// A world with one gateway and nothing in it but what is sent to it here.
async fn world((capacity, has_breaker): (Option<Capacity>, bool)) -> (Arc<World>, Arc<Documents>) {
    let plan = Plan {
        gateways: 1,
        orders: 0,
        capacity,
        has_breaker,
        is_silent: true,
        // Settings as they come: nothing is asked or given back before what is surely sent for the first time.
        at_work: false,
        repeated_order: RepeatedOrder::Refused,
        repeated_reservation: RepeatedReservation::Replaced,
        ..Plan::of(0).calm()
    };
    let (world, _) = World::begin(plan);
    let documents = Documents::written(&world).await;
    (world, Arc::new(documents))
}

/// Sends so many a second, evenly, for so long, and waits for all answers.
async fn send(
    (world, documents): (&Arc<World>, &Arc<Documents>),
    (kind, per_second): (Kind, u32),
    time: Duration,
) -> Counts {
    let wire = Wire { world: Arc::downgrade(world), from: Sender::Store };
    let begun = Instant::now();
    let calls = u64::from(per_second) * time.as_secs();
    let mut sending = JoinSet::new();
    for number in 0..calls {
        // A reservation and the order that follows from it have one number.
        let call = documents.of(kind, begun.elapsed().as_secs() * 1_000_000 + number, world.now());
        let wire = wire.clone();
        sleep_until(begun + time.mul_f64(number as f64 / calls as f64)).await;
        sending.spawn(async move { wire.send(call).await });
    }
    let mut counts = Counts::default();
    while let Some(answer) = sending.join_next().await {
        counts.count(&answer.unwrap());
    }
    counts
}

#[test]
fn checkout_succeeds_while_ten_times_as_much_is_browsed_as_the_dom_bears() {
    let (browse, reserve, transfer) = in_simulated_time(0, async {
        let (world, documents) = world((Some(CAPACITY), true)).await;
        let with = (&world, &documents);
        let time = Duration::from_secs(60);
        tokio::join!(
            send(with, (Kind::Browse, 10 * PER_SECOND), time),
            send(with, (Kind::Reserve, PER_SECOND * 15 / 100), time),
            send(with, (Kind::Transfer, PER_SECOND * 15 / 100), time),
        )
    });
    let failed = reserve.in_band + reserve.faults + transfer.in_band + transfer.faults;
    assert!(f64::from(failed) <= 0.000_5 * f64::from(reserve.all() + transfer.all()), "{failed} failed");
    assert_eq!(browse.faults, 0, "{browse:?}");
    // What checkout leaves is not wasted: nearly 14 a second.
    assert!(browse.answered > 60 * PER_SECOND * 4 / 10, "{browse:?}");
}

/// Everything a store does, for so long: what came back, most often asked first.
async fn all_kinds(with: (&Arc<World>, &Arc<Documents>), time: Duration) -> [Counts; 3] {
    let (browse, reserve, transfer) = tokio::join!(
        send(with, (Kind::Browse, 12), time),
        send(with, (Kind::Reserve, 2), time),
        send(with, (Kind::Transfer, 2), time),
    );
    [browse, reserve, transfer]
}

/// A DOM that is away: how many calls of the stores came meanwhile and how many went to the DOM, and what
/// came back of those that were sent from 5 s after its return on.
fn outage((standing, has_breaker): (Standing, bool)) -> (u64, u64, [Counts; 3]) {
    in_simulated_time(0, async {
        let (world, documents) = world((None, has_breaker)).await;
        let with = (&world, &documents);
        all_kinds(with, Duration::from_secs(30)).await;
        let count = || (world.asking.load(Ordering::Relaxed), world.asked.load(Ordering::Relaxed));
        let before = count();
        world.set_dom(standing);
        let (_, after, well) = tokio::join!(
            all_kinds(with, AWAY + NORMAL),
            async {
                sleep(AWAY).await;
                world.set_dom(Standing::Up);
                count()
            },
            async {
                sleep(AWAY + NORMAL).await;
                all_kinds(with, Duration::from_secs(30)).await
            },
        );
        (after.0 - before.0, after.1 - before.1, well)
    })
}

#[test]
fn a_dead_dom_is_asked_less_and_is_back_to_normal_5_s_after_its_return() {
    // Without breakers the stores' calls and what is repeated of them go to the DOM. What may be reserved at a DOM that only
    // says nothing is given back by tries that have no other bound than a breaker.
    let cases = [(Standing::Refusing, true), (Standing::Refusing, false), (Standing::Silent, true)];
    for (standing, has_breaker) in cases {
        let (asking, asked, well) = outage((standing, has_breaker));
        assert!(asking > 120 * 16 - 10, "{standing:?}: {asking}");
        assert!(asked * 100 <= asking * 110, "{standing:?}: {asked} calls for {asking}");
        for counts in well {
            assert_eq!(counts.answered, counts.all(), "{standing:?}: {counts:?}");
        }
    }
}
