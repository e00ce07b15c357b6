//! Views of what a DOM tells a store, and of the store's confirmation.

use super::views;

views! {
    OrderSyncRequest of order_sync_request {
        area: (record area), store: (Code), action: (Code), shipment: (record shipment), orders: (list order),
    }
    Shipment of shipment {
        status: (Code), shipped_at: (Datetime), modified_at: (Datetime), lines: (list shipment_line);
        also key number node carrier ship_mode tracking_number
    }
    ShipmentLine of shipment_line {
        order_number: (Code), line_id: (Code), prime_line: (Code), bundle_parent: (Code);
        also sub_line item unit quantity
    }
    AvailabilitySyncRequest of availability_sync_request {
        area: (record area), store: (Code), action: (Code), changes: (list availability),
    }
    Confirmation of confirmation {
        area: (record area), original: (record area), succeeded: (Flag), refusal: (record refusal),
    }
}
