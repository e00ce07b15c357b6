//! What is written comes back, in its place, as few bytes.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{Block, Draft};
use crate::key::{Location, PIECE};
use crate::record::{Record, Taking};
use crate::stock::{AGELESS, Status, Stock};

fn decimals() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (0_i64..1_000).prop_map(Decimal::from),
        (any::<i64>(), 0_u32..=28).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale)),
        Just(Decimal::MAX),
        Just(Decimal::MIN),
    ]
}

fn times() -> impl Strategy<Value = i64> {
    prop_oneof![1_767_000_000_000_i64..1_900_000_000_000, any::<i64>(), Just(AGELESS), Just(i64::MIN)]
}

fn takings() -> impl Strategy<Value = Vec<Taking>> {
    let taking = (times(), times(), decimals(), any::<Option<u32>>()).prop_map(
        |(ordered_ms, arrived_ms, quantity, line)| Taking { ordered_ms, arrived_ms, quantity, line },
    );
    prop::collection::vec(taking, 0..4)
}

fn stocks() -> impl Strategy<Value = Stock> {
    let statuses = prop::sample::select(&[Status::Available, Status::Backorderable, Status::Unavailable][..]);
    let texts = || prop::option::of("[0-9T:.Z-]{0,30}");
    (
        statuses,
        prop::option::of(decimals()),
        (texts(), texts()),
        any::<Option<i64>>(),
        prop::option::of(times()),
        times(),
        prop::option::of(times()),
    )
        .prop_map(
            |(status, quantity, (available_at, more_at), offset, dom_time_ms, fetched_ms, old_since_ms)| {
                Stock {
                    status,
                    quantity,
                    available_at: available_at.map(Into::into),
                    more_at: more_at.map(Into::into),
                    offset,
                    dom_time_ms,
                    fetched_ms,
                    old_since_ms,
                }
            },
        )
}

fn records() -> impl Strategy<Value = Record> {
    (stocks(), prop::option::of(times()), times(), any::<bool>(), any::<u32>(), takings()).prop_map(
        |(stock, floor, told_ms, from_answer, generation, takings)| Record {
            newest_dom_ms: stock.dom_time_ms.or(floor),
            stock,
            told_ms,
            from_answer,
            generation,
            takings,
        },
    )
}

fn slots() -> impl Strategy<Value = (Option<String>, String)> {
    (prop::option::of("[A-Za-zé-]{0,12}"), prop_oneof![Just(PIECE.to_owned()), "[A-Z]{1,3}"])
}

fn slot((name, unit): &(Option<String>, String)) -> (Location<&str>, &str) {
    (name.as_deref().map_or(Location::Online, Location::Physical), unit)
}

proptest! {
    #[test]
    fn every_record_comes_back_as_it_was(slot_of in slots(), record in records()) {
        let mut draft = Draft::default();
        draft.put(slot(&slot_of), &record);
        let block = draft.block();
        prop_assert_eq!(block.find(slot(&slot_of)), Some(record.clone()));
        prop_assert_eq!(block.iter().collect::<Vec<_>>(), vec![(slot(&slot_of), record)]);
    }

    #[test]
    fn a_block_is_a_sorted_map(
        writes in prop::collection::vec((slots(), prop::option::of(records())), 0..20),
        asked in slots(),
    ) {
        let mut model = std::collections::BTreeMap::new();
        let mut draft = Draft::default();
        for (slot_of, record) in &writes {
            match record {
                Some(record) => {
                    draft.put(slot(slot_of), record);
                    model.insert(slot(slot_of), record);
                }
                None => prop_assert_eq!(draft.remove(slot(slot_of)), model.remove(&slot(slot_of)).is_some()),
            }
        }
        prop_assert_eq!(draft.is_empty(), model.is_empty());
        let block = draft.block();
        let found = block.find(slot(&asked));
        prop_assert_eq!(found.as_ref(), model.get(&slot(&asked)).copied());
        let held: Vec<_> = block.iter().collect();
        let expected: Vec<_> = model.into_iter().map(|(slot, record)| (slot, record.clone())).collect();
        prop_assert_eq!(held, expected);
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let block = Block(bytes.into());
        block.iter().for_each(drop);
        block.find((Location::Physical("MUC"), PIECE));
    }
}

#[test]
fn an_ordinary_record_takes_less_than_thirty_bytes() {
    let fetched_ms = 1_795_000_000_000;
    let stock = Stock {
        dom_time_ms: Some(fetched_ms - 2_000),
        ..Stock::new(Status::Available, Some(Decimal::from(148)), fetched_ms)
    };
    let record = Record {
        newest_dom_ms: stock.dom_time_ms,
        stock,
        told_ms: fetched_ms,
        from_answer: false,
        generation: 3,
        takings: Vec::new(),
    };
    let mut draft = Draft::default();
    draft.put((Location::Physical("MUC-Marien"), PIECE), &record);
    assert!(draft.block().len() < 30);
}
