//! A folder as its watcher sees it, look by look.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway_cache::{Key, Location};
use gateway_exchange::Interpreter;
use gateway_load::{CsvParams, Mode};
use gateway_wire::Limits;
use tempfile::TempDir;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::settling::Shape;
use super::{Watcher, Whole};
use crate::config::{Folder, Located};
use crate::generation::{self, Generation};
use crate::load::{Desk, Grounds};
use crate::stock::Stocks;

const SETTLE: Duration = Duration::from_secs(5);
const GOOD: &str = "LAMP,11651,,AVL,148.0,C62,,,2026-11-11 12:00:00.000,11651,,,,\n";
/// The beginning of the above.
const HALF: &str = "LAMP,11651,,AVL,148.0";
const BAD: &str = "RUG,11651,,AVL,-3,C62,,,,11651,,,,\n";

/// A watched folder, and what it fills.
struct Watched {
    folder: TempDir,
    grounds: Grounds,
    desk: Desk,
    watcher: Watcher,
    began: Instant,
}

impl Watched {
    fn new(mode: Mode, max_bad_rows: Option<u64>) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
        let Generation { config, mappings } = generation::load(&file, &|_: &str| None).outcome.unwrap();
        let interpreter = Interpreter::new(mappings, config.zone.clone(), Limits::default()).unwrap();
        let stocks = Stocks::new(&config.cache, ["11651".to_owned()]).unwrap();
        let grounds = Grounds {
            stocks: Arc::new(stocks),
            interpreter: Arc::new(interpreter),
            csv: Arc::new(CsvParams::default()),
        };
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("in")).unwrap();
        let settings = Folder {
            incoming: Located { value: path("in"), span: 0..0 },
            done: path("done"),
            failed: path("failed"),
            poll: SETTLE,
            settle: SETTLE,
            mode,
            max_bad_rows,
        };
        let desk = Desk::new(CancellationToken::new());
        let given = grounds.clone();
        let watcher = Watcher::new(settings, move || given.clone(), desk.clone());
        Self { folder, grounds, desk, watcher, began: Instant::now() }
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join("in").join(name), text).unwrap();
    }

    fn look(&mut self, secs: u64) {
        self.watcher.look(self.began + Duration::from_secs(secs));
    }

    /// Names without the time, in order.
    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path().join(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| name.split('.').filter(|part| !part.ends_with('Z')).collect::<Vec<_>>().join("."))
            .collect();
        names.sort();
        names
    }

    fn has(&self, item: &str) -> bool {
        let key = Key { store: "11651", item, location: Location::Online, unit: "C62" };
        let rule = self.grounds.stocks.rules.select(key.store, item, key.location);
        self.grounds.stocks.cache.get(&key, rule).is_some()
    }
}

#[test]
fn a_file_is_loaded_once_it_has_settled_and_moved_to_done() {
    let mut watched = Watched::new(Mode::Delta, None);
    watched.put("night.csv", HALF);
    watched.look(0);
    // Half-written files are left alone, however often they are seen.
    watched.put("night.csv", GOOD);
    watched.look(5);
    watched.look(9);
    assert!(!watched.has("LAMP"));
    watched.look(10);
    assert!(watched.has("LAMP"));
    assert_eq!((watched.names("in").len(), watched.names("done")), (0, vec!["night.csv".to_owned()]));
}

#[test]
fn what_is_not_whole_by_its_name_stays() {
    let mut watched = Watched::new(Mode::Delta, None);
    for name in [".hidden.csv", "a.csv.tmp", "b.csv.part", "c.csv.filepart"] {
        watched.put(name, GOOD);
    }
    fs::create_dir(watched.folder.path().join("in/folder.csv")).unwrap();
    watched.look(0);
    watched.look(60);
    assert_eq!(watched.names("in").len(), 5);
    assert!(!watched.has("LAMP"));
}

