//! The way to a DOM for what is given back: owned, so that it can be gone after the call is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use gateway_exchange::{Call, Interpreter, Release, Released, Reply};
use gateway_mapping::{Dialect, Side};
use gateway_model::{Class, Fault, Reached, codes};
use gateway_policy::{Budgeted, Deadline};
use tower::{Service, ServiceExt};

use crate::clock::Clock;
use crate::dom_link::DomCall;
use crate::stack::Upstream;
use crate::trace::TraceContext;

/// Cancellations under way beside each other, of one reservation.
const BESIDE: usize = 8;

/// How what is held is given back.
#[derive(Debug, Clone)]
pub struct Way {
    /// The stack for cancellations.
    pub upstream: Upstream,
    /// What reads the DOM's replies.
    pub interpreter: Arc<Interpreter>,
    /// When replies are read.
    pub clock: Arc<dyn Clock>,
    /// The DOM's dialect.
    pub dialect: String,
    /// How long a call that was cut may still be at work at the DOM.
    pub settle: Duration,
    /// The trace of the call that reserved.
    pub trace: TraceContext,
    /// Counts the requests.
    pub attempts: Arc<AtomicU32>,
    /// How urgent it is.
    pub class: Class,
    /// Whose it is.
    pub store: Arc<str>,
}

// === impl Way ===

impl Way {
    /// As this one, with requests counted anew.
    #[must_use]
    pub fn uncounted(&self) -> Self {
        Self { attempts: Arc::default(), ..self.clone() }
    }

    /// Requests sent so far.
    pub(super) fn requests(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Gives back, and says whether a request on the way was cut, so that it may still be at work at the DOM.
    pub async fn give_back(&self, release: &Release, deadline: Deadline) -> (Result<(), Fault>, bool) {
        let before = self.requests();
        let mut sent = 1;
        let together = self.released(&release.together, deadline).await;
        let given = match together {
            Ok(Released::Free) => Ok(()),
            Ok(Released::NotHeld) if release.singly.len() < 2 => Ok(()),
            Ok(Released::CannotTell(fault)) if !is_refusal(&fault) || release.singly.len() < 2 => Err(fault),
            // Refused as a whole: what of it is held is found out one by one.
            Ok(_) => {
                sent += release.singly.len();
                self.give_back_singly(&release.singly, deadline).await
            }
            Err(fault) => Err(fault),
        };
        let requests = self.requests().saturating_sub(before);
        let is_open = given.as_ref().is_err_and(|fault| fault.reached != Reached::No);
        let was_cut = is_open || u32::try_from(sent).is_ok_and(|sent| requests > sent);
        (given, was_cut)
    }

    /// All are sent, whatever becomes of one of them.
    async fn give_back_singly(&self, calls: &[Call], deadline: Deadline) -> Result<(), Fault> {
        let mut given = Ok(());
        for calls in calls.chunks(BESIDE) {
            let released = join_all(calls.iter().map(|call| self.released(call, deadline))).await;
            for released in released {
                match released {
                    Ok(Released::Free | Released::NotHeld) => {}
                    Ok(Released::CannotTell(fault)) | Err(fault) => given = Err(more_open(given, fault)),
                }
            }
        }
        given
    }

    async fn released(&self, call: &Call, deadline: Deadline) -> Result<Released, Fault> {
        let reply = self.send(call, deadline).await?;
        let identity = self.clock.identity();
        Ok(self.interpreter.released(self.dom()?, &reply, identity.stamp()))
    }

    async fn send(&self, call: &Call, deadline: Deadline) -> Result<Reply, Fault> {
        let mut request = Budgeted::new(DomCall {
            call: Arc::new(call.clone()),
            trace: self.trace.clone(),
            attempts: Arc::clone(&self.attempts),
            ends: deadline,
            class: self.class,
            store: Arc::clone(&self.store),
        });
        request.deadline = Some(deadline);
        let mut upstream = self.upstream.clone();
        upstream.ready().await?.call(request).await
    }

    fn dom(&self) -> Result<&Dialect, Fault> {
        self.interpreter.dialect(&self.dialect, Side::Dom).ok_or_else(|| {
            Fault::gateway(codes::INTERNAL, format!("the dialect `{}` is not loaded", self.dialect))
        })
    }
}

/// Of two faults the first, unless only the second leaves open whether something is at work at the DOM.
fn more_open(first: Result<(), Fault>, second: Fault) -> Fault {
    match first {
        Err(first) if first.reached != Reached::No || second.reached == Reached::No => first,
        _ => second,
    }
}

/// Whether the DOM said no, not something that cannot be read.
fn is_refusal(fault: &Fault) -> bool {
    fault.code == codes::DOM_REFUSED
}
