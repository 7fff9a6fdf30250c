//! Codes about X12 interchanges, sets, segments and elements (X12-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    // Lexical and envelope faults: E001-E049, W001-W019.
    &EMPTY_FILE,
    &NO_ISA,
    &NOISE,
    &TRUNCATED_ISA,
    &SHIFTED_ISA,
    &SAME_DELIMITERS,
    &SEGMENT_TOO_LONG,
    &SET_TOO_LARGE,
    &TRAILING_DATA,
    &BINARY_LENGTH,
    &BINARY_END,
    &BINARY_TOO_LONG,
    &ISA_IDENTITY,
    &ISA_DATE,
    &ISA_TIME,
    &ISA_CONTROL_NUMBER,
    &ISA_VERSION,
    &ISA_USAGE,
    &MISSING_IEA,
    &STRAY_SEGMENT,
    &SET_OUTSIDE_GROUP,
    &MISSING_GE,
    &GE_CONTROL_NUMBER,
    &GE_COUNT,
    &GS_CONTROL_NUMBER,
    &DUPLICATE_GROUP,
    &GROUP_VERSION,
    &EMPTY_GROUP,
    &GROUP_KIND,
    &MISSING_SE,
    &SE_COUNT,
    &SE_CONTROL_NUMBER,
    &SET_ID,
    &SET_CONTROL_NUMBER,
    &DUPLICATE_SET,
    &SET_IN_WRONG_GROUP,
    &SET_UNSUPPORTED,
    &UNPADDED_ISA,
    &WRAPPED,
    &IEA_CONTROL_NUMBER,
    &IEA_COUNT,
    &ISA_ACKNOWLEDGMENT,
    &ISA_STANDARD,
    &ISA_UNKNOWN_VERSION,
    &ISA_AUTHORIZATION,
    &ISA_SECURITY,
    &GS_DATE_OR_TIME,
    &EMPTY_SEGMENT,
    &LAST_TERMINATOR,
    &BYTE_ORDER_MARK,
    &FILLER,
    &SHORT_SET_CONTROL_NUMBER,
    &OTHER_CONVENTION,
    // Segments and elements against the guide.
    &UNKNOWN_SEGMENT,
    &SEGMENT_NOT_IN_SET,
    &UNEXPECTED_SEGMENT,
    &SEGMENT_OUT_OF_SEQUENCE,
    &SEGMENT_MISSING,
    &TOO_MANY_LOOPS,
    &TOO_MANY_SEGMENTS,
    &BARE_SEGMENT,
    &ELEMENT_MISSING,
    &CONDITIONAL_ELEMENT_MISSING,
    &TOO_MANY_ELEMENTS,
    &TOO_MANY_COMPONENTS,
    &ELEMENT_TOO_SHORT,
    &ELEMENT_TOO_LONG,
    &CONTROL_CHARACTER,
    &NOT_A_NUMBER,
    &POINT_NOT_ALLOWED,
    &SEPARATOR_IN_ELEMENT,
    &UNKNOWN_CODE,
    &NOT_A_DATE,
    &NOT_A_TIME,
    &EXCLUSION_VIOLATED,
    &TOO_MANY_REPETITIONS,
    &DUPLICATE_LEVEL,
    &UNKNOWN_PARENT,
    &PARTNER_SEGMENT_UNUSED,
    &PARTNER_SEGMENT_MISSING,
    &PARTNER_TOO_MANY,
    &PARTNER_ELEMENT_MISSING,
    &PARTNER_CODE,
    &PARTNER_CONSTANT,
    &PARTNER_PATTERN,
    &PARTNER_TOO_LONG,
    &PARTNER_ELEMENT_UNUSED,
    &LEVELS_NOT_CONSECUTIVE,
    &CHILD_CODE_WRONG,
    &SEVERAL_ROOTS,
    &LEVEL_OUT_OF_STRUCTURE,
    &LINE_COUNT_DIFFERS,
    &HASH_TOTAL_DIFFERS,
    &TRAILING_SEPARATOR,
    &FOREIGN_CHARACTER,
    &UNLISTED_CODE,
    &FURTHER_FAULTS,
];

// Lexical and envelope faults: E001-E049, W001-W019.

