//! The `[people]` table of gateway.toml: how long a sign-in lasts, and whose word for it is taken.
//!
//! ```toml
//! [people]
//! idle    = "30 min"                       # a sign-in ends after so long without a request
//! longest = "12 h"                         # and after so long whatever happens
//!
//! [people.proxy]                           # a proxy in front of the listener signs people in
//! header  = "X-Remote-User"                # and names them here;
//! from    = ["127.0.0.1", "10.1.0.0/16"]   # from anywhere else that header is worth nothing
//! ```
//!
//! The people themselves are in the ledger (`edigate user`). Never here: passwords.

use std::net::IpAddr;
use std::time::Duration;

use super::reader::Table;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// How people sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIns {
    /// A sign-in ends after so long without a request.
    pub idle: Duration,
    /// And after so long whatever happens.
    pub longest: Duration,
    /// The proxy that may say who asks, if there is one.
    pub proxy: Option<TrustedProxy>,
}

impl Default for SignIns {
    fn default() -> SignIns {
        SignIns { idle: Duration::from_secs(30 * 60), longest: Duration::from_secs(12 * 3600), proxy: None }
    }
}

/// A proxy that signs people in and says in a header who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxy {
    /// The header, in lower case.
    pub header: String,
    /// Where its requests come from.
    pub from: Vec<Network>,
}

impl TrustedProxy {
    /// Whether a request from this address is the proxy's.
    pub fn speaks_from(&self, address: IpAddr) -> bool {
        self.from.iter().any(|network| network.contains(address))
    }
}

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many bits they share.
    bits: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Network, Diagnostic> {
        let fault = || {
            let fault = Diagnostic::new(&codes::ADDRESS, format!("{text:?} is no address and no network")).found(text);
            fault.expected(r#"an IP address or a network, such as "127.0.0.1" or "10.1.0.0/16""#)
        };
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| fault())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| fault()))?;
        if bits > most {
            return Err(fault());
        }
        Ok(Network { address, bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        // A socket for both kinds names an IPv4 peer by its IPv6 form.
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = u32::from(own) ^ u32::from(other);
                differ.leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = u128::from(own) ^ u128::from(other);
                differ.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Reads `[people]`.
pub(super) fn read(table: &Table) -> SignIns {
    let mut read = SignIns::default();
    for (key, field) in [("idle", &mut read.idle), ("longest", &mut read.longest)] {
        let entry = table.optional(key);
        if let Some(duration) = entry.duration() {
            *field = duration;
            if duration < Duration::from_secs(60) {
                entry.refuse(&codes::OUT_OF_RANGE, r#"at least "1 min""#);
            }
        }
    }
    read.proxy = table.optional("proxy").table().and_then(|table| proxy(&table));
    table.finish();
    read
}

fn proxy(table: &Table) -> Option<TrustedProxy> {
    let header = table.required("header", r#"header = "X-Remote-User""#).parse(header);
    let from = table.required("from", r#"from = ["127.0.0.1"]"#).parse_each(Network::parse);
    table.finish();
    let from: Vec<Network> = from.into_iter().map(|network| network.value).collect();
    Some(TrustedProxy { header: header?.value, from }).filter(|proxy| !proxy.from.is_empty())
}

fn header(text: &str) -> Result<String, Diagnostic> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_name {
        return Ok(text.to_ascii_lowercase());
    }
    let fault = Diagnostic::new(&codes::ADDRESS, format!("{text:?} is no name of a header")).found(text);
    Err(fault.expected(r#"letters, digits and "-", such as "X-Remote-User""#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_the_addresses_that_begin_like_it() {
        let check = |network: &str, address: &str| Network::parse(network).unwrap().contains(address.parse().unwrap());
        assert!(check("127.0.0.1", "127.0.0.1") && !check("127.0.0.1", "127.0.0.2"));
        assert!(check("10.1.0.0/16", "10.1.255.3") && !check("10.1.0.0/16", "10.2.0.1"));
        assert!(check("10.1.0.0/16", "::ffff:10.1.2.3"), "the IPv6 form of an IPv4 address");
        assert!(check("2001:db8::/32", "2001:db8:1::1") && !check("2001:db8::/32", "10.1.0.1"));
        assert!(check("0.0.0.0/0", "192.0.2.1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "localhost", "10.1.0.0/33", "10.1/16", "10.1.0.0/x"] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }
}
