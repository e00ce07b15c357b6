//! The documents: whole exchanges of the fixtures, and the same with a hundred lines.

use std::fs;
use std::path::Path;

use gateway_mapping::{Context, Mappings, Part, Source, load, render};
use gateway_model::{Record, Value};
use gateway_wire::{Limits, Tree};
use jiff::tz::TimeZone;

/// One translation: a document of one dialect, and the record that the other dialect writes for it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) from: &'static str,
    pub(crate) part: Part,
    pub(crate) to: &'static str,
    pub(crate) message: &'static str,
    pub(crate) record: Record<'static>,
    pub(crate) organization: Option<&'static str>,
}

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The mappings of this repository.
pub(crate) fn mappings() -> Mappings {
    let base = Path::new(ROOT).join("mappings");
    let mut sources = Vec::new();
    collect(&base, &base, &mut sources);
    let loaded = load(&sources);
    assert!(loaded.mappings.is_some(), "{}", render(&loaded.diagnostics, &sources, false));
    loaded.mappings.unwrap()
}

fn collect(folder: &Path, base: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, base, sources);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
            sources.push(Source::new(name, text));
        }
    }
}

/// All cases; small ones first.
pub(crate) fn cases(mappings: &Mappings) -> Vec<Case> {
    let availability =
        case(mappings, "availability/items-online-and-physical", REQUEST, "multiApi.availability.input");
    let reserve =
        case(mappings, "reserve/split-and-kit-at-a-store", REQUEST, "reserveAvailableInventory.input");
    let transfer = case(mappings, "transfer/ship-pickup-and-promotion", REQUEST, "createOrder.input");
    let history = case(mappings, "history/first-page-of-several", ANSWER, "ShowOrder.history");
    let named =
        |name, case: &Case| Case { name, text: case.text.clone(), record: case.record.clone(), ..*case };
    let wide = Case {
        text: wide_question(&availability.text),
        record: lengthened(mappings, &availability.record, &["lines"], 100),
        ..named("availability request, 100 lines", &availability)
    };
    let many_items = Case {
        text: repeated(&reserve.text, "<_ord:OrderItem>", "</_ord:OrderItem>", 100),
        record: lengthened(mappings, &reserve.record, &["promises"], 100),
        ..named("reservation, 100 lines", &reserve)
    };
    let large = Case {
        text: repeated(&transfer.text, "<_ord:OrderItem>", "</_ord:OrderItem>", 100),
        record: lengthened(mappings, &transfer.record, &["order", "lines"], 100),
        ..named("order transfer, 100 lines", &transfer)
    };
    let page = Case {
        text: repeated(&history.text, "<Order ", "</Order>", 100),
        record: lengthened(mappings, &history.record, &["orders"], 100),
        ..named("history answer, 100 orders", &history)
    };
    let small = [
        named("availability request", &availability),
        named("reservation", &reserve),
        named("order transfer", &transfer),
        named("history answer", &history),
    ];
    small.into_iter().chain([wide, many_items, large, page]).collect()
}

type Direction = (&'static str, &'static str, Part, &'static str, &'static str);

const REQUEST: Direction =
    ("hcl-commerce", "store-request.xml", Part::Request, "sterling", "dom-request.xml");
const ANSWER: Direction = ("sterling", "dom-answer.xml", Part::Answer, "hcl-commerce", "store-answer.xml");

/// A fixture exchange: its first document, and the record its second one was written from.
fn case(mappings: &Mappings, folder: &str, direction: Direction, message: &'static str) -> Case {
    let (from, source, part, to, target) = direction;
    let document = |name: &str| {
        fs::read_to_string(Path::new(ROOT).join("fixtures/exchanges").join(folder).join(name)).unwrap()
    };
    let written = document(target);
    let tree = Tree::parse(&written, mappings.names(), &Limits::default()).unwrap();
    let organization = (to == "sterling").then_some("NORDWIND");
    let context = Context { organization, zone: &TimeZone::UTC };
    let reading =
        mappings.dialect(to).unwrap().message(message).unwrap().read(&tree, tree.root(), &context).unwrap();
    let record = reading.record.into_owned();
    Case { name: message, text: document(source), from, part, to, message, record, organization }
}

/// A document in which everything from the first to the last element of a name is repeated until there are so many.
fn repeated(text: &str, open: &str, close: &str, count: usize) -> String {
    let start = text.find(open).unwrap();
    let end = text.rfind(close).unwrap() + close.len();
    let lines = &text[start..end];
    let times = count.div_ceil(lines.matches(open).count());
    format!("{}{}{}", &text[..start], vec![lines; times].join("\n      "), &text[end..])
}

/// The question for a hundred items.
fn wide_question(text: &str) -> String {
    let start = text.find("(PartNumber=").unwrap();
    let end = start + text[start..].find(')').unwrap();
    let items: Vec<_> = (0..100).map(|number| format!("PartNumber='LAMP-{number:04}-BRS'")).collect();
    format!("{}({}{}", &text[..start], items.join(" or "), &text[end..])
}

/// A record whose list has so many entries.
fn lengthened(mappings: &Mappings, record: &Record<'static>, path: &[&str], count: usize) -> Record<'static> {
    let mut record = record.clone();
    let vocabulary = mappings.vocabulary();
    let (first, rest) = path.split_first().unwrap();
    let field = vocabulary.record_type(record.kind).unwrap().field_named(first).unwrap();
    let value = record.get_mut(field).unwrap();
    match value {
        Value::List(list) => *list = list.iter().cloned().cycle().take(count).collect(),
        Value::Record(inner) => **inner = lengthened(mappings, inner, rest, count),
        Value::Absent | Value::Text(_) => {}
    }
    record
}