/// The file holds no data.
pub static EMPTY_FILE: Meaning = Meaning {
    code: "X12-E001",
    title: "the file holds no data",
    meaning: "The file is empty, or holds nothing but blanks. There is no interchange in it, so that nobody can be answered and nothing can be booked.",
    cause: "A transfer that broke off before its first byte, or an export that ran without a document to write.",
    fix: "the sender must send the file again. If a file of no length is how you say that there is nothing to send, agree on sending none instead",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The file does not begin with an ISA segment.
pub static NO_ISA: Meaning = Meaning {
    code: "X12-E002",
    title: "the file does not begin with an ISA segment",
    meaning: "Every X12 interchange begins with the three letters ISA, followed by the character that separates its elements. Without it neither the sender nor the delimiters are known. An ISA further on in the file is not searched for, because names in data may look like one.",
    cause: "A file of another format in this folder, a covering text before the interchange, or an envelope that was cut off.",
    fix: "the sender must send the interchange alone, from ISA to IEA, with nothing before it",
    who: Who::Sender,
    example: "GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~",
    corrected: "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~",
};

/// The file is binary, not an interchange.
pub static NOISE: Meaning = Meaning {
    code: "X12-E003",
    title: "the file is binary, not an interchange",
    meaning: "The first bytes are not text in any encoding that X12 uses. The file may be compressed, encrypted, a picture or damaged. Nothing of it was read.",
    cause: "A compressed or encrypted file that was not unpacked, or a transfer that changed bytes.",
    fix: "whoever runs the transport must look at the first bytes quoted; unpack or decrypt the file before it is handed over, and transfer it in binary mode",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The file ends within the ISA.
pub static TRUNCATED_ISA: Meaning = Meaning {
    code: "X12-E004",
    title: "the file ends within the ISA",
    meaning: "The ISA is 105 characters and a terminator long; the file ends before that. Its delimiters and its sender cannot be known, so that nothing can be read or answered.",
    cause: "A transfer that broke off, or a file that was picked up while it was still being written.",
    fix: "whoever runs the transport must transfer the file again, and see to it that a file takes its final name only when it is complete",
    who: Who::Transport,
    example: "ISA*00*          *00*          *ZZ*MEGAMART",
    corrected: "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~",
};

/// The ISA does not have its fixed width.
pub static SHIFTED_ISA: Meaning = Meaning {
    code: "X12-E005",
    title: "the ISA does not have its fixed width",
    meaning: "An element of the ISA is longer than its width, or a letter, digit, space, line break or character of several bytes stands where a delimiter must. Everything after it has moved, so that the delimiters cannot be told from data. Reading on would mean guessing, and a wrong guess would change the document.",
    cause: "An identifier longer than 15 characters in ISA06 or ISA08, a missing element, or a missing segment terminator.",
    fix: "the sender must write every element of the ISA at its exact width (ISA06 and ISA08: 15 characters), with the terminator as the 106th byte",
    who: Who::Sender,
    example: "ISA*00*          *00*          *ZZ*MEGAMART-STORES-INC*ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~",
    corrected: "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~",
};

/// Two delimiters are the same character.
pub static SAME_DELIMITERS: Meaning = Meaning {
    code: "X12-E006",
    title: "two delimiters are the same character",
    meaning: "The element separator, component separator, repetition separator and segment terminator must all differ. X12 has no escape character, so that a document written with two equal ones can be split in more than one way.",
    cause: "A partner's profile in the sender's translator that names one character twice.",
    fix: "the sender must choose four different characters that never occur in data; * > ^ ~ are usual",
    who: Who::Sender,
    example: "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T**~",
    corrected: "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~",
};

/// No segment terminator was found.
pub static SEGMENT_TOO_LONG: Meaning = Meaning {
    code: "X12-E007",
    title: "no segment terminator was found",
    meaning: "A segment ran on for a mebibyte without the terminator that the ISA announced. No real segment comes near that length, so reading stopped there; the rest of the file was not read.",
    cause: "The segments end with another character than the 106th byte of the ISA, or the line ends were changed in transfer.",
    fix: "the sender must end every segment with the character at the 106th byte of the ISA; transfer the file in binary mode so that nobody rewrites it",
    who: Who::Sender,
    example: "ISA*...*T*>~GS*PO*MEGAMART'ST*850*0001'",
    corrected: "ISA*...*T*>~GS*PO*MEGAMART~ST*850*0001~",
};

/// A transaction set is larger than can be held.
pub static SET_TOO_LARGE: Meaning = Meaning {
    code: "X12-E008",
    title: "a transaction set is larger than can be held",
    meaning: "One transaction set, from ST to SE, is held in memory while it is checked, and this one is larger than the bound. It was refused; the sets after it were read.",
    cause: "Many documents in one set, or an SE that is missing.",
    fix: "the sender must divide the content into several transaction sets",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Something that is no interchange follows the IEA.
pub static TRAILING_DATA: Meaning = Meaning {
    code: "X12-E009",
    title: "something that is no interchange follows the IEA",
    meaning: "After an interchange only another interchange may follow, with nothing but blanks between. What follows here does not begin with ISA, and it was not read: whatever business it holds is not booked.",
    cause: "Two files glued together of which the second lost its ISA, or a report appended by the transfer software.",
    fix: "the sender must send what follows as an interchange of its own, with ISA and IEA",
    who: Who::Sender,
    example: "IEA*1*000000101~GS*PO*MEGAMART~",
    corrected: "IEA*1*000000101~ISA*00*...~GS*PO*MEGAMART~",
};

/// The length of binary data is no number.
pub static BINARY_LENGTH: Meaning = Meaning {
    code: "X12-E045",
    title: "the length of binary data is no number",
    meaning: "A BIN or BDS segment says how many bytes of data follow, since any byte may stand in them, terminators included. Without that number nobody can tell where the data ends and the next segment begins. The set is refused, and what follows is not read up to the trailer that bears the number of the open group or interchange.",
    cause: "A length that was left out, a sign or blanks in it, or lines that were wrapped within it.",
    fix: "the sender must write the number of bytes of the data in BIN01 or BDS02, in digits alone",
    who: Who::Sender,
    example: "BIN**<note>gate ~ 7</note>~",
    corrected: "BIN*21*<note>gate ~ 7</note>~",
};

/// Binary data does not end where its length says.
pub static BINARY_END: Meaning = Meaning {
    code: "X12-E046",
    title: "binary data does not end where its length says",
    meaning: "After as many bytes as BIN01 or BDS02 says, the segment terminator must stand, and something else does. The length is wrong, or bytes were added or lost on the way; what is data and what is the next segment cannot be told. The set is refused, and what follows is not read up to the trailer that bears the number of the open group or interchange.",
    cause: "A length that counts characters instead of bytes, or line ends that were changed in transfer.",
    fix: "the sender must count the bytes of the data as they are sent. Transfer the file in binary mode so that nobody rewrites line ends",
    who: Who::Sender,
    example: "BIN*12*café at noon~",
    corrected: "BIN*13*café at noon~",
};

/// Binary data is longer than can be held.
pub static BINARY_TOO_LONG: Meaning = Meaning {
    code: "X12-E047",
    title: "binary data is longer than can be held",
    meaning: "A BIN or BDS segment announces more than 16 mebibytes of data. The set is refused, and what follows is not read up to the trailer that bears the number of the open group or interchange.",
    cause: "A large picture or document as an attachment, or a length that is wrong.",
    fix: "the sender must send large attachments by another way, or divide them into several segments",
    who: Who::Sender,
    example: "BIN*99999999*...~",
    corrected: "BIN*9999999*...~",
};

/// The sender or receiver of the interchange is not named.
pub static ISA_IDENTITY: Meaning = Meaning {
    code: "X12-E010",
    title: "the sender or receiver of the interchange is not named",
    meaning: "ISA05 to ISA08 say who sends and who receives, each with a two-character qualifier and an identifier. One of them is empty or malformed, so that the partner and its agreements cannot be found.",
    cause: "An envelope profile that was not filled in.",
    fix: "the sender must fill in qualifier and identifier as agreed, such as ZZ and MEGAMART",
    who: Who::Sender,
    example: "ISA*...*ZZ*               *ZZ*ACMESUPPLY     *...",
    corrected: "ISA*...*ZZ*MEGAMART       *ZZ*ACMESUPPLY     *...",
};

/// The interchange date is no date.
pub static ISA_DATE: Meaning = Meaning {
    code: "X12-E011",
    title: "the interchange date is no date",
    meaning: "ISA09 must be a calendar date of six digits, year, month and day. Date and time are echoed in the TA1 and identify the interchange together with its control number.",
    cause: "A date of eight digits, or another order of day and month.",
    fix: "the sender must write ISA09 as YYMMDD",
    who: Who::Sender,
    example: "ISA*...*261303*0915*...",
    corrected: "ISA*...*260313*0915*...",
};

/// The interchange time is no time of day.
pub static ISA_TIME: Meaning = Meaning {
    code: "X12-E012",
    title: "the interchange time is no time of day",
    meaning: "ISA10 must be a time of day of four digits, hours from 00 to 23 and minutes from 00 to 59.",
    cause: "A clock written with twelve hours, or 2400 for midnight.",
    fix: "the sender must write ISA10 as HHMM; midnight is 0000",
    who: Who::Sender,
    example: "ISA*...*260303*2400*...",
    corrected: "ISA*...*260304*0000*...",
};

/// The interchange control number is not nine digits.
pub static ISA_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-E013",
    title: "the interchange control number is not nine digits",
    meaning: "ISA13 identifies the interchange: it is what duplicates are found by and what acknowledgments refer to. It must be nine digits, padded with zeros at the left.",
    cause: "A number that is not padded, or letters in it.",
    fix: "the sender must write ISA13 with nine digits, such as 000000101",
    who: Who::Sender,
    example: "ISA*...*00401*101      *0*T*>~",
    corrected: "ISA*...*00401*000000101*0*T*>~",
};

/// The control version is no version.
pub static ISA_VERSION: Meaning = Meaning {
    code: "X12-E014",
    title: "the control version is no version",
    meaning: "ISA12 says after which edition the envelope is written, and with that what ISA11 means. It must be five digits.",
    cause: "A GS08 version such as 004010 cut to the wrong end, or an empty element.",
    fix: "the sender must write ISA12 as five digits, such as 00401 or 00501",
    who: Who::Sender,
    example: "ISA*...*U*04010*...",
    corrected: "ISA*...*U*00401*...",
};

/// The interchange does not say whether it is a test.
pub static ISA_USAGE: Meaning = Meaning {
    code: "X12-E015",
    title: "the interchange does not say whether it is a test",
    meaning: "ISA15 must be P for production, T for test or I for information. Anything else is refused, because a test that is taken for business ships real goods.",
    cause: "An envelope profile that was not filled in.",
    fix: "the sender must write P in ISA15 for business and T for tests",
    who: Who::Sender,
    example: "ISA*...*0*X*>~",
    corrected: "ISA*...*0*P*>~",
};

/// The interchange has no IEA.
pub static MISSING_IEA: Meaning = Meaning {
    code: "X12-E016",
    title: "the interchange has no IEA",
    meaning: "The interchange ends without its trailer: the file ended, or another ISA began. Without IEA nobody can know whether all of its groups arrived.",
    cause: "A transfer that broke off, or files that were glued together after their last line was cut.",
    fix: "the sender must send the whole interchange again, up to and including IEA",
    who: Who::Sender,
    example: "GE*1*101~",
    corrected: "GE*1*101~IEA*1*000000101~",
};

/// A segment stands outside any transaction set.
pub static STRAY_SEGMENT: Meaning = Meaning {
    code: "X12-E017",
    title: "a segment stands outside any transaction set",
    meaning: "Between the envelope segments only other envelope segments may stand. This segment belongs to no set, so that its data cannot be booked. Segments that follow it in the same place are not named one by one.",
    cause: "A missing ST, or an SE that came too early.",
    fix: "the sender must put every data segment between its ST and SE",
    who: Who::Sender,
    example: "GS*...~BEG*00*SA*4500012345~",
    corrected: "GS*...~ST*850*0001~BEG*00*SA*4500012345~",
};

/// A transaction set stands outside any functional group.
pub static SET_OUTSIDE_GROUP: Meaning = Meaning {
    code: "X12-E018",
    title: "a transaction set stands outside any functional group",
    meaning: "Every transaction set travels in a group, from GS to GE; the group says for which application it is and at which version it is written. A set without one cannot be read or acknowledged.",
    cause: "A GS that was left out, or a GE that came too early.",
    fix: "the sender must write GS before the set and GE after it",
    who: Who::Sender,
    example: "ISA*...~ST*850*0001~",
    corrected: "ISA*...~GS*PO*...~ST*850*0001~",
};

/// The functional group has no GE.
pub static MISSING_GE: Meaning = Meaning {
    code: "X12-E020",
    title: "the functional group has no GE",
    meaning: "The group ends without its trailer, because IEA, another GS or the end of the file comes first. Nobody can know whether all of its sets arrived, and the group is rejected.",
    cause: "A transfer that broke off, or a trailer that the sender's translator did not write.",
    fix: "the sender must send the group again, up to and including GE",
    who: Who::Sender,
    example: "SE*22*0001~IEA*1*000000101~",
    corrected: "SE*22*0001~GE*1*101~IEA*1*000000101~",
};

/// GE names another group than GS.
pub static GE_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-E021",
    title: "GE names another group than GS",
    meaning: "GE02 must repeat the control number of GS06. They differ, so that this trailer may belong to another group whose header was lost.",
    cause: "A trailer that was written with a counter of its own, or a group that was cut and glued.",
    fix: "the sender must repeat GS06 in GE02",
    who: Who::Sender,
    example: "GS*...*101*X*004010~ ... GE*1*102~",
    corrected: "GS*...*101*X*004010~ ... GE*1*101~",
};

/// GE counts another number of sets.
pub static GE_COUNT: Meaning = Meaning {
    code: "X12-E022",
    title: "GE counts another number of sets",
    meaning: "GE01 says how many transaction sets the group holds, and another number was found. A set may have been lost on the way, so the group is rejected.",
    cause: "A set that was removed or added after the trailer was written.",
    fix: "the sender must write the number of ST segments of the group in GE01",
    who: Who::Sender,
    example: "GE*2*101~",
    corrected: "GE*1*101~",
};

/// The group control number is no number.
pub static GS_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-E023",
    title: "the group control number is no number",
    meaning: "GS06 identifies the group, and acknowledgments refer to it. It must be 1 to 9 digits, and not zero.",
    cause: "An envelope profile without a counter.",
    fix: "the sender must write a new number in GS06 for every group",
    who: Who::Sender,
    example: "GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*A1*X*004010~",
    corrected: "GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~",
};

