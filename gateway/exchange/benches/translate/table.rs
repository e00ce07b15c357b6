//! The table: each row's bytes, microseconds, MB/s, and its ratios to the bare scan and to libxslt.

use std::hint::black_box;

use crate::documents::{self, Row};
use crate::road::{Bench, Case, scan};

/// Rounds of which the median is taken; each round measures everything once, so that all meet the same disturbances.
const ROUNDS: usize = 61;
/// Bytes read per measurement, so that a small document is measured over many calls.
const BYTES: usize = 400_000;

pub(crate) fn print(bench: &Bench) {
    println!(
        "\n{:<32} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>6} {:>9} {:>9} {:>8} {:>7}",
        "message",
        "bytes in",
        "out",
        "scan us",
        "tree us",
        "us",
        "MB/s",
        "x scan",
        "libxslt's",
        "out",
        "us",
        "factor"
    );
    for row in documents::rows() {
        print_row(bench, &row);
    }
    println!(
        "\n{:<32} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "growth", "bytes in", "out", "us", "us/line", "scan/line", "tree/line", "x scan"
    );
    for (row, lines) in documents::growth() {
        print_growth(bench, &row, lines);
    }
}

fn print_row(bench: &Bench, row: &Row) {
    let tree = bench.request(row);
    let case = bench.case(row, tree.as_ref());
    let [scan, tree, whole] = medians(row, &case, BYTES);
    let bytes = row.document.len();
    let Some(libxslt) = row.libxslt else { return };
    println!(
        "{:<32} {bytes:>9} {:>9} {scan:>9.2} {tree:>9.2} {whole:>9.2} {:>6.0} {:>6.2} {:>9} {:>9} {:>8} {:>7.1}",
        row.name,
        case.translate(),
        bytes as f64 / whole,
        whole / scan,
        libxslt.bytes_in,
        libxslt.bytes_out,
        libxslt.us,
        libxslt.us / whole
    );
}

fn print_growth(bench: &Bench, row: &Row, lines: usize) {
    let tree = bench.request(row);
    let case = bench.case(row, tree.as_ref());
    let [scan, tree, whole] = medians(row, &case, BYTES);
    let per_line = |us: f64| us / lines as f64;
    println!(
        "{:<32} {:>9} {:>9} {whole:>9.1} {:>9.3} {:>9.3} {:>9.3} {:>9.2}",
        row.name,
        row.document.len(),
        case.translate(),
        per_line(whole),
        per_line(scan),
        per_line(tree),
        whole / scan
    );
}

/// Medians of the bare scan, the tree and the whole translation, in microseconds.
fn medians(row: &Row, case: &Case<'_>, bytes: usize) -> [f64; 3] {
    let calls = bytes.div_ceil(row.document.len());
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let measured = [
            micros(calls, || scan(black_box(&row.document))),
            micros(calls, || case.parse()),
            micros(calls, || case.translate()),
        ];
        rounds.iter_mut().zip(measured).for_each(|(round, micros)| round.push(micros));
    }
    rounds.map(|mut round: Vec<f64>| {
        round.sort_by(f64::total_cmp);
        round.get(ROUNDS / 2).copied().unwrap_or_default()
    })
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures real time")]
fn micros(calls: usize, mut run: impl FnMut() -> usize) -> f64 {
    let start = std::time::Instant::now();
    for _ in 0..calls {
        black_box(run());
    }
    start.elapsed().as_secs_f64() * 1e6 / calls as f64
}
