//! One call for one document, however often it comes while it is under way.
//!
//! A document is known by its identity, such as operation, store and order id, and by a print of its content. Who comes
//! with the same identity and content while the first is under way waits for its answer; who comes with other content is
//! told so. Who is first makes the call and tells the others, and has it run to its end whoever leaves. Nothing is remembered
//! of what is over: whether a later document is a repetition, only the other side knows.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_model::codes::{CONFLICTING_REPEAT, INTERNAL, OVERLOADED};
use gateway_model::{Fault, Reached, Repeat};
use tokio::sync::watch;

use crate::pool::SHORTEST_PAUSE;

/// Which document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity<K> {
    /// What it is about.
    pub key: K,
    /// A print of what it says: equal for equal content.
    pub content: u128,
}

/// How often documents were joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents that were the first of their identity.
    pub begun: u64,
    /// Documents that waited for the answer of another one.
    pub joined: u64,
    /// Documents refused because another one with the same key but other content was under way.
    pub conflicts: u64,
}

/// There is no answer for this document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJoined {
    /// Another one with the same key but other content is under way.
    #[error("a document of the same identity but with other content is under way")]
    Conflict,
    /// As many documents are under way as may.
    #[error("too many documents are under way: {0}, as many as may")]
    TooMany(usize),
    /// The call ended without an answer.
    #[error("the call for this document ended without an answer")]
    Lost,
}

/// The documents under way and their answers. Cheap to clone: all clones are one.
pub struct Joins<K, A>(Arc<Shared<K, A>>);

struct Shared<K, A> {
    most: usize,
    state: Mutex<State<K, A>>,
}

struct State<K, A> {
    documents: HashMap<K, Document<A>>,
    counts: Counts,
}

/// A document under way, and where its answer will be.
struct Document<A> {
    content: u128,
    answer: watch::Receiver<Option<A>>,
}

/// Takes the document out when its call is over, however it ends.
struct UnderWay<K: Eq + Hash, A> {
    joins: Joins<K, A>,
    key: K,
}

/// How somebody who brings a document came in.
pub enum Entered<K: Eq + Hash, A> {
    /// Nobody else brought it: the call is theirs to make.
    First(Lead<K, A>),
    /// Somebody else's call is under way for it.
    Joined(Follower<A>),
}

/// The first who brought a document, until the answer is told. If it is dropped before, those who wait hear that there is
/// none.
pub struct Lead<K: Eq + Hash, A> {
    tell: watch::Sender<Option<A>>,
    end: UnderWay<K, A>,
}

/// Somebody who waits for the answer to a document that another one brought first.
pub struct Follower<A> {
    answer: watch::Receiver<Option<A>>,
}

// === impl Joins ===

impl<K, A> Joins<K, A> {
    /// Nothing is under way, and at most so many documents may be.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let state = State { documents: HashMap::new(), counts: Counts::default() };
        Self(Arc::new(Shared { most, state: Mutex::new(state) }))
    }

    /// How many documents are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.state().documents.len()
    }

    /// How often documents were joined.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state().counts
    }

    fn state(&self) -> MutexGuard<'_, State<K, A>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash, A> Joins<K, A> {
    /// Comes in with a document. Who is first makes the call, and has it run to its end in any case.
    ///
    /// # Errors
    ///
    /// If neither can be: another document with its key is under way, or too many are.
    pub fn enter(&self, identity: Identity<K>) -> Result<Entered<K, A>, NotJoined> {
        let Identity { key, content } = identity;
        let mut state = self.state();
        let State { documents, counts } = &mut *state;
        let under_way = documents.len();
        let place = match documents.entry(key.clone()) {
            Entry::Occupied(document) if document.get().content != content => {
                counts.conflicts += 1;
                return Err(NotJoined::Conflict);
            }
            Entry::Occupied(document) => {
                counts.joined += 1;
                return Ok(Entered::Joined(Follower { answer: document.get().answer.clone() }));
            }
            Entry::Vacant(_) if under_way >= self.0.most => return Err(NotJoined::TooMany(self.0.most)),
            Entry::Vacant(place) => place,
        };
        counts.begun += 1;
        let (tell, answer) = watch::channel(None);
        place.insert(Document { content, answer });
        Ok(Entered::First(Lead { tell, end: UnderWay { joins: self.clone(), key } }))
    }
}

// === impl Lead ===

impl<K: Eq + Hash, A> Lead<K, A> {
    /// Whether nobody else waits for the answer.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        // The document's own receiver is not waited at; each follower has another one.
        self.tell.receiver_count() <= 1
    }

    /// Tells everybody the answer.
    pub fn tell(self, answer: A) {
        // Told before the document is taken out: whoever comes in between still gets it.
        self.tell.send_replace(Some(answer));
        drop(self.end);
    }
}

impl<K: Eq + Hash, A> fmt::Debug for Lead<K, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lead").finish_non_exhaustive()
    }
}

// === impl Follower ===

impl<A: Clone> Follower<A> {
    /// Waits for the answer.
    ///
    /// # Errors
    ///
    /// [`NotJoined::Lost`], if the call ended without one.
    pub async fn wait(mut self) -> Result<A, NotJoined> {
        let answer = self.answer.wait_for(Option::is_some).await.map_err(|_| NotJoined::Lost)?;
        answer.clone().ok_or(NotJoined::Lost)
    }
}

impl<A> fmt::Debug for Follower<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Follower").finish_non_exhaustive()
    }
}

// === impl Entered ===

impl<K: Eq + Hash, A> fmt::Debug for Entered<K, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First(lead) => formatter.debug_tuple("First").field(lead).finish(),
            Self::Joined(follower) => formatter.debug_tuple("Joined").field(follower).finish(),
        }
    }
}

impl<K, A> Clone for Joins<K, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, A> fmt::Debug for Joins<K, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Joins").field("under_way", &self.under_way()).finish_non_exhaustive()
    }
}

// === impl UnderWay ===

impl<K: Eq + Hash, A> Drop for UnderWay<K, A> {
    fn drop(&mut self) {
        self.joins.state().documents.remove(&self.key);
    }
}

// === impl NotJoined ===

impl From<NotJoined> for Fault {
    fn from(not_joined: NotJoined) -> Self {
        let text = not_joined.to_string();
        match not_joined {
            // Nothing of this document was sent, but of the other one; which one holds is to be found out.
            NotJoined::Conflict => Self::store(CONFLICTING_REPEAT, text).repeat(Repeat::AfterCheck),
            NotJoined::TooMany(_) => {
                Self::gateway(OVERLOADED, text).repeat(Repeat::Safe).retry_after(SHORTEST_PAUSE)
            }
            NotJoined::Lost => {
                Self::gateway(INTERNAL, text).reached(Reached::Maybe).repeat(Repeat::AfterCheck)
            }
        }
    }
}

#[cfg(test)]
mod tests;
