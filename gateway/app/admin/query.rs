//! The parameters of an operator's request: known, named once, not empty; and the stores they name.

use gateway_cache::Location;
use gateway_model::closest;

use crate::admin::Refusal;
use crate::stock::Stocks;

/// The parameters of one request.
#[derive(Debug)]
pub(crate) struct Query(Vec<(&'static str, String)>);

// === impl Query ===

impl Query {
    /// Reads the part of a URL after `?`.
    pub(crate) fn read(text: &str, known: &'static [&'static str]) -> Result<Self, Refusal> {
        let mut parameters: Vec<(&'static str, String)> = Vec::new();
        for (key, value) in form_urlencoded::parse(text.as_bytes()) {
            let name = known.iter().find(|name| **name == key).ok_or_else(|| unknown(&key, known))?;
            if parameters.iter().any(|(before, _)| before == name) {
                return Err(bad(format!("the parameter `{name}` stands twice, expected once")));
            }
            // What is not UTF-8 has become the replacement character.
            if value.contains(|letter: char| letter.is_control() || letter == char::REPLACEMENT_CHARACTER) {
                return Err(bad(format!(
                    "the parameter `{name}` holds characters that no name has, expected percent-encoded UTF-8"
                )));
            }
            if value.trim().is_empty() {
                return Err(bad(format!(
                    "the parameter `{name}` is empty, expected a text, or no `{name}` for any"
                )));
            }
            parameters.push((name, value.into_owned()));
        }
        Ok(Self(parameters))
    }

    /// A parameter, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)
            .ok_or_else(|| bad(format!("the parameter `{name}` is missing, as in `{name}=LAMP-0042-BRS`")))
    }

    /// A parameter that is `true`, or is not there.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.text(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(bad(format!("the parameter `{name}` is `{other}`, expected `true`"))),
        }
    }

    /// The location: `online`, or a physical store by its external identifier.
    pub(crate) fn location(&self) -> Option<Location<&str>> {
        self.text("location").map(|name| match name {
            "online" => Location::Online,
            name => Location::Physical(name),
        })
    }

    /// The store's id, if it is named; it has to be a configured one.
    pub(crate) fn store<'r>(&self, stocks: &'r Stocks) -> Result<Option<&'r str>, Refusal> {
        let Some(named) = self.text("store") else { return Ok(None) };
        let ids = ids(stocks);
        let found = ids.iter().copied().find(|id| *id == named);
        found.map(Some).ok_or_else(|| {
            let meant = closest(named, ids.iter().copied());
            let meant = meant.map(|id| format!("; did you mean `{id}`?")).unwrap_or_default();
            bad(format!("no store has the id `{named}`, expected {}{meant}", listed(&ids)))
        })
    }

    /// The store's id, which may be left out where there is only one.
    pub(crate) fn only_store<'r>(&self, stocks: &'r Stocks) -> Result<&'r str, Refusal> {
        if let Some(named) = self.store(stocks)? {
            return Ok(named);
        }
        match ids(stocks).as_slice() {
            [only] => Ok(only),
            several => Err(bad(format!(
                "the parameter `store` is missing, expected one of the ids {}",
                listed(several)
            ))),
        }
    }
}

/// A request that says something that cannot be.
pub(crate) fn bad(text: String) -> Refusal {
    Refusal::BadRequest(text)
}

fn unknown(key: &str, known: &[&'static str]) -> Refusal {
    let meant = closest(key, known.iter().copied());
    let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    bad(format!("there is no parameter `{key}` here, expected {}{meant}", listed(known)))
}

fn ids(stocks: &Stocks) -> Vec<&str> {
    stocks.ids().iter().map(String::as_str).collect()
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Query, Refusal};

    const KNOWN: &[&str] = &["item", "location", "all"];

    #[test]
    fn parameters_are_decoded() {
        let query = Query::read("item=LAMP%2042%2Fb&location=M%C3%BCnchen+1", KNOWN).unwrap();
        assert_eq!(query.text("item"), Some("LAMP 42/b"));
        assert_eq!(query.text("location"), Some("München 1"));
        assert_eq!(query.flag("all"), Ok(false));
    }

    #[test]
    fn what_a_query_cannot_say_is_refused_in_a_sentence() {
        for (text, sentence) in [
            ("itme=1", "did you mean `item`?"),
            ("item=1&item=1", "stands twice"),
            ("item=", "is empty"),
            ("item=%20", "is empty"),
            ("item=a%00b", "characters that no name has"),
            ("item=%01b", "characters that no name has"),
            ("item=%FF", "percent-encoded UTF-8"),
            ("=1", "there is no parameter ``"),
        ] {
            let Err(Refusal::BadRequest(told)) = Query::read(text, KNOWN) else { panic!("{text} is read") };
            assert!(told.contains(sentence), "{text}: {told}");
        }
        assert!(Query::read("all=yes", KNOWN).unwrap().flag("all").is_err());
        assert!(Query::read("", KNOWN).unwrap().required("item").is_err());
    }
}
