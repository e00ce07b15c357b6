//! The commands as scripts see them: help, exit codes, what is printed where.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;

use crate::world::text;

/// Runs the program in the repository's root.
fn run(arguments: &[&str]) -> Output {
    let mut command = cargo_bin_cmd!("dom-gateway");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).output().unwrap()
}

const COMMANDS: &[&[&str]] = &[
    &["demo"],
    &["drill"],
    &["serve"],
    &["check"],
    &["explain"],
    &["load"],
    &["translate"],
    &["cache", "get"],
    &["cache", "stats"],
    &["cache", "purge"],
    &["map", "read"],
    &["map", "write"],
    &["tables", "import"],
    &["simulate", "dom"],
    &["simulate", "store"],
];

#[test]
fn every_command_has_a_help_with_an_example_and_its_exit_codes() {
    for command in COMMANDS {
        let output = run(&[*command, &["--help"]].concat());
        let help = text(&output.stdout);
        assert!(output.status.success(), "{command:?}");
        assert!(help.contains("Example"), "{command:?}:\n{help}");
        assert!(help.contains(&format!("dom-gateway {}", command.join(" "))), "{command:?}:\n{help}");
        assert!(help.contains("Exit codes: 0 "), "{command:?}:\n{help}");
    }
}

#[test]
fn the_program_lists_its_exit_codes() {
    let help = text(&run(&["--help"]).stdout);
    for code in [0, 1, 2, 66, 69, 70, 74, 78] {
        assert!(help.contains(&format!("\n  {code:2}  ")), "{code}:\n{help}");
    }
}

#[test]
fn exit_codes_say_what_kind_of_trouble_it_was() {
    for (arguments, code, told) in [
        (&["nonsense"][..], 2, "unrecognized subcommand"),
        (&["check", "--no-such-option"], 2, "unexpected argument"),
        (&["explain", "GW-9999"], 2, "there is no code `GW-9999`"),
        (&["tables", "import", "no-such-file.xml"], 66, "`no-such-file.xml` cannot be read"),
        (&["check", "--config", "no-such-config.toml"], 1, "no-such-config.toml"),
        (&["serve", "--config", "no-such-config.toml"], 78, "no-such-config.toml"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    }
}

/// The lines of a document that call the program, as arguments: those in `sh` blocks that begin with its name.
fn calls(markdown: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for block in markdown.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        for line in block.lines() {
            let call =
                ["dom-gateway ", "cargo run --release -- "].iter().find_map(|name| line.strip_prefix(name));
            let words = call.map(|call| call.split(" #").next().unwrap_or_default().split_whitespace());
            calls.extend(words.map(|words| words.map(str::to_owned).collect()));
        }
    }
    calls
}

#[test]
fn every_call_that_the_documents_show_is_understood() {
    let mut seen = 0;
    for document in ["README.md", "gateway/ARCHITECTURE.md", "mappings/README.md"] {
        let markdown = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
        for call in calls(&markdown) {
            seen += 1;
            let path = COMMANDS.iter().find(|path| path.iter().zip(&call).all(|(name, word)| name == word));
            let path = path.unwrap_or_else(|| panic!("{document}: no such command: {call:?}"));
            let help = text(&run(&[*path, &["--help"]].concat()).stdout);
            for option in call.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(option.as_str()), "{document}: {path:?} has no {option}");
            }
        }
    }
    assert!(seen >= 5, "only {seen} calls were found");
}

#[test]
fn a_code_is_explained_however_it_is_written() {
    let explained = text(&run(&["explain", "GW-4010"]).stdout);
    for said in ["GW-4010 DOM_REFUSED: The DOM refused", "whose fault:     dom\n", "DOM has acted:   yes\n"] {
        assert!(explained.contains(said), "{said}: {explained}");
    }
    for code in ["4010", "gw-4010", "dom_refused"] {
        assert_eq!(text(&run(&["explain", code]).stdout), explained, "{code}");
    }
    let list = text(&run(&["explain"]).stdout);
    assert!(list.lines().any(|line| line.starts_with("GW-4010  DOM_REFUSED")), "{list}");
}

#[test]
fn the_document_of_codes_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway/CODES.md");
    let said = text(&run(&["explain", "--markdown"]).stdout);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, &said).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == said,
        "gateway/CODES.md is behind: run this test with UPDATE_FIXTURES=1 and look at the change"
    );
}

const VALUE_MAPS: &str = r#"<ValueMaps>
  <ValueMap name="wcUOMToscUOM"><Entry key="C62" value="EACH"/></ValueMap>
  <ValueMap name="giftWrap"><Entry key="1" value="PAPER"/><Entry key="2"/></ValueMap>
</ValueMaps>"#;

#[test]
fn value_maps_become_tables() {
    let folder = tempfile::tempdir().unwrap();
    let maps = folder.path().join("ValueMaps.xml");
    let into = folder.path().join("tables");
    fs::write(&maps, VALUE_MAPS).unwrap();
    let arguments = ["tables", "import", maps.to_str().unwrap(), "--into", into.to_str().unwrap()];

    let tried = run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(tried.status.success(), "{}", text(&tried.stderr));
    assert!(text(&tried.stdout).contains("[\"C62\", \"EACH\"]"), "{}", text(&tried.stdout));
    assert!(!into.exists(), "--dry-run writes nothing");

    let done = run(&arguments);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("the map `giftWrap` is not known"), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains(":3: the entry `2` has no value"), "{}", text(&done.stderr));
    let unit: toml::Table = toml::from_str(&fs::read_to_string(into.join("unit.toml")).unwrap()).unwrap();
    assert_eq!(unit["rows"][0][1].as_str(), Some("EACH"));
    assert!(into.join("giftWrap.toml").exists());
}

#[test]
fn a_document_without_maps_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ValueMaps.xml");
    for (document, told) in [("<ValueMaps/>", "no named map"), ("<ValueMaps>", "ValueMaps.xml")] {
        fs::write(&file, document).unwrap();
        let into = folder.path().join("tables");
        let output = run(&["tables", "import", file.to_str().unwrap(), "--into", into.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{document}");
        assert!(text(&output.stderr).contains(told), "{document}: {}", text(&output.stderr));
        assert!(!into.exists(), "{document}");
    }
}
