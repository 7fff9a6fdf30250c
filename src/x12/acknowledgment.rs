//! Acknowledgments both ways: the 997, 999 and TA1 that we owe, and those that partners send us.
//!
//! ```text
//! AK1*SH*503~AK2*856*0001~AK3*SN1*25**8~AK4*2*382*1~AK5*R*5~AK9*R*1*1*0~
//!   group SH 503 rejected: set 856 0001 rejected: SN1 (segment 25), element 2: mandatory element missing
//! ```
//!
//! A 997 says that syntax is right, not that anybody agrees to the business. Never here: who wants which
//! acknowledgment (a partner's [`Style`] comes as an argument), and what an answer is an answer to (`reconcile`).

mod alphabet;
mod build;
mod codes;
mod context;
mod note;
mod read;
mod words;

#[cfg(test)]
mod every_code;
#[cfg(test)]
mod convention;

use serde::{Deserialize, Serialize};

use super::check::Checked;
use super::delimiters::{Delimiters, has_repetition};
use super::draft::SetDraft;
use super::envelope::{GroupHeader, names_a_guide};
use super::examine::{GroupReport, InterchangeReport};
use super::writer::{Envelope, GroupDraft, HeadedGroup};

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

/// A 997 or 999 as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionalAcknowledgment {
    /// Which of the two.
    #[serde(default)]
    pub kind: AnswerKind,
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
    /// AK401-3: which repetition of it, from 005010 on.
    #[serde(default)]
    pub repetition: Option<u16>,
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

/// The two transaction sets that acknowledge a functional group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum AnswerKind {
    /// The functional acknowledgment.
    #[default]
    #[serde(rename = "997")]
    Functional,
    /// The implementation acknowledgment, which speaks of implementation guides as well.
    #[serde(rename = "999")]
    Implementation,
}

impl AnswerKind {
    /// ST01.
    pub fn set_id(self) -> &'static str {
        match self {
            AnswerKind::Functional => "997",
            AnswerKind::Implementation => "999",
        }
    }

    /// What acknowledges a group where nothing else was agreed on: the 999 where the group follows an implementation guide
    /// of 005010 or later.
    fn usual(version: &str) -> AnswerKind {
        if *version >= *"005010" && names_a_guide(version) {
            AnswerKind::Implementation
        } else {
            AnswerKind::Functional
        }
    }
}

/// For which sets an acknowledgment carries an AK2 loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetDetail {
    /// For every set.
    #[default]
    All,
    /// For those that are not plainly accepted.
    NotAccepted,
    /// For those that are rejected.
    Rejected,
    /// For none: the group's verdict stands alone.
    None,
}

/// Under which version an acknowledgment goes out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AnswerVersion {
    /// That of the group it answers, where it can be written so, else 004010; that of its own guide for a 999.
    #[default]
    Echo,
    /// Always the same one.
    Fixed(String),
}

/// How a partner wants to be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Style {
    /// By which set; `None` for the one that the group's version calls for.
    pub with: Option<AnswerKind>,
    /// For which sets it has an AK2 loop.
    pub sets: SetDetail,
    /// Its version.
    pub version: AnswerVersion,
    /// What it is written with; bad data that holds one of these is not copied.
    pub delimiters: Delimiters,
}

/// The acknowledgments of one interchange that go into one functional group of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerGroup {
    /// What they are.
    pub kind: AnswerKind,
    /// GS08.
    pub version: String,
    /// GS02: whom the groups were for (GS03); `None` when that cannot be written.
    pub sender: Option<String>,
    /// GS03: whom they came from (GS02); `None` when that cannot be written.
    pub receiver: Option<String>,
    /// One for each received group.
    pub sets: Vec<SetDraft>,
}

impl AnswerGroup {
    /// The group to be written; names that cannot be are replaced by those of the envelope.
    pub fn headed(self, control_number: u32, envelope: &Envelope) -> HeadedGroup {
        HeadedGroup {
            sender: self.sender.unwrap_or_else(|| envelope.group_sender.clone()),
            receiver: self.receiver.unwrap_or_else(|| envelope.group_receiver.clone()),
            version: self.version,
            group: GroupDraft { control_number, sets: self.sets },
        }
    }
}

