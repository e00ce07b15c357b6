//! What all worlds share, read once: the configuration, the mappings, the interpreter over them.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use dom_gateway::config::Config;
use dom_gateway::generation;
use dom_gateway::ready::limits;
use gateway_exchange::Interpreter;
use gateway_mapping::Mappings;

/// The dialects of the two ends.
pub(crate) const DOM_DIALECT: &str = "sterling";
pub(crate) const STORE_DIALECT: &str = "hcl-commerce";
/// Where the store's calls go at a gateway, and the DOM's events.
pub(crate) const STORE_PATH: &str = "/stores/nordlicht";
pub(crate) const PUSH_PATH: &str = "/doms/sterling/events";

/// Everything a world needs that is the same in all.
pub(crate) struct Setting {
    pub(crate) config: Config,
    pub(crate) interpreter: Arc<Interpreter>,
    pub(crate) mappings: Arc<Mappings>,
}

pub(crate) static SETTING: LazyLock<Setting> = LazyLock::new(Setting::read);

// === impl Setting ===

impl Setting {
    fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("config.toml");
        std::fs::write(&file, text(&folder)).unwrap();
        let loaded = generation::load(&file, &|_: &str| None);
        let shown = gateway_mapping::render(&loaded.diagnostics, &loaded.files, false);
        assert!(loaded.outcome.is_some(), "{shown}");
        let generation = loaded.outcome.unwrap();
        let config = generation.config;
        let interpreter =
            Interpreter::new(generation.mappings, config.zone.clone(), limits(&config.limits)).unwrap();
        let mappings = generation::load_mappings(&folder).outcome.unwrap();
        Self { config, interpreter: Arc::new(interpreter), mappings: Arc::new(mappings) }
    }
}

/// Everything not named here is as it comes: the deadlines above all.
fn text(mappings: &Path) -> String {
    format!(
        r#"zone = "UTC"

[mappings]
folder = '{}'

[[store]]
name = "nordlicht"
dialect = "{STORE_DIALECT}"
path = "{STORE_PATH}"
ids = ["11651"]
dom = "sterling"

[store.inbound]
inventory = "http://store.test/webapp/wcs/component/inventory/services/InventoryServices"
order = "http://store.test/webapp/wcs/component/order/services/OrderServices"

[[dom]]
name = "sterling"
dialect = "{DOM_DIALECT}"
connection = "interop"
url = "http://dom.test/smcfs/interop/InteropHttpServlet"

[dom.push]
path = "{PUSH_PATH}"
"#,
        mappings.display()
    )
}
