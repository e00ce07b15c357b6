//! What a look-up, a write, a decrement and a decision cost; a cache of 100,000 items at 5 locations.
//!
//!   cargo bench -p gateway-cache --bench records

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use gateway_cache::{
    Arrival, Bounds, Cache, Decrement, Fallback, Flags, Key, Location, PIECE, Row, Rule, Rules, Scope,
    Status, Stock, after_failure, decide,
};
use rust_decimal::Decimal;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STORE: &str = "11651";
const NOW_MS: i64 = 1_795_000_000_000;
const ITEMS: u64 = 100_000;
const LOCATIONS: [Location<&str>; 5] = [
    Location::Online,
    Location::Physical("BER-Alexanderplatz"),
    Location::Physical("HAM-Jungfernstieg"),
    Location::Physical("MUC-Marienplatz"),
    Location::Physical("ZRH-Bahnhofstrasse"),
];

fn records(criterion: &mut Criterion) {
    let cache = filled();
    let rule = rule();
    let mut numbers = (0..).map(|number: u64| number.wrapping_mul(7_919) % ITEMS);
    let mut item = move || numbers.next().map(name).unwrap_or_default();

    criterion.bench_function("get one of 500,000", |bencher| {
        bencher.iter_batched(
            &mut item,
            |item| cache.get(&key(&item, LOCATIONS[3]), &rule),
            criterion::BatchSize::SmallInput,
        );
    });
    criterion.bench_function("get 5 locations of an item", |bencher| {
        bencher.iter_batched(
            &mut item,
            |item| {
                let shelf = cache.shelf(STORE, &item);
                shelf.map(|shelf| LOCATIONS.map(|location| shelf.get(location, PIECE, &rule)))
            },
            criterion::BatchSize::SmallInput,
        );
    });
    let mut now_ms = NOW_MS;
    criterion.bench_function("put a newer one", |bencher| {
        bencher.iter_batched(
            &mut item,
            |item| {
                now_ms += 1;
                cache.put(&key(&item, LOCATIONS[3]), &stock(now_ms), Arrival::push(now_ms))
            },
            criterion::BatchSize::SmallInput,
        );
    });
    criterion.bench_function("put a late one", |bencher| {
        bencher.iter_batched(
            &mut item,
            |item| cache.put(&key(&item, LOCATIONS[3]), &stock(0), Arrival::push(now_ms)),
            criterion::BatchSize::SmallInput,
        );
    });
    let mut line = 0_u64;
    criterion.bench_function("decrement by an order line", |bencher| {
        bencher.iter_batched(
            || {
                line += 1;
                (item(), line.to_string())
            },
            |(item, line)| {
                let key = key(&item, LOCATIONS[0]);
                cache.decrement(
                    &Decrement { key, line: &line, quantity: Decimal::ONE, ordered_ms: now_ms },
                    now_ms,
                )
            },
            criterion::BatchSize::SmallInput,
        );
    });
}

fn decisions(criterion: &mut Criterion) {
    let rules = rules();
    let (rule, stock) = (rule(), stock(NOW_MS));
    criterion.bench_function("select among 1,003 rules", |bencher| {
        bencher.iter(|| {
            rules.select(black_box(STORE), black_box("LAMP-0000500"), black_box(LOCATIONS[2])).precedence
        });
    });
    criterion.bench_function("decide", |bencher| {
        bencher.iter(|| decide(black_box(Some(&stock)), &rule, black_box(Decimal::TWO), NOW_MS + 5_000));
    });
    criterion.bench_function("decide after a failure", |bencher| {
        bencher
            .iter(|| after_failure(black_box(Some(&stock)), &rule, black_box(Decimal::TWO), NOW_MS + 5_000));
    });
}

fn filled() -> Cache {
    let cache = Cache::new(Bounds { bytes: u64::MAX, order_lines: 200_000 });
    let stock = stock(NOW_MS);
    for number in 0..ITEMS {
        let rows = LOCATIONS.map(|location| Row { location, unit: PIECE, stock: Some(&stock) });
        cache.put_rows((STORE, &name(number)), &rows, Arrival::push(NOW_MS), |_| {});
    }
    cache.settle();
    cache
}

fn rule() -> Rule {
    Rule {
        name: "standard".into(),
        flags: Flags { memory: true, ask: true, decrement: true, update: true },
        threshold: Some(Decimal::TEN),
        fresh_above: Some(Duration::from_secs(3_600)),
        fresh_below: Some(Duration::from_secs(60)),
        fallback: Some(Fallback { status: Status::Unavailable, available_at: None, offset: None }),
        ..Rule::ask_always()
    }
}

fn rules() -> Rules {
    let of_items = (0..1_000).map(|number| Scope { item: Some(name(number).into()), ..Scope::default() });
    let of_places = [
        Scope { store: Some(STORE.into()), location: Some(Location::Online), ..Scope::default() },
        Scope { location: Some(Location::Physical("MUC-Marienplatz".into())), ..Scope::default() },
        Scope::default(),
    ];
    Rules::try_new(of_items.chain(of_places).map(|scope| (scope, rule())).collect()).unwrap_or_default()
}

fn key<'a>(item: &'a str, location: Location<&'static str>) -> Key<'a> {
    Key { store: STORE, item, location, unit: PIECE }
}

fn stock(told_ms: i64) -> Stock {
    Stock { dom_time_ms: Some(told_ms), ..Stock::new(Status::Available, Some(Decimal::from(148)), told_ms) }
}

fn name(number: u64) -> String {
    format!("LAMP-{number:07}")
}

criterion_group!(benches, records, decisions);
criterion_main!(benches);
