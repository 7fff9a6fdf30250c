//! Whole interchanges for the tests of this module: small, fictional, correct in every count.

use super::draft::{ElementDraft, SegmentDraft, SetDraft};
use super::envelope::{InterchangeHeader, InterchangeId};
use super::reader::{Part, Reader};
use super::segment::{Segment, text_of};
use super::value::{read_count, read_date, read_time};
use super::writer::{Envelope, GroupDraft};

/// 850.
pub const ORDER: &str = "\
ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~\n\
GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~\n\
ST*850*0001~\n\
BEG*00*SA*4500012345**20260302~\n\
CUR*BY*USD~\n\
REF*DP*0042~\n\
REF*IA*778899~\n\
PER*BD*JANE BUYER*TE*5015550100~\n\
FOB*CC~\n\
ITD*01*3*2**10**30~\n\
DTM*010*20260306~\n\
DTM*001*20260313~\n\
TD5*B*2*ABCD*M~\n\
N1*BY*MEGAMART INC*UL*0614141000005~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
N3*100 DISTRIBUTION WAY~\n\
N4*BENTONVILLE*AR*72712*US~\n\
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~\n\
PID*F****RED WIDGET~\n\
PO4*12~\n\
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU~\n\
PID*F****BLUE WIDGET~\n\
CTT*2*36~\n\
SE*22*0001~\n\
GE*1*101~\n\
IEA*1*000000101~\n";

/// 997 for it.
pub const ORDER_ACCEPTED: &str = "\
ISA*00*          *00*          *ZZ*ACMESUPPLY     *ZZ*MEGAMART       *260303*0915*U*00401*000000501*0*T*>~\n\
GS*FA*ACMESUPPLY*MEGAMART*20260303*0915*501*X*004010~\n\
ST*997*0001~\n\
AK1*PO*101~\n\
AK2*850*0001~\n\
AK5*A~\n\
AK9*A*1*1*1~\n\
SE*6*0001~\n\
GE*1*501~\n\
IEA*1*000000501~\n";

/// 855.
pub const ORDER_ACK: &str = "\
ISA*00*          *00*          *ZZ*ACMESUPPLY     *ZZ*MEGAMART       *260303*0915*U*00401*000000502*0*T*>~\n\
GS*PR*ACMESUPPLY*MEGAMART*20260303*0915*502*X*004010~\n\
ST*855*0001~\n\
BAK*00*AC*4500012345*20260302****SO-9001*20260303~\n\
REF*IA*778899~\n\
DTM*068*20260306~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~\n\
ACK*IA*24*EA*068*20260306~\n\
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU~\n\
ACK*IQ*6*EA*068*20260306~\n\
ACK*IB*6*EA*068*20260320~\n\
CTT*2~\n\
SE*12*0001~\n\
GE*1*502~\n\
IEA*1*000000502~\n";

/// 856 pick-and-pack.
pub const SHIP_NOTICE: &str = "\
ISA*00*          *00*          *ZZ*ACMESUPPLY     *ZZ*MEGAMART       *260303*0915*U*00401*000000503*0*T*>~\n\
GS*SH*ACMESUPPLY*MEGAMART*20260303*0915*503*X*004010~\n\
ST*856*0001~\n\
BSN*00*SHP0000777*20260306*1410*0001~\n\
HL*1**S~\n\
TD1*CTN25*2****G*31.5*LB~\n\
TD5*B*2*ABCD*M*ABC FREIGHT~\n\
TD3*TL**TRL4411******SEAL99871~\n\
REF*BM*06141410000007772~\n\
REF*CN*PRO123456~\n\
DTM*011*20260306~\n\
DTM*017*20260309~\n\
FOB*CC~\n\
N1*SF*ACME SUPPLY*92*ACME01~\n\
N3*1 FACTORY RD~\n\
N4*DAYTON*OH*45402*US~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
HL*2*1*O~\n\
PRF*4500012345***20260302~\n\
REF*IA*778899~\n\
REF*DP*0042~\n\
N1*BY*MEGAMART INC*UL*0614141000005~\n\
HL*3*2*P~\n\
MAN*GM*00006141410000000012~\n\
HL*4*3*I~\n\
LIN*001*UP*061414100014*IN*550001~\n\
SN1**24*EA**24*EA~\n\
HL*5*2*P~\n\
MAN*GM*00006141410000000029~\n\
HL*6*5*I~\n\
LIN*002*UP*061414100021*IN*550002~\n\
SN1**6*EA**12*EA~\n\
CTT*6*30~\n\
SE*32*0001~\n\
GE*1*503~\n\
IEA*1*000000503~\n";

/// 824.
pub const ADVICE: &str = "\
ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000104*0*T*>~\n\
GS*AG*MEGAMART*ACMESUPPLY*20260303*0915*104*X*004010~\n\
ST*824*0001~\n\
BGN*00*ADV5501*20260306*1530~\n\
N1*FR*MEGAMART INC~\n\
N1*TO*ACME SUPPLY~\n\
OTI*TR*SI*SHP0000777***20260306*1410*503*0001*856~\n\
REF*PO*4500012345~\n\
TED*ZZZ**LIN*24*3**061414100014~\n\
NTE*GEN*UPC NOT ON PURCHASE ORDER~\n\
SE*9*0001~\n\
GE*1*104~\n\
IEA*1*000000104~\n";

