//! What a file says, row by row.

use std::collections::BTreeSet;

use gateway_load::{CsvParams, CsvRows, Next, Units};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::support::{Pieces, only_fault, rows_of};

fn rows(file: &str) -> Vec<String> {
    rows_of(file.as_bytes(), &CsvParams::default()).unwrap()
}

/// 2024-06-11 12:00:00 in UTC.
const NOON: &str = "1718107200000";

#[test]
fn the_published_columns_are_read_as_the_contract_has_them() {
    let file = include_str!("inventory-availability-batch.csv");
    let expected = [
        format!("1|11651|LAMP-0042-BRS|online 11651|C62|available 148.0 - -|{NOON}"),
        format!("2|11651|LAMP-0042-BRS|physical MUC-Marienplatz|C62|available 3.0 - -|{NOON}"),
        format!("3|11651|LAMP-0042-BRS|physical ZRH-Bahnhofstrasse|-|unavailable - - -|{NOON}"),
        format!("4|11651|RUG-1187-GRN|online 11651|-|backorderable - 2024-07-02T00:00:00.000 -|{NOON}"),
        format!("5|11651|KIT-DESK-09|online 11651|-|available - - -|{NOON}"),
        "6|11651|OLD-SKU-001|online 11651|-|removed|-".to_owned(),
    ];
    assert_eq!(rows(file), expected);
}

#[test]
fn the_form_of_the_text_changes_nothing() {
    let row = "1|1|A|online 1|C62|available 2 - -|-";
    let other = row.replacen('1', "2", 1).replacen('A', "B", 1);
    let cases = [
        ("line feeds", "A,1,,AVL,2,C62,,,,1,,,,\nB,1,,AVL,2,C62,,,,1,,,,\n"),
        ("both", "A,1,,AVL,2,C62,,,,1,,,,\r\nB,1,,AVL,2,C62,,,,1,,,,\r\n"),
        ("no last line end", "A,1,,AVL,2,C62,,,,1,,,,\nB,1,,AVL,2,C62,,,,1,,,,"),
        ("byte order mark", "\u{feff}A,1,,AVL,2,C62,,,,1,,,,\nB,1,,AVL,2,C62,,,,1,,,,\n"),
        ("files joined", "A,1,,AVL,2,C62,,,,1,,,,\n\u{feff}B,1,,AVL,2,C62,,,,1,,,,\n"),
        ("mark and quotes", "\u{feff}\"A\",1,,AVL,2,C62,,,,1,,,,\n\"B\",1,,AVL,2,C62,,,,1,,,,\n"),
        ("quotes", "\"A\",\"1\",\"\",\"AVL\",2,C62,,,,1,,,,\"\"\nB,1,,AVL,\"2\",C62,,,,1,,,,0\n"),
        ("blanks", " A ,1,,AVL, 2,C62\t,,,,1,,,,\nB,1, ,AVL,2,C62,,,,1,x,y,z,\n"),
    ];
    for (name, file) in cases {
        assert_eq!(rows(file), [row.to_owned(), other.clone()], "{name}");
    }
}

#[test]
fn a_line_that_names_the_columns_is_no_row() {
    let header = "PartNumber,OnlineStoreUniqueID,PhysicalStoreIdentifier,InventoryStatus,AvailableQuantity,\
        AvailableQuantityUOM,AvailabilityTime,AvailabilityOffset,LastUpdate,ContextStoreId,Field1,Field2,Field3,\
        DELETE\r\n";
    let file = format!("\u{feff}{header}A,1,,AVL,2,C62,,,,1,,,,\r\n");
    assert_eq!(rows(&file), ["2|1|A|online 1|C62|available 2 - -|-"]);
}

#[test]
fn quotes_hold_commas_quotes_and_line_ends() {
    let file = "\"A,\"\"1\"\"\",,\"Gent, Korenmarkt\",AVL,,,,,,1,\"two\nlines\",,,\nB,1,,UAVL,0,,,,,1,,,,\n";
    let expected =
        ["1|1|A,\"1\"|physical Gent, Korenmarkt|-|available - - -|-", "3|1|B|online 1|-|unavailable 0 - -|-"];
    assert_eq!(rows(file), expected);
    // A quote within an unquoted field is a character like any other.
    assert_eq!(rows("LAMP-12\",1,,AVL,,,,,,1,,,,\n"), ["1|1|LAMP-12\"|online 1|-|available - - -|-"]);
}

