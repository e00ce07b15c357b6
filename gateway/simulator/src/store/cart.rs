//! What the shopper put into the cart, as the order noun a store sends: items, prices, addresses, a payment.

use gateway_model::{Record, Value};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Store, StoreOrder};
use crate::scenario::{Item, Part};
use crate::text;
use crate::words::RecordWords;

/// The first order id and the first order item id the store gives.
pub(super) const FIRST_ORDER: u64 = 845_017;
const FIRST_ITEM: u64 = 845_101;

/// Sales tax in percent, on products and on shipping.
const TAX_PERCENT: i64 = 19;
/// Shipping charge of one line that is sent, in hundredths.
const SHIPPING_CENTS: i64 = 345;

/// One line of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    /// Part number.
    pub item: String,
    /// How much.
    pub quantity: Decimal,
    /// The physical store where it is collected; `None` to have it sent.
    pub pickup: Option<String>,
}

/// The sums of an order.
#[derive(Default)]
struct Sums {
    products: Decimal,
    shipping: Decimal,
    sales_tax: Decimal,
    shipping_tax: Decimal,
}

// === impl CartLine ===

impl CartLine {
    /// A line to be sent.
    #[must_use]
    pub fn sent(item: &str, quantity: impl Into<Decimal>) -> Self {
        Self { item: item.to_owned(), quantity: quantity.into(), pickup: None }
    }

    /// A line collected in a physical store.
    #[must_use]
    pub fn collected(item: &str, quantity: impl Into<Decimal>, store: &str) -> Self {
        Self { pickup: Some(store.to_owned()), ..Self::sent(item, quantity) }
    }
}

// === impl Store ===

impl Store {
    /// Opens an order with these lines and gives its id. Items the catalogue does not have are sold for nothing under
    /// the number given, so that their refusal can be tried.
    pub fn open_order(&mut self, cart: &[CartLine], now: Timestamp) -> String {
        let words = self.words.clone();
        let id = (FIRST_ORDER + self.opened).to_string();
        self.opened += 1;
        let mut sums = Sums::default();
        let lines = cart.iter().map(|line| self.cart_line(line, &mut sums)).collect();
        let mut order = words.order.new_record();
        order.set_text(words.order.id, id.clone());
        order.set(words.order.store, record(self.store_record()));
        order.set(words.order.buyer, record(self.buyer_record()));
        order.set(words.order.bill_to, record(self.contact()));
        order.set_text(words.order.ship_as_complete, "false");
        order.set_text(words.order.currency, self.profile.currency.clone());
        let total = sums.products + sums.shipping + sums.sales_tax + sums.shipping_tax;
        let amounts = [
            (words.order.product_total, sums.products),
            (words.order.adjustment_total, Decimal::ZERO),
            (words.order.shipping_total, sums.shipping),
            (words.order.sales_tax_total, sums.sales_tax),
            (words.order.shipping_tax_total, sums.shipping_tax),
            (words.order.grand_total, total),
        ];
        for (field, amount) in amounts {
            order.set_text(field, money(amount));
        }
        order.set(words.order.payments, Value::List(vec![self.payment(total)]));
        order.set_text(words.order.status, "P");
        order.set_text(words.order.placed_at, text::store_instant(now));
        order.set_text(words.order.updated_at, text::store_instant(now));
        order.set(words.order.lines, Value::List(lines));
        self.add_to(&mut order);
        self.orders.insert(id.clone(), StoreOrder::new(order, "P"));
        id
    }

    /// An order item id never used before.
    pub(super) fn next_item_id(&mut self) -> String {
        self.items += 1;
        (FIRST_ITEM + self.items - 1).to_string()
    }

