//! What a form sends, and what stands behind a question mark: names and values.

use crate::web::call::decoded;

/// Names with their values, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `name=value&name=value`; what is not so written is left out.
    pub fn parse(text: &str) -> Form {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        Form(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// The value of a name, without the blanks around it; `None` where it is missing or empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.exactly(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The value of a name as it was sent.
    pub fn exactly(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same question with another value for one name; without a value it goes.
    pub fn with(&self, name: &str, value: Option<&str>) -> String {
        let rest = self.0.iter().filter(|(known, value)| known != name && !value.trim().is_empty());
        let pairs = rest.map(|(known, value)| (known.as_str(), value.as_str())).chain(value.map(|value| (name, value)));
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

/// Text as it may stand in a part of an address.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_written_again_with_another_value() {
        let form = Form::parse("partner=mega&q=PO+1%262&empty=&x");
        assert_eq!(form.value("q"), Some("PO 1&2"));
        assert_eq!((form.value("empty"), form.value("x")), (None, None));
        assert_eq!(form.with("after", Some("a/b")), "?partner=mega&q=PO%201%262&after=a%2Fb");
        assert_eq!(Form::default().with("after", None), "");
    }
}
