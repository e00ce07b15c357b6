//! The shipped configuration is complete, valid and says its own defaults; every fault is found, all in one run.

mod cache;
mod folder;

use std::collections::BTreeSet;
use std::path::Path;

use gateway_mapping::{Source, render};
use gateway_model::Diagnostic;
use gateway_model::codes::{self, Code};

use super::{Loaded, read, read_with_report};
use crate::report;

const SHIPPED: &str = include_str!("../../../config.toml");

/// As little as a configuration can say.
const LEAST: &str = r#"
[[store]]
name = "nordlicht"
dialect = "hcl-commerce"
path = "/stores/nordlicht"
ids = ["11651"]
dom = "sterling"
[[dom]]
name = "sterling"
dialect = "sterling"
url = "http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet"
"#;

fn source(text: &str) -> Source {
    Source { path: "config.toml".to_owned(), text: text.to_owned() }
}

fn no_variables(_: &str) -> Option<String> {
    None
}

fn load_beside_shipped(text: &str) -> Loaded {
    read(source(text), Path::new(env!("CARGO_MANIFEST_DIR")), &no_variables)
}

fn rendered(loaded: &Loaded) -> String {
    render(&loaded.diagnostics, &loaded.files, false)
}

/// The shipped file with its commented-out examples taken in.
fn shipped_in_full() -> String {
    let uncommented = SHIPPED.lines().map(|line| match line.strip_prefix("# ") {
        Some(example) if is_setting(example) => example,
        _ => line,
    });
    uncommented.collect::<Vec<_>>().join("\n")
}

fn is_setting(line: &str) -> bool {
    let key = line.split(" = ").next().unwrap_or_default();
    let is_key =
        line.contains(" = ") && key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    is_key || (line.starts_with('[') && line.ends_with(']'))
}

/// All keys that stand in a file, lists by their name only.
fn keys_of(text: &str) -> BTreeSet<String> {
    fn walk(table: &toml::Table, above: &str, keys: &mut BTreeSet<String>) {
        for (name, value) in table {
            let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            let inner = match value {
                toml::Value::Array(entries) => entries.iter().collect(),
                other => vec![other],
            };
            for table in inner.into_iter().filter_map(toml::Value::as_table) {
                walk(table, &path, keys);
            }
            keys.insert(path);
        }
    }
    let mut keys = BTreeSet::new();
    walk(&toml::from_str(text).unwrap(), "", &mut keys);
    keys
}

#[test]
fn the_shipped_configuration_is_valid() {
    let loaded = load_beside_shipped(SHIPPED);
    assert!(loaded.diagnostics.is_empty(), "{}", rendered(&loaded));
    assert!(loaded.config.is_some());
}

#[test]
fn the_shipped_configuration_has_every_key_there_is() {
    let text = shipped_in_full();
    let (_, report) = read_with_report(&source(&text), Path::new("."), &no_variables);
    let mut written = keys_of(&text);
    // The operations of `[dom.variants]` are the dialect's words, not ours.
    written.remove("dom.variants.availability");
    assert_eq!(report.asked(), written);
}

#[test]
fn every_key_of_the_shipped_configuration_has_a_comment() {
    let mut above = "";
    for line in SHIPPED.lines() {
        let setting = is_setting(line.strip_prefix("# ").unwrap_or(line)) && !line.ends_with(']');
        if setting {
            let explained = above.starts_with("# ") && !is_setting(above.trim_start_matches("# "));
            assert!(explained, "no comment above: {line}");
        }
        above = line;
    }
}

#[test]
fn what_the_shipped_configuration_says_is_the_default() {
    let shipped = load_beside_shipped(SHIPPED).config.unwrap().effective();
    let least = load_beside_shipped(LEAST).config.unwrap().effective();
    let one_rule = format!("[[cache.rule]]\nname = \"standard\"\n{LEAST}");
    let one_rule = load_beside_shipped(&one_rule).config.unwrap().effective();
    assert_eq!(shipped.get("cache"), one_rule.get("cache"));
    for section in ["zone", "listen", "admin", "limits", "log", "mappings"] {
        assert_eq!(shipped.get(section), least.get(section), "{section}");
    }
    for (list, optional) in [("store", "inbound"), ("dom", "push")] {
        let entry = |config: &serde_json::Value| {
            let mut entry = config[list][0].as_object().unwrap().clone();
            entry.remove(optional);
            entry
        };
        assert_eq!(entry(&shipped), entry(&least), "{list}");
    }
}

