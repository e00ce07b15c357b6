//! How bad a world is: drawn by the seed, each trouble for itself, so that worlds with one kind of trouble come as well
//! as worlds with all.

use std::time::Duration;

use fastrand::Rng;
use gateway_simulator::{RepeatedOrder, RepeatedReservation};

/// A world to come.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) orders: u32,
    /// Shoppers at a time.
    pub(crate) shoppers: u32,
    pub(crate) gateways: usize,
    /// How often a gateway is killed.
    pub(crate) kills: u32,
    /// Milliseconds: the longest that all gateways live, and the longest that one is dead.
    pub(crate) lives: (u64, u64),
    /// How often the DOM refuses connections for a while.
    pub(crate) outages: u32,
    /// Of a thousand exchanges on each stretch of wire, so many go wrong.
    pub(crate) wire: Wire,
    /// Of a hundred writes at the DOM, so many are answered badly.
    pub(crate) bad_writes: u8,
    /// Of a hundred reads at the DOM.
    pub(crate) bad_reads: u8,
    /// Of a hundred pushes at the store.
    pub(crate) bad_pushes: u8,
    /// Of a hundred pushes that were taken, so many are told again, and so many are followed by an older one.
    pub(crate) repeated_pushes: u8,
    /// Of a hundred shoppers, so many cancel.
    pub(crate) cancels: u8,
    pub(crate) repeated_order: RepeatedOrder,
    pub(crate) repeated_reservation: RepeatedReservation,
    /// Whether a call whose sender has gone may still be at work at the DOM, for less than `settle_ms`; else it never arrives.
    pub(crate) at_work: bool,
    /// Milliseconds that a gateway's clock is off.
    pub(crate) skew_ms: i64,
    pub(crate) spoil: Option<Spoil>,
    /// What the DOM bears; any load if absent.
    pub(crate) capacity: Option<Capacity>,
    /// Whether the gateways ever leave one of the DOM's APIs alone.
    pub(crate) has_breaker: bool,
    /// Whether its journal stays empty.
    pub(crate) is_silent: bool,
}

/// What a DOM bears: so many requests at a time, each of which takes so long. More of them wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capacity {
    pub(crate) threads: usize,
    pub(crate) each: Duration,
}

/// What goes wrong on a wire, of a thousand exchanges.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wire {
    /// No connection.
    pub(crate) refused: u16,
    /// The request never arrives: a reset, or silence.
    pub(crate) lost: u16,
    /// The answer never arrives: a reset, or silence.
    pub(crate) unanswered: u16,
    /// The answer breaks off.
    pub(crate) cut: u16,
    /// The request arrives late.
    pub(crate) late: u16,
    /// The request arrives twice.
    pub(crate) twice: u16,
    /// The caller hangs up early.
    pub(crate) left: u16,
}

/// Something spoilt on purpose: a judge that cannot see it proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoil {
    /// The DOM loses an order it acknowledged.
    Lost,
    /// The DOM creates an order twice at one call.
    Doubled,
    /// The DOM never takes an order.
    Unresolved,
    /// The DOM reserves twice at one call.
    Orphan,
    /// The DOM takes a status back.
    Backwards,
    /// The store never takes a push.
    Undelivered,
    /// The gateways do not ask before they repeat.
    Unverified,
}

// === impl Plan ===

impl Plan {
    /// The world of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed ^ 0x0d05_e001);
        let dice = &mut dice;
        let mut plan = Self::drawn(seed, dice);
        if plan.repeated_order == RepeatedOrder::Accepted {
            // Of two transfers at work at two gateways neither can know, and such a DOM would take both: its stores wait for
            // an answer before they send again.
            (plan.wire.twice, plan.wire.left) = (0, 0);
        }
        plan
    }

    fn drawn(seed: u64, dice: &mut Rng) -> Self {
        Self {
            seed,
            orders: dice.u32(12..=32),
            shoppers: dice.u32(2..=8),
            gateways: dice.usize(1..=3),
            kills: if dice.bool() { dice.u32(1..=3) } else { 0 },
            lives: (60_000, 20_000),
            outages: if dice.u8(..3) == 0 { 1 } else { 0 },
            wire: Wire {
                refused: some(dice, 60),
                lost: some(dice, 40),
                unanswered: some(dice, 60),
                cut: some(dice, 30),
                late: some(dice, 30),
                twice: some(dice, 60),
                left: some(dice, 60),
            },
            bad_writes: percent(dice, 15),
            bad_reads: percent(dice, 10),
            bad_pushes: percent(dice, 10),
            repeated_pushes: percent(dice, 15),
            cancels: percent(dice, 20),
            repeated_order: if dice.u8(..3) == 0 { RepeatedOrder::Accepted } else { RepeatedOrder::Refused },
            repeated_reservation: if dice.bool() {
                RepeatedReservation::Added
            } else {
                RepeatedReservation::Replaced
            },
            at_work: dice.bool(),
            skew_ms: if dice.u8(..4) == 0 { dice.i64(-1_500..=1_500) } else { 0 },
            spoil: None,
            capacity: None,
            has_breaker: true,
            is_silent: false,
        }
    }

    /// The same world in which nothing goes wrong by itself.
    pub(crate) fn calm(self) -> Self {
        Self {
            kills: 0,
            outages: 0,
            wire: Wire::default(),
            bad_writes: 0,
            bad_reads: 0,
            bad_pushes: 0,
            repeated_pushes: 0,
            skew_ms: 0,
            ..self
        }
    }
}

/// In one world of three none of it.
fn some(dice: &mut Rng, most: u16) -> u16 {
    if dice.u8(..3) == 0 { 0 } else { dice.u16(1..=most) }
}

fn percent(dice: &mut Rng, most: u8) -> u8 {
    if dice.u8(..3) == 0 { 0 } else { dice.u8(1..=most) }
}
