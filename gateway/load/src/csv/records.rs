//! From bytes to rows of fields, with bounds, and without one row's lost quote taking others with it.

use std::io::{self, ErrorKind, Read};
use std::str;

use csv_core::{ReadRecordResult, Reader};

use super::Unreadable;
use crate::{Column, ColumnFault, Reason};

/// Bytes a row may have, quotes and commas apart.
pub const ROW_BYTES: usize = 64 * 1024;

/// Bytes read at a time; more than a row may have, so that a whole row lies side by side.
const INPUT_BYTES: usize = 4 * ROW_BYTES;

/// Columns that are counted before a row is given up.
const MOST_COLUMNS: usize = 64;

/// First bytes of files that are often taken for one of ours.
const OTHER_FORMS: &[(&[u8], &str)] = &[
    (&[0xff, 0xfe], "UTF-16 text"),
    (&[0xfe, 0xff], "UTF-16 text"),
    (&[0x1f, 0x8b], "a gzip file"),
    (b"PK\x03\x04", "a zip file, perhaps a spreadsheet"),
    (b"<", "XML or HTML"),
    (b"{", "JSON"),
];

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Reads rows into one buffer, one after the other.
#[derive(Debug)]
pub(super) struct Records<R> {
    source: R,
    source_ended: bool,
    bytes_read: u64,
    parser: Reader,
    input: Box<[u8]>,
    /// Where in `input` the row begins, how far it is parsed, and where the bytes end.
    begin: usize,
    at: usize,
    end: usize,
    /// The row's fields without their quotes, side by side.
    text: Box<[u8]>,
    /// Where in `text` each of them ends.
    ends: [usize; MOST_COLUMNS],
    columns: usize,
    /// Bytes of `text` the row has.
    written: usize,
    line: u64,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A row with as many fields as there are columns.
    Fields,
    /// A row, or a line, that is none.
    Bad(Reason),
    /// A last row that is too short, with no line end behind it.
    CutOff,
    /// Nothing more.
    End,
}

// === impl Records ===

impl<R: Read> Records<R> {
    /// Reads the first bytes.
    pub(super) fn open(source: R) -> Result<Self, Unreadable> {
        let mut records = Self {
            source,
            source_ended: false,
            bytes_read: 0,
            parser: Reader::new(),
            input: vec![0; INPUT_BYTES].into(),
            begin: 0,
            at: 0,
            end: 0,
            text: vec![0; ROW_BYTES].into(),
            ends: [0; MOST_COLUMNS],
            columns: 0,
            written: 0,
            line: 1,
        };
        while records.end < 4 && !records.source_ended {
            records.fill()?;
        }
        let input = records.input.get(..records.end).unwrap_or_default();
        if let Some((_, found)) = OTHER_FORMS.iter().find(|(start, _)| input.starts_with(start)) {
            return Err(Unreadable::Form { found });
        }
        Ok(records)
    }

    /// Reads the next row that is not empty.
    pub(super) fn advance(&mut self) -> io::Result<Found> {
        self.go_to_next_row()?;
        self.begin = self.at;
        self.line = self.parser.line();
        self.columns = 0;
        self.written = 0;
        loop {
            let input = self.input.get(self.at..self.end).unwrap_or_default();
            let text = self.text.get_mut(self.written..).unwrap_or_default();
            let ends = self.ends.get_mut(self.columns..).unwrap_or_default();
            let (result, read, wrote, ended) = self.parser.read_record(input, text, ends);
            self.at += read;
            self.written += wrote;
            self.columns += ended;
            match result {
                ReadRecordResult::Record => return self.judge(),
                ReadRecordResult::End => return Ok(Found::End),
                ReadRecordResult::InputEmpty => {
                    if !self.fill()? {
                        return self.give_up(Reason::RowTooLong { limit: ROW_BYTES });
                    }
                }
                ReadRecordResult::OutputFull => {
                    return self.give_up(Reason::RowTooLong { limit: ROW_BYTES });
                }
                ReadRecordResult::OutputEndsFull => {
                    return self.give_up(Reason::Columns { found: MOST_COLUMNS, separator: None });
                }
            }
        }
    }

    /// Whether what was parsed is a row. One that goes over several lines and is none is the work of a lost quote:
    /// then only its first line is bad, and the following are read anew.
    fn judge(&mut self) -> io::Result<Found> {
        let row = self.row();
        let at_the_end = self.source_ended && self.at == self.end;
        // Nothing was taken away but one byte behind each field; only behind the last of all there need not be one.
        let plain = row.len() == self.written + self.columns && !at_the_end;
        if plain && self.columns == Column::COUNT {
            return Ok(Found::Fields);
        }
        let closed = plain || every_quote_is_closed(row);
        if (!closed || self.columns != Column::COUNT) && has_several_lines(row) {
            self.go_to_line_end(self.begin)?;
            return Ok(Found::Bad(Reason::Quotes));
        }
        let separator = other_separator(row);
        let cut = at_the_end && !row.last().is_some_and(is_line_end);
        Ok(if self.columns < Column::COUNT && cut && separator.is_none() {
            Found::CutOff
        } else if !closed {
            Found::Bad(Reason::Quotes)
        } else if self.columns != Column::COUNT {
            Found::Bad(Reason::Columns { found: self.columns, separator })
        } else {
            Found::Fields
        })
    }

