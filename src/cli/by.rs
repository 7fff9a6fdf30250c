//! Who types a remedy and why, for the journal: `--by anna --because "they changed their name"`.

use crate::ledger::remedy::By;

/// Who and why.
#[derive(Debug, Clone, clap::Args)]
pub struct ByArgs {
    /// Who does it, for the journal [default: who is signed in here]
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Why, for the journal
    #[arg(long, value_name = "WHY", alias = "reason", default_value = "", hide_default_value = true)]
    because: String,
}

impl ByArgs {
    /// For the ledger.
    pub fn by(&self) -> By {
        By { who: self.by.clone().unwrap_or_else(operator), why: self.because.clone() }
    }
}

/// Who and why, where a reason must be given.
#[derive(Debug, Clone, clap::Args)]
pub struct ByWithReason {
    /// Who does it, for the journal [default: who is signed in here]
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Why, for the journal
    #[arg(long, value_name = "WHY", alias = "reason")]
    because: String,
}

impl ByWithReason {
    /// For the ledger.
    pub fn by(&self) -> By {
        By { who: self.by.clone().unwrap_or_else(operator), why: self.because.clone() }
    }
}

/// Who types this, as the machine knows them.
pub(super) fn operator() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.unwrap_or_else(|| "somebody".to_owned())
}
