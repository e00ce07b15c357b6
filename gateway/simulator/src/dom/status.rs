//! How orders move on: created, scheduled, released, in shipment, shipped; or backordered, or cancelled.
//!
//! Each step is told to the store: the order's status, and the shipments that left.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::event::Departure;
use super::order::Shipped;
use super::stock::Owner;
use super::{Dom, Refused};

/// Where a line stands. In the order of Sterling's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 1100.
    Created,
    /// 1300: there is not enough stock for it.
    Backordered,
    /// 1500.
    Scheduled,
    /// 3200: released to fulfilment.
    Released,
    /// 3350: included in a shipment.
    InShipment,
    /// 3700.
    Shipped,
    /// 9000.
    Cancelled,
}

// === impl Stage ===

impl Stage {
    /// Sterling's status number.
    #[must_use]
    pub const fn number(self) -> &'static str {
        match self {
            Self::Created => "1100",
            Self::Backordered => "1300",
            Self::Scheduled => "1500",
            Self::Released => "3200",
            Self::InShipment => "3350",
            Self::Shipped => "3700",
            Self::Cancelled => "9000",
        }
    }

    /// Sterling's words for it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Backordered => "Backordered",
            Self::Scheduled => "Scheduled",
            Self::Released => "Released",
            Self::InShipment => "Included In Shipment",
            Self::Shipped => "Shipped",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The step after it, for a line whose stock is complete or not.
    const fn next(self, complete: bool) -> Self {
        match self {
            Self::Created | Self::Backordered if !complete => Self::Backordered,
            Self::Created | Self::Backordered => Self::Scheduled,
            Self::Scheduled => Self::Released,
            Self::Released => Self::InShipment,
            Self::InShipment | Self::Shipped => Self::Shipped,
            Self::Cancelled => Self::Cancelled,
        }
    }

    const fn awaits_stock(self) -> bool {
        matches!(self, Self::Created | Self::Backordered)
    }

    const fn is_final(self) -> bool {
        matches!(self, Self::Shipped | Self::Cancelled)
    }
}

// === impl Dom ===

impl Dom {
    /// Moves every open line of an order one step on, and tells the store if that changed the order's status. A line
    /// without enough stock becomes backordered and stays so until stock comes.
    ///
    /// # Errors
    /// There is no such order.
    pub fn advance(&mut self, number: &str, now: Timestamp) -> Result<Stage, Refused> {
        let order = self.order_place(number)?;
        let lines = self.orders.get(order).map_or(0, |order| order.lines.len());
        let mut steps = Vec::new();
        for line in 0..lines {
            let Some(stage) = self.stage(order, line) else { continue };
            let complete = !stage.awaits_stock() || self.allocate(order, line);
            steps.push((line, stage.next(complete)));
        }
        self.step(order, &steps, now)
    }

    /// Moves every open line of an order to a stage, forwards or backwards, whatever its stock, and tells the store.
    ///
    /// # Errors
    /// There is no such order.
    pub fn move_to(&mut self, number: &str, stage: Stage, now: Timestamp) -> Result<Stage, Refused> {
        let order = self.order_place(number)?;
        let lines = self.orders.get(order).map_or(0, |order| order.lines.len());
        let steps: Vec<_> = (0..lines).map(|line| (line, stage)).collect();
        self.step(order, &steps, now)
    }

    /// Ships some lines of an order, by the store's order item ids, and leaves the others where they are.
    ///
    /// # Errors
    /// There is no such order.
    pub fn ship(&mut self, number: &str, line_ids: &[&str], now: Timestamp) -> Result<Stage, Refused> {
        let place = self.order_place(number)?;
        let fields = &self.words;
        let lines =
            self.orders.get(place).map(|order| order.record.list(fields.order.lines)).unwrap_or_default();
        let steps: Vec<_> = (0..)
            .zip(lines)
            .filter(|(_, line)| line.text(fields.order_line.id).is_some_and(|id| line_ids.contains(&id)))
            .map(|(line, _)| (line, Stage::Shipped))
            .collect();
        self.step(place, &steps, now)
    }

