//! A DOM and a store to be called by the gateway; both note what they got.

use gateway_transport::form;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// What a stand-in for a DOM got.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The API called.
    pub(crate) api: String,
    /// The input document.
    pub(crate) document: String,
    /// The fields of the form, the document's among them.
    pub(crate) fields: Vec<(String, String)>,
    /// The request itself.
    pub(crate) request: Request,
}

/// A peer that answers everything alike.
pub(crate) async fn answering(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> MockServer {
    let server = MockServer::start().await;
    answers(&server, status, content_type, body).await;
    server
}

/// From now on a peer answers everything like this; what it got before is forgotten. A gateway that knows it already
/// need not be started again.
pub(crate) async fn answers(server: &MockServer, status: u16, content_type: &str, body: impl Into<Vec<u8>>) {
    server.reset().await;
    let template = ResponseTemplate::new(status).set_body_raw(body.into(), content_type);
    Mock::given(any()).respond_with(template).mount(server).await;
}

/// A DOM that answers every call with this document.
pub(crate) async fn dom(answer: &str) -> MockServer {
    answering(200, "text/xml; charset=utf-8", answer).await
}

/// A DOM whose answers follow from what it is asked.
pub(crate) async fn dom_by(
    answer: impl Fn(&Asked) -> ResponseTemplate + Send + Sync + 'static,
) -> MockServer {
    let server = MockServer::start().await;
    answers_by(&server, answer).await;
    server
}

/// As [`answers`], with answers that follow from what is asked.
pub(crate) async fn answers_by(
    server: &MockServer,
    answer: impl Fn(&Asked) -> ResponseTemplate + Send + Sync + 'static,
) {
    server.reset().await;
    let answered = move |request: &Request| answer(&Asked::from(request.clone()));
    Mock::given(any()).respond_with(answered).mount(server).await;
}

/// An XML answer.
pub(crate) fn xml(document: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(document.as_bytes().to_vec(), "text/xml; charset=utf-8")
}

/// Everything that was sent to a DOM, in order.
pub(crate) async fn asked(dom: &MockServer) -> Vec<Asked> {
    dom.received_requests().await.unwrap().into_iter().map(Asked::from).collect()
}

/// How many requests arrived.
pub(crate) async fn count(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

// === impl Asked ===

impl From<Request> for Asked {
    /// A form post to the interop servlet; with REST the last segment of the path is the API and the body the document.
    fn from(request: Request) -> Self {
        let fields = form::decode(&request.body);
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let rest = || request.url.path_segments().unwrap().next_back().unwrap().to_owned();
        let whole = || String::from_utf8(request.body.clone()).unwrap();
        let api = field("InteropApiName").unwrap_or_else(rest);
        let document = field("InteropApiData").unwrap_or_else(whole);
        Self { api, document, fields, request }
    }
}

impl Asked {
    /// A field of the form; empty if it was not sent.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// A header; empty if it was not sent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.request.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A store's answer to what it was told: taken, or refused with a message key (contract store section 13.2).
pub(crate) fn confirmation(refused: Option<&str>) -> String {
    let (criteria, outcome) = match refused {
        None => (String::new(), "<oa:BODSuccessMessage/>".to_owned()),
        Some(key) => (
            format!(
                "<oa:ResponseCriteria><oa:ChangeStatus><oa:Code>-6f02:-7f4e</oa:Code><oa:ReasonCode>{key}</oa:ReasonCode>\
                 <oa:Reason>The message is out of sequence.</oa:Reason></oa:ChangeStatus></oa:ResponseCriteria>"
            ),
            format!(
                "<oa:BODFailureMessage><oa:ErrorProcessMessage><oa:ID>-6f02:-7f4e</oa:ID>\
                 <oa:Description>The message is out of sequence.</oa:Description><oa:ReasonCode>{key}</oa:ReasonCode>\
                 </oa:ErrorProcessMessage></oa:BODFailureMessage>"
            ),
        ),
    };
    let area = "<oa:CreationDateTime>2026-07-20T09:00:02Z</oa:CreationDateTime><oa:BODID>told</oa:BODID>";
    let document = format!(
        "<oa:ConfirmBOD xmlns:oa=\"http://www.openapplications.org/oagis/9\" releaseID=\"9.0\">\
         <oa:ApplicationArea><oa:CreationDateTime>2026-07-20T09:00:03Z</oa:CreationDateTime></oa:ApplicationArea>\
         <oa:DataArea><oa:Confirm><oa:OriginalApplicationArea>{area}</oa:OriginalApplicationArea>{criteria}</oa:Confirm>\
         <oa:BOD><oa:OriginalApplicationArea>{area}</oa:OriginalApplicationArea>{outcome}</oa:BOD></oa:DataArea>\
         </oa:ConfirmBOD>"
    );
    crate::documents::soap_11(&document)
}
