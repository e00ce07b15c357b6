//! The report file: every bad row with its line, column, reason and value, as CSV.

use std::io::{self, Write};

use crate::load::Observer;
use crate::{BadRow, ColumnFault};

/// The names of the report's columns.
const HEADER: &str = "line,column,name,reason,value\n";

/// Writes bad rows to a file, one line for each fault, up to a bound; rows beyond it are only counted.
///
/// A report that cannot be written stops no load: the first error is kept and given by [`Report::finish`]. Nothing
/// is written before the first bad row.
#[derive(Debug)]
pub struct Report<W> {
    to: W,
    room: u64,
    listed: u64,
    unlisted: u64,
    failed: Option<io::Error>,
}

// === impl Report ===

impl<W: Write> Report<W> {
    /// A report of at most so many bad rows.
    pub fn new(to: W, most_rows: u64) -> Self {
        Self { to, room: most_rows, listed: 0, unlisted: 0, failed: None }
    }

    /// Adds a bad row.
    pub fn add(&mut self, bad: &BadRow) {
        if self.failed.is_some() || self.listed == self.room {
            self.unlisted += 1;
            return;
        }
        match self.write(bad) {
            Ok(()) => self.listed += 1,
            Err(error) => {
                self.failed = Some(error);
                self.unlisted += 1;
            }
        }
    }

    /// Ends the report, says in a last line how many bad rows are not listed, and gives back where it was written.
    ///
    /// # Errors
    ///
    /// The first error of writing, if there was one.
    pub fn finish(mut self) -> io::Result<W> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.unlisted > 0 {
            writeln!(self.to, ",,,{} further bad rows are not listed,", self.unlisted)?;
        }
        self.to.flush()?;
        Ok(self.to)
    }

    fn write(&mut self, bad: &BadRow) -> io::Result<()> {
        if self.listed == 0 {
            self.to.write_all(HEADER.as_bytes())?;
        }
        for ColumnFault { column, reason, value } in &bad.faults {
            let number = column.map(|column| column.number().to_string()).unwrap_or_default();
            let name = column.map(|column| column.name()).unwrap_or_default();
            let reason = quoted(&reason.to_string());
            writeln!(self.to, "{},{number},{name},{reason},{}", bad.line, quoted(value))?;
        }
        Ok(())
    }
}

impl<W: Write> Observer for Report<W> {
    fn rejected(&mut self, bad: &BadRow) {
        self.add(bad);
    }
}

/// A value as a field of CSV.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::Report;
    use crate::{BadRow, Column, ColumnFault, Reason};

    fn bad(line: u64) -> BadRow {
        let fault = |column, reason, value| ColumnFault::new(column, reason, value);
        let status = fault(Column::InventoryStatus, Reason::Status, "a,\"b\"\n");
        BadRow { line, faults: vec![status, fault(Column::AvailableQuantity, Reason::Negative, "-3")] }
    }

    #[test]
    fn every_fault_has_a_line_with_its_place_and_value() {
        let mut report = Report::new(Vec::new(), 10);
        report.add(&bad(7));
        report.add(&BadRow::whole(9, Reason::Columns { found: 1, separator: Some(';') }));
        let expected = "line,column,name,reason,value\n\
            7,4,InventoryStatus,\"expected `AVL`, `BA` or `UAVL`\",\"a,\"\"b\"\"\u{fffd}\"\n\
            7,5,AvailableQuantity,expected a quantity of zero or more,-3\n\
            9,,,\"expected 14 columns with commas between them, found 1 (it has ';' in plenty)\",\n";
        assert_eq!(String::from_utf8(report.finish().unwrap()).unwrap(), expected);
    }

    #[test]
    fn rows_beyond_the_bound_are_counted() {
        let mut report = Report::new(Vec::new(), 2);
        (1..=5).for_each(|line| report.add(&bad(line)));
        let text = String::from_utf8(report.finish().unwrap()).unwrap();
        assert_eq!(text.lines().count(), 1 + 4 + 1);
        assert!(text.ends_with("\n,,,3 further bad rows are not listed,\n"), "{text}");
    }

    #[test]
    fn without_bad_rows_nothing_is_written() {
        assert_eq!(Report::new(Vec::new(), 2).finish().unwrap(), b"");
    }

    #[test]
    fn a_disk_that_is_full_is_told_at_the_end() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut report = Report::new(Full, 2);
        report.add(&bad(1));
        report.add(&bad(2));
        assert_eq!(report.finish().err().map(|error| error.kind()), Some(io::ErrorKind::StorageFull));
    }
}
