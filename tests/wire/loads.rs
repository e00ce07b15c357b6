//! Files of availability loaded into a running gateway: uploads over real sockets, and the command.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use assert_cmd::cargo::cargo_bin_cmd;
use bytes::Bytes;
use gateway_cache::{Arrival, Key, Location, Status, Stock};
use gateway_transport::sender::{Call, Upload};
use http::{HeaderName, Method};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::gateway::{Running, Settings, within};

const RULE: &str = "[[cache.rule]]\nname = \"standard\"\nkeep = true\nask = true\nupdate = true\n";

const GOOD: &str = "LAMP,11651,,AVL,148.0,C62,,,2026-11-11 12:00:00.000,11651,,,,\n\
    LAMP,,Gent,UAVL,,,,,2026-11-11 12:00:00.000,11651,,,,\n";
const BAD: &str = "RUG,11651,,AVL,-3,C62,,,,11651,,,,\n";

pub(crate) async fn gateway() -> Running {
    Settings { further: RULE.to_owned(), ..Settings::of("http://127.0.0.1:9") }.run().await
}

pub(crate) fn stock(gateway: &Running, item: &str, location: Location<&str>) -> Option<Stock> {
    let key = Key { store: "11651", item, location, unit: "C62" };
    gateway.stocks.cache.get(&key, gateway.stocks.rules.select("11651", item, location))
}

pub(crate) fn online(gateway: &Running, item: &str) -> Option<Stock> {
    stock(gateway, item, Location::Online)
}

pub(crate) fn old(gateway: &Running, item: &str) -> bool {
    online(gateway, item).unwrap().old_since_ms.is_some()
}

pub(crate) fn remember(gateway: &Running, item: &str) {
    let key = Key { store: "11651", item, location: Location::Online, unit: "C62" };
    let now = 1_700_000_000_000;
    gateway.stocks.cache.put(&key, &Stock::new(Status::Available, None, now), Arrival::push(now));
}

fn upload_call(gateway: &Running, query: &str) -> Call {
    Call::post(format!("http://{}/cache/load?{query}", gateway.admin).parse().unwrap(), Bytes::new())
}

