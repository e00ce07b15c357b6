//! The file on its way: read in pieces, counted.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc;

/// Bytes of a piece.
const PIECE_BYTES: usize = 256 * 1024;

/// What was read of the file so far.
#[derive(Debug, Default)]
pub(super) struct Sent {
    bytes: AtomicU64,
}

/// A source whose bytes are counted as they are read.
#[derive(Debug)]
pub(super) struct Counted<R> {
    pub(super) source: R,
    pub(super) sent: Arc<Sent>,
}

/// Sends a source in pieces until its end, or until nobody takes them any more.
///
/// # Errors
/// The source cannot be read; the receiver is told.
pub(super) fn send(mut source: impl Read, pieces: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let read = source.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece);
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => {
                if pieces.blocking_send(Ok(piece.into())).is_err() {
                    return Ok(());
                }
            }
            Err(error) => {
                let _ = pieces.blocking_send(Err(error.kind().into()));
                return Err(error);
            }
        }
    }
}

// === impl Sent ===

impl Sent {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(room)?;
        self.sent.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
