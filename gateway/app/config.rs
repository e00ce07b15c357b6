//! The configuration: `config.toml`, read completely before anything starts.
//!
//! Every fault of the file is collected and reported with its place ([`gateway_model::Diagnostic`]); a configuration
//! exists only if there is none. What a setting means, its unit and the reason for its default stand in
//! `config.toml` itself; the types here repeat the meaning in one line. Whether dialects exist is checked against
//! the loaded mappings ([`Config::check_dialects`]), since only they know.

mod cache;
mod dialects;
mod dom;
mod folder;
mod listen;
mod places;
mod rules;
pub mod secret;
mod section;
mod serialize;
mod store;
#[cfg(test)]
mod tests;
mod values;

use std::path::{Path, PathBuf};

use gateway_mapping::Source;
use gateway_model::{Diagnostic, Place, codes};
use jiff::tz::TimeZone;
use serde::Serialize;

pub use crate::config::cache::Cache;
pub use crate::config::dom::{
    Batch, Breaker, Connection, Dom, First, Login, LoginMode, Pool, Push, RetryBudget, Share, Verify,
};
pub use crate::config::folder::Folder;
pub use crate::config::listen::{Admin, Limits, Listen, Log, LogFormat, ServerTls};
pub use crate::config::places::Located;
pub use crate::config::secret::{Environment, Secret, SecretSource, process_environment};
use crate::config::section::{Report, Section};
pub use crate::config::store::{Credentials, CredentialsKind, Deadline, Deadlines, Inbound, Retry, Store};
use crate::report;

/// Everything the gateway is told. Checked: values are within their ranges, references lead somewhere.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    /// The zone in which "today" is decided and in which times without a zone are meant.
    #[serde(serialize_with = "serialize::zone")]
    pub zone: TimeZone,
    /// Where stores and DOMs call.
    pub listen: Listen,
    /// Where operators look.
    pub admin: Admin,
    /// What a document from outside may cost.
    pub limits: Limits,
    /// What is written to the log.
    pub log: Log,
    /// The folder of vocabulary and dialects.
    pub mappings: PathBuf,
    /// What is kept of availability.
    pub cache: Cache,
    /// The stores, in the order of the file.
    #[serde(rename = "store")]
    pub stores: Vec<Store>,
    /// The DOMs, in the order of the file.
    #[serde(rename = "dom")]
    pub doms: Vec<Dom>,
}

/// What came of reading a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration; `None` if any diagnostic is an error.
    pub config: Option<Config>,
    /// All faults and doubts, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The files they are about: the configuration itself, then those it names that have faults of their own.
    pub files: Vec<Source>,
}

/// Reads the configuration file at `path`; files it names are looked for beside it.
#[must_use]
pub fn load(path: &Path, environment: &dyn Environment) -> Loaded {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let base = path.parent().unwrap_or(Path::new(""));
            read(Source { path: file, text }, base, environment)
        }
        Err(error) => {
            let place = Place { file: file.clone(), span: 0..0 };
            let fault =
                Diagnostic::error(codes::CONFIG_FILE, place, format!("`{file}` cannot be read: {error}"))
                    .helped("name the configuration file with `--config FILE`");
            Loaded {
                config: None,
                diagnostics: vec![fault],
                files: vec![Source { path: file, text: String::new() }],
            }
        }
    }
}

/// Reads a configuration from its text; `base` is the folder that relative paths start from.
#[must_use]
pub fn read(source: Source, base: &Path, environment: &dyn Environment) -> Loaded {
    let (config, report) = read_with_report(&source, base, environment);
    let (diagnostics, others) = report.into_faults();
    let failed = report::has_errors(&diagnostics);
    let files = std::iter::once(source).chain(others).collect();
    Loaded { config: config.filter(|_| !failed), diagnostics, files }
}

fn read_with_report<'r>(
    source: &Source,
    base: &'r Path,
    environment: &'r dyn Environment,
) -> (Option<Config>, Report<'r>) {
    let report = Report::new(source.path.clone(), base, environment);
    let (document, errors) = toml::de::DeTable::parse_recoverable(&source.text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        report.fault(codes::CONFIG_SYNTAX, span, error.message().to_owned()).add();
    }
    let config = read_root(&Section::root(document.get_ref(), &report), &report);
    (config, report)
}

/// The root of the file. Every part is read and checked before any is missed, so that all faults are found.
fn read_root(root: &Section<'_>, report: &Report<'_>) -> Option<Config> {
    let zone = read_zone(root);
    let listen = listen::read_listen(&root.section("listen"));
    let admin = listen::read_admin(&root.section("admin"));
    let limits = listen::read_limits(&root.section("limits"));
    let log = listen::read_log(&root.section("log"));
    let mappings = read_mappings(&root.section("mappings"));
    let cache = cache::read_cache(&root.section("cache"), report);
    let stores: Vec<_> = root.sections("store").iter().map(store::read_store).collect();
    let doms: Vec<_> = root.sections("dom").iter().map(dom::read_dom).collect();
    root.finish();
    rules::check_listeners(listen.as_ref(), admin.as_ref(), report);
    rules::check_memory(listen.as_ref(), &limits, report);
    rules::check_ends(&stores, &doms, report);
    rules::check_drain(listen.as_ref(), &stores, report);
    let cache = cache.checked(&stores, report);
    Some(Config {
        zone: zone?,
        listen: listen?,
        admin: admin?,
        limits,
        log,
        mappings,
        cache,
        stores: stores.into_iter().collect::<Option<_>>()?,
        doms: doms.into_iter().collect::<Option<_>>()?,
    })
}

fn read_zone(root: &Section<'_>) -> Option<TimeZone> {
    let Some(name) = root.text("zone") else { return Some(TimeZone::UTC) };
    if let Ok(zone) = TimeZone::get(&name.value) {
        return Some(zone);
    }
    root.fault(codes::CONFIG_VALUE, &name.span, format!("`{}` is no time zone", name.value))
        .expecting("a name of the IANA zone database, such as `Europe/Berlin` or `UTC`")
        .add();
    None
}

fn read_mappings(section: &Section<'_>) -> PathBuf {
    let folder = section.folder("folder", "mappings");
    section.finish();
    folder
}

// === impl Config ===

impl Config {
    /// The store of this name.
    #[must_use]
    pub fn store(&self, name: &str) -> Option<&Store> {
        self.stores.iter().find(|store| store.name.value == name)
    }

    /// The store that a push names by one of its ids.
    #[must_use]
    pub fn store_of_id(&self, id: &str) -> Option<&Store> {
        self.stores.iter().find(|store| store.ids.iter().any(|known| known.value == id))
    }

    /// The DOM of this name.
    #[must_use]
    pub fn dom(&self, name: &str) -> Option<&Dom> {
        self.doms.iter().find(|dom| dom.name.value == name)
    }

    /// The configuration as it is in force, defaults filled in; a secret is shown only by where it came from.
    #[must_use]
    pub fn effective(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }
}
