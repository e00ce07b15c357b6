//! Whole translations, bytes to bytes, beside a bare quick-xml scan of the same input in the same run.
//!
//! The rows are those of contract Sterling section 19. A row's time is all the gateway does between two sockets: decode,
//! parse, route, read, the operation, write; for an answer its question has been read before. After criterion's own
//! figures, or alone with `cargo bench -p gateway-exchange -- table`, the table of `gateway/BENCHMARKS.md` is printed:
//! medians of alternating rounds in this one process, so that the ratios hold on any machine.

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
