//! The order path in simulated time: gateways, a DOM and a store in one thread, with a network between them that loses,
//! delays and cuts by a seed.
//!
//! Every seed is another world: how bad it is, is drawn too. `SEED=17 cargo test --test simulation one_seed -- --nocapture`
//! replays one with all its events; `SEEDS=5000 cargo test --test simulation seeds` tries more of them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may end where the world is not as expected"
)]

#[path = "simulation/agent.rs"]
mod agent;
#[path = "simulation/fleet.rs"]
mod fleet;
#[path = "simulation/journal.rs"]
mod journal;
#[path = "simulation/judgement.rs"]
mod judgement;
#[path = "simulation/killed.rs"]
mod killed;
#[path = "simulation/ledger.rs"]
mod ledger;
#[path = "simulation/net.rs"]
mod net;
#[path = "simulation/overload.rs"]
mod overload;
#[path = "simulation/plan.rs"]
mod plan;
#[path = "simulation/seeds.rs"]
mod seeds;
#[path = "simulation/setting.rs"]
mod setting;
#[path = "simulation/shopper.rs"]
mod shopper;
#[path = "simulation/spoilt.rs"]
mod spoilt;
#[path = "simulation/troubles.rs"]
mod troubles;
#[path = "simulation/world.rs"]
mod world;
