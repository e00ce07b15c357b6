//! The demo as a test: a real gateway process between two simulated ends, every step right, nothing left behind.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::world::text;

/// Every step, in its order.
const STEPS: &[&str] = &[
    "browse",
    "look again",
    "one item more",
    "check the cart",
    "reserve",
    "another cart",
    "cancel that cart",
    "transfer",
    "transfer again",
    "order created",
    "decrement cache",
    "look after order",
    "history",
    "details",
    "released",
    "shipped",
    "new stock",
    "browse again",
    "DOM away",
    "DOM back",
    "count",
];

/// The program in the repository's root, with a folder of its own for what is temporary.
fn program(arguments: &[&str], temporary: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dom-gateway"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).env("TMPDIR", temporary);
    command
}

fn demo(arguments: &[&str]) -> (Output, TempDir) {
    let temporary = tempfile::tempdir().unwrap();
    let output = program(&[&["demo"], arguments].concat(), temporary.path()).output().unwrap();
    (output, temporary)
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).unwrap().next().is_none()
}

/// The names of the table's steps, in order: what stands between a row's number and its next column.
fn steps(table: &str) -> Vec<&str> {
    let rows = table.lines().filter_map(|line| {
        let (number, rest) = line.split_at_checked(2)?;
        number.trim().parse::<u32>().ok()?;
        Some(rest.trim_start().split("  ").next().unwrap_or_default())
    });
    rows.collect()
}

/// Characters of the table's column with the outcomes.
const OUTCOME: usize = 38;

