//! How many calls may be under way, and who gives way first when it is nearly so many.
//!
//! Before a call is read nobody knows what it is: only the bound of all holds then. Once it is known how urgent it is, it is
//! refused if more are under way than its class may see: product pages first, orders only at the bound itself. A call that
//! is refused has cost no more than being read.

use std::time::Duration;

use gateway_model::{Class, Fault, Repeat, codes};
use gateway_policy::ByClass;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::Listen;

/// Who is refused should stay away for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Room for calls.
#[derive(Debug)]
pub struct Room {
    places: Semaphore,
    most: usize,
    /// With more calls than this under way, its own among them, a class gives way.
    ceilings: ByClass<usize>,
}

/// A call's place, until it is dropped.
#[derive(Debug)]
pub struct Place<'r> {
    _taken: SemaphorePermit<'r>,
}

// === impl Room ===

impl Room {
    /// Room as it is configured.
    #[must_use]
    pub fn new(listen: &Listen) -> Self {
        let most = listen.calls.min(Semaphore::MAX_PERMITS);
        let ceiling = |class| {
            let percent = usize::try_from(*listen.ceilings.of(class)).unwrap_or(100);
            most.saturating_mul(percent).div_ceil(100)
        };
        Self { places: Semaphore::new(most), most, ceilings: ByClass::from_fn(ceiling) }
    }

    /// Takes a place for a call that nobody has read yet.
    ///
    /// # Errors
    /// `OVERLOADED`, if all are taken.
    pub fn enter(&self) -> Result<Place<'_>, Fault> {
        match self.places.try_acquire() {
            Ok(taken) => Ok(Place { _taken: taken }),
            Err(_) => Err(overloaded("as many calls are under way as the gateway may have".to_owned())),
        }
    }

    /// Says whether a call that has a place may stay, now that its class is known.
    ///
    /// # Errors
    /// `OVERLOADED`, if its class gives way to others.
    pub fn stay(&self, class: Class) -> Result<(), Fault> {
        let under_way = self.most.saturating_sub(self.places.available_permits());
        if under_way <= *self.ceilings.of(class) {
            return Ok(());
        }
        let text = format!("so many calls are under way that `{}` calls give way to others", class.name());
        Err(overloaded(text))
    }
}

fn overloaded(text: String) -> Fault {
    Fault::gateway(codes::OVERLOADED, text).repeat(Repeat::Safe).retry_after(PAUSE)
}

#[cfg(test)]
mod tests {
    use gateway_model::{Class, codes};
    use gateway_policy::ByClass;
    use tokio::sync::Semaphore;

    use super::Room;

    #[test]
    fn the_least_urgent_give_way_first_and_the_most_urgent_only_at_the_bound() {
        let ceilings = ByClass { order: 10, checkout: 9, push: 8, account: 7, browse: 6 };
        let room = Room { places: Semaphore::new(10), most: 10, ceilings };
        let mut places = Vec::new();
        for under_way in 1..=10 {
            places.push(room.enter().unwrap());
            let stays = Class::ALL.into_iter().filter(|class| room.stay(*class).is_ok()).count();
            assert_eq!(stays, 5_usize.min(11 - under_way), "{under_way}");
        }
        assert_eq!(room.enter().unwrap_err().code, codes::OVERLOADED);
        places.truncate(6);
        assert!(room.stay(Class::Browse).is_ok());
    }
}
