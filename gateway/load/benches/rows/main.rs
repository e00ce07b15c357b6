//! Rows per second of a batch file into a sink that keeps nothing, beside a bare scan of the same bytes by the same
//! parser; and the memory of a load of any length.
//!
//! `cargo bench -p gateway-load`. The last line prints the process's peak memory after a file of ten million rows that
//! stands nowhere: it is made as it is read.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark is run by hand"
)]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read};

use criterion::{Criterion, Throughput};
use csv_core::{ReadRecordResult, Reader};
use gateway_load::{CsvParams, CsvRows, DryRun, Load, LoadParams, Next, Silent, Summary, load_csv};
use jiff::tz::TimeZone;

const ROWS: u64 = 200_000;
const ROWS_OF_LONG_FILE: u64 = 10_000_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let export = file(|_| "2024-06-11 12:00:00.000".to_owned());
    let changes =
        file(|row| format!("2024-06-11 {:02}:{:02}:{:02}.{:03}", row % 24, row % 60, row % 59, row % 997));
    let quoted =
        export.lines().map(|line| format!("\"{}\"\n", line.replace(',', "\",\""))).collect::<String>();
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let in_berlin = CsvParams { zone: berlin, ..CsvParams::default() };
    let utc = CsvParams::default();

    let mut group = criterion.benchmark_group("200,000 rows");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("bare scan", |bencher| bencher.iter(|| scan(black_box(export.as_bytes()))));
    group.bench_function("read", |bencher| bencher.iter(|| read(black_box(export.as_bytes()), &utc)));
    let cases = [
        ("load, one time of update", &export, &utc),
        ("load, many times of update", &changes, &utc),
        ("load, many times of update, zone with summer time", &changes, &in_berlin),
        ("load, all quoted", &quoted, &utc),
    ];
    for (name, file, params) in cases {
        group.bench_function(name, |bencher| {
            bencher.iter(|| load(black_box(file.as_bytes()), params));
        });
    }
    group.finish();
    criterion.final_summary();
    print_memory();
}

/// Items at five locations each, one row per location.
fn file(updated: impl Fn(u64) -> String) -> String {
    (0..ROWS).fold(String::new(), |mut text, row| {
        push_row(&mut text, row, &updated(row));
        text
    })
}

fn push_row(text: &mut String, row: u64, updated: &str) {
    let (item, place) = (row / 5, row % 5);
    let location = if place == 0 { "11651,".to_owned() } else { format!(",Store-{place:03}") };
    writeln!(text, "LAMP-{item:07},{location},AVL,{}.0,C62,,,{updated},11651,,,,", row % 997).unwrap();
}

fn scan(mut bytes: &[u8]) -> u64 {
    let (mut text, mut ends) = (vec![0; 4096], [0; 32]);
    let (mut parser, mut rows) = (Reader::new(), 0);
    loop {
        let (result, read, _, _) = parser.read_record(bytes, &mut text, &mut ends);
        bytes = &bytes[read..];
        match result {
            ReadRecordResult::Record => rows += 1,
            ReadRecordResult::End => return rows,
            _ => {}
        }
    }
}

fn read(source: impl Read, params: &CsvParams) -> u64 {
    let (mut rows, mut count) = (CsvRows::open(source, params).unwrap(), 0);
    while let Next::Row(row) = rows.next_row().unwrap() {
        count += row.line & 1;
    }
    count
}

fn load(source: impl Read, params: &CsvParams) -> Summary {
    let (mut sink, mut observer) = (DryRun, Silent);
    let load = Load::begin(&LoadParams::default(), &mut sink, &mut observer).unwrap();
    load_csv(source, params, load).unwrap()
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
                push_row(&mut self.text, self.row, "2024-06-11 12:00:00.000");
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
    let before = kilobytes("VmRSS:");
    let summary = load(LongFile::default(), &CsvParams::default());
    let after = kilobytes("VmRSS:");
    println!(
        "{} rows, {} bytes: resident memory {before} kB before, {after} kB after",
        summary.rows, summary.bytes
    );
}

fn kilobytes(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
