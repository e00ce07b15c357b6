//! Every row of the tables of `DECISIONS.md` that tell a history.

use rust_decimal::Decimal;

use crate::cache::{Bounds, Cache, Decrement, GiveBack, Lowered, Replacement};
use crate::document::rows;
use crate::key::{Key, Location, PIECE, Scope};
use crate::record::{Arrival, Taken};
use crate::rule::Rule;
use crate::stock::{Status, Stock};

const KEY: Key<'_> = Key { store: "11651", item: "LAMP", location: Location::Online, unit: PIECE };

#[test]
fn every_row_of_the_table_of_news_holds() {
    let rows = rows("| steps | outcome |");
    assert!(rows.len() > 45, "the table is there as a whole");
    for row in rows {
        let [steps, outcome, says] = row.as_slice() else { panic!("a row of 3 cells: {row:?}") };
        let (cache, last) = history(steps);
        assert_eq!(last, *outcome, "{row:?}");
        let record = cache.get(&KEY, &Rule::ask_always());
        let said = record.map_or_else(|| "nothing".to_owned(), |stock| quantity_text(stock.quantity));
        assert_eq!(said, *says, "{row:?}");
    }
}

#[test]
fn every_row_of_the_table_of_marks_holds() {
    let rows = rows("| steps | old since |");
    assert!(rows.len() > 15, "the table is there as a whole");
    for row in rows {
        let [steps, since] = row.as_slice() else { panic!("a row of 2 cells: {row:?}") };
        let (cache, _) = history(steps);
        let old_since = cache.get(&KEY, &Rule::ask_always()).unwrap().old_since_ms;
        let text = old_since.map_or_else(|| "never".to_owned(), |since| since.to_string());
        assert_eq!(text, *since, "{row:?}");
    }
}

fn history(steps: &str) -> (Cache, &'static str) {
    let cache = Cache::new(Bounds { bytes: 1 << 20, order_lines: 100 });
    let mut replacement = None;
    let mut last = "";
    for step in steps.split("; ") {
        last = done(&cache, step, &mut replacement);
    }
    (cache, last)
}

fn done(cache: &Cache, step: &str, replacement: &mut Option<Replacement>) -> &'static str {
    let words: Vec<&str> = step.split(' ').collect();
    let time = |name: &str| after(&words, name).map(|text| text.parse::<i64>().unwrap());
    match words[0] {
        "push" => news(cache, &words, Arrival::push(time("at").unwrap())),
        "load" => news(cache, &words, Arrival::load(time("at").unwrap())),
        "answer" => news(cache, &words, Arrival::answer(time("asked").unwrap(), time("at").unwrap())),
        "order" => {
            let quantity = Decimal::from(time("takes").unwrap());
            let order = Decrement { key: KEY, line: words[1], quantity, ordered_ms: time("made").unwrap() };
            match cache.decrement(&order, time("at").unwrap()) {
                Lowered::Lowered => "lowered",
                Lowered::Repeated => "repeated",
                Lowered::Contained => "contained",
                Lowered::Missing => "missing",
                Lowered::Nothing => "nothing",
            }
        }
        "give" => match cache.give_back(&KEY, words[2]) {
            GiveBack::GivenBack => "given back",
            GiveBack::Contained => "contained",
            GiveBack::Unknown => "unknown",
        },
        "purge" => {
            cache.purge(Scope::default(), time("at").unwrap());
            ""
        }
        "begin" => {
            *replacement = Some(cache.begin_replacement());
            ""
        }
        "end" => {
            cache.finish_replacement(replacement.take().unwrap(), Scope::default(), time("at").unwrap());
            ""
        }
        _ => panic!("unknown step `{step}`"),
    }
}

fn news(cache: &Cache, words: &[&str], arrival: Arrival) -> &'static str {
    let says = after(words, "says").unwrap();
    let quantity = (says != "unlimited").then(|| says.parse::<Decimal>().unwrap());
    let dom_time_ms = after(words, "dom").map(|text| text.parse().unwrap());
    let stock = Stock { dom_time_ms, ..Stock::new(Status::Available, quantity, arrival.now_ms) };
    match cache.put(&KEY, &stock, arrival) {
        Taken::Changed => "changed",
        Taken::Double => "double",
        Taken::Late => "late",
        Taken::Refused => "refused",
    }
}

fn after<'w>(words: &[&'w str], name: &str) -> Option<&'w str> {
    let place = words.iter().position(|word| *word == name)?;
    words.get(place + 1).copied()
}

fn quantity_text(quantity: Option<Decimal>) -> String {
    quantity.map_or_else(|| "unlimited".to_owned(), |quantity| quantity.to_string())
}
