//! The maps of the existing mediations by their real names (contract Sterling section 3).

/// A map whose meaning is known.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name in the mediation, spelling mistakes included.
    pub map: &'static str,
    /// The table it becomes.
    pub table: &'static str,
    /// Which of its columns is the store's word.
    pub store_side: Side,
    /// What the table is for.
    pub doc: &'static str,
}

/// A column of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The store's word is the key.
    Key,
    /// The store's word is the value.
    Value,
}

const fn known(map: &'static str, table: &'static str, store_side: Side, doc: &'static str) -> Known {
    Known { map, table, store_side, doc }
}

/// All known maps, in the order of the contract.
pub const KNOWN: &[Known] = &[
    known("storeIdToOrganizationCode", "organization", Side::Key, "store ids and enterprise organizations"),
    known(
        "storeIdToInventoryOrganizationCode",
        "inventory_organization",
        Side::Key,
        "store ids and inventory organizations",
    ),
    known("storeIdToNode", "node_online", Side::Key, "store ids and the nodes of their online stores"),
    known("wcShipNodeToscShipNode", "node", Side::Key, "fulfilment centres and ship nodes"),
    known("wcPhysicalStoreToscStore", "pickup_node", Side::Key, "physical stores and pick-up nodes"),
    known("wcUOMToscUOM", "unit", Side::Key, "units of measure"),
    known("carrierServiceCodeToShipModeCode", "ship_mode", Side::Value, "ship modes and carrier services"),
    known("scacToCarrier", "carrier", Side::Value, "carriers and their SCAC"),
    known("scCurrencyToWcCurency", "currency", Side::Value, "currencies"),
    known("scCurrencyToWcCurrency", "currency", Side::Value, "currencies"),
    known("wcPaymentMethodToSCPaymentType", "payment_type", Side::Key, "payment methods and payment types"),
    known(
        "promotionTypeToRuleSetFiledName",
        "charge_category",
        Side::Key,
        "promotions, with whether they need a code, and charge categories",
    ),
    known("scStatusToWcStatus", "order_status", Side::Value, "order statuses"),
    known("scLocaleToWcLocale", "locale", Side::Value, "locales"),
    known(
        "wcPromoCodeReasonCodeToSCCouponStatus",
        "coupon_status",
        Side::Key,
        "reasons of promotion codes and coupon statuses",
    ),
];

/// The known map of this name, letters' case apart.
pub(super) fn find(map: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.map.eq_ignore_ascii_case(map))
}
