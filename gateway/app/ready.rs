//! A generation made ready: the interpreter over its mappings, and the ways to its stores and DOMs. Immutable.

use std::sync::Arc;
use std::time::Duration;

use gateway_exchange::{Interpreter, OPERATIONS, Operation};
use gateway_fetch::Counts;
use gateway_transport::sender;
use gateway_wire::Limits;

use crate::config::{self, Config, Deadline, Dom, Store};
use crate::dom_limits::DomLimits;
use crate::dom_link::DomLink;
use crate::generation::Generation;
use crate::metrics::Metrics;
use crate::outside::Outside;
use crate::push_call::Ways;
use crate::reservations::Reservations;
use crate::stack::{Upstream, upstream};
use crate::stock::Stocks;
use crate::stock::desk::Desk;
use crate::stock::source::DomStock;
use crate::store_call::joined::{self, Joins};
use crate::store_link::StoreLink;

/// Everything a call needs, for as long as it runs.
#[derive(Debug)]
pub struct Ready {
    /// What the gateway was told.
    pub config: Config,
    /// What it can say.
    pub interpreter: Arc<Interpreter>,
    /// The stores, in the order of the configuration.
    pub stores: Vec<StorePort>,
    /// The DOMs, in the order of the configuration.
    pub doms: Vec<DomPort>,
    /// What all calls to each DOM share, in the order of the configuration.
    pub limits: Vec<DomLimits>,
    /// The writes under way.
    pub joins: Joins,
    /// What is known of stock.
    pub stocks: Arc<Stocks>,
    /// What is still to be given back.
    pub reservations: Reservations,
    /// What operators count.
    pub metrics: Metrics,
    /// The time, and where the ways to the neighbours come from.
    pub outside: Outside,
}

/// A store with the ways its calls take.
#[derive(Debug)]
pub struct StorePort {
    /// As configured.
    pub store: Store,
    /// Its name, as its calls carry it.
    pub name: Arc<str>,
    /// The DOM that answers it.
    pub dom: Dom,
    /// The way its pushes take; `None` when it takes none.
    pub link: Option<StoreLink>,
    upstreams: Vec<(Operation, Upstream)>,
    /// One for each store id; none while there is no cache rule.
    desks: Vec<Desk>,
}

/// What the ways of all stores have in common.
#[derive(Debug, Clone, Copy)]
struct Common<'r> {
    interpreter: &'r Arc<Interpreter>,
    stocks: &'r Arc<Stocks>,
    metrics: &'r Metrics,
    outside: &'r Outside,
}

/// A DOM that pushes.
#[derive(Debug)]
pub struct DomPort {
    /// As configured.
    pub dom: Dom,
    /// What its pushes share; `None` if it does not push.
    pub pushes: Option<Ways>,
}

// === impl Ready ===

impl Ready {
    /// Makes a generation ready on this machine. Nothing is sent yet.
    ///
    /// # Errors
    /// What cannot be used: a certificate file, an address.
    pub fn new(generation: Generation, metrics: Metrics) -> anyhow::Result<Self> {
        let Generation { config, mappings } = generation;
        let interpreter = Interpreter::new(mappings, config.zone.clone(), limits(&config.limits))?;
        Self::within(Outside::of_this_machine(), config, Arc::new(interpreter), metrics)
    }

    /// Makes a configuration ready, with the interpreter over its mappings, within something outside. Nothing is sent
    /// yet.
    ///
    /// # Errors
    /// What cannot be used: a certificate file, an address.
    pub fn within(
        outside: Outside,
        config: Config,
        interpreter: Arc<Interpreter>,
        metrics: Metrics,
    ) -> anyhow::Result<Self> {
        let link = |dom: &Dom| {
            let way = outside.neighbours.dom(dom, interpreter.limits().bytes)?;
            let clock = Arc::clone(&outside.clock);
            DomLink::new(dom, (way, clock), Arc::clone(&interpreter), metrics.clone())
        };
        let links = config
            .doms
            .iter()
            .map(|dom| Ok((DomLimits::new(dom, &config.stores)?, link(dom)?)))
            .collect::<anyhow::Result<Vec<(DomLimits, DomLink)>>>()?;
        let ids = config.stores.iter().flat_map(|store| &store.ids).map(|id| id.value.clone());
        let stocks = Stocks::new(&config.cache, ids)
            .map_err(|faults| anyhow::anyhow!("the cache rules cannot be used: {faults:?}"))?;
        let stocks = Arc::new(stocks);
        let common =
            Common { interpreter: &interpreter, stocks: &stocks, metrics: &metrics, outside: &outside };
        let stores = config
            .stores
            .iter()
            .map(|store| StorePort::new(store, &config, &links, common))
            .collect::<anyhow::Result<_>>()?;
        let doms = config.doms.iter().map(DomPort::new).collect::<anyhow::Result<_>>()?;
        let limits = links.into_iter().map(|(limits, _)| limits).collect();
        Ok(Self {
            config,
            interpreter,
            stores,
            doms,
            limits,
            joins: joined::none(),
            stocks,
            reservations: Reservations::new(metrics.clone()),
            metrics,
            outside,
        })
    }

