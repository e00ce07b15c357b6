//! What operators see of the availability cache and can do to it: over the admin listener, and by the commands.

use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use dom_gateway::clock;
use gateway_cache::{AGELESS, Arrival, Decrement, Key, Location, PIECE, Status, Stock};
use http::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::documents::question_and_answer;
use crate::gateway::{INVENTORY, Running, Settings};
use crate::stand_in::{Asked, dom_by, xml};

/// Each clock holds for a span of a million seconds, so that no test run is long enough to see one end.
const RULES: &str = "[[cache.rule]]\nname = \"standard\"\nthreshold_quantity = \"none\"\n\
                     fresh_above_secs = 1_000_000\nrefresh_secs = 1_000_000\non_error_secs = 2_000_000\n\
                     status_at_zero = \"Unavailable\"\n\
                     [[cache.rule]]\nname = \"rugs\"\nitem = \"RUG 1/2\"\n";

const LAMP: Key<'_> = Key { store: "11651", item: "LAMP", location: Location::Online, unit: PIECE };

fn at<'k>(name: &'k str) -> Key<'k> {
    Key { location: Location::Physical(name), ..LAMP }
}

async fn gateway() -> Running {
    Settings { cache: RULES.to_owned(), ..Settings::of("http://127.0.0.1:9") }.run().await
}

impl Running {
    /// Puts a record that is so many seconds old.
    fn put(&self, key: &Key<'_>, quantity: Option<i64>, age_secs: i64) {
        let now_ms = clock::now().as_millisecond();
        let fetched_ms = now_ms - age_secs * 1_000;
        let stock = Stock::new(Status::Available, quantity.map(Decimal::from), fetched_ms);
        self.stocks.cache.put(key, &stock, Arrival::push(fetched_ms));
    }

    /// The records that `/cache` shows.
    async fn records(&self, query: &str) -> Vec<Value> {
        let answer = self.operate(Method::GET, &format!("/cache?{query}"), &[]).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "application/json"),
            "{}",
            answer.body
        );
        let shown: Value = serde_json::from_str(&answer.body).unwrap();
        shown.get("records").and_then(Value::as_array).unwrap().clone()
    }

    /// Runs a command of the program against this gateway's admin listener.
    async fn command(&self, arguments: &[&str]) -> Output {
        run(&[arguments, &["--to", &format!("http://{}", self.admin)]].concat()).await
    }
}

async fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin!("dom-gateway"));
    command.args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn every_record_of_an_item_is_shown_with_the_clock_that_holds() {
    let gateway = gateway().await;
    for (place, age_secs) in [("A", 0), ("B", 1_500_000), ("C", 2_500_000), ("D", 9_000_000)] {
        gateway.put(&at(place), Some(5), age_secs);
    }
    gateway.put(&LAMP, None, 10);
    let records = gateway.records("item=LAMP").await;
    let shown: Vec<[&str; 4]> = records
        .iter()
        .map(|record| ["location", "kind", "clock", "rule"].map(|name| record[name].as_str().unwrap()))
        .collect();
    let expected = [
        ["online", "online", "fresh", "standard"],
        ["A", "physical", "fresh", "standard"],
        ["B", "physical", "refresh", "standard"],
        ["C", "physical", "error", "standard"],
        ["D", "physical", "over", "standard"],
    ];
    assert_eq!(shown, expected);
    assert_eq!((&records[0]["unlimited"], &records[0]["quantity"]), (&json!(true), &Value::Null));
    assert_eq!((&records[1]["unlimited"], &records[1]["quantity"]), (&json!(false), &json!("5")));
    assert!(records[2]["age_secs"].as_i64().is_some_and(|secs| (1_500_000..1_600_000).contains(&secs)));
}

#[tokio::test]
async fn a_record_is_shown_as_it_would_be_answered() {
    let gateway = gateway().await;
    let stock = Stock {
        available_at: Some("2026-12-24T08:00:00Z".into()),
        dom_time_ms: Some(1_795_000_000_000),
        ..Stock::new(Status::Available, Some(Decimal::new(20, 1)), AGELESS)
    };
    gateway.stocks.cache.put(&LAMP, &stock, Arrival::push(1_795_000_000_000));
    let order = Decrement { key: LAMP, line: "1", quantity: Decimal::TWO, ordered_ms: 1_795_000_001_000 };
    gateway.stocks.cache.decrement(&order, 1_795_000_001_000);
    let record = gateway.records("item=LAMP").await.remove(0);
    let expected = json!({
        "location": "online", "kind": "online", "item_by": "part number", "unit": "C62", "status": "Unavailable",
        "quantity": "0", "unlimited": false, "taken_by_orders": "2", "available_at": "2026-12-24T08:00:00Z",
        "more_at": null, "offset_secs": null, "dom_time": "2026-11-18T11:06:40Z", "fetched_at": null,
        "age_secs": null, "marked_old_since": null, "rule": "standard", "clock": "fresh",
    });
    assert_eq!(record, expected);
}