/// A group control number occurs twice in the interchange.
pub static DUPLICATE_GROUP: Meaning = Meaning {
    code: "X12-E024",
    title: "a group control number occurs twice in the interchange",
    meaning: "GS06 must be unique among the groups of an interchange. Two groups with one number cannot be told apart in an acknowledgment, and the second is rejected.",
    cause: "A group that was copied, or a counter that does not move.",
    fix: "the sender must give every group a control number of its own",
    who: Who::Sender,
    example: "GS*PO*...*101*X*004010~ ... GS*PO*...*101*X*004010~",
    corrected: "GS*PO*...*101*X*004010~ ... GS*PO*...*102*X*004010~",
};

/// The version of the group is not supported.
pub static GROUP_VERSION: Meaning = Meaning {
    code: "X12-E025",
    title: "the version of the group is not supported",
    meaning: "GS08 names the version of the standard that the sets are written after. The transaction set is known here, but not at this version, so that it cannot be checked or used.",
    cause: "A version that was not agreed on, or a misprint in GS08.",
    fix: "the sender must write the version that was agreed on, such as 004010. Our side can list the versions it reads",
    who: Who::Sender,
    example: "GS*PO*...*101*X*002001~",
    corrected: "GS*PO*...*101*X*004010~",
};

/// The functional group holds no transaction set.
pub static EMPTY_GROUP: Meaning = Meaning {
    code: "X12-E026",
    title: "the functional group holds no transaction set",
    meaning: "A group must hold at least one transaction set. This one has none between GS and GE, so that there is nothing to accept.",
    cause: "An export that ran without documents.",
    fix: "the sender must leave out the group when there is nothing to send",
    who: Who::Sender,
    example: "GS*PO*...~GE*0*101~",
    corrected: "GS*PO*...~ST*850*0001~ ... SE*22*0001~GE*1*101~",
};

/// The functional group is of a kind that is not supported.
pub static GROUP_KIND: Meaning = Meaning {
    code: "X12-E027",
    title: "the functional group is of a kind that is not supported",
    meaning: "GS01 says what kind of documents the group holds, such as PO for purchase orders. This identifier is none that edigate knows, so that nothing in the group can be used.",
    cause: "A group of documents that were never agreed on, or a slip in GS01.",
    fix: "the sender must write the functional identifier of the documents in GS01, or leave out the group",
    who: Who::Sender,
    example: "GS*XX*...~ST*850*0001~",
    corrected: "GS*PO*...~ST*850*0001~",
};

/// The transaction set has no SE.
pub static MISSING_SE: Meaning = Meaning {
    code: "X12-E030",
    title: "the transaction set has no SE",
    meaning: "The set ends without its trailer, because another envelope segment or the end of the file comes first. Segments may have been lost, so the set is rejected.",
    cause: "A transfer that broke off, or a trailer that the sender's translator did not write.",
    fix: "the sender must end the set with SE and send it again",
    who: Who::Sender,
    example: "ST*850*0001~BEG*00*SA*1**20260302~GE*1*101~",
    corrected: "ST*850*0001~BEG*00*SA*1**20260302~SE*3*0001~GE*1*101~",
};

/// SE counts another number of segments.
pub static SE_COUNT: Meaning = Meaning {
    code: "X12-E032",
    title: "SE counts another number of segments",
    meaning: "SE01 says how many segments the set has, ST and SE included, and another number was counted. A segment may have been lost or added on the way, so the set is rejected.",
    cause: "A segment that was removed or added by hand, or a count without ST and SE.",
    fix: "the sender must write the number of segments from ST to SE, both included, in SE01",
    who: Who::Sender,
    example: "ST*850*0001~BEG*00*SA*1**20260302~SE*1*0001~",
    corrected: "ST*850*0001~BEG*00*SA*1**20260302~SE*3*0001~",
};

/// SE names another set than ST.
pub static SE_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-E033",
    title: "SE names another set than ST",
    meaning: "SE02 must repeat the control number of ST02. They differ, so that this trailer may belong to another set whose header was lost.",
    cause: "A trailer that was written with a counter of its own, or a set that was cut and glued.",
    fix: "the sender must repeat ST02 in SE02",
    who: Who::Sender,
    example: "ST*850*0001~ ... SE*22*0002~",
    corrected: "ST*850*0001~ ... SE*22*0001~",
};

/// The transaction set does not say what it is.
pub static SET_ID: Meaning = Meaning {
    code: "X12-E034",
    title: "the transaction set does not say what it is",
    meaning: "ST01 must be the three digits of a transaction set, such as 850. It is missing or malformed, so that the set cannot be read.",
    cause: "A damaged segment, or an element too many or too few before it.",
    fix: "the sender must write the identifier of the set in ST01",
    who: Who::Sender,
    example: "ST**0001~",
    corrected: "ST*850*0001~",
};

/// The control number of the set is missing or malformed.
pub static SET_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-E035",
    title: "the control number of the set is missing or malformed",
    meaning: "ST02 identifies the set within its group, and acknowledgments refer to it. It must be 4 to 9 characters.",
    cause: "A counter that was not filled in.",
    fix: "the sender must number the sets of a group 0001, 0002 and so on",
    who: Who::Sender,
    example: "ST*850*~",
    corrected: "ST*850*0001~",
};

