//! An order in the DOM: the record it was created from, and the state of its lines.

use gateway_model::{Record, scalar};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Dom;
use super::status::Stage;
use crate::text;
use crate::words::{OrderLineWords, RecordWords, Words};

/// An order the DOM has.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// `OrderHeaderKey`; later orders have higher ones.
    pub(crate) key: String,
    /// `OrderNo`.
    pub(crate) number: String,
    /// The store it came from.
    pub(crate) store: String,
    /// As it was created.
    pub(crate) record: Record<'static>,
    /// One per line of the record, in its order.
    pub(crate) lines: Vec<Line>,
    /// When it last changed.
    pub(crate) modified: Timestamp,
}

/// The state of one line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// `OrderLineKey`.
    pub(crate) key: String,
    pub(crate) stage: Stage,
    /// What has to be held for it: items of stock, the parts instead of a kit.
    pub(crate) demands: Vec<Demand>,
    /// Where it ships from, once that is known.
    pub(crate) node: Option<String>,
    pub(crate) shipped: Option<Shipped>,
}

/// Stock a line needs.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    pub(crate) item: String,
    pub(crate) unit: String,
    pub(crate) quantity: Decimal,
    /// Whether it is part of a kit.
    pub(crate) part: bool,
}

/// When and how a line left.
#[derive(Debug, Clone)]
pub(crate) struct Shipped {
    pub(crate) at: Timestamp,
    pub(crate) tracking: String,
}

// === impl Dom ===

impl Dom {
    /// Orders with this number, store order id or key.
    pub(super) fn places_of(&self, name: &str) -> impl Iterator<Item = &Order> {
        self.places.get(name).into_iter().flatten().filter_map(|place| self.orders.get(*place))
    }

    pub(super) fn add_order(&mut self, order: Order) {
        let place = self.orders.len();
        let mut names = vec![order.number.clone(), order.key.clone()];
        if store_id(&order.number) != order.number {
            names.push(store_id(&order.number).to_owned());
        }
        for name in names {
            self.places.entry(name).or_default().push(place);
        }
        self.orders.push(order);
    }

    /// Drops all of an order but its number, its keys and its stage: whoever moves a million orders need not keep them.
    pub fn archive(&mut self, number: &str) {
        for place in self.places.get(number).into_iter().flatten() {
            if let Some(order) = self.orders.get_mut(*place) {
                order.record = self.words.order.new_record();
                order.lines.truncate(1);
                order.lines.shrink_to_fit();
            }
        }
    }

    /// Loses an order, as a database does that is set back to yesterday: it was created and answered, and is gone.
    pub fn lose(&mut self, number: &str) {
        let names = self
            .places_of(number)
            .flat_map(|order| [order.number.clone(), order.key.clone(), store_id(&order.number).to_owned()]);
        for name in names.collect::<Vec<_>>() {
            self.places.remove(&name);
        }
    }
}

// === impl Order ===

impl Order {
    /// The lowest and the highest stage of its lines; `Created` for an order without lines.
    pub(crate) fn stages(&self) -> (Stage, Stage) {
        let stages = || self.lines.iter().map(|line| line.stage);
        (stages().min().unwrap_or(Stage::Created), stages().max().unwrap_or(Stage::Created))
    }

    /// Its status in words: `Shipped`, or `Partially Shipped` where lines differ.
    pub(crate) fn status_text(&self) -> String {
        match self.stages() {
            (min, max) if min == max => max.text().to_owned(),
            (_, max) => format!("Partially {}", max.text()),
        }
    }

    /// Writes its keys and status into a record of it.
    pub(crate) fn describe(&self, words: &Words, record: &mut Record<'static>) {
        let fields = &words.order;
        let (min, max) = self.stages();
        record.set_text(fields.external_id, self.key.clone());
        record.set_text(fields.number, self.number.clone());
        record.set_text(fields.id, store_id(&self.number).to_owned());
        record.set_text(fields.document_type, "0001");
        record.set_text(fields.max_status, max.number());
        record.set_text(fields.max_status_text, max.text());
        record.set_text(fields.min_status, min.number());
        record.set_text(fields.min_status_text, min.text());
        record.set_text(fields.several_statuses, if min == max { "false" } else { "true" });
        record.set_text(fields.status_text, self.status_text());
        record.set_text(fields.updated_at, text::instant(self.modified));
    }

