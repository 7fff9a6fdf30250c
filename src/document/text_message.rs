//! What somebody writes to somebody, in words // X12 864
//!
//! Its author has no number for the whole of it, and no code for what it is about: what it says of which document stands in the
//! text. A document counts as named where its number is a word of it, or a reference beside it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::{fingerprint, is_same_number};
use super::party::Party;
use super::{DatedEvent, Header, Kind, Reference};

/// One or more messages in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextMessage {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// What it is, in the author's words (BMG02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The trade's code of what it is, as the author wrote it (BMG03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The day it was written (DTM 097).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub issued_on: Option<Date>,
    /// Other days that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// From whom to whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// The messages.
    pub messages: Vec<Message>,
}

/// One message // MIT
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The author's number of it, or its key word (MIT01); it may come again with another text.
    pub number: String,
    /// What it is about, in words (MIT02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whom it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// What it is about, by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The text, a line for each MSG.
    pub text: String,
}

/// What a text may name: the order, or what we answered it with.
const NAMED: [Kind; 3] = [Kind::Order, Kind::Shipment, Kind::Invoice];
/// Shorter words than this are no numbers of documents: they would be found by chance.
const SHORTEST: usize = 4;
/// How many words of one message are looked up: a report may be a book.
const MOST: usize = 100;
/// How much of a text is told in one line.
const EXCERPT: usize = 300;

impl TextMessage {
    /// What tells it from others with the same number: its day, and a digest of what it says.
    pub fn mark(&self) -> String {
        let on = self.issued_on.map(|on| format!("{on} ")).unwrap_or_default();
        on + &fingerprint(&(&self.subject, &self.messages))
    }

    /// As what a text names a document of that kind: our acknowledgment of an order has the order's number.
    pub fn named_as(kind: Kind) -> Kind {
        if kind == Kind::OrderAck { Kind::Order } else { kind }
    }

    /// Its messages that name a document of that kind and number.
    pub fn about(&self, kind: Kind, number: &str) -> impl Iterator<Item = &Message> {
        let kind = TextMessage::named_as(kind);
        let is_meant = move |(of, named): (Kind, &str)| of == kind && is_same_number(named, number);
        self.messages.iter().filter(move |message| message.mentions().any(is_meant))
    }

    /// The orders that it names beyond doubt.
    pub fn po_numbers(&self) -> impl Iterator<Item = &str> {
        let of_messages = self.messages.iter().flat_map(|message| &message.references);
        let references = self.header.references.iter().chain(of_messages);
        references.filter(|one| one.kind() == Some(Kind::Order)).map(|one| one.value.as_str())
    }
}

impl Message {
    /// What it may name: every kind of document that could have a number which it has among its words.
    pub fn mentions(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.numbers().into_iter().flat_map(|number| NAMED.map(|kind| (kind, number)))
    }

    fn numbers(&self) -> BTreeSet<&str> {
        let said = [self.subject.as_deref(), Some(&*self.text)].into_iter().flatten().flat_map(words);
        let referred = self.references.iter().map(|reference| reference.value.as_str());
        referred.chain(said).filter(|word| is_like_a_number(word)).take(MOST).collect()
    }

    /// Its subject and text in one line.
    pub fn excerpt(&self) -> String {
        let said = [self.subject.as_deref(), Some(&*self.text)].into_iter().flatten();
        let line = said.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{} …", line[..end].trim_end()),
            None => line,
        }
    }
}

/// Words as people write numbers among them: `PO#4500012345`, `(SHP0000777)`, `invoice INV-20077.`
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "#:;,()[]<>{}=\"'|*".contains(c);
    text.split(ends).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
}

fn is_like_a_number(word: &str) -> bool {
    word.len() >= SHORTEST && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message { number: "1".to_owned(), text: text.to_owned(), ..Message::default() }
    }

    fn numbers(text: &str) -> Vec<String> {
        message(text).numbers().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn numbers_are_words_with_a_digit_that_are_not_short() {
        assert_eq!(
            numbers("ASN SHP0000777, PO#4500012345 (invoice INV-20077.) line 2: 12 of 144 in DC 6021"),
            ["4500012345", "6021", "INV-20077", "SHP0000777"]
        );
        assert_eq!(numbers("CLOSED ON MONDAY"), Vec::<String>::new());
    }

    #[test]
    fn a_book_is_not_looked_up_word_by_word() {
        let book: String = (1000..9000).map(|number| format!("{number}\n")).collect();
        assert_eq!(numbers(&book).len(), MOST);
    }

    #[test]
    fn a_reference_counts_as_a_word_does() {
        let reference =
            Reference { is: crate::document::ReferenceKind::Other("SI".to_owned()), value: "SHP1".to_owned() };
        let message = Message { references: vec![reference], ..message("CARTON COUNT DIFFERS") };
        assert!(message.mentions().any(|named| named == (Kind::Shipment, "SHP1")));
    }

    #[test]
    fn a_long_text_is_told_by_its_beginning() {
        assert_eq!(message("CARTON COUNT\n  DIFFERS\n").excerpt(), "CARTON COUNT DIFFERS");
        let long = message(&"é".repeat(EXCERPT + 1)).excerpt();
        assert_eq!(long.chars().count(), EXCERPT + 2);
    }

    #[test]
    fn two_texts_under_one_number_are_two_messages() {
        let of = |text: &str| TextMessage { messages: vec![message(text)], ..TextMessage::default() }.mark();
        assert_ne!(of("CARTON COUNT DIFFERS"), of("NO SUCH ORDER"));
        assert_eq!(of("NO SUCH ORDER"), of("NO SUCH ORDER"));
    }
}
