//! Commands that need files only: `check` finds everything at once, `map` shows and writes records.

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::json;

use crate::world::{World, text};

#[test]
fn files_without_faults_pass_and_are_shown_with_their_holes() {
    let world = World::new();
    let output = world.run(&["check", "--config", "config.toml"]);
    let (shown, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told, "no faults in the files\n2 of 2 fixtures hold\n");
    assert!(shown.contains("shop (store)") && shown.contains("warehouse (dom)"), "{shown}");
    assert!(shown.contains("5 of    5 holes two-way"), "{shown}");

    let verbose = text(&world.run(&["check", "--verbose"]).stdout);
    assert!(verbose.contains("two-way      shop/Wish.xml:2:13  {store}"), "{verbose}");
}

#[test]
fn faults_of_all_files_are_told_in_one_run() {
    let world = World::new();
    world.change("config.toml", "dialect = \"shop\"", "dialect = \"shpo\"");
    world.change("mappings/shop/Wish.xml", "order.buyer", "order.byuer");
    world.change("mappings/warehouse/promise.input.xml", "table unit", "table units");
    let output = world.run(&["check", "--config", "config.toml"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in
        ["Wish.xml:3:19", "did you mean `buyer`?", "promise.input.xml:2:", "did you mean `unit`?", "2 errors"]
    {
        assert!(told.contains(part), "{part}:\n{told}");
    }

    // Which dialects there are is known once the mappings load.
    world.change("mappings/shop/Wish.xml", "order.byuer", "order.buyer");
    world.change("mappings/warehouse/promise.input.xml", "table units", "table unit");
    let told = text(&world.run(&["check", "--config", "config.toml"]).stderr);
    assert!(told.contains("there is no dialect `shpo`") && told.contains("did you mean `shop`?"), "{told}");
}

#[test]
fn a_fixture_that_does_not_hold_and_a_message_without_one_are_told() {
    let world = World::new();
    world.change("fixtures/shop/Wish/one/record.json", "LAMP", "RUG");
    std::fs::remove_dir_all(world.path("fixtures/warehouse")).unwrap();
    let output = world.run(&["check"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in [
        "error[GW-5005]",
        "shop/Wish/one",
        "no fixture tries `warehouse/promise.input`",
        "0 of 1 fixtures hold",
    ] {
        assert!(told.contains(part), "{part}:\n{told}");
    }
}

#[test]
fn every_message_and_rule_that_is_shipped_is_tried_and_holds() {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = cargo_bin_cmd!("dom-gateway").current_dir(root).arg("check").output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(!told.contains("warning"), "{told}");
}

#[test]
fn an_outcome_rule_is_listed_and_tried_by_a_reply() {
    let world = World::new();
    let dialect = "mappings/warehouse/dialect.toml";
    let rule = "[[outcome]]\noperations = [\"reserve\"]\nstatus = [\"409\"]\nis = \"duplicate\"\n";
    world.change(dialect, "[[message]]", &format!("{rule}[[message]]"));
    let output = world.run(&["check"]);
    let (shown, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(shown.contains("duplicate        reserve, status 409 (dialect.toml:4)"), "{shown}");
    let untried = "warning[GW-5006]: no fixture tries `warehouse/dialect.toml:4, reserve, status 409`";
    assert!(told.contains(untried), "{told}");

    let case = "fixtures/outcomes/warehouse/held-already.toml";
    world.write(case, "operation = \"reserve\"\nstatus = 409\nis = \"duplicate\"\n");
    let told = text(&world.run(&["check"]).stderr);
    assert!(!told.contains("GW-5006") && told.contains("3 of 3 fixtures hold"), "{told}");

    for (from, to, expected) in [
        ("is = \"duplicate\"", "is = \"done\"", "expected `done`, found `duplicate` (by line 4)"),
        ("is = \"done\"", "is = \"dun\"", "there is no outcome `dun`"),
        ("is = \"dun\"", "so = 1", "the key `so` has no meaning here"),
    ] {
        world.change(case, from, to);
        let output = world.run(&["check"]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("held-already.toml") && told.contains(expected), "{told}");
    }
}

#[test]
fn dialects_and_variants_are_those_of_the_mappings() {
    for (from, to, told) in [
        ("dialect = \"shop\"", "dialect = \"warehouse\"", "the dialect `warehouse` is of the other side"),
        ("dialect = \"warehouse\"", "dialect = \"shop\"", "the dialect `shop` is of the other side"),
        (
            "InteropHttpServlet\"\n",
            "InteropHttpServlet\"\n[dom.variants]\nreserve = \"fast\"\n",
            "`reserve` has no variant `fast` in the dialect `warehouse`",
        ),
    ] {
        let world = World::new();
        world.change("config.toml", from, to);
        let output = world.run(&["check", "--config", "config.toml"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
}

#[test]
fn a_batch_has_at_most_as_many_lines_as_the_dialect_says() {
    for (lines, code) in [(10, 0), (11, 1)] {
        let world = World::new();
        let limits = "[limits]\nlines_per_call = 10\n[[message]]";
        world.change("mappings/warehouse/dialect.toml", "[[message]]", limits);
        let batch = format!("InteropHttpServlet\"\n[dom.batch]\nlines = {lines}\n");
        world.change("config.toml", "InteropHttpServlet\"\n", &batch);
        let output = world.run(&["check", "--config", "config.toml"]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert_eq!(
            told.contains("the dialect `warehouse` has at most 10 lines in one call"),
            code == 1,
            "{told}"
        );
    }
}

#[test]
fn passwords_that_this_machine_does_not_have_may_be_left_out() {
    let world = World::new();
    let login = "[dom.login]\nmode = \"token\"\nuser = \"gateway\"\npassword_file = \"secret\"\n";
    world.change("config.toml", "InteropHttpServlet\"\n", &format!("InteropHttpServlet\"\n{login}"));
    let with = world.run(&["check", "--config", "config.toml"]);
    assert_eq!(with.status.code(), Some(1), "{}", text(&with.stderr));
    let without = world.run(&["check", "--config", "config.toml", "--without-secrets"]);
    assert_eq!(without.status.code(), Some(0), "{}", text(&without.stderr));
}

#[test]
fn a_record_is_shown_with_personal_data_masked() {
    let world = World::new();
    let output = world.run(&["map", "read", "shop/Wish", "wish.xml"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(shown.contains("0.750") && !shown.contains("Lovelace"), "{shown}");
    assert!(
        text(&output.stderr).contains("4:3: /Wish/Colour is not in the template"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_document_becomes_a_record_and_the_record_another_document() {
    let world = World::new();
    let read = world.run(&["map", "read", "--plain", "shop/Wish", "wish.xml"]);
    let record: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
    let expected = json!({
        "store": "11651",
        "order": {
            "buyer": { "log_on": "Ada Lovelace" },
            "lines": [{ "item": "LAMP", "quantity": "0.750", "unit": "C62" }],
        },
    });
    assert_eq!(record, expected);

    world.write("wish.json", &text(&read.stdout));
    let written = world.run(&["map", "write", "warehouse/promise.input", "wish.json"]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let document = text(&written.stdout);
    for part in ["Organization=\"11651\"", "ItemID=\"LAMP\"", "Qty=\"0.750\"", "Unit=\"EACH\""] {
        assert!(document.contains(part), "{part}: {document}");
    }
}

#[test]
fn a_document_in_an_envelope_is_read_like_a_bare_one() {
    let world = World::new();
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let envelope =
        format!("<e:Envelope xmlns:e=\"{soap}\"><e:Body>{}</e:Body></e:Envelope>", crate::world::DOCUMENT);
    world.write("soap.xml", &envelope);
    let bare = world.run(&["map", "read", "shop/Wish", "wish.xml"]);
    assert_eq!(world.run(&["map", "read", "shop/Wish", "soap.xml"]).stdout, bare.stdout);
}

#[test]
fn what_cannot_be_read_or_written_is_told_without_personal_data() {
    for (file, content, command, told) in [
        ("d.xml", "<Wish xmlns='urn:shop'><Buyer>Ada</Wish>", "read shop/Wish d.xml", "d.xml: "),
        ("d.xml", "<Other/>", "read shop/Wish d.xml", "Wish"),
        ("d.xml", "", "read shop/Wish d.xml", "empty"),
        (
            "d.xml",
            "<Wish xmlns='urn:shop'><Buyer>Ada</Buyer><Line><Quantity>many</Quantity></Line></Wish>",
            "read shop/Wish d.xml",
            "Wish.xml:4:",
        ),
        ("r.json", "{\"store\": \"Ada\", \"stroe\": \"Ada\"}", "write shop/Wish r.json", "stroe"),
        ("r.json", "{", "write shop/Wish r.json", "r.json: "),
        (
            "r.json",
            "{\"order\": {\"buyer\": {\"log_on\": \"Ada\"}, \"lines\": [{\"unit\": \"BARREL\"}]}}",
            "write warehouse/promise.input r.json",
            "promise.input.xml:2:",
        ),
    ] {
        let world = World::new();
        world.write(file, content);
        let mut arguments = vec!["map"];
        arguments.extend(command.split(' '));
        let output = world.run(&arguments);
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{content}: {shown}");
        assert!(shown.contains(told) && !shown.contains("Ada"), "{content}: {shown}");
        assert!(output.stdout.is_empty(), "{content}");
    }
}

#[test]
fn a_message_that_is_not_there_is_wrong_usage_with_a_word_of_help() {
    let world = World::new();
    for (message, told) in [
        ("shop/Wihs", "did you mean `Wish`?"),
        ("shpo/Wish", "did you mean `shop`?"),
        ("Wish", "DIALECT/MESSAGE"),
    ] {
        let output = world.run(&["map", "read", message, "wish.xml"]);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(text(&output.stderr).contains(told), "{message}: {}", text(&output.stderr));
    }
}

#[test]
fn commands_do_not_begin_with_mappings_that_have_faults() {
    let world = World::new();
    world.change("mappings/shop/Wish.xml", "order.buyer", "order.byuer");
    let output = world.run(&["map", "read", "shop/Wish", "wish.xml"]);
    assert_eq!(output.status.code(), Some(78), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("1 error in `mappings`"), "{}", text(&output.stderr));
}

#[test]
fn a_field_the_gateway_works_with_cannot_be_taken_away() {
    let world = World::new();
    let quantity = "\nquantity = { type = \"number\", doc = \"quantity\" }";
    world.change(
        "mappings/vocabulary.toml",
        quantity,
        "\nquantity = { type = \"text\", doc = \"quantity\" }",
    );
    world.change(
        "mappings/vocabulary.toml",
        "[record.refusal.fields]\n",
        "[record.refusal.fields]\nmine = { type = \"text\", doc = \"added\" }\n",
    );
    let output = world.run(&["check"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("is of type `text`, and the gateway works with it as another"), "{told}");
    assert!(told.contains("GW-2016") && told.contains("vocabulary.toml:"), "{told}");
    assert!(!told.contains("mine"), "{told}");
}
