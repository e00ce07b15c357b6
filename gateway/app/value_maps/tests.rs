//! Several plausible shapes of a value-map document say the same; tables come out in the templates' orientation.

use std::fs;

use super::{Change, KNOWN, PlanFault, Tables, ValueMap, plan, read};

/// One content in the shapes that mediations are known or likely to use; all invented.
const SHAPES: &[(&str, &str)] = &[
    (
        "attributes",
        r#"<ValueMaps>
          <ValueMap name="wcUOMToscUOM"><Entry key="C62" value="EACH"/><Entry key="MTR" value="METER"/></ValueMap>
          <ValueMap name="scacToCarrier"><Entry key="NPOST" value="NordKurier"/></ValueMap>
        </ValueMaps>"#,
    ),
    (
        "capitals",
        r#"<ValueMaps>
          <Map Name="wcUOMToscUOM"><Item Key="C62" Value="EACH"/><Item Key="MTR" Value="METER"/></Map>
          <Map Name="scacToCarrier"><Item Key="NPOST" Value="NordKurier"/></Map>
        </ValueMaps>"#,
    ),
    (
        "child elements, and an id",
        r#"<maps>
          <map id="wcUOMToscUOM"><entry><key>C62</key><value>EACH</value></entry><entry><key>MTR</key><value> METER </value></entry></map>
          <map id="scacToCarrier"><entry><key>NPOST</key><value>NordKurier</value></entry></map>
        </maps>"#,
    ),
    (
        "a name as an element, and a wrapper around the entries",
        r#"<t:ValueMaps xmlns:t="urn:x">
          <t:ValueMap><t:Name>wcUOMToscUOM</t:Name><t:Entries>
            <t:Entry><t:From>C62</t:From><t:To>EACH</t:To></t:Entry><t:Entry><t:From>MTR</t:From><t:To>METER</t:To></t:Entry>
          </t:Entries></t:ValueMap>
          <t:ValueMap><t:Name>scacToCarrier</t:Name><t:Entries>
            <t:Entry><t:From>NPOST</t:From><t:To>NordKurier</t:To></t:Entry>
          </t:Entries></t:ValueMap>
        </t:ValueMaps>"#,
    ),
    (
        "the value as text",
        r#"<properties>
          <group name="wcUOMToscUOM"><property name="C62">EACH</property><property name="MTR">METER</property></group>
          <group name="scacToCarrier"><property name="NPOST">NordKurier</property></group>
        </properties>"#,
    ),
    (
        "maps named by their elements",
        r#"<ValueMaps>
          <wcUOMToscUOM><pair source="C62" target="EACH"/><pair source="MTR" target="METER"/></wcUOMToscUOM>
          <scacToCarrier><pair source="NPOST" target="NordKurier"/></scacToCarrier>
        </ValueMaps>"#,
    ),
    (
        "one flat list",
        r#"<rows>
          <row map="wcUOMToscUOM" key="C62" value="EACH"/>
          <row map="wcUOMToscUOM" key="MTR" value="METER"/>
          <row map="scacToCarrier" key="NPOST" value="NordKurier"/>
        </rows>"#,
    ),
];

fn maps(document: &str) -> Vec<ValueMap> {
    read(document.as_bytes()).unwrap().maps
}

fn pairs(map: &ValueMap) -> Vec<(&str, &str)> {
    map.entries.iter().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect()
}

fn of(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(record, document)| ((*record).to_owned(), (*document).to_owned())).collect()
}

#[test]
fn every_shape_gives_the_same_maps() {
    for (shape, document) in SHAPES {
        let found = read(document.as_bytes()).unwrap();
        assert!(found.remarks.is_empty(), "{shape}: {:?}", found.remarks);
        let [units, carriers] = found.maps.as_slice() else { panic!("{shape}: {:?}", found.maps) };
        assert_eq!((units.name.as_str(), &units.organization), ("wcUOMToscUOM", &None), "{shape}");
        assert_eq!(pairs(units), [("C62", "EACH"), ("MTR", "METER")], "{shape}");
        assert_eq!(carriers.name, "scacToCarrier", "{shape}");
        assert_eq!(pairs(carriers), [("NPOST", "NordKurier")], "{shape}");
    }
}

#[test]
fn an_organization_is_found_on_the_entry_the_map_or_around_it() {
    for document in [
        r#"<Maps><Map name="m" OrganizationCode="NORDWIND"><E key="a" value="b"/></Map></Maps>"#,
        r#"<Maps><Organization OrganizationCode="NORDWIND"><Map name="m"><E key="a" value="b"/></Map></Organization></Maps>"#,
        r#"<Maps><Map name="m"><E key="a" value="b" org="NORDWIND"/></Map></Maps>"#,
        r#"<Maps><Map><Name>m</Name><Organization>NORDWIND</Organization><E key="a" value="b"/></Map></Maps>"#,
    ] {
        let [map] = maps(document).try_into().unwrap();
        assert_eq!((map.name.as_str(), map.organization.as_deref()), ("m", Some("NORDWIND")), "{document}");
    }
}

