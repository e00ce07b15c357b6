//! Bytes that arrive in their own time, read by a thread that waits for them.

use std::io::{self, ErrorKind, Read};

use bytes::{Buf, Bytes};
use tokio::sync::mpsc;

/// Pieces that may wait between the one that brings them and the one that reads them: enough to keep both busy.
const WAITING_PIECES: usize = 16;

/// Brings the bytes. Dropped before [`Feed::end`], the reader knows that some are missing.
#[derive(Debug)]
pub struct Feed(mpsc::Sender<Piece>);

/// Reads the bytes; only on a thread that may block.
#[derive(Debug)]
pub struct Intake {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

/// Why bytes are missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the upload broke off: {reason}")]
pub struct Broken {
    /// What happened.
    pub reason: String,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    End,
    Broken(Broken),
}

/// Both ends of an intake.
#[must_use]
pub fn intake() -> (Feed, Intake) {
    let (sender, pieces) = mpsc::channel(WAITING_PIECES);
    (Feed(sender), Intake { pieces, current: Bytes::new(), ended: false })
}

// === impl Feed ===

impl Feed {
    /// Brings bytes, as soon as there is room; false if nobody reads any more.
    pub async fn bring(&self, bytes: Bytes) -> bool {
        self.0.send(Piece::Bytes(bytes)).await.is_ok()
    }

    /// There are no more.
    pub async fn end(self) {
        let _ = self.0.send(Piece::End).await;
    }

    /// The rest will not come.
    pub async fn break_off(self, reason: impl Into<String>) {
        let _ = self.0.send(Piece::Broken(Broken { reason: reason.into() })).await;
    }
}

impl Read for Intake {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.current = bytes,
                Some(Piece::End) => self.ended = true,
                Some(Piece::Broken(broken)) => {
                    return Err(io::Error::new(ErrorKind::ConnectionAborted, broken));
                }
                None => {
                    let broken = Broken { reason: "its caller is gone".to_owned() };
                    return Err(io::Error::new(ErrorKind::ConnectionAborted, broken));
                }
            }
        }
        let length = room.len().min(self.current.len());
        if let Some(room) = room.get_mut(..length) {
            self.current.copy_to_slice(room);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read};

    use super::{Bytes, intake};

    #[tokio::test]
    async fn bytes_come_out_as_they_came_in() {
        let (feed, mut intake) = intake();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            intake.read_to_string(&mut text).map(|_| text)
        });
        for number in 0..1000 {
            assert!(feed.bring(Bytes::from(format!("{number},"))).await);
        }
        feed.end().await;
        let expected: String = (0..1000).map(|number| format!("{number},")).collect();
        assert_eq!(reader.join().unwrap().unwrap(), expected);
    }

    #[tokio::test]
    async fn missing_bytes_are_no_end() {
        for told in [true, false] {
            let (feed, mut intake) = intake();
            assert!(feed.bring(Bytes::from_static(b"A,1")).await);
            if told {
                feed.break_off("no byte for 30 s").await;
            } else {
                drop(feed);
            }
            let read = std::thread::spawn(move || intake.read_to_end(&mut Vec::new()));
            let error = read.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
            let reason = if told { "no byte for 30 s" } else { "its caller is gone" };
            assert_eq!(error.to_string(), format!("the upload broke off: {reason}"));
        }
    }
}
