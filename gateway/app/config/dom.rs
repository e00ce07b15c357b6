//! A DOM: where it is, how to log in, how it pushes.

mod limits;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use gateway_model::codes;
use http::Uri;
use serde::Serialize;

pub use self::limits::{Breaker, Pool, RetryBudget, Share};
use crate::config::places::Located;
use crate::config::secret::{Secret, read_password, refuse_password};
use crate::config::section::Section;
use crate::config::serialize;
use crate::config::store::{
    Credentials, CredentialsKind, Retry, RetryDefaults, check_basic_user, read_credentials, read_retry, url,
};

/// One DOM.
#[derive(Debug, Clone, Serialize)]
pub struct Dom {
    /// Its name in logs and metrics, and in a store's `dom`.
    pub name: Located<String>,
    /// The dialect it speaks: a folder of `mappings/` whose side is `dom`.
    pub dialect: Located<String>,
    /// How its APIs are called.
    pub connection: Connection,
    /// Where: the interop servlet itself, or the root below which `/invoke/<api>` lies.
    #[serde(serialize_with = "url")]
    pub url: Located<Uri>,
    /// The program the gateway says it is (contract Sterling section 13.1, `YFSEnvironment.progId`).
    pub program_id: String,
    /// How the gateway logs in.
    pub login: Login,
    /// PEM file of the authorities that vouch for an `https` DOM; the machine's own without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// PEM file of the gateway's own certificate chain and key, shown to the DOM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_file: Option<PathBuf>,
    /// How long connecting may take.
    #[serde(rename = "connect_timeout_ms", serialize_with = "serialize::millis")]
    pub connect_timeout: Duration,
    /// How many idle connections are kept.
    pub idle_connections: usize,
    /// How long an idle connection is kept.
    #[serde(rename = "idle_timeout_ms", serialize_with = "serialize::millis")]
    pub idle_timeout: Duration,
    /// The form of an operation, where the dialect has several; the dialect's own choice where it is not named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<String, Located<String>>,
    /// How questions about stock travel to it together.
    pub batch: Batch,
    /// What it takes at a time.
    pub pool: Pool,
    /// When it is left alone.
    pub breaker: Breaker,
    /// How many reads are repeated.
    pub retry_budget: RetryBudget,
    /// How it is asked for an order whose transfer it may have taken.
    pub verify: Verify,
    /// How it pushes; without it its pushes are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<Push>,
}

/// How a DOM's APIs are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Form posts to the interop servlet (contract Sterling section 13.1).
    Interop,
    /// `POST <url>/invoke/<api>` (contract Sterling section 13.2).
    Rest,
}

/// Logging in at a DOM.
#[derive(Debug, Clone, Serialize)]
pub struct Login {
    /// How.
    pub mode: LoginMode,
    /// The user; present unless the mode is `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password; present unless the mode is `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// How long a token is used before a new one is fetched.
    #[serde(rename = "token_life_ms", serialize_with = "serialize::millis")]
    pub token_life: Duration,
}

/// How the gateway shows a DOM who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginMode {
    /// Not at all.
    None,
    /// The `login` API gives a token, which goes with every call.
    Token,
    /// User and password go with every call.
    Password,
    /// HTTP basic authentication.
    Basic,
}

/// How questions about stock travel to a DOM: each item at each location is a line, lines of many callers go in one
/// call, and a DOM that fails is left alone for growing pauses.
#[derive(Debug, Clone, Serialize)]
pub struct Batch {
    /// Lines in one call; as many as the dialect says without it, which it can only lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Located<usize>>,
    /// The longest a line waits for others to travel with.
    #[serde(rename = "window_ms", serialize_with = "serialize::millis")]
    pub window: Duration,
    /// Calls under way beside each other.
    pub calls: usize,
    /// How long the DOM is left alone after a first failure; doubles with each failure in a row.
    #[serde(rename = "first_pause_ms", serialize_with = "serialize::millis")]
    pub first_pause: Duration,
    /// The longest it is left alone.
    #[serde(rename = "longest_pause_ms", serialize_with = "serialize::millis")]
    pub longest_pause: Duration,
}