#[test]
fn quantities_are_exact() {
    let cases = [
        ("148.0", "148.0"),
        ("0.750", "0.750"),
        ("1.5E3", "1500"),
        ("+2", "2"),
        ("0", "0"),
        ("-0.0", "0.0"),
        (".5", "0.5"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
    ];
    for (written, quantity) in cases {
        let file = format!("A,1,,AVL,{written},C62,,,,1,,,,\n");
        assert_eq!(rows(&file), [format!("1|1|A|online 1|C62|available {quantity} - -|-")], "{written}");
    }
}

#[test]
fn times_are_of_the_files_zone_unless_they_bear_one() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let params = CsvParams { zone: berlin, ..CsvParams::default() };
    let cases = [
        ("2024-06-11 12:00:00.000", "1718100000000"),
        ("2024-06-11T12:00:00", "1718100000000"),
        ("2024-01-11 12:00:00.5", "1704970800500"),
        ("2024-06-11 12:00:00.000Z", NOON),
        ("2024-06-11T14:00:00+02:00", NOON),
    ];
    for (written, millis) in cases {
        let file = format!("A,1,,AVL,,,,,{written},1,,,,\nB,1,,AVL,,,,,{written},1,,,,\n");
        for row in rows_of(file.as_bytes(), &params).unwrap() {
            assert!(row.ends_with(&format!("|{millis}")), "{written}: {row}");
        }
    }
}

#[test]
fn a_time_of_availability_is_handed_on_in_the_form_of_xml() {
    let file = "A,1,,BA,,,2024-07-02 00:00:00.000,86400,,1,,,,\nB,1,,BA,,,2024-07-02T08:00:00Z,,,1,,,,\n";
    let expected = [
        "1|1|A|online 1|-|backorderable - 2024-07-02T00:00:00.000 86400|-",
        "2|1|B|online 1|-|backorderable - 2024-07-02T08:00:00Z -|-",
    ];
    assert_eq!(rows(file), expected);
}

#[test]
fn a_row_without_store_is_of_the_given_one_or_of_its_online_store() {
    let file = "A,1,,AVL,,,,,,,,,,\nA,,Gent,AVL,,,,,,,,,,\nA,1,,AVL,,,,,,2,,,,\n";
    let given = CsvParams { store: Some("7".to_owned()), ..CsvParams::default() };
    let expected = [
        "1|7|A|online 1|-|available - - -|-",
        "2|7|A|physical Gent|-|available - - -|-",
        "3|2|A|online 1|-|available - - -|-",
    ];
    assert_eq!(rows_of(file.as_bytes(), &given).unwrap(), expected);
    let expected = [
        "1|1|A|online 1|-|available - - -|-",
        "line 2: column 10 `ContextStoreId`: expected a value, found none",
        "3|2|A|online 1|-|available - - -|-",
    ];
    assert_eq!(rows(file), expected);
}

#[test]
fn only_units_of_the_tables_are_taken_and_the_default_always_is() {
    let units = Units::Known(BTreeSet::from(["MTR".to_owned()]));
    let params = CsvParams { units, ..CsvParams::default() };
    for (unit, known) in [("MTR", true), ("C62", true), ("", true), ("mtr", false), ("EACH", false)] {
        let file = format!("A,1,,AVL,2,{unit},,,,1,,,,\n");
        let [row] = rows_of(file.as_bytes(), &params).unwrap().try_into().unwrap();
        assert_eq!(!row.starts_with("line"), known, "{unit}: {row}");
    }
}

#[test]
fn a_removal_needs_its_key_only() {
    let expected = "1|1|A|online 1|-|removed|-";
    for file in ["A,1,,,,,,,,1,,,,1\n", "A,1,,no,-1,,soon,-2,,1,,,,1\n"] {
        assert_eq!(rows(file), [expected], "{file}");
    }
    assert_eq!(rows(",1,,,,,,,,1,,,,1\n"), ["line 1: column 1 `PartNumber`: expected a value, found none"]);
}

