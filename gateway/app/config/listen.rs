//! The gateway's own side: listeners, limits on what comes in, the log.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use gateway_model::{Class, codes};
use gateway_policy::ByClass;
use serde::{Serialize, Serializer};

use crate::config::places::Located;
use crate::config::section::Section;
use crate::config::serialize;

/// The listener that stores and DOMs call.
#[derive(Debug, Clone, Serialize)]
pub struct Listen {
    /// Where it listens; port 0 takes any free port.
    pub address: Located<SocketAddr>,
    /// TLS; plain HTTP without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<ServerTls>,
    /// How long the head of a request may take.
    #[serde(rename = "header_timeout_ms", serialize_with = "serialize::millis")]
    pub header_timeout: Duration,
    /// How long the whole body of a request may take.
    #[serde(rename = "body_timeout_ms", serialize_with = "serialize::millis")]
    pub body_timeout: Duration,
    /// How long a connection may wait for its next request.
    #[serde(rename = "idle_timeout_ms", serialize_with = "serialize::millis")]
    pub idle_timeout: Duration,
    /// How long a caller may take no byte of its answer.
    #[serde(rename = "write_timeout_ms", serialize_with = "serialize::millis")]
    pub write_timeout: Duration,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How many calls may be under way at once; beyond it a call is refused at once.
    pub calls: usize,
    /// With more calls under way than so many percent of those, a class is refused, the less urgent before the others.
    #[serde(serialize_with = "ceilings")]
    pub ceilings: ByClass<u32>,
    /// Bytes of all requests' bodies held at a time.
    pub body_memory_bytes: Located<u64>,
    /// How many calls may be under way on one HTTP/2 connection.
    pub streams: u32,
    /// Bytes of a request's head.
    pub header_bytes: usize,
    /// How long new calls are still taken after the gateway was told to stop and says that it is not ready.
    #[serde(rename = "drain_delay_ms", serialize_with = "serialize::millis")]
    pub drain_delay: Duration,
    /// How long calls under way may take to finish after that.
    #[serde(rename = "drain_timeout_ms", serialize_with = "serialize::millis")]
    pub drain_timeout: Duration,
}

/// TLS of the listener.
#[derive(Debug, Clone, Serialize)]
pub struct ServerTls {
    /// PEM file of the certificate chain, the server's own first.
    pub certificate_file: PathBuf,
    /// PEM file of its private key.
    pub key_file: PathBuf,
    /// PEM file of the authorities whose client certificates are asked for; none are asked for without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ca_file: Option<PathBuf>,
}

/// The listener for operators: live, ready, metrics, effective configuration, what is known of stock.
#[derive(Debug, Clone, Serialize)]
pub struct Admin {
    /// Where it listens.
    pub address: Located<SocketAddr>,
    /// Whether the address may be other than loopback.
    pub beyond_loopback: bool,
}

/// Bounds on every document from outside. A document beyond one is refused with its place.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// Bytes of a document: of a request's body and of an answer's.
    pub document_bytes: usize,
    /// Elements inside each other.
    pub depth: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Namespace declarations of one element.
    pub namespaces: usize,
    /// Bytes of a name.
    pub name_bytes: usize,
    /// Bytes of one text or attribute value.
    pub text_bytes: usize,
    /// Elements of a document.
    pub elements: usize,
}

/// The log.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    /// How a line is written.
    pub format: LogFormat,
    /// The least severe level that is written: `error`, `warn`, `info`, `debug` or `trace`.
    pub level: &'static str,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

const MEGABYTE: u64 = 1024 * 1024;

pub(super) fn read_listen(section: &Section<'_>) -> Option<Listen> {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let address = section.address("address", usual);
    let is_usable = address.is_some();
    let tls = section.optional_section("tls").map(|tls| read_tls(&tls));
    let listen = Listen {
        // Without an address the rest is read all the same, so that its faults are found.
        address: address.unwrap_or_else(|| Located { value: usual, span: section.span.clone() }),
        tls: tls.flatten(),
        header_timeout: section.millis("header_timeout_ms", 5_000, 10..=600_000),
        body_timeout: section.millis("body_timeout_ms", 10_000, 10..=600_000),
        idle_timeout: section.millis("idle_timeout_ms", 75_000, 10..=3_600_000),
        write_timeout: section.millis("write_timeout_ms", 30_000, 10..=600_000),
        connections: section.count("connections", 10_000, 1..=1_000_000),
        calls: section.count("calls", 1_000, 1..=1_000_000),
        ceilings: read_ceilings(&section.section("ceilings")),
        body_memory_bytes: section.located_whole(
            "body_memory_bytes",
            256 * MEGABYTE,
            MEGABYTE..=1024 * 1024 * MEGABYTE,
        ),
        streams: u32::try_from(section.whole("streams", 100, 1..=10_000)).unwrap_or(u32::MAX),
        header_bytes: section.count("header_bytes", 16 * 1024, 8 * 1024..=MEGABYTE),
        drain_delay: section.millis("drain_delay_ms", 5_000, 0..=600_000),
        drain_timeout: section.millis("drain_timeout_ms", 20_000, 0..=3_600_000),
    };
    section.finish();
    is_usable.then_some(listen)
}

