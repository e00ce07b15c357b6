//! Logging in at a DOM: two more messages of its dialect.

use gateway_mapping::{Dialect, Part};
use gateway_model::{Fault, Origin, Record, Repeat, Value, codes};

use crate::answer::charset;
use crate::find::accepts;
use crate::interpreter::dom_refusal;
use crate::question::map_fault;
use crate::{Call, Interpreter, Reply};

/// The operation's name in the vocabulary.
const LOGIN: &str = "login";

// === impl Interpreter ===

impl Interpreter {
    /// The call that logs in.
    ///
    /// # Errors
    /// A fault of the gateway, when the dialect has no login message.
    pub fn login(&self, dom: &Dialect, user: &str, password: &str) -> Result<Call, Fault> {
        let message = dom.find(LOGIN, Part::Request).ok_or_else(|| missing(dom))?;
        let vocabulary = self.mappings().vocabulary();
        let mut record = Record::new(vocabulary, message.record);
        for (name, value) in [("user", user), ("password", password)] {
            if let Some((_, field)) = vocabulary.field_named("login_request", name) {
                record.set(field, Value::text(value.to_owned()));
            }
        }
        let mut document = Vec::new();
        message
            .write(&record, &self.context(None), &mut document)
            .map_err(|fault| map_fault(fault, Origin::Gateway))?;
        Ok(Call {
            operation: LOGIN.to_owned(),
            api: message.api.clone().unwrap_or_default(),
            document,
            output_template: None,
            only_reads: true,
            lines: 0,
            answered_by: None,
        })
    }

    /// The token in the DOM's answer to a login.
    ///
    /// # Errors
    /// A fault of the DOM, when it refused or its answer holds no token. The text never shows the answer.
    pub fn token(&self, dom: &Dialect, reply: &Reply) -> Result<String, Fault> {
        let message = dom.find(LOGIN, Part::Answer).ok_or_else(|| missing(dom))?;
        let unreadable = |refusal| dom_refusal(refusal).repeat(Repeat::Safe);
        let text = self.decode(&reply.body, charset(reply)).map_err(unreadable)?;
        let tree = self.parse(&text).map_err(unreadable)?;
        let refused = || {
            let found = tree.local_name(tree.root());
            let text = format!("the DOM answered with `{found}`, expected `{}` with a token", message.name);
            Fault::dom(codes::DOM_UNAUTHORIZED, text)
        };
        if !accepts(message, &tree, tree.root()) {
            return Err(refused());
        }
        let (record, _, _) = self
            .read_message(message, (&tree, tree.root()), None)
            .map_err(|fault| map_fault(fault, Origin::Dom))?;
        let field = self.mappings().vocabulary().field_named("login_answer", "token");
        let token = field.and_then(|(_, field)| record.text(field).map(ToOwned::to_owned));
        token.filter(|token| !token.is_empty()).ok_or_else(refused)
    }
}

fn missing(dom: &Dialect) -> Fault {
    Fault::gateway(codes::INTERNAL, format!("the dialect `{}` has no messages for `{LOGIN}`", dom.name))
}