    /// Where an order's most advanced line stands, by the order's number or the store's order id.
    #[must_use]
    pub fn status(&self, number: &str) -> Option<Stage> {
        let order = self.orders.get(self.order_place(number).ok()?)?;
        Some(order.stages().1)
    }

    /// The keys (`OrderHeaderKey`) of all orders with this number or store order id: one if all is well.
    #[must_use]
    pub fn keys(&self, number: &str) -> Vec<String> {
        self.places_of(number).filter(|order| order.key != number).map(|order| order.key.clone()).collect()
    }

    /// The place of an order by its number or the store's order id.
    pub(super) fn order_place(&self, number: &str) -> Result<usize, Refused> {
        let places = self.places.get(number);
        places.and_then(|places| places.first().copied()).ok_or(Refused::UnknownOrder)
    }

    fn stage(&self, order: usize, line: usize) -> Option<Stage> {
        Some(self.orders.get(order)?.lines.get(line)?.stage)
    }

    fn step(&mut self, place: usize, steps: &[(usize, Stage)], now: Timestamp) -> Result<Stage, Refused> {
        let before = self.orders.get(place).map(super::Order::stages);
        let mut departures = Vec::new();
        for (line, stage) in steps {
            departures.extend(self.set_stage(place, *line, *stage, now));
        }
        let order = self.orders.get_mut(place).ok_or(Refused::UnknownOrder)?;
        let after = order.stages();
        if before != Some(after) || !departures.is_empty() {
            order.modified = now;
            self.tell_status(place);
        }
        self.tell_shipments(place, departures, now);
        Ok(after.1)
    }

    /// Sets one line's stage and gives what left the building.
    fn set_stage(&mut self, order: usize, line: usize, stage: Stage, now: Timestamp) -> Option<Departure> {
        let owner = self.owner_of(order, line)?;
        let state = self.orders.get_mut(order)?.lines.get_mut(line)?;
        if state.stage.is_final() || state.stage == stage {
            return None;
        }
        state.stage = stage;
        match stage {
            Stage::Cancelled => {
                self.stock.release_all(&owner);
                None
            }
            Stage::Shipped => {
                let serial = self.next();
                let tracking = format!("SIM-{serial:06}");
                let holds = self.stock.ship(&owner);
                // A line may be shipped without stock, by order of a test: then from where it would have come.
                let usual = self.nodes_for(self.orders.get(order)?, line).into_iter().next();
                let state = self.orders.get_mut(order)?.lines.get_mut(line)?;
                let node = holds.first().map(|hold| hold.piece.place.node.clone());
                state.node = node.or_else(|| state.node.take()).or(usual);
                state.shipped = Some(Shipped { at: now, tracking: tracking.clone() });
                Some(Departure { line, node: state.node.clone(), tracking })
            }
            _ => None,
        }
    }

    pub(super) fn owner_of(&self, order: usize, line: usize) -> Option<Owner> {
        Some(Owner::Order { key: self.orders.get(order)?.key.clone(), line })
    }

    /// Holds what a line still needs as far as it is there, and says whether it now has everything.
    pub(super) fn allocate(&mut self, order: usize, line: usize) -> bool {
        let Some(owner) = self.owner_of(order, line) else { return false };
        let Some(state) = self.orders.get(order) else { return false };
        let nodes = self.nodes_for(state, line);
        let demands = state.lines.get(line).map(|line| line.demands.clone()).unwrap_or_default();
        let mut complete = true;
        for demand in &demands {
            let mine = self.stock.held_by(&owner).filter(|hold| hold.piece.place.item == demand.item);
            let held: Decimal = mine.map(|hold| hold.piece.quantity).sum();
            let missing = demand.quantity - held;
            let pieces = self.stock.plan(&demand.item, &demand.unit, &nodes, missing.max(Decimal::ZERO));
            let found: Decimal = pieces.iter().map(|piece| piece.quantity).sum();
            for piece in &pieces {
                self.stock.hold(&owner, piece, None);
            }
            complete &= found >= missing;
        }
        let node = self.stock.held_by(&owner).next().map(|hold| hold.piece.place.node.clone());
        if let (Some(node), Some(state)) =
            (node, self.orders.get_mut(order).and_then(|order| order.lines.get_mut(line)))
        {
            state.node = Some(node);
        }
        complete
    }
}
