//! The APIs that edigate knows, each one text file, and their maps into the canonical model.
//!
//! ```text
//! preset("shopify-orders")          the text of shopify-orders.api.toml
//! map("shopify-orders")             the text of shopify-orders.map.toml
//! ```
//!
//! The files stand in `src/config/presets/` and are compiled in; a partner may take a copy and change it.

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// Its name in partner.toml.
    pub name: &'static str,
    /// How the API is asked.
    pub api: &'static str,
    /// How an item is read.
    pub map: &'static str,
}

macro_rules! preset {
    // A macro, since include_str! wants its path as a literal.
    ($name:literal) => {
        Preset {
            name: $name,
            api: include_str!(concat!("../presets/", $name, ".api.toml")),
            map: include_str!(concat!("../presets/", $name, ".map.toml")),
        }
    };
}

/// All of them.
pub static ALL: &[Preset] = &[
    preset!("shopify-orders"),
    preset!("shopify-orders-graphql"),
    preset!("woocommerce-orders"),
    preset!("bigcommerce-orders"),
    preset!("shipstation-shipments"),
    preset!("shipstation-shipments-v2"),
    preset!("stripe-payouts"),
    preset!("amazon-orders"),
    preset!("amazon-settlements"),
    preset!("walmart-orders"),
    preset!("quickbooks-invoices"),
    preset!("netsuite-invoices"),
];

/// The preset of that name.
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}
