//! Listener and sender over TLS, with certificates made on the spot.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use gateway_transport::listener::{self, Listener, Params, Peer, Tls};
use gateway_transport::sender::{self, Authorities, Call, ClientTls, SendError, Sender};
use http::Response;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::sender::sender_params;
use crate::support::{SHORT, Served, params, serve, within};

/// An authority, and files of what it has certified.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self { folder: tempfile::tempdir().unwrap(), issuer };
        authority.write("authority.pem", &authority.issuer.pem());
        authority
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.file(name), text).unwrap();
        self.file(name)
    }

    /// A certificate and its key, both as PEM.
    fn certify(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn listener_files(&self, host: &str) -> Tls {
        let (certificate, key) = self.certify(host);
        let certificates = self.write(&format!("{host}.pem"), &certificate);
        Tls { certificates, key: self.write(&format!("{host}.key"), &key), client_authorities: None }
    }

    fn trusted(&self) -> ClientTls {
        ClientTls { authorities: Authorities::File(self.file("authority.pem")), identity: None }
    }

    fn trusted_with_identity(&self) -> ClientTls {
        let (certificate, key) = self.certify("gateway");
        ClientTls { identity: Some(self.write("identity.pem", &(certificate + &key))), ..self.trusted() }
    }
}

async fn serve_tls(tls: Tls) -> Served {
    serve(Params { tls: Some(tls), ..params() }, async |request| {
        let peer = request.extensions().get::<Peer>().unwrap();
        Response::new(Bytes::from(format!("{:?} {}", request.version(), peer.tls)))
    })
    .await
}

async fn send(served: &Served, tls: ClientTls) -> Result<Bytes, SendError> {
    let sender = Sender::new(sender::Params { tls, ..sender_params() }).unwrap();
    let address = format!("https://localhost:{}/", served.address.port()).parse().unwrap();
    within(sender.send(Call::post(address, Bytes::from("abc")))).await.map(|answer| answer.body)
}

#[tokio::test]
async fn both_ends_agree_on_http_2() {
    let authority = Authority::new();
    let served = serve_tls(authority.listener_files("localhost")).await;
    assert_eq!(send(&served, authority.trusted()).await.unwrap(), "HTTP/2.0 true");
}

#[tokio::test]
async fn a_caller_that_knows_http_1_only_is_served() {
    let authority = Authority::new();
    let served = serve_tls(authority.listener_files("localhost")).await;
    // Building a sender gives the process its crypto provider.
    Sender::new(sender_params()).unwrap();
    let root = std::fs::read(authority.file("authority.pem")).unwrap();
    let client = reqwest::Client::builder().http1_only().no_proxy();
    let client = client.tls_certs_only([reqwest::Certificate::from_pem(&root).unwrap()]).build().unwrap();
    let answer = client.get(format!("https://localhost:{}/", served.address.port())).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "HTTP/1.1 true");
}

#[tokio::test]
async fn a_certificate_of_somebody_else_means_nothing_was_sent() {
    let authority = Authority::new();
    let cases = [
        (authority.listener_files("localhost"), Authority::new().trusted_by_nobody()),
        (authority.listener_files("elsewhere.example"), authority.trusted()),
        (authority.listener_files("localhost"), ClientTls::default()),
    ];
    for (files, trust) in cases {
        let served = serve_tls(files).await;
        let error = send(&served, trust).await.unwrap_err();
        assert!(matches!(error, SendError::Tls { .. }), "{error}");
        assert_eq!(served.called(), 0);
    }
}

impl Authority {
    /// A trust in another authority, whose file outlives the test's use of it.
    fn trusted_by_nobody(self) -> ClientTls {
        let file = self.folder.keep().join("authority.pem");
        ClientTls { authorities: Authorities::File(file), identity: None }
    }
}

#[tokio::test]
async fn a_caller_without_the_certificate_asked_for_is_refused() {
    let authority = Authority::new();
    let files = authority.listener_files("localhost");
    let files = Tls { client_authorities: Some(authority.file("authority.pem")), ..files };
    let served = serve_tls(files).await;
    assert!(send(&served, authority.trusted()).await.is_err());
    assert_eq!(served.called(), 0);
    assert_eq!(send(&served, authority.trusted_with_identity()).await.unwrap(), "HTTP/2.0 true");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut() {
    let authority = Authority::new();
    let tls = Some(authority.listener_files("localhost"));
    let served =
        serve(Params { tls, header_read_timeout: SHORT, ..params() }, async |_| Response::new(Bytes::new()))
            .await;
    for beginning in [b"".as_slice(), b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut caller = served.connect().await;
        caller.send(beginning).await;
        within(async {
            while tokio::io::AsyncReadExt::read(&mut caller.stream, &mut [0; 64])
                .await
                .is_ok_and(|read| read > 0)
            {}
        })
        .await;
    }
    assert_eq!(served.called(), 0);
}

#[tokio::test]
async fn a_file_that_is_not_what_it_should_be_is_named() {
    let authority = Authority::new();
    let good = authority.listener_files("localhost");
    let (none, text) = (authority.file("none.pem"), authority.write("text.pem", "no PEM at all"));
    let cases = [
        (Tls { certificates: none.clone(), ..good.clone() }, "at least one certificate", &none),
        (Tls { certificates: text.clone(), ..good.clone() }, "at least one certificate", &text),
        (Tls { key: text.clone(), ..good.clone() }, "a private key", &text),
        (Tls { client_authorities: Some(text.clone()), ..good }, "at least one certificate", &text),
    ];
    for (files, expected, file) in cases {
        let error = Listener::bind(Params { tls: Some(files), ..params() }).await.unwrap_err();
        let listener::ListenError::Tls(error) = error else { panic!("{error}") };
        assert_eq!(error.to_string(), format!("expected {expected} in PEM in `{}`", file.display()));
    }
}

#[tokio::test]
async fn a_sender_names_its_bad_files_too() {
    let authority = Authority::new();
    let (none, text) = (authority.file("none.pem"), authority.write("text.pem", "no PEM at all"));
    let trust = |file: &Path| ClientTls { authorities: Authorities::File(file.to_owned()), identity: None };
    let cases = [
        (trust(&none), format!("cannot read `{}`", none.display())),
        (trust(&text), format!("expected at least one certificate in PEM in `{}`", text.display())),
        (
            ClientTls { identity: Some(text.clone()), ..authority.trusted() },
            format!("expected a certificate and its private key in PEM in `{}`", text.display()),
        ),
    ];
    for (tls, expected) in cases {
        let error = Sender::new(sender::Params { tls, ..sender_params() }).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
