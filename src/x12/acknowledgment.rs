//! Acknowledgments both ways: the 997 and TA1 that we owe, and those that partners send us.
//!
//! ```text
//! AK1*SH*503~AK2*856*0001~AK3*SN1*25**8~AK4*2*382*1~AK5*R*5~AK9*R*1*1*0~
//!   group SH 503 rejected: set 856 0001 rejected: SN1 (segment 25), element 2: mandatory element missing
//! ```
//!
//! A 997 says that syntax is right, not that anybody agrees to the business. Never here: who wants which
//! acknowledgment (a partner's policy), and what an answer is an answer to (`reconcile`).

mod build;
mod read;
mod words;

use serde::{Deserialize, Serialize};

use super::check::Checked;
use super::examine::{GroupReport, InterchangeReport};
use super::writer::SetDraft;

/// What a 997 says of a set or group, in the code tables' own letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// `A`.
    Accepted,
    /// `E`.
    AcceptedWithErrors,
    /// `P` (groups only).
    PartiallyAccepted,
    /// `R`, `M`, `W`, `X`.
    Rejected,
}

/// A 997 as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionalAcknowledgment {
    /// AK101: the functional id of the group it answers.
    pub functional_id: String,
    /// AK102 as written: that group's control number.
    pub group_control_number: String,
    /// AK901; `None` when it is no known code.
    pub verdict: Option<Verdict>,
    /// AK902, AK903, AK904: sets included, received, accepted.
    pub counts: [u32; 3],
    /// AK905-909: table 716.
    pub group_errors: Vec<String>,
    /// The AK2 loops; sets that it does not list are covered by the group's verdict.
    pub sets: Vec<AcknowledgedSet>,
}

/// One AK2 loop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgedSet {
    /// AK201.
    pub id: String,
    /// AK202 as written.
    pub control_number: String,
    /// AK501; `None` when it is no known code.
    pub verdict: Option<Verdict>,
    /// AK502-506: table 718.
    pub set_errors: Vec<String>,
    /// AK3/AK4.
    pub faults: Vec<AcknowledgedFault>,
}

/// One AK3 with one of its AK4, or an AK3 alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgedFault {
    /// AK301.
    pub segment: String,
    /// AK302: position in the set, ST = 1.
    pub position: u32,
    /// AK303.
    pub in_loop: Option<String>,
    /// AK304: table 720.
    pub segment_error: Option<String>,
    /// AK401-1 and AK401-2.
    pub element: Option<(u16, Option<u16>)>,
    /// AK402.
    pub data_element: Option<u32>,
    /// AK403: table 723.
    pub element_error: Option<String>,
    /// AK404: a copy of the bad data.
    pub found: Option<String>,
}

impl AcknowledgedFault {
    /// The fault in words: `IT1 (segment 9), element 4: invalid character in "5,50"`.
    pub fn in_words(&self) -> String {
        words::fault(self)
    }
}

/// A TA1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterchangeAcknowledgment {
    /// TA101: the control number of the interchange it answers.
    pub control_number: String,
    /// TA102.
    pub date: String,
    /// TA103.
    pub time: String,
    /// TA104: `A`, `E` or `R`.
    pub verdict: String,
    /// TA105.
    pub note: String,
}

/// For which sets the 997 carries an AK2 loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetDetail {
    /// For every set.
    #[default]
    All,
    /// For those that are not plainly accepted.
    NotAccepted,
}

/// The 997 for one received group; `None` for a group of acknowledgments (GS01 = FA), which is never acknowledged.
///
/// Bad data is copied into AK404 only when it holds nothing that any partner uses as a delimiter.
pub fn functional(group: &GroupReport, detail: SetDetail) -> Option<SetDraft> {
    build::functional(group, detail)
}

/// The TA1 for one received interchange: verdict and the one note code, a rejecting one first.
pub fn interchange(report: &InterchangeReport) -> InterchangeAcknowledgment {
    build::interchange(report)
}

/// Reads a 997 (or the healthcare variant 999) that was checked against its guide.
pub fn read(set: &Checked<'_>) -> FunctionalAcknowledgment {
    read::functional(&set.tree.root())
}
