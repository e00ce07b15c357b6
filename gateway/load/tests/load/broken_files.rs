//! Files that are damaged or something else.

use std::error::Error;
use std::io::{self, Read};

use gateway_load::{CsvParams, ROW_BYTES, Unreadable};
use proptest::prelude::*;

use crate::support::{Pieces, rows_of};

fn read(file: impl Read) -> Result<Vec<String>, Unreadable> {
    rows_of(file, &CsvParams::default())
}

fn good(line: usize) -> String {
    format!("{line}|1|ITEM-{line}|online 1|-|available - - -|-")
}

fn good_line(line: usize) -> String {
    format!("ITEM-{line},1,,AVL,,,,,,1,,,,\n")
}

#[test]
fn a_file_of_another_kind_is_refused_at_once() {
    let cases: [(&[u8], &str); 5] = [
        (b"\xff\xfeA\0,\0", "UTF-16 text"),
        (b"\x1f\x8b\x08\0", "a gzip file"),
        (b"PK\x03\x04\x14", "a zip file, perhaps a spreadsheet"),
        (b"<?xml version='1.0'?>", "XML or HTML"),
        (b"{\"items\": []}", "JSON"),
    ];
    for (bytes, found) in cases {
        let error = read(bytes).unwrap_err().to_string();
        assert_eq!(error, format!("expected comma-separated UTF-8 text, found {found}"));
    }
}

#[test]
fn an_empty_file_has_no_rows() {
    for file in ["", "\n", "\r\n\r\n", "\u{feff}"] {
        assert_eq!(read(file.as_bytes()).unwrap(), Vec::<String>::new(), "{file:?}");
    }
}

#[test]
fn columns_in_another_order_are_refused_at_once() {
    let file = "PartNumber,InventoryStatus,AvailableQuantity\nA,AVL,1\n";
    let error = read(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(error, "expected `OnlineStoreUniqueID` to head column 2, found `InventoryStatus`");
}

#[test]
fn a_file_that_ends_within_a_row_is_cut_off() {
    for end in ["ITEM", "ITEM-3,1,,AVL,,,,,,1,,,", "ITEM-3,1,,AVL,,\"C6"] {
        let file = format!("{}{}{end}", good_line(1), good_line(2));
        let error = read(file.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            error, "expected the end of the row that begins on line 3, found the end of the file",
            "{end}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_told_with_their_column() {
    let mut file = b"ITEM-1,,M\xfcnchen,AVL,,,,,,1,,,,\n".to_vec();
    file.extend(good_line(2).bytes());
    // Two halves of one character in two columns make no character.
    file.extend(b"ITEM\xc3,\xa4,,AVL,,,,,,1,,,,\n");
    let expected = [
        "line 1: column 3 `PhysicalStoreIdentifier`: expected UTF-8 text, found `M\u{fffd}nchen`",
        &good(2),
        "line 3: column 1 `PartNumber`: expected UTF-8 text, found `ITEM\u{fffd}`",
    ];
    assert_eq!(read(file.as_slice()).unwrap(), expected);
}

#[test]
fn a_row_beyond_the_bound_costs_only_itself() {
    for length in [ROW_BYTES, 3 * ROW_BYTES, 9 * ROW_BYTES] {
        let file = format!("{},1,,AVL,,,,,,1,,,,\n{}{}", "A".repeat(length), good_line(2), good_line(3));
        let expected = [format!("line 1: expected at most {ROW_BYTES} bytes in a row"), good(2), good(3)];
        assert_eq!(read(file.as_bytes()).unwrap(), expected, "{length}");
    }
    let file = format!("{}\n{}", ",".repeat(9 * ROW_BYTES), good_line(2));
    let expected = ["line 1: expected 14 columns with commas between them, found 64", &good(2)];
    assert_eq!(read(file.as_bytes()).unwrap(), expected);
}

#[test]
fn a_quote_that_is_never_closed_costs_only_its_line() {
    for rows in [3, 5_000] {
        let mut lines: Vec<String> = (1..=rows).map(good_line).collect();
        lines[1] = "\"ITEM-2,1,,AVL,,,,,,1,,,,\n".to_owned();
        let mut expected: Vec<String> = (1..=rows).map(good).collect();
        "line 2: expected a closing quote before the next comma or the end of the line"
            .clone_into(&mut expected[1]);
        assert_eq!(read(lines.concat().as_bytes()).unwrap(), expected, "{rows} rows");
    }
}

#[test]
fn two_lost_quotes_do_not_make_one_good_row_of_two() {
    // Up to the second quote it is one field, and with what follows there are fourteen.
    let file = "A,1,,AVL,,,,,,1,\"x,,,\nB,1,,AVL,,,,,,1,\"y,,,\nITEM-3,1,,AVL,,,,,,1,,,,\n";
    let fault = "expected a closing quote before the next comma or the end of the line";
    let expected = [format!("line 1: {fault}"), format!("line 2: {fault}"), good(3)];
    assert_eq!(read(file.as_bytes()).unwrap(), expected);
}

#[test]
fn bytes_that_cannot_be_read_end_the_file_with_their_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _room: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable was pulled"))
        }
    }
    let line = good_line(1);
    let error = read(line.as_bytes().chain(Broken)).unwrap_err();
    assert_eq!(error.to_string(), "the bytes cannot be read");
    assert_eq!(error.source().unwrap().to_string(), "the cable was pulled");
}

/// Text that is likely to be nearly a file.
fn nearly_csv() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec![
        "A,1,,AVL,2,C62,,,,1,,,,\n",
        "B,,Gent,BA,,,,60,,1,,,,\r\n",
        "\"",
        ",",
        "\n",
        "\r",
        ",,,,,,,,,,,,,",
        "AVL",
        "\u{feff}",
        "ä",
    ];
    let bytes = prop_oneof![
        8 => prop::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(bytes, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange_and_all_are_read_alike_however_they_arrive(
        bytes in nearly_csv(),
        lengths in prop::collection::vec(1_usize..20, 1..5),
    ) {
        let at_once = read(bytes.as_slice()).map_err(|error| error.to_string());
        let in_pieces = read(Pieces::new(&bytes, lengths)).map_err(|error| error.to_string());
        prop_assert_eq!(at_once, in_pieces);
    }

    #[test]
    fn a_lost_quote_costs_at_most_its_own_line(rows in 1_usize..30, at in any::<prop::sample::Index>(), column in 0_usize..14) {
        let mut lines: Vec<String> = (1..=rows).map(good_line).collect();
        let hurt = at.index(rows);
        let mut fields: Vec<String> = lines[hurt].split(',').map(str::to_owned).collect();
        fields[column].insert(0, '"');
        lines[hurt] = fields.join(",");
        let mut expected: Vec<String> = (1..=rows).map(good).collect();
        expected.remove(hurt);
        match read(lines.concat().as_bytes()) {
            Ok(mut read) => {
                let bad = read.remove(hurt);
                prop_assert!(bad.starts_with(&format!("line {}: expected a closing quote", hurt + 1)), "{}", bad);
                prop_assert_eq!(read, expected);
            }
            // In the last line the file may as well have been cut off.
            Err(error) => prop_assert!(hurt + 1 == rows && matches!(error, Unreadable::CutOff { .. }), "{}", error),
        }
    }
}
