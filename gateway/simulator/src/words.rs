//! The fields of the vocabulary the simulator works with, looked up once.
//!
//! Everything else in a record passes through untouched, so a field an integrator adds survives a simulated DOM.

use std::fmt;

use gateway_model::{FieldId, Record, RecordTypeId, Vocabulary};

/// Fields the simulator works with that the vocabulary does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MissingWords {
    /// Each as `record.field`.
    pub missing: Vec<String>,
}

/// The words of one record type.
pub(crate) trait RecordWords {
    /// An empty record of this type.
    fn new_record(&self) -> Record<'static>;
}

/// Collects what is missing while the words are looked up.
struct Binding<'v> {
    vocabulary: &'v Vocabulary,
    missing: Vec<String>,
}

macro_rules! words {
    ($($record:ident: $type:ident { $($field:ident),+ $(,)? })+) => {
        $(
            #[derive(Debug, Clone, Copy)]
            pub(crate) struct $type {
                record_type: RecordTypeId,
                width: usize,
                $(pub(crate) $field: FieldId,)+
            }

            impl $type {
                fn bind(binding: &mut Binding<'_>) -> Self {
                    let name = stringify!($record);
                    let (record_type, width) = binding.record(name);
                    Self { record_type, width, $($field: binding.field(name, stringify!($field)),)+ }
                }
            }

            impl RecordWords for $type {
                fn new_record(&self) -> Record<'static> {
                    Record::with_width(self.record_type, self.width)
                }
            }
        )+

        /// Every field the simulator works with, by record type.
        #[derive(Debug, Clone)]
        pub struct Words {
            $(pub(crate) $record: $type,)+
        }

        impl Words {
            /// Looks all fields up.
            ///
            /// # Errors
            /// The vocabulary lacks fields; all of them are named.
            pub fn bind(vocabulary: &Vocabulary) -> Result<Self, MissingWords> {
                let mut binding = Binding { vocabulary, missing: Vec::new() };
                let words = Self { $($record: $type::bind(&mut binding),)+ };
                if binding.missing.is_empty() { Ok(words) } else { Err(MissingWords { missing: binding.missing }) }
            }
        }
    };
}

words! {
    availability_request: AvailabilityRequestWords { area, store, profile, items, locations, units, lines }
    asked_item: AskedItemWords { item }
    asked_location: AskedLocationWords { kind, name }
    asked_unit: AskedUnitWords { unit }
    availability_answer: AvailabilityAnswerWords { online_supplies, physical_supplies }
    availability: AvailabilityWords {
        line, item_id, item, location_kind, location_id, location, unit, status, quantity, available_at,
        updated_at, on_hand, on_hand_date, future_quantity, future_date, assignments, default_group, node,
        alert_level, alert_type,
    }
    assignment: AssignmentWords { quantity, available_on, ship_on, node, reason }
    requirement_request: RequirementRequestWords { area, store, action, order, promises, cancellations }
    requirement_answer: RequirementAnswerWords { refusal, order, promises, cancellations }
    transfer_request: TransferRequestWords { area, store, action, order }
    transfer_answer: TransferAnswerWords { refusal, order }
    orders_request: OrdersRequestWords {
        area, store, profile, page_size, orders, after_key, key, order_id, log_on,
    }
    order_ref: OrderRefWords { id }
    orders_answer: OrdersAnswerWords { record_set, orders }
    order_sync_request: OrderSyncRequestWords { area, store, action, shipment, orders }
    shipment: ShipmentWords {
        key, number, status, node, carrier, ship_mode, tracking_number, shipped_at, modified_at, lines,
    }
    shipment_line: ShipmentLineWords {
        order_number, line_id, prime_line, sub_line, item, unit, quantity, bundle_parent,
    }
    availability_sync_request: AvailabilitySyncRequestWords { area, store, changes }
    confirmation: ConfirmationWords { area, original, succeeded, refusal }
    login_request: LoginRequestWords { user, password }
    login_answer: LoginAnswerWords { user, token }
    area: AreaWords { sent_at, message_id, store, language, catalog, currency }
    name_value: NameValueWords { name, value }
    record_set: RecordSetWords { count, total, complete }
    refusal: RefusalWords { code, description, at, reason_code, errors }
    dom_error: DomErrorWords { code, description, exception_id, http_status, attributes }
    order: OrderWords {
        id, external_id, number, document_type, entry_type, cart_id, store, buyer, bill_to, ship_as_complete,
        allow_partial, currency, grand_total, product_total, adjustment_total, shipping_total, sales_tax_total,
        shipping_tax_total, tax_total, charge_total, payments, status, status_text, max_status, max_status_text,
        min_status, min_status_text, several_statuses, updated_at, placed_at, sequence, lines,
    }
    store: StoreWords { id, name, owner }
    buyer: BuyerWords { id, log_on }
    contact: ContactWords {
        id, nick_name, first_name, last_name, line1, line2, city, state, country, postal_code, phone1, email1,
    }
    payment: PaymentWords {
        id, method, amount, charged, authorized, currency, sequence, token, display_value, brand, expire_month, expire_year,
        bill_to, status,
    }
    ship_mode: ShipModeWords { code, carrier }
    order_line: OrderLineWords {
        id, external_id, item_id, item, item_description, components, quantity, unit, configuration, currency,
        unit_price, price, line_total, total_adjustment, adjustments, shipping_charge, sales_tax, shipping_tax, ship_to,
        ship_mode, requested_ship_date, pickup, status, status_text, max_status, min_status, several_statuses,
        inventory_status, available_date, expected_ship_date, shipped_at, center, correlation_group,
        reservation_id, reservations, quantity_to_reserve, quantity_reserved, parent, component_id, kit_quantity,
        prime_line, sub_line, delivery_method, tracking_number,
    }
    adjustment: AdjustmentWords { amount }
    component: ComponentWords { id, item_id, item, quantity, unit }
    reservation: ReservationWords { id, item, quantity, unit, center, ship_on, available_on, expires_at }
}

// === impl Binding ===

impl Binding<'_> {
    fn record(&mut self, name: &str) -> (RecordTypeId, usize) {
        match self.vocabulary.type_named(name) {
            Some(kind) => (kind, self.vocabulary.width(kind)),
            None => (RecordTypeId(u16::MAX), 0),
        }
    }

    fn field(&mut self, record: &str, field: &str) -> FieldId {
        match self.vocabulary.field_named(record, field) {
            Some((_, id)) => id,
            None => {
                self.missing.push(format!("{record}.{field}"));
                FieldId(u16::MAX)
            }
        }
    }
}

// === impl MissingWords ===

impl fmt::Display for MissingWords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the vocabulary lacks `{}`", self.missing.join("`, `"))
    }
}

#[cfg(test)]
mod tests {
    use gateway_model::Vocabulary;

    use super::Words;
    use crate::testing;

    #[test]
    fn the_shipped_vocabulary_has_every_word() {
        Words::bind(&testing::vocabulary()).expect("every word is there");
    }

    #[test]
    fn all_missing_words_are_named_at_once() {
        let missing = Words::bind(&Vocabulary::default()).expect_err("nothing is there").missing;
        assert!(missing.contains(&"order.id".to_owned()) && missing.contains(&"area.store".to_owned()));
    }
}
