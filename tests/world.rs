//! A small world of files in a folder of its own: two dialects that share one message, and a configuration for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

/// A folder with `config.toml`, `mappings/` and `fixtures/`; commands run in it.
pub(crate) struct World {
    folder: TempDir,
}

const VOCABULARY: &str = include_str!("../mappings/vocabulary.toml");

const UNIT: &str = "doc = \"units\"\nrows = [[\"C62\", \"EACH\"]]\n";

const SHOP: &str = r#"<s:Wish xmlns:s="urn:shop" xmlns:m="urn:dom-gateway:mapping" m:operation="reserve" m:part="request">
  <s:Store>{store}</s:Store>
  <s:Buyer>{order.buyer.log_on}</s:Buyer>
  <s:Line m:each="order.lines"><s:Item>{item}</s:Item><s:Quantity unit="{unit}">{quantity}</s:Quantity></s:Line>
</s:Wish>
"#;

const WAREHOUSE: &str = r#"<Promise xmlns:m="urn:dom-gateway:mapping" m:operation="reserve" m:part="request" Organization="{store}" Customer="{order.buyer.log_on}">
  <Line m:each="order.lines" ItemID="{item}" Qty="{quantity}" Unit="{unit | table unit else fail}"/>
</Promise>
"#;

const CONFIG: &str = r#"
[[store]]
name = "nordlicht"
dialect = "shop"
path = "/stores/nordlicht"
ids = ["11651"]
dom = "warehouse"

[[dom]]
name = "warehouse"
dialect = "warehouse"
url = "http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet"
"#;

/// A document of the message `shop/Wish`, with an element its template does not know.
pub(crate) const DOCUMENT: &str = r#"<Wish xmlns="urn:shop">
  <Store>11651</Store>
  <Buyer>Ada Lovelace</Buyer>
  <Colour>green</Colour>
  <Line><Item>LAMP</Item><Quantity unit="C62">0.750</Quantity></Line>
</Wish>"#;

const SHOP_FIXTURE: &str = r#"<Wish xmlns="urn:shop"><Store>1</Store><Line><Item>LAMP</Item></Line></Wish>"#;
const WAREHOUSE_FIXTURE: &str = r#"<Promise Organization="1"><Line ItemID="LAMP"/></Promise>"#;
/// What both fixtures mean.
const RECORD: &str = r#"{ "store": "1", "order": { "lines": [{ "item": "LAMP" }] } }"#;

// === impl World ===

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.write("config.toml", CONFIG);
        world.write("mappings/vocabulary.toml", VOCABULARY);
        for (dialect, side, message, template) in
            [("shop", "store", "Wish", SHOP), ("warehouse", "dom", "promise.input", WAREHOUSE)]
        {
            let routing = format!(
                "side = \"{side}\"\nwire = \"bare\"\ndoc = \"{dialect}\"\n[[message]]\nfile = \"{message}.xml\"\n"
            );
            world.write(&format!("mappings/{dialect}/dialect.toml"), &routing);
            world.write(&format!("mappings/{dialect}/{message}.xml"), template);
        }
        world.write("mappings/warehouse/tables/unit.toml", UNIT);
        world.write("wish.xml", DOCUMENT);
        world.fixture("shop/Wish", SHOP_FIXTURE);
        world.fixture("warehouse/promise.input", WAREHOUSE_FIXTURE);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, text).unwrap();
    }

    fn fixture(&self, message: &str, document: &str) {
        self.write(&format!("fixtures/{message}/one/document.xml"), document);
        self.write(&format!("fixtures/{message}/one/record.json"), RECORD);
    }

    /// Replaces a piece of a file, which has to be there.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// Runs the program in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = cargo_bin_cmd!("dom-gateway");
        command.current_dir(self.folder.path()).args(arguments).output().unwrap()
    }
}

/// What a process printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
