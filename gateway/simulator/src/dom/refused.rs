//! What a simulated DOM refuses, and with which codes.
//!
//! Sterling's numbers are specific to each API and not all public (contract sterling section 12). Codes with `999` in
//! them are invented here and stand for "some code of this kind"; the others were seen.

use gateway_model::Record;

use crate::words::{RecordWords, Words};

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The item is not in the catalogue.
    #[error("Item is not known for the organization")]
    UnknownItem {
        /// As it was asked.
        item: String,
    },
    /// The item is not kept in this unit.
    #[error("Unit of measure is not valid")]
    UnknownUnit {
        /// The item.
        item: String,
        /// As it was asked.
        unit: String,
    },
    /// No enterprise stands for this store.
    #[error("Organization is not known")]
    UnknownOrganization,
    /// A quantity is missing, not a number, or not positive.
    #[error("Quantity is not valid")]
    BadQuantity {
        /// The item.
        item: String,
    },
    /// What has to identify something is missing.
    #[error("Mandatory value is missing")]
    MissingValue {
        /// What is missing.
        name: &'static str,
    },
    /// The order number exists already for this enterprise.
    #[error("Order number already exists for the enterprise")]
    DuplicateOrder {
        /// The number.
        number: String,
    },
    /// There is no such order.
    #[error("Invalid Order")]
    UnknownOrder,
    /// There is not so much reserved under this id.
    #[error("Reservation does not exist")]
    UnknownReservation {
        /// The reservation's id.
        id: String,
        /// The item.
        item: String,
    },
    /// No token, a wrong one, or wrong credentials.
    #[error("User is not authenticated")]
    NotAuthenticated,
    /// The DOM has no such API.
    #[error("API is not known")]
    UnknownApi,
    /// The input is not the API's.
    #[error("Input XML is not valid")]
    BadInput,
    /// A fault that a script asked for.
    #[error("{description}")]
    Scripted {
        /// The code.
        code: String,
        /// The text.
        description: String,
    },
}

// === impl Refused ===

impl Refused {
    /// The `ErrorCode`.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::UnknownItem { .. } => "INV99901",
            Self::UnknownUnit { .. } => "INV99902",
            Self::BadQuantity { .. } => "INV99903",
            Self::UnknownReservation { .. } => "INV99904",
            Self::UnknownOrganization => "ORG99901",
            Self::DuplicateOrder { .. } => "ORD99901",
            Self::MissingValue { .. } => "YFS99901",
            Self::UnknownApi => "YFS99902",
            Self::BadInput => "YFS99903",
            Self::UnknownOrder => "YFS10003",
            Self::NotAuthenticated => "YCP0427",
            Self::Scripted { code, .. } => code,
        }
    }

    /// Named values that belong to it.
    fn attributes(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::UnknownItem { item } | Self::BadQuantity { item } => vec![("ItemID", item)],
            Self::UnknownUnit { item, unit } => vec![("ItemID", item), ("UnitOfMeasure", unit)],
            Self::UnknownReservation { id, item } => vec![("ReservationID", id), ("ItemID", item)],
            Self::DuplicateOrder { number } => vec![("OrderNo", number)],
            Self::MissingValue { name } => vec![("Name", name)],
            _ => Vec::new(),
        }
    }

    /// The refusal as the DOM's templates write it; `exception_id` makes it findable in the DOM's own log.
    #[must_use]
    pub fn to_record(&self, words: &Words, exception_id: &str) -> Record<'static> {
        let mut error = words.dom_error.new_record();
        error.set_text(words.dom_error.code, self.code().to_owned());
        error.set_text(words.dom_error.description, self.to_string());
        error.set_text(words.dom_error.exception_id, exception_id.to_owned());
        if *self == Self::NotAuthenticated {
            error.set_text(words.dom_error.http_status, "400");
        }
        if let Some(attributes) = error.list_mut(words.dom_error.attributes) {
            attributes.extend(self.attributes().into_iter().map(|(name, value)| {
                let mut attribute = words.name_value.new_record();
                attribute.set_text(words.name_value.name, name);
                attribute.set_text(words.name_value.value, value.to_owned());
                attribute
            }));
        }
        let mut refusal = words.refusal.new_record();
        if let Some(errors) = refusal.list_mut(words.refusal.errors) {
            errors.push(error);
        }
        refusal
    }
}
