//! Calling the gateway, and what an answer says: by its headers, as a SOAP fault, as a document.

use std::net::SocketAddr;

use bytes::Bytes;
use gateway_model::codes;
use gateway_transport::sender::{Address, Call};
use http::{HeaderMap, HeaderName, Method};
use roxmltree::{Document, Node};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::gateway::{Running, within};

/// The content type of SOAP 1.1 and of bare documents.
pub(crate) const SOAP_11: &str = "text/xml; charset=utf-8";
/// The content type of SOAP 1.2.
pub(crate) const SOAP_12: &str = "application/soap+xml; charset=utf-8";

const ENVELOPE_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const ENVELOPE_12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A SOAP fault, read.
#[derive(Debug)]
pub(crate) struct SoapFault {
    /// `1.1` or `1.2`.
    pub(crate) version: &'static str,
    /// `Client` or `Server`; those of SOAP 1.2 under the names of 1.1.
    pub(crate) side: &'static str,
    /// What a person reads.
    pub(crate) text: String,
    /// The elements of its detail.
    pub(crate) details: Vec<(String, String)>,
}

/// A refusal inside an answer document (contract store section 13.1).
#[derive(Debug)]
pub(crate) struct InBand {
    /// The answer's root.
    pub(crate) root: String,
    /// `ResponseExpression/@actionCode`.
    pub(crate) action: String,
    /// `ChangeStatus/Code`.
    pub(crate) code: String,
    /// `ChangeStatus/ReasonCode`.
    pub(crate) reason_code: String,
    /// `ChangeStatus/Description`.
    pub(crate) description: String,
    /// `OriginalApplicationArea/BODID`.
    pub(crate) original: String,
}

// === impl Running ===

impl Running {
    /// Posts a document.
    pub(crate) async fn post(&self, path: &str, content_type: &str, body: impl Into<Bytes>) -> Answered {
        self.call(Method::POST, path, &[("content-type", content_type)], body).await
    }

    /// Posts a bare document to a service of the store.
    pub(crate) async fn ask(&self, path: &str, document: &str) -> Answered {
        self.post(path, SOAP_11, document.to_owned()).await
    }

    /// Calls the data listener.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answered {
        let mut call = Call::post(format!("http://{}{path}", self.data).parse().unwrap(), body.into());
        call.method = method;
        for (name, value) in headers {
            call.headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        self.send(call).await
    }

    /// What an operator sees.
    pub(crate) async fn admin(&self, path: &str) -> Answered {
        let mut call = Call::post(format!("http://{}{path}", self.admin).parse().unwrap(), Bytes::new());
        call.method = Method::GET;
        self.send(call).await
    }

    /// Calls the admin listener by any method.
    pub(crate) async fn operate(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answered {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let address: Address = format!("http://{}{path}", self.admin).parse().unwrap();
        let mut call = Call::post(address.with_query(pairs), Bytes::new());
        call.method = method;
        for (name, value) in headers {
            call.headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        self.send(call).await
    }

    async fn send(&self, call: Call) -> Answered {
        let answer = within(self.caller.send(call)).await.unwrap();
        let answered = Answered {
            status: answer.status.as_u16(),
            headers: answer.headers,
            body: String::from_utf8(answer.body.to_vec()).unwrap(),
        };
        answered.assert_explained();
        answered
    }
}

/// Sends bytes as they are and reads until the gateway hangs up.
pub(crate) async fn raw(address: SocketAddr, bytes: &str) -> Answered {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut seen = String::new();
    within(stream.read_to_string(&mut seen)).await.unwrap();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
    });
    let answered = Answered { status, headers: headers.collect(), body: body.to_owned() };
    answered.assert_explained();
    answered
}

// === impl Answered ===

impl Answered {
    /// A header's text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails the test unless what the answer says of itself stands in the register, and a SOAP fault says the same. Every
    /// answer any test here gets is held to this.
    fn assert_explained(&self) {
        let code = self.code();
        if code.is_empty() {
            return;
        }
        let entry = codes::entry(code).unwrap_or_else(|| unreachable!("{code} is in no register"));
        let [_, origin, reached, repeat] = self.fate();
        assert!(entry.origins.iter().any(|known| known.name() == origin), "{code} is no fault of `{origin}`");
        assert!(entry.reached.iter().any(|known| known.name() == reached), "{code}: `{reached}`");
        assert!(["safe", "after-check", "useless"].contains(&repeat), "{code}: `{repeat}`");
        if !self.body.contains("domMayHaveActed") {
            return;
        }
        let fault = self.soap_fault();
        for (detail, header) in [
            ("requestId", "x-request-id"),
            ("code", "x-gateway-code"),
            ("origin", "x-gateway-origin"),
            ("attempts", "x-gateway-attempts"),
            ("domMayHaveActed", "x-gateway-dom-may-have-acted"),
            ("repeat", "x-gateway-repeat"),
        ] {
            assert_eq!(fault.detail(detail), self.header(header), "{code}: {detail}");
        }
        assert!(fault.text.starts_with(&format!("{code}: ")), "{}", fault.text);
    }

