//! What a translation costs beside a bare scan of the same bytes by the same quick-xml.
//!
//! A translation is: parse, find the message, read it into a record, write the record of the other side. What the
//! operation does between the two records is not measured here. The last lines print microseconds, MB/s and ratios,
//! each the median of alternating rounds in this one process, so that the ratios hold on any machine.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a benchmark is run by hand"
)]

mod documents;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use documents::{Case, cases, mappings};
use gateway_mapping::{Context, Mappings};
use gateway_wire::{Limits, Tree, soap};
use jiff::tz::TimeZone;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Rounds of which the median is taken.
const ROUNDS: usize = 31;

fn main() {
    let mappings = mappings();
    let cases = cases(&mappings);
    let mut criterion = Criterion::default().configure_from_args();
    for case in &cases {
        measure(&mut criterion, &mappings, case);
    }
    criterion.final_summary();
    println!(
        "{:<34} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>6}",
        "message", "bytes in", "out", "scan us", "parse", "read", "write", "MB/s", "x scan"
    );
    for case in &cases {
        print_row(&mappings, case);
    }
}

fn measure(criterion: &mut Criterion, mappings: &Mappings, case: &Case) {
    let mut group = criterion.benchmark_group(case.name);
    group.throughput(Throughput::Bytes(case.text.len() as u64));
    group.bench_function("bare scan", |bencher| bencher.iter(|| scan(black_box(&case.text))));
    let tree = Tree::parse(&case.text, mappings.names(), &Limits::default()).unwrap();
    group.bench_function("read", |bencher| bencher.iter(|| read(mappings, case, black_box(&tree))));
    let mut out = Vec::new();
    group.bench_function("write", |bencher| bencher.iter(|| write(mappings, case, &mut out)));
    group.bench_function("full translation", |bencher| {
        bencher.iter(|| full(mappings, case, &mut out));
    });
    group.finish();
}

/// All that quick-xml does by itself.
fn scan(text: &str) -> usize {
    let mut reader = Reader::from_str(text);
    let mut events = 0;
    while !matches!(reader.read_event().unwrap(), Event::Eof) {
        events += 1;
    }
    events
}

fn parse(mappings: &Mappings, case: &Case) -> usize {
    Tree::parse(black_box(&case.text), mappings.names(), &Limits::default()).unwrap().len()
}

fn read<'t>(mappings: &'t Mappings, case: &Case, tree: &'t Tree<'t>) -> usize {
    let payload = soap::open(tree).unwrap().payload;
    let message = mappings.dialect(case.from).unwrap().route(tree, payload, Some(case.part)).unwrap();
    let context = Context { organization: None, zone: &TimeZone::UTC };
    usize::from(message.read(tree, payload, &context).unwrap().record.is_empty())
}

fn write(mappings: &Mappings, case: &Case, out: &mut Vec<u8>) -> usize {
    let message = mappings.dialect(case.to).unwrap().message(case.message).unwrap();
    let context = Context { organization: case.organization, zone: &TimeZone::UTC };
    out.clear();
    message.write(black_box(&case.record), &context, out).unwrap();
    out.len()
}

fn full(mappings: &Mappings, case: &Case, out: &mut Vec<u8>) -> usize {
    let tree = Tree::parse(black_box(&case.text), mappings.names(), &Limits::default()).unwrap();
    read(mappings, case, &tree) + write(mappings, case, out)
}

fn print_row(mappings: &Mappings, case: &Case) {
    let mut out = Vec::new();
    let tree = Tree::parse(&case.text, mappings.names(), &Limits::default()).unwrap();
    let calls = 1_000_000usize.div_ceil(case.text.len());
    let mut rounds: Vec<[f64; 5]> = (0..ROUNDS)
        .map(|_| {
            [
                micros(calls, || scan(black_box(&case.text))),
                micros(calls, || parse(mappings, case)),
                micros(calls, || read(mappings, case, &tree)),
                micros(calls, || write(mappings, case, &mut out)),
                micros(calls, || full(mappings, case, &mut out)),
            ]
        })
        .collect();
    rounds.sort_by(|one, other| (one[4] / one[0]).total_cmp(&(other[4] / other[0])));
    let [scan, parse, read, write, full] = rounds[ROUNDS / 2];
    println!(
        "{:<34} {:>8} {:>8} {scan:>8.2} {parse:>8.2} {read:>8.2} {write:>8.2} {:>7.0} {:>6.2}",
        case.name,
        case.text.len(),
        out.len(),
        case.text.len() as f64 / full,
        full / scan
    );
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures real time")]
fn micros(calls: usize, mut run: impl FnMut() -> usize) -> f64 {
    let start = std::time::Instant::now();
    for _ in 0..calls {
        black_box(run());
    }
    start.elapsed().as_secs_f64() * 1e6 / calls as f64
}
