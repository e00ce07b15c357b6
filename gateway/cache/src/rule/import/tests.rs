//! Files of the store's configuration tables.

use std::time::Duration;

use rust_decimal::Decimal;

use super::{ImportFault, import_csv};
use crate::key::{Location, Scope};
use crate::rule::{Fallback, Flags, Rule};
use crate::stock::Status;

const HEADER: &str = "INVCNF_ID,IDENTIFIER,PRECEDENCE,FLAGS,THRESHOLDQUANTITY,CHEXPABOVETHRES,CHEXPBELOWTHRES,\
                      FALLBACKINVSTAT,FALLBACKAVAILTIME,FALLBACKINVOFFSET,CATENTRY_ID,STORE_ID,STLOC_ID";

fn faults(text: &str) -> Vec<String> {
    import_csv(text).unwrap_err().iter().map(ImportFault::to_string).collect()
}

#[test]
fn a_row_is_a_rule_with_its_scope() {
    let text = format!("\u{feff}{HEADER}\r\n7,standard,1.5,29,10,3600,60,UAVL,,,,11651,\r\n");
    let imported = import_csv(&text).unwrap();
    let rule = Rule {
        name: "standard".into(),
        flags: Flags { memory: true, ask: true, decrement: true, update: true },
        threshold: Some(Decimal::TEN),
        fresh_above: Some(Duration::from_secs(3_600)),
        fresh_below: Some(Duration::from_secs(60)),
        fallback: Some(Fallback { status: Status::Unavailable, available_at: None, offset: None }),
        precedence: Decimal::new(15, 1),
        ..Rule::ask_always()
    };
    let scope = Scope { item: None, store: Some("11651".into()), location: Some(Location::Online) };
    assert_eq!(imported.rules, [(scope, rule)]);
    assert_eq!(imported.lines, [2]);
    assert_eq!(imported.notes, []);
}

#[test]
fn a_rule_knows_its_line_however_lines_end() {
    for (text, lines) in [
        ("IDENTIFIER,FLAGS\na,5\nb,5", vec![2, 3]),
        ("IDENTIFIER,FLAGS\r\na,5\r\nb,5\r\n", vec![2, 3]),
        ("\nIDENTIFIER,FLAGS\n\n\na,5\n\nb,5\n", vec![5, 7]),
        ("\r\nIDENTIFIER,FLAGS\r\n\r\na,5\r\n", vec![4]),
        ("IDENTIFIER,FLAGS\n\"a, b\",5\n\"c\",5\n", vec![2, 3]),
    ] {
        assert_eq!(import_csv(text).unwrap().lines, lines, "{text:?}");
    }
}

#[test]
fn empty_cells_and_null_mean_what_they_mean_in_the_tables() {
    let imported = import_csv(&format!("{HEADER}\n7,,,5,NULL,,0,,,,,,\n")).unwrap();
    let (scope, rule) = &imported.rules[0];
    assert_eq!(*scope, Scope::default(), "any item anywhere");
    assert_eq!(&*rule.name, "7", "the id is the name where there is none");
    assert_eq!(rule.threshold, None, "everything is plenty");
    assert_eq!((rule.fresh_above, rule.fresh_below), (None, Some(Duration::ZERO)), "never, and at once");
    assert_eq!(rule.fallback, None);
    assert_eq!(rule.flags, Flags { memory: true, ask: true, decrement: false, update: false });
}

#[test]
fn items_and_physical_stores_go_by_the_names_that_were_joined_in() {
    let text = "IDENTIFIER,FLAGS,CATENTRY_ID,PARTNUMBER,STLOC_ID,STLOC_IDENTIFIER\n\
                a,5,31207,LAMP-0042-BRS,12001,MUC-Marienplatz\nb,5,31207,,12001,\n";
    let imported = import_csv(text).unwrap();
    let scopes: Vec<&Scope> = imported.rules.iter().map(|(scope, _)| scope).collect();
    let physical = |item: &str, name: &str| Scope {
        item: Some(item.into()),
        store: None,
        location: Some(Location::Physical(name.into())),
    };
    assert_eq!(scopes, [&physical("LAMP-0042-BRS", "MUC-Marienplatz"), &physical("31207", "12001")]);
}

