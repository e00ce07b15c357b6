//! The configuration of the drill's gateways: every port free, deadlines short enough for many troubles in little time.

use std::path::Path;

use gateway_simulator::RepeatedOrder;
use toml::Value;

/// The path of the store's calls.
pub(super) const STORE_PATH: &str = "/stores/nordlicht";
/// The path of the DOM's pushes.
pub(super) const PUSH_PATH: &str = "/doms/sterling/events";
/// The dialects of the two ends.
pub(super) const STORE_DIALECT: &str = "hcl-commerce";
pub(super) const DOM_DIALECT: &str = "sterling";
/// How long the store waits: longer than any of the gateway's deadlines.
pub(super) const STORE_TIMEOUT_MS: u64 = 5_000;

/// Where the ends are.
pub(super) struct Ends {
    /// The interop servlet of the DOM.
    pub(super) dom: String,
    /// The store's services that take pushes.
    pub(super) inventory: String,
    pub(super) order: String,
    /// The store's id.
    pub(super) store_id: String,
    /// What the DOM does with a second order of one number.
    pub(super) repeated_order: RepeatedOrder,
    /// Whether answers are late on purpose; else only a slow machine makes them so, and none may be given up.
    pub(super) has_faults: bool,
}

/// The text of `config.toml`.
pub(super) fn text(mappings: &Path, ends: &Ends) -> String {
    // Texts are quoted by the library: a folder's name may hold anything.
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let folder = quoted(&mappings.display().to_string());
    let [dom, inventory, order, id] =
        [&ends.dom, &ends.inventory, &ends.order, &ends.store_id].map(|text| quoted(text));
    // One that keeps both acts at once; one that refuses the second may act as late as `SLOW`.
    let (look_first, settle_ms) = match ends.repeated_order {
        RepeatedOrder::Accepted => ("always", 100),
        RepeatedOrder::Refused => ("old", 400),
    };
    let (call_ms, attempt_ms) = if ends.has_faults { (3_000, 600) } else { (4_500, 2_200) };
    let (look_ms, look_attempt_ms) = if ends.has_faults { (1_000, 600) } else { (2_200, 2_200) };
    format!(
        r#"zone = "UTC"

[listen]
address = "127.0.0.1:0"
drain_delay_ms = 500
drain_timeout_ms = 13_000

[admin]
address = "127.0.0.1:0"

[log]
format = "json"

[mappings]
folder = {folder}

[[store]]
name = "nordlicht"
dialect = "{STORE_DIALECT}"
path = "{STORE_PATH}"
ids = [{id}]
dom = "sterling"

# A late answer of the DOM is later than one attempt, and there is time for looking and one attempt more.
[store.deadlines]
reserve = {{ call_ms = {call_ms}, attempt_ms = {attempt_ms} }}
cancel_reservation = {{ call_ms = {call_ms}, attempt_ms = {attempt_ms} }}
transfer = {{ call_ms = {call_ms}, attempt_ms = {attempt_ms} }}
details = {{ call_ms = {look_ms}, attempt_ms = {look_attempt_ms} }}

[store.inbound]
inventory = {inventory}
order = {order}

[[dom]]
name = "sterling"
dialect = "{DOM_DIALECT}"
connection = "interop"
url = {dom}

# This DOM adds a second reservation to the first; whether it keeps a second order of one number, the plan says.
[dom.verify]
look_first = "{look_first}"
release_first = "always"
settle_ms = {settle_ms}

[dom.push]
path = "{PUSH_PATH}"
"#
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gateway_mapping::Source;
    use gateway_simulator::RepeatedOrder;

    use super::{Ends, STORE_TIMEOUT_MS, text};
    use crate::config;
    use crate::drill::faults::{LATE, SLOW};

    #[test]
    fn it_has_no_faults_and_its_deadlines_fit_the_troubles() {
        let ends = Ends {
            dom: "http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet".to_owned(),
            inventory: "http://127.0.0.1:8007/inventory".to_owned(),
            order: "http://127.0.0.1:8007/order".to_owned(),
            store_id: "11651".to_owned(),
            repeated_order: RepeatedOrder::Refused,
            has_faults: true,
        };
        let folder = tempfile::tempdir().unwrap();
        let source = Source { path: "config.toml".to_owned(), text: text(folder.path(), &ends) };
        let loaded = config::read(source, folder.path(), &|_: &str| None);
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let config = loaded.config.unwrap();
        assert!(SLOW < config.doms[0].verify.settle);
        for operation in ["reserve", "cancel_reservation", "transfer"] {
            let deadline = config.stores[0].deadlines.of(operation);
            assert!(SLOW < deadline.attempt && deadline.attempt < LATE && LATE < deadline.call);
            assert!(deadline.call < Duration::from_millis(STORE_TIMEOUT_MS));
        }
    }
}
