//! The memory that bodies take: counted as they come, given back when their calls are over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all bodies of a listener may take.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    left: Arc<AtomicUsize>,
}

/// What one body takes, until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    memory: Memory,
    bytes: usize,
}

// === impl Memory ===

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        Self { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// A body of which nothing has come.
    pub(super) fn nothing(&self) -> Held {
        Held { memory: self.clone(), bytes: 0 }
    }
}

// === impl Held ===

impl Held {
    /// Takes so many bytes more, if there are so many left.
    #[must_use]
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let left = &self.memory.left;
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        if taken.is_ok() {
            self.bytes = self.bytes.saturating_add(bytes);
        }
        taken.is_ok()
    }

    /// Takes as many bytes as it takes to have so many.
    #[must_use]
    pub(super) fn take_up_to(&mut self, bytes: usize) -> bool {
        self.take(bytes.saturating_sub(self.bytes))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn what_is_held_is_bounded_in_all_and_comes_back() {
        let memory = Memory::new(10);
        let (mut one, mut other) = (memory.nothing(), memory.nothing());
        assert!(one.take_up_to(4) && one.take_up_to(4) && other.take(6));
        assert!(!one.take(1) && one.take(0));
        drop(other);
        assert!(one.take_up_to(10) && !one.take_up_to(11));
        drop(one);
        assert!(memory.nothing().take(10));
    }
}
