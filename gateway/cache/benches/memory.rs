//! Bytes of resident memory per record, with the allocator of the program: 200,000 items at 5 locations, or as
//! many items as `ITEMS` says; and what writing them costs, row by row and item by item.
//!
//!   cargo bench -p gateway-cache --bench memory
//!   ITEMS=1000000 cargo bench -p gateway-cache --bench memory
//!   ITEMS=1000000 BYTES=67108864 cargo bench -p gateway-cache --bench memory     with a bound of 64 MiB
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measuring program")]

use std::time::Duration;

use gateway_cache::{Arrival, Bounds, Cache, Location, PIECE, Row, Status, Stock};
use rust_decimal::Decimal;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STORE: &str = "11651";
const NOW_MS: i64 = 1_795_000_000_000;
const LOCATIONS: [Location<&str>; 5] = [
    Location::Online,
    Location::Physical("BER-Alexanderplatz"),
    Location::Physical("HAM-Jungfernstieg"),
    Location::Physical("MUC-Marienplatz"),
    Location::Physical("ZRH-Bahnhofstrasse"),
];

fn main() {
    let items = switch("ITEMS").unwrap_or(200_000);
    let bounds = Bounds { bytes: switch("BYTES").unwrap_or(u64::MAX), order_lines: 1 };
    by_item(items, bounds);
    by_row(items, bounds);
}

#[expect(clippy::disallowed_methods, reason = "a switch of this program, not a setting of the gateway")]
fn switch(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn by_row(items: u64, bounds: Bounds) {
    let cache = Cache::new(bounds);
    let took = clock(|| {
        for number in 0..items {
            let item = item(number);
            for location in LOCATIONS {
                let key = gateway_cache::Key { store: STORE, item: &item, location, unit: PIECE };
                cache.put(&key, &stock(number), Arrival::push(NOW_MS));
            }
        }
    });
    println!("row by row:   {:>9.0} records per second of processor time", rate(items, took));
    drop(cache);
}

fn by_item(items: u64, bounds: Bounds) {
    let before = resident_bytes();
    let cache = Cache::new(bounds);
    let took = clock(|| {
        for number in 0..items {
            let stock = stock(number);
            let rows = LOCATIONS.map(|location| Row { location, unit: PIECE, stock: Some(&stock) });
            cache.put_rows((STORE, &item(number)), &rows, Arrival::push(NOW_MS), |_| {});
        }
    });
    println!("item by item: {:>9.0} records per second of processor time", rate(items, took));
    println!("resident before settling: {} bytes", resident_bytes() - before);
    cache.settle();
    let (entries, weight) = cache.held();
    let records = entries * LOCATIONS.len() as u64;
    let resident = resident_bytes() - before;
    println!("{records} records of {entries} items: {resident} bytes resident");
    println!("{:.1} bytes resident per record", resident as f64 / records as f64);
    println!("{:.1} bytes of weight per record", weight as f64 / records as f64);
}

/// A record as a push brings it, 3 digits of pieces, 2 seconds under way.
fn stock(number: u64) -> Stock {
    let quantity = Decimal::from(number % 900);
    let fetched_ms = NOW_MS + i64::try_from(number).unwrap_or_default();
    Stock {
        dom_time_ms: Some(fetched_ms - 2_000),
        ..Stock::new(Status::Available, Some(quantity), fetched_ms)
    }
}

fn item(number: u64) -> String {
    format!("LAMP-{number:07}")
}

/// The time the processor worked for this thread, so that other programs on the machine do not count.
fn clock(work: impl FnOnce()) -> Duration {
    let before = processor_time();
    work();
    processor_time().saturating_sub(before)
}

fn processor_time() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a machine with /proc");
    let nanoseconds =
        times.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number");
    Duration::from_nanos(nanoseconds)
}

fn rate(items: u64, took: Duration) -> f64 {
    (items * LOCATIONS.len() as u64) as f64 / took.as_secs_f64()
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a machine with /proc");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the size in memory");
    let kilobytes: u64 =
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    kilobytes * 1_024
}