/// 997 rejecting the 856.
pub const SHIP_NOTICE_REJECTED: &str = "\
ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000105*0*T*>~\n\
GS*FA*MEGAMART*ACMESUPPLY*20260303*0915*105*X*004010~\n\
ST*997*0001~\n\
AK1*SH*503~\n\
AK2*856*0001~\n\
AK3*SN1*25**8~\n\
AK4*2*382*1~\n\
AK5*R*5~\n\
AK9*R*1*1*0~\n\
SE*8*0001~\n\
GE*1*105~\n\
IEA*1*000000105~\n";

/// 999.
pub const IMPLEMENTATION_ACK: &str = "\
ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*^*00501*000000106*0*T*>~\n\
GS*FA*MEGAMART*ACMESUPPLY*20260303*0915*106*X*005010X231A1~\n\
ST*999*0001*005010X231A1~\n\
AK1*HC*77*005010X222A1~\n\
AK2*837*0001*005010X222A1~\n\
IK3*NM1*12*2010*8~\n\
IK4*9*67*1~\n\
IK5*R*5~\n\
AK9*R*1*1*0~\n\
SE*8*0001~\n\
GE*1*106~\n\
IEA*1*000000106~\n";

/// A TA1 that accepts.
pub const TA1_ACCEPTED: &str = "\
ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000107*0*T*>~\n\
TA1*000000503*260306*1410*A*000~\n\
IEA*0*000000107~\n";

/// All of them that hold a group.
pub const EXAMPLES: &[&str] =
    &[ORDER, ORDER_ACCEPTED, ORDER_ACK, SHIP_NOTICE, ADVICE, SHIP_NOTICE_REJECTED, IMPLEMENTATION_ACK];

/// What an interchange was written from, read back out of its bytes.
pub fn parts_again(bytes: &[u8]) -> (Envelope, Vec<GroupDraft>) {
    let mut reader = Reader::new(bytes);
    let mut envelope = None;
    let mut groups: Vec<GroupDraft> = Vec::new();
    while let Some(part) = reader.next().unwrap() {
        match part {
            Part::InterchangeStart(header) => envelope = Some(envelope_of(&header, bytes)),
            Part::GroupStart(header) => {
                let envelope = envelope.as_mut().unwrap();
                envelope.group_sender = header.sender;
                envelope.group_receiver = header.receiver;
                envelope.version = header.version;
                groups.push(GroupDraft { control_number: read_count(&header.control_number).unwrap(), sets: vec![] });
            }
            Part::Set(set) => {
                let segments: Vec<_> = set.segments().skip(1).take(set.len() - 2).map(draft).collect();
                groups.last_mut().unwrap().sets.push(SetDraft::of(&set.segment(0).value(1).unwrap(), &segments));
            }
            Part::Problem(fault) => panic!("{fault}"),
            Part::BetweenEnvelopes(_) | Part::GroupEnd(_) | Part::InterchangeEnd(..) => {}
        }
    }
    (envelope.unwrap(), groups)
}

fn envelope_of(header: &InterchangeHeader, bytes: &[u8]) -> Envelope {
    Envelope {
        sender: InterchangeId::new(&header.sender_qualifier, &header.sender).unwrap(),
        receiver: InterchangeId::new(&header.receiver_qualifier, &header.receiver).unwrap(),
        group_sender: String::new(),
        group_receiver: String::new(),
        version: String::new(),
        control_number: read_count(&header.control_number).unwrap(),
        acknowledgment_requested: header.acknowledgment_requested,
        usage: header.usage.unwrap(),
        at: read_date(&header.date).unwrap().to_datetime(read_time(&header.time).unwrap()),
        delimiters: header.delimiters,
        line_breaks: bytes[106] == b'\n',
    }
}

/// A segment as a draft that would write it again.
pub fn draft(segment: Segment<'_>) -> SegmentDraft {
    let repetition = segment.delimiters().repetition;
    let element = |number: usize| {
        if segment.holds_binary(number) {
            return ElementDraft::Binary(segment.element(number).to_vec());
        }
        let component = segment.delimiters().component;
        let parts = |value: &[u8]| -> Vec<String> {
            value.split(|&byte| byte == component).map(|part| text_of(part).into_owned()).collect()
        };
        let mut values: Vec<Vec<String>> =
            segment.element(number).split(|&byte| Some(byte) == repetition).map(parts).collect();
        match (values.len(), values[0].len()) {
            (1, 1) => ElementDraft::Simple(values.remove(0).remove(0)),
            (1, _) => ElementDraft::Composite(values.remove(0)),
            _ => ElementDraft::Repeated(values),
        }
    };
    SegmentDraft::new(segment.tag(), (1..=segment.element_count()).map(element))
}