/// The table's outcomes as one text.
fn outcomes(table: &str) -> String {
    let head = table.lines().find(|line| line.contains("outcome")).unwrap_or_default();
    let start = head.split("outcome").next().unwrap_or_default().chars().count();
    let cells = table.lines().map(|line| line.chars().skip(start).take(OUTCOME).collect::<String>());
    let words: Vec<String> =
        cells.flat_map(|cell| cell.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    words.join(" ")
}

#[test]
fn every_step_of_the_journey_is_right_and_nothing_is_left_behind() {
    let (output, temporary) = demo(&[]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}\n{}", text(&output.stderr));
    assert_eq!(steps(&table), STEPS, "{table}");
    assert_eq!(table.matches('✓').count(), STEPS.len(), "{table}");
    assert!(table.contains("All 21 steps were right"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");
    assert!(!table.contains('\u{1b}'), "there are colours where no terminal is");
    for fact in
        ["Available 144", "Backorderable", "DOM key", "still one order", "G → R", "R → S", "Available 25"]
    {
        assert!(table.contains(fact), "{fact}:\n{table}");
    }
    assert!(is_empty(&temporary), "the demo's folder is still there");
}

#[test]
fn what_is_remembered_of_stock_spares_the_dom_and_outlasts_it() {
    let (output, _temporary) = demo(&[]);
    let table = text(&output.stdout);
    let told = outcomes(&table);
    for fact in [
        "the same 6 answers, the DOM was not asked",
        "the DOM was asked for 1 of 3 lines",
        "all 3 items Available, the DOM was asked for 3 of 4 lines",
        "online Available 144 → 142, MUC Available 4 → 3, the DOM was not asked",
        "MUC Available 25, ZRH Unavailable",
        "6 answers as they were last known, age",
        "all 6 lines asked anew",
    ] {
        assert!(told.contains(fact), "{fact}:\n{table}");
    }
    assert!(table.contains("→ DOM multiApi, which does not answer"), "{table}");
    // Six at first, the item more, the kit's two parts and what is collected, six while the DOM is away, six when it is
    // back. How often the shopper looks until the gateway sees that it is back is nobody's promise.
    let line = table.lines().find(|line| line.starts_with("Stock: ")).unwrap_or_default();
    assert!(line.contains("the DOM was asked for 22; of"), "{table}");
    assert!(line.contains(" 3 were answered from memory alone."), "{table}");
}

#[test]
fn the_documents_of_each_hop_are_shown() {
    let (output, _temporary) = demo(&["--documents"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for hop in [
        "── store → gateway: GetInventoryAvailability",
        "── gateway → DOM: multiApi",
        "── DOM → gateway: multiApi answer",
        "── gateway → store: ShowInventoryAvailability",
        "── store → gateway: ProcessOrder TransferOrder",
        "── gateway → DOM: createOrder",
        "── gateway → store: AcknowledgeOrder",
        "── gateway → store: ShowOrder",
        "── DOM → gateway: Shipment event",
        "── gateway → store: SyncOrder",
        "── store → gateway: ConfirmBOD",
        "── gateway → DOM: ApiSuccess",
        "── gateway → store: SyncInventoryAvailability",
    ] {
        assert!(shown.contains(hop), "{hop}");
    }
    assert!(shown.contains("<_wcf:PartNumber>LAMP-0042-BRS</_wcf:PartNumber>"));
    assert!(shown.contains("ItemID=\"LAMP-0042-BRS\""));
}

/// A copy of the mappings in which pieces of files are others: file, from, to.
fn changed_mappings(changes: &[(&str, &str, &str)]) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings"), copy.path());
    for (file, from, to) in changes {
        let path = copy.path().join(file);
        let original = fs::read_to_string(&path).unwrap();
        assert!(original.contains(from), "{file} has no `{from}`");
        fs::write(&path, original.replacen(from, to, 1)).unwrap();
    }
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_mapping_with_a_fault_is_shown_before_anything_is_started() {
    let mappings = changed_mappings(&[(
        "sterling/reserveAvailableInventory.input.xml",
        "{kit_quantity}",
        "{kit_quantty}",
    )]);
    let (output, temporary) = demo(&["--mappings", mappings.path().to_str().unwrap()]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{told}");
    for part in
        ["reserveAvailableInventory.input.xml:", "kit_quantty", "did you mean `kit_quantity`?", "1 error"]
    {
        assert!(told.contains(part), "{part}:\n{told}");
    }
    assert!(output.stdout.is_empty() && is_empty(&temporary));
}

#[test]
fn a_folder_that_is_not_there_is_named_with_the_way_out() {
    let (output, _temporary) = demo(&["--mappings", "no-such-folder"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{told}");
    assert!(told.contains("no-such-folder") && told.contains("--mappings DIR"), "{told}");
}

#[test]
fn a_mapping_that_says_something_else_makes_its_step_wrong_and_no_other() {
    let mappings = changed_mappings(&[(
        "sterling/tables/sync_status.toml",
        "[\"R\", \"3200..3700\"]",
        "[\"B\", \"3200..3700\"]",
    )]);
    let (output, temporary) = demo(&["--mappings", mappings.path().to_str().unwrap()]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}\n{}", text(&output.stderr));
    assert!(table.contains("1 of 21 steps were not right: 15 released."), "{table}");
    assert!(table.contains("✗ status at the store: expected `R`,"), "{table}");
    assert!(is_empty(&temporary));
}

/// A running program and what it says; killed when dropped.
struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(arguments: &[&str], temporary: &Path) -> Self {
        let mut command = program(arguments, temporary);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// What it says up to the line that begins like this.
    fn up_to(&mut self, beginning: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let length = self.output.read_line(&mut line).unwrap();
            assert!(length > 0, "it ended without `{beginning}`: {lines:?}");
            let is_last = line.starts_with(beginning);
            lines.push(line.trim_end().to_owned());
            if is_last {
                return lines;
            }
        }
    }

    /// Tells it to stop and gives its exit code.
    fn stop(mut self, signal: Signal) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        // Read to its end, so that it never waits for a reader.
        self.output.read_to_end(&mut Vec::new()).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, if the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a line as a shell does; `None` on a machine without curl.
fn shell(line: &str) -> Option<String> {
    Command::new("curl").arg("--version").output().ok().filter(|output| output.status.success())?;
    let output = Command::new("sh").arg("-c").arg(line).output().unwrap();
    assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    Some(text(&output.stdout))
}

#[test]
fn what_is_left_running_does_what_its_lines_say_and_ends_by_a_signal() {
    for signal in [Signal::INT, Signal::TERM] {
        let temporary = tempfile::tempdir().unwrap();
        let mut running = Running::start(&["demo", "--keep"], temporary.path());
        let said = running.up_to("Ctrl-C ends it");
        let lines: Vec<&String> = said.iter().filter(|line| line.starts_with("curl ")).collect();
        let answers = [
            "ShowInventoryAvailability",
            "ApiSuccess",
            "alive",
            "ready",
            "gateway_calls_total",
            "hcl-commerce",
            "\"quantity\": \"163\"",
            "lines_asked",
            "off",
            "marked_old_since",
            "x-gateway-age: ",
            "on",
            "transfer: answered, status 200",
            "order 845019: status",
            "1500 Scheduled",
            "set",
            "LAMP-0042-BRS",
        ];
        assert_eq!(lines.len(), answers.len(), "{said:?}");
        for (line, expected) in lines.into_iter().zip(answers) {
            if let Some(answer) = shell(line) {
                assert!(answer.contains(expected), "{line}: {answer}");
            }
        }
        assert_eq!(running.stop(signal), Some(0));
        assert!(is_empty(&temporary), "the demo's folder is still there");
    }
}

#[test]
fn a_simulated_end_runs_alone_and_says_how_to_make_it_act() {
    let temporary = tempfile::tempdir().unwrap();
    for (end, line, expected) in [
        ("dom", "/control/tell", "told"),
        ("dom", "/control/advance/", "YFS10003"),
        ("store", "/control/cart", "order 845017"),
        ("store", "/control/orders", "no orders yet"),
    ] {
        let mut running = Running::start(&["simulate", end, "--address", "127.0.0.1:0"], temporary.path());
        let said = running.up_to("Ctrl-C ends it");
        let line = said.iter().find(|said| said.starts_with("curl ") && said.contains(line)).unwrap();
        if let Some(answer) = shell(line) {
            assert!(answer.contains(expected), "{line}: {answer}");
        }
        assert_eq!(running.stop(Signal::TERM), Some(0), "{end}");
    }
}

#[test]
fn the_simulated_ends_are_where_the_shipped_configuration_looks_for_them() {
    let temporary = tempfile::tempdir().unwrap();
    let config: toml::Table = toml::from_str(
        &fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml")).unwrap(),
    )
    .unwrap();
    let (store, dom) = (&config["store"][0], &config["dom"][0]);
    let gateway = format!("http://{}", config["listen"]["address"].as_str().unwrap());
    let url_of = |path: &toml::Value| format!("{gateway}{}", path.as_str().unwrap());
    let port_of = |url: &toml::Value| url.as_str().unwrap().split('/').nth(2).unwrap().to_owned();
    for (end, address, url) in [
        ("dom", port_of(&dom["url"]), url_of(&dom["push"]["path"])),
        ("store", port_of(&store["inbound"]["order"]), url_of(&store["path"])),
    ] {
        let help = text(&program(&["simulate", end, "--help"], temporary.path()).output().unwrap().stdout);
        for default in [address, url] {
            assert!(help.contains(&format!("[default: {default}]")), "{end} {default}:\n{help}");
        }
    }
}

#[test]
fn a_simulated_end_wants_an_address_to_call() {
    let temporary = tempfile::tempdir().unwrap();
    for arguments in
        [["simulate", "dom", "--push", "nowhere"], ["simulate", "store", "--gateway", "ftp://here"]]
    {
        let output = program(&arguments, temporary.path()).output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(arguments[2]) && told.contains("expected a URL"), "{told}");
    }
}

#[test]
fn a_gateway_does_not_outlive_the_program_that_holds_its_input() {
    let temporary = tempfile::tempdir().unwrap();
    let config = temporary.path().join("config.toml");
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml")).unwrap();
    let folder = toml::Value::String(mappings.display().to_string()).to_string();
    let config_text = shipped
        .replace("127.0.0.1:8080", "127.0.0.1:0")
        .replace("127.0.0.1:8081", "127.0.0.1:0")
        .replace("folder = \"mappings\"", &format!("folder = {folder}"));
    fs::write(&config, config_text).unwrap();
    let arguments = ["serve", "--until-input-ends", "--config", config.to_str().unwrap()];
    let output = program(&arguments, temporary.path()).stdin(Stdio::null()).output().unwrap();
    let log = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert!(log.contains("listening") && log.contains("stopped"), "{log}");
}