#[tokio::test]
async fn parameters_choose_among_the_records() {
    let gateway = gateway().await;
    let rug = Key { item: "RUG 1/2", ..at("München") };
    for key in [LAMP, at("online"), Key { unit: "KGM", ..LAMP }, rug, Key { item: "\u{1}31207", ..LAMP }] {
        gateway.put(&key, Some(1), 0);
    }
    for (query, expected) in [
        ("item=LAMP", 3),
        ("item=LAMP&location=online", 2),
        ("item=LAMP&location=online&unit=KGM", 1),
        ("item=LAMP&store=11651&unit=C62", 2),
        ("item=LAMP&location=MUC", 0),
        ("item=NONE", 0),
        ("item=RUG 1/2&location=München", 1),
        ("item=31207", 1),
    ] {
        assert_eq!(gateway.records(query).await.len(), expected, "{query}");
    }
    assert_eq!(gateway.records("item=RUG 1/2").await[0]["rule"], "rugs");
    assert_eq!(gateway.records("item=31207").await[0]["item_by"], "internal id");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_in_a_sentence() {
    let gateway = gateway().await;
    for (method, path, status, told) in [
        (Method::GET, "/cache", 400, "the parameter `item` is missing"),
        (Method::GET, "/cache?itme=1", 400, "did you mean `item`?"),
        (Method::GET, "/cache?item=1&item=2", 400, "stands twice"),
        (Method::GET, "/cache?item=1&store=11615", 400, "did you mean `11651`?"),
        (Method::POST, "/cache/purge", 400, "`all=true` for the whole cache"),
        (Method::POST, "/cache/purge?all=yes", 400, "expected `true`"),
        (Method::POST, "/cache/purge?all=true&item=1", 400, "expected one of them"),
        (Method::POST, "/cache/purge?unit=C62", 400, "no parameter `unit`"),
        (Method::POST, "/cache/purge?store=1", 400, "no store has the id `1`"),
        (Method::GET, "/cache/purge?all=true", 405, "expected POST"),
        (Method::POST, "/cache?item=1", 405, "expected GET"),
        (Method::DELETE, "/cache/stats", 405, "expected GET"),
        (Method::POST, "/metrics", 405, "expected GET"),
        (Method::POST, "/nowhere", 404, "known paths: "),
    ] {
        let answer = gateway.operate(method.clone(), path, &[]).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(answer.body.contains(told), "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("allow").is_empty(), status != 405, "{method} {path}");
    }
}

#[tokio::test]
async fn a_store_is_named_where_there_are_several() {
    let second = "[[store]]\nname = \"second\"\ndialect = \"hcl-commerce\"\npath = \"/second\"\n\
                  ids = [\"10101\"]\ndom = \"sterling\"\n";
    let gateway = Settings {
        cache: RULES.to_owned(),
        further: second.to_owned(),
        ..Settings::of("http://127.0.0.1:9")
    };
    let gateway = gateway.run().await;
    gateway.put(&Key { store: "10101", ..LAMP }, Some(1), 0);
    let answer = gateway.operate(Method::GET, "/cache?item=LAMP", &[]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("expected one of the ids `11651`, `10101`"), "{}", answer.body);
    assert_eq!(gateway.records("item=LAMP&store=10101").await.len(), 1);
    assert_eq!(gateway.records("item=LAMP&store=11651").await.len(), 0);
}

#[tokio::test]
async fn a_purge_marks_what_it_names_and_nothing_else() {
    let others = [Key { item: "RUG", ..LAMP }, at("MUC"), LAMP, Key { item: "\u{1}LAMP", ..LAMP }];
    for (query, marked) in [
        ("item=RUG", &[true, false, false, false][..]),
        ("location=MUC", &[false, true, false, false]),
        ("item=LAMP&location=online", &[false, false, true, true]),
        ("item=LAMP&location=online&store=11651", &[false, false, true, true]),
        ("store=11651", &[true; 4]),
        ("all=true", &[true; 4]),
    ] {
        let gateway = gateway().await;
        for key in &others {
            gateway.put(key, Some(1), 0);
        }
        let answer = gateway.operate(Method::POST, &format!("/cache/purge?{query}"), &[]).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let rule = gateway.stocks.rules.otherwise();
        let is_old = |key| gateway.stocks.cache.get(key, rule).unwrap().old_since_ms.is_some();
        assert_eq!(others.iter().map(is_old).collect::<Vec<_>>(), marked, "{query}");
    }
}

#[tokio::test]
async fn a_page_in_a_browser_cannot_purge() {
    let gateway = gateway().await;
    gateway.put(&LAMP, Some(1), 0);
    for headers in [[("origin", "http://elsewhere.example")], [("sec-fetch-site", "cross-site")]] {
        let answer = gateway.operate(Method::POST, "/cache/purge?all=true", &headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    assert_eq!(gateway.records("item=LAMP").await[0]["marked_old_since"], Value::Null);
}

#[tokio::test]
async fn what_the_cache_holds_and_counted_is_shown() {
    let gateway = gateway().await;
    gateway.put(&LAMP, Some(5), 30);
    gateway.put(&LAMP, Some(0), 0);
    gateway.operate(Method::POST, "/cache/purge?all=true", &[]).await;
    let answer = gateway.admin("/cache/stats").await;
    let stats: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&stats["held"]["items"], &stats["held"]["rules"]), (&json!(1), &json!(2)));
    assert_eq!(stats["held"]["memory_bytes_at_most"], 256 << 20);
    assert!(stats["held"]["memory_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{}", answer.body);
    assert_eq!((&stats["counters"]["news_taken"], &stats["counters"]["marks"]), (&json!(2), &json!(1)));
    let found =
        json!([{"store": "11651", "age_up_to_secs": 60, "compared": 1, "false_yes": 1, "false_no": 0}]);
    assert_eq!(stats["divergence"], found);
    let metrics = gateway.admin("/metrics").await.body;
    for line in ["gateway_cache_items 1\n", "gateway_cache_marks_total 1\n"] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

#[tokio::test]
async fn what_a_store_asked_for_is_known_and_counted() {
    let (question, answer) = question_and_answer("availability", "items-online-and-physical");
    let dom = dom_by(move |_: &Asked| xml(&answer)).await;
    let gateway = Settings { cache: RULES.to_owned(), ..Settings::of(dom.uri()) }.run().await;
    for attempts in [1, 0] {
        let answer = gateway.ask(INVENTORY, &question).await;
        assert_eq!((answer.status, answer.attempts()), (200, attempts), "{}", answer.body);
    }
    let lines =
        gateway.records("item=LAMP-0042-BRS").await.len() + gateway.records("item=RUG-1187-GRN").await.len();
    let stats: Value = serde_json::from_str(&gateway.admin("/cache/stats").await.body).unwrap();
    assert_eq!(stats["fetched"][0]["store"], "11651");
    assert_eq!(
        (&stats["fetched"][0]["lines_asked"], &stats["fetched"][0]["calls"]),
        (&json!(lines), &json!(1))
    );
    assert_eq!(stats["counters"]["requests_hit"], 1);
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("gateway_stock_calls_total{store=\"11651\"} 1\n"), "{metrics}");
}

#[tokio::test]
async fn the_commands_show_and_mark() {
    let gateway = gateway().await;
    gateway.put(&LAMP, Some(146), 0);
    gateway.put(&at("MUC"), None, 1_500_000);

    let shown = gateway.command(&["cache", "get", "LAMP"]).await;
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let lines: Vec<Vec<&str>> =
        text(&shown.stdout).lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[1], ["location", "unit", "status", "quantity", "age", "clock", "rule"]);
    assert_eq!(lines[2][..4], ["online", "C62", "Available", "146"]);
    assert_eq!(lines[3], ["MUC", "C62", "Available", "unlimited", "17", "d", "refresh", "standard"]);

    let shown = gateway.command(&["cache", "get", "LAMP", "MUC", "--store", "11651", "--json"]).await;
    let json: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(json["records"].as_array().unwrap().len(), 1);

    let marked = gateway.command(&["cache", "purge", "--item", "LAMP", "--location", "MUC"]).await;
    assert!(text(&marked.stdout).contains("item `LAMP`, location `MUC`, every store"), "{marked:?}");
    let shown = gateway.command(&["cache", "get", "LAMP", "MUC"]).await;
    assert!(text(&shown.stdout).contains("marked as old since"), "{shown:?}");

    let stats = gateway.command(&["cache", "stats"]).await;
    assert!(text(&stats.stdout).contains("held items"), "{stats:?}");
    let nothing = gateway.command(&["cache", "get", "NONE"]).await;
    assert_eq!(nothing.status.code(), Some(0));
    assert!(text(&nothing.stdout).contains("nothing is known of `NONE`"), "{nothing:?}");
}

#[tokio::test]
async fn a_command_that_cannot_be_carried_out_says_why() {
    let gateway = gateway().await;
    let data = format!("http://{}", gateway.data);
    let admin = format!("http://{}", gateway.admin);
    for (arguments, code, told) in [
        (&["cache", "get", "LAMP", "--to", "http://127.0.0.1:9"][..], 69, "`--to` names its admin listener"),
        (&["cache", "stats", "--to", &data], 69, "is not the admin listener of a gateway"),
        (&["cache", "stats", "--to", "127.0.0.1:8081"], 2, "expected a URL"),
        (&["cache", "get", "LAMP", "--store", "1", "--to", &admin], 2, "no store has the id `1`"),
        (&["cache", "purge", "--to", &admin], 2, "--all"),
        (&["cache", "purge", "--all", "--item", "LAMP", "--to", &admin], 2, "cannot be used with"),
    ] {
        let output = run(arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