/// A set control number occurs twice in the group.
pub static DUPLICATE_SET: Meaning = Meaning {
    code: "X12-E036",
    title: "a set control number occurs twice in the group",
    meaning: "ST02 must be unique among the sets of a group. Two sets with one number cannot be told apart in an acknowledgment, and the second is rejected.",
    cause: "A set that was copied, or a counter that does not move.",
    fix: "the sender must give every set of a group a control number of its own",
    who: Who::Sender,
    example: "ST*850*0001~ ... ST*850*0001~",
    corrected: "ST*850*0001~ ... ST*850*0002~",
};

/// The transaction set does not belong in this group.
pub static SET_IN_WRONG_GROUP: Meaning = Meaning {
    code: "X12-E037",
    title: "the transaction set does not belong in this group",
    meaning: "GS01 says what kind of sets the group carries, and every kind has its own code: PO for 850, SH for 856, IN for 810. This set travels under another code than its own.",
    cause: "Sets of several kinds in one group, or a wrong code in GS01.",
    fix: "the sender must write a group of its own, with the right GS01, for each kind of set",
    who: Who::Sender,
    example: "GS*IN*...~ST*850*0001~",
    corrected: "GS*PO*...~ST*850*0001~",
};

/// The transaction set is not supported.
pub static SET_UNSUPPORTED: Meaning = Meaning {
    code: "X12-E038",
    title: "the transaction set is not supported",
    meaning: "There is no guide for this transaction set in this build, so that it cannot be checked, and it is rejected rather than passed on unread.",
    cause: "A document that was not agreed on.",
    fix: "the sender must send only the transaction sets that were agreed on. If this one is wanted, tell our side, who can add a guide",
    who: Who::Sender,
    example: "ST*837*0001~",
    corrected: "ST*850*0001~",
};

/// The ISA is not padded to its fixed width.
pub static UNPADDED_ISA: Meaning = Meaning {
    code: "X12-W001",
    title: "the ISA is not padded to its fixed width",
    meaning: "The elements of the ISA have too few or too many blanks after them: they were not padded to their widths, or an editor trimmed them. It was read by splitting at the separators, which is certain as long as no element is too long. Many readers refuse such a header.",
    cause: "A template that was edited by hand.",
    fix: "the sender must pad ISA02, ISA04, ISA06 and ISA08 with blanks so that the ISA has 106 bytes",
    who: Who::Sender,
    example: "ISA*00**00**ZZ*MEGAMART*ZZ*ACMESUPPLY*260303*0915*U*00401*000000101*0*T*>~",
    corrected: "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~",
};

/// Lines are wrapped within segments.
pub static WRAPPED: Meaning = Meaning {
    code: "X12-W002",
    title: "lines are wrapped within segments",
    meaning: "Line breaks stand within segments although segments end with another character. They were taken for the wrapping of old 80-column systems and left out of the data.",
    cause: "A mainframe or a mail gateway that breaks lines at a fixed width.",
    fix: "whoever runs the transport must transfer the file in binary mode and without a record length",
    who: Who::Transport,
    example: "PO1*001*24*EA*3.\n61*PE~",
    corrected: "PO1*001*24*EA*3.61*PE~",
};

/// IEA names another interchange than ISA.
pub static IEA_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-W003",
    title: "IEA names another interchange than ISA",
    meaning: "IEA02 must repeat the control number of ISA13. They differ; the number of the ISA was used.",
    cause: "A trailer that was written with a counter of its own, or a file that was cut and glued.",
    fix: "the sender must repeat ISA13 in IEA02",
    who: Who::Sender,
    example: "ISA*...*000000101*0*T*>~ ... IEA*1*000000102~",
    corrected: "ISA*...*000000101*0*T*>~ ... IEA*1*000000101~",
};

/// IEA counts another number of groups.
pub static IEA_COUNT: Meaning = Meaning {
    code: "X12-W004",
    title: "IEA counts another number of groups",
    meaning: "IEA01 says how many functional groups the interchange holds, and another number was found. The groups that are there were read; one may have been lost on the way.",
    cause: "A group that was removed or added after the trailer was written.",
    fix: "the sender must write the number of GS segments in IEA01, and send again what is missing",
    who: Who::Sender,
    example: "IEA*2*000000101~",
    corrected: "IEA*1*000000101~",
};

/// The interchange does not say whether a TA1 is wanted.
pub static ISA_ACKNOWLEDGMENT: Meaning = Meaning {
    code: "X12-W005",
    title: "the interchange does not say whether a TA1 is wanted",
    meaning: "ISA14 must be 1 when the sender wants an interchange acknowledgment and 0 when not. Anything else is read as 0.",
    cause: "An envelope profile that was not filled in.",
    fix: "the sender must write 0 or 1 in ISA14",
    who: Who::Sender,
    example: "ISA*...*000000101* *T*>~",
    corrected: "ISA*...*000000101*0*T*>~",
};

/// ISA11 does not fit the version of the envelope.
pub static ISA_STANDARD: Meaning = Meaning {
    code: "X12-W006",
    title: "ISA11 does not fit the version of the envelope",
    meaning: "Below version 00402 ISA11 is the letter U; from 00402 on it is the character that separates repetitions of an element. What stands here fits neither, and the interchange was read without repetitions.",
    cause: "An envelope that was moved to another version without changing ISA11.",
    fix: "the sender must write U in ISA11 below version 00402, else a separator such as ^",
    who: Who::Sender,
    example: "ISA*...*0915*^*00401*...",
    corrected: "ISA*...*0915*U*00401*...",
};

/// ISA12 is later than what is known here, or was never published.
pub static ISA_UNKNOWN_VERSION: Meaning = Meaning {
    code: "X12-W012",
    title: "the version of the envelope is not known here",
    meaning: "ISA12 says which version of the standard the envelope follows. This one is none of those that are known here; the envelope was read like the latest of them. The TA1 says so with note 003.",
    cause: "A version with its digits misplaced, such as 04010 for 00401, or one that is newer than this program.",
    fix: "the sender must write the version of the envelope, such as 00401 or 00501, into ISA12",
    who: Who::Sender,
    example: "ISA*...*0915*U*04010*...",
    corrected: "ISA*...*0915*U*00401*...",
};

/// ISA01 and ISA02.
pub static ISA_AUTHORIZATION: Meaning = Meaning {
    code: "X12-W013",
    title: "the authorization in the envelope is incomplete",
    meaning: "ISA01 says what kind of authorization stands in ISA02: 00 for none, else 01 to 06. The code is another one, or the value is missing. Nothing here depends on it, so that the interchange was read; the TA1 says so with note 010 or 011.",
    cause: "An envelope profile that was not filled in.",
    fix: "the sender must write 00 into ISA01, or the authorization into ISA02",
    who: Who::Sender,
    example: "ISA*  *          *00*...",
    corrected: "ISA*00*          *00*...",
};

/// ISA03 and ISA04.
pub static ISA_SECURITY: Meaning = Meaning {
    code: "X12-W014",
    title: "the security information in the envelope is incomplete",
    meaning: "ISA03 says whether a password stands in ISA04: 00 for none, 01 for one. The code is another one, or the password is missing. Nothing here depends on it, so that the interchange was read; the TA1 says so with note 012 or 013.",
    cause: "An envelope profile that was not filled in.",
    fix: "the sender must write 00 into ISA03, or the password into ISA04",
    who: Who::Sender,
    example: "ISA*00*          *01*          *...",
    corrected: "ISA*00*          *00*          *...",
};

/// The date or time of the group is malformed.
pub static GS_DATE_OR_TIME: Meaning = Meaning {
    code: "X12-W007",
    title: "the date or time of the group is malformed",
    meaning: "GS04 must be a calendar date of eight digits and GS05 a time of day. They are not used to read the documents, so that the group was read all the same.",
    cause: "A date of another format in the envelope profile.",
    fix: "the sender must write GS04 as CCYYMMDD and GS05 as HHMM",
    who: Who::Sender,
    example: "GS*PO*MEGAMART*ACMESUPPLY*03/03/26*0915*101*X*004010~",
    corrected: "GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~",
};

