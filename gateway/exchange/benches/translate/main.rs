//! Whole translations, bytes to bytes, beside a bare quick-xml scan of the same input in the same run.
//!
//! The rows are those of contract Sterling section 19. A row's time is all the gateway does between two sockets: decode,
//! parse, route, read, the operation, write; for an answer its question has been read before. After criterion's own
//! figures, or alone with `cargo bench -p gateway-exchange -- table`, the table of `gateway/BENCHMARKS.md` is printed:
//! medians of alternating rounds in this one process, so that the ratios hold on any machine. For a profiler,
//! `cargo bench -p gateway-exchange -- repeat 'transfer, 5000 lines' 20` translates one document so many times.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a benchmark may end where its documents are not there, and prints"
)]

mod documents;
mod road;
mod table;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use mimalloc::MiMalloc;
use road::{Bench, scan};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    let bench = Bench::load();
    let arguments: Vec<_> = std::env::args().skip_while(|argument| argument != "repeat").skip(1).collect();
    if let [name, times, ..] = arguments.as_slice() {
        return repeat(&bench, name, times.parse().unwrap());
    }
    let mut criterion = Criterion::default().configure_from_args();
    for row in documents::rows() {
        let tree = bench.request(&row);
        let case = bench.case(&row, tree.as_ref());
        let mut group = criterion.benchmark_group(row.name.clone());
        group.throughput(Throughput::Bytes(row.document.len() as u64));
        group.bench_function("bare scan", |bencher| bencher.iter(|| scan(black_box(&row.document))));
        group.bench_function("translate", |bencher| bencher.iter(|| case.translate()));
        group.finish();
    }
    criterion.final_summary();
    let profiling =
        std::env::args().any(|argument| ["--profile-time", "--list"].contains(&argument.as_str()));
    if !profiling {
        table::print(&bench);
    }
}

/// Translates one document of the two tables so many times.
fn repeat(bench: &Bench, name: &str, times: usize) {
    let growth = documents::growth().into_iter().map(|(row, _)| row);
    let row = documents::rows().into_iter().chain(growth).find(|row| row.name == name).unwrap();
    let tree = bench.request(&row);
    let case = bench.case(&row, tree.as_ref());
    println!("{} bytes written", (0..times).map(|_| black_box(case.translate())).sum::<usize>());
}
