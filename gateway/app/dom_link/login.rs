//! Who the gateway says it is, and the token that says it for a while.

use std::sync::Arc;
use std::time::Duration;

use gateway_model::{Fault, Reached, codes};
use gateway_policy::Budgeted;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use crate::config::{Login, LoginMode, Secret};
use crate::dom_link::{DomCall, Link};

/// What one request shows.
#[derive(Debug, Clone)]
pub(super) enum Pass {
    /// Nothing.
    None,
    /// HTTP basic.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// User and password with every call.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token of the login API.
    Token {
        /// The user.
        user: String,
        /// The token.
        token: Arc<Token>,
    },
}

/// A token; shows nothing of itself.
pub(super) struct Token {
    text: String,
    fetched: Instant,
}

/// How the gateway logs in, and the token it has.
#[derive(Debug)]
pub(super) struct Session {
    mode: LoginMode,
    user: String,
    password: Option<Secret>,
    life: Duration,
    /// Held while a login is under way, so that one caller logs in and the others wait for it.
    token: Mutex<Option<Arc<Token>>>,
}

// === impl Session ===

impl Session {
    pub(super) fn new(login: &Login) -> Self {
        Self {
            mode: login.mode,
            user: login.user.clone().unwrap_or_default(),
            password: login.password.clone(),
            life: login.token_life,
            token: Mutex::new(None),
        }
    }

    /// What to show now; logs in first if there is no valid token.
    pub(super) async fn enter(&self, link: &Link, request: &Budgeted<DomCall>) -> Result<Pass, Fault> {
        let user = self.user.clone();
        let Some(password) = self.password.clone() else { return Ok(Pass::None) };
        match self.mode {
            LoginMode::None => Ok(Pass::None),
            LoginMode::Basic => Ok(Pass::Basic { user, password }),
            LoginMode::Password => Ok(Pass::Password { user, password }),
            LoginMode::Token => {
                let mut held = in_time(self.token.lock(), request).await?;
                if let Some(token) = held.as_ref().filter(|token| token.fetched.elapsed() < self.life) {
                    return Ok(Pass::Token { user, token: Arc::clone(token) });
                }
                let token = Arc::new(self.fetch(link, request, password.expose()).await?);
                *held = Some(Arc::clone(&token));
                Ok(Pass::Token { user, token })
            }
        }
    }

    /// Forgets a token the DOM refused, unless another caller has a newer one already.
    pub(super) async fn leave(&self, pass: &Pass) {
        let Pass::Token { token, .. } = pass else { return };
        let mut held = self.token.lock().await;
        if held.as_ref().is_some_and(|known| Arc::ptr_eq(known, token)) {
            *held = None;
        }
    }

    async fn fetch(&self, link: &Link, request: &Budgeted<DomCall>, password: &str) -> Result<Token, Fault> {
        let dialect = link.dialect()?;
        let call = link.interpreter.login(dialect, &self.user, password)?;
        let reply = link.post(&call, &Pass::None, request).await;
        link.metrics.dom_call(&link.name, &call.api, reply.as_ref().err());
        // Nothing of the caller's was sent yet, whatever became of the login.
        let failed = |fault: Fault| {
            let message = format!("the gateway's login at the DOM failed: {}", fault.message);
            Fault { reached: Reached::No, message, ..fault }
        };
        let text = reply.and_then(|reply| link.interpreter.token(dialect, &reply)).map_err(failed)?;
        Ok(Token { text, fetched: Instant::now() })
    }
}

/// Waits for another caller's login as long as this caller's time lasts.
async fn in_time<T>(login: impl Future<Output = T>, request: &Budgeted<DomCall>) -> Result<T, Fault> {
    let Some(deadline) = request.deadline else { return Ok(login.await) };
    timeout_at(deadline.instant(), login).await.map_err(|_| {
        let code = if request.request.ends.has_passed() { codes::DEADLINE } else { codes::DOM_TIMEOUT };
        Fault::network(code, "the time was over before the gateway's login at the DOM was: nothing was sent")
    })
}

// === impl Pass ===

impl Pass {
    /// Whether a refusal may only mean that a token has ended.
    pub(super) const fn may_be_stale(&self) -> bool {
        matches!(self, Self::Token { .. })
    }
}

// === impl Token ===

impl Token {
    pub(super) fn expose(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(..)")
    }
}
