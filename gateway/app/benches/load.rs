//! Rows per second of a batch file into the cache, through the sink that the gateway uses, beside the same file only read;
//! and the memory of a file of ten million rows that stands nowhere.
//!
//! `cargo bench -p dom-gateway --bench load`. Files are sorted by item, five locations each, as exports are; one is
//! shuffled. Every file replaces records that are there, as a nightly file does, but for the first.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark is run by hand"
)]

use std::convert::Infallible;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read};

use criterion::{BatchSize, Criterion, Throughput};
use dom_gateway::config;
use dom_gateway::load::CacheSink;
use dom_gateway::stock::Stocks;
use gateway_cache::{Flags, Rule, Scope};
use gateway_load::{CsvParams, DryRun, Load, LoadParams, Silent, Sink, Summary, load_csv};

/// As the process has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: u64 = 200_000;
const ROWS_OF_LONG_FILE: u64 = 10_000_000;
/// The same items come again after so many rows, so that the cache's own size stays what it is.
const ROWS_OF_A_ROUND: u64 = 500_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("200,000 rows");
    group.throughput(Throughput::Elements(ROWS));
    let sorted = file((0..ROWS).collect());
    let mut order: Vec<u64> = (0..ROWS).collect();
    fastrand::Rng::with_seed(1).shuffle(&mut order);
    let shuffled = file(order);
    group.bench_function("only read", |bencher| {
        bencher.iter(|| load(black_box(sorted.as_bytes()), &mut DryRun));
    });
    group.bench_function("into an empty cache", |bencher| {
        bencher.iter_batched(
            stocks,
            |stocks| {
                load(sorted.as_bytes(), &mut CacheSink::new(&stocks, &now));
                stocks
            },
            BatchSize::PerIteration,
        );
    });
    for (name, file) in [("over records that are there", &sorted), ("shuffled, over records", &shuffled)] {
        let stocks = stocks();
        load(sorted.as_bytes(), &mut CacheSink::new(&stocks, &now));
        group.bench_function(name, |bencher| {
            bencher.iter(|| load(black_box(file.as_bytes()), &mut CacheSink::new(&stocks, &now)));
        });
    }
    group.finish();
    criterion.final_summary();
    print_memory();
}

fn now() -> i64 {
    1_795_000_000_000
}

fn stocks() -> Stocks {
    let flags = Flags { memory: true, ask: true, decrement: true, update: true };
    let rule = Rule { name: "standard".into(), flags, ..Rule::ask_always() };
    let rules = vec![(Scope::default(), rule)];
    Stocks::new(&config::Cache { bytes: 4 << 30, rules, ..config::Cache::default() }, ["11651".to_owned()])
        .unwrap()
}

fn load(source: impl Read, sink: &mut impl Sink<Error = Infallible>) -> Summary {
    let mut observer = Silent;
    let params = LoadParams::default();
    let Ok(load) = Load::begin(&params, sink, &mut observer);
    load_csv(source, &CsvParams::default(), load).unwrap()
}

fn file(rows: Vec<u64>) -> String {
    rows.into_iter().fold(String::new(), |mut text, row| {
        push_row(&mut text, row, row % 997);
        text
    })
}

/// Without a time of update, so that each round is news.
fn push_row(text: &mut String, row: u64, quantity: u64) {
    let (item, place) = (row / 5, row % 5);
    let location = if place == 0 { "11651,".to_owned() } else { format!(",Store-{place:03}") };
    writeln!(text, "LAMP-{item:07},{location},AVL,{quantity}.0,C62,,,,11651,,,,").unwrap();
}

/// A file that is made as it is read.
#[derive(Default)]
struct LongFile {
    text: String,
    given: usize,
    row: u64,
}

impl Read for LongFile {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.text.clear();
            self.given = 0;
            for _ in 0..(ROWS_OF_LONG_FILE - self.row).min(1000) {
                let round = self.row / ROWS_OF_A_ROUND;
                push_row(&mut self.text, self.row % ROWS_OF_A_ROUND, round);
                self.row += 1;
            }
        }
        let rest = &self.text.as_bytes()[self.given..];
        let length = rest.len().min(room.len());
        room[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

fn print_memory() {
    let stocks = stocks();
    let mut first = LongFile { row: ROWS_OF_LONG_FILE - ROWS_OF_A_ROUND, ..LongFile::default() };
    load(&mut first, &mut CacheSink::new(&stocks, &now));
    let before = kilobytes("VmRSS:");
    let summary = load(LongFile::default(), &mut CacheSink::new(&stocks, &now));
    let after = kilobytes("VmRSS:");
    println!("{} rows: resident memory {before} kB with the cache filled, {after} kB after", summary.rows);
}

fn kilobytes(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
