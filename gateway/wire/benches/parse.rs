//! What the tree costs beside a bare scan of the same bytes by the same quick-xml, and what escaping costs.
//!
//! The last lines print the ratios, each the median of alternating rounds in this one process, so that they hold on any
//! machine.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark is run by hand")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gateway_wire::{Limits, Names, NamesBuilder, Tree, escape_attribute, escape_text};
use quick_xml::Reader;
use quick_xml::events::Event;

const AVAILABILITY: &str =
    include_str!("../../../fixtures/wire/get-inventory-availability-by-partnumber-req.xml");
const TRANSFER: &str = include_str!("../../../fixtures/wire/process-order-transfer-req.xml");
const STERLING: &str = include_str!("../../../fixtures/wire/sterling-order-details.xml");

fn main() {
    let documents = [
        ("availability", AVAILABILITY.to_owned()),
        ("transfer", TRANSFER.to_owned()),
        ("transfer of 100 lines", transfer_of(294_000)),
        ("sterling order", STERLING.to_owned()),
    ];
    let mut criterion = Criterion::default().configure_from_args();
    for (name, text) in &documents {
        reading(&mut criterion, name, text);
    }
    writing(&mut criterion);
    criterion.final_summary();
    for (name, text) in &documents {
        print_ratio(name, text);
    }
}

fn reading(criterion: &mut Criterion, name: &str, text: &str) {
    let names = names_of(text);
    let limits = Limits::default();
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("bare scan", |bencher| bencher.iter(|| scan(black_box(text))));
    group.bench_function("tree", |bencher| {
        bencher.iter(|| Tree::parse(black_box(text), &names, &limits).unwrap().len());
    });
    group.bench_function("decode and tree", |bencher| {
        bencher.iter(|| {
            let text = gateway_wire::decode(black_box(text.as_bytes()), None, &limits).unwrap();
            Tree::parse(&text, &names, &limits).unwrap().len()
        });
    });
    group.bench_function("roxmltree", |bencher| {
        bencher.iter(|| roxmltree::Document::parse(black_box(text)).unwrap().root().range());
    });
    group.finish();
}

fn writing(criterion: &mut Criterion) {
    let plain = "LAMP-0042-BRS";
    let marked = "Tom & Jerry's <best> \"hits\"";
    let mut out = Vec::with_capacity(1 << 16);
    let mut group = criterion.benchmark_group("write 1000 values");
    for (name, value) in [("plain text", plain), ("text with markup", marked)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                (0..1000).for_each(|_| escape_text(black_box(value), &mut out).unwrap());
                out.len()
            });
        });
    }
    group.bench_function("plain attribute", |bencher| {
        bencher.iter(|| {
            out.clear();
            (0..1000).for_each(|_| escape_attribute(black_box(plain), &mut out).unwrap());
            out.len()
        });
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

/// The sample order, its lines repeated until the document has about this many bytes.
fn transfer_of(bytes: usize) -> String {
    let (before, rest) = TRANSFER.split_at(TRANSFER.find("<_ord:OrderItem>").unwrap());
    let last = "</_ord:OrderItem>";
    let (lines, after) = rest.split_at(rest.rfind(last).unwrap() + last.len());
    let count = (bytes - (TRANSFER.len() - lines.len())).div_ceil(lines.len());
    let repeated: Vec<&str> = std::iter::repeat_n(lines, count).collect();
    format!("{before}{}{after}", repeated.join("\n      "))
}

/// A table with all names of the document, as mappings would have interned them.
fn names_of(text: &str) -> Names {
    let mut builder = NamesBuilder::new();
    for node in roxmltree::Document::parse(text).unwrap().descendants() {
        builder.intern(node.tag_name().namespace().unwrap_or_default(), node.tag_name().name());
        for attribute in node.attributes() {
            builder.intern(attribute.namespace().unwrap_or_default(), attribute.name());
        }
    }
    builder.build()
}

fn print_ratio(name: &str, text: &str) {
    let names = names_of(text);
    let limits = Limits::default();
    let rounds = 2_000_000usize.div_ceil(text.len());
    let mut ratios: Vec<f64> = (0..31)
        .map(|_| {
            let bare = seconds(rounds, || scan(black_box(text)));
            let tree = seconds(rounds, || Tree::parse(black_box(text), &names, &limits).unwrap().len());
            tree / bare
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let elements = Tree::parse(text, &names, &limits).unwrap().len();
    let median = ratios.get(ratios.len() / 2).unwrap();
    println!("{name}: {} bytes, {elements} elements, tree / bare scan = {median:.2}", text.len());
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures real time")]
fn seconds(rounds: usize, mut run: impl FnMut() -> usize) -> f64 {
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        black_box(run());
    }
    start.elapsed().as_secs_f64()
}
