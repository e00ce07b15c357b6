//! A very large document in pieces: small whole documents with the same head and some of the nouns each.
//!
//! A BOD is a root with an application area and a data area, and in that a verb and any number of nouns; an envelope may
//! stand around it. Memory is constant: the head, and the nouns of one piece, both bounded. Only the frame is understood
//! here; that a piece is well-formed and what it means is for [`Tree`](crate::Tree) and whoever reads it.

mod frame;
mod source;

use std::io::{self, BufReader, Read};

use gateway_model::codes;
use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::Event;

use crate::limits::Limits;
use crate::refusal::Refusal;
use frame::{Frame, Step};
use source::{Metered, Text};

/// Bytes of nouns that make a piece, however few they are.
const PIECE_BYTES: usize = 256 * 1024;

/// Bytes read at a time.
const INPUT_BYTES: usize = 64 * 1024;

/// A document in pieces.
pub struct Pieces<R: Read> {
    reader: Reader<Metered<BufReader<Text<R>>>>,
    limits: Limits,
    nouns_per_piece: usize,
    frame: Frame,
    nouns: Nouns,
    event: Vec<u8>,
    ended: bool,
}

/// Some nouns of a document, and what stands around all of them.
#[derive(Debug)]
pub struct Piece<'p> {
    frame: &'p Frame,
    nouns: &'p Nouns,
}

/// The nouns of a piece, side by side.
#[derive(Debug, Default)]
struct Nouns {
    text: String,
    /// Where each begins, and on which line of the document.
    begins: Vec<(usize, u64)>,
}

/// Why a document cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum Unsplit {
    /// Its bytes cannot be read.
    #[error("the bytes cannot be read")]
    Read(#[from] io::Error),
    /// It is no document of this form, or beyond a limit; the line is the document's.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

// === impl Pieces ===

impl<R: Read> Pieces<R> {
    /// Begins to read a document: UTF-8 with or without byte order mark, or what its mark or declaration says.
    ///
    /// `limits` bound its depth, the bytes of a noun (as of one text) and of what stands before the first one.
    ///
    /// # Errors
    /// Its first bytes cannot be read, or are in an encoding nobody knows.
    pub fn open(source: R, limits: &Limits, nouns_per_piece: usize) -> Result<Self, Unsplit> {
        let text = BufReader::with_capacity(INPUT_BYTES, Text::open(source)?);
        let mut reader = Reader::from_reader(Metered::new(text, limits.text_bytes));
        reader.config_mut().check_comments = true;
        Ok(Self {
            reader,
            limits: limits.clone(),
            nouns_per_piece: nouns_per_piece.max(1),
            frame: Frame::default(),
            nouns: Nouns::default(),
            event: Vec::new(),
            ended: false,
        })
    }

    /// The next nouns; `None` at the end of a whole document.
    ///
    /// # Errors
    /// The document cannot be read on. Nothing comes after.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, Unsplit> {
        self.nouns.clear();
        while !self.ended && !self.is_full() {
            self.step()?;
        }
        let Self { frame, nouns, .. } = self;
        Ok((!nouns.begins.is_empty()).then_some(Piece { frame, nouns }))
    }

    /// Bytes read from the source, a little ahead of the piece.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.reader.get_ref().inner().get_ref().bytes_read()
    }

    fn is_full(&self) -> bool {
        self.frame.is_between_nouns()
            && (self.nouns.begins.len() >= self.nouns_per_piece || self.nouns.text.len() >= PIECE_BYTES)
    }

    fn step(&mut self) -> Result<(), Unsplit> {
        let (line, column) = self.reader.get_ref().place();
        let refuse = |code, message: &str| Refusal {
            code,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            message: message.to_owned(),
            expected: None,
        };
        self.event.clear();
        self.reader.get_mut().allow(self.limits.text_bytes);
        let event = match self.reader.read_event_into(&mut self.event) {
            Ok(event) => event,
            Err(error) => {
                let ended = self.reader.get_ref().has_ended();
                return Err(unreadable(error, ended, refuse));
            }
        };
        let before = self.nouns.text.len();
        let step = match event {
            Event::Eof if self.frame.is_whole() && self.frame.has_data_area() => {
                self.ended = true;
                return Ok(());
            }
            Event::Eof if self.frame.is_whole() => {
                let refusal = refuse(codes::MALFORMED_XML, "the document has no data area");
                return Err(refusal.expecting("a BOD with `DataArea` in its root").into());
            }
            Event::Eof => {
                let refusal = refuse(codes::TRUNCATED_XML, "the document ends too early");
                return Err(refusal.expecting(self.frame.expected_end()).into());
            }
            Event::DocType(_) => {
                let refusal = refuse(codes::DOCTYPE_REFUSED, "a document type declaration");
                return Err(refusal.expecting("an element").into());
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => return Ok(()),
            Event::Start(tag) => self.frame.start(&tag, false, &mut self.nouns.text),
            Event::Empty(tag) => self.frame.start(&tag, true, &mut self.nouns.text),
            Event::End(_) => self.frame.end(&mut self.nouns.text),
            Event::Text(text) => self.frame.text(["", ""], &text, &mut self.nouns.text),
            Event::CData(text) => self.frame.text(["<![CDATA[", "]]>"], &text, &mut self.nouns.text),
            Event::GeneralRef(name) => self.frame.text(["&", ";"], &name, &mut self.nouns.text),
        };
        match step {
            Ok(Step::Inside) => {}
            Ok(Step::NounBegins) => self.nouns.begins.push((before, line)),
            Err(fault) => return Err(refuse(fault.code, &fault.message).expecting(fault.expected).into()),
        }
        self.check_bounds(refuse)
    }

    fn check_bounds(
        &self,
        refuse: impl Fn(gateway_model::codes::Code, &str) -> Refusal,
    ) -> Result<(), Unsplit> {
        let Limits { depth, text_bytes, .. } = self.limits;
        let noun_bytes = self.nouns.begins.last().map_or(0, |(begin, _)| self.nouns.text.len() - begin);
        let (message, limit) = if self.frame.depth() > depth {
            ("too many elements inside each other", format!("at most {depth}"))
        } else if noun_bytes > text_bytes {
            ("the noun is too long", format!("at most {text_bytes} bytes"))
        } else if self.frame.head_bytes() > text_bytes {
            ("what stands before the first noun is too long", format!("at most {text_bytes} bytes"))
        } else {
            return Ok(());
        };
        Err(refuse(codes::LIMIT_EXCEEDED, message).expecting(limit).into())
    }
}

