//! What the cache does beyond one record: bounds, scopes, many writers, counting.

use std::sync::atomic::{AtomicI64, Ordering};

use rust_decimal::Decimal;

use crate::cache::{Bounds, Cache, Decrement, Found, GiveBack, Lowered, Row};
use crate::key::{Key, Location, PIECE, Scope};
use crate::meter::Divergence;
use crate::record::{Arrival, Taken};
use crate::rule::Rule;
use crate::stock::{Status, Stock};

const KEY: Key<'_> = Key { store: "11651", item: "LAMP", location: Location::Online, unit: PIECE };
const MUC: Location<&str> = Location::Physical("MUC");

fn cache() -> Cache {
    Cache::new(Bounds { bytes: 10 << 20, order_lines: 100 })
}

fn available(quantity: i64, fetched_ms: i64) -> Stock {
    Stock::new(Status::Available, Some(Decimal::from(quantity)), fetched_ms)
}

fn quantity(cache: &Cache, key: &Key<'_>) -> Option<Decimal> {
    cache.get(key, &Rule::ask_always())?.quantity
}

fn is_old(cache: &Cache, key: &Key<'_>) -> bool {
    cache.get(key, &Rule::ask_always()).is_some_and(|stock| stock.old_since_ms.is_some())
}

#[test]
fn every_part_of_a_key_tells_records_apart() {
    let cache = cache();
    let keys = [
        KEY,
        Key { store: "10101", ..KEY },
        Key { item: "RUG", ..KEY },
        Key { location: MUC, ..KEY },
        Key { location: Location::Physical("ZRH"), ..KEY },
        Key { unit: "KGM", ..KEY },
        Key { location: MUC, unit: "KGM", ..KEY },
        Key { store: "1165", item: "1LAMP", ..KEY },
    ];
    for (quantity, key) in (1..).zip(&keys) {
        cache.put(key, &available(quantity, 100), Arrival::push(100));
    }
    for (expected, key) in (1..).zip(&keys) {
        assert_eq!(quantity(&cache, key), Some(Decimal::from(expected)), "{key:?}");
    }
    assert_eq!(quantity(&cache, &Key { item: "DESK", ..KEY }), None);
}

#[test]
fn a_shelf_has_all_locations_of_an_item_in_order() {
    let cache = cache();
    for location in [Location::Physical("ZRH"), Location::Online, MUC] {
        cache.put(&Key { location, ..KEY }, &available(5, 100), Arrival::push(100));
    }
    let shelf = cache.shelf("11651", "LAMP").unwrap();
    let places: Vec<Location<Box<str>>> =
        shelf.all().into_iter().map(|Found { location, .. }| location).collect();
    assert_eq!(
        places,
        [Location::Online, Location::Physical("MUC".into()), Location::Physical("ZRH".into())]
    );
    assert_eq!(shelf.get(MUC, PIECE, &Rule::ask_always()), Some(available(5, 100)));
    assert_eq!(shelf.get(Location::Physical("BER"), PIECE, &Rule::ask_always()), None);
}

#[test]
fn rows_of_one_item_are_taken_like_single_news() {
    let cache = cache();
    cache.put(
        &Key { location: MUC, ..KEY },
        &Stock { dom_time_ms: Some(99), ..available(1, 100) },
        Arrival::push(100),
    );
    let rows = [
        (Location::Online, Some(available(2, 100))),
        (MUC, Some(Stock { dom_time_ms: Some(98), ..available(3, 100) })),
        (Location::Online, Some(available(4, 100))),
        (Location::Physical("ZRH"), None),
    ];
    let rows = rows.each_ref().map(|(location, stock)| Row {
        location: *location,
        unit: PIECE,
        stock: stock.as_ref(),
    });
    let mut taken = Vec::new();
    cache.put_rows(("11651", "LAMP"), &rows, Arrival::load(110), |each| taken.push(each));
    assert_eq!(taken, [Taken::Changed, Taken::Late, Taken::Changed, Taken::Double]);
    assert_eq!(quantity(&cache, &KEY), Some(Decimal::from(4)));
    assert_eq!(quantity(&cache, &Key { location: MUC, ..KEY }), Some(Decimal::from(1)));
}

#[test]
fn a_removed_record_is_gone_and_its_neighbours_stay() {
    let cache = cache();
    cache.put(&KEY, &available(1, 100), Arrival::push(100));
    cache.put(&Key { location: MUC, ..KEY }, &available(2, 100), Arrival::push(100));
    assert!(cache.remove(&KEY));
    assert!(!cache.remove(&KEY));
    assert_eq!(quantity(&cache, &KEY), None);
    assert_eq!(quantity(&cache, &Key { location: MUC, ..KEY }), Some(Decimal::from(2)));
    assert!(cache.remove(&Key { location: MUC, ..KEY }));
    assert!(cache.shelf("11651", "LAMP").is_none());
}

#[test]
fn a_store_with_a_zero_character_is_not_kept() {
    let cache = cache();
    let key = Key { store: "1\0", ..KEY };
    assert_eq!(cache.put(&key, &available(1, 100), Arrival::push(100)), Taken::Refused);
    assert_eq!(quantity(&cache, &key), None);
    assert!(!cache.remove(&key));
}