#[test]
fn the_defaults_of_pushes_are_those_the_shipped_configuration_says() {
    let inbound = "[store.inbound]\ninventory = \"http://127.0.0.1:8007/webapp/wcs/component/inventory/services/InventoryServices\"\norder = \"http://127.0.0.1:8007/webapp/wcs/component/order/services/OrderServices\"\n";
    let text = "[[cache.rule]]\nname = \"standard\"\n".to_owned()
        + &LEAST.replace("[[dom]]", &format!("{inbound}[[dom]]"))
        + "[dom.push]\npath = \"/doms/sterling/events\"\n";
    let said = load_beside_shipped(SHIPPED).config.unwrap().effective();
    assert_eq!(load_beside_shipped(&text).config.unwrap().effective(), said);
}

struct Case {
    name: &'static str,
    /// What is written instead of what in the least configuration.
    change: (&'static str, &'static str),
    /// Code and a part of what is shown.
    expected: (Code, &'static str),
}

const fn case(
    name: &'static str,
    change: (&'static str, &'static str),
    expected: (Code, &'static str),
) -> Case {
    Case { name, change, expected }
}

const KEY: Code = codes::CONFIG_KEY;
const VALUE: Code = codes::CONFIG_VALUE;
const FILE: Code = codes::CONFIG_FILE;
const URL: &str = "url = \"http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet\"";

/// Every way in which a file can be wrong that has its own sentence.
const CASES: &[Case] = &[
    case("not toml", ("ids = [\"11651\"]", "ids = [\"11651\""), (codes::CONFIG_SYNTAX, "unclosed array")),
    case("unknown key", ("name = \"nordlicht\"", "nmae = \"nordlicht\""), (KEY, "did you mean `name`?")),
    case("unknown section", ("[[store]]", "[listne]\n[[store]]"), (KEY, "did you mean `listen`?")),
    case("missing key", ("dialect = \"sterling\"", ""), (KEY, "`dom` lacks the key `dialect`")),
    case("wrong type", ("ids = [\"11651\"]", "ids = 11651"), (KEY, "this is a whole number")),
    case("wrong type in a list", ("[\"11651\"]", "[11651]"), (KEY, "this is a whole number")),
    case("a list where a table stands", ("[[store]]", "[[listen]]\n[[store]]"), (KEY, "this is a list")),
    case("a table where a list stands", ("[[store]]", "[store]"), (KEY, "each under `[[store]]`")),
    case("empty text", ("name = \"sterling\"", "name = \" \""), (VALUE, "`name` is empty")),
    case("empty list", ("[\"11651\"]", "[]"), (VALUE, "`ids` is empty")),
    case("zone", ("[[store]]", "zone = \"Europe/Berln\"\n[[store]]"), (VALUE, "is no time zone")),
    case(
        "address",
        ("[[store]]", "[listen]\naddress = \"8080\"\n[[store]]"),
        (VALUE, "no address to listen on"),
    ),
    case("range", ("[[store]]", "[limits]\ndepth = 2\n[[store]]"), (VALUE, "from 8 to 1000")),
    case("negative", ("[[store]]", "[limits]\ndepth = -2\n[[store]]"), (VALUE, "out of range: -2")),
    case("word", ("[[store]]", "[log]\nformat = \"jsno\"\n[[store]]"), (VALUE, "did you mean `json`?")),
    case("path", ("/stores/nordlicht", "/stores/nord licht"), (VALUE, "cannot be a path")),
    case("url", (URL, "url = \"dom:9080\""), (VALUE, "does not begin with `http://`")),
    case("url with credentials", (URL, "url = \"http://a:b@dom/\""), (VALUE, "credentials do not belong")),
    case("url with a port that is none", (URL, "url = \"http://dom:99999/\""), (VALUE, "it is not a URL")),
    case("idle time", (URL, "url = \"http://dom/\"\nidle_timeout_ms = 0"), (VALUE, "from 1 to 3600000")),
    case("unknown dom", ("dom = \"sterling\"", "dom = \"stirling\""), (VALUE, "did you mean `sterling`?")),
    case("admin", ("[[store]]", "[admin]\naddress = \"0.0.0.0:1\"\n[[store]]"), (VALUE, "is not loopback")),
    case(
        "one address twice",
        ("[[store]]", "[admin]\naddress = \"127.0.0.1:8080\"\n[[store]]"),
        (VALUE, "both listeners have one address"),
    ),
    case(
        "folder",
        ("[[store]]", "[mappings]\nfolder = \"nowhere\"\n[[store]]"),
        (FILE, "there is no folder"),
    ),
    case(
        "file",
        ("[[store]]", "[listen.tls]\ncertificate_file = \"none.pem\"\nkey_file = \"Cargo.toml\"\n[[store]]"),
        (FILE, "none.pem"),
    ),
    case(
        "file not named",
        ("[[store]]", "[listen.tls]\ncertificate_file = \"Cargo.toml\"\n[[store]]"),
        (KEY, "lacks the key `key_file`"),
    ),
    case(
        "attempt longer than call",
        ("[[dom]]", "[store.deadlines]\nhistory = { call_ms = 100, attempt_ms = 200 }\n[[dom]]"),
        (VALUE, "an attempt at `history` outlives its call"),
    ),
    case(
        "delays",
        ("[[dom]]", "[store.retry]\nfirst_delay_ms = 900\n[[dom]]"),
        (VALUE, "the first delay is longer than the longest"),
    ),
    case(
        "pauses",
        (URL, "url = \"http://dom/\"\n[dom.batch]\nfirst_pause_ms = 40_000"),
        (VALUE, "the first pause is longer than the longest"),
    ),
    case(
        "no lines",
        (URL, "url = \"http://dom/\"\n[dom.batch]\nlines = 0"),
        (VALUE, "a whole number from 1 to 100000"),
    ),
    case(
        "lent more than there is",
        (URL, "url = \"http://dom/\"\n[dom.pool]\nconcurrent = 5\nnever_lent = 5"),
        (VALUE, "nothing is left to lend"),
    ),
    case(
        "lent more than there is by default",
        (URL, "url = \"http://dom/\"\n[dom.pool]\nconcurrent = 5"),
        (VALUE, "5 of 5 are never lent"),
    ),
    case(
        "at once without a rate",
        (URL, "url = \"http://dom/\"\n[dom.pool]\nlines_at_once = 5"),
        (VALUE, "`lines_at_once` says nothing without `lines_per_second`"),
    ),
    case(
        "shares of more than all",
        (URL, "url = \"http://dom/\"\n[dom.pool.classes]\norder = { percent = 21 }"),
        (VALUE, "their percentages come to 101"),
    ),
    case(
        "an unknown class",
        (URL, "url = \"http://dom/\"\n[dom.pool.classes]\nbrwse = { percent = 21 }"),
        (KEY, "did you mean `browse`?"),
    ),
    case(
        "open times",
        (URL, "url = \"http://dom/\"\n[dom.breaker]\nfirst_open_ms = 5_000"),
        (VALUE, "the first open time is longer than the longest"),
    ),
    case(
        "an outage that is asked more",
        (URL, "url = \"http://dom/\"\n[dom.retry_budget]\npercent = 5\npercent_in_outage = 6"),
        (VALUE, "`percent_in_outage` of at most `percent`"),
    ),
    case(
        "a class that gives way before a less urgent one",
        ("[[store]]", "[listen.ceilings]\naccount = 70\n[[store]]"),
        (VALUE, "a more urgent class gives way at 70 percent"),
    ),
    case(
        "less memory than one document takes",
        ("[[store]]", "[listen]\nbody_memory_bytes = 1_048_576\n[[store]]"),
        (VALUE, "a document may have more bytes than all together"),
    ),
    case(
        "no time for a second look",
        (URL, "url = \"http://dom/\"\n[dom.verify]\nsettle_ms = 12_000"),
        (VALUE, "`transfer` of the store `nordlicht` may take 12000 ms"),
    ),
    case(
        "no time for giving back twice",
        (URL, "url = \"http://dom/\"\n[dom.verify]\nenabled = false\nsettle_ms = 8_000"),
        (VALUE, "`reserve` of the store `nordlicht` may take 8000 ms"),
    ),
    case(
        "a drain that cuts calls",
        ("[[store]]", "[listen]\ndrain_timeout_ms = 11_999\n[[store]]"),
        (VALUE, "may take 12000 ms, and `listen.drain_timeout_ms` is 11999"),
    ),
    case(
        "a user that cannot be shown",
        (
            URL,
            "url = \"http://localhost/\"\n[dom.login]\nmode = \"basic\"\nuser = \"a:b\"\npassword_env = \"SET\"",
        ),
        (VALUE, "HTTP basic ends the user at a colon"),
    ),
    case(
        "a user that nobody can show",
        ("[[dom]]", "[store.credentials]\nkind = \"basic\"\nuser = \"a:b\"\npassword_env = \"SET\"\n[[dom]]"),
        (VALUE, "HTTP basic ends the user at a colon"),
    ),
    case(
        "credentials without a password",
        ("[[dom]]", "[store.credentials]\nkind = \"basic\"\nuser = \"store\"\n[[dom]]"),
        (KEY, "`store.credentials` has no password"),
    ),
    case(
        "credentials without a user",
        ("[[dom]]", "[store.credentials]\nkind = \"basic\"\npassword_env = \"SET\"\n[[dom]]"),
        (KEY, "lacks the key `user`"),
    ),
    case(
        "a password in the file",
        ("[[dom]]", "[store.credentials]\nkind = \"basic\"\nuser = \"s\"\npassword = \"x\"\n[[dom]]"),
        (KEY, "unknown key `password`"),
    ),
    case(
        "a variable that is not set",
        ("[[dom]]", "[store.credentials]\nkind = \"basic\"\nuser = \"s\"\npassword_env = \"UNSET\"\n[[dom]]"),
        (FILE, "the environment variable `UNSET` is not set"),
    ),
    case(
        "a password file that is not there",
        ("[[dom]]", "[store.credentials]\nkind = \"basic\"\nuser = \"s\"\npassword_file = \"none\"\n[[dom]]"),
        (FILE, "cannot be read"),
    ),
    case(
        "two sources of a password",
        (
            "[[dom]]",
            "[store.credentials]\nkind = \"basic\"\nuser = \"s\"\npassword_env = \"SET\"\npassword_file = \"f\"\n[[dom]]",
        ),
        (VALUE, "stands beside `password_env`"),
    ),
    case(
        "a user that is not used",
        ("[[dom]]", "[store.credentials]\nuser = \"store\"\n[[dom]]"),
        (VALUE, "`user` is not used"),
    ),
    case(
        "a token where there is no envelope",
        (
            URL,
            "url = \"http://dom/\"\n[dom.push]\npath = \"/e\"\n[dom.push.credentials]\nkind = \"username-token\"",
        ),
        (VALUE, "`kind` cannot be `username-token`"),
    ),
    case(
        "a password over plain http",
        (URL, "url = \"http://dom/\"\n[dom.login]\nmode = \"token\"\nuser = \"g\"\npassword_env = \"SET\""),
        (VALUE, "a password is sent over plain HTTP"),
    ),
    case(
        "one path for a store and a dom",
        (URL, "url = \"http://dom/\"\n[dom.push]\npath = \"/stores/nordlicht\""),
        (VALUE, "two ends are called at the path `/stores/nordlicht`"),
    ),
];

fn faults(text: &str) -> (Vec<Diagnostic>, String) {
    let environment = |name: &str| (name == "SET").then(|| "hush".to_owned());
    let loaded = read(source(text), Path::new(env!("CARGO_MANIFEST_DIR")), &environment);
    let failed = report::has_errors(&loaded.diagnostics);
    assert_eq!(loaded.config.is_none(), failed);
    let shown = rendered(&loaded);
    (loaded.diagnostics, shown)
}

#[test]
fn every_fault_has_its_code_its_place_and_its_sentence() {
    for case in CASES {
        let text = LEAST.replacen(case.change.0, case.change.1, 1);
        assert_ne!(text, LEAST, "{}: nothing was changed", case.name);
        let (diagnostics, shown) = faults(&text);
        let codes: Vec<Code> = diagnostics.iter().map(|fault| fault.code).collect();
        assert!(codes.contains(&case.expected.0), "{}: {codes:?}\n{shown}", case.name);
        assert!(shown.contains(case.expected.1), "{}:\n{shown}", case.name);
        assert!(!shown.contains("hush"), "{}: a secret is shown", case.name);
    }
}

#[test]
fn names_ids_and_paths_are_used_once() {
    let store = LEAST.split("[[dom]]").next().unwrap();
    let (_, shown) = faults(&(store.to_owned() + LEAST));
    for message in ["two stores have the name", "two stores have the id", "two ends are called at the path"] {
        assert!(shown.contains(message), "{shown}");
    }
    assert!(shown.contains("the first"), "{shown}");
}

#[test]
fn all_faults_of_a_file_are_reported_in_one_run_in_its_order() {
    let text = "zone = \"Nowhere\"\n[log]\nlevel = \"loud\"\n[listen]\nheader_bytes = 1\n".to_owned()
        + "[[store]]\nname = \"second\"\ndialect = \"d\"\npath = \"/second\"\nids = [\"1\"]\ndom = \"nowhere\""
        + &LEAST.replace("dom = \"sterling\"", "dom = \"other\"").replace("ids = [", "idds = [");
    let (diagnostics, shown) = faults(&text);
    let lines: Vec<usize> = diagnostics
        .iter()
        .map(|fault| text.get(..fault.place.span.start).unwrap().matches('\n').count() + 1)
        .collect();
    // Line 12 begins the store whose ids are missing; its own DOM is not looked at before it is whole.
    assert_eq!(lines, [1, 3, 5, 11, 12, 16], "{shown}");
}

#[test]
fn beside_an_address_that_cannot_be_all_other_faults_are_found() {
    let listen = "[listen]\naddress = \"nowhere\"\nheader_bytes = 1\nconections = 5\n[[store]]";
    let (_, shown) = faults(&LEAST.replacen("[[store]]", listen, 1));
    for part in ["no address to listen on", "from 8192 to 1048576", "did you mean `connections`?"] {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
}

#[test]
fn a_store_without_a_list_of_stores_is_refused() {
    let (diagnostics, shown) = faults("zone = \"UTC\"\n");
    assert_eq!(diagnostics.len(), 1, "{shown}");
    assert!(shown.contains("there is no store"), "{shown}");
}

#[test]
fn a_secret_is_shown_only_by_where_it_came_from() {
    let text =
        LEAST.to_owned() + "[dom.login]\nmode = \"token\"\nuser = \"gateway\"\npassword_env = \"SET\"\n";
    let environment = |name: &str| (name == "SET").then(|| "hush".to_owned());
    let loaded = read(source(&text), Path::new(env!("CARGO_MANIFEST_DIR")), &environment);
    let config = loaded.config.unwrap();
    assert_eq!(config.doms[0].login.password.as_ref().unwrap().expose(), "hush");
    let shown = format!("{config:?} {}", config.effective());
    assert!(shown.contains("SET") && !shown.contains("hush"), "{shown}");
}

#[test]
fn a_password_file_ends_where_its_text_does() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mappings")).unwrap();
    std::fs::write(folder.path().join("word"), "hush hush\r\n").unwrap();
    let text =
        LEAST.to_owned() + "[dom.login]\nmode = \"basic\"\nuser = \"gateway\"\npassword_file = \"word\"\n";
    let loaded = read(source(&text), folder.path(), &no_variables);
    assert_eq!(loaded.config.unwrap().doms[0].login.password.as_ref().unwrap().expose(), "hush hush");
}

#[test]
fn a_file_that_is_not_there_is_a_fault_like_any_other() {
    let loaded = super::load(Path::new("no/such/config.toml"), &no_variables);
    assert_eq!(loaded.diagnostics[0].code, codes::CONFIG_FILE);
    assert!(rendered(&loaded).contains("no/such/config.toml"));
}

#[test]
fn deadlines_are_found_by_operation() {
    let config = load_beside_shipped(SHIPPED).config.unwrap();
    let deadlines = &config.stores[0].deadlines;
    assert_eq!(deadlines.of("availability").call.as_millis(), 3_000);
    assert_eq!(deadlines.of("no such operation").call.as_millis(), 12_000);
}
