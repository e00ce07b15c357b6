//! The keys that wait to be sent: most urgent first, then in order of arrival.

use std::collections::BTreeMap;

use tokio::time::Instant;

use crate::source::Class;

/// A key's place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    class: Class,
    number: u64,
}

/// The keys that wait; those nobody waits for stand apart.
#[derive(Debug)]
pub(crate) struct Queue<K> {
    wanted: BTreeMap<Ticket, Waiting<K>>,
    refreshes: BTreeMap<Ticket, Waiting<K>>,
    next_number: u64,
}

#[derive(Debug)]
struct Waiting<K> {
    key: K,
    since: Instant,
}

// === impl Queue ===

impl<K> Queue<K> {
    pub(crate) const fn new() -> Self {
        Self { wanted: BTreeMap::new(), refreshes: BTreeMap::new(), next_number: 0 }
    }

    /// A key comes to wait.
    pub(crate) fn enter(&mut self, key: K, class: Class, now: Instant) -> Ticket {
        let ticket = Ticket { class, number: self.next_number };
        self.next_number = self.next_number.saturating_add(1);
        self.side(class).insert(ticket, Waiting { key, since: now });
        ticket
    }

    /// A key becomes more urgent, and keeps its time of arrival; one as urgent or more stays where it is.
    pub(crate) fn hurry(&mut self, ticket: Ticket, class: Class) -> Ticket {
        if class >= ticket.class {
            return ticket;
        }
        let hurried = Ticket { class, ..ticket };
        if let Some(waiting) = self.side(ticket.class).remove(&ticket) {
            self.side(class).insert(hurried, waiting);
        }
        hurried
    }

    /// A key waits no longer.
    pub(crate) fn leave(&mut self, ticket: Ticket) {
        self.side(ticket.class).remove(&ticket);
    }

    /// How many callers' keys wait.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted.len()
    }

    /// How many keys wait for which nobody does.
    pub(crate) fn refreshes(&self) -> usize {
        self.refreshes.len()
    }

    /// Since when the first of the callers' keys waits, and how urgent it is.
    pub(crate) fn first_wanted(&self) -> Option<(Class, Instant)> {
        self.wanted.first_key_value().map(|(ticket, waiting)| (ticket.class, waiting.since))
    }

    /// Since when the first key waits for which nobody does.
    pub(crate) fn first_refresh(&self) -> Option<Instant> {
        self.refreshes.first_key_value().map(|(_, waiting)| waiting.since)
    }

    /// The next callers' keys, so many at most.
    pub(crate) fn take_wanted(&mut self, most: usize) -> Vec<K> {
        take(&mut self.wanted, most)
    }

    /// The next keys for which nobody waits, so many at most.
    pub(crate) fn take_refreshes(&mut self, most: usize) -> Vec<K> {
        take(&mut self.refreshes, most)
    }

    fn side(&mut self, class: Class) -> &mut BTreeMap<Ticket, Waiting<K>> {
        match class {
            Class::Checkout | Class::Browse => &mut self.wanted,
            Class::Refresh => &mut self.refreshes,
        }
    }
}

fn take<K>(side: &mut BTreeMap<Ticket, Waiting<K>>, most: usize) -> Vec<K> {
    let mut keys = Vec::with_capacity(side.len().min(most));
    while keys.len() < most
        && let Some((_, waiting)) = side.pop_first()
    {
        keys.push(waiting.key);
    }
    keys
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Queue;
    use crate::source::Class::{Browse, Checkout, Refresh};

    #[test]
    fn the_most_urgent_go_first_then_the_first_to_come() {
        let (mut queue, now) = (Queue::new(), Instant::now());
        for (key, class) in [("a", Browse), ("b", Refresh), ("c", Checkout), ("d", Browse), ("e", Checkout)] {
            queue.enter(key, class, now);
        }
        assert_eq!((queue.wanted(), queue.refreshes()), (4, 1));
        assert_eq!(queue.take_wanted(3), ["c", "e", "a"]);
        assert_eq!(queue.take_wanted(3), ["d"]);
        assert_eq!(queue.take_refreshes(3), ["b"]);
    }

    #[test]
    fn who_becomes_urgent_keeps_the_time_of_arrival() {
        let (mut queue, now) = (Queue::new(), Instant::now());
        let first = queue.enter("first", Refresh, now);
        queue.enter("second", Checkout, now + Duration::from_secs(1));
        let first = queue.hurry(first, Checkout);
        assert_eq!(queue.first_wanted(), Some((Checkout, now)));
        assert_eq!(queue.first_refresh(), None);
        assert_eq!(queue.hurry(first, Browse), first);
        queue.leave(first);
        assert_eq!(queue.take_wanted(9), ["second"]);
    }
}
