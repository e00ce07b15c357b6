//! What a store's refusal of a push comes to: whether the same message may be taken later (contract store sections 11 and
//! 13.1).

/// What a store's message key means for the message it refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The store took a later message of the order already.
    Older,
    /// The same message would be refused again.
    ForGood,
    /// The order is in a state that allows no such change; it may come to another.
    WrongState,
    /// Nobody here knows whether the same message would be refused again.
    Unknown,
}

/// The refusal of a message of an order of which the store took a later one.
const OUT_OF_SEQUENCE: &str = "_ERR_OS_SEQUENCE";

/// What depends on the order's state at the store.
const OF_STATE: [&str; 2] = ["_ERR_ORDER_WRONG_STATUS", "_ERR_ORDER_ITEM_WRONG_STATUS"];

/// What the message itself, or what it names, is wrong about.
const OF_MESSAGE: [&str; 6] = [
    "_ERR_ORDER_NOT_FOUND",
    "_ERR_INVALID_ORDER_REFNUM",
    "_ERR_INVALID_ORDER_ITEM_ID",
    "_ERR_BAD_ORDER_STORE_REL",
    "_ERR_ORDER_UNLOCKED",
    "_ERR_CMD_MISSING_PARAM",
];

/// The families of what contradicts earlier messages; the contract does not name all their members.
const FAMILIES: [&str; 2] = ["_ERR_OS_", "_ERR_OI_"];

/// What a message key means. Keys may stand in a row with others: what is wrong for good stays wrong.
#[must_use]
pub fn meaning(key: &str) -> Meaning {
    let words = || key.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let is_for_good =
        |word: &str| OF_MESSAGE.contains(&word) || FAMILIES.iter().any(|family| word.starts_with(family));
    if words().any(|word| word == OUT_OF_SEQUENCE) {
        Meaning::Older
    } else if words().any(is_for_good) {
        Meaning::ForGood
    } else if words().any(|word| OF_STATE.contains(&word)) {
        Meaning::WrongState
    } else {
        Meaning::Unknown
    }
}
