//! The envelope segments as values: ISA, GS, ST and their trailers, parsed once.

use super::delimiters::Delimiters;
use serde::{Deserialize, Serialize};

/// Who sends or receives an interchange: qualifier and identifier (ISA05/06, ISA07/08), without padding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InterchangeId {
    qualifier: String,
    id: String,
}

impl InterchangeId {
    /// Reads `ZZ:MEGAMART`; the qualifier has two characters, the identifier 1 to 15 of the basic character set.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((qualifier, id)) = text.split_once(':') else {
            return Err(format!("{text:?} is not of the form qualifier:identifier, such as ZZ:MEGAMART"));
        };
        Self::new(qualifier, id)
    }

    /// From its two parts; trailing spaces are padding.
    pub fn new(qualifier: &str, id: &str) -> Result<Self, String> {
        let (qualifier, id) = (qualifier.trim(), id.trim());
        if qualifier.len() != 2 || !qualifier.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(format!("qualifier {qualifier:?} is not two letters or digits"));
        }
        if id.is_empty() || id.len() > 15 || !id.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(format!("identifier {id:?} is not 1 to 15 printable characters"));
        }
        Ok(InterchangeId { qualifier: qualifier.to_owned(), id: id.to_owned() })
    }

    /// ISA05 or ISA07.
    pub fn qualifier(&self) -> &str {
        &self.qualifier
    }

    /// ISA06 or ISA08, without padding.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl std::fmt::Display for InterchangeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.qualifier, self.id)
    }
}

impl TryFrom<String> for InterchangeId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<InterchangeId> for String {
    fn from(id: InterchangeId) -> String {
        id.to_string()
    }
}

/// ISA15: what the interchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// `P`: real business.
    Production,
    /// `T`: a test, which must never reach production.
    Test,
    /// `I`: information only.
    Information,
}

/// An ISA segment. Values are kept as written (trimmed); what is wrong with them is in the diagnostics beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterchangeHeader {
    /// ISA05, as written and trimmed.
    pub sender_qualifier: String,
    /// ISA06, as written and trimmed.
    pub sender: String,
    /// ISA07, as written and trimmed.
    pub receiver_qualifier: String,
    /// ISA08, as written and trimmed.
    pub receiver: String,
    /// ISA09, YYMMDD.
    pub date: String,
    /// ISA10, HHMM.
    pub time: String,
    /// ISA12, such as `00401`.
    pub version: String,
    /// ISA13, nine digits.
    pub control_number: String,
    /// ISA14: the sender asks for a TA1.
    pub acknowledgment_requested: bool,
    /// ISA15; `None` when it is none of P, T, I.
    pub usage: Option<Usage>,
    /// What it is written with.
    pub delimiters: Delimiters,
    /// Offset of its first byte in the file.
    pub offset: u64,
}

impl InterchangeHeader {
    /// The sender, if its two elements are well formed.
    pub fn sender_id(&self) -> Option<InterchangeId> {
        InterchangeId::new(&self.sender_qualifier, &self.sender).ok()
    }

    /// The receiver, if its two elements are well formed.
    pub fn receiver_id(&self) -> Option<InterchangeId> {
        InterchangeId::new(&self.receiver_qualifier, &self.receiver).ok()
    }
}

/// A GS segment, values as written and trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupHeader {
    /// GS01, such as `PO`.
    pub functional_id: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, CCYYMMDD.
    pub date: String,
    /// GS05.
    pub time: String,
    /// GS06.
    pub control_number: String,
    /// GS08, such as `004010` or `004010VICS`.
    pub version: String,
    /// Offset of its first byte in the file.
    pub offset: u64,
}

/// The transaction sets that edigate knows, with the functional identifier (GS01) under which each travels.
const FUNCTIONAL_IDS: [(&str, &str); 31] = [
    ("850", "PO"),
    ("855", "PR"),
    ("856", "SH"),
    ("810", "IN"),
    ("860", "PC"),
    ("865", "CA"),
    ("846", "IB"),
    ("832", "SC"),
    ("820", "RA"),
    ("812", "CD"),
    ("824", "AG"),
    ("864", "TX"),
    ("870", "RS"),
    ("869", "RS"),
    ("861", "RC"),
    ("852", "PD"),
    ("830", "PS"),
    ("180", "AN"),
    ("940", "OW"),
    ("945", "SW"),
    ("943", "AR"),
    ("944", "RE"),
    ("947", "AW"),
    ("875", "OG"),
    ("880", "GP"),
    ("753", "RF"),
    ("754", "RG"),
    ("204", "SM"),
    ("214", "QM"),
    ("997", "FA"),
    ("999", "FA"),
];

/// The functional identifier (GS01) under which a transaction set travels, for the sets that edigate knows.
pub fn functional_id(transaction_set: &str) -> Option<&'static str> {
    FUNCTIONAL_IDS.iter().find(|(set, _)| *set == transaction_set).map(|(_, id)| *id)
}

/// True for the functional identifier of a transaction set that edigate knows.
pub fn is_functional_id(text: &str) -> bool {
    FUNCTIONAL_IDS.iter().any(|(_, id)| *id == text)
}

/// True for a version (GS08) that is an implementation guide's, such as 005010X222A1.
pub fn names_a_guide(version: &str) -> bool {
    version.as_bytes().get(6) == Some(&b'X')
}