/// A segment is empty.
pub static EMPTY_SEGMENT: Meaning = Meaning {
    code: "X12-W008",
    title: "a segment is empty",
    meaning: "Two segment terminators follow one another with nothing between. The empty segment was passed over and not counted. Further ones in the interchange are not named.",
    cause: "A template that writes the terminator of a segment whose content is absent.",
    fix: "the sender must leave out the terminator together with the segment",
    who: Who::Sender,
    example: "REF*DP*0042~~",
    corrected: "REF*DP*0042~",
};

/// The last segment has no terminator.
pub static LAST_TERMINATOR: Meaning = Meaning {
    code: "X12-W009",
    title: "the last segment has no terminator",
    meaning: "The file ends with the IEA but without its segment terminator. All of the IEA is there, so that nothing is in doubt.",
    cause: "An editor or a transfer that trims the end of the file.",
    fix: "the sender must end the IEA with the terminator like every other segment",
    who: Who::Sender,
    example: "IEA*1*000000101",
    corrected: "IEA*1*000000101~",
};

/// The file begins with a byte order mark.
pub static BYTE_ORDER_MARK: Meaning = Meaning {
    code: "X12-W015",
    title: "the file begins with a byte order mark",
    meaning: "Three bytes (EF BB BF) stand before the ISA, which editors write to say that a text is UTF-8. They were passed over. Many readers find no interchange in such a file.",
    cause: "A file that was opened and saved with an editor, or written by a program as \"UTF-8 with BOM\".",
    fix: "the sender must write the file without a byte order mark, so that its first byte is the I of ISA",
    who: Who::Sender,
    example: "\u{feff}ISA*00*...",
    corrected: "ISA*00*...",
};

/// Filling bytes follow the last IEA.
pub static FILLER: Meaning = Meaning {
    code: "X12-W016",
    title: "filling bytes follow the IEA",
    meaning: "Zero bytes or a Ctrl-Z stand after an IEA. Systems that store files in blocks fill their last one so; nothing is lost by it, and the bytes were passed over.",
    cause: "A mainframe, or a transfer with a fixed record length.",
    fix: "whoever runs the transport must transfer the file at its true length",
    who: Who::Transport,
    example: "IEA*1*000000101~\u{1a}",
    corrected: "IEA*1*000000101~",
};

/// The control number of the set is shorter than four characters.
pub static SHORT_SET_CONTROL_NUMBER: Meaning = Meaning {
    code: "X12-W010",
    title: "the control number of the set is shorter than four characters",
    meaning: "ST02 must have 4 to 9 characters. A shorter one still identifies the set, so that it was accepted with an error.",
    cause: "A counter that is not padded with zeros.",
    fix: "the sender must pad ST02 with zeros to four digits",
    who: Who::Sender,
    example: "ST*850*1~",
    corrected: "ST*850*0001~",
};

/// The set names another implementation guide than its group.
pub static OTHER_CONVENTION: Meaning = Meaning {
    code: "X12-W011",
    title: "the set names another implementation guide than its group",
    meaning: "From 005010 on ST03 may name the implementation guide that a set follows. Where GS08 names one as well, such as 005010X222A1, both must be the same. The set was read by the version of its group.",
    cause: "A guide that was updated in the group's header and not in the set's, or a set that was put into another group.",
    fix: "the sender must repeat GS08 in ST03",
    who: Who::Sender,
    example: "GS*HC*...*X*005010X222A1~ST*837*0001*005010X222~",
    corrected: "GS*HC*...*X*005010X222A1~ST*837*0001*005010X222A1~",
};

// ---- segments and elements against the guide: E050-E099, W020 and on, N001 and on ----

/// Table 720, code 1.
pub static UNKNOWN_SEGMENT: Meaning = Meaning {
    code: "X12-E050",
    title: "segment is not part of the standard",
    meaning: "The segment's identifier does not exist in this version of X12. Its content cannot be read, and what \
              follows it may have lost the loop it belongs to. The 997 reports it with segment error 1.",
    cause: "A misspelled identifier, a line break or separator in the middle of data, or a segment of a private extension.",
    fix: "the sender must correct the identifier or leave the segment out; look at the bytes just before it for a stray separator",
    who: Who::Sender,
    example: "BEG*00*SA*4500012345**20260302~\nRFE*DP*0042~",
    corrected: "BEG*00*SA*4500012345**20260302~\nREF*DP*0042~",
};

/// Table 720, code 6.
pub static SEGMENT_NOT_IN_SET: Meaning = Meaning {
    code: "X12-E051",
    title: "segment is not used in this transaction set",
    meaning: "The segment exists in the standard, but this transaction set has no place for it. Nothing is read from it. \
              The 997 reports it with segment error 6.",
    cause: "A map written for another transaction set, or a set identifier in ST01 that is not the one meant.",
    fix: "the sender must leave the segment out of this set, or send the set in which it belongs",
    who: Who::Sender,
    example: "ST*850*0001~\nBSN*00*SHP0000777*20260306*1410~",
    corrected: "ST*856*0001~\nBSN*00*SHP0000777*20260306*1410~",
};

/// Table 720, code 2.
pub static UNEXPECTED_SEGMENT: Meaning = Meaning {
    code: "X12-E052",
    title: "segment is not expected here",
    meaning: "The set does use this segment, but only inside a loop that has not been started at this point. Without the \
              loop's first segment nobody can tell what it describes. The 997 reports it with segment error 2.",
    cause: "The first segment of its loop was left out, or the segment before it could not be recognized.",
    fix: "the sender must write the loop's first segment before it, such as N1 before N3, or move it into the loop",
    who: Who::Sender,
    example: "BEG*00*SA*4500012345**20260302~\nN3*100 DISTRIBUTION WAY~",
    corrected: "BEG*00*SA*4500012345**20260302~\nN1*ST*MEGAMART DC 6021~\nN3*100 DISTRIBUTION WAY~",
};

/// Table 720, code 7.
pub static SEGMENT_OUT_OF_SEQUENCE: Meaning = Meaning {
    code: "X12-E053",
    title: "segment comes too late",
    meaning: "The segments of a set stand in a fixed order, and the place of this one has been passed. It is not read, \
              because after a later segment it could mean something else. The 997 reports it with segment error 7.",
    cause: "A map that writes the segments in the order of its own data instead of the order of the standard.",
    fix: "the sender must move the segment to its place; `edigate show` on a correct sample shows the order",
    who: Who::Sender,
    example: "BEG*00*SA*4500012345**20260302~\nDTM*010*20260306~\nCUR*BY*USD~",
    corrected: "BEG*00*SA*4500012345**20260302~\nCUR*BY*USD~\nDTM*010*20260306~",
};

/// Table 720, code 3.
pub static SEGMENT_MISSING: Meaning = Meaning {
    code: "X12-E054",
    title: "mandatory segment is missing",
    meaning: "The standard requires this segment at this point and another one stands there instead. Without it the set \
              cannot be used. The 997 reports it with segment error 3, at the position where it was missed.",
    cause: "Data that the sender's system did not have, or a condition in its map that suppressed the segment.",
    fix: "the sender must add the segment before the one named in the place",
    who: Who::Sender,
    example: "ST*850*0001~\nREF*DP*0042~",
    corrected: "ST*850*0001~\nBEG*00*SA*4500012345**20260302~\nREF*DP*0042~",
};

/// Table 720, code 4.
pub static TOO_MANY_LOOPS: Meaning = Meaning {
    code: "X12-E055",
    title: "loop is repeated too often",
    meaning: "The standard limits how often this loop may stand here, and the limit is passed. A receiver may have no room \
              for the surplus. The 997 reports it with segment error 4.",
    cause: "Details of several documents put into one, or a loop written for every record where one is allowed.",
    fix: "the sender must keep to the limit, for example by splitting the document",
    who: Who::Sender,
    example: "CTT*2~\nCTT*2~",
    corrected: "CTT*2~",
};

