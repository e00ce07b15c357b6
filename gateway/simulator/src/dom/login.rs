//! Logging in: a token for a user and password, and who is let in with what (contract sterling section 13).

use gateway_model::Record;

use super::{Answer, Dom, Refused};
use crate::words::RecordWords;

impl Dom {
    /// The `login` API.
    pub(super) fn login(&mut self, request: &Record<'_>) -> Answer {
        let fields = &self.words.login_request;
        let user = request.text(fields.user).ok_or(Refused::NotAuthenticated)?.to_owned();
        let password = request.text(fields.password).unwrap_or_default();
        if !self.knows(&user, password) {
            return Err(Refused::NotAuthenticated);
        }
        let token = format!("simulated-token-{:06}", self.next());
        let mut answer = self.words.login_answer.new_record();
        answer.set_text(self.words.login_answer.user, user.clone());
        answer.set_text(self.words.login_answer.token, token.clone());
        self.tokens.push((user, token));
        Ok(answer)
    }

    /// Whether a user may call with this password.
    #[must_use]
    pub fn knows(&self, user: &str, password: &str) -> bool {
        let logins = &self.scenario.logins;
        logins.is_empty() || logins.iter().any(|login| login.user == user && login.password == password)
    }

    /// Whether a user may call with this token.
    #[must_use]
    pub fn admits(&self, user: &str, token: &str) -> bool {
        self.tokens.iter().any(|(known, given)| known == user && given == token)
    }

    /// All tokens end, as when the server is restarted.
    pub fn forget_tokens(&mut self) {
        self.tokens.clear();
    }
}
