//! Views of the availability question, its answer, and the frame every request and answer has.

use super::views;

views! {
    Area of area {
        sent_at: (Datetime), message_id: (Code), store: (Code),
    }
    RecordSet of record_set {
        start: (Number), count: (Number), total: (Number), complete: (Flag),
    }
    Refusal of refusal {
        action: (Code), expression: (Text), code: (Code), description: (Text), at: (Datetime),
        reason_code: (Code), reasons: (list reason), note: (Text), kind: (Code), errors: (list dom_error),
    }
    Reason of reason {
        text: (Text),
    }
    DomError of dom_error {
        code: (Code), description: (Text), exception_id: (Code), attributes: (list name_value),
        causes: (list dom_error),
    }
    NameValue of name_value {
        name: (Code), value: (Text),
    }
    AvailabilityRequest of availability_request {
        area: (record area), store: (Code), profile: (Code), expression: (Text), items: (list asked_item),
        locations: (list asked_location), units: (list asked_unit), lines: (list availability),
    }
    AskedItem of asked_item {
        id: (Code), item: (Code), unit: (Code),
    }
    AskedLocation of asked_location {
        kind: (Code), id: (Code), name: (Code),
    }
    AskedUnit of asked_unit {
        unit: (Code),
    }
    AvailabilityAnswer of availability_answer {
        area: (record area), original: (record area), refusal: (record refusal), record_set: (record record_set),
        online_supplies: (list availability), physical_supplies: (list availability), lines: (list availability),
    }
    Availability of availability {
        position: (Number), line: (Code), item_id: (Code), item: (Code), location_kind: (Code), location_id: (Code),
        location: (Code), unit: (Code), status: (Code), quantity: (Number), available_at: (Datetime),
        offset: (Number), updated_at: (Datetime), on_hand: (Number), future_date: (Date),
        assignments: (list assignment), default_group: (Flag), node: (Code);
        also item_owner on_hand_date future_quantity alert_level alert_type
    }
    Assignment of assignment {
        quantity: (Number), available_on: (Date),
    }
}