impl<R: Read> std::fmt::Debug for Pieces<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Pieces")
            .field("nouns_per_piece", &self.nouns_per_piece)
            .finish_non_exhaustive()
    }
}

fn unreadable(
    error: Error,
    at_the_end: bool,
    refuse: impl Fn(gateway_model::codes::Code, &str) -> Refusal,
) -> Unsplit {
    match error {
        Error::Io(error) if source::is_too_long(&error) => {
            let refusal = refuse(codes::LIMIT_EXCEEDED, "a text or a tag is too long");
            refusal.expecting("fewer bytes").into()
        }
        Error::Io(error) => match source::bad_text(&error) {
            Some(message) => {
                refuse(codes::BAD_ENCODING, message).expecting("text in the declared encoding").into()
            }
            None => Unsplit::Read(io::Error::new(error.kind(), error.to_string())),
        },
        _ if at_the_end => refuse(codes::TRUNCATED_XML, "the document ends too early")
            .expecting("the rest of the document")
            .into(),
        _ => refuse(codes::MALFORMED_XML, "the document is not well-formed")
            .expecting("well-formed XML")
            .into(),
    }
}

// === impl Nouns ===

impl Nouns {
    fn clear(&mut self) {
        self.text.clear();
        self.begins.clear();
    }
}

// === impl Piece ===

impl Piece<'_> {
    /// How many nouns it has; at least one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nouns.begins.len()
    }

    /// Never: a piece has a noun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nouns.begins.is_empty()
    }

    /// The line of the large document that each noun begins on.
    pub fn lines(&self) -> impl Iterator<Item = u64> {
        self.nouns.begins.iter().map(|(_, line)| *line)
    }

    /// A whole document with all nouns of the piece.
    #[must_use]
    pub fn document(&self) -> String {
        self.frame.around(&self.nouns.text)
    }

    /// A whole document for each noun alone.
    pub fn documents(&self) -> impl Iterator<Item = String> {
        let ends = self.nouns.begins.iter().skip(1).map(|(begin, _)| *begin).chain([self.nouns.text.len()]);
        self.nouns
            .begins
            .iter()
            .zip(ends)
            .map(|((begin, _), end)| self.frame.around(self.nouns.text.get(*begin..end).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