    /// What was asked of the DOMs about stock so far, by store id.
    #[must_use]
    pub fn fetch_counts(&self) -> Vec<(String, Counts)> {
        let desks = self.stores.iter().flat_map(StorePort::desks);
        desks.map(|desk| (desk.store().to_owned(), desk.counts())).collect()
    }

    /// The store of one of whose ids this is.
    #[must_use]
    pub fn store_of_id(&self, id: &str) -> Option<&StorePort> {
        self.stores.iter().find(|port| port.store.ids.iter().any(|known| known.value == id))
    }
}

// === impl DomPort ===

impl DomPort {
    fn new(dom: &Dom) -> anyhow::Result<Self> {
        let pushes = dom.push.as_ref().map(Ways::new).transpose()?;
        Ok(Self { dom: dom.clone(), pushes })
    }
}

// === impl StorePort ===

impl StorePort {
    fn new(
        store: &Store,
        config: &Config,
        links: &[(DomLimits, DomLink)],
        common: Common<'_>,
    ) -> anyhow::Result<Self> {
        let named = |name: &str| anyhow::anyhow!("the store `{}` names no DOM `{name}`", store.name.value);
        let name = store.dom.value.as_str();
        let dom = config.dom(name).ok_or_else(|| named(name))?.clone();
        let (limits, link) =
            links.iter().find(|(known, _)| &*known.dom == name).ok_or_else(|| named(name))?;
        let upstreams = OPERATIONS
            .into_iter()
            .filter(|operation| !operation.is_push())
            .map(|operation| Ok((operation, upstream(operation, store, limits, link.clone())?)))
            .collect::<anyhow::Result<_>>()?;
        let link = store.inbound.as_ref().map(|inbound| {
            let way = common.outside.neighbours.store(store, inbound, common.interpreter.limits().bytes)?;
            StoreLink::new(inbound, way)
        });
        let link = link.transpose()?;
        let name = store.name.value.as_str().into();
        let mut port = Self { store: store.clone(), name, dom, link, upstreams, desks: Vec::new() };
        if !config.cache.rules.is_empty() {
            port.desks =
                store.ids.iter().map(|id| port.new_desk(&id.value, common)).collect::<Result<_, _>>()?;
        }
        Ok(port)
    }

    fn new_desk(&self, id: &str, common: Common<'_>) -> anyhow::Result<Desk> {
        let upstream = self.upstream(Operation::Availability);
        let source = DomStock {
            store: id.to_owned(),
            store_name: Arc::clone(&self.name),
            dialect: self.dom.dialect.value.clone(),
            variant: self.variant(Operation::Availability).map(ToOwned::to_owned),
            limits: self.deadline(Operation::Availability),
            upstream: upstream.ok_or_else(|| anyhow::anyhow!("there is no way to ask for availability"))?,
            interpreter: Arc::clone(common.interpreter),
            stocks: Arc::clone(common.stocks),
            metrics: common.metrics.clone(),
            clock: Arc::clone(&common.outside.clock),
            failed_attempts: Arc::default(),
        };
        Ok(Desk::new(source, &self.dom.batch)?)
    }

    /// Where the stock of one of its store ids is asked for; `None` while there is no cache rule.
    #[must_use]
    pub fn desk(&self, id: &str) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.store() == id)
    }

    /// Where the stock of its store ids is asked for.
    pub fn desks(&self) -> impl Iterator<Item = &Desk> {
        self.desks.iter()
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

    /// Its store id, if it has only one: what a document means that names none.
    #[must_use]
    pub fn only_id(&self) -> Option<&str> {
        match self.store.ids.as_slice() {
            [only] => Some(&only.value),
            _ => None,
        }
    }

    /// The form of an operation that the configuration chose at its DOM.
    #[must_use]
    pub fn variant(&self, operation: Operation) -> Option<&str> {
        self.dom.variants.get(operation.asked_as().name()).map(|variant| variant.value.as_str())
    }
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

/// More than any configured deadline: every call says itself how long it may take.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(3_600);

/// The pool of a target system with the settings all senders share.
pub(crate) fn sender_params(name: &str, answer_bytes: usize) -> sender::Params {
    let mut params = sender::Params::new(name.to_owned());
    params.max_answer_bytes = answer_bytes;
    params.attempt_timeout = LONGEST_EXCHANGE;
    params
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::sender_params;

    /// The longest `call_ms` and `attempt_ms` that a configuration may have.
    const LONGEST_DEADLINE: Duration = Duration::from_millis(600_000);

    #[test]
    fn no_sender_ends_an_exchange_before_its_configured_deadline() {
        let params = sender_params("sterling", 1);
        assert!(params.attempt_timeout > LONGEST_DEADLINE);
        assert_eq!(params.check(), Ok(()));
    }
}