/// Table 720, code 5.
pub static TOO_MANY_SEGMENTS: Meaning = Meaning {
    code: "X12-E056",
    title: "segment is repeated too often",
    meaning: "The standard limits how often this segment may stand here, and the limit is passed. Which of them is meant \
              cannot be told. The 997 reports it with segment error 5.",
    cause: "A map that writes one segment for each value where only one is allowed.",
    fix: "the sender must send the segment no more often than the limit says",
    who: Who::Sender,
    example: "BEG*00*SA*4500012345**20260302~\nCUR*BY*USD~\nCUR*SE*USD~",
    corrected: "BEG*00*SA*4500012345**20260302~\nCUR*BY*USD~",
};

/// Table 720, code 8, without an element fault of its own.
pub static BARE_SEGMENT: Meaning = Meaning {
    code: "X12-E057",
    title: "segment holds nothing but its identifier",
    meaning: "A segment must carry at least one element with a value. An empty one says nothing and is not valid X12. \
              The 997 reports it with segment error 8.",
    cause: "A map that writes the segment although none of its fields had a value.",
    fix: "the sender must leave the segment out when it has nothing to say, or fill in its elements",
    who: Who::Sender,
    example: "N1*ST*MEGAMART DC 6021~\nN4~",
    corrected: "N1*ST*MEGAMART DC 6021~\nN4*BENTONVILLE*AR*72712~",
};

/// Table 723, code 1.
pub static ELEMENT_MISSING: Meaning = Meaning {
    code: "X12-E060",
    title: "mandatory element is missing",
    meaning: "The standard requires a value in this element whenever the segment is sent. Spaces alone do not count as a \
              value. The 997 reports it with element error 1.",
    cause: "The field was empty in the sender's system, or the elements have slipped by one position.",
    fix: "the sender must fill in the element, or leave out the whole segment if it is optional",
    who: Who::Sender,
    example: "SN1***EA~",
    corrected: "SN1**24*EA~",
};

/// Table 723, code 2.
pub static CONDITIONAL_ELEMENT_MISSING: Meaning = Meaning {
    code: "X12-E061",
    title: "element is missing that another one requires",
    meaning: "Some elements only make sense together: a quantity with its unit, an identifier with its qualifier. One of \
              them is there and its companion is not. The 997 reports it with element error 2.",
    cause: "A qualifier written as a constant while the value beside it was empty, or the other way round.",
    fix: "the sender must send the elements together or not at all",
    who: Who::Sender,
    example: "N1*ST*MEGAMART DC 6021*92~",
    corrected: "N1*ST*MEGAMART DC 6021*92*6021~",
};

/// Table 723, code 3.
pub static TOO_MANY_ELEMENTS: Meaning = Meaning {
    code: "X12-E062",
    title: "segment has more elements than the standard gives it",
    meaning: "A value stands behind the last element that this segment has in this version. Either it does not belong \
              here or a value before it has slipped. The 997 reports it with element error 3.",
    cause: "An element separator inside data, or a map for a later version of the standard.",
    fix: "the sender must remove the surplus element, and replace separators that occur in data",
    who: Who::Sender,
    example: "N3*100 DISTRIBUTION WAY*SUITE 4*REAR*DOCK~",
    corrected: "N3*100 DISTRIBUTION WAY*SUITE 4~",
};

/// Table 723, code 13.
pub static TOO_MANY_COMPONENTS: Meaning = Meaning {
    code: "X12-E063",
    title: "composite has more components than the standard gives it",
    meaning: "A value stands behind the last component that this composite element has in this version. The 997 reports \
              it with element error 13, or with 3 before 005010, where that stands for components too.",
    cause: "The component separator of the interchange occurs in data.",
    fix: "the sender must remove the surplus component, or replace the separator in the data",
    who: Who::Sender,
    example: "AK4*3>1>2*355*7~",
    corrected: "AK4*3>1*355*7~",
};

/// Table 723, code 4.
pub static ELEMENT_TOO_SHORT: Meaning = Meaning {
    code: "X12-E064",
    title: "element is too short",
    meaning: "The value has fewer characters than the standard requires for this element. In numbers the sign and the \
              decimal point are not counted. The 997 reports it with element error 4.",
    cause: "Leading zeros that a spreadsheet or a numeric field dropped.",
    fix: "the sender must write the value in its full length",
    who: Who::Sender,
    example: "ST*850*1~",
    corrected: "ST*850*0001~",
};

/// Table 723, code 5.
pub static ELEMENT_TOO_LONG: Meaning = Meaning {
    code: "X12-E065",
    title: "element is too long",
    meaning: "The value has more characters than the standard allows for this element. Cutting it could change what it \
              says, so it is not cut. The 997 reports it with element error 5.",
    cause: "A field of the sender's system that is longer than the element, or a price with too many decimals.",
    fix: "the sender must shorten the value, or use the segment that allows more room",
    who: Who::Sender,
    example: "BEG*00*SA*45000123450000000000000000**20260302~",
    corrected: "BEG*00*SA*4500012345**20260302~",
};