/// Asking a DOM for an order before it is sent again.
#[derive(Debug, Clone, Serialize)]
pub struct Verify {
    /// Whether it can be asked: not one that gives orders numbers of its own.
    pub enabled: bool,
    /// How long a call that was cut may still be at work there.
    #[serde(rename = "settle_ms", serialize_with = "serialize::millis")]
    pub settle: Duration,
    /// Which transfers begin with a look for their order.
    pub look_first: First,
    /// Which reservations begin with giving back what is reserved for their order.
    pub release_first: First,
    /// How far from now the time of a document may be that was surely not sent before.
    #[serde(rename = "fresh_ms", serialize_with = "serialize::millis")]
    pub fresh: Duration,
}

/// Which calls are taken for repeats before the DOM is sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum First {
    /// Those whose document, or order, is not surely fresh.
    Old,
    /// All.
    Always,
    /// None.
    Never,
}

/// Pushes of a DOM.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// The path its events are posted to.
    pub path: Located<String>,
    /// What they have to show.
    pub credentials: Credentials,
    /// How long the DOM waits for the answer to an event.
    #[serde(rename = "timeout_ms", serialize_with = "serialize::millis")]
    pub timeout: Duration,
    /// Events that may be on their way to stores at once, waiting ones included.
    pub events: usize,
    /// Orders of which is remembered what their store was told last.
    pub orders: usize,
    /// How often a store is told of an event before the DOM is told that it did not take it.
    pub retry: PushRetry,
}

/// Telling a store again.
#[derive(Debug, Clone, Serialize)]
pub struct PushRetry {
    /// How often, and with which pauses.
    #[serde(flatten)]
    pub retry: Retry,
    /// Of 100 events of the last 10 s, how many may be told again; one a second always may.
    pub budget_percent: u64,
}

/// A store that is restarted is told when it is back, if that is within the DOM's timeout.
const TELLING: RetryDefaults = RetryDefaults { attempts: 8, first_delay_ms: 200, longest_delay_ms: 2_000 };

pub(super) fn read_dom(section: &Section<'_>) -> Option<Dom> {
    let name = section.required_text("name", "the DOM's name");
    let dialect = section.required_text("dialect", "a folder of the mappings whose side is `dom`");
    let connections = [("interop", Connection::Interop), ("rest", Connection::Rest)];
    let connection = section.choice("connection", &connections, Connection::Interop);
    let url = section.required_url("url", expected_url(connection));
    let program_id = section.text("program_id").map_or_else(|| "dom-gateway".to_owned(), |text| text.value);
    let login = read_login(&section.section("login"));
    let ca_file = section.file("ca_file");
    let identity_file = section.file("identity_file");
    let connect_timeout = section.millis("connect_timeout_ms", 1_000, 1..=60_000);
    let idle_connections = section.count("idle_connections", 64, 0..=10_000);
    let idle_timeout = section.millis("idle_timeout_ms", 30_000, 1..=3_600_000);
    let variants = read_variants(section);
    let batch = read_batch(&section.section("batch"));
    let pool = limits::read_pool(&section.section("pool"));
    let breaker = limits::read_breaker(&section.section("breaker"));
    let retry_budget = limits::read_retry_budget(&section.section("retry_budget"));
    let verify = read_verify(&section.section("verify"));
    let push = section.optional_section("push").map(|push| read_push(&push));
    section.finish();
    Some(Dom {
        name: name?,
        dialect: dialect?,
        connection,
        url: url?,
        program_id,
        login: login?,
        ca_file,
        identity_file,
        connect_timeout,
        idle_connections,
        idle_timeout,
        variants,
        batch,
        pool,
        breaker,
        retry_budget,
        verify,
        push: match push {
            Some(push) => Some(push?),
            None => None,
        },
    })
}

