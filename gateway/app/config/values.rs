//! The settings' own kinds of value: durations, addresses, URLs, paths, files.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use gateway_model::codes;
use gateway_transport::sender::Address;
use http::Uri;

use crate::config::places::Located;
use crate::config::section::Section;

// === impl Section ===

impl Section<'_> {
    /// A duration in milliseconds.
    pub(super) fn millis(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.whole(key, default, range))
    }

    /// A number of bytes or things that fits this machine.
    pub(super) fn count(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> usize {
        usize::try_from(self.whole(key, default, range)).unwrap_or(usize::MAX)
    }

    /// An IP address and port.
    pub(super) fn address(&self, key: &'static str, default: SocketAddr) -> Option<Located<SocketAddr>> {
        let Some(text) = self.text(key) else {
            return Some(Located { value: default, span: self.span.clone() });
        };
        if let Ok(value) = text.value.parse() {
            return Some(Located { value, span: text.span });
        }
        self.fault(codes::CONFIG_VALUE, &text.span, format!("`{}` is no address to listen on", text.value))
            .expecting("an IP address and a port, such as `127.0.0.1:8080` or `[::]:8080`; port 0 takes any free one")
            .add();
        None
    }

    /// An `http` or `https` URL that has to be there. Credentials and queries do not belong into it.
    pub(super) fn required_url(&self, key: &'static str, expected: &str) -> Option<Located<Uri>> {
        let text = self.required_text(key, expected)?;
        match parse_url(&text.value) {
            Ok(value) => Some(Located { value, span: text.span }),
            Err(reason) => {
                self.fault(codes::CONFIG_VALUE, &text.span, format!("`{key}` is no usable URL"))
                    .labelled(reason)
                    .expecting(expected)
                    .add();
                None
            }
        }
    }

    /// The path part of a URL under which something is served; has to be there.
    pub(super) fn required_url_path(&self, key: &'static str, expected: &str) -> Option<Located<String>> {
        let text = self.required_text(key, expected)?;
        if is_plain_path(&text.value) {
            return Some(text);
        }
        self.fault(codes::CONFIG_VALUE, &text.span, format!("`{}` cannot be a path", text.value))
            .expecting(format!(
                "{expected}: segments of letters, digits, `-`, `_`, `.` and `~`, each after a `/`"
            ))
            .add();
        None
    }

    /// A file that can be opened.
    pub(super) fn file(&self, key: &'static str) -> Option<PathBuf> {
        let text = self.text(key)?;
        let path = self.beside(&text.value);
        let problem = match std::fs::File::open(&path).and_then(|file| file.metadata()) {
            Ok(metadata) if metadata.is_file() => return Some(path),
            Ok(_) => "it is not a file".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = format!("the file `{}` cannot be read: {problem}", path.display());
        self.fault(codes::CONFIG_FILE, &text.span, message).add();
        None
    }

    /// A file that has to be named and can be opened.
    pub(super) fn required_file(&self, key: &'static str, expected: &str) -> Option<PathBuf> {
        if !self.has(key) {
            // Reports the absence; there is no text to go on with.
            self.required_text(key, expected);
            return None;
        }
        self.file(key)
    }

    /// A folder, which has to exist.
    pub(super) fn folder(&self, key: &'static str, default: &str) -> PathBuf {
        let text = self.text(key);
        let path = self.beside(text.as_ref().map_or(default, |text| &text.value));
        if !path.is_dir() {
            let span = text.map_or(self.span.clone(), |text| text.span);
            self.fault(codes::CONFIG_FILE, &span, format!("there is no folder `{}`", path.display()))
                .helped("relative paths start from the folder of the configuration file")
                .add();
        }
        path
    }
}

fn parse_url(text: &str) -> Result<Uri, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "it is not a URL")?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err("it does not begin with `http://` or `https://`");
    }
    let authority = uri.authority().ok_or("it names no host")?;
    if authority.as_str().contains('@') {
        return Err("credentials do not belong into a URL: use `user` and `password_env`");
    }
    if authority.host().is_empty() {
        return Err("it names no host");
    }
    if uri.query().is_some() || text.contains('#') {
        return Err("a query or fragment does not belong into it");
    }
    // As whoever sends there reads it.
    uri.to_string().parse::<Address>().map_err(|_| "it is not a URL")?;
    Ok(uri)
}

/// Whether a text is a path of plain segments: nothing that would have to be encoded, no empty segment.
fn is_plain_path(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '~');
    let segment = |segment: &str| {
        !segment.is_empty() && segment != "." && segment != ".." && segment.chars().all(plain)
    };
    text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}

#[cfg(test)]
mod tests {
    use super::{is_plain_path, parse_url};

    #[test]
    fn a_path_has_plain_segments_only() {
        for (path, plain) in [
            ("/stores/nordlicht", true),
            ("/a", true),
            ("/", false),
            ("stores", false),
            ("/stores/", false),
            ("/stores//a", false),
            ("/stores/../admin", false),
            ("/stores/{id}", false),
            ("/stores/a b", false),
            ("/stores/a?x=1", false),
        ] {
            assert_eq!(is_plain_path(path), plain, "{path}");
        }
    }

    #[test]
    fn a_url_has_a_scheme_a_host_and_no_secrets() {
        for (url, usable) in [
            ("http://127.0.0.1:9080/smcfs/interop/InteropHttpServlet", true),
            ("https://dom.example:8443", true),
            ("ftp://dom.example/", false),
            ("dom.example:8443", false),
            ("/smcfs", false),
            ("http://user:word@dom.example/", false),
            ("http://dom.example/?token=1", false),
            ("http://dom.example/#part", false),
            ("http://dom.example:99999/", false),
        ] {
            assert_eq!(parse_url(url).is_ok(), usable, "{url}");
        }
    }
}