#[test]
fn a_purge_marks_its_scope_and_nothing_else() {
    let keys = [
        KEY,
        Key { store: "10101", ..KEY },
        Key { item: "RUG", ..KEY },
        Key { location: MUC, ..KEY },
        Key { item: "RUG", location: MUC, ..KEY },
    ];
    let scope = |item: Option<&str>, store: Option<&str>, location: Option<Location<&str>>| Scope {
        item: item.map(Into::into),
        store: store.map(Into::into),
        location: location.map(Location::to_owned),
    };
    for (scope, old) in [
        (scope(None, None, None), [true, true, true, true, true]),
        (scope(Some("LAMP"), None, None), [true, true, false, true, false]),
        (scope(None, Some("11651"), None), [true, false, true, true, true]),
        (scope(None, None, Some(MUC)), [false, false, false, true, true]),
        (scope(Some("RUG"), Some("11651"), Some(MUC)), [false, false, false, false, true]),
        (scope(Some("DESK"), None, None), [false; 5]),
    ] {
        let cache = cache();
        for key in &keys {
            cache.put(key, &available(1, 100), Arrival::push(100));
        }
        cache.purge(scope.clone(), 200);
        assert_eq!(keys.map(|key| is_old(&cache, &key)), old, "{scope:?}");
        assert!(keys.iter().all(|key| quantity(&cache, key).is_some()), "marked, not deleted");
    }
}

#[test]
fn any_number_of_purges_is_remembered() {
    let cache = cache();
    let location = |number: i64| format!("S{number}");
    let key = |name: &'static str| Key { location: Location::Physical(name), ..KEY };
    let names: Vec<&'static str> = (0..600).map(|number| &*location(number).leak()).collect();
    for name in &names {
        cache.put(&key(name), &available(1, 100), Arrival::push(100));
    }
    for (number, name) in (0..).zip(&names) {
        cache.purge(
            Scope { location: Some(Location::Physical((*name).into())), ..Scope::default() },
            1_000 + number,
        );
    }
    for (number, name) in (0..).zip(&names) {
        let stock = cache.get(&key(name), &Rule::ask_always()).unwrap();
        assert_eq!(stock.old_since_ms, Some(1_000 + number), "{name}");
    }
    cache.put(&key(names[0]), &available(2, 5_000), Arrival::push(5_000));
    assert!(!is_old(&cache, &key(names[0])));
    assert!(is_old(&cache, &key(names[1])));
}

#[test]
fn an_unfinished_replacement_changes_nothing_else() {
    let cache = cache();
    let other = Key { item: "RUG", ..KEY };
    cache.put(&KEY, &available(1, 100), Arrival::push(100));
    cache.put(&other, &available(1, 100), Arrival::push(100));
    let _ = cache.begin_replacement();
    cache.put(&KEY, &available(2, 200), Arrival::load(200));
    assert!(!is_old(&cache, &other));
    assert_eq!(quantity(&cache, &KEY), Some(Decimal::from(2)));
}

#[test]
fn the_bound_of_memory_holds_and_what_is_asked_for_stays() {
    let bytes = 400 * 1_000;
    let cache = Cache::new(Bounds { bytes, order_lines: 10 });
    let mut names = (0..20_000).map(|number| format!("ITEM-{number}"));
    let wanted: Vec<String> = names.by_ref().take(100).collect();
    let put = |item: &str| cache.put(&Key { item, ..KEY }, &available(1, 100), Arrival::push(100));
    for item in &wanted {
        put(item);
    }
    for (place, item) in names.enumerate() {
        put(&item);
        let useful = &wanted[place % wanted.len()];
        let _ = cache.get(&Key { item: useful, ..KEY }, &Rule::ask_always());
        if place % 64 == 0 {
            cache.settle();
        }
    }
    cache.settle();
    let (items, held) = cache.held();
    assert!(held <= bytes, "{held} bytes of {bytes}");
    assert!(items > 500, "{items} items");
    let kept = wanted.iter().filter(|item| quantity(&cache, &Key { item, ..KEY }).is_some()).count();
    assert!(kept > 90, "{kept} of 100 that were asked for all the time");
}

#[test]
fn order_lines_are_remembered_up_to_their_bound() {
    let cache = Cache::new(Bounds { bytes: 1 << 20, order_lines: 3 });
    cache.put(&KEY, &available(100, 100), Arrival::push(100));
    let order =
        |line| cache.decrement(&Decrement { key: KEY, line, quantity: Decimal::ONE, ordered_ms: 100 }, 100);
    for line in ["1", "2", "3", "4"] {
        assert_eq!(order(line), Lowered::Lowered);
    }
    assert_eq!(cache.order_lines(), 3);
    assert_eq!(order("4"), Lowered::Repeated);
    assert_eq!(order("1"), Lowered::Lowered, "the oldest was forgotten");
}

