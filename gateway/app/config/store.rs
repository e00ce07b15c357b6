//! A store: where it calls, who it is, where pushes to it go, how long its calls may take.

use std::time::Duration;

use gateway_model::codes;
use http::Uri;
use serde::{Serialize, Serializer};

use crate::config::places::Located;
use crate::config::secret::{Secret, read_password, refuse_password};
use crate::config::section::Section;
use crate::config::serialize;

/// One store.
#[derive(Debug, Clone, Serialize)]
pub struct Store {
    /// Its name in logs and metrics.
    pub name: Located<String>,
    /// The dialect it speaks: a folder of `mappings/` whose side is `store`.
    pub dialect: Located<String>,
    /// The path it calls; its services lie below, as `<path>/InventoryServices` and `<path>/OrderServices`.
    pub path: Located<String>,
    /// Its store ids, by which pushes name it.
    pub ids: Vec<Located<String>>,
    /// The name of the DOM that answers it.
    pub dom: Located<String>,
    /// How much more than others it gets of a class that several stores want.
    pub pool_weight: u32,
    /// What its calls have to show.
    pub credentials: Credentials,
    /// Where pushes to it go; without it the DOM's pushes for this store are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound: Option<Inbound>,
    /// How long its calls may take.
    pub deadlines: Deadlines,
    /// How often a read is tried.
    pub retry: Retry,
}

/// Credentials: what a caller has to show, or what the gateway shows.
#[derive(Debug, Clone, Serialize)]
pub struct Credentials {
    /// Their form.
    pub kind: CredentialsKind,
    /// The user; present unless the kind is `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password; present unless the kind is `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// The form of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialsKind {
    /// None are asked for or shown.
    None,
    /// HTTP basic authentication.
    Basic,
    /// A WS-Security UsernameToken in the SOAP header (contract store section 1).
    UsernameToken,
}

/// Where pushes to a store go.
#[derive(Debug, Clone, Serialize)]
pub struct Inbound {
    /// Its inventory service.
    #[serde(serialize_with = "url")]
    pub inventory: Located<Uri>,
    /// Its order service.
    #[serde(serialize_with = "url")]
    pub order: Located<Uri>,
    /// What the gateway shows.
    pub credentials: Credentials,
    /// PEM file of the authorities that vouch for an `https` store; the machine's own without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<std::path::PathBuf>,
    /// How long connecting may take.
    #[serde(rename = "connect_timeout_ms", serialize_with = "serialize::millis")]
    pub connect_timeout: Duration,
    /// How many idle connections are kept.
    pub idle_connections: usize,
}

/// How long one operation may take.
#[derive(Debug, Clone, Serialize)]
pub struct Deadline {
    /// The whole call: everything between the store's request and its answer.
    #[serde(rename = "call_ms", serialize_with = "serialize::millis")]
    pub call: Duration,
    /// One attempt at the DOM.
    #[serde(rename = "attempt_ms", serialize_with = "serialize::millis")]
    pub attempt: Duration,
}

