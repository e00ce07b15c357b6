//! Table files, TOML or CSV.

use gateway_model::codes::BAD_TABLE;
use gateway_model::{Diagnostic, scalar};
use toml::Spanned;
use toml::de::DeValue;

use super::{NumberRange, Rows, Table};
use crate::report::Report;
use crate::source::File;
use crate::toml_view::{PlacedText, TomlView, parse_toml};

const CSV_HEADER: &str = "record,document,organization";

/// Reads `tables/<name>.toml`.
pub(crate) fn load_toml(name: &str, file: &File<'_>, report: &mut Report) -> Table {
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let Some(parsed) = parse_toml(file, BAD_TABLE, report) else { return table };
    let root = TomlView::root(file, BAD_TABLE, &parsed);
    root.known(&["doc", "ranges", "rows", "organization"], report);
    let _ = root.required_text("doc", report);
    let ranges = root.flag("ranges", report);
    if !root.has("rows") && !root.has("organization") {
        root.missing("rows", report);
    }
    add_rows(&mut table.general, &root, ranges, report);
    for (organization, view) in root.named_tables("organization", report) {
        view.known(&["doc", "rows"], report);
        let rows = table.organizations.entry(organization.text.into()).or_default();
        add_rows(rows, &view, ranges, report);
    }
    table
}

fn add_rows(rows: &mut Rows, view: &TomlView<'_>, ranges: bool, report: &mut Report) {
    for row in view.array("rows", report) {
        let Some((record, document)) = pair(row) else {
            let fault = view.fault(row.span(), "a row needs two texts");
            report.add(fault.expecting("`[\"record value\", \"document value\"]`"));
            continue;
        };
        match document.text.split_once("..") {
            Some((from, below)) if ranges => match range(&record.text, from, below) {
                Some(range) => rows.ranges.push(range),
                None => report.add(
                    view.fault(document.span, format!("`{}` is not a range", document.text))
                        .expecting("two numbers, the smaller first, such as `3200..3700`"),
                ),
            },
            _ => rows.add(&record.text, &document.text),
        }
    }
}

fn pair(row: &Spanned<DeValue<'_>>) -> Option<(PlacedText, PlacedText)> {
    let [record, document] = row.get_ref().as_array()?.as_ref() else { return None };
    let text = |value: &Spanned<DeValue<'_>>| {
        Some(PlacedText { text: value.get_ref().as_str()?.to_owned(), span: value.span() })
    };
    Some((text(record)?, text(document)?))
}

fn range(record: &str, from: &str, below: &str) -> Option<NumberRange> {
    let written = from.trim();
    let (from, below) = (scalar::parse_number(written)?, scalar::parse_number(below.trim())?);
    (from < below).then(|| NumberRange { from, below, record: record.into(), written: written.into() })
}

/// Reads `tables/<name>.csv`.
pub(crate) fn load_csv(name: &str, file: &File<'_>, report: &mut Report) -> Table {
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.text.as_bytes());
    let header = reader.headers().map(|header| header.iter().collect::<Vec<_>>().join(","));
    if !header.is_ok_and(|header| header == CSV_HEADER) {
        let end = file.text.find('\n').unwrap_or(file.text.len());
        let place = file.place(0..end);
        let fault = Diagnostic::error(BAD_TABLE, place, "the first line does not name the columns");
        report.add(fault.expecting(format!("`{CSV_HEADER}`")));
        return table;
    }
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let at = error.position().map_or(0, |position| offset(position.byte()));
                report.add(Diagnostic::error(BAD_TABLE, file.place(at..at), "the row is not valid CSV"));
                continue;
            }
        };
        let at = row.position().map_or(0, |position| offset(position.byte()));
        match row.iter().collect::<Vec<_>>().as_slice() {
            [record, document] | [record, document, ""] => table.general.add(record, document),
            [record, document, organization] => {
                table.organizations.entry((*organization).into()).or_default().add(record, document);
            }
            _ => {
                let fault = Diagnostic::error(
                    BAD_TABLE,
                    file.place(at..at),
                    "the row has the wrong number of columns",
                );
                report.add(fault.expecting(format!("`{CSV_HEADER}`")));
            }
        }
    }
    table
}

fn offset(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Table, load_csv, load_toml};
    use crate::report::Report;
    use crate::source::{File, Source};

    fn table(path: &str, text: &str) -> Table {
        let source = Source::new(path, text);
        let mut report = Report::default();
        let file = File::new(&source);
        let table = if path.ends_with(".csv") {
            load_csv("t", &file, &mut report)
        } else {
            load_toml("t", &file, &mut report)
        };
        assert_eq!(report.into_diagnostics(), []);
        table
    }

    #[test]
    fn rows_of_an_organization_come_before_those_of_all() {
        let toml = "doc = 'units'\nrows = [['C62', 'EACH'], ['MTR', 'METER']]\n[organization.NORD]\nrows = [['C62', 'PIECE']]";
        let csv = "record,document,organization\nC62,EACH,\nMTR,METER\nC62,PIECE,NORD\n";
        for table in [table("t.toml", toml), table("t.csv", csv)] {
            assert_eq!(table.to_document("C62", None), Some("EACH"));
            assert_eq!(table.to_document("C62", Some("NORD")), Some("PIECE"));
            assert_eq!(table.to_document("MTR", Some("NORD")), Some("METER"));
            assert_eq!(table.to_record("PIECE", Some("NORD")), Some("C62"));
            assert_eq!(table.to_record("EACH", Some("NORD")), Some("C62"));
            assert_eq!(table.to_record("PIECE", None), None);
        }
    }

    #[test]
    fn the_first_of_several_rows_wins_on_either_side() {
        let table = table("t.toml", "doc = 'd'\nrows = [['a', '1'], ['b', '1'], ['a', '2']]");
        assert_eq!((table.to_record("1", None), table.to_document("a", None)), (Some("a"), Some("1")));
        assert_eq!(table.to_record("2", None), Some("a"));
    }

    #[test]
    fn a_range_holds_its_lower_end_and_not_its_upper_one() {
        let toml = "doc = 'd'\nranges = true\nrows = [['R', '3200..3700'], ['S', '3700'], ['B', '1300..1400.01'], ['X', '3500']]";
        let table = table("t.toml", toml);
        for (word, expected) in [
            ("3200", Some("R")),
            ("3200.5", Some("R")),
            ("3699.99", Some("R")),
            ("3700", Some("S")),
            ("3500", Some("X")),
            ("1400", Some("B")),
            ("1400.01", None),
            ("3200.70.06.10", Some("R")),
            ("1400.01.1", None),
            ("R", None),
        ] {
            assert_eq!(table.to_record(word, None), expected, "{word}");
        }
        assert_eq!(
            (table.to_document("R", None), table.to_document("S", None)),
            (Some("3200"), Some("3700"))
        );
    }
}
