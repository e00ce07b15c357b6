//! What an integrator does: teach the gateway a field by editing files only, and break one by mistake.
//!
//! The lines are those of `mappings/README.md`, "Adding a field": the page cannot promise what does not work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use tempfile::TempDir;

use crate::world::text;

/// A copy of the repository's mappings, to be edited.
struct Copy {
    folder: TempDir,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The code blocks of the page's last section, in order.
fn lines_of_the_page() -> Vec<String> {
    let page = fs::read_to_string(root().join("mappings/README.md")).unwrap();
    let (_, section) = page.split_once("## Adding a field").unwrap();
    let blocks = section.split("```").skip(1).step_by(2);
    blocks.map(|block| block.lines().skip(1).map(str::trim).collect::<Vec<_>>().join("\n")).collect()
}

impl Copy {
    fn new() -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap() };
        copy_folder(&root().join("mappings"), copy.folder.path());
        copy
    }

    fn insert_before(&self, file: &str, place: &str, text: &str) {
        let path = self.folder.path().join(file);
        let content = fs::read_to_string(&path).unwrap();
        assert!(content.contains(place), "{file} has no `{place}`");
        fs::write(path, content.replacen(place, &format!("{text}\n{place}"), 1)).unwrap();
    }

    fn with_the_gift_message() -> Self {
        let copy = Self::new();
        // Three blocks: the declaration, the store's place, the DOM's place.
        let [declaration, in_the_store, in_the_dom]: [String; 3] = lines_of_the_page().try_into().unwrap();
        let fields = "id = { type = \"code\", doc = \"the store's order id\" }\nexternal_id";
        copy.insert_before("vocabulary.toml", fields, &declaration);
        let others = "<_wcf:UserDataField m:each";
        copy.insert_before("hcl-commerce/fragments/order_user_data.xml", others, &in_the_store);
        copy.insert_before("sterling/createOrder.input.xml", "<OrderLines>", &in_the_dom);
        copy
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = cargo_bin_cmd!("dom-gateway");
        command
            .current_dir(root())
            .args(arguments)
            .arg("--mappings")
            .arg(self.folder.path())
            .output()
            .unwrap()
    }

    /// An order that has the gift message among its custom data.
    fn order(&self) -> PathBuf {
        let order = root().join("fixtures/exchanges/transfer/ship-pickup-and-promotion/store-request.xml");
        let order = fs::read_to_string(order).unwrap();
        let (before, after) = order.rsplit_once("<_wcf:UserData>").unwrap();
        let field = "<_wcf:UserData><_wcf:UserDataField name=\"giftMessage\">Well done</_wcf:UserDataField>";
        let path = self.folder.path().join("order.document");
        fs::write(&path, format!("{before}{field}{after}")).unwrap();
        path
    }
}

const ARRIVED: &str = "<Instruction InstructionType=\"GIFT\" InstructionText=\"Well done\"/>";

#[test]
fn a_field_added_to_the_vocabulary_and_two_templates_arrives() {
    let copy = Copy::with_the_gift_message();
    let order = copy.order();
    let output =
        copy.run(&["translate", "--from", "hcl-commerce", "--to", "sterling", order.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains(ARRIVED), "{}", text(&output.stdout));
    let checked = copy.run(&["check"]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
}

#[test]
fn a_field_added_is_seen_on_its_way_through_a_running_gateway() {
    let copy = Copy::with_the_gift_message();
    let output = copy.run(&["demo", "--documents", "--field", "order.gift_message=Well done"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains(ARRIVED), "{}", text(&output.stdout));
}

#[test]
fn a_mistake_in_a_mapping_is_told_with_its_place_and_the_way_out() {
    let copy = Copy::new();
    copy.insert_before(
        "sterling/createOrder.input.xml",
        "<OrderLines>",
        "<Instructions Text=\"{order.coments}\"/>",
    );
    let output = copy.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    for part in ["GW-2003", "sterling/createOrder.input.xml:", "coments", "did you mean `comments`?"] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