    /// The fault's code, `GW-1001`; empty if there is no fault.
    pub(crate) fn code(&self) -> &str {
        self.header("x-gateway-code")
    }

    /// Code, origin, whether the DOM may have acted, whether to send again.
    pub(crate) fn fate(&self) -> [&str; 4] {
        let names =
            ["x-gateway-code", "x-gateway-origin", "x-gateway-dom-may-have-acted", "x-gateway-repeat"];
        names.map(|name| self.header(name))
    }

    /// Requests sent to the DOM.
    pub(crate) fn attempts(&self) -> usize {
        self.header("x-gateway-attempts").parse().unwrap()
    }

    /// The answer as a SOAP fault; fails the test if it is none.
    pub(crate) fn soap_fault(&self) -> SoapFault {
        let document = Document::parse(&self.body).unwrap_or_else(|error| unreadable(&error, &self.body));
        let version = match document.root_element().tag_name().namespace() {
            Some(ENVELOPE_11) => "1.1",
            Some(ENVELOPE_12) => "1.2",
            _ => "none",
        };
        let fault = document.descendants().find(|node| node.has_tag_name("Fault") || is(node, "Fault"));
        assert!(fault.is_some(), "no SOAP fault: {}", self.body);
        let fault = fault.unwrap();
        let (code, text) = match version {
            "1.1" => (below(fault, &["faultcode"]), below(fault, &["faultstring"])),
            _ => (below(fault, &["Code", "Value"]), below(fault, &["Reason", "Text"])),
        };
        let side = match code.rsplit(':').next().unwrap() {
            "Client" | "Sender" => "Client",
            "Server" | "Receiver" => "Server",
            _ => "unknown",
        };
        let detail = fault.children().find(|node| is(node, "detail") || is(node, "Detail"));
        let details = detail.into_iter().flat_map(|detail| detail.children()).filter(Node::is_element);
        let details = details.map(|node| (node.tag_name().name().to_owned(), own_text(node)));
        SoapFault { version, side, text, details: details.collect() }
    }

    /// The answer as a document that says in-band why not; fails the test if it is none.
    pub(crate) fn in_band(&self) -> InBand {
        let document = Document::parse(&self.body).unwrap_or_else(|error| unreadable(&error, &self.body));
        let root = payload(&document);
        let criteria = root.descendants().find(|node| is(node, "ResponseCriteria"));
        assert!(criteria.is_some(), "no ResponseCriteria: {}", self.body);
        let criteria = criteria.unwrap();
        let expression = criteria.children().find(|node| is(node, "ResponseExpression"));
        let original = root.descendants().find(|node| is(node, "OriginalApplicationArea"));
        InBand {
            root: root.tag_name().name().to_owned(),
            action: expression.and_then(|node| node.attribute("actionCode")).unwrap_or_default().to_owned(),
            code: below(criteria, &["ChangeStatus", "Code"]),
            reason_code: below(criteria, &["ChangeStatus", "ReasonCode"]),
            description: below(criteria, &["ChangeStatus", "Description"]),
            original: original.map_or_else(String::new, |area| below(area, &["BODID"])),
        }
    }

    /// The root's local name, inside an envelope if there is one.
    pub(crate) fn root(&self) -> String {
        let document = Document::parse(&self.body).unwrap_or_else(|error| unreadable(&error, &self.body));
        payload(&document).tag_name().name().to_owned()
    }

    /// The text of the first element of this name, anywhere; empty if there is none.
    pub(crate) fn first(&self, name: &str) -> String {
        first(&self.body, name)
    }
}

// === impl SoapFault ===

impl SoapFault {
    /// An element of the detail; empty if it is not there.
    pub(crate) fn detail(&self, name: &str) -> &str {
        let found = self.details.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, text)| text.as_str())
    }
}

/// The text of the first element of this name in a document; empty if there is none.
pub(crate) fn first(document: &str, name: &str) -> String {
    let document = Document::parse(document).unwrap_or_else(|error| unreadable(&error, document));
    document.descendants().find(|node| is(node, name)).map(own_text).unwrap_or_default()
}

/// An attribute of the first element of this name in a document; empty if there is none.
pub(crate) fn attribute(document: &str, element: &str, name: &str) -> String {
    let document = Document::parse(document).unwrap_or_else(|error| unreadable(&error, document));
    let found = document.descendants().find(|node| is(node, element));
    found.and_then(|node| node.attribute(name)).unwrap_or_default().to_owned()
}

fn payload<'d, 'i>(document: &'d Document<'i>) -> Node<'d, 'i> {
    let root = document.root_element();
    if !is(&root, "Envelope") {
        return root;
    }
    let body = root.children().find(|node| is(node, "Body")).unwrap();
    body.children().find(Node::is_element).unwrap()
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn below(node: Node<'_, '_>, path: &[&str]) -> String {
    let mut node = Some(node);
    for name in path {
        node = node.and_then(|node| node.children().find(|child| is(child, name)));
    }
    node.map(own_text).unwrap_or_default()
}

fn own_text(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| child.text()).collect::<String>().trim().to_owned()
}

fn unreadable(error: &roxmltree::Error, body: &str) -> ! {
    unreachable!("{error}: {body}")
}