    /// The whole order with keys, statuses and totals, as the details API gives it.
    pub(crate) fn complete(&self, words: &Words) -> Record<'static> {
        let mut record = self.record.clone();
        self.describe(words, &mut record);
        add_totals(words, &mut record);
        if let Some(lines) = record.list_mut(words.order.lines) {
            for (number, (line, state)) in lines.iter_mut().zip(&self.lines).enumerate() {
                add_line_totals(words, line);
                state.describe(&words.order_line, number + 1, line);
            }
        }
        self.describe_payments(words, &mut record);
        record
    }

    /// What was charged or only authorized: a payment is charged when everything has shipped.
    fn describe_payments(&self, words: &Words, record: &mut Record<'static>) {
        let fields = &words.payment;
        let is_charged = self.stages() == (Stage::Shipped, Stage::Shipped);
        for payment in record.list_mut(words.order.payments).into_iter().flatten() {
            let Some(amount) = text::number(payment, fields.amount) else { continue };
            let (charged, authorized) =
                if is_charged { (amount, Decimal::ZERO) } else { (Decimal::ZERO, amount) };
            payment.set_text(fields.charged, text::quantity(charged));
            payment.set_text(fields.authorized, text::quantity(authorized));
        }
    }

    /// The order as a list shows it.
    pub(crate) fn summary(&self, words: &Words) -> Record<'static> {
        let mut record = words.order.new_record();
        self.describe(words, &mut record);
        let mut whole = self.record.clone();
        add_totals(words, &mut whole);
        let fields = &words.order;
        for field in [fields.store, fields.buyer, fields.currency, fields.placed_at, fields.grand_total] {
            record.set(field, whole.take(field));
        }
        record
    }
}

// === impl Line ===

impl Line {
    fn describe(&self, fields: &OrderLineWords, number: usize, line: &mut Record<'static>) {
        line.set_text(fields.external_id, self.key.clone());
        line.set_text(fields.prime_line, number.to_string());
        if line.text(fields.sub_line).is_none() {
            line.set_text(fields.sub_line, "1");
        }
        line.set_text(fields.max_status, self.stage.number());
        line.set_text(fields.min_status, self.stage.number());
        line.set_text(fields.several_statuses, "false");
        line.set_text(fields.status_text, self.stage.text());
        if let Some(node) = &self.node {
            line.set_text(fields.center, node.clone());
        }
        if let Some(shipped) = &self.shipped {
            line.set_text(fields.shipped_at, text::instant(shipped.at));
            line.set_text(fields.tracking_number, shipped.tracking.clone());
        }
    }
}

/// The store's order id in an order number: what follows `WC_`, else the whole number.
pub(crate) fn store_id(number: &str) -> &str {
    number.strip_prefix("WC_").unwrap_or(number)
}

/// Adds the totals the record does not have, from its lines.
fn add_totals(words: &Words, record: &mut Record<'static>) {
    let (fields, line) = (&words.order, &words.order_line);
    let sum = |figure: &dyn Fn(&Record<'_>) -> Decimal| {
        record.list(fields.lines).iter().map(figure).sum::<Decimal>()
    };
    let of = |field| move |record: &Record<'_>| text::number(record, field).unwrap_or_default();
    let products = sum(&|record| line_price(words, record));
    let adjustments = sum(&|record| line_adjustment(words, record));
    let shipping = sum(&of(line.shipping_charge));
    let (sales_tax, shipping_tax) = (sum(&of(line.sales_tax)), sum(&of(line.shipping_tax)));
    let tax = sales_tax + shipping_tax;
    let totals = [
        (fields.product_total, products),
        (fields.adjustment_total, adjustments),
        (fields.shipping_total, shipping),
        (fields.charge_total, shipping),
        (fields.sales_tax_total, sales_tax),
        (fields.shipping_tax_total, shipping_tax),
        (fields.tax_total, tax),
        (fields.grand_total, products + adjustments + shipping + tax),
    ];
    for (field, total) in totals {
        if record.get(field).is_absent() {
            record.set_text(field, text::quantity(total));
        }
    }
}

/// Adds the figures of a line that the record does not have.
fn add_line_totals(words: &Words, line: &mut Record<'static>) {
    let fields = &words.order_line;
    let price = line_price(words, line);
    let adjustment = line_adjustment(words, line);
    let charges = [fields.shipping_charge, fields.sales_tax, fields.shipping_tax];
    let charges: Decimal = charges.iter().filter_map(|field| text::number(line, *field)).sum();
    let figures = [
        (fields.price, price),
        (fields.total_adjustment, adjustment),
        (fields.line_total, price + adjustment + charges),
    ];
    for (field, figure) in figures {
        if line.get(field).is_absent() {
            line.set_text(field, text::quantity(figure));
        }
    }
    if line.text(fields.delivery_method).is_none() {
        line.set_text(
            fields.delivery_method,
            if line.text(fields.pickup).is_some() { "PICK" } else { "SHP" },
        );
    }
}

/// What is added to or taken off a line: as it says, else the sum of what it lists.
fn line_adjustment(words: &Words, line: &Record<'_>) -> Decimal {
    let listed = line.list(words.order_line.adjustments).iter();
    let listed = listed.filter_map(|adjustment| text::number(adjustment, words.adjustment.amount)).sum();
    text::number(line, words.order_line.total_adjustment).unwrap_or(listed)
}

/// The price of a line: as it says, else unit price by quantity.
fn line_price(words: &Words, line: &Record<'_>) -> Decimal {
    let fields = &words.order_line;
    let number = |field| line.text(field).and_then(scalar::parse_number);
    number(fields.price)
        .or_else(|| Some(number(fields.unit_price)? * number(fields.quantity)?))
        .unwrap_or_default()
}
