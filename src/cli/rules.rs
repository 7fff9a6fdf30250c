//! What a command goes by that looks at documents: the standard, or a configuration, and whose agreement in it.
//!
//! ```text
//! edigate lint FILE                      the standard
//! edigate lint --config FILE FILE        of each interchange the partner that sent it
//! edigate lint --partner megamart FILE   megamart, whoever the file names as its sender
//! ```

use std::path::Path;

use super::{Failure, load_config, partner_named};
use crate::config::Config;
use crate::config::partner::{Partner, PartnerId};
use crate::x12::envelope::InterchangeHeader;
use crate::x12::guide::Library;

/// What documents are looked at by.
pub enum Rules {
    /// The standard alone.
    Standard,
    /// A configuration: the partner in it that was named, or whoever sent an interchange.
    Configured(Box<Config>, Option<PartnerId>),
}

impl Rules {
    /// By what was named on the command line; a partner without a configuration is one of the usual configuration.
    pub fn of(partner: Option<&str>, config: Option<&Path>) -> Result<Rules, Failure> {
        if config.is_none() && partner.is_none() {
            return Ok(Rules::Standard);
        }
        let config = load_config(config)?;
        let named = partner.map(|name| partner_named(name, &config).map(|partner| partner.id.clone())).transpose()?;
        Ok(Rules::Configured(Box::new(config), named))
    }

    /// The configuration, and the partner of it that was named.
    pub fn named(&self) -> Option<(&Config, &Partner)> {
        match self {
            Rules::Configured(config, Some(id)) => config.partners.get(id).map(|partner| (&**config, partner)),
            _ => None,
        }
    }

    /// The configuration, and the partner that was named or else sent the interchange.
    pub fn partner(&self, header: &InterchangeHeader) -> Option<(&Config, &Partner)> {
        match self {
            Rules::Configured(config, None) => config.sender_of(header).map(|partner| (&**config, partner)),
            _ => self.named(),
        }
    }

    /// The guides for an interchange.
    pub fn library(&self, header: &InterchangeHeader) -> &Library {
        self.library_of(self.partner(header))
    }

    /// The guides of the partner that was named, or those of nobody in particular.
    pub fn own_library(&self) -> &Library {
        self.library_of(self.named())
    }

    fn library_of<'r>(&'r self, partner: Option<(&'r Config, &'r Partner)>) -> &'r Library {
        match self {
            Rules::Standard => Library::standard(),
            Rules::Configured(config, _) => config.library_of(partner.map(|(_, partner)| partner)),
        }
    }
}
