//! Whole translations, bytes to bytes, beside a bare quick-xml scan of the same input in the same run.
//!
//! The rows are those of contract Sterling section 19: small documents as they stand in `fixtures/exchanges`, and the
//! same with one hundred lines. `cargo bench -p gateway-exchange` prints a table with the ratio to the scan.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a benchmark may end where its documents are not there, and prints"
)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gateway_exchange::Interpreter;
use gateway_mapping::{Side, Source};
use gateway_operation::frame::Stamp;
use gateway_wire::{Limits, soap};
use jiff::tz::TimeZone;
use mimalloc::MiMalloc;
use quick_xml::events::Event;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// One row: its name, the document, and the store's request if the document answers one.
struct Row {
    name: String,
    from: Side,
    document: String,
    request: Option<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn interpreter() -> Interpreter {
    let mut sources = Vec::new();
    collect(&root().join("mappings"), "", &mut sources);
    let loaded = gateway_mapping::load(&sources);
    Interpreter::new(loaded.mappings.unwrap(), TimeZone::UTC, Limits::default()).unwrap()
}

fn collect(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &path, sources);
        } else if [".xml", ".toml", ".csv"].iter().any(|ending| name.ends_with(ending)) {
            sources.push(Source { path, text: fs::read_to_string(entry.path()).unwrap() });
        }
    }
}

fn fixture(path: &str) -> String {
    fs::read_to_string(root().join("fixtures").join(path)).unwrap()
}

/// The document with its first `element` repeated, each copy with its own ids: every `id` in it gets a number behind it.
fn widened(document: &str, element: &str, ids: &[&str]) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let start = document.find(&open).unwrap();
    let end = start + document[start..].find(&close).unwrap() + close.len();
    let last = document.rfind(&close).unwrap() + close.len();
    let mut wide = document[..start].to_owned();
    for number in 100..200 {
        let mut line = document[start..end].to_owned();
        for id in ids {
            line = line.replace(id, &format!("{id}{number}"));
        }
        wide.push_str(&line);
    }
    wide.push_str(&document[last..]);
    wide
}

fn rows() -> Vec<Row> {
    let exchange = |case: &str, file: &str| fixture(&format!("exchanges/{case}/{file}"));
    let transfer = exchange("transfer/ship-pickup-and-promotion", "store-request.xml");
    let reserve = exchange("reserve/split-and-kit-at-a-store", "store-request.xml");
    vec![
        ask("availability request", exchange("availability/items-online-and-physical", "store-request.xml")),
        ask("reserve request", reserve.clone()),
        ask("reserve request, 100 lines", widened(&reserve, "_ord:OrderItem", &["845101", "91001"])),
        ask("transfer", transfer.clone()),
        ask("transfer, 100 lines", widened(&transfer, "_ord:OrderItem", &["845101"])),
    ]
}

fn ask(name: &str, document: String) -> Row {
    Row { name: name.to_owned(), from: Side::Store, document, request: None }
}

fn translate(interpreter: &Interpreter, row: &Row) -> usize {
    let (store, dom) = interpreter.only_dialects().unwrap();
    let (from, to) = if row.from == Side::Store { (store, dom) } else { (dom, store) };
    let stamp = Stamp {
        sent_at: "2026-07-15T12:00:00Z".parse().unwrap(),
        message_id: "00000000-0000-0000-0000-000000000000",
    };
    let text = interpreter.decode(row.document.as_bytes(), None).unwrap();
    let tree = interpreter.parse(&text).unwrap();
    let payload = soap::open(&tree).unwrap().payload;
    let request = row.request.as_ref().map(|text| interpreter.parse(text).unwrap());
    let asked = request.as_ref().map(|tree| (tree, soap::open(tree).unwrap().payload));
    let translation = interpreter.translate((from, to), (&tree, payload), asked, stamp).unwrap();
    translation.documents.iter().map(Vec::len).sum()
}

fn scan(document: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(document);
    let mut events = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return events,
            event => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

fn bench(criterion: &mut Criterion) {
    let interpreter = interpreter();
    for row in rows() {
        println!(
            "{}: {} bytes in, {} bytes out",
            row.name,
            row.document.len(),
            translate(&interpreter, &row)
        );
        let mut group = criterion.benchmark_group(row.name.clone());
        group.throughput(Throughput::Bytes(row.document.len() as u64));
        group.measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
        group.bench_with_input(BenchmarkId::from_parameter("bare scan"), &row, |bencher, row| {
            bencher.iter(|| scan(black_box(&row.document)));
        });
        group.bench_with_input(BenchmarkId::from_parameter("translate"), &row, |bencher, row| {
            bencher.iter(|| translate(&interpreter, black_box(row)));
        });
        group.finish();
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
