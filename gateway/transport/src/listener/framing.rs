//! Where HTTP/1.1 requests begin and end in a connection's bytes, and which of them could be read in two ways.
//!
//! hyper reads a request with both `Content-Length` and `Transfer-Encoding` by the latter and drops the former before
//! anybody can see it (RFC 9112 section 6.3 allows that). A proxy in front of us that goes by the length would see
//! another request in the same bytes, which is how requests are smuggled. So the bytes are watched on their way into
//! hyper: this machine follows heads and bodies and tells from which request on the framing cannot be vouched for.

/// How much of a head's line is kept; the two headers of interest are far shorter, unless somebody plays with blanks.
const KEPT_BYTES: usize = 128;

/// The most digits a chunk's size may have: `u64` in hexadecimal.
const CHUNK_SIZE_DIGITS: usize = 16;

/// A connection's bytes so far.
#[derive(Debug)]
pub(super) struct Framing {
    state: State,
    line: Vec<u8>,
    head: Head,
    heads_begun: u64,
    heads_ended: u64,
    doubtful_from: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a head.
    Between,
    /// In a line of a head.
    Head,
    /// In a body that has so many bytes to go.
    Body(u64),
    /// In the line that gives a chunk's size.
    ChunkSize,
    /// In a chunk that has so many bytes to go.
    Chunk(u64),
    /// In the line end after a chunk.
    ChunkEnd,
    /// In the lines after the last chunk.
    Trailer,
    /// What follows cannot be told apart any more.
    Lost,
}

/// What the head under way says of its body.
#[derive(Debug, Default)]
struct Head {
    length: Option<u64>,
    chunked: bool,
    doubtful: bool,
}

// === impl Framing ===

impl Framing {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Between,
            line: Vec::new(),
            head: Head { length: None, chunked: false, doubtful: false },
            heads_begun: 0,
            heads_ended: 0,
            doubtful_from: None,
        }
    }

    /// Whether a head has begun and not ended.
    pub(super) fn in_head(&self) -> bool {
        self.state == State::Head
    }

    /// Heads that have begun.
    pub(super) const fn heads_begun(&self) -> u64 {
        self.heads_begun
    }

    /// The first request, counted from 1, whose framing cannot be vouched for if it has a `Transfer-Encoding`.
    pub(super) const fn doubtful_from(&self) -> Option<u64> {
        self.doubtful_from
    }

    /// Follows the next bytes of the connection.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.state != State::Lost {
            bytes = match self.state {
                State::Body(left) => self.skip(bytes, left),
                State::Chunk(left) => self.skip(bytes, left),
                _ => self.read_line(bytes),
            };
        }
    }

    /// Passes over content, of which `left` bytes are to come; gives what follows.
    fn skip<'b>(&mut self, bytes: &'b [u8], left: u64) -> &'b [u8] {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left.saturating_sub(taken as u64);
        self.state = match (self.state, left) {
            (State::Body(_), 0) => State::Between,
            (State::Body(_), left) => State::Body(left),
            (_, 0) => State::ChunkEnd,
            (_, left) => State::Chunk(left),
        };
        bytes.get(taken..).unwrap_or_default()
    }

    /// Takes the bytes up to the line's end; gives what follows.
    fn read_line<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let end = memchr::memchr(b'\n', bytes);
        let (part, rest) = match end {
            Some(end) => (bytes.get(..end), bytes.get(end.saturating_add(1)..)),
            None => (Some(bytes), None),
        };
        let part = part.unwrap_or_default();
        if self.state == State::Between && !part.iter().all(|byte| *byte == b'\r') {
            self.state = State::Head;
            self.head = Head::default();
            self.heads_begun = self.heads_begun.saturating_add(1);
        }
        let room = KEPT_BYTES.saturating_sub(self.line.len());
        self.line.extend_from_slice(part.get(..room).unwrap_or(part));
        if end.is_some() {
            self.end_line();
        }
        rest.unwrap_or_default()
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        match self.state {
            State::Head if line.is_empty() => self.end_head(),
            State::Head => self.head.read(&line),
            State::ChunkSize => match chunk_size(&line) {
                Some(0) => self.state = State::Trailer,
                Some(size) => self.state = State::Chunk(size),
                None => self.lose(),
            },
            State::ChunkEnd if line.is_empty() => self.state = State::ChunkSize,
            State::ChunkEnd => self.lose(),
            State::Trailer if line.is_empty() => self.state = State::Between,
            // A blank line before a request is passed over (RFC 9112 section 2.2).
            _ => {}
        }
        line.clear();
        self.line = line;
    }

    fn end_head(&mut self) {
        self.heads_ended = self.heads_ended.saturating_add(1);
        if self.head.doubtful || (self.head.chunked && self.head.length.is_some()) {
            self.doubtful_from = Some(self.heads_ended);
            self.state = State::Lost;
            return;
        }
        self.state = match (self.head.chunked, self.head.length) {
            (true, _) => State::ChunkSize,
            (false, Some(length)) if length > 0 => State::Body(length),
            (false, _) => State::Between,
        };
    }

    /// What comes after the request under way is not vouched for.
    fn lose(&mut self) {
        self.doubtful_from = Some(self.heads_ended.saturating_add(1));
        self.state = State::Lost;
    }
}

