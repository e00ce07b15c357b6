//! A body as it is gathered: in the pieces in which it came, so that a large one is copied once.
//!
//! Each piece takes some memory beside its bytes. A caller decides how large they are, so small ones are put together as
//! they come: a body never takes several times what is counted for it.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// A piece that is smaller, but for the first one, is put together with those around it.
const LEAST_PIECE: usize = 512;

/// As many bytes as small pieces are put together to.
const PUT_TOGETHER: usize = 64 * 1_024;

/// The bytes of a body so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pieces: VecDeque<Bytes>,
    /// Small pieces since the last large one.
    small: BytesMut,
    bytes: usize,
}

// === impl Gathered ===

impl Gathered {
    /// How many bytes came so far.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn add(&mut self, piece: Bytes) {
        self.bytes = self.bytes.saturating_add(piece.len());
        let is_first = self.pieces.is_empty() && self.small.is_empty();
        if piece.len() < LEAST_PIECE && !is_first {
            self.small.extend_from_slice(&piece);
            if self.small.len() >= PUT_TOGETHER {
                self.end_small();
            }
            return;
        }
        self.end_small();
        self.pieces.push_back(piece);
    }

    /// All of it in one piece. Each of the others is let go as soon as it is copied.
    pub(super) fn whole(mut self) -> Bytes {
        self.end_small();
        if self.pieces.len() == 1 {
            return self.pieces.pop_front().unwrap_or_default();
        }
        let mut whole = BytesMut::with_capacity(self.bytes);
        while let Some(piece) = self.pieces.pop_front() {
            whole.extend_from_slice(&piece);
        }
        whole.freeze()
    }

    fn end_small(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push_back(std::mem::take(&mut self.small).freeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{Gathered, LEAST_PIECE};

    /// What is kept of a body that comes in pieces of these lengths, and the body.
    fn gathered(lengths: impl IntoIterator<Item = usize>) -> (usize, Gathered, Vec<u8>) {
        let (mut gathered, mut body) = (Gathered::default(), Vec::new());
        for (number, length) in lengths.into_iter().enumerate() {
            let piece = vec![u8::try_from(number % 251).unwrap(); length];
            body.extend_from_slice(&piece);
            gathered.add(Bytes::from(piece));
        }
        (gathered.pieces.len(), gathered, body)
    }

    #[test]
    fn a_body_of_many_small_pieces_is_kept_in_few() {
        for (pieces, length) in [(10_000, 1), (10_000, 0), (10_000, 100), (1_000, LEAST_PIECE - 1)] {
            let (kept, gathered, body) = gathered(std::iter::repeat_n(length, pieces));
            assert!(kept <= 2 + body.len() / LEAST_PIECE, "{kept} of {pieces} of {length}");
            assert_eq!(gathered.bytes(), body.len());
            assert_eq!(gathered.whole(), body);
        }
    }

    #[test]
    fn a_body_that_came_at_once_is_not_copied() {
        for length in [1, LEAST_PIECE, 100_000] {
            let piece = Bytes::from(vec![7; length]);
            let mut gathered = Gathered::default();
            gathered.add(piece.clone());
            assert_eq!(gathered.whole().as_ptr(), piece.as_ptr(), "{length}");
        }
        assert_eq!(Gathered::default().whole(), Bytes::new());
    }

    proptest! {
        #[test]
        fn any_body_is_gathered_as_it_came(lengths in prop::collection::vec(0_usize..2_000, 0..60)) {
            let (_, gathered, body) = gathered(lengths);
            prop_assert_eq!(gathered.bytes(), body.len());
            prop_assert_eq!(gathered.whole(), body);
        }
    }
}