pub(crate) async fn post(
    gateway: &Running,
    query: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> (u16, Value) {
    let mut call = Call { body: body.into(), ..upload_call(gateway, query) };
    for (name, value) in headers {
        call.headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    let answer = within(gateway.caller.send(call)).await.unwrap();
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let said = serde_json::from_str(&text)
        .unwrap_or_else(|_| serde_json::json!({ "complete": false, "stopped": text }));
    (answer.status.as_u16(), said)
}

#[tokio::test]
async fn an_upload_fills_the_cache_and_is_answered_with_what_became_of_its_rows() {
    let gateway = gateway().await;
    let (status, said) = post(&gateway, "", &[], [GOOD, BAD, GOOD].concat()).await;
    assert_eq!(status, 200, "{said}");
    for (name, count) in [
        ("rows", 5),
        ("taken", 2),
        ("unchanged", 2),
        ("rejected", 1),
        ("repeated", 2),
        ("late", 0),
        ("not_kept", 0),
    ] {
        assert_eq!(said[name], count, "{name}: {said}");
    }
    assert_eq!(
        (&said["complete"], &said["stopped"], &said["format"]),
        (&true.into(), &Value::Null, &"csv".into())
    );
    assert!(said["seconds"].is_f64());
    let report =
        "line,column,name,reason,value\n3,5,AvailableQuantity,expected a quantity of zero or more,-3\n";
    assert_eq!(said["report"], report);
    assert_eq!(online(&gateway, "LAMP").unwrap().quantity, Some(Decimal::from(148)));
    assert_eq!(stock(&gateway, "LAMP", Location::Physical("Gent")).unwrap().status, Status::Unavailable);
    assert_eq!(online(&gateway, "RUG"), None);
    let seen = gateway.admin("/cache/load").await;
    assert_eq!(serde_json::from_str::<Value>(&seen.body).unwrap(), serde_json::json!({ "under_way": false }));
}

/// Query, headers, body; status and a part of the reason.
type Refused<'c> = (&'c str, &'c [(&'c str, &'c str)], Vec<u8>, u16, &'c str);

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_a_reason_and_changes_nothing() {
    let gateway = gateway().await;
    let zip: &[u8] = b"PK\x03\x04";
    let cases: [Refused<'_>; 9] = [
        ("mode=ful", &[], GOOD.into(), 400, "`mode`: expected `delta` or `full`, found `ful`"),
        ("dry_run=1", &[], GOOD.into(), 400, "`dry_run`: expected `true` or `false`, found `1`"),
        ("max_bad_rows=-1", &[], GOOD.into(), 400, "`max_bad_rows`: expected a whole number, found `-1`"),
        ("format=json", &[], GOOD.into(), 400, "`format`: expected `csv` or `xml`, found `json`"),
        ("full=true", &[], GOOD.into(), 400, "unknown parameter `full`"),
        ("", &[("origin", "http://evil.example")], GOOD.into(), 403, "expected one without `Origin`"),
        ("", &[("sec-fetch-site", "cross-site")], GOOD.into(), 403, "for a page"),
        ("", &[], zip.into(), 422, "found a zip file, perhaps a spreadsheet"),
        (
            "mode=full&max_bad_rows=0",
            &[],
            [BAD, GOOD].concat().into(),
            422,
            "expected at most 0 bad rows, found more",
        ),
    ];
    remember(&gateway, "OLD");
    for (query, headers, body, status, reason) in cases {
        let (found, said) = post(&gateway, query, headers, body).await;
        assert_eq!(found, status, "{query} {headers:?}: {said}");
        assert_eq!(said["complete"], false, "{said}");
        assert!(said["stopped"].as_str().unwrap().contains(reason), "{said}");
        assert_eq!((online(&gateway, "LAMP"), old(&gateway, "OLD")), (None, false), "{query}");
    }
}

#[tokio::test]
async fn a_dry_run_at_the_gateway_knows_its_stores() {
    let gateway = gateway().await;
    let stranger = GOOD.replace("11651", "11615");
    let (status, said) = post(&gateway, "dry_run=true&mode=full", &[], [GOOD, &stranger].concat()).await;
    assert_eq!((status, &said["taken"], &said["rejected"]), (200, &2.into(), &2.into()));
    assert!(said["report"].as_str().unwrap().contains("did you mean `11651`?"), "{said}");
    assert_eq!(online(&gateway, "LAMP"), None);
}

/// Sends a head that announces more than the file, and the file.
async fn begin_upload(gateway: &Running, query: &str, file: &str) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.admin).await.unwrap();
    let head = format!(
        "POST /cache/load?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        file.len() + 1_000_000
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(file.as_bytes()).await.unwrap();
    stream
}

async fn until_under_way(gateway: &Running, under_way: bool) {
    let wanted = format!("\"under_way\": {under_way}");
    within(async { while !gateway.admin("/cache/load").await.body.contains(&wanted) {} }).await;
}

/// Rows enough for the reader to take some before the rest has come.
fn many_rows() -> String {
    (0..20_000).map(|number| format!("ITEM-{number},11651,,AVL,1,,,,,11651,,,,\n")).collect()
}

