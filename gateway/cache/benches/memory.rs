//! Bytes of resident memory per record, with the allocator of the program: 200,000 items at 5 locations, or as
//! many items as `ITEMS` says; and what writing them costs, row by row and item by item.
//!
//!   cargo bench -p gateway-cache --bench memory
//!   ITEMS=1000000 cargo bench -p gateway-cache --bench memory
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
    #[expect(clippy::disallowed_methods, reason = "a switch of this program, not a setting of the gateway")]
    let items = std::env::var("ITEMS").ok().and_then(|items| items.parse().ok()).unwrap_or(200_000);
    by_item(items);
    by_row(items);
}

fn by_row(items: u64) {
    let cache = Cache::new(Bounds { bytes: u64::MAX, order_lines: 1 });
    let took = clock(|| {
        for number in 0..items {
            let item = item(number);
            for location in LOCATIONS {
                let key = gateway_cache::Key { store: STORE, item: &item, location, unit: PIECE };
                cache.put(&key, &stock(number), Arrival::push(NOW_MS));
            }
        }
    });
    println!("row by row:   {:>9.0} records/s", rate(items, took));
    drop(cache);
}

fn by_item(items: u64) {
    let before = resident_bytes();
    let cache = Cache::new(Bounds { bytes: u64::MAX, order_lines: 1 });
    let took = clock(|| {
        for number in 0..items {
            let stock = stock(number);
            let rows = LOCATIONS.map(|location| Row { location, unit: PIECE, stock: Some(&stock) });
            cache.put_rows((STORE, &item(number)), &rows, Arrival::push(NOW_MS), |_| {});
        }
    });
    println!("item by item: {:>9.0} records/s", rate(items, took));
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

fn clock(work: impl FnOnce()) -> Duration {
    #[expect(clippy::disallowed_types, reason = "nothing here is paused")]
    let start = std::time::Instant::now();
    work();
    start.elapsed()
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
