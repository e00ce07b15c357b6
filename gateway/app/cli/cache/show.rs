//! The gateway's answers in words and columns.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::columns::aligned;

/// A column of the records: its heading, whether it holds numbers, and a record's cell. A column without any cell is left
/// out.
type Column = (&'static str, bool, fn(&Value) -> String);

const COLUMNS: [Column; 13] = [
    ("location", false, |record| {
        let location = text(record, "location");
        // A physical store may be called anything, even this.
        if location == "online" && text(record, "kind") == "physical" {
            "online (physical)".to_owned()
        } else {
            location
        }
    }),
    ("unit", false, |record| text(record, "unit")),
    ("status", false, |record| text(record, "status")),
    ("quantity", true, |record| match record["unlimited"].as_bool() {
        Some(true) => "unlimited".to_owned(),
        _ => text(record, "quantity"),
    }),
    ("taken by orders", true, |record| {
        Some(text(record, "taken_by_orders")).filter(|taken| taken != "0").unwrap_or_default()
    }),
    ("available at", false, |record| text(record, "available_at")),
    ("in", true, |record| duration(&record["offset_secs"])),
    ("more at", false, |record| text(record, "more_at")),
    ("age", true, |record| match &record["age_secs"] {
        Value::Null => "none".to_owned(),
        secs => duration(secs),
    }),
    ("clock", false, |record| text(record, "clock")),
    ("rule", false, |record| text(record, "rule")),
    ("DOM time", false, |record| text(record, "dom_time")),
    ("marked as old since", false, |record| text(record, "marked_old_since")),
];

/// What is known of an item.
pub(super) fn records(answer: &Value) -> String {
    let (item, store) = (text(answer, "item"), text(answer, "store"));
    let records = entries(&answer["records"]);
    if records.is_empty() {
        return format!("nothing is known of `{item}` there, in the store {store}\n");
    }
    let has_cells = |column: &&Column| records.iter().any(|record| !(column.2)(record).is_empty());
    let columns: Vec<&Column> = COLUMNS.iter().filter(has_cells).collect();
    let mut lines = vec![columns.iter().map(|(heading, ..)| (*heading).to_owned()).collect::<Vec<_>>()];
    lines.extend(records.iter().map(|record| columns.iter().map(|(_, _, cell)| cell(record)).collect()));
    let numbers = columns.iter().enumerate().filter(|(_, column)| column.1).map(|(place, _)| place);
    format!(
        "{item}, store {store}, {}\n{}",
        text(answer, "now"),
        aligned(&lines, &numbers.collect::<Vec<_>>())
    )
}

/// What the cache holds, counted and found wrong.
pub(super) fn stats(answer: &Value) -> String {
    let held = &answer["held"];
    let of = |name: &str| format!("{} of {}", text(held, name), text(held, &format!("{name}_at_most")));
    let mut lines = vec![
        ["held items".to_owned(), text(held, "items")],
        ["held bytes".to_owned(), of("memory_bytes")],
        ["held order lines".to_owned(), of("order_lines")],
        ["rules".to_owned(), text(held, "rules")],
    ];
    let counters = answer["counters"].as_object().into_iter().flatten();
    lines.extend(counters.map(|(name, count)| [name.replace('_', " "), plain(count)]));
    let mut shown = aligned(&lines, &[1]);
    let divergence = entries(&answer["divergence"]);
    if !divergence.is_empty() {
        let headings = ["store", "age up to", "compared", "false yes", "false no"].map(str::to_owned);
        let rows = divergence.iter().map(|found| {
            let age = match &found["age_up_to_secs"] {
                Value::Null => "any older".to_owned(),
                secs => duration(secs),
            };
            let [compared, yes, no] = ["compared", "false_yes", "false_no"].map(|name| text(found, name));
            [text(found, "store"), age, compared, yes, no]
        });
        let lines: Vec<[String; 5]> = std::iter::once(headings).chain(rows).collect();
        // Writing to a `String` cannot fail.
        let _ = write!(shown, "\nfound wrong when something fresh came\n{}", aligned(&lines, &[1, 2, 3, 4]));
    }
    for fetched in entries(&answer["fetched"]) {
        let counts = fetched.as_object().into_iter().flatten().filter(|(name, _)| *name != "store");
        let lines: Vec<[String; 2]> =
            counts.map(|(name, count)| [name.replace('_', " "), plain(count)]).collect();
        let _ =
            write!(shown, "\nfetched for the store {}\n{}", text(fetched, "store"), aligned(&lines, &[1]));
    }
    shown
}

/// What was marked.
pub(super) fn purged(answer: &Value) -> String {
    let part = |name: &str, any: &str| match answer[name].as_str() {
        Some(value) => format!("{name} `{value}`"),
        None => any.to_owned(),
    };
    format!(
        "marked as old since {}: {}, {}, {}\n",
        text(answer, "marked_old_since"),
        part("item", "every item"),
        part("location", "every location"),
        part("store", "every store")
    )
    .replace(|letter: char| letter.is_control() && letter != '\n', "\u{fffd}")
}

fn entries(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A field as it is read; nothing if it is null or not there.
fn text(value: &Value, name: &str) -> String {
    plain(value.get(name).unwrap_or(&Value::Null))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Seconds in the largest unit that leaves at least two of them: enough to see how old something is.
fn duration(secs: &Value) -> String {
    let Some(secs) = secs.as_i64() else { return String::new() };
    for (size, unit) in [(86_400, "d"), (3_600, "h"), (60, "min")] {
        if secs >= 2 * size {
            return format!("{} {unit}", secs / size);
        }
    }
    format!("{secs} s")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{duration, purged, records, stats};

    #[test]
    fn an_age_is_read_at_a_glance() {
        for (secs, shown) in
            [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"), (172_800, "2 d")]
        {
            assert_eq!(duration(&json!(secs)), shown);
        }
    }

    #[test]
    fn records_stand_in_columns_and_empty_columns_are_left_out() {
        let answer = json!({ "store": "11651", "item": "LAMP", "now": "2026-07-01T00:00:00Z", "records": [
            { "location": "online", "kind": "online", "unit": "C62", "status": "Available", "quantity": "146",
              "unlimited": false, "taken_by_orders": "2", "age_secs": 12, "clock": "fresh", "rule": "standard" },
            { "location": "MUC", "kind": "physical", "unit": "C62", "status": "Available", "quantity": null,
              "unlimited": true, "taken_by_orders": "0", "age_secs": null, "clock": "over", "rule": "standard" },
        ] });
        let expected = "LAMP, store 11651, 2026-07-01T00:00:00Z\n\
             location  unit  status      quantity  taken by orders   age  clock  rule\n\
             online    C62   Available        146                2  12 s  fresh  standard\n\
             MUC       C62   Available  unlimited                   none  over   standard\n";
        assert_eq!(records(&answer), expected);
        let nothing = json!({ "store": "11651", "item": "RUG", "records": [] });
        assert_eq!(records(&nothing), "nothing is known of `RUG` there, in the store 11651\n");
    }

    #[test]
    fn stats_and_purges_are_said_in_words() {
        let answer = json!({
            "held": { "items": 3, "memory_bytes": 1200, "memory_bytes_at_most": 4096, "order_lines": 1,
                      "order_lines_at_most": 10, "rules": 1 },
            "counters": { "requests_hit": 17 },
            "divergence": [
                { "store": "11651", "age_up_to_secs": 3600, "compared": 5, "false_yes": 1, "false_no": 0 },
                { "store": "11651", "age_up_to_secs": null, "compared": 2, "false_yes": 0, "false_no": 2 },
            ],
            "fetched": [{ "store": "11651", "lines_asked": 4 }],
        });
        let shown = stats(&answer);
        for line in [
            "held items                   3\n",
            "held bytes        1200 of 4096\n",
            "requests hit                17\n",
            "11651     60 min         5          1         0\n",
            "11651  any older         2          0         2\n",
            "fetched for the store 11651\nlines asked  4\n",
        ] {
            assert!(shown.contains(line), "{line}\n{shown}");
        }
        let marked = json!({ "marked_old_since": "T", "item": "LAMP", "location": null, "store": null });
        assert_eq!(purged(&marked), "marked as old since T: item `LAMP`, every location, every store\n");
    }
}