/// A row, and what is said of it.
const FAULTY: &[(&str, &str)] = &[
    (",1,,AVL,,,,,,1,,,,", "column 1 `PartNumber`: expected a value, found none"),
    (
        "A\u{1},1,,AVL,,,,,,1,,,,",
        "column 1 `PartNumber`: expected text without control characters, found `A\u{fffd}`",
    ),
    (
        "A,,,AVL,,,,,,1,,,,",
        "column 2 `OnlineStoreUniqueID`: expected an online or a physical store, found neither",
    ),
    (
        "A,1,Gent,AVL,,,,,,1,,,,",
        "column 3 `PhysicalStoreIdentifier`: expected either an online or a physical store, found both, found `Gent`",
    ),
    ("A,1,,avl,,,,,,1,,,,", "column 4 `InventoryStatus`: expected `AVL`, `BA` or `UAVL`, found `avl`"),
    ("A,1,,,,,,,,1,,,,", "column 4 `InventoryStatus`: expected `AVL`, `BA` or `UAVL`"),
    (
        "A,1,,AVL,1_000,,,,,1,,,,",
        "column 5 `AvailableQuantity`: expected a decimal number such as `2` or `0.750`, found `1_000`",
    ),
    (
        "A,1,,AVL,-0.5,,,,,1,,,,",
        "column 5 `AvailableQuantity`: expected a quantity of zero or more, found `-0.5`",
    ),
    (
        "A,1,,BA,,,02.07.2024,,,1,,,,",
        "column 7 `AvailabilityTime`: expected a time such as `2024-06-11 12:00:00.000`, found `02.07.2024`",
    ),
    (
        "A,1,,BA,,,,-1,,1,,,,",
        "column 8 `AvailabilityOffset`: expected whole seconds, zero or more, found `-1`",
    ),
    (
        "A,1,,BA,,,,1.5,,1,,,,",
        "column 8 `AvailabilityOffset`: expected whole seconds, zero or more, found `1.5`",
    ),
    (
        "A,1,,AVL,,,,,2024-02-30 12:00:00.000,1,,,,",
        "column 9 `LastUpdate`: expected a time such as `2024-06-11 12:00:00.000`, found `2024-02-30 12:00:00.000`",
    ),
    (
        "A,1,,AVL,,,,,,1,,,,yes",
        "column 14 `Delete`: expected `1` to remove the record, or nothing, found `yes`",
    ),
    ("A,1,,AVL", "expected 14 columns with commas between them, found 4"),
    ("A;1;;AVL;;;;;;1;;;;", "expected 14 columns with commas between them, found 1 (it has ';' in plenty)"),
    ("A,1,,AVL,,,,,,1,,,,,", "expected 14 columns with commas between them, found 15"),
    ("\"A\"B,1,,AVL,,,,,,1,,,,", "expected a closing quote before the next comma or the end of the line"),
];

#[test]
fn each_fault_is_told_with_its_column_and_value() {
    for (row, fault) in FAULTY {
        let file = format!("{row}\nB,1,,AVL,,,,,,1,,,,\n");
        let expected = [format!("line 1: {fault}"), "2|1|B|online 1|-|available - - -|-".to_owned()];
        assert_eq!(rows(&file), expected, "{row}");
    }
}

#[test]
fn only_the_beginning_of_a_bad_value_is_shown() {
    let file = format!("{},1,,AVL,,,,,,1,,,,\n", "A".repeat(257));
    let mut source = CsvRows::open(file.as_bytes(), &CsvParams::default()).unwrap();
    let Next::Bad(bad) = source.next_row().unwrap() else { panic!("expected a bad row") };
    assert_eq!(only_fault(&bad).value, "A".repeat(80));
}

#[test]
fn all_faults_of_a_row_are_told_at_once_in_order_of_column() {
    let expected = "line 1: column 1 `PartNumber`: expected a value, found none; \
        column 2 `OnlineStoreUniqueID`: expected an online or a physical store, found neither; \
        column 4 `InventoryStatus`: expected `AVL`, `BA` or `UAVL`, found `OK`; \
        column 5 `AvailableQuantity`: expected a quantity of zero or more, found `-1`; \
        column 9 `LastUpdate`: expected a time such as `2024-06-11 12:00:00.000`, found `now`; \
        column 10 `ContextStoreId`: expected a value, found none";
    assert_eq!(rows(",,,OK,-1,,,,now,,,,,\n"), [expected]);
}

/// A field, and how it is written.
fn field() -> impl Strategy<Value = (String, String)> {
    ("[A-Za-z0-9,\"äß-]{1,12}", any::<bool>()).prop_map(|(text, quoted)| {
        let needed = text.contains([',', '"']);
        let written =
            if quoted || needed { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.clone() };
        (text, written)
    })
}

fn a_row() -> impl Strategy<Value = (String, String)> {
    (field(), field(), any::<bool>(), 0_u32..1_000_000, 0_u32..4, "[a-z\n\r,]{0,8}").prop_map(
        |((item, item_written), (place, place_written), online, digits, scale, custom)| {
            let quantity = rust_decimal::Decimal::new(digits.into(), scale);
            let (places, kind) = if online {
                (format!("{place_written},"), "online")
            } else {
                (format!(",{place_written}"), "physical")
            };
            let written = format!("{item_written},{places},AVL,{quantity},,,,,9,\"{custom}\",,,");
            (format!("9|{item}|{kind} {place}|-|available {quantity} - -|-"), written)
        },
    )
}

proptest! {
    #[test]
    fn what_was_written_is_read_however_the_bytes_arrive(
        rows in prop::collection::vec(a_row(), 0..20),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\n\n"]),
        lengths in prop::collection::vec(1_usize..200, 1..5),
    ) {
        let file: String = rows.iter().map(|(_, written)| format!("{written}{line_end}")).collect();
        let read = rows_of(Pieces::new(file.as_bytes(), lengths), &CsvParams::default()).unwrap();
        // The line is not compared: custom fields have line ends in them.
        let read: Vec<_> = read.iter().map(|row| row.split_once('|').map_or(row.as_str(), |(_, rest)| rest)).collect();
        let expected: Vec<_> = rows.iter().map(|(row, _)| row.as_str()).collect();
        prop_assert_eq!(read, expected);
    }
}