    /// Gives up a row that is beyond a bound, and goes on behind its line.
    fn give_up(&mut self, reason: Reason) -> io::Result<Found> {
        let reason = if has_several_lines(self.row()) { Reason::Quotes } else { reason };
        self.go_to_line_end(self.begin)?;
        Ok(Found::Bad(reason))
    }

    fn go_to_line_end(&mut self, from: usize) -> io::Result<()> {
        self.at = from;
        self.parser.reset();
        self.parser.set_line(self.line);
        loop {
            let rest = self.input.get(self.at..self.end).unwrap_or_default();
            if let Some(length) = rest.iter().position(is_line_end) {
                self.at += length;
                return Ok(());
            }
            // Nothing of it is needed any more: all the room is free.
            (self.at, self.begin) = (self.end, self.end);
            if self.source_ended {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Passes over line ends, which are counted here, so that the row's line is known before it is parsed; and over
    /// a byte order mark, which may stand before any row where files were joined.
    fn go_to_next_row(&mut self) -> io::Result<()> {
        loop {
            let rest = self.input.get(self.at..self.end).unwrap_or_default();
            let length = rest.iter().take_while(|byte| is_line_end(byte)).count();
            let lines = rest.iter().take(length).filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>();
            self.parser.set_line(self.parser.line() + lines);
            self.at += length;
            let row = rest.get(length..).unwrap_or_default();
            if row.starts_with(BYTE_ORDER_MARK) {
                self.at += BYTE_ORDER_MARK.len();
                continue;
            }
            if row.len() >= BYTE_ORDER_MARK.len() || self.source_ended {
                return Ok(());
            }
            self.begin = self.at;
            self.fill()?;
        }
    }

    /// Reads more, or finds the source's end; false if there is no room for more of this row.
    fn fill(&mut self) -> io::Result<bool> {
        self.input.copy_within(self.begin..self.end, 0);
        self.at -= self.begin;
        self.end -= self.begin;
        self.begin = 0;
        let room = self.input.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            return Ok(false);
        }
        loop {
            match self.source.read(room) {
                Ok(length) => {
                    let length = length.min(room.len());
                    self.end += length;
                    self.bytes_read += length as u64;
                    self.source_ended = length == 0;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R> Records<R> {
    /// The line the row begins on.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The row's fields, or the first that is not text.
    pub(super) fn fields(&self) -> Result<[&str; Column::COUNT], ColumnFault> {
        let mut fields = [""; Column::COUNT];
        let whole = str::from_utf8(self.text.get(..self.written).unwrap_or_default()).unwrap_or_default();
        let mut begin = 0;
        for (field, end) in fields.iter_mut().zip(self.ends) {
            // None also where bytes of one character lie in two fields.
            let Some(text) = whole.get(begin..end) else { return Err(self.encoding_fault()) };
            *field = text;
            begin = end;
        }
        Ok(fields)
    }

    /// All fields that are text, however many there are.
    pub(super) fn raw_fields(&self) -> impl Iterator<Item = &str> {
        self.field_bytes().map(|bytes| str::from_utf8(bytes).unwrap_or_default())
    }

    fn encoding_fault(&self) -> ColumnFault {
        let mut fields = Column::ALL.into_iter().zip(self.field_bytes());
        let bad = fields.find(|(_, bytes)| str::from_utf8(bytes).is_err());
        let (column, bytes) = bad.unwrap_or((Column::PartNumber, &[]));
        ColumnFault::new(column, Reason::Encoding, &String::from_utf8_lossy(bytes))
    }

    fn field_bytes(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.ends.iter().take(self.columns);
        ends.scan(0, |begin, end| {
            let bytes = self.text.get(*begin..*end);
            *begin = *end;
            bytes
        })
    }

    /// The row as it stands in the file, as far as it was parsed.
    fn row(&self) -> &[u8] {
        self.input.get(self.begin..self.at).unwrap_or_default()
    }
}

const fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether a row has a line end in it, and not only at its end.
fn has_several_lines(row: &[u8]) -> bool {
    let length = row.iter().rposition(|byte| !is_line_end(byte)).unwrap_or_default();
    row.iter().take(length).any(is_line_end)
}

/// Whether each field that begins with a quote also ends with one. The parser is content with less.
fn every_quote_is_closed(row: &[u8]) -> bool {
    let mut rest = row;
    loop {
        rest = match rest {
            [b'"', inside @ ..] => match behind_quote(inside) {
                Some(behind) => behind,
                None => return false,
            },
            plain => {
                let length = plain.iter().position(|byte| *byte == b',' || is_line_end(byte));
                plain.get(length.unwrap_or(plain.len())..).unwrap_or_default()
            }
        };
        rest = match rest {
            [b',', next @ ..] => next,
            [] => return true,
            [byte, ..] => return is_line_end(byte),
        };
    }
}

/// What follows the closing quote of a field; two quotes side by side are one of its text.
fn behind_quote(mut inside: &[u8]) -> Option<&[u8]> {
    loop {
        let quote = inside.iter().position(|byte| *byte == b'"')?;
        match inside.get(quote + 1..)? {
            [b'"', more @ ..] => inside = more,
            behind => return Some(behind),
        }
    }
}

/// What separates the columns of a row instead of commas, if it looks as if something did.
fn other_separator(row: &[u8]) -> Option<char> {
    let count = |separator: u8| row.iter().filter(|byte| **byte == separator).count();
    let others = [b';', b'\t', b'|'].into_iter();
    others.filter(|separator| count(*separator) >= Column::COUNT - 1).map(char::from).next()
}