#[test]
fn bad_rows_are_reported_beside_the_file_and_bad_files_go_to_failed() {
    let mut watched = Watched::new(Mode::Delta, Some(1));
    watched.put("1-some-bad.csv", &[GOOD, BAD].concat());
    watched.put("2-too-many.csv", &[BAD, BAD, GOOD].concat());
    watched.put("3-sheet.csv", "PK\u{3}\u{4}");
    watched.look(0);
    watched.look(5);
    assert!(watched.has("LAMP"));
    assert_eq!(watched.names("done"), ["1-some-bad.csv", "1-some-bad.csv.report.csv"]);
    let failed = ["2-too-many.csv", "2-too-many.csv.report.csv", "3-sheet.csv", "3-sheet.csv.report.csv"];
    assert_eq!(watched.names("failed"), failed);
    let reports: Vec<String> = fs::read_dir(watched.folder.path().join("failed"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".report.csv"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    assert!(
        reports
            .iter()
            .any(|text| text.ends_with(",,,\"broken off: expected at most 1 bad rows, found more\",\n")),
        "{reports:?}"
    );
    assert!(
        reports.iter().any(|text| text.contains("found a zip file, perhaps a spreadsheet")),
        "{reports:?}"
    );
}

#[test]
fn files_are_taken_in_the_order_of_their_names() {
    let mut watched = Watched::new(Mode::Delta, None);
    watched.put("b.csv", &GOOD.replace("148.0", "2").replace("2026-11-11 12:00:00.000", ""));
    watched.put("a.csv", &GOOD.replace("148.0", "1").replace("2026-11-11 12:00:00.000", ""));
    watched.look(0);
    watched.look(5);
    let key = Key { store: "11651", item: "LAMP", location: Location::Online, unit: "C62" };
    let rule = watched.grounds.stocks.rules.select(key.store, key.item, key.location);
    let stock = watched.grounds.stocks.cache.get(&key, rule).unwrap();
    assert_eq!(stock.quantity, Some(rust_decimal::Decimal::TWO), "the later name is the later file");
}

#[test]
fn while_another_load_is_under_way_and_after_the_end_files_stay() {
    let mut watched = Watched::new(Mode::Full, None);
    watched.put("night.csv", GOOD);
    watched.look(0);
    let turn = watched.desk.begin("an upload").unwrap();
    watched.look(5);
    assert_eq!(watched.names("in"), ["night.csv"]);
    drop(turn);
    watched.desk.closing().cancel();
    watched.look(10);
    assert_eq!(watched.names("in"), ["night.csv"]);
    assert!(!watched.has("LAMP"));
}

#[test]
fn a_folder_that_is_away_for_a_while_is_watched_again_when_it_is_back() {
    let mut watched = Watched::new(Mode::Delta, None);
    let (here, away) = (watched.folder.path().join("in"), watched.folder.path().join("away"));
    watched.put("night.csv", GOOD);
    fs::rename(&here, &away).unwrap();
    watched.look(0);
    fs::rename(&away, &here).unwrap();
    watched.look(5);
    watched.look(10);
    assert!(watched.has("LAMP"));
}

#[test]
fn a_loaded_file_that_cannot_be_moved_is_not_loaded_again() {
    let mut watched = Watched::new(Mode::Delta, None);
    // A file stands where the folder should be.
    let done = watched.folder.path().join("done");
    fs::write(&done, "").unwrap();
    watched.put("night.csv", GOOD);
    watched.look(0);
    watched.look(5);
    watched.look(10);
    let taken = watched.grounds.stocks.cache.stats().news_taken.get();
    assert_eq!((taken, watched.names("in")), (1, vec!["night.csv".to_owned()]));
    fs::remove_file(&done).unwrap();
    watched.look(15);
    assert_eq!((watched.names("in").len(), watched.names("done")), (0, vec!["night.csv".to_owned()]));
    let counted = watched.grounds.stocks.cache.stats();
    assert_eq!((counted.news_taken.get(), counted.news_double.get()), (1, 0));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("night.csv");
    fs::write(&path, HALF).unwrap();
    let shape = Shape::of(&fs::metadata(&path).unwrap()).unwrap();
    let mut text = String::new();
    Whole::open(&path, shape).read_to_string(&mut text).unwrap();
    fs::write(&path, GOOD).unwrap();
    let error = Whole::open(&path, shape).read_to_string(&mut text).unwrap_err();
    assert_eq!(error.to_string(), "the file changed while it was read");
    fs::remove_file(&path).unwrap();
    assert!(Whole::open(&path, shape).read_to_string(&mut text).is_err());
}