// === impl Head ===

impl Head {
    /// Reads one line; the request line and most headers mean nothing here.
    fn read(&mut self, line: &[u8]) {
        let Some(colon) = memchr::memchr(b':', line) else { return };
        let (Some(name), Some(value)) = (line.get(..colon), line.get(colon.saturating_add(1)..)) else {
            return;
        };
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = decimal(value.trim_ascii());
            // A list, a sign or two different lengths: hyper refuses them, and until then nothing is vouched for.
            self.doubtful |= length.is_none() || self.length.is_some_and(|known| Some(known) != length);
            self.doubtful |= line.len() >= KEPT_BYTES;
            self.length = length.or(Some(0));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.doubtful |= self.chunked || !value.trim_ascii().eq_ignore_ascii_case(b"chunked");
            self.chunked = true;
        }
    }
}

/// A content length: digits and nothing else, for Rust's own parser takes a sign too.
fn decimal(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The size a chunk's line gives, its extensions aside.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let fits = !digits.is_empty() && digits.len() <= CHUNK_SIZE_DIGITS;
    let hexadecimal = digits.iter().all(u8::is_ascii_hexdigit);
    if !fits || !hexadecimal {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Framing;

    const PLAIN: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    const CHUNKED: &str =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    const TRAILERS: &str =
        "POST / HTTP/1.1\r\ntransfer-encoding:  Chunked \r\n\r\n03;x=y\r\nabc\r\n000\r\nA: b\r\n\r\n";
    const EMPTY: &str = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const LURE: &str = "POST / HTTP/1.1\r\nContent-Length: 51\r\n\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nab";
    const BOTH: &str =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    const BOTH_TURNED: &str = "POST / HTTP/1.1\nTRANSFER-ENCODING: chunked\ncontent-length: 3\n\n0\r\n\r\n";

    fn after(bytes: &[u8], step: usize) -> Framing {
        let mut framing = Framing::new();
        for part in bytes.chunks(step) {
            framing.feed(part);
        }
        framing
    }

    #[test]
    fn the_first_doubtful_request_is_found_wherever_the_bytes_are_split() {
        let cases: &[(&[&str], u64, Option<u64>)] = &[
            (&[], 0, None),
            (&[PLAIN], 1, None),
            (&[CHUNKED], 1, None),
            (&[PLAIN, CHUNKED, TRAILERS, EMPTY, LURE, PLAIN], 6, None),
            (&[BOTH], 1, Some(1)),
            (&[BOTH_TURNED], 1, Some(1)),
            (&[PLAIN, CHUNKED, TRAILERS, LURE, EMPTY, BOTH], 6, Some(6)),
            (&["POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"], 1, Some(1)),
            (&["POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", CHUNKED], 1, Some(1)),
            (&["POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc"], 1, Some(1)),
            (&["POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"], 1, Some(1)),
            (&["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"], 1, Some(2)),
            (&["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"], 1, Some(2)),
            (&["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n"], 1, Some(2)),
        ];
        for (requests, begun, doubtful) in cases {
            let bytes = requests.concat().into_bytes();
            for step in [1, 2, 3, 7, 50, 1_000] {
                let framing = after(&bytes, step);
                assert_eq!(
                    (framing.heads_begun(), framing.doubtful_from()),
                    (*begun, *doubtful),
                    "{requests:?} {step}"
                );
            }
        }
    }

    #[test]
    fn a_head_is_open_from_its_first_byte_to_the_blank_line() {
        let mut framing = Framing::new();
        for (bytes, open) in [
            ("\r\n", false),
            ("P", true),
            ("OST / HTTP/1.1\r\nHost: a", true),
            ("\r\n\r", true),
            ("\n", false),
        ] {
            framing.feed(bytes.as_bytes());
            assert_eq!(framing.in_head(), open, "{bytes:?}");
        }
    }

    #[test]
    fn a_length_hidden_behind_blanks_is_not_vouched_for() {
        let blanks = " ".repeat(super::KEPT_BYTES);
        let bytes =
            format!("POST / HTTP/1.1\r\nContent-Length:{blanks}3\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(after(bytes.as_bytes(), 10).doubtful_from(), Some(1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_followed_alike_however_they_are_split(
            bytes in prop::collection::vec(prop::sample::select(b"POST /:\r\n;0123af chunkedTransfer-EncodingContent-Length".to_vec()), 0..300),
            step in 1_usize..20,
        ) {
            let (whole, split) = (after(&bytes, 1_000), after(&bytes, step));
            prop_assert_eq!(whole.doubtful_from(), split.doubtful_from());
            prop_assert_eq!(whole.heads_begun(), split.heads_begun());
            prop_assert_eq!(whole.in_head(), split.in_head());
        }
    }
}