/// The envelope for some answers: ISA12 must be able to carry the newest of them.
pub fn envelope_for(answers: &[AnswerGroup], envelope: Envelope) -> Envelope {
    match answers.iter().map(|group| &group.version).max() {
        Some(newest) => Envelope { version: newest.clone(), ..envelope },
        None => envelope,
    }
}

/// Every 997 and 999 for one received interchange, in the order of its groups; none for groups of acknowledgments (GS01 = FA).
pub fn answers(report: &InterchangeReport, style: &Style) -> Vec<AnswerGroup> {
    let mut answers: Vec<AnswerGroup> = Vec::new();
    for group in &report.groups {
        let Some(set) = functional(group, style) else { continue };
        let (kind, version) = heading(&group.header, style);
        let sender = alphabet::party(&group.header.receiver, &style.delimiters);
        let receiver = alphabet::party(&group.header.sender, &style.delimiters);
        let goes_with = |one: &&mut AnswerGroup| {
            (one.kind, &one.version, &one.sender, &one.receiver) == (kind, &version, &sender, &receiver)
        };
        match answers.iter_mut().find(goes_with) {
            Some(one) => one.sets.push(set),
            None => answers.push(AnswerGroup { kind, version, sender, receiver, sets: vec![set] }),
        }
    }
    answers
}

/// The 997 or 999 for one received group; `None` for a group of acknowledgments, which is never acknowledged.
pub fn functional(group: &GroupReport, style: &Style) -> Option<SetDraft> {
    let (kind, version) = heading(&group.header, style);
    build::functional(group, kind, &version, style)
}

/// What acknowledges a group, and at which version.
fn heading(group: &GroupHeader, style: &Style) -> (AnswerKind, String) {
    let kind = style.with.unwrap_or_else(|| AnswerKind::usual(&group.version));
    let version = match (kind, &style.version) {
        (AnswerKind::Functional, AnswerVersion::Fixed(version)) => version.clone(),
        (AnswerKind::Implementation, AnswerVersion::Fixed(version)) if names_a_guide(version) => version.clone(),
        (AnswerKind::Implementation, _) => "005010X231A1".to_owned(),
        (AnswerKind::Functional, AnswerVersion::Echo) => echoed(&group.version, &style.delimiters),
    };
    (kind, version)
}

/// The version of a 997 for a group of that version: the same one where edigate can write it. From 005010 on a guide's
/// version is not echoed but replaced by that of the 997's own guide, since ST03 repeats it and the 997 follows no other.
fn echoed(version: &str, delimiters: &Delimiters) -> String {
    let release = version.get(..6).unwrap_or_default();
    let suffix = version.get(6..).unwrap_or_default();
    // Before 004010 dates have six digits in GS04, and nobody asks for that any more.
    let is_release = matches!(release.as_bytes(), [b'0', b'0', b'4'..=b'8', b'0', b'1'..=b'7', b'0']);
    let is_suffix = suffix.len() <= 6 && suffix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let caret_is_free = delimiters.repetition.is_some() || !delimiters.contains(b'^');
    let is_writable = is_release && is_suffix && (caret_is_free || !has_repetition(&release[..5]));
    match (is_writable, names_a_guide(version), release) {
        (false, ..) => "004010".to_owned(),
        (true, true, "005010") => "005010X230".to_owned(),
        (true, true, release) if *release > *"005010" => release.to_owned(),
        (true, ..) => version.to_owned(),
    }
}

/// The TA1 for one received interchange: verdict and the one note code, a rejecting one first.
pub fn interchange(report: &InterchangeReport) -> InterchangeAcknowledgment {
    note::interchange(report)
}

/// Reads a 997 (or the healthcare variant 999) that was checked against its guide.
pub fn read(set: &Checked<'_>) -> FunctionalAcknowledgment {
    read::functional(&set.tree.root())
}
