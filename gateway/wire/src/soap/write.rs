//! Writing envelopes and faults. No XML declaration is written: SOAP's default is UTF-8, and so is ours.

use secrecy::ExposeSecret;

use crate::characters::is_name;
use crate::write::escape_lossy;

use super::{Credentials, Form, PASSWORD_TYPE, SOAP_11, SOAP_12, Side, SoapFault, WSSE};

/// Writes a payload in its form. Credentials become a WS-Security user name token with the password as text; a
/// bare payload has no place for them, there they are left out.
pub fn wrap(
    form: Form,
    credentials: Option<&Credentials>,
    payload: impl FnOnce(&mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    let Some(namespace) = namespace(form) else { return payload(out) };
    out.extend_from_slice(b"<soapenv:Envelope xmlns:soapenv=\"");
    out.extend_from_slice(namespace.as_bytes());
    out.extend_from_slice(b"\">");
    if let Some(credentials) = credentials {
        header(credentials, out);
    }
    out.extend_from_slice(b"<soapenv:Body>");
    payload(out);
    out.extend_from_slice(b"</soapenv:Body></soapenv:Envelope>");
}

/// Writes a fault in an envelope; for a bare request it is one of SOAP 1.1. Characters that XML cannot hold are replaced,
/// so that a fault always comes out.
pub fn fault(form: Form, fault: &SoapFault, out: &mut Vec<u8>) {
    match form {
        Form::Bare | Form::Soap11 => wrap(Form::Soap11, None, |out| fault_11(fault, out), out),
        Form::Soap12 => wrap(Form::Soap12, None, |out| fault_12(fault, out), out),
    }
}

const fn namespace(form: Form) -> Option<&'static str> {
    match form {
        Form::Bare => None,
        Form::Soap11 => Some(SOAP_11),
        Form::Soap12 => Some(SOAP_12),
    }
}

fn header(credentials: &Credentials, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<soapenv:Header><wsse:Security soapenv:mustUnderstand=\"1\" xmlns:wsse=\"");
    out.extend_from_slice(WSSE.as_bytes());
    out.extend_from_slice(b"\"><wsse:UsernameToken>");
    element("wsse:Username", &credentials.username, out);
    out.extend_from_slice(b"<wsse:Password Type=\"");
    out.extend_from_slice(PASSWORD_TYPE.as_bytes());
    out.extend_from_slice(b"#PasswordText\">");
    escape_lossy(credentials.password.expose_secret(), out);
    out.extend_from_slice(b"</wsse:Password></wsse:UsernameToken></wsse:Security></soapenv:Header>");
}

fn fault_11(fault: &SoapFault, out: &mut Vec<u8>) {
    let code = match fault.side {
        Side::Client => "soapenv:Client",
        Side::Server => "soapenv:Server",
    };
    out.extend_from_slice(b"<soapenv:Fault>");
    element("faultcode", code, out);
    element("faultstring", &fault.text, out);
    if let Some(actor) = &fault.actor {
        element("faultactor", actor, out);
    }
    details("detail", fault, out);
    out.extend_from_slice(b"</soapenv:Fault>");
}

fn fault_12(fault: &SoapFault, out: &mut Vec<u8>) {
    let code = match fault.side {
        Side::Client => "soapenv:Sender",
        Side::Server => "soapenv:Receiver",
    };
    out.extend_from_slice(b"<soapenv:Fault><soapenv:Code>");
    element("soapenv:Value", code, out);
    out.extend_from_slice(b"</soapenv:Code><soapenv:Reason><soapenv:Text xml:lang=\"en\">");
    escape_lossy(&fault.text, out);
    out.extend_from_slice(b"</soapenv:Text></soapenv:Reason>");
    if let Some(actor) = &fault.actor {
        element("soapenv:Role", actor, out);
    }
    details("soapenv:Detail", fault, out);
    out.extend_from_slice(b"</soapenv:Fault>");
}

fn details(name: &str, fault: &SoapFault, out: &mut Vec<u8>) {
    if fault.details.is_empty() {
        return;
    }
    tag("<", name, out);
    for (name, text) in fault.details.iter().filter(|(name, _)| is_name(name)) {
        element(name, text, out);
    }
    tag("</", name, out);
}

fn element(name: &str, text: &str, out: &mut Vec<u8>) {
    tag("<", name, out);
    escape_lossy(text, out);
    tag("</", name, out);
}

fn tag(open: &str, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(open.as_bytes());
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
}
