//! A generation: configuration and mappings, loaded, checked and joined; immutable.

use std::path::Path;
use std::sync::Arc;

use gateway_exchange::{Interpreter, OPERATIONS, Operation, Unusable};
use gateway_mapping::{Loaded, Mappings, Source};
use gateway_model::{Diagnostic, Place, codes};
use gateway_transport::sender;
use gateway_wire::Limits;

use crate::config::{self, Config, Deadline, Dom, Store};
use crate::dom_link::DomLink;
use crate::metrics::Metrics;
use crate::stack::{Upstream, upstream};
use crate::store_link::StoreLink;

/// Everything a call needs, for as long as it runs.
#[derive(Debug)]
pub struct Generation {
    /// What the gateway was told.
    pub config: Config,
    /// What it can say.
    pub interpreter: Arc<Interpreter>,
    /// The stores, in the order of the configuration.
    pub stores: Vec<StorePort>,
    /// The DOMs, in the order of the configuration.
    pub doms: Vec<DomPort>,
    /// What operators count.
    pub metrics: Metrics,
}

/// A store with the ways its calls take.
#[derive(Debug)]
pub struct StorePort {
    /// As configured.
    pub store: Store,
    /// The DOM that answers it.
    pub dom: Dom,
    /// The way its pushes take; `None` when it takes none.
    pub link: Option<StoreLink>,
    upstreams: Vec<(Operation, Upstream)>,
}

/// A DOM that pushes.
#[derive(Debug)]
pub struct DomPort {
    /// As configured.
    pub dom: Dom,
}

// === impl Generation ===

impl Generation {
    /// Joins a configuration and its mappings.
    ///
    /// # Errors
    /// What cannot be used: a certificate file, an address.
    pub fn new(config: Config, interpreter: Interpreter, metrics: Metrics) -> anyhow::Result<Self> {
        let interpreter = Arc::new(interpreter);
        let link = |dom: &Dom| DomLink::new(dom, Arc::clone(&interpreter), metrics.clone());
        let links = config
            .doms
            .iter()
            .map(|dom| Ok((dom.name.value.clone(), link(dom)?)))
            .collect::<anyhow::Result<Vec<(String, DomLink)>>>()?;
        let stores = config
            .stores
            .iter()
            .map(|store| StorePort::new(store, &config, &links, &interpreter))
            .collect::<anyhow::Result<_>>()?;
        let doms = config.doms.iter().map(|dom| DomPort { dom: dom.clone() }).collect();
        Ok(Self { config, interpreter, stores, doms, metrics })
    }

    /// The store of one of whose ids this is.
    #[must_use]
    pub fn store_of_id(&self, id: &str) -> Option<&StorePort> {
        self.stores.iter().find(|port| port.store.ids.iter().any(|known| known.value == id))
    }
}

// === impl StorePort ===

impl StorePort {
    fn new(
        store: &Store,
        config: &Config,
        links: &[(String, DomLink)],
        interpreter: &Interpreter,
    ) -> anyhow::Result<Self> {
        let named = |name: &str| anyhow::anyhow!("the store `{}` names no DOM `{name}`", store.name.value);
        let name = store.dom.value.as_str();
        let dom = config.dom(name).ok_or_else(|| named(name))?.clone();
        let (_, link) = links.iter().find(|(known, _)| known == name).ok_or_else(|| named(name))?;
        let upstreams = OPERATIONS
            .into_iter()
            .filter(|operation| !operation.is_push())
            .map(|operation| {
                let limits = store.deadlines.of(operation.name());
                Ok((operation, upstream(operation, &limits, &store.retry, link.clone())?))
            })
            .collect::<anyhow::Result<_>>()?;
        let link = store.inbound.as_ref().map(|inbound| StoreLink::new(store, inbound, interpreter)).transpose()?;
        Ok(Self { store: store.clone(), dom, link, upstreams })
    }

    /// The stack towards the store's DOM for an operation.
    #[must_use]
    pub fn upstream(&self, operation: Operation) -> Option<Upstream> {
        self.upstreams.iter().find(|(known, _)| *known == operation).map(|(_, stack)| stack.clone())
    }

    /// How long an operation may take.
    #[must_use]
    pub fn deadline(&self, operation: Operation) -> Deadline {
        self.store.deadlines.of(operation.name())
    }

    /// The form of an operation that the configuration chose at its DOM.
    #[must_use]
    pub fn variant(&self, operation: Operation) -> Option<&str> {
        self.dom.variants.get(operation.asked_as().name()).map(|variant| variant.value.as_str())
    }
}

/// Reads every file of the mappings' folder that a mapping can be made of.
///
/// # Errors
/// The folder or a file in it that cannot be read.
pub fn read_sources(folder: &Path) -> std::io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    read_folder(folder, "", &mut sources)?;
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &path, sources)?;
        } else if ["xml", "toml", "csv"].iter().any(|ending| name.ends_with(&format!(".{ending}"))) {
            sources.push(Source { path, text: std::fs::read_to_string(entry.path())? });
        }
    }
    Ok(())
}

/// Loads mappings and makes an interpreter of them; the diagnostics are those of the mapping files.
#[must_use]
pub fn interpreter(sources: &[Source], config: &Config) -> (Option<Interpreter>, Vec<Diagnostic>) {
    interpreter_with(sources, config.zone.clone(), limits(&config.limits))
}

/// As [`interpreter`], without a configuration.
#[must_use]
pub fn interpreter_with(
    sources: &[Source],
    zone: jiff::tz::TimeZone,
    limits: Limits,
) -> (Option<Interpreter>, Vec<Diagnostic>) {
    let Loaded { mappings, mut diagnostics } = gateway_mapping::load(sources);
    let interpreter = mappings.and_then(|mappings: Mappings| match Interpreter::new(mappings, zone, limits) {
        Ok(interpreter) => Some(interpreter),
        Err(Unusable::Vocabulary(missing)) => {
            diagnostics.extend(missing.iter().map(|view| {
                let place = Place { file: "vocabulary.toml".to_owned(), span: 0..0 };
                Diagnostic::error(codes::MISSING_VIEW, place, view.to_string())
                    .helped("the gateway itself works with this word: give it back its name and type")
            }));
            None
        }
    });
    (interpreter, diagnostics)
}

/// The limits of documents as the reader takes them.
#[must_use]
pub const fn limits(limits: &config::Limits) -> Limits {
    Limits {
        bytes: limits.document_bytes,
        depth: limits.depth,
        attributes: limits.attributes,
        namespaces: limits.namespaces,
        name_bytes: limits.name_bytes,
        text_bytes: limits.text_bytes,
        elements: limits.elements,
    }
}

/// The pool of a target system with the settings all senders share.
pub(crate) fn sender_params(name: &str, answer_bytes: usize) -> sender::Params {
    let mut params = sender::Params::new(name.to_owned());
    params.max_answer_bytes = answer_bytes;
    params
}