/// The deadlines by operation.
#[derive(Debug, Clone)]
pub struct Deadlines(Vec<(&'static str, Deadline)>);

/// Repeating reads. Writes are sent once. How many are repeated in all is the DOM's (`[dom.retry_budget]`).
#[derive(Debug, Clone, Serialize)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The longest wait before the second attempt; doubled for each further one, and a random part of it is taken.
    #[serde(rename = "first_delay_ms", serialize_with = "serialize::millis")]
    pub first_delay: Duration,
    /// The longest wait before any attempt.
    #[serde(rename = "longest_delay_ms", serialize_with = "serialize::millis")]
    pub longest_delay: Duration,
}

/// Milliseconds of call and attempt by operation. All are well under the 15 s after which the store's side gives up
/// (contract Sterling section 13.4); an attempt leaves room for a second one where the operation may be repeated.
const DEADLINES: &[(&str, u64, u64)] = &[
    ("availability", 3_000, 1_400),
    ("check", 3_000, 1_400),
    ("reserve", 8_000, 3_900),
    ("cancel_reservation", 8_000, 3_900),
    ("decrement", 1_000, 1_000),
    ("transfer", 12_000, 8_000),
    ("history", 6_000, 2_900),
    ("details", 6_000, 2_900),
    ("order_sync", 12_000, 12_000),
    ("order_created", 12_000, 12_000),
    ("availability_sync", 12_000, 12_000),
];

pub(super) fn read_store(section: &Section<'_>) -> Option<Store> {
    let name = section.required_text("name", "the store's name in logs and metrics");
    let dialect = section.required_text("dialect", "a folder of the mappings whose side is `store`");
    let path = section.required_url_path("path", "a path such as `/stores/nordlicht`");
    let ids = section.required_texts("ids", "a list of store ids, such as `[\"11651\"]`");
    let dom = section.required_text("dom", "the name of a `[[dom]]`");
    let pool_weight = u32::try_from(section.whole("pool_weight", 1, 1..=1_000)).unwrap_or(1);
    let credentials = read_credentials(&section.section("credentials"), &INBOUND_KINDS);
    let inbound = section.optional_section("inbound").map(|inbound| read_inbound(&inbound));
    let deadlines = read_deadlines(&section.section("deadlines"));
    let retry = read_retry(&section.section("retry"), &READING);
    section.finish();
    Some(Store {
        name: name?,
        dialect: dialect?,
        path: path?,
        ids: ids?,
        dom: dom?,
        pool_weight,
        credentials: credentials?,
        inbound: match inbound {
            Some(inbound) => Some(inbound?),
            None => None,
        },
        deadlines,
        retry,
    })
}

const INBOUND_KINDS: [(&str, CredentialsKind); 3] = [
    ("none", CredentialsKind::None),
    ("basic", CredentialsKind::Basic),
    ("username-token", CredentialsKind::UsernameToken),
];

/// Credentials of one of these kinds; `none` by default.
pub(super) fn read_credentials(
    section: &Section<'_>,
    kinds: &[(&str, CredentialsKind)],
) -> Option<Credentials> {
    let kind = section.choice("kind", kinds, CredentialsKind::None);
    let credentials = if kind == CredentialsKind::None {
        refuse_password(section, "`kind` is `none`");
        Some(Credentials { kind, user: None, password: None })
    } else {
        let user = section.required_text("user", "the user's name");
        if kind == CredentialsKind::Basic {
            check_basic_user(section, user.as_ref());
        }
        let password = read_password(section);
        user.zip(password).map(|(user, password)| Credentials {
            kind,
            user: Some(user.value),
            password: Some(password),
        })
    };
    section.finish();
    credentials
}

/// Reports a user that HTTP basic cannot say (RFC 7617 section 2).
pub(super) fn check_basic_user(section: &Section<'_>, user: Option<&Located<String>>) {
    if let Some(user) = user.filter(|user| user.value.contains(':')) {
        section
            .fault(codes::CONFIG_VALUE, &user.span, "`user` has a colon")
            .labelled("HTTP basic ends the user at a colon")
            .add();
    }
}

fn read_inbound(section: &Section<'_>) -> Option<Inbound> {
    let inventory = section.required_url(
        "inventory",
        "such as `http://store:8007/webapp/wcs/component/inventory/services/InventoryServices`",
    );
    let order = section.required_url(
        "order",
        "such as `http://store:8007/webapp/wcs/component/order/services/OrderServices`",
    );
    let credentials = read_credentials(&section.section("credentials"), &INBOUND_KINDS);
    let ca_file = section.file("ca_file");
    let connect_timeout = section.millis("connect_timeout_ms", 1_000, 1..=60_000);
    let idle_connections = section.count("idle_connections", 8, 0..=10_000);
    section.finish();
    Some(Inbound {
        inventory: inventory?,
        order: order?,
        credentials: credentials?,
        ca_file,
        connect_timeout,
        idle_connections,
    })
}

fn read_deadlines(section: &Section<'_>) -> Deadlines {
    let deadlines = DEADLINES.iter().map(|(operation, call_ms, attempt_ms)| {
        let table = section.section(operation);
        let call = table.located_whole("call_ms", *call_ms, 1..=600_000);
        let attempt = table.located_whole("attempt_ms", *attempt_ms, 1..=600_000);
        if attempt.value > call.value {
            let place = if table.has("attempt_ms") { &attempt.span } else { &call.span };
            table
                .fault(codes::CONFIG_VALUE, place, format!("an attempt at `{operation}` outlives its call"))
                .labelled(format!(
                    "one attempt may take {} ms, the whole call {} ms",
                    attempt.value, call.value
                ))
                .expecting("`attempt_ms` of at most `call_ms`")
                .add();
        }
        table.finish();
        let (call, attempt) = (Duration::from_millis(call.value), Duration::from_millis(attempt.value));
        (*operation, Deadline { call, attempt })
    });
    let deadlines = Deadlines(deadlines.collect());
    section.finish();
    deadlines
}

/// What holds where a `retry` table says nothing.
pub(super) struct RetryDefaults {
    pub(super) attempts: u64,
    pub(super) first_delay_ms: u64,
    pub(super) longest_delay_ms: u64,
}

const READING: RetryDefaults = RetryDefaults { attempts: 2, first_delay_ms: 50, longest_delay_ms: 500 };

pub(super) fn read_retry(section: &Section<'_>, defaults: &RetryDefaults) -> Retry {
    let attempts = section.whole("attempts", defaults.attempts, 1..=10);
    let first_delay = section.located_whole("first_delay_ms", defaults.first_delay_ms, 0..=60_000);
    let longest_delay = section.located_whole("longest_delay_ms", defaults.longest_delay_ms, 0..=60_000);
    if first_delay.value > longest_delay.value {
        section
            .fault(codes::CONFIG_VALUE, &first_delay.span, "the first delay is longer than the longest")
            .expecting("`first_delay_ms` of at most `longest_delay_ms`")
            .add();
    }
    section.finish();
    Retry {
        attempts: u32::try_from(attempts).unwrap_or(1),
        first_delay: Duration::from_millis(first_delay.value),
        longest_delay: Duration::from_millis(longest_delay.value),
    }
}

/// A URL as it stands in the file.
pub(super) fn url<S: Serializer>(url: &Located<Uri>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&url.value)
}

// === impl Deadlines ===

impl Deadlines {
    /// The deadline of an operation; for one of another name that of the most patient.
    #[must_use]
    pub fn of(&self, operation: &str) -> Deadline {
        let known = self.0.iter().find(|(name, _)| *name == operation);
        let patient = || self.0.iter().max_by_key(|(_, deadline)| deadline.call);
        known.or_else(patient).map_or(
            Deadline { call: Duration::from_secs(12), attempt: Duration::from_secs(12) },
            |(_, deadline)| deadline.clone(),
        )
    }

    /// All of them, by operation.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Deadline)> {
        self.0.iter().map(|(operation, deadline)| (*operation, deadline))
    }
}

impl Serialize for Deadlines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
