//! Stock by item, unit and node: what is there, what will come, what is held for whom.
//!
//! Held stock is still there until it ships; what may be promised is what is there or will come, less what is held.
//! Invariant: no more is ever held of a supply than the supply has, unless the supply itself was lowered afterwards.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::scenario::Supply;

/// What is stocked where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) item: String,
    pub(crate) unit: String,
    pub(crate) node: String,
}

/// Which supply of a place: there now, or coming on a day. In order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    OnHand,
    Future(Date),
}

/// For whom stock is held.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A reservation of a store.
    Reservation { store: String, id: String },
    /// A line of an order, by its place in the order.
    Order { key: String, line: usize },
}

/// A quantity from one supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) place: Place,
    pub(crate) source: Source,
    pub(crate) quantity: Decimal,
}

/// A piece held for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) owner: Owner,
    pub(crate) piece: Piece,
    /// The day it is to ship, for a reservation.
    pub(crate) ship_on: Option<Date>,
}

/// All stock and everything held of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stock {
    supplies: BTreeMap<Place, BTreeMap<Source, Decimal>>,
    /// What each holds, in the order it came; nobody who holds nothing is in it.
    holds: HashMap<Owner, Vec<Hold>>,
    /// The sums of all holds, so that many of them cost no more than few.
    held: BTreeMap<Place, BTreeMap<Source, Decimal>>,
}

// === impl Source ===

impl Source {
    /// The day it can be used: `today` for what is there and for what should have come by now.
    pub(crate) fn day(self, today: Date) -> Date {
        match self {
            Self::OnHand => today,
            Self::Future(date) => date.max(today),
        }
    }
}

// === impl Stock ===

impl Stock {
    pub(crate) fn new(supplies: &[Supply]) -> Self {
        let mut stock = Self::default();
        for supply in supplies {
            let place =
                Place { item: supply.item.clone(), unit: supply.unit.clone(), node: supply.node.clone() };
            stock.set(place.clone(), Source::OnHand, supply.on_hand);
            for (date, quantity) in &supply.future {
                stock.set(place.clone(), Source::Future(*date), *quantity);
            }
        }
        stock
    }

    /// Sets what a supply has; it may be less than what is held of it.
    pub(crate) fn set(&mut self, place: Place, source: Source, quantity: Decimal) {
        self.supplies.entry(place).or_default().insert(source, quantity);
    }

    /// What may still be promised at a place, by supply; only positive quantities.
    pub(crate) fn free(&self, place: &Place) -> Vec<(Source, Decimal)> {
        let Some(supplies) = self.supplies.get(place) else { return Vec::new() };
        let free = supplies.iter().map(|(source, quantity)| (*source, quantity - self.held(place, *source)));
        free.filter(|(_, quantity)| *quantity > Decimal::ZERO).collect()
    }

    /// Where `wanted` would come from: what is there before what will come, and of these the node named first. Less
    /// than wanted if there is not enough.
    pub(crate) fn plan(&self, item: &str, unit: &str, nodes: &[String], wanted: Decimal) -> Vec<Piece> {
        let mut supplies: Vec<(Source, Place, Decimal)> = Vec::new();
        for node in nodes {
            let place = Place { item: item.to_owned(), unit: unit.to_owned(), node: node.clone() };
            supplies
                .extend(self.free(&place).into_iter().map(|(source, free)| (source, place.clone(), free)));
        }
        // Stable: within one source the nodes keep their order.
        supplies.sort_by_key(|(source, ..)| *source);
        let mut missing = wanted;
        let mut pieces = Vec::new();
        for (source, place, free) in supplies {
            let quantity = free.min(missing);
            if quantity > Decimal::ZERO {
                missing -= quantity;
                pieces.push(Piece { place, source, quantity });
            }
        }
        pieces
    }

    /// Holds a piece for an owner.
    pub(crate) fn hold(&mut self, owner: &Owner, piece: &Piece, ship_on: Option<Date>) {
        self.add(Hold { owner: owner.clone(), piece: piece.clone(), ship_on });
    }

    /// What an owner holds.
    pub(crate) fn held_by(&self, owner: &Owner) -> impl Iterator<Item = &Hold> {
        self.holds.get(owner).into_iter().flatten()
    }

