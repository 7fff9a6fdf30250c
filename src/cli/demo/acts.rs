//! What happens in the demo, act by act: files that somebody leaves, a person who decides, a mailbox that goes, hours that pass.
//!
//! A retailer orders and the supplier's ERP answers. All goes well with the first order but for its invoice; the second is shipped
//! late and too much of it, billed at a wrong price and twice, and paid short; the third can no longer be announced.

/// Something that happens at a time; times are Chicago's.
pub struct Act {
    /// When.
    pub at: &'static str,
    /// What.
    pub happens: Happens,
    /// When the next act may begin.
    pub until: Until,
}

/// What happens.
pub enum Happens {
    /// Somebody leaves a file.
    File {
        /// In this folder of the home.
        folder: &'static str,
        /// Under this name.
        name: &'static str,
        /// With these bytes.
        bytes: &'static [u8],
    },
    /// A person sees to a finding.
    Taken {
        /// What it is about.
        subject: &'static str,
        /// Who.
        owner: &'static str,
        /// Why.
        because: &'static str,
    },
    /// The retailer's mailbox is not there any more, as when a share is not mounted.
    MailboxGone,
    /// Nothing.
    TimePasses,
}

/// What is waited for, on the clock of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The books say all that there is to say, and everything that is to go out went out.
    Settled,
    /// An answer is overdue, and the pager does not take that.
    Overdue,
    /// A delivery failed and will be tried again.
    Stuck,
    /// A rule is about to be broken, and the desk was told of failures.
    AtRisk,
}

/// Where the retailer leaves its files.
pub const RETAILER: &str = "folders/megamart/outbound";
/// Where it takes ours.
pub const MAILBOX: &str = "folders/megamart/inbound";
/// Where that went.
pub const GONE: &str = "folders/megamart/inbound.unmounted";
/// Where the ERP leaves its files.
pub const ERP: &str = "folders/erp/outbox";

const fn file(at: &'static str, folder: &'static str, name: &'static str, bytes: &'static [u8]) -> Act {
    Act { at, happens: Happens::File { folder, name, bytes }, until: Until::Settled }
}

/// What happens, in order.
pub const ACTS: [Act; 20] = [
    file("2026-03-03T09:15:02-06", RETAILER, "850_101.edi", include_bytes!("../../../samples/megamart/850_101.edi")),
    file("2026-03-03T09:20:11-06", RETAILER, "850_102.edi", include_bytes!("../../../samples/megamart/850_102.edi")),
    file("2026-03-03T09:25:40-06", RETAILER, "850_103.edi", include_bytes!("../../../samples/megamart/850_103.edi")),
    file(
        "2026-03-03T09:31:07-06",
        RETAILER,
        "850_101_again.edi",
        include_bytes!("../../../samples/megamart/850_101.edi"),
    ),
    file(
        "2026-03-03T09:41:10-06",
        ERP,
        "ack_4500012345.json",
        include_bytes!("../../../samples/erp/ack_4500012345.json"),
    ),
    file("2026-03-03T09:53:10-06", RETAILER, "997_201.edi", include_bytes!("../../../samples/megamart/997_201.edi")),
    file(
        "2026-03-06T14:10:44-06",
        ERP,
        "ship_SHP0000777.csv",
        include_bytes!("../../../samples/erp/ship_SHP0000777.csv"),
    ),
    file(
        "2026-03-06T14:12:00-06",
        ERP,
        "invoice_INV-20306.xml",
        include_bytes!("../../../samples/erp/invoice_INV-20306.xml"),
    ),
    file("2026-03-06T14:31:15-06", RETAILER, "997_202.edi", include_bytes!("../../../samples/megamart/997_202.edi")),
    // 60 of 48 ordered, and the truck left 105 minutes ago.
    file(
        "2026-03-06T15:05:20-06",
        ERP,
        "ship_SHP0000778.csv",
        include_bytes!("../../../samples/erp/ship_SHP0000778.csv"),
    ),
    // At 3.71, ordered at 3.61; and once more under another number.
    file(
        "2026-03-06T15:11:40-06",
        ERP,
        "invoice_INV-20307.xml",
        include_bytes!("../../../samples/erp/invoice_INV-20307.xml"),
    ),
    file(
        "2026-03-06T15:12:05-06",
        ERP,
        "invoice_INV-20308.xml",
        include_bytes!("../../../samples/erp/invoice_INV-20308.xml"),
    ),
    Act {
        at: "2026-03-06T15:30:00-06",
        happens: Happens::Taken {
            subject: "810 INV-20308",
            owner: "anna",
            because: "the ERP printed it twice, a credit follows",
        },
        until: Until::Settled,
    },
    // The fault of 850_103 once more.
    file("2026-03-06T16:40:33-06", RETAILER, "850_104.edi", include_bytes!("../../../samples/megamart/850_104.edi")),
    // They pay what they ordered at, and say so.
    file("2026-03-07T10:05:30-06", RETAILER, "820_301.edi", include_bytes!("../../../samples/megamart/820_301.edi")),
    // What their dock counted, in words.
    file("2026-03-07T10:40:00-06", RETAILER, "864_302.edi", include_bytes!("../../../samples/megamart/864_302.edi")),
    // The 997 for the ship notice of the day before has not come.
    Act { at: "2026-03-07T14:14:00-06", happens: Happens::TimePasses, until: Until::Overdue },
    Act { at: "2026-03-07T14:16:00-06", happens: Happens::MailboxGone, until: Until::Settled },
    Act {
        at: "2026-03-07T14:20:12-06",
        happens: Happens::File {
            folder: ERP,
            name: "ship_SHP0000779.csv",
            bytes: include_bytes!("../../../samples/erp/ship_SHP0000779.csv"),
        },
        until: Until::Stuck,
    },
    // Its ship notice must be there an hour after the truck left, at 14:12.
    Act { at: "2026-03-07T15:00:00-06", happens: Happens::TimePasses, until: Until::AtRisk },
];
