//! Bytes of a document as UTF-8, counted: how many were read, how many lines were passed, how many one scan may take.

use std::fmt;
use std::io::{self, BufRead, Cursor, ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_8};

use crate::decode::encoding_of;
use crate::refusal::Refusal;

/// Bytes in which the encoding is looked for.
const FIRST_BYTES: usize = 1_024;

/// Bytes transcoded at a time.
const CHUNK_BYTES: usize = 16 * 1_024;

/// A source as UTF-8. Bytes that are UTF-8 already pass as they are, and are checked by whoever makes texts of them.
pub(super) struct Text<R> {
    source: io::Chain<Cursor<Vec<u8>>, R>,
    read: u64,
    transcoder: Option<Transcoder>,
}

struct Transcoder {
    decoder: Decoder,
    chunk: Vec<u8>,
    /// Transcoded and not yet taken.
    ready: Vec<u8>,
    taken: usize,
    ended: bool,
}

/// A bound on what one scan may take, and the place in the text.
pub(super) struct Metered<B> {
    inner: B,
    allowance: usize,
    line: u64,
    column: u64,
    ended: bool,
}

/// The scan took more than it may.
#[derive(Debug, Clone, Copy)]
struct TooLong;

/// The bytes are not text in their encoding.
#[derive(Debug, Clone, Copy)]
struct BadText;

// === impl Text ===

impl<R: Read> Text<R> {
    /// Finds the encoding by the first bytes.
    pub(super) fn open(mut source: R) -> Result<Self, super::Unsplit> {
        let mut first = Vec::with_capacity(FIRST_BYTES);
        source.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut first)?;
        let (encoding, rest) = encoding_of(&first, None).map_err(|refusal: Refusal| refusal)?;
        let transcoder = (encoding != UTF_8).then(|| Transcoder {
            decoder: encoding.new_decoder_without_bom_handling(),
            chunk: vec![0; CHUNK_BYTES],
            ready: Vec::new(),
            taken: 0,
            ended: false,
        });
        let first = rest.to_vec();
        Ok(Self { source: Cursor::new(first).chain(source), read: 0, transcoder })
    }
}

impl<R> Text<R> {
    /// Bytes read from the source.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.read
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let Some(transcoder) = &mut self.transcoder else {
            let read = self.source.read(room)?;
            self.read += read as u64;
            return Ok(read);
        };
        while transcoder.taken == transcoder.ready.len() && !transcoder.ended {
            let read = self.source.read(&mut transcoder.chunk)?;
            self.read += read as u64;
            transcoder.transcode(read)?;
        }
        let ready = transcoder.ready.get(transcoder.taken..).unwrap_or_default();
        let length = ready.len().min(room.len());
        if let (Some(room), Some(ready)) = (room.get_mut(..length), ready.get(..length)) {
            room.copy_from_slice(ready);
        }
        transcoder.taken += length;
        Ok(length)
    }
}

// === impl Transcoder ===

impl Transcoder {
    fn transcode(&mut self, read: usize) -> io::Result<()> {
        self.ended = read == 0;
        self.taken = 0;
        let bytes = self.chunk.get(..read).unwrap_or_default();
        let most =
            self.decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(4 * CHUNK_BYTES);
        self.ready.resize(most, 0);
        let (result, _, written) =
            self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.ready, self.ended);
        self.ready.truncate(written);
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
                Err(io::Error::new(ErrorKind::InvalidData, BadText))
            }
        }
    }
}

// === impl Metered ===

impl<B> Metered<B> {
    pub(super) const fn new(inner: B, allowance: usize) -> Self {
        Self { inner, allowance, line: 1, column: 1, ended: false }
    }

    /// The next scan may take so many bytes.
    pub(super) const fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Line and column of what comes next, from 1.
    pub(super) const fn place(&self) -> (u64, u64) {
        (self.line, self.column)
    }

    /// Whether the source has no more.
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) const fn inner(&self) -> &B {
        &self.inner
    }
}

impl<B: BufRead> Read for Metered<B> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.len().min(room.len());
        let taken = self.inner.read(room.get_mut(..length).unwrap_or_default())?;
        Ok(taken)
    }
}

impl<B: BufRead> BufRead for Metered<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowance == 0 {
            return Err(io::Error::new(ErrorKind::InvalidData, TooLong));
        }
        let bytes = self.inner.fill_buf()?;
        self.ended = bytes.is_empty();
        Ok(bytes)
    }

    fn consume(&mut self, amount: usize) {
        self.allowance = self.allowance.saturating_sub(amount);
        // What is consumed was filled before, so nothing is read here.
        let filled = self.inner.fill_buf().unwrap_or_default();
        let bytes = filled.get(..amount).unwrap_or(filled);
        let (lines, last) = match memchr::memrchr(b'\n', bytes) {
            Some(last) => {
                (memchr::memchr_iter(b'\n', bytes).count(), bytes.get(last + 1..).unwrap_or_default())
            }
            None => (0, bytes),
        };
        if lines > 0 {
            self.line += lines as u64;
            self.column = 1;
        }
        self.column += last.iter().filter(|byte| (**byte & 0xc0) != 0x80).count() as u64;
        self.inner.consume(amount);
    }
}

pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<TooLong>())
}

pub(super) fn bad_text(error: &io::Error) -> Option<&'static str> {
    error.get_ref()?.is::<BadText>().then_some("the bytes are not text in their encoding")
}

impl fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a tag is too long")
    }
}

impl std::error::Error for TooLong {}

impl fmt::Display for BadText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the bytes are not text in their encoding")
    }
}

impl std::error::Error for BadText {}