/// Table 723, code 6.
pub static CONTROL_CHARACTER: Meaning = Meaning {
    code: "X12-E066",
    title: "element holds a control character",
    meaning: "Tabs, line breaks and other control characters are in no X12 character set. They get into data by copying \
              and break files downstream. The 997 reports it with element error 6.",
    cause: "Text copied from a document or a form with several lines.",
    fix: "the sender must replace control characters with spaces before writing the file",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Table 723, code 6.
pub static NOT_A_NUMBER: Meaning = Meaning {
    code: "X12-E067",
    title: "element is not a number",
    meaning: "A numeric element holds digits, at its head a minus sign where needed, and in decimals one point. Anything \
              else, such as a comma or a currency sign, cannot be calculated with. The 997 reports it with element error 6.",
    cause: "A number formatted for people: a decimal comma, thousands separators, a unit or currency beside it.",
    fix: "the sender must write plain digits with a point for decimals, such as 1234.5",
    who: Who::Sender,
    example: "PO1*001*24*EA*5,50~",
    corrected: "PO1*001*24*EA*5.50~",
};

/// Table 723, code 6.
pub static POINT_NOT_ALLOWED: Meaning = Meaning {
    code: "X12-E068",
    title: "decimal point in a number whose decimals are implied",
    meaning: "In elements of type N2 the last two digits are the decimals: 11764 means 117.64. A written point makes the \
              amount ambiguous by a factor of a hundred. The 997 reports it with element error 6.",
    cause: "A map that treats an implied-decimal element like an ordinary decimal.",
    fix: "the sender must write the amount in the smallest unit and without a point",
    who: Who::Sender,
    example: "TDS*117.64~",
    corrected: "TDS*11764~",
};

/// Table 723, code 6.
pub static SEPARATOR_IN_ELEMENT: Meaning = Meaning {
    code: "X12-E069",
    title: "component separator in an element that has no components",
    meaning: "The character that ISA16 names separates components and cannot be part of data, because X12 has no escape. \
              In a simple element it leaves open what the value is. The 997 reports it with element error 6.",
    cause: "Text with a colon or a greater-than sign in an interchange that uses that character as its separator.",
    fix: "the sender must replace the character in the data, or choose another component separator in ISA16",
    who: Who::Sender,
    example: "MSG*DOCK>REAR~",
    corrected: "MSG*DOCK REAR~",
};

/// Table 723, code 7.
pub static UNKNOWN_CODE: Meaning = Meaning {
    code: "X12-E070",
    title: "code is not in the list of the standard",
    meaning: "The element takes one of a few codes, and the list is complete: this value has no meaning. The 997 reports \
              it with element error 7.",
    cause: "A code of the sender's own system that was not translated, or a code in lower case.",
    fix: "the sender must use one of the codes of the list",
    who: Who::Sender,
    example: "AK5*B~",
    corrected: "AK5*R~",
};

/// Table 723, code 8.
pub static NOT_A_DATE: Meaning = Meaning {
    code: "X12-E071",
    title: "element is not a date",
    meaning: "Dates are written CCYYMMDD and must exist in the calendar. A date that cannot be read would start the wrong \
              clock. The 997 reports it with element error 8.",
    cause: "A date in another format, six digits without the century, or zeros for no date.",
    fix: "the sender must write eight digits, such as 20260302, or leave the element empty if it is optional",
    who: Who::Sender,
    example: "DTM*010*20260230~",
    corrected: "DTM*010*20260228~",
};

/// Table 723, code 9.
pub static NOT_A_TIME: Meaning = Meaning {
    code: "X12-E072",
    title: "element is not a time",
    meaning: "Times are written HHMM, HHMMSS, or with one or two decimals of the second, on a clock of 24 hours. The 997 \
              reports it with element error 9.",
    cause: "A time with colons or AM and PM, or 2400 for midnight.",
    fix: "the sender must write four to eight digits, such as 1410 or 141000; midnight is 0000",
    who: Who::Sender,
    example: "BSN*00*SHP0000777*20260306*2410~",
    corrected: "BSN*00*SHP0000777*20260306*0010~",
};

/// Table 723, code 10.
pub static EXCLUSION_VIOLATED: Meaning = Meaning {
    code: "X12-E073",
    title: "elements are both present that exclude each other",
    meaning: "The standard allows at most one of these elements, because they say the same thing in two ways. The 997 \
              reports it with element error 10.",
    cause: "A map that fills every element it has data for.",
    fix: "the sender must send only one of them",
    who: Who::Sender,
    example: "QTY*38*12**TWELVE~",
    corrected: "QTY*38*12~",
};

/// Table 723, code 12.
pub static TOO_MANY_REPETITIONS: Meaning = Meaning {
    code: "X12-E074",
    title: "element is repeated too often",
    meaning: "From control version 00402 on the character in ISA11 stands between repetitions of an element, and the \
              standard says of each element how often it may be repeated. Nearly all stand only once. The 997 and 999 \
              report it with element error 12, or with 3 before 005010.",
    cause: "The repetition separator of the interchange occurs in data, or a map writes a list where one value is meant.",
    fix: "the sender must send one value, or replace the separator in the data",
    who: Who::Sender,
    example: "REF*DP*038^042~",
    corrected: "REF*DP*038~",
};

/// Table 723, code 7, at HL01.
pub static DUPLICATE_LEVEL: Meaning = Meaning {
    code: "X12-E080",
    title: "two HL levels have the same number",
    meaning: "HL01 names a level so that its children can point to it. When two levels share a number nobody can tell in \
              which carton an item lies.",
    cause: "A counter that is reset for each order or carton.",
    fix: "the sender must number the HL segments 1, 2, 3 … through the whole set",
    who: Who::Sender,
    example: "HL*1**S~\nHL*2*1*O~\nHL*2*1*O~",
    corrected: "HL*1**S~\nHL*2*1*O~\nHL*3*1*O~",
};

/// Table 723, code 7, at HL02.
pub static UNKNOWN_PARENT: Meaning = Meaning {
    code: "X12-E081",
    title: "HL level names a parent that does not stand before it",
    meaning: "HL02 must be the number of an earlier HL segment; the first level has none. The level hangs in the air \
              otherwise, and so does everything in it.",
    cause: "Parents numbered by another counter than the levels, or levels that were sorted after numbering.",
    fix: "the sender must write into HL02 the HL01 of the level that contains this one",
    who: Who::Sender,
    example: "HL*1**S~\nHL*2*7*O~",
    corrected: "HL*1**S~\nHL*2*1*O~",
};

/// Table 720, code 2, by an overlay.
pub static PARTNER_SEGMENT_UNUSED: Meaning = Meaning {
    code: "X12-E090",
    title: "segment is not used by this partner",
    meaning: "The standard has a place for the segment, but the partner's guide leaves it out. What it says would be read by nobody, so the set is rejected instead. The diagnostic names the line of the overlay; the 997 reports it with segment error 2.",
    cause: "A map that writes everything the standard allows, or an overlay that forgot a segment.",
    fix: "the sender must leave the segment out; if the partners agree that it is used, add it to the overlay that the diagnostic names",
    who: Who::Sender,
    example: "use only BEG REF N1 PO1 CTT\n\nBEG*00*SA*4500012345**20260302~\nCUR*BY*USD~",
    corrected: "BEG*00*SA*4500012345**20260302~",
};

/// Table 720, code 3, by an overlay.
pub static PARTNER_SEGMENT_MISSING: Meaning = Meaning {
    code: "X12-E091",
    title: "segment is missing that this partner's guide requires",
    meaning: "The standard leaves the segment open, and the partner's guide requires it at this point. The diagnostic names the line of the overlay; the 997 reports it with segment error 3, at the position where it was missed.",
    cause: "Data that the sender's system did not have, or a map that was made for partners who do not need it.",
    fix: "the sender must add the segment before the one named in the place",
    who: Who::Sender,
    example: "REF required\n\nBEG*00*SA*4500012345**20260302~\nPO1*001*24*EA~",
    corrected: "BEG*00*SA*4500012345**20260302~\nREF*DP*0042~\nPO1*001*24*EA~",
};

/// Table 720, code 4 or 5, by an overlay.
pub static PARTNER_TOO_MANY: Meaning = Meaning {
    code: "X12-E092",
    title: "segment or loop is repeated more often than this partner's guide allows",
    meaning: "The standard would allow more of them here, and the partner's guide sets a lower limit: a receiver may have no room for the surplus. The diagnostic names the line of the overlay; the 997 reports it with segment error 4 for a loop and 5 for a segment.",
    cause: "A document that is larger than those that were agreed on, such as an order with too many lines.",
    fix: "the sender must keep to the limit, for example by splitting the document",
    who: Who::Sender,
    example: "PO1 max 1\n\nPO1*001*24*EA~\nPO1*002*12*EA~",
    corrected: "PO1*001*24*EA~",
};

/// Table 723, code 1, by an overlay.
pub static PARTNER_ELEMENT_MISSING: Meaning = Meaning {
    code: "X12-E093",
    title: "element is missing that this partner's guide requires",
    meaning: "The standard leaves the element open, and the partner's guide requires it. The diagnostic names the line of the overlay; the 997 reports it with element error 1.",
    cause: "A field that was left empty in the sender's system, or a map that was made for partners who do not need it.",
    fix: "the sender must fill in the element",
    who: Who::Sender,
    example: "PO104 required\n\nPO1*001*24*EA~",
    corrected: "PO1*001*24*EA*3.61~",
};

/// Table 723, code 7, by an overlay.
pub static PARTNER_CODE: Meaning = Meaning {
    code: "X12-E094",
    title: "code is not among those of this partner's guide",
    meaning: "The standard has the code, or does not say, and the partner's guide takes a few codes only. Another code would ask for something that was not agreed on, such as a change where originals are expected. The diagnostic names the line of the overlay; the 997 reports it with element error 7.",
    cause: "A document of a kind that was not agreed on, or a code that was not translated for this partner.",
    fix: "the sender must use one of the codes that are expected; if another one is agreed on, add it to the overlay that the diagnostic names",
    who: Who::Sender,
    example: "BEG01 codes 00 06\n\nBEG*01*SA*4500012345**20260302~",
    corrected: "BEG*00*SA*4500012345**20260302~",
};

/// Table 723, code 7, by an overlay.
pub static PARTNER_CONSTANT: Meaning = Meaning {
    code: "X12-E095",
    title: "element does not have the value that this partner's guide gives it",
    meaning: "The partner's guide has one value for the element, always the same. The diagnostic names the line of the overlay; the 997 reports it with element error 7.",
    cause: "A map that was made for another partner, or a value of the sender's own in the place of the agreed one.",
    fix: "the sender must write the value that is expected",
    who: Who::Sender,
    example: "N103 constant 92\n\nN1*ST*MEGAMART DC 6021*91*6021~",
    corrected: "N1*ST*MEGAMART DC 6021*92*6021~",
};

/// Table 723, code 7, by an overlay.
pub static PARTNER_PATTERN: Meaning = Meaning {
    code: "X12-E096",
    title: "element does not have the form that this partner's guide gives it",
    meaning: "The standard takes any text there, and the partner's guide says how it is built: # stands for a digit, @ for a letter, ? for any character and * for any number of them. A value of another form is some other number, or a mistyped one. The diagnostic names the line of the overlay; the 997 reports it with element error 7.",
    cause: "A number that was typed by hand or cut, or another number in the place of the agreed one.",
    fix: "the sender must write a value of the expected form",
    who: Who::Sender,
    example: "BEG03 pattern 45########\n\nBEG*00*SA*PO-4711**20260302~",
    corrected: "BEG*00*SA*4500012345**20260302~",
};

/// Table 723, code 5, by an overlay.
pub static PARTNER_TOO_LONG: Meaning = Meaning {
    code: "X12-E097",
    title: "element is longer than this partner's guide allows",
    meaning: "The standard allows more characters, and the partner's guide fewer: the field of its system is shorter, and what is beyond would be cut. The diagnostic names the line of the overlay; the 997 reports it with element error 5.",
    cause: "A text that was written without the partner's limit in mind.",
    fix: "the sender must shorten the value",
    who: Who::Sender,
    example: "REF02 max 5\n\nREF*DP*DEPARTMENT 42~",
    corrected: "REF*DP*0042~",
};

/// Table 723, code 3, by an overlay; I10 or I13 in a 999.
pub static PARTNER_ELEMENT_UNUSED: Meaning = Meaning {
    code: "X12-E098",
    title: "element is not used by this partner",
    meaning: "The standard has the element, but the partner's guide leaves it out: what it says would be read by nobody, or mean something else to its reader. The diagnostic names the line of the overlay; the 997 reports it with element error 3, for an element more than there should be.",
    cause: "A map that fills in everything the standard allows, or an overlay that forgot an element.",
    fix: "the sender must leave the element empty; if the partners agree that it is used, change the overlay that the diagnostic names",
    who: Who::Sender,
    example: "BEG07 unused\n\nBEG*00*SA*4500012345**20260302**AD~",
    corrected: "BEG*00*SA*4500012345**20260302~",
};

/// HL01 leaves a gap.
pub static LEVELS_NOT_CONSECUTIVE: Meaning = Meaning {
    code: "X12-W020",
    title: "HL levels are not numbered 1, 2, 3 …",
    meaning: "The numbers are unique, so the tree can be read and is used. Many receivers insist on counting from 1 \
              without gaps and reject such a set.",
    cause: "Levels removed after numbering, or a counter that starts elsewhere.",
    fix: "the sender should number the HL segments from 1 in the order of the file",
    who: Who::Sender,
    example: "HL*1**S~\nHL*5*1*O~",
    corrected: "HL*1**S~\nHL*2*1*O~",
};

/// HL04 against the tree.
pub static CHILD_CODE_WRONG: Meaning = Meaning {
    code: "X12-W021",
    title: "HL04 does not say truly whether the level has children",
    meaning: "HL04 is 1 when levels below follow and 0 when not. The tree itself says otherwise, and the tree is used.",
    cause: "A constant in the sender's map, or children that were left out, such as a carton without items.",
    fix: "the sender should check that no level is missing, then correct HL04 or leave it out",
    who: Who::Sender,
    example: "HL*1**S*0~\nHL*2*1*O~",
    corrected: "HL*1**S*1~\nHL*2*1*O~",
};

/// A second HL without parent.
pub static SEVERAL_ROOTS: Meaning = Meaning {
    code: "X12-W022",
    title: "more than one HL level has no parent",
    meaning: "One ship notice describes one shipment, whose level is the root of all others. A second level without \
              parent is read as it stands, as a tree of its own.",
    cause: "HL02 left empty by mistake, or several shipments in one set.",
    fix: "the sender should fill in HL02, or send one set for each shipment",
    who: Who::Sender,
    example: "HL*1**S~\nHL*2**O~",
    corrected: "HL*1**S~\nHL*2*1*O~",
};

/// BSN05 against the tree.
pub static LEVEL_OUT_OF_STRUCTURE: Meaning = Meaning {
    code: "X12-W027",
    title: "HL level does not stand where the structure of the ship notice has it",
    meaning: "BSN05 says in which order the levels stand: 0001 shipment, order, carton, item; 0002 shipment, order, item, \
              carton; 0003 shipment, carton, order, item; 0004 shipment, order, item. A pallet may stand before the cartons \
              or items that are on it. This level stands below one that the structure does not put above it. The tree can \
              be read and is used as it is; receivers who look for cartons where BSN05 promises them will not find them.",
    cause: "BSN05 is a constant in the sender's map and the levels were changed, or goods without a carton.",
    fix: "the sender should write the structure that the levels have into BSN05, or put the level where BSN05 says",
    who: Who::Sender,
    example: "BSN*00*SHP1*20260306*1410*0001~\nHL*1**S~\nHL*2*1*O~\nHL*3*2*I~",
    corrected: "BSN*00*SHP1*20260306*1410*0004~\nHL*1**S~\nHL*2*1*O~\nHL*3*2*I~",
};

/// CTT01.
pub static LINE_COUNT_DIFFERS: Meaning = Meaning {
    code: "X12-W023",
    title: "CTT01 is not the number of lines in the set",
    meaning: "CTT01 lets the receiver check that no line was lost on the way. It differs from what was counted; the lines \
              that are there are used.",
    cause: "A counter that counts something else, such as sublines, or lines dropped after counting.",
    fix: "the sender should compare the document with its source, then correct the counter",
    who: Who::Sender,
    example: "PO1*001*24*EA*3.61~\nCTT*2~",
    corrected: "PO1*001*24*EA*3.61~\nCTT*1~",
};

/// CTT02.
pub static HASH_TOTAL_DIFFERS: Meaning = Meaning {
    code: "X12-W024",
    title: "CTT02 is not the sum of the quantities",
    meaning: "CTT02 is a check sum over the quantities of the lines. It agrees neither with their sum nor with the sum of \
              their digits without decimal points; the lines are used as they are.",
    cause: "Partners differ in what they add up; or a quantity was changed after the total was made.",
    fix: "the sender should compare the quantities with their source, then correct the total or leave it out",
    who: Who::Sender,
    example: "PO1*001*24*EA*3.61~\nCTT*1*30~",
    corrected: "PO1*001*24*EA*3.61~\nCTT*1*24~",
};

/// Separators behind the last value.
pub static TRAILING_SEPARATOR: Meaning = Meaning {
    code: "X12-W025",
    title: "separators stand behind the last value of a segment",
    meaning: "Empty elements and components at the end are to be dropped together with their separators. They change nothing here, \
              but some receivers reject them. It is reported once for each set.",
    cause: "A map that always writes every element.",
    fix: "the sender should end each segment after its last value",
    who: Who::Sender,
    example: "REF*DP*0042**~",
    corrected: "REF*DP*0042~",
};

/// Characters beyond ASCII.
pub static FOREIGN_CHARACTER: Meaning = Meaning {
    code: "X12-W026",
    title: "text holds characters beyond ASCII",
    meaning: "X12 does not say how accented letters are encoded, so sender and receiver must agree on it. The text is read \
              as UTF-8 where it is valid, else as Latin-1. It is reported once for each set.",
    cause: "Names and addresses with accents.",
    fix: "agree with the partner on an encoding, or have the letters written without accents",
    who: Who::Sender,
    example: "N1*ST*CAFÉ SOLEIL~",
    corrected: "N1*ST*CAFE SOLEIL~",
};

/// A code beyond our subset.
pub static UNLISTED_CODE: Meaning = Meaning {
    code: "X12-N001",
    title: "code is not among those we have a text for",
    meaning: "The standard's list is longer than the part we carry. The code may well be valid; it is kept as it is and only \
              lacks a readable text. It is reported once for each set.",
    cause: "A code that is used rarely, or one that the partner uses by agreement.",
    fix: "nothing has to be done; if the code matters, look it up in the partner's guide",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The list was cut.
pub static FURTHER_FAULTS: Meaning = Meaning {
    code: "X12-N002",
    title: "there are more faults than are listed",
    meaning: "A set with so many faults is usually wrong in one way throughout. Only the first are listed, so that \
              nobody has to read thousands of the same kind.",
    cause: "A wrong separator, a wrong version or a broken map.",
    fix: "mend the first ones and check the file again",
    who: Who::Sender,
    example: "",
    corrected: "",
};
