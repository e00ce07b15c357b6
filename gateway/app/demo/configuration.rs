//! The configuration of the demo's gateway: every port free, both ends simulated, the log as lines a program reads.

use std::path::Path;

use toml::Value;

/// The path of the store's calls.
pub(super) const STORE_PATH: &str = "/stores/nordlicht";
/// The path of the DOM's pushes.
pub(super) const PUSH_PATH: &str = "/doms/sterling/events";
/// The dialects of the two ends.
pub(super) const STORE_DIALECT: &str = "hcl-commerce";
pub(super) const DOM_DIALECT: &str = "sterling";

/// Where the ends are.
pub(super) struct Ends {
    /// The interop servlet of the DOM.
    pub(super) dom: String,
    /// The store's services that take pushes.
    pub(super) inventory: String,
    pub(super) order: String,
    /// The store's id.
    pub(super) store_id: String,
}

/// The text of `config.toml`.
pub(super) fn text(mappings: &Path, ends: &Ends) -> String {
    // Texts are quoted by the library: a folder's name may hold anything.
    let quoted = |text: &str| Value::String(text.to_owned()).to_string();
    let folder = quoted(&mappings.display().to_string());
    let [dom, inventory, order, id] =
        [&ends.dom, &ends.inventory, &ends.order, &ends.store_id].map(|text| quoted(text));
    format!(
        r#"zone = "UTC"

[listen]
address = "127.0.0.1:0"

[admin]
address = "127.0.0.1:0"

[log]
format = "json"

[mappings]
folder = {folder}

[[cache.rule]]
name = "standard"

[[store]]
name = "nordlicht"
dialect = "{STORE_DIALECT}"
path = "{STORE_PATH}"
ids = [{id}]
dom = "sterling"

[store.inbound]
inventory = {inventory}
order = {order}

[[dom]]
name = "sterling"
dialect = "{DOM_DIALECT}"
connection = "interop"
url = {dom}

# In a demo nobody wants to wait until a DOM that was away is asked again.
[dom.batch]
first_pause_ms = 1
longest_pause_ms = 1_000

[dom.push]
path = "{PUSH_PATH}"
"#
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use gateway_mapping::Source;

    use super::{Ends, text};
    use crate::config;

    #[test]
    fn it_is_a_configuration_without_faults_whatever_the_folder_is_called() {
        let ends = Ends {
            dom: "http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet".to_owned(),
            inventory: "http://127.0.0.1:8007/inventory".to_owned(),
            order: "http://127.0.0.1:8007/order".to_owned(),
            store_id: "11651".to_owned(),
        };
        let base = tempfile::tempdir().unwrap();
        for name in ["mappings", "with \"quotes\" and \\", "Grüße"] {
            let folder = base.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            let source = Source { path: "config.toml".to_owned(), text: text(&folder, &ends) };
            let loaded = config::read(source, Path::new("/"), &|_: &str| None);
            assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
            assert_eq!(loaded.config.unwrap().mappings, folder);
        }
    }
}
