//! Views of an order, its lines, and the requests and answers that are about orders.

use super::views;

views! {
    RequirementRequest of requirement_request {
        area: (record area), store: (Code), order: (record order), promises: (list order_line),
        cancellations: (list order_line);
        also action
    }
    RequirementAnswer of requirement_answer {
        area: (record area), original: (record area), refusal: (record refusal), order: (record order),
        promises: (list order_line), cancellations: (list order_line),
    }
    TransferRequest of transfer_request {
        area: (record area), store: (Code), order: (record order);
        also action
    }
    TransferAnswer of transfer_answer {
        area: (record area), original: (record area), refusal: (record refusal), order: (record order),
    }
    OrdersRequest of orders_request {
        area: (record area), store: (Code), expression: (Text), page_size: (Number), order_ids: (Text),
        orders: (list order_ref), after_key: (Code), key: (Code), order_id: (Code);
        also profile start log_on status buyer_name known_total
    }
    OrderRef of order_ref {
        id: (Code),
    }
    OrdersAnswer of orders_answer {
        area: (record area), original: (record area), refusal: (record refusal), record_set: (record record_set),
        orders: (list order),
    }
    Order of order {
        id: (Code), external_id: (Code), number: (Code), cart_id: (Code), store: (record store),
        buyer: (record buyer), status: (Code), several_statuses: (Flag), comments: (Text), updated_at: (Datetime),
        placed_at: (Datetime), sequence: (Number), lines: (list order_line), ship_mode: (record ship_mode),
        pickup_id: (Code), pickup: (Code), bill_to: (record contact), payments: (list payment),
        user_data: (list name_value), currency: (Code), grand_total: (Number), adjustments: (list adjustment);
        also customer_number document_type entry_type organization_id organization_name ship_as_complete
        allow_partial promotion_codes product_total adjustment_total shipping_total
        sales_tax_total shipping_tax_total tax_total charge_total payment_status transactions
        status_text max_status max_status_text min_status min_status_text description mails sms ship_to
        requested_ship_date type version channel_id channel channel_description purchase_order coupons tax_categories
        awards approval_status prepared editable locked blocked ship_user_data attributes
    }
    Payment of payment {
        bill_to: (record contact),
    }
    Store of store {
        id: (Code), name: (Code);
        also owner
    }
    ShipMode of ship_mode {
        code: (Code);
        also id store carrier description description_language tracking_url
    }
    OrderLine of order_line {
        id: (Code), external_id: (Code), item_id: (Code), item: (Code), components: (list component), quantity: (Number), unit: (Code),
        configuration: (Code), ship_mode: (record ship_mode), pickup_id: (Code), pickup: (Code), status: (Code),
        inventory_status: (Code), available_date: (Datetime), expected_ship_date: (Datetime),
        shipped_at: (Datetime), center_id: (Code), center: (Code), correlation_group: (Code),
        reservation_id: (Code), reservations: (list reservation), quantity_to_reserve: (Number),
        quantity_reserved: (Number), parent: (Code), component_id: (Code), kit_quantity: (Number),
        bundle_parent: (Code), sub_line: (Code), unit_price: (Number), shipping_charge: (Number),
        sales_tax: (Number), shipping_tax: (Number), adjustments: (list adjustment);
        also item_description product_class configuration_document contract offer currency
        unit_price_quantity list_price price line_total total_adjustment price_override free_gift price_for_information expedite ship_to ship_instruction
        requested_ship_date status_text max_status min_status several_statuses fulfillment_status released_at comments
        created_at updated_at prime_line delivery_method tracking_number user_data item_attributes unit_price_unit tax_categories awards carrier_account
        ship_tie ship_user_data center_owner attributes
    }
    Adjustment of adjustment {
        usage: (Code), amount: (Number);
        also calculation_code code description description_language currency display_level needs_code promotion_type
        promotion_id user_data category
    }
    Component of component {
        id: (Code), item_id: (Code), item: (Code), quantity: (Number), unit: (Code);
        also required configuration user_data
    }
    Reservation of reservation {
        id: (Code), quantity: (Number), unit: (Code), center: (Code), ship_on: (Date), available_on: (Date);
        also item expires_at
    }
}
