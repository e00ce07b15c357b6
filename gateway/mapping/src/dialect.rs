//! A dialect: how one kind of system writes the operations.

mod load;

pub(crate) use load::{MessageEntry, Settings, load_settings};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use gateway_model::{Record, RecordTypeId};

use crate::evaluate::Scope;
use crate::message::{Message, Part};
use crate::outcome::{self, OutcomeRule, Replied, Verdict};
use crate::program::Path;
use crate::route::LocalPath;
use crate::table::Table;

/// Which end a dialect is spoken at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A store.
    Store,
    /// A DOM.
    Dom,
}

/// What stands around a message on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireForm {
    /// A SOAP envelope.
    Soap,
    /// Nothing.
    Bare,
}

/// One kind of system.
#[derive(Debug)]
pub struct Dialect {
    /// Its name, that of its folder.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Which end speaks it.
    pub side: Side,
    /// What stands around its messages.
    pub wire: WireForm,
    /// Operation to chosen variant.
    pub variants: BTreeMap<String, String>,
    /// Limits of the system, by name (`lines_per_call`).
    pub limits: BTreeMap<String, u64>,
    /// How to log in, as `dialect.toml` has it.
    pub login: toml::Table,
    /// How to reach the system, as `dialect.toml` has it.
    pub connection: toml::Table,
    pub(crate) action_path: Option<LocalPath>,
    pub(crate) profile_path: Option<LocalPath>,
    pub(crate) messages: Vec<Message>,
    pub(crate) organization: Option<Organization>,
    pub(crate) tables: HashMap<String, Arc<Table>>,
    pub(crate) outcomes: Vec<OutcomeRule>,
}

/// How a record's organization is found.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) table: Arc<Table>,
    /// Where the store stands in each record type that has it.
    pub(crate) fields: HashMap<RecordTypeId, Path>,
}

// === impl Dialect ===

impl Dialect {
    /// All messages, in the order of `dialect.toml`.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }

    /// The message of this name.
    #[must_use]
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.name == name)
    }

    /// The record's words of a value table, those of single organizations among them; `None` if there is no such table.
    #[must_use]
    pub fn record_words(&self, table: &str) -> Option<BTreeSet<&str>> {
        self.tables.get(table).map(|table| table.record_words().collect())
    }

    /// The first message of an operation's part, of the variant the dialect chooses. A refusal of any operation stands in
    /// for one that the operation does not have of its own.
    #[must_use]
    pub fn find(&self, operation: &str, part: Part) -> Option<&Message> {
        self.find_variant(operation, part, None)
    }

    /// As [`Self::find`], with a variant that comes before the dialect's own choice.
    #[must_use]
    pub fn find_variant(&self, operation: &str, part: Part, variant: Option<&str>) -> Option<&Message> {
        let chosen = variant.or_else(|| self.variants.get(operation).map(String::as_str));
        let of_part = || self.messages.iter().filter(|message| message.part == part);
        let fits = |message: &&Message| message.variant.is_none() || message.variant.as_deref() == chosen;
        let own = of_part().find(|message| message.operation.as_deref() == Some(operation) && fits(message));
        own.or_else(|| of_part().find(|message| message.operation.is_none()))
    }

    /// The code that the dialect's organization table gives for the record's store.
    #[must_use]
    pub fn organization(&self, record: &Record<'_>) -> Option<Cow<'_, str>> {
        let organization = self.organization.as_ref()?;
        let path = organization.fields.get(&record.kind)?;
        let store = Scope { record, outer: None, exists: true, index: 0 }.text(path)?.to_owned();
        organization.table.to_document(&store, None).map(Cow::Borrowed)
    }

    /// The outcome rules, in the order in which they are tried.
    #[must_use]
    pub fn outcomes(&self) -> &[OutcomeRule] {
        &self.outcomes
    }

    /// What the outcome rules say of a reply: the first that fits, else what holds without rules.
    #[must_use]
    pub fn judge(&self, reply: &Replied<'_>) -> Verdict<'_> {
        outcome::judge(&self.outcomes, reply)
    }

    /// Whether a message is of its operation's chosen variant, or of none.
    pub(crate) fn is_chosen(&self, message: &Message) -> bool {
        match (&message.variant, &message.operation) {
            (None, _) => true,
            (Some(variant), Some(operation)) => self.variants.get(operation) == Some(variant),
            (Some(_), None) => false,
        }
    }
}
