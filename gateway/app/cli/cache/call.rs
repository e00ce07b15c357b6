//! One request to a gateway's admin listener.

use std::time::Duration;

use bytes::Bytes;
use gateway_transport::sender::{Address, Answer, Authorities, Call, Params, Sender};
use http::Method;
use serde_json::Value;

use crate::cli::exit::Failure;

/// Longer than marking everything of a full cache takes.
const LONGEST: Duration = Duration::from_secs(60);

/// What the gateway answered.
pub(super) struct Shown {
    /// As it came.
    pub(super) text: String,
    /// What it says.
    pub(super) value: Value,
}

/// Asks the gateway at `to` for a path below its root.
pub(super) fn call(
    to: &str,
    (method, path): (Method, &str),
    parameters: &[(&str, &str)],
) -> Result<Shown, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::Usage(format!("`--to {to}`: {error}"));
    let address: Address = to.parse().map_err(|error| wrong(&error))?;
    let mut params = Params { attempt_timeout: LONGEST, ..Params::new("the gateway") };
    if address.is_tls() {
        params.tls.authorities = Authorities::System;
    }
    let sender = Sender::new(params).map_err(anyhow::Error::from)?;
    let address = address.with_path(path.split('/')).with_query(parameters.iter().copied());
    let call = Call { method, ..Call::post(address, Bytes::new()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(anyhow::Error::from)?;
    let answer = runtime.block_on(sender.send(call)).map_err(|error| {
        Failure::Unavailable(format!(
            "no answer from `{to}`: {error}\nhelp: `dom-gateway serve` has to run; `--to` names its admin listener, which \
             `[admin]` of its configuration sets"
        ))
    })?;
    read(to, &answer)
}

fn read(to: &str, answer: &Answer) -> Result<Shown, Failure> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let code = answer.status.as_u16();
    let is_json = answer.content_type().is_some_and(|kind| kind.starts_with("application/json"));
    match (code, serde_json::from_str(&text)) {
        (200, Ok(value)) if is_json => Ok(Shown { text, value }),
        (400, _) if !text.trim().is_empty() => Err(Failure::Usage(text.trim_end().to_owned())),
        (500, _) if !text.trim().is_empty() => Err(Failure::Unavailable(text.trim_end().to_owned())),
        _ => Err(Failure::Unavailable(format!(
            "what answers at `{to}` is not the admin listener of a gateway with a cache: it answered with status {code}"
        ))),
    }
}
