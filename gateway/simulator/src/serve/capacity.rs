//! How much a simulated DOM can do: so many calls at a time, each for so long, and so many that wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a DOM can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Calls it works on at a time.
    pub at_once: usize,
    /// How long each takes.
    pub service: Duration,
    /// Calls that wait; one more is answered with status 503.
    pub waiting: usize,
}

/// The places of a DOM; without a capacity there are always some.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<Option<Bounded>>);

#[derive(Debug, Clone)]
struct Bounded {
    /// At work.
    work: Arc<Semaphore>,
    /// At work or waiting.
    all: Arc<Semaphore>,
    service: Duration,
}

/// The DOM has too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overloaded;

/// A place, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _work: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

// === impl Places ===

impl Places {
    pub(crate) fn set(&self, capacity: Option<Capacity>) {
        let bounded = capacity.map(|capacity| Bounded {
            work: Arc::new(Semaphore::new(capacity.at_once)),
            all: Arc::new(Semaphore::new(capacity.at_once.saturating_add(capacity.waiting))),
            service: capacity.service,
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bounded;
    }

    /// Waits for a place, and then as long as a call takes.
    pub(crate) async fn take(&self) -> Result<Place, Overloaded> {
        let bounded = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(bounded) = bounded else { return Ok(Place { _work: None, _all: None }) };
        let all = bounded.all.try_acquire_owned().map_err(|_| Overloaded)?;
        let work = bounded.work.acquire_owned().await.map_err(|_| Overloaded)?;
        tokio::time::sleep(bounded.service).await;
        Ok(Place { _work: Some(work), _all: Some(all) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Capacity, Overloaded, Places};

    #[tokio::test(start_paused = true)]
    async fn so_many_work_so_many_wait_and_one_more_is_refused() {
        let places = Places::default();
        assert!(places.take().await.is_ok());
        places.set(Some(Capacity { at_once: 1, service: Duration::from_secs(1), waiting: 1 }));
        let take = || async { places.take().await.map(drop) };
        assert_eq!(tokio::join!(take(), take(), take()), (Ok(()), Ok(()), Err(Overloaded)));
        assert_eq!(take().await, Ok(()));
    }
}