    fn cart_line(&mut self, cart: &CartLine, sums: &mut Sums) -> Record<'static> {
        let fields = self.words.order_line;
        let item = self.scenario.item(&cart.item).cloned();
        let mut line = fields.new_record();
        line.set_text(fields.id, self.next_item_id());
        line.set_text(fields.item, cart.item.clone());
        line.set_text(fields.quantity, double(cart.quantity));
        line.set_text(fields.unit, item.as_ref().map_or("C62", |item| &item.unit).to_owned());
        if let Some(item) = &item {
            line.set_text(fields.item_id, item.id.clone());
            line.set_text(fields.item_description, item.description.clone());
            self.set_parts(&mut line, item);
        }
        line.set_text(fields.status, "P");
        self.set_shipping(&mut line, cart.pickup.as_deref());
        let price = item.map_or(Decimal::ZERO, |item| item.price);
        self.set_amounts(&mut line, (price, cart.quantity), cart.pickup.is_none(), sums);
        self.add_to(&mut line);
        line
    }

    fn set_parts(&self, line: &mut Record<'static>, kit: &Item) {
        let (fields, words) = (&self.words.component, &self.words.order_line);
        if kit.parts.is_empty() {
            return;
        }
        let component = |part: &Part| {
            let mut component = fields.new_record();
            component.set_text(fields.id, part.id.clone());
            component.set_text(fields.item, part.item.clone());
            if let Some(item) = self.scenario.item(&part.item) {
                component.set_text(fields.item_id, item.id.clone());
                component.set_text(fields.unit, item.unit.clone());
            }
            component.set_text(fields.quantity, double(part.quantity));
            component
        };
        line.set(words.components, Value::List(kit.parts.iter().map(component).collect()));
        line.set_text(words.configuration, format!("CFG-{}", kit.id));
    }

    fn set_shipping(&self, line: &mut Record<'static>, pickup: Option<&str>) {
        let (fields, words) = (&self.words.order_line, &self.words.ship_mode);
        let mut mode = words.new_record();
        let (code, carrier) = match pickup {
            Some(_) => ("PickupInStore", "PickupInStore"),
            None => ("Standard", "NordKurier"),
        };
        mode.set_text(words.code, code);
        mode.set_text(words.carrier, carrier);
        line.set(fields.ship_mode, record(mode));
        match pickup {
            Some(store) => line.set_text(fields.pickup, store.to_owned()),
            None => line.set(fields.ship_to, record(self.contact())),
        }
    }

    fn set_amounts(
        &self,
        line: &mut Record<'static>,
        (unit_price, quantity): (Decimal, Decimal),
        is_sent: bool,
        sums: &mut Sums,
    ) {
        let fields = &self.words.order_line;
        let price = (unit_price * quantity).round_dp(2);
        let shipping = if is_sent { Decimal::new(SHIPPING_CENTS, 2) } else { Decimal::ZERO };
        let (sales_tax, shipping_tax) = (tax(price), tax(shipping));
        let amounts = [
            (fields.unit_price, unit_price),
            (fields.price, price),
            (fields.total_adjustment, Decimal::ZERO),
            (fields.shipping_charge, shipping),
            (fields.sales_tax, sales_tax),
            (fields.shipping_tax, shipping_tax),
        ];
        for (field, amount) in amounts {
            line.set_text(field, money(amount));
        }
        line.set_text(fields.currency, self.profile.currency.clone());
        sums.products += price;
        sums.shipping += shipping;
        sums.sales_tax += sales_tax;
        sums.shipping_tax += shipping_tax;
    }

    fn store_record(&self) -> Record<'static> {
        let fields = &self.words.store;
        let mut store = fields.new_record();
        store.set_text(fields.id, self.profile.id.clone());
        store.set_text(fields.name, self.profile.name.clone());
        store.set_text(fields.owner, self.profile.owner.clone());
        store
    }

    fn buyer_record(&self) -> Record<'static> {
        let fields = &self.words.buyer;
        let mut buyer = fields.new_record();
        buyer.set_text(fields.id, self.scenario.buyer.id.clone());
        buyer.set_text(fields.log_on, self.scenario.buyer.log_on.clone());
        buyer
    }

    fn contact(&self) -> Record<'static> {
        let (fields, address) = (&self.words.contact, &self.scenario.buyer.address);
        let mut contact = fields.new_record();
        let texts = [
            (fields.id, &address.id),
            (fields.nick_name, &address.nick_name),
            (fields.first_name, &address.first_name),
            (fields.last_name, &address.last_name),
            (fields.line1, &address.line1),
            (fields.line2, &address.line2),
            (fields.city, &address.city),
            (fields.state, &address.state),
            (fields.country, &address.country),
            (fields.postal_code, &address.postal_code),
            (fields.phone1, &address.phone),
            (fields.email1, &address.email),
        ];
        for (field, text) in texts {
            contact.set_text(field, text.clone());
        }
        contact
    }

    fn payment(&self, amount: Decimal) -> Record<'static> {
        let fields = &self.words.payment;
        let mut payment = fields.new_record();
        let texts = [
            (fields.id, "30055"),
            (fields.method, "VISA"),
            (fields.sequence, "1"),
            (fields.token, "tok-simulated-4242"),
            (fields.display_value, "************4242"),
            (fields.brand, "VISA"),
            (fields.expire_month, "11"),
            (fields.expire_year, "2029"),
            (fields.status, "Valid"),
        ];
        for (field, text) in texts {
            payment.set_text(field, text);
        }
        payment.set_text(fields.amount, money(amount));
        payment.set_text(fields.currency, self.profile.currency.clone());
        payment.set(fields.bill_to, record(self.contact()));
        payment
    }
}

fn record(record: Record<'static>) -> Value<'static> {
    Value::Record(Box::new(record))
}

fn tax(amount: Decimal) -> Decimal {
    (amount * Decimal::new(TAX_PERCENT, 2)).round_dp(2)
}

/// An amount as the store writes it, with five decimals.
fn money(amount: Decimal) -> String {
    let mut amount = amount;
    amount.rescale(5);
    amount.to_string()
}

/// A quantity as the store writes it, a Java double: `2.0`, `0.75`.
fn double(quantity: Decimal) -> String {
    let mut quantity = quantity.normalize();
    if quantity.scale() == 0 {
        quantity.rescale(1);
    }
    quantity.to_string()
}
