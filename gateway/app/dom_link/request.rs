//! A call as an HTTP request: a form post to the interop servlet, or a REST invoke (contract Sterling section 13).

use bytes::Bytes;
use gateway_exchange::Call;
use gateway_model::{Fault, codes};
use gateway_transport::{credentials, form, sender};
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};

use crate::config::Connection;
use crate::dom_link::Link;
use crate::dom_link::login::Pass;

/// The request for a call.
pub(super) fn build(link: &Link, call: &Call, pass: &Pass) -> Result<sender::Call, Fault> {
    let mut request = match link.connection {
        Connection::Interop => interop(link, call, pass)?,
        Connection::Rest => rest(link, call, pass),
    };
    if let Pass::Basic { user, password } = pass {
        let value = credentials::basic(user, password.expose()).map_err(|_| {
            Fault::gateway(
                codes::CONFIG_VALUE,
                "the user of the DOM's login has a colon, which HTTP basic cannot say",
            )
        })?;
        request.headers.insert(AUTHORIZATION, value);
    }
    request.headers.insert(ACCEPT, HeaderValue::from_static("application/xml, text/xml"));
    Ok(request)
}

fn interop(link: &Link, call: &Call, pass: &Pass) -> Result<sender::Call, Fault> {
    let document = std::str::from_utf8(&call.document)
        .map_err(|_| Fault::gateway(codes::INTERNAL, "a document written is not UTF-8"))?;
    let mut pairs = vec![
        ("InteropApiName", call.api.as_str()),
        ("InteropApiData", document),
        ("IsFlow", "N"),
        ("YFSEnvironment.progId", link.program.as_str()),
    ];
    if let Some(template) = &call.output_template {
        pairs.push(("TemplateData", template));
    }
    match pass {
        Pass::Token { user, token } => {
            pairs.extend([
                ("YFSEnvironment.userId", user.as_str()),
                ("YFSEnvironment.userToken", token.expose()),
            ]);
        }
        Pass::Password { user, password } => {
            pairs.extend([
                ("YFSEnvironment.userId", user.as_str()),
                ("YFSEnvironment.password", password.expose()),
            ]);
        }
        Pass::None | Pass::Basic { .. } => {}
    }
    let mut request = sender::Call::post(link.address.clone(), form::encode(pairs));
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(form::CONTENT_TYPE));
    Ok(request)
}

/// `POST <url>/invoke/<api>`. The REST API takes no output template; what it answers is set at the DOM.
fn rest(link: &Link, call: &Call, pass: &Pass) -> sender::Call {
    let address = link.address.with_path(["invoke", call.api.as_str()]);
    let address = match pass {
        Pass::Token { user, token } => {
            address.with_query([("_loginid", user.as_str()), ("_token", token.expose())])
        }
        Pass::Password { user, password } => {
            address.with_query([("_loginid", user.as_str()), ("_password", password.expose())])
        }
        Pass::None | Pass::Basic { .. } => address,
    };
    let mut request = sender::Call::post(address, Bytes::from(call.document.clone()));
    request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=UTF-8"));
    request
}
