//! What holds calls back, joins them and gives way, over real sockets: counted at the simulated DOM.

use gateway_simulator::serve::{Shows, Trouble};

use crate::gateway::{INVENTORY, ORDERS, Running, Settings};
use crate::stock::documents::{check, online, requirement, sent, transfer};
use crate::stock::world::{World, ago};

#[path = "policy/breaker.rs"]
mod breaker;
#[path = "policy/join.rs"]
mod join;
#[path = "policy/outage.rs"]
mod outage;
#[path = "policy/pool.rs"]
mod pool;
#[path = "policy/room.rs"]
mod room;

/// Every operation that asks the DOM, with the path and a document of it.
fn documents() -> [(&'static str, &'static str, String); 7] {
    let exchange = |operation, case| crate::documents::exchange(operation, case, "store-request.xml");
    let items = [sent("71", "P-001", "2")];
    [
        ("availability", INVENTORY, online(&["P-001"])),
        ("check", INVENTORY, check(&items)),
        ("history", ORDERS, exchange("history", "first-page-of-several")),
        ("details", ORDERS, exchange("details", "by-key")),
        ("reserve", INVENTORY, requirement("ReserveInventory", ("9001", &ago(0)), &items)),
        (
            "cancel_reservation",
            INVENTORY,
            exchange("cancel_reservation", "split-items-without-the-unallocated"),
        ),
        ("transfer", ORDERS, transfer(("9001", &ago(0)), &items)),
    ]
}

/// A gateway without a cache before a DOM with these tables.
async fn world_of(of_dom: &str) -> World {
    let of_dom = of_dom.to_owned();
    World::of("", |settings| Settings { of_dom, ..settings }).await
}

/// From now on every call to the DOM fails.
fn fails(world: &World) {
    world.dom.script().set_lasting(Some(Trouble::instead(Shows::Status(500))));
}

/// Waits until the metrics have this line.
async fn until_metric(gateway: &Running, wanted: &str) {
    let has = async || gateway.admin("/metrics").await.body.lines().any(|line| line == wanted);
    crate::gateway::within(async {
        while !has().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Requests that came to the DOM, of all operations.
fn asked(world: &World) -> u64 {
    let names = ["availability", "history", "details", "reserve", "cancel_reservation", "transfer"];
    names.into_iter().map(|name| world.dom.script().count(name).calls).sum()
}
