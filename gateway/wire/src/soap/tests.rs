//! Promises of the envelope: what is found in it, what is refused, what is written.

use gateway_model::codes;
use secrecy::{ExposeSecret, SecretString};

use super::{Credentials, Envelope, Form, PasswordKind, Side, SoapFault, UsernameToken};
use super::{SOAP_11, SOAP_12, WSSE, WSU, fault, open, read_fault, wrap};
use crate::{Limits, Names, Refusal, Tree};

/// Opens a document in which `S` stands for the namespace of SOAP 1.1, `W` for WS-Security's and `U` for its utilities'.
fn opened<T>(document: &str, look: impl FnOnce(&Tree<'_>, Result<Envelope, Refusal>) -> T) -> T {
    let declarations = format!("xmlns:s='{SOAP_11}' xmlns:w='{WSSE}' xmlns:u='{WSU}'");
    let document = document.replacen("<s:Envelope", &format!("<s:Envelope {declarations}"), 1);
    let names = Names::default();
    let tree = Tree::parse(&document, &names, &Limits::default()).unwrap();
    let envelope = open(&tree);
    look(&tree, envelope)
}

fn payload(document: &str) -> (Form, String) {
    opened(document, |tree, envelope| {
        let envelope = envelope.unwrap_or_else(|refusal| panic!("{refusal}: {document}"));
        (envelope.form, tree.local_name(envelope.payload).to_owned())
    })
}

#[test]
fn the_payload_is_found_in_every_form() {
    let twelve = format!("<e:Envelope xmlns:e='{SOAP_12}'><e:Header/><e:Body><p/></e:Body></e:Envelope>");
    let cases = [
        ("<p/>", Form::Bare),
        ("<p><s:Body xmlns:s='x'/></p>", Form::Bare),
        ("<s:Envelope><s:Body><p/></s:Body></s:Envelope>", Form::Soap11),
        ("<s:Envelope><s:Header/><s:Body>\n <!-- c --> <p/>\n</s:Body></s:Envelope>", Form::Soap11),
        (
            "<s:Envelope><s:Header><x s:mustUnderstand='1'/></s:Header><s:Body><p/></s:Body><after/></s:Envelope>",
            Form::Soap11,
        ),
        (twelve.as_str(), Form::Soap12),
    ];
    for (document, form) in cases {
        assert_eq!(payload(document), (form, "p".to_owned()), "{document}");
    }
}

#[test]
fn a_broken_envelope_is_refused() {
    let cases = [
        ("<Envelope><Body><p/></Body></Envelope>", "namespace `http"),
        ("<e:Envelope xmlns:e='urn:x'><e:Body><p/></e:Body></e:Envelope>", "namespace `http"),
        ("<s:Envelope/>", "one `Body`"),
        ("<s:Envelope><Body><p/></Body></s:Envelope>", "one `Body`"),
        ("<s:Envelope><s:Body><p/></s:Body><s:Body><q/></s:Body></s:Envelope>", "one `Body`"),
        ("<s:Envelope><s:Body/></s:Envelope>", "one element"),
        ("<s:Envelope><s:Body>text</s:Body></s:Envelope>", "one element"),
        ("<s:Envelope><s:Body><p/><q/></s:Body></s:Envelope>", "one element"),
    ];
    for (document, expected) in cases {
        let refusal = opened(document, |_, envelope| envelope.unwrap_err());
        assert_eq!(refusal.code, codes::BAD_ENVELOPE, "{document}");
        assert!(refusal.expected.as_deref().unwrap().starts_with(expected), "{refusal}");
        assert_eq!(refusal.line, 1);
    }
}

fn token(inside: &str) -> Result<Option<UsernameToken>, Refusal> {
    let document = format!(
        "<s:Envelope><s:Header><w:Security>{inside}</w:Security></s:Header><s:Body><p/></s:Body></s:Envelope>"
    );
    opened(&document, |_, envelope| envelope.map(|envelope| envelope.credentials))
}

#[test]
fn a_password_in_text_is_verified() {
    for kind in [
        "",
        " Type='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText'",
    ] {
        let inside = format!(
            "<w:UsernameToken><w:Username> dom </w:Username><w:Password{kind}>pass &amp; word</w:Password></w:UsernameToken>"
        );
        let token = token(&inside).unwrap().unwrap();
        assert_eq!((token.username.as_str(), &token.kind), ("dom", &PasswordKind::Text));
        assert!(token.verify("pass & word"));
        assert!(!token.verify("pass & wor") && !token.verify("Pass & word") && !token.verify(""));
        assert!(token.is_for("dom") && !token.is_for("do"));
    }
}

#[test]
fn a_password_digest_is_verified() {
    // Base64(SHA-1("0123456789abcdef" + "2024-06-12T14:12:09Z" + "secret")), computed with openssl.
    let digest = "2J9wHP6xySuoUxsnaFNfAczCqtw=";
    let inside = format!(
        "<w:UsernameToken><w:Username>dom</w:Username><w:Password Type='x#PasswordDigest'> {digest} </w:Password>
         <w:Nonce>MDEyMzQ1Njc4OWFiY2RlZg==</w:Nonce><u:Created>2024-06-12T14:12:09Z</u:Created></w:UsernameToken>"
    );
    let good = token(&inside).unwrap().unwrap();
    assert!(good.verify("secret"));
    assert!(!good.verify("secret2") && !good.verify(""));
    let other_time = token(&inside.replace("09Z", "10Z")).unwrap().unwrap();
    assert!(!other_time.verify("secret"));
    let no_base64 = token(&inside.replace("MDEy", "****")).unwrap().unwrap();
    assert!(!no_base64.verify("secret"));
}

#[test]
fn a_token_without_a_password_proves_nothing() {
    let token = token("<w:UsernameToken><w:Username>dom</w:Username></w:UsernameToken>").unwrap().unwrap();
    assert!(!token.verify("") && !token.verify("x"));
}

#[test]
fn no_token_means_no_credentials() {
    assert!(token("").unwrap().is_none());
    assert!(token("<w:BinarySecurityToken>x</w:BinarySecurityToken>").unwrap().is_none());
}

#[test]
fn an_unusable_token_is_refused() {
    for inside in [
        "<w:UsernameToken/>",
        "<w:UsernameToken><w:Username> </w:Username><w:Password>x</w:Password></w:UsernameToken>",
        "<w:UsernameToken><w:Username>a</w:Username><w:Password Type='x#Kerberos'>x</w:Password></w:UsernameToken>",
    ] {
        assert_eq!(token(inside).map(|_| ()).unwrap_err().code, codes::BAD_ENVELOPE, "{inside}");
    }
}

#[test]
fn neither_name_nor_password_is_shown() {
    let credentials = Credentials::try_new("dom".to_owned(), SecretString::from("geheim")).unwrap();
    let token = UsernameToken {
        username: "dom".to_owned(),
        password: SecretString::from("geheim"),
        kind: PasswordKind::Text,
    };
    let shown = format!("{credentials:?} {token:?}");
    assert!(!shown.contains("dom") && !shown.contains("geheim"), "{shown}");
}

#[test]
fn what_is_wrapped_can_be_opened() {
    let credentials = Credentials::try_new("d<m".to_owned(), SecretString::from("g&h")).unwrap();
    for form in [Form::Bare, Form::Soap11, Form::Soap12] {
        let mut out = Vec::new();
        wrap(form, Some(&credentials), |out| out.extend_from_slice(b"<p/>"), &mut out);
        let text = String::from_utf8(out).unwrap();
        let names = Names::default();
        let tree = Tree::parse(&text, &names, &Limits::default()).unwrap();
        let envelope = open(&tree).unwrap();
        assert_eq!((envelope.form, tree.local_name(envelope.payload)), (form, "p"));
        let token =
            envelope.credentials.map(|token| (token.username, token.password.expose_secret().to_owned()));
        let expected = (form != Form::Bare).then(|| ("d<m".to_owned(), "g&h".to_owned()));
        assert_eq!(token, expected);
    }
}

#[test]
fn credentials_that_no_document_can_hold_are_refused() {
    assert!(Credentials::try_new("a\u{0}".to_owned(), SecretString::from("b")).is_err());
    assert!(Credentials::try_new("a".to_owned(), SecretString::from("b\u{1}")).is_err());
}

#[test]
fn a_fault_is_written_and_read_back() {
    let cases = [
        (Form::Bare, Form::Soap11, Side::Client, "Client"),
        (Form::Soap11, Form::Soap11, Side::Server, "Server"),
        (Form::Soap12, Form::Soap12, Side::Client, "Sender"),
        (Form::Soap12, Form::Soap12, Side::Server, "Receiver"),
    ];
    for (asked, form, side, code) in cases {
        let given = SoapFault {
            side,
            text: "a < b\u{1}".to_owned(),
            actor: Some("gateway".to_owned()),
            details: vec![("code".to_owned(), "GW-1001".to_owned()), ("no name".to_owned(), String::new())],
        };
        let mut out = Vec::new();
        fault(asked, &given, &mut out);
        let text = String::from_utf8(out).unwrap();
        let names = Names::default();
        let tree = Tree::parse(&text, &names, &Limits::default()).unwrap();
        let envelope = open(&tree).unwrap();
        assert_eq!(envelope.form, form);
        let read = read_fault(&tree, envelope.payload).unwrap();
        assert_eq!((read.code.as_str(), read.text.as_str()), (code, "a < b\u{FFFD}"));
        assert_eq!(read.actor.as_deref(), Some("gateway"));
        let details: Vec<_> = tree
            .children(read.detail.unwrap())
            .map(|node| (tree.local_name(node), tree.text(node)))
            .collect();
        assert_eq!(details, [("code", "GW-1001")]);
    }
}

#[test]
fn a_fault_of_the_store_has_the_form_of_the_contract() {
    let given = SoapFault { side: Side::Client, text: "no".to_owned(), actor: None, details: Vec::new() };
    let mut out = Vec::new();
    fault(Form::Soap11, &given, &mut out);
    let expected = format!(
        "<soapenv:Envelope xmlns:soapenv=\"{SOAP_11}\"><soapenv:Body><soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>no</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    );
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn what_is_no_fault_is_not_taken_for_one() {
    for document in ["<Fault/>", "<p/>", "<f:Fault xmlns:f='urn:x'/>"] {
        let names = Names::default();
        let tree = Tree::parse(document, &names, &Limits::default()).unwrap();
        assert_eq!(read_fault(&tree, tree.root()), None);
    }
}
