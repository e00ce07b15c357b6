//! The availability cache: how much it may hold, and the rules how long its records are answered from.

mod file;
mod rule;
mod shown;

use std::path::PathBuf;

use gateway_cache::{Rule, Rules, Scope};
use gateway_model::{Place, codes};
use serde::Serialize;

use crate::config::Store;
use crate::config::folder::{self, Folder};
use crate::config::section::{Report, Section};

/// The availability cache. Without rules nothing is cached.
#[derive(Debug, Clone, Serialize)]
pub struct Cache {
    /// Bytes of memory its records may take.
    #[serde(rename = "memory_bytes")]
    pub bytes: u64,
    /// Order lines remembered, so that each lowers its record once.
    pub order_lines: usize,
    /// The file with the store's own cache configuration, whose rules stand after those of this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules_file: Option<PathBuf>,
    /// The rules, with what each holds for; checked against each other.
    #[serde(rename = "rule", serialize_with = "shown::rules")]
    pub rules: Vec<(Scope, Rule)>,
    /// The folders whose files are loaded into it.
    #[serde(rename = "folder", skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<Folder>,
}

/// What was read of it, before the rules are compared with each other and with the stores.
pub(super) struct Unchecked {
    cache: Cache,
    /// Where each rule stands, in the order of the rules.
    places: Vec<Places>,
}

/// Where a rule stands.
struct Places {
    /// What faults of the rule point at.
    rule: Place,
    /// What a fault of its store points at.
    store: Place,
    /// Whether it was written for this gateway, and not taken from a store's tables.
    is_ours: bool,
}

const MEGABYTE: u64 = 1024 * 1024;

pub(super) fn read_cache(section: &Section<'_>, report: &Report<'_>) -> Unchecked {
    let mut cache = Cache {
        bytes: section.whole("memory_bytes", 256 * MEGABYTE, MEGABYTE..=1024 * 1024 * MEGABYTE),
        order_lines: section.count("order_lines", 200_000, 1..=100_000_000),
        rules_file: section.file("rules_file"),
        rules: Vec::new(),
        folders: folder::read_folders(&section.sections("folder"), report),
    };
    let mut places = Vec::new();
    for entry in section.sections("rule") {
        if let Some((rule, place)) = rule::read_rule(&entry, report) {
            cache.rules.push(rule);
            places.push(place);
        }
    }
    section.finish();
    if let Some(path) = &cache.rules_file {
        for (rule, place) in file::read_rules(path, report) {
            cache.rules.push(rule);
            places.push(place);
        }
    }
    Unchecked { cache, places }
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            bytes: 256 * MEGABYTE,
            order_lines: 200_000,
            rules_file: None,
            rules: Vec::new(),
            folders: Vec::new(),
        }
    }
}

// === impl Unchecked ===

impl Unchecked {
    /// The cache's settings, after every contradiction of its rules was reported. A store that is `None` is not known,
    /// so no rule is held against the stores then.
    pub(super) fn checked(self, stores: &[Option<Store>], report: &Report<'_>) -> Cache {
        let Self { cache, places } = self;
        if let Some(stores) = stores.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() {
            let ids: Vec<&str> =
                stores.iter().flat_map(|store| &store.ids).map(|id| id.value.as_str()).collect();
            for ((scope, rule), place) in cache.rules.iter().zip(&places) {
                check_store(scope, rule, place, &ids, report);
            }
        }
        for fault in Rules::try_new(cache.rules.clone()).err().unwrap_or_default() {
            let Some(place) = places.get(fault.at()) else { continue };
            let pending = report.fault_in(codes::CONFIG_VALUE, place.rule.clone(), fault.to_string());
            match fault.first_at().and_then(|first| places.get(first)) {
                Some(first) => pending.labelled("the second").beside(first.rule.clone(), "the first").add(),
                None => pending.add(),
            }
        }
        cache
    }
}

/// A rule for a store that is not here can only be a slip, unless it comes from tables that other stores share.
fn check_store(scope: &Scope, rule: &Rule, places: &Places, ids: &[&str], report: &Report<'_>) {
    let Some(store) = scope.store.as_deref().filter(|store| !ids.contains(store)) else { return };
    let message =
        format!("rule `{}` is for the store `{store}`, which no `[[store]]` has as its id", rule.name);
    let place = places.store.clone();
    if places.is_ours {
        let known: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        let fault = report.fault_in(codes::CONFIG_VALUE, place, message);
        fault.expecting(known.join(", ")).did_you_mean(store, ids.iter().copied()).add();
    } else {
        report.warning_in(codes::CONFIG_VALUE, place, message).labelled("it has no effect here").add();
    }
}
