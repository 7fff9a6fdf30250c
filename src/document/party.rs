//! Who takes part: buyer, ship-to, remit-to, with address and identifier.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A party in one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    /// In which role.
    pub role: PartyRole,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<PartyCode>,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// The code of the place the goods go to.
pub fn ship_to_code(parties: &[Party]) -> Option<&str> {
    let ship_to = parties.iter().find(|party| party.role == PartyRole::ShipTo)?;
    ship_to.code.as_ref().map(|code| code.value.as_str())
}

/// The role a party plays.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    /// Buys.
    Buyer,
    /// Is billed.
    BillTo,
    /// Receives the goods.
    ShipTo,
    /// Sends the goods.
    ShipFrom,
    /// Sells.
    Supplier,
    /// Is paid.
    RemitTo,
    /// The store or customer that the goods are marked for.
    MarkFor,
    /// Pays.
    Payer,
    /// Gets the payment.
    Payee,
    /// Keeps the goods.
    Warehouse,
    /// A role that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// An identifier of a party, with who issued it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartyCode {
    /// Who issued it.
    pub by: PartyCodeIssuer,
    /// The identifier, as written.
    pub value: String,
}

/// Who issued a party's identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyCodeIssuer {
    /// GS1: a Global Location Number.
    Gln,
    /// Dun & Bradstreet.
    Duns,
    /// The buyer.
    Buyer,
    /// The seller.
    Seller,
    /// A qualifier that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// Street lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or province, two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, ISO 3166.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}
