//! Documents to records and back, in one dialect, as the system at its other end sees them.

use std::sync::Arc;

use gateway_mapping::{Context, Dialect, MapFault, Mappings, Message, Part, RouteFault};
use gateway_model::{Record, codes};
use gateway_wire::soap::{self, Envelope, Form, UsernameToken};
use gateway_wire::{Limits, NodeId, Refusal, Tree, decode};
use jiff::tz::TimeZone;

use super::site::StartError;

/// Speaks one dialect.
#[derive(Debug, Clone)]
pub(crate) struct Speaker {
    mappings: Arc<Mappings>,
    dialect: String,
    zone: TimeZone,
    limits: Limits,
}

/// A request understood.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) operation: String,
    pub(crate) api: Option<String>,
    /// The form of the operation it was asked in, and its answer is given in.
    pub(crate) variant: Option<String>,
    pub(crate) form: Form,
    /// The sender's WS-Security token, if it has one.
    pub(crate) token: Option<UsernameToken>,
    pub(crate) record: Record<'static>,
}

/// What came back for a request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The answer's record.
    Answer(Record<'static>),
    /// A refusal of its own document.
    Refusal,
    /// A SOAP fault.
    Fault { code: String, text: String },
}

/// Why a document was not understood, or could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misheard {
    #[error("{0}")]
    Unreadable(#[from] Refusal),
    #[error("no message of the dialect fits the document")]
    Unrouted(#[from] RouteFault),
    #[error("{}", .0.message)]
    Unmapped(#[from] MapFault),
    #[error("the dialect has no message for the {part:?} of `{operation}`")]
    NoMessage { operation: String, part: Part },
}

// === impl Misheard ===

impl Misheard {
    /// Whether a code stands in no table, most often that of organizations.
    pub(crate) fn is_unmapped_value(&self) -> bool {
        matches!(self, Self::Unmapped(fault) if fault.code == codes::UNMAPPED_VALUE)
    }
}

// === impl Speaker ===

impl Speaker {
    pub(crate) fn new(mappings: Arc<Mappings>, dialect: &str, zone: TimeZone) -> Result<Self, StartError> {
        if mappings.dialect(dialect).is_none() {
            return Err(StartError::UnknownDialect { dialect: dialect.to_owned() });
        }
        Ok(Self { mappings, dialect: dialect.to_owned(), zone, limits: Limits::default() })
    }

    /// Reads what was asked or told.
    pub(crate) fn hear(&self, bytes: &[u8], charset: Option<&str>) -> Result<Heard, Misheard> {
        self.open(bytes, charset, |dialect, tree, envelope| {
            let payload = envelope.payload;
            let routed = dialect.route(tree, payload, Some(Part::Request))?;
            let message = self.closest_variant(dialect, routed, tree, payload);
            Ok(Heard {
                operation: message.operation.clone().unwrap_or_default(),
                api: message.api.clone(),
                variant: message.variant.clone(),
                form: envelope.form,
                token: envelope.credentials,
                record: self.read(dialect, message, tree, payload)?,
            })
        })
    }

    /// Reads what came back for a request of this operation.
    pub(crate) fn understand(
        &self,
        operation: &str,
        bytes: &[u8],
        charset: Option<&str>,
    ) -> Result<Reply, Misheard> {
        self.open(bytes, charset, |dialect, tree, Envelope { payload, .. }| {
            if let Some(fault) = soap::read_fault(tree, payload) {
                return Ok(Reply::Fault { code: fault.code, text: fault.text });
            }
            let routed = dialect.route(tree, payload, None)?;
            if routed.part == Part::Refusal {
                return Ok(Reply::Refusal);
            }
            // Answers to several operations may have one root: the question says which one is meant. Where one
            // operation has answers of several roots, the root does.
            let is_meant = routed.operation.as_deref() == Some(operation) && routed.part == Part::Answer;
            let message =
                if is_meant { routed } else { self.message(dialect, operation, Part::Answer, None)? };
            Ok(Reply::Answer(self.read(dialect, message, tree, payload)?))
        })
    }

    /// Writes a request by the first of its operation's messages that keeps what it is to say, for operations with
    /// several (events). Gives the document and the message's record as its reader will see it.
    pub(crate) fn ask(
        &self,
        operation: &str,
        record: &Record<'_>,
        keeps: impl Fn(&Record<'_>) -> bool,
    ) -> Result<Vec<u8>, Misheard> {
        let dialect = self.dialect()?;
        let mut fault = None;
        let requests = dialect.messages().filter(|message| {
            message.operation.as_deref() == Some(operation) && message.part == Part::Request
        });
        for message in requests {
            match self.write(dialect, message, record) {
                Ok(document) if self.hear(&document, None).is_ok_and(|heard| keeps(&heard.record)) => {
                    return Ok(document);
                }
                Ok(_) => {}
                Err(unmapped) => fault = fault.or(Some(unmapped)),
            }
        }
        Err(fault.unwrap_or_else(|| no_message(operation, Part::Request)))
    }

    /// Writes the answer to a request that was heard.
    pub(crate) fn answer(&self, heard: &Heard, record: &Record<'_>) -> Result<Vec<u8>, Misheard> {
        let dialect = self.dialect()?;
        let message = self.message(dialect, &heard.operation, Part::Answer, heard.variant.as_deref())?;
        self.write(dialect, message, record)
    }

    /// Writes a refusal.
    pub(crate) fn refuse(&self, record: &Record<'_>) -> Result<Vec<u8>, Misheard> {
        let dialect = self.dialect()?;
        let mut refusals = dialect.messages().filter(|message| message.part == Part::Refusal);
        let message = refusals.find(|message| message.operation.is_none());
        let message = message.ok_or_else(|| no_message("", Part::Refusal))?;
        self.write(dialect, message, record)
    }

    fn open<T>(
        &self,
        bytes: &[u8],
        charset: Option<&str>,
        read: impl FnOnce(&Dialect, &Tree<'_>, Envelope) -> Result<T, Misheard>,
    ) -> Result<T, Misheard> {
        let dialect = self.dialect()?;
        let text = decode(bytes, charset, &self.limits)?;
        let tree = Tree::parse(&text, self.mappings.names(), &self.limits)?;
        let envelope = soap::open(&tree)?;
        read(dialect, &tree, envelope)
    }

    /// Of several forms of one operation, the one that leaves the fewest elements of the document unread: a DOM
    /// understands them all, whichever the gateway has chosen.
    fn closest_variant<'d>(
        &self,
        dialect: &'d Dialect,
        routed: &'d Message,
        tree: &Tree<'_>,
        payload: NodeId,
    ) -> &'d Message {
        if routed.variant.is_none() {
            return routed;
        }
        let context = Context { organization: None, zone: &self.zone };
        let unread = |message: &Message| {
            message.read(tree, payload, &context).map_or(usize::MAX, |reading| reading.skipped.len())
        };
        let others = dialect.messages().filter(|message| {
            message.variant.is_some() && message.operation == routed.operation && message.part == routed.part
        });
        // The chosen one comes first, so that it is taken when another is as close.
        std::iter::once(routed).chain(others).min_by_key(|message| unread(message)).unwrap_or(routed)
    }

    /// Reads a document; where tables have rows of one organization, twice: only the record says which it is.
    fn read(
        &self,
        dialect: &Dialect,
        message: &Message,
        tree: &Tree<'_>,
        payload: NodeId,
    ) -> Result<Record<'static>, MapFault> {
        let read = |organization: Option<&str>| {
            let context = Context { organization, zone: &self.zone };
            message.read(tree, payload, &context).map(|reading| reading.record.into_owned())
        };
        let record = read(None)?;
        match dialect.organization(&record) {
            Some(organization) => read(Some(&organization)),
            None => Ok(record),
        }
    }

    fn write(&self, dialect: &Dialect, message: &Message, record: &Record<'_>) -> Result<Vec<u8>, Misheard> {
        let organization = dialect.organization(record);
        let context = Context { organization: organization.as_deref(), zone: &self.zone };
        let mut document = Vec::new();
        message.write(record, &context, &mut document)?;
        Ok(document)
    }

    fn message<'d>(
        &self,
        dialect: &'d Dialect,
        operation: &str,
        part: Part,
        variant: Option<&str>,
    ) -> Result<&'d Message, Misheard> {
        let is_meant = |message: &&Message| {
            message.part == part
                && message.operation.as_deref() == Some(operation)
                && variant.is_none_or(|variant| message.variant.as_deref().is_none_or(|own| own == variant))
        };
        let found = match variant {
            Some(_) => dialect.messages().find(is_meant),
            None => dialect.find(operation, part).filter(is_meant),
        };
        found.ok_or_else(|| no_message(operation, part))
    }

    fn dialect(&self) -> Result<&Dialect, Misheard> {
        // Known to be there since the speaker was made.
        self.mappings.dialect(&self.dialect).ok_or_else(|| no_message("", Part::Request))
    }
}

fn no_message(operation: &str, part: Part) -> Misheard {
    Misheard::NoMessage { operation: operation.to_owned(), part }
}