#[test]
fn fallback_times_become_times_of_documents() {
    let text = format!("{HEADER}\n7,a,,5,,,,BA,2026-07-02 00:00:00.000,,,,\n8,b,,5,,,,BA,,86400,,,\n");
    let imported = import_csv(&text).unwrap();
    let fallbacks: Vec<_> = imported.rules.iter().map(|(_, rule)| rule.fallback.clone().unwrap()).collect();
    assert_eq!(fallbacks[0].available_at.as_deref(), Some("2026-07-02T00:00:00.000"));
    assert_eq!(fallbacks[1].offset, Some(86_400));
}

#[test]
fn what_has_no_meaning_here_is_noted() {
    let text = "IDENTIFIER,FLAGS,CACHEPRIORITY,QUANTITYMEASURE\nsample,30,2,KGM\nboth,3,,C62\n";
    let imported = import_csv(text).unwrap();
    assert!(imported.rules[0].1.flags.memory, "the store's sample value 30 caches in its database");
    let notes: Vec<(u64, &str)> = imported.notes.iter().map(|note| (note.line, &*note.text)).collect();
    assert_eq!(
        notes,
        [
            (2, "`FLAGS` caches in the store's database, here it is kept in memory"),
            (2, "`CACHEPRIORITY` has no meaning here: what is asked for least goes first"),
            (2, "`QUANTITYMEASURE` has no meaning here: the threshold counts in the unit of each record"),
            (3, "`FLAGS` caches in the store's database too, which has no meaning here"),
        ]
    );
}

#[test]
fn all_faults_are_told_with_their_lines() {
    let text = format!(
        "{HEADER},COLOUR,FLAG,flags\n\
         7,a,x,32,ten,-1,1.5,OUT,soon,-3,,11651,12001,,,\n\
         ,,,5,,,,,2026-07-02 00:00:00,,,,,,,\n\
         9,short,,5\n"
    );
    let expected = [
        "line 1: unknown column `COLOUR`, expected one of INVCNF_ID, IDENTIFIER, DESCRIPTION, PRECEDENCE, FLAGS, \
         CACHEPRIORITY, THRESHOLDQUANTITY, QUANTITYMEASURE, CHEXPABOVETHRES, CHEXPBELOWTHRES, FALLBACKINVSTAT, \
         FALLBACKAVAILTIME, FALLBACKINVOFFSET, OPTCOUNTER, INVCNFREL_ID, CATENTRY_ID, STORE_ID, STLOC_ID, PARTNUMBER, \
         STLOC_IDENTIFIER",
        "line 1: unknown column `FLAG`, did you mean `FLAGS`",
        "line 1: column `flags` stands twice, expected once",
        "line 2: the row names both an online and a physical store, expected at most one",
        "line 2: `FLAGS` is 32, expected the sum of some of 1, 2, 4, 8 and 16",
        "line 2: `THRESHOLDQUANTITY` is `ten`, expected a decimal number",
        "line 2: `CHEXPABOVETHRES` is `-1`, expected whole seconds, 0 or more, or nothing for never",
        "line 2: `CHEXPBELOWTHRES` is `1.5`, expected whole seconds, 0 or more, or nothing for never",
        "line 2: `FALLBACKAVAILTIME` is `soon`, expected a time such as 2026-07-15 09:30:00.000",
        "line 2: `FALLBACKINVOFFSET` is `-3`, expected whole seconds, 0 or more, or nothing for never",
        "line 2: `FALLBACKINVSTAT` is `OUT`, expected AVL, BA or UAVL",
        "line 2: `PRECEDENCE` is `x`, expected a decimal number",
        "line 3: the row has no name, expected `IDENTIFIER` or `INVCNF_ID`",
        "line 3: the row has a fallback time or offset but no `FALLBACKINVSTAT`",
        "line 4: the row has 4 cells, expected 16",
    ];
    assert_eq!(faults(&text), expected);
}

#[test]
fn an_open_quotation_mark_does_not_swallow_rules_in_silence() {
    let expected = ["line 2: a cell goes on in the next line, expected its quotation mark to be closed"];
    assert_eq!(faults("FLAGS,IDENTIFIER\n5,\"a\n7,b\n"), expected);
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(faults(""), ["line 1: the file is empty, expected a header of column names"]);
    assert!(import_csv("FLAGS,IDENTIFIER\n").unwrap().rules.is_empty());
}