#[test]
fn an_empty_or_default_organization_is_none() {
    for code in ["", "DEFAULT"] {
        let document =
            format!(r#"<Maps><Map name="m" organization="{code}"><E key="a" value="b"/></Map></Maps>"#);
        assert_eq!(maps(&document)[0].organization, None, "{code}");
    }
}

#[test]
fn what_cannot_be_taken_is_told_with_its_line() {
    for (document, line, text) in [
        ("<Maps>\n<Map name='m'>\n<E key='a'/><E key='b' value='c'/></Map></Maps>", 3, "`a` has no value"),
        (
            "<Maps><Map name='m'><E key='a' value='b'/>\n<E key='a' value='c'/></Map></Maps>",
            2,
            "`a` is `b` already",
        ),
        ("<Maps>\n<E key='a' value='b'/></Maps>", 2, "in no named map"),
    ] {
        let found = read(document.as_bytes()).unwrap();
        let [remark] = found.remarks.as_slice() else { panic!("{document}: {:?}", found.remarks) };
        assert_eq!(remark.line, line, "{document}");
        assert!(remark.text.contains(text), "{document}: {}", remark.text);
    }
}

#[test]
fn a_document_that_is_cut_off_is_refused() {
    assert!(read(b"<Maps><Map name='m'><E key='a' value='b'/>").is_err());
}

#[test]
fn a_table_has_the_words_of_the_store_in_its_first_column() {
    // Contract Sterling section 3: which of key and value is the store's word.
    for (map, table, swapped) in [
        ("storeIdToOrganizationCode", "organization", false),
        ("storeIdToInventoryOrganizationCode", "inventory_organization", false),
        ("storeIdToNode", "node_online", false),
        ("wcShipNodeToscShipNode", "node", false),
        ("wcPhysicalStoreToscStore", "pickup_node", false),
        ("wcUOMToscUOM", "unit", false),
        ("carrierServiceCodeToShipModeCode", "ship_mode", true),
        ("scacToCarrier", "carrier", true),
        ("scCurrencyToWcCurency", "currency", true),
        ("wcPaymentMethodToSCPaymentType", "payment_type", false),
        ("promotionTypeToRuleSetFiledName", "charge_category", false),
        ("scStatusToWcStatus", "order_status", true),
    ] {
        let document = format!(r#"<Maps><Map name="{map}"><E key="key" value="value"/></Map></Maps>"#);
        let made = Tables::from_maps(&maps(&document));
        let row = if swapped { ("value", "key") } else { ("key", "value") };
        assert_eq!(made.tables[table].rows, of(&[row]), "{map}");
        assert!(made.remarks.is_empty(), "{map}: {:?}", made.remarks);
    }
    assert_eq!(KNOWN.len(), 15);
}

#[test]
fn a_map_of_an_unknown_name_becomes_a_table_of_that_name_and_is_told() {
    let made = Tables::from_maps(&maps(r#"<Maps><Map name="gift-wrap"><E key="a" value="b"/></Map></Maps>"#));
    assert_eq!(made.tables["gift_wrap"].rows, of(&[("a", "b")]));
    assert!(made.remarks[0].text.contains("`gift-wrap` is not known"), "{:?}", made.remarks);
}

const SCOPED: &str = r#"<Maps>
  <Map name="scacToCarrier"><E key="NPOST" value="Nord &quot;Kurier&quot;"/></Map>
  <Map name="scacToCarrier" organization="NORD WIND"><E key="X" value="Y"/></Map>
</Maps>"#;

#[test]
fn a_table_file_has_the_format_of_the_mapping_language() {
    let made = Tables::from_maps(&maps(SCOPED));
    let expected = r#"doc = "carriers and their SCAC"
rows = [
    ['Nord "Kurier"', "NPOST"],
]

[organization."NORD WIND"]
rows = [
    ["Y", "X"],
]
"#;
    let text = made.tables["carrier"].to_toml(&toml::Table::new());
    assert_eq!(text, expected);
    let parsed: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(parsed["organization"]["NORD WIND"]["rows"][0][0].as_str(), Some("Y"));
}

#[test]
fn files_are_made_replaced_or_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("carrier.toml");
    let planned = || plan(Tables::from_maps(&maps(SCOPED)), folder.path()).unwrap();

    let first = planned();
    assert_eq!(first.planned[0].change, Change::New);
    assert!(!file.exists(), "a plan writes nothing");
    first.carry_out(folder.path()).unwrap();
    assert_eq!(planned().planned[0].change, Change::Same);

    fs::write(&file, "# by hand\ndoc = 'ours'\nranges = true\nrows = [['a', 'b'], ['c', 'd']]\n").unwrap();
    let second = planned();
    assert_eq!(second.planned[0].change, Change::Replaced { rows: 2 });
    second.carry_out(folder.path()).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("doc = \"ours\"\nranges = true\nrows = ["), "{text}");

    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["carrier.toml"], "nothing else is left behind");
}

#[test]
fn a_table_in_the_way_stops_everything() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("carrier.csv"), "record,document,organization\n").unwrap();
    fs::write(folder.path().join("unit.toml"), "rows = [").unwrap();
    let document = SHAPES[0].1;
    let faults = plan(Tables::from_maps(&maps(document)), folder.path()).unwrap_err();
    assert!(matches!(faults[0], PlanFault::OtherFormat { .. }), "{faults:?}");
    assert!(matches!(faults[1], PlanFault::NoTable { .. }), "{faults:?}");
}