#[test]
fn the_parts_of_a_kit_count_each_and_a_line_once_wherever_it_is_taken_from() {
    let cache = cache();
    for key in [KEY, Key { item: "SHADE", ..KEY }, Key { location: MUC, ..KEY }] {
        cache.put(&key, &available(9, 100), Arrival::push(100));
    }
    let order = |key| {
        cache.decrement(&Decrement { key, line: "845101", quantity: Decimal::ONE, ordered_ms: 100 }, 100)
    };
    assert_eq!(order(KEY), Lowered::Lowered);
    assert_eq!(order(Key { item: "SHADE", ..KEY }), Lowered::Lowered);
    assert_eq!(order(Key { location: MUC, ..KEY }), Lowered::Repeated);
    assert_eq!(order(Key { store: "10101", ..KEY }), Lowered::Missing, "another store has its own lines");
}

#[test]
fn stock_is_given_back_where_it_was_taken() {
    let cache = cache();
    let other = Key { location: MUC, ..KEY };
    for key in [KEY, other] {
        cache.put(&key, &available(9, 100), Arrival::push(100));
    }
    cache.decrement(&Decrement { key: KEY, line: "845101", quantity: Decimal::TWO, ordered_ms: 100 }, 100);
    assert_eq!(cache.give_back(&other, "845101"), GiveBack::GivenBack);
    assert_eq!([KEY, other].map(|key| quantity(&cache, &key)), [Some(Decimal::from(9)); 2]);
}

#[test]
fn the_newest_dom_time_wins_among_many_writers() {
    let cache = cache();
    let clock = AtomicI64::new(1);
    let write = |writer: i64, turn: i64| {
        let time = clock.fetch_add(1, Ordering::Relaxed);
        let key = Key { location: if turn % 2 == 0 { Location::Online } else { MUC }, ..KEY };
        let stock = Stock { dom_time_ms: Some(time), ..available(time, time) };
        let arrival = if writer % 2 == 0 { Arrival::push(time) } else { Arrival::answer(time, time) };
        cache.put(&key, &stock, arrival);
        let line = time.to_string();
        cache.decrement(&Decrement { key, line: &line, quantity: Decimal::ONE, ordered_ms: 0 }, time);
    };
    std::thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || (0..500).for_each(|turn| write(writer, turn)));
        }
    });
    let newest = [KEY, Key { location: MUC, ..KEY }].map(|key| quantity(&cache, &key).unwrap());
    assert!(newest.contains(&Decimal::from(4_000)), "{newest:?}");
    let told =
        cache.stats().news_taken.get() + cache.stats().news_late.get() + cache.stats().answers_late.get();
    assert_eq!(told, 4_000, "each was either taken or late");
}

#[test]
fn orders_at_the_same_time_all_count_once() {
    let cache = Cache::new(Bounds { bytes: 1 << 20, order_lines: 10_000 });
    cache.put(&KEY, &available(10_000, 0), Arrival::push(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for line in 0..1_000 {
                    let line = line.to_string();
                    let order = Decrement { key: KEY, line: &line, quantity: Decimal::TWO, ordered_ms: 10 };
                    cache.decrement(&order, 10);
                }
            });
        }
    });
    assert_eq!(quantity(&cache, &KEY), Some(Decimal::from(8_000)));
    assert_eq!(cache.stats().decrements.get(), 1_000);
    assert_eq!(cache.stats().decrements_repeated.get(), 3_000);
}

#[test]
fn fresh_values_are_compared_with_what_was_held() {
    let cache = cache();
    let mut now_ms = 0;
    for (quantity, wait_ms) in [(5, 0), (0, 1_000), (7, 1_001), (6, 10_000), (0, 86_400_001)] {
        now_ms += wait_ms;
        cache.put(&KEY, &available(quantity, now_ms), Arrival::push(now_ms));
    }
    let found = |up_to_secs, false_yes, false_no| Divergence {
        store: "11651".into(),
        up_to_secs,
        compared: 1,
        false_yes,
        false_no,
    };
    let mut expected = vec![found(Some(1), 1, 0), found(Some(10), 0, 1), found(None, 1, 0)];
    expected[1].compared = 2;
    assert_eq!(cache.meter().report(), expected);
}

#[test]
fn late_and_double_news_are_not_compared() {
    let cache = cache();
    let told = |quantity, dom_time_ms| {
        let stock = Stock { dom_time_ms: Some(dom_time_ms), ..available(quantity, 100) };
        cache.put(&KEY, &stock, Arrival::push(100))
    };
    assert_eq!([told(5, 90), told(5, 90), told(0, 80)], [Taken::Changed, Taken::Double, Taken::Late]);
    assert_eq!(cache.meter().report(), []);
    let counted: Vec<(&str, u64)> = cache.stats().all().into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counted, [("news_taken", 1), ("news_double", 1), ("news_late", 1)]);
}

#[test]
fn what_orders_took_counts_in_the_comparison() {
    let cache = cache();
    cache.put(&KEY, &available(2, 0), Arrival::push(0));
    cache.decrement(&Decrement { key: KEY, line: "1", quantity: Decimal::TWO, ordered_ms: 0 }, 0);
    cache.put(&KEY, &available(0, 500), Arrival::push(500));
    assert_eq!(cache.meter().report().first().map(|found| found.false_yes), Some(0));
}
