//! What a call to Sterling looks like on HTTP: the interop servlet's form post, or REST (contract sterling section 13).

use bytes::Bytes;
use gateway_transport::credentials::{self, Credentials};
use gateway_transport::form;
use http::{Request, StatusCode};

/// The interop servlet.
pub(crate) const SERVLET: &str = "/smcfs/interop/InteropHttpServlet";
/// REST calls of an API by its name, which follows.
const INVOKE: &str = "/smcfs/restapi/invoke/";

/// A call, whichever way it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) way: Way,
    /// The API's name.
    pub(crate) api: String,
    /// Its input document.
    pub(crate) input: Vec<u8>,
    pub(crate) charset: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) token: Option<String>,
    /// HTTP basic credentials.
    pub(crate) basic: Option<Credentials>,
}

/// The ways in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Way {
    #[default]
    Interop,
    Rest,
}

// === impl Way ===

impl Way {
    /// The status of a refusal for lack of a valid login.
    pub(crate) const fn unauthenticated(self) -> StatusCode {
        match self {
            Self::Interop => StatusCode::FORBIDDEN,
            Self::Rest => StatusCode::BAD_REQUEST,
        }
    }

    /// The status of any other refusal; for the servlet nothing is documented.
    pub(crate) const fn refused(self) -> StatusCode {
        match self {
            Self::Interop => StatusCode::OK,
            Self::Rest => StatusCode::BAD_REQUEST,
        }
    }
}

// === impl Call ===

impl Call {
    /// Takes a request apart; `None` if it goes to neither way in.
    pub(crate) fn of(request: &Request<Bytes>) -> Option<Self> {
        let path = request.uri().path();
        let mut call = if path == SERVLET {
            Self::of_form(request.body())
        } else {
            Self::of_rest(path.strip_prefix(INVOKE)?, request)
        };
        call.basic = credentials::read_basic(request.headers());
        Some(call)
    }

    fn of_form(body: &[u8]) -> Self {
        let mut call = Self { way: Way::Interop, ..Self::default() };
        for (name, value) in form::decode(body) {
            match name.as_str() {
                "InteropApiName" => call.api = value,
                "InteropApiData" => call.input = value.into_bytes(),
                "YFSEnvironment.userId" => call.user = Some(value),
                "YFSEnvironment.password" => call.password = Some(value),
                "YFSEnvironment.userToken" => call.token = Some(value),
                _ => {}
            }
        }
        // The form was decoded to UTF-8 already, whatever the document says of itself.
        call.charset = Some("UTF-8".to_owned());
        call
    }

    fn of_rest(api: &str, request: &Request<Bytes>) -> Self {
        let mut call =
            Self { way: Way::Rest, api: api.to_owned(), input: request.body().to_vec(), ..Self::default() };
        for (name, value) in form::decode(request.uri().query().unwrap_or_default().as_bytes()) {
            match name.as_str() {
                "_loginid" => call.user = Some(value),
                "_token" => call.token = Some(value),
                "_password" => call.password = Some(value),
                _ => {}
            }
        }
        call
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use gateway_transport::form;
    use http::Request;

    use super::{Call, Way};

    fn request(uri: &str, body: impl Into<Bytes>) -> Request<Bytes> {
        Request::post(uri).body(body.into()).expect("a request")
    }

    #[test]
    fn a_form_post_names_the_api_its_input_and_who_calls() {
        let body = form::encode([
            ("InteropApiName", "createOrder"),
            ("InteropApiData", "<Order OrderNo=\"WC_1\"/>"),
            ("IsFlow", "N"),
            ("YFSEnvironment.userId", "gateway"),
            ("YFSEnvironment.userToken", "t+1"),
        ]);
        let call = Call::of(&request("/smcfs/interop/InteropHttpServlet", body)).expect("a call");
        assert_eq!((call.way, call.api.as_str()), (Way::Interop, "createOrder"));
        assert_eq!(call.input, b"<Order OrderNo=\"WC_1\"/>");
        assert_eq!((call.user.as_deref(), call.token.as_deref()), (Some("gateway"), Some("t+1")));
    }

    #[test]
    fn a_rest_call_names_the_api_in_its_path() {
        let uri = "/smcfs/restapi/invoke/multiApi?_loginid=gateway&_token=t%2B1";
        let call = Call::of(&request(uri, "<MultiApi/>")).expect("a call");
        assert_eq!((call.way, call.api.as_str()), (Way::Rest, "multiApi"));
        assert_eq!((call.input.as_slice(), call.token.as_deref()), (b"<MultiApi/>".as_slice(), Some("t+1")));
        assert!(Call::of(&request("/elsewhere", "")).is_none());
    }
}