/// Percent of the calls at which a class is refused; an order only when there is no place at all.
const CEILINGS: [(Class, u64); 4] =
    [(Class::Checkout, 95), (Class::Push, 90), (Class::Account, 85), (Class::Browse, 80)];

fn read_ceilings(section: &Section<'_>) -> ByClass<u32> {
    let mut ceilings = ByClass::from_fn(|_| 100);
    let mut above = Located { value: 100, span: section.span.clone() };
    for (class, default) in CEILINGS {
        let percent = section.located_whole(class.name(), default, 1..=100);
        if percent.value > above.value {
            section
                .fault(codes::CONFIG_VALUE, &percent.span, format!("`{}` gives way too late", class.name()))
                .labelled(format!("a more urgent class gives way at {} percent", above.value))
                .expecting(
                    "percentages that do not grow from `checkout` over `push` and `account` to `browse`",
                )
                .add();
        }
        *ceilings.of_mut(class) = u32::try_from(percent.value).unwrap_or(100);
        above = percent;
    }
    section.finish();
    ceilings
}

fn ceilings<S: Serializer>(ceilings: &ByClass<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    let all = ceilings.iter().filter(|(class, _)| *class != Class::Order);
    serializer.collect_map(all.map(|(class, percent)| (class.name(), percent)))
}

fn read_tls(section: &Section<'_>) -> Option<ServerTls> {
    let certificate_file = section.required_file("certificate_file", "a PEM file with the certificate chain");
    let key_file = section.required_file("key_file", "a PEM file with the private key");
    let client_ca_file = section.file("client_ca_file");
    section.finish();
    Some(ServerTls { certificate_file: certificate_file?, key_file: key_file?, client_ca_file })
}

pub(super) fn read_admin(section: &Section<'_>) -> Option<Admin> {
    let address = section.address("address", SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)));
    let beyond_loopback = section.flag("beyond_loopback", false);
    section.finish();
    let address = address?;
    if !address.value.ip().is_loopback() && !beyond_loopback {
        section
            .fault(codes::CONFIG_VALUE, &address.span, format!("`{}` is not loopback", address.value))
            .expecting("an address of this machine only, such as `127.0.0.1:8081`")
            .helped(
                "the admin listener asks for no credentials; `beyond_loopback = true` opens it nevertheless",
            )
            .add();
    }
    Some(Admin { address, beyond_loopback })
}

/// The defaults are those of the crate that applies them.
pub(super) fn read_limits(section: &Section<'_>) -> Limits {
    let default = gateway_wire::Limits::default();
    let count = |key, default: usize, range| section.count(key, default as u64, range);
    let limits = Limits {
        document_bytes: count("document_bytes", default.bytes, 1..=1024 * MEGABYTE),
        depth: count("depth", default.depth, 8..=1_000),
        attributes: count("attributes", default.attributes, 8..=10_000),
        namespaces: count("namespaces", default.namespaces, 8..=256),
        name_bytes: count("name_bytes", default.name_bytes, 32..=65_536),
        text_bytes: count("text_bytes", default.text_bytes, 1_024..=1024 * MEGABYTE),
        elements: count("elements", default.elements, 100..=100_000_000),
    };
    section.finish();
    limits
}

pub(super) fn read_log(section: &Section<'_>) -> Log {
    let format =
        section.choice("format", &[("text", LogFormat::Text), ("json", LogFormat::Json)], LogFormat::Text);
    let levels = ["error", "warn", "info", "debug", "trace"].map(|level| (level, level));
    let level = section.choice("level", &levels, "info");
    section.finish();
    Log { format, level }
}