#[tokio::test]
async fn an_upload_that_breaks_off_keeps_its_rows_and_replaces_nothing() {
    let gateway = gateway().await;
    remember(&gateway, "OLD");
    let stream = begin_upload(&gateway, "mode=full", &many_rows()).await;
    within(async {
        while online(&gateway, "ITEM-0").is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(stream);
    until_under_way(&gateway, false).await;
    assert!(online(&gateway, "ITEM-0").is_some());
    assert!(!old(&gateway, "OLD"));
    // The same file, whole this time.
    let (status, said) = post(&gateway, "mode=full", &[], many_rows()).await;
    assert_eq!((status, &said["complete"]), (200, &true.into()));
    assert!(old(&gateway, "OLD") && !old(&gateway, "ITEM-0"));
}

#[tokio::test]
async fn a_second_load_at_the_same_time_is_refused() {
    let gateway = gateway().await;
    let stream = begin_upload(&gateway, "name=night.csv", GOOD).await;
    until_under_way(&gateway, true).await;
    let (status, said) = post(&gateway, "", &[], GOOD).await;
    assert_eq!(status, 409);
    assert!(said["stopped"].as_str().unwrap().contains("under way already: night.csv"), "{said}");
    drop(stream);
    until_under_way(&gateway, false).await;
    assert_eq!(post(&gateway, "", &[], GOOD).await.0, 200);
}

#[tokio::test]
async fn a_gateway_that_stops_breaks_the_load_off() {
    let gateway = gateway().await;
    remember(&gateway, "OLD");
    let mut stream = begin_upload(&gateway, "mode=full", GOOD).await;
    until_under_way(&gateway, true).await;
    gateway.stop.cancel();
    let mut answer = String::new();
    within(tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("the gateway is shutting down"), "{answer}");
    assert!(!old(&gateway, "OLD"));
    // The caller still owes the announced bytes; once it is gone, nothing is waited for.
    drop(stream);
    within(gateway.served).await.unwrap();
}

/// The rows of an item at five locations, in the generation of a file.
fn push_item(text: &mut String, item: u32, quantity: u32) {
    for place in 0..5 {
        let location = if place == 0 { "11651,".to_owned() } else { format!(",Store-{place}") };
        writeln!(text, "ITEM-{item},{location},AVL,{quantity},C62,,,,11651,,,,").unwrap();
    }
}

/// Watches items while a file replaces them: none is ever missing, and none is old before all others are new.
fn watch(gateway: &Running, loaded: &Arc<AtomicBool>) -> std::thread::JoinHandle<u64> {
    let (stocks, loaded) = (Arc::clone(&gateway.stocks), Arc::clone(loaded));
    std::thread::spawn(move || {
        let mut random = fastrand::Rng::with_seed(42);
        let mut reads = 0;
        let get = |item: u32, location: Location<&str>| {
            let item = format!("ITEM-{item}");
            let key = Key { store: "11651", item: &item, location, unit: "C62" };
            stocks.cache.get(&key, stocks.rules.select(key.store, key.item, location))
        };
        while !loaded.load(Ordering::Acquire) {
            let (item, place) = (random.u32(0..10_000), random.u32(0..5));
            let name = format!("Store-{place}");
            let location = if place == 0 { Location::Online } else { Location::Physical(name.as_str()) };
            let seen = get(item, location).unwrap();
            if seen.old_since_ms.is_some() {
                assert_eq!(item % 10, 0, "only what the file does not mention becomes old");
                assert!(get(199_999, Location::Online).is_some(), "and only at its end");
            }
            reads += 1;
        }
        reads
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_rows_load_while_reads_go_on_and_nothing_is_answered_from_a_half_replaced_set() {
    let gateway = gateway().await;
    let mut before = String::new();
    (0..10_000).for_each(|item| push_item(&mut before, item, 1));
    assert_eq!(post(&gateway, "mode=full", &[], before).await.0, 200);
    let loaded = Arc::new(AtomicBool::new(false));
    let watching = watch(&gateway, &loaded);
    // Of the items that are there the file leaves every tenth out.
    let (feed, pieces) = tokio::sync::mpsc::channel(4);
    let feeding = async move {
        for thousand in 0..200 {
            let mut text = String::new();
            let items = thousand * 1_000..(thousand + 1) * 1_000;
            let mentioned = items.filter(|item| *item >= 10_000 || item % 10 != 0);
            mentioned.for_each(|item| push_item(&mut text, item, 2));
            feed.send(Ok(text.into())).await.unwrap();
        }
    };
    let call = upload_call(&gateway, "mode=full");
    let sending = gateway.caller.upload(call, Upload { pieces, length: None });
    let (answer, ()) = within(async { tokio::join!(sending, feeding) }).await;
    loaded.store(true, Ordering::Release);
    assert!(watching.join().unwrap() > 0);
    let said: Value = serde_json::from_slice(&answer.unwrap().body).unwrap();
    assert_eq!((&said["rows"], &said["taken"]), (&995_000.into(), &995_000.into()), "{said}");
    for item in 0..10_000 {
        assert_eq!(old(&gateway, &format!("ITEM-{item}")), item % 10 == 0, "{item}");
    }
}

async fn run(arguments: &[&str], folder: &Path) -> std::process::Output {
    let mut command = cargo_bin_cmd!("dom-gateway");
    command.current_dir(folder).arg("load").args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn printed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn the_command_loads_a_file_and_says_what_became_of_it() {
    let gateway = gateway().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.csv"), GOOD).unwrap();
    std::fs::write(folder.path().join("some-bad.csv"), [GOOD, BAD].concat()).unwrap();
    let to = format!("http://{}", gateway.admin);
    remember(&gateway, "OLD");

    let checked = run(&["some-bad.csv", "--dry-run", "--report", "checked.csv"], folder.path()).await;
    assert_eq!(checked.status.code(), Some(1), "{}", printed(&checked.stderr));
    assert!(printed(&checked.stdout).contains("3 rows checked"), "{}", printed(&checked.stdout));
    assert!(
        std::fs::read_to_string(folder.path().join("checked.csv")).unwrap().contains("3,5,AvailableQuantity")
    );
    assert_eq!(online(&gateway, "LAMP"), None);

    let loaded = run(&["good.csv", "--to", &to, "--full"], folder.path()).await;
    assert_eq!(loaded.status.code(), Some(0), "{}", printed(&loaded.stderr));
    assert!(printed(&loaded.stdout).contains("2 rows read"), "{}", printed(&loaded.stdout));
    assert!(online(&gateway, "LAMP").is_some() && old(&gateway, "OLD"));
    assert!(!folder.path().join("good.csv.report.csv").exists());

    let partly = run(&["some-bad.csv", "--to", &to], folder.path()).await;
    assert_eq!(partly.status.code(), Some(1));
    let report = std::fs::read_to_string(folder.path().join("some-bad.csv.report.csv")).unwrap();
    assert!(report.contains("3,5,AvailableQuantity,expected a quantity of zero or more,-3"), "{report}");

    let stopped = run(&["some-bad.csv", "--to", &to, "--max-bad-rows", "0"], folder.path()).await;
    assert_eq!(stopped.status.code(), Some(1));
    assert!(
        printed(&stopped.stderr).contains("broken off: expected at most 0 bad rows"),
        "{}",
        printed(&stopped.stderr)
    );
}

#[tokio::test]
async fn the_command_says_why_nobody_takes_the_file() {
    let gateway = gateway().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.csv"), GOOD).unwrap();
    let (admin, data) = (format!("http://{}", gateway.admin), format!("http://{}", gateway.data));
    let stream = begin_upload(&gateway, "name=night.csv", GOOD).await;
    until_under_way(&gateway, true).await;
    for (arguments, code, told) in [
        (&["no-such.csv"][..], 66, "`no-such.csv` cannot be read"),
        (&["good.csv", "--to", "nowhere"], 2, "`--to`: expected a URL"),
        (&["good.csv", "--to", "http://127.0.0.1:9"], 69, "no connection"),
        (&["good.csv", "--to", &data], 69, "does not take it: status 404"),
        (&["good.csv", "--to", &admin], 69, "a load is under way already: night.csv"),
    ] {
        let output = run(arguments, folder.path()).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", printed(&output.stderr));
        assert!(printed(&output.stderr).contains(told), "{arguments:?}: {}", printed(&output.stderr));
    }
    drop(stream);
}

#[tokio::test]
async fn other_requests_to_the_admin_listener_keep_their_small_bound() {
    let gateway = gateway().await;
    for (method, path, status) in [(Method::POST, "/metrics", 413), (Method::PUT, "/cache/load", 413)] {
        let mut call =
            Call::post(format!("http://{}{path}", gateway.admin).parse().unwrap(), vec![b'a'; 10_000].into());
        call.method = method;
        assert_eq!(within(gateway.caller.send(call)).await.unwrap().status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn files_in_a_watched_folder_are_loaded_until_the_gateway_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("night.csv"), [GOOD, BAD].concat()).unwrap();
    let settings = format!(
        "{RULE}[[cache.folder]]\nin = '{}'\npoll_ms = 100\nsettle_ms = 0\nmode = \"full\"\n",
        path.display()
    );
    let gateway = Settings { further: settings, ..Settings::of("http://127.0.0.1:9") }.run().await;
    let entries = |name: &str| std::fs::read_dir(path.join(name)).map_or(0, Iterator::count);
    within(async {
        while entries("done") < 2 || path.join("night.csv").exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(online(&gateway, "LAMP").is_some());
    gateway.stop.cancel();
    within(gateway.served).await.unwrap();
}
