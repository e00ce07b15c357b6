//! Typed views: which field number each field has that the gateway itself works with.
//!
//! Bound once per generation, so that no function looks a name up. A vocabulary in which such a field is missing or
//! has another type is refused as a whole, all such fields at once.

pub mod availability;
mod bridge;
pub mod event;
pub mod order;
mod shape;

use gateway_model::Vocabulary;

use availability::{
    Area, AskedItem, AskedLocation, AskedUnit, Assignment, Availability, AvailabilityAnswer,
    AvailabilityRequest, DomError, NameValue, Reason, RecordSet, Refusal,
};
use event::{AvailabilitySyncRequest, Confirmation, OrderSyncRequest, Shipment, ShipmentLine};
use order::{
    Adjustment, Component, Order, OrderLine, OrderRef, OrdersAnswer, OrdersRequest, Payment,
    RequirementAnswer, RequirementRequest, Reservation, ShipMode, Store, TransferAnswer, TransferRequest,
};

pub(crate) use bridge::Bridge;
pub use shape::Shape;
pub(crate) use shape::{Binder, Expected, expected, views};

use crate::frame::Frames;

/// Something the gateway works with that the vocabulary lacks, or has with another type (`GW-2016`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct MissingView {
    /// The record type, or `operation.<name>`.
    pub record: &'static str,
    /// Its field; `None` when the record type or operation itself is missing.
    pub field: Option<&'static str>,
    /// The type the field has to have, in the words of the vocabulary file.
    pub expected: String,
    /// The type it has, if there is one of that name.
    pub found: Option<String>,
}

/// The operations, each with the record types of its request and its answer.
const OPERATIONS: [(&str, &str, &str); 11] = [
    ("operation.availability", "availability_request", "availability_answer"),
    ("operation.check", "requirement_request", "requirement_answer"),
    ("operation.reserve", "requirement_request", "requirement_answer"),
    ("operation.cancel_reservation", "requirement_request", "requirement_answer"),
    ("operation.decrement", "requirement_request", "requirement_answer"),
    ("operation.transfer", "transfer_request", "transfer_answer"),
    ("operation.history", "orders_request", "orders_answer"),
    ("operation.details", "orders_request", "orders_answer"),
    ("operation.order_sync", "order_sync_request", "confirmation"),
    ("operation.order_created", "order_sync_request", "confirmation"),
    ("operation.availability_sync", "availability_sync_request", "confirmation"),
];

macro_rules! all_views {
    ($($name:ident: $view:ident),+ $(,)?) => {
        /// The views of one vocabulary.
        #[derive(Debug, Clone)]
        pub struct Views {
            $(
                #[doc = concat!("The view of `", stringify!($name), "`.")]
                pub $name: $view,
            )+
            pub(crate) frames: Frames,
            pub(crate) bridges: Bridges,
        }

        impl Views {
            /// Binds all views to a vocabulary.
            ///
            /// # Errors
            ///
            /// Everything that is missing or has another type, in the order of the views.
            pub fn bind(vocabulary: &Vocabulary) -> Result<Self, Vec<MissingView>> {
                let mut binder = Binder { vocabulary, missing: Vec::new() };
                $(let $name = $view::bind(&mut binder);)+
                bind_operations(&mut binder);
                if !binder.missing.is_empty() {
                    return Err(binder.missing);
                }
                let frames = Frames::bind(vocabulary);
                let mut views = Self { $($name,)+ frames, bridges: Bridges::default() };
                views.bridges = Bridges::bind(vocabulary, &views);
                Ok(views)
            }
        }
    };
}

all_views! {
    area: Area,
    record_set: RecordSet,
    refusal: Refusal,
    reason: Reason,
    dom_error: DomError,
    name_value: NameValue,
    availability_request: AvailabilityRequest,
    asked_item: AskedItem,
    asked_location: AskedLocation,
    asked_unit: AskedUnit,
    availability_answer: AvailabilityAnswer,
    availability: Availability,
    assignment: Assignment,
    requirement_request: RequirementRequest,
    requirement_answer: RequirementAnswer,
    transfer_request: TransferRequest,
    transfer_answer: TransferAnswer,
    orders_request: OrdersRequest,
    order_ref: OrderRef,
    orders_answer: OrdersAnswer,
    order: Order,
    payment: Payment,
    store: Store,
    ship_mode: ShipMode,
    order_line: OrderLine,
    adjustment: Adjustment,
    component: Component,
    reservation: Reservation,
    order_sync_request: OrderSyncRequest,
    shipment: Shipment,
    shipment_line: ShipmentLine,
    availability_sync_request: AvailabilitySyncRequest,
    confirmation: Confirmation,
}

/// Where records of one type are made from records of another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bridges {
    pub(crate) item_asked: Bridge,
    pub(crate) location_asked: Bridge,
    pub(crate) line_checked: Bridge,
    pub(crate) component_promised: Bridge,
    pub(crate) shipment_told: Bridge,
    pub(crate) line_shipped: Bridge,
}

// === impl Bridges ===

impl Bridges {
    fn bind(vocabulary: &Vocabulary, views: &Views) -> Self {
        let bridge = |from: &Shape, to: &Shape| Bridge::bind(vocabulary, from, to);
        Self {
            item_asked: bridge(&views.asked_item.shape, &views.availability.shape),
            location_asked: bridge(&views.asked_location.shape, &views.availability.shape),
            line_checked: bridge(&views.order_line.shape, &views.availability.shape),
            component_promised: bridge(&views.component.shape, &views.order_line.shape),
            shipment_told: bridge(&views.shipment.shape, &views.order.shape),
            line_shipped: bridge(&views.shipment_line.shape, &views.order_line.shape),
        }
    }
}

// === impl MissingView ===

impl MissingView {
    fn text(&self) -> String {
        let Self { record, field, expected, found } = self;
        match (field, found) {
            (None, _) => format!("the vocabulary has no `{record}`, expected {expected}"),
            (Some(field), None) => format!("`{record}` has no `{field}`, expected one of type `{expected}`"),
            (Some(field), Some(found)) => {
                format!("`{record}.{field}` has the type `{found}`, expected `{expected}`")
            }
        }
    }
}

/// An operation read into other record types than those of the views would be understood by nobody.
fn bind_operations(binder: &mut Binder<'_>) {
    for (record, request, answer) in OPERATIONS {
        let name = record.strip_prefix("operation.").unwrap_or(record);
        let Some(operation) = binder.vocabulary.operation_named(name) else {
            let expected = "an operation".to_owned();
            binder.missing.push(MissingView { record, field: None, expected, found: None });
            continue;
        };
        let parts = [("request", request, operation.request), ("answer", answer, operation.answer)];
        for (field, expected, found) in parts {
            let found = binder.vocabulary.record_type(found).map(|kind| kind.name.clone());
            if found.as_deref() != Some(expected) {
                let expected = expected.to_owned();
                binder.missing.push(MissingView { record, field: Some(field), expected, found });
            }
        }
    }
}