const fn expected_url(connection: Connection) -> &'static str {
    match connection {
        Connection::Interop => "the servlet, such as `https://dom:9443/smcfs/interop/InteropHttpServlet`",
        Connection::Rest => "the root of its REST API, such as `https://dom:9443/smcfs/restapi`",
    }
}

fn read_login(section: &Section<'_>) -> Option<Login> {
    let modes = [
        ("none", LoginMode::None),
        ("token", LoginMode::Token),
        ("password", LoginMode::Password),
        ("basic", LoginMode::Basic),
    ];
    let mode = section.choice("mode", &modes, LoginMode::None);
    let token_life = section.millis("token_life_ms", 600_000, 1_000..=86_400_000);
    let login = if mode == LoginMode::None {
        refuse_password(section, "`mode` is `none`");
        Some(Login { mode, user: None, password: None, token_life })
    } else {
        let user = section.required_text("user", "the user's login id");
        if mode == LoginMode::Basic {
            check_basic_user(section, user.as_ref());
        }
        let password = read_password(section);
        user.zip(password).map(|(user, password)| Login {
            mode,
            user: Some(user.value),
            password: Some(password),
            token_life,
        })
    };
    section.finish();
    login
}

fn read_variants(section: &Section<'_>) -> BTreeMap<String, Located<String>> {
    let variants = section.section("variants");
    variants.free_texts().into_iter().map(|(operation, variant)| (operation.value, variant)).collect()
}

fn read_batch(section: &Section<'_>) -> Batch {
    let lines = section.optional_whole("lines", 1..=100_000);
    let first_pause = section.located_whole("first_pause_ms", 250, 1..=3_600_000);
    let longest_pause = section.located_whole("longest_pause_ms", 3_000, 1..=3_600_000);
    if first_pause.value > longest_pause.value {
        section
            .fault(codes::CONFIG_VALUE, &first_pause.span, "the first pause is longer than the longest")
            .expecting("`first_pause_ms` of at most `longest_pause_ms`")
            .add();
    }
    let batch = Batch {
        lines: lines.map(|lines| Located {
            value: usize::try_from(lines.value).unwrap_or(usize::MAX),
            span: lines.span,
        }),
        window: section.millis("window_ms", 5, 0..=1_000),
        calls: section.count("calls", 8, 1..=1_000),
        first_pause: Duration::from_millis(first_pause.value),
        longest_pause: Duration::from_millis(longest_pause.value),
    };
    section.finish();
    batch
}

const FIRST: [(&str, First); 3] = [("old", First::Old), ("always", First::Always), ("never", First::Never)];

fn read_verify(section: &Section<'_>) -> Verify {
    let verify = Verify {
        enabled: section.flag("enabled", true),
        settle: section.millis("settle_ms", 500, 0..=60_000),
        look_first: section.choice("look_first", &FIRST, First::Old),
        release_first: section.choice("release_first", &FIRST, First::Old),
        fresh: section.millis("fresh_ms", 5_000, 1..=3_600_000),
    };
    section.finish();
    verify
}

fn read_push(section: &Section<'_>) -> Option<Push> {
    let path = section.required_url_path("path", "a path such as `/doms/sterling/events`");
    let kinds = [("none", CredentialsKind::None), ("basic", CredentialsKind::Basic)];
    let credentials = read_credentials(&section.section("credentials"), &kinds);
    let timeout = section.millis("timeout_ms", 15_000, 100..=600_000);
    let events = section.count("events", 400, 1..=1_000_000);
    let orders = section.count("orders", 100_000, 2..=10_000_000);
    let retry = section.section("retry");
    let budget_percent = retry.whole("budget_percent", 100, 0..=100);
    let retry = PushRetry { budget_percent, retry: read_retry(&retry, &TELLING) };
    section.finish();
    Some(Push { path: path?, credentials: credentials?, timeout, events, orders, retry })
}

// === impl Push ===

impl Push {
    /// The time from an event to its answer: four fifths of what the DOM waits, so that the answer is there before it has
    /// given up.
    #[must_use]
    pub fn budget(&self) -> Duration {
        self.timeout * 4 / 5
    }
}
