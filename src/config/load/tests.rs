//! Every fault of a configuration, as its owner reads it: one thing changed in files that are right.

mod a_partner;
mod alerts;
mod as2;
mod a_rule;
mod among_partners;
mod any_file;
mod archive;
mod compliance;
mod duplicates;
mod guides;
mod http;
mod maps;
mod the_gateway;
mod what_is_right;

use std::fs;

use insta::assert_snapshot;

use super::*;
use crate::config::LedgerAddress;
use crate::config::partner::{AfterPickUp, ReceiveFormat, SendFormat};
use crate::x12::guide::Library;

const GATEWAY: &str = r#"
[us]
name = "Acme Supply"
isa  = "ZZ:ACMESUPPLY"
zone = "America/New_York"
gs1_company_prefix = "0614141"
[us.remit_to]
name = "Acme Supply"
code = "gln:0614141000012"
[gateway]
home = "home"
ledger = "sqlite:ledger.db"
scan_every = "5 s"
[log]
format = "json"
"#;

const MEGAMART: &str = r#"
name   = "MegaMart Stores"
role   = "retailer"
status = "production"
zone   = "America/Chicago"
[x12]
isa = "ZZ:MEGAMART"
version = "004010"
separators = "* > ~"
line_breaks = true
acknowledge = { with = "997", sets = "not accepted", within = "2 h" }
first_control_number = 501
[[endpoint]]
name = "mailbox"
via  = "folder"
pick_up  = { from = "mega/out", match = "*.edi", settle = "2 s" }
drop_off = { to = "mega/in" }
[[document]]
receive = "850"
to = "erp"
[[document]]
send = "856"
via = "mailbox"
expect = { "997" = "24 h" }
"#;

const ERP: &str = r#"
name   = "ERP"
role   = "erp"
status = "production"
[[endpoint]]
name = "inbox"
via  = "folder"
drop_off = { to = "erp/in", name = "{kind}_{number}.json" }
[[endpoint]]
name = "outbox"
via  = "folder"
pick_up = { from = "erp/out", then = "delete" }
[[document]]
send = "order"
as = "json"
via = "inbox"
[[document]]
receive = "shipment"
as = "json"
match = "ship*.json"
"#;

/// A directory with files that are right, in which a test changes something.
struct Setup {
    dir: tempfile::TempDir,
}

impl Setup {
    fn new() -> Setup {
        let setup = Setup { dir: tempfile::tempdir().unwrap() };
        setup.write("gateway.toml", GATEWAY);
        setup.write("partners/megamart/partner.toml", MEGAMART);
        setup.write("partners/erp/partner.toml", ERP);
        setup
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.trim_start()).unwrap();
    }

    /// Replaces one text in one file; it must stand there exactly once.
    fn change(self, name: &str, from: &str, to: &str) -> Setup {
        let path = self.dir.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {name}");
        fs::write(path, text.replace(from, to)).unwrap();
        self
    }

    fn with(self, name: &str, text: &str) -> Setup {
        self.write(name, text);
        self
    }

    fn load(&self) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
        load(&self.dir.path().join("gateway.toml"))
    }

    /// What the owner reads, with the directory cut off.
    fn faults(&self) -> String {
        let faults = self.load().map_or_else(|faults| faults, |(_, warnings)| warnings);
        let text = faults.iter().map(Diagnostic::to_string).collect::<Vec<_>>().join("\n");
        text.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

/// The faults after one change in gateway.toml.
fn gateway(from: &str, to: &str) -> String {
    Setup::new().change("gateway.toml", from, to).faults()
}

/// The faults after one change in the retailer's file.
fn megamart(from: &str, to: &str) -> String {
    Setup::new().change("partners/megamart/partner.toml", from, to).faults()
}

/// The faults after one change in the ERP's file.
fn erp(from: &str, to: &str) -> String {
    Setup::new().change("partners/erp/partner.toml", from, to).faults()
}
