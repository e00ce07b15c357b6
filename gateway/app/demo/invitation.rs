//! What can be tried by hand while everything is left running: lines for a shell that work as they stand.

use std::fmt::Write as _;
use std::io;

use crate::demo::configuration::{PUSH_PATH, STORE_PATH};
use crate::demo::setting::Setting;
use crate::demo::step::Step;

/// The lines. Documents they need are taken from the journey and written into the demo's folder.
///
/// # Errors
/// A document cannot be written.
pub fn invitation(setting: &Setting, steps: &[Step]) -> io::Result<String> {
    let [gateway, admin, dom, store] = setting.addresses().map(|(_, address)| format!("http://{address}"));
    let mut text = String::from("\nEverything is still running. Try, in another terminal:\n");
    let mut group = |what: &str, lines: &[String]| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "\n# {what}");
        for line in lines {
            let _ = writeln!(text, "{line}");
        }
    };
    if let Some(post) =
        posted(setting, (steps, "browse", "browse.xml"), &format!("{gateway}{STORE_PATH}/InventoryServices"))?
    {
        group("the store asks what is in stock; the file may be changed", &[post]);
    }
    if let Some(post) = posted(setting, (steps, "new stock", "stock.xml"), &format!("{gateway}{PUSH_PATH}"))?
    {
        group("the DOM tells of stock; the file may be changed", &[post]);
    }
    group(
        "the store polls whether the gateway is there",
        &[format!("curl -s {gateway}{STORE_PATH}/heartbeat")],
    );
    let shown = ["ready", "metrics", "config"].map(|path| format!("curl -s {admin}/{path}"));
    group("operators look at the gateway", &shown);
    let known =
        [format!("curl -s '{admin}/cache?item=LAMP-0042-BRS'"), format!("curl -s {admin}/cache/stats")];
    group("what the gateway remembers of an item, and what it counted", &known);
    let url = format!("{gateway}{STORE_PATH}/InventoryServices");
    if let Some(post) = posted(setting, (steps, "browse", "browse.xml"), &url)? {
        let away = [
            format!("curl -s -X POST {dom}/control/off"),
            format!("curl -s -X POST '{admin}/cache/purge?all=true'"),
            post.replacen("curl -s", "curl -s -i", 1),
            format!("curl -s -X POST {dom}/control/on"),
        ];
        group(
            "the DOM goes away and all is marked as old: the store is answered all the same; the DOM comes back",
            &away,
        );
    }
    let order = [
        format!(
            "curl -s -d 'line=KIT-DESK-09*1' -d 'line=LAMP-0042-BRS*1@MUC-Marienplatz' {store}/control/checkout"
        ),
        format!("curl -s {store}/control/orders"),
    ];
    group("the simulated store buys, and says what it knows of its orders", &order);
    let next = next_order(setting);
    let moved = [
        format!("curl -s -X POST {dom}/control/advance/{next}"),
        format!("curl -s -d item=LAMP-0042-BRS -d node=MUC-Marienplatz -d quantity=7 {dom}/control/stock"),
        format!("curl -s {store}/control/stock"),
    ];
    group(
        "the simulated DOM moves that order one step on (scheduled, released, in shipment, shipped) and gets new stock",
        &moved,
    );
    text.push_str("\nCtrl-C ends it.\n");
    Ok(text)
}

/// The id that the store gives its next order.
fn next_order(setting: &Setting) -> u64 {
    setting.store.with(|store| store.orders().filter_map(|(id, _)| id.parse().ok()).max().unwrap_or(0) + 1)
}

/// A line that posts the first document of a step once more; `None` if there is none.
fn posted(
    setting: &Setting,
    (steps, name, file): (&[Step], &str, &str),
    url: &str,
) -> io::Result<Option<String>> {
    let hop = steps.iter().find(|step| step.name == name).and_then(|step| step.hops.first());
    let Some(hop) = hop else { return Ok(None) };
    let path = setting.keep_document(file, &hop.document)?;
    let path = path.display();
    Ok(Some(format!("curl -s -H 'Content-Type: text/xml' --data-binary '@{path}' {url}")))
}