    /// Everybody who holds something.
    pub(crate) fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.holds.keys()
    }

    /// Gives back up to `quantity` of an item held by an owner, the holds that `preference` puts lowest first, and says
    /// how much that was.
    pub(crate) fn release<K: Ord>(
        &mut self,
        owner: &Owner,
        item: &str,
        quantity: Decimal,
        preference: impl Fn(&Hold) -> K,
    ) -> Decimal {
        self.take(owner, item, quantity, preference).iter().map(|hold| hold.piece.quantity).sum()
    }

    /// Hands up to `quantity` of an item over from one owner to another, and says how much that was.
    pub(crate) fn hand_over(&mut self, from: &Owner, to: &Owner, item: &str, quantity: Decimal) -> Decimal {
        let taken = self.take(from, item, quantity, |hold| hold.piece.source);
        let sum = taken.iter().map(|hold| hold.piece.quantity).sum();
        for hold in taken {
            self.add(Hold { owner: to.clone(), ..hold });
        }
        sum
    }

    /// Gives back all that an owner holds.
    pub(crate) fn release_all(&mut self, owner: &Owner) {
        self.take_all(owner);
    }

    /// Lets an owner hold just this, whatever it holds now.
    pub(crate) fn restore(&mut self, owner: &Owner, holds: Vec<Hold>) {
        self.take_all(owner);
        for hold in holds {
            self.add(hold);
        }
    }

    /// What an owner holds leaves the building: its supply is lowered and the hold ends.
    pub(crate) fn ship(&mut self, owner: &Owner) -> Vec<Hold> {
        let shipped = self.take_all(owner);
        for Hold { piece, .. } in &shipped {
            if let Some(supply) =
                self.supplies.get_mut(&piece.place).and_then(|all| all.get_mut(&piece.source))
            {
                *supply -= piece.quantity;
            }
        }
        shipped
    }

    /// Every item and unit that is stocked somewhere, once.
    pub(crate) fn stocked(&self) -> Vec<(String, String)> {
        let mut items: Vec<_> =
            self.supplies.keys().map(|place| (place.item.clone(), place.unit.clone())).collect();
        items.dedup();
        items
    }

    /// The nodes where an item is stocked.
    pub(crate) fn nodes_of(&self, item: &str) -> Vec<String> {
        let places = self.supplies.keys().filter(|place| place.item == item);
        places.map(|place| place.node.clone()).collect()
    }

    /// What is free and what is held of an item, over all nodes and supplies; free is negative where more is held than
    /// there is.
    #[cfg(test)]
    pub(crate) fn balance(&self, item: &str) -> (Decimal, Decimal) {
        let supplies = self.supplies.iter().filter(|(place, _)| place.item == item);
        let all: Decimal = supplies.flat_map(|(_, supplies)| supplies.values()).sum();
        let holds = self.holds.values().flatten().filter(|hold| hold.piece.place.item == item);
        let held: Decimal = holds.map(|hold| hold.piece.quantity).sum();
        (all - held, held)
    }

    fn held(&self, place: &Place, source: Source) -> Decimal {
        self.held.get(place).and_then(|sources| sources.get(&source)).copied().unwrap_or_default()
    }

    fn add(&mut self, hold: Hold) {
        let sum = self.held.entry(hold.piece.place.clone()).or_default().entry(hold.piece.source);
        *sum.or_default() += hold.piece.quantity;
        self.holds.entry(hold.owner.clone()).or_default().push(hold);
    }

    fn take_all(&mut self, owner: &Owner) -> Vec<Hold> {
        let taken = self.holds.remove(owner).unwrap_or_default();
        for Hold { piece, .. } in &taken {
            if let Some(sum) =
                self.held.get_mut(&piece.place).and_then(|sources| sources.get_mut(&piece.source))
            {
                *sum -= piece.quantity;
            }
        }
        taken
    }

    fn take<K: Ord>(
        &mut self,
        owner: &Owner,
        item: &str,
        quantity: Decimal,
        preference: impl Fn(&Hold) -> K,
    ) -> Vec<Hold> {
        let (mut owned, others): (Vec<Hold>, Vec<Hold>) =
            self.take_all(owner).into_iter().partition(|hold| hold.piece.place.item == item);
        for hold in others {
            self.add(hold);
        }
        owned.sort_by_key(|hold| preference(hold));
        let mut missing = quantity;
        let mut taken = Vec::new();
        for mut hold in owned {
            let part = hold.piece.quantity.min(missing).max(Decimal::ZERO);
            missing -= part;
            if part > Decimal::ZERO {
                taken.push(Hold { piece: Piece { quantity: part, ..hold.piece.clone() }, ..hold.clone() });
            }
            hold.piece.quantity -= part;
            if hold.piece.quantity > Decimal::ZERO {
                self.add(hold);
            }
        }
        taken
    }
}
