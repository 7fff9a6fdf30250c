//! Transaction sets for tests, without their envelope, and how to read them.

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::x12::check::check;
use crate::x12::guide;
use crate::x12::reader::{Part, Reader};

/// 850: two lines.
pub(crate) const ORDER: &str = "\
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
CTT*2*36~\n";

/// 860: less of the first line, nothing of the second, and a third at a later date.
pub(crate) const ORDER_CHANGE: &str = "\
BCH*04*SA*4500012345**1*20260302***SO-9001**20260304~\n\
REF*IA*778899~\n\
DTM*010*20260310~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
POC*001*QD*18*6*EA*3.61*PE*UP*061414100014~\n\
POC*002*DI*0*12*EA*5.5*PE*UP*061414100021~\n\
POC*003*AI*6*6*EA*2.25*PE*IN*550003*VN*WID-GRN~\n\
PID*F****GREEN WIDGET~\n\
PO4*6~\n\
CTT*3*24~\n";

/// 855: the first line accepted, the second in part backordered.
pub(crate) const ORDER_ACK: &str = "\
BAK*00*AC*4500012345*20260302****SO-9001*20260303~\n\
REF*IA*778899~\n\
DTM*068*20260306~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~\n\
ACK*IA*24*EA*068*20260306~\n\
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU~\n\
ACK*IQ*6*EA*068*20260306~\n\
ACK*IB*6*EA*068*20260320~\n\
CTT*2~\n";

/// 856: two cartons.
pub(crate) const SHIPMENT: &str = "\
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
CTT*6*30~\n";

/// 856: one pallet with one carton.
pub(crate) const PALLET_SHIPMENT: &str = "\
BSN*00*SHP0000778*20260306*1500*0001~\n\
HL*1**S~\n\
TD1*PLT94*1****G*420*LB~\n\
TD5*B*2*ABCD*M~\n\
REF*BM*06141410000007789~\n\
DTM*011*20260306~\n\
N1*SF*ACME SUPPLY*92*ACME01~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
HL*2*1*O~\n\
PRF*4500012399~\n\
HL*3*2*T~\n\
MAN*GM*00106141411000000016~\n\
PAL**2*5~\n\
HL*4*3*P~\n\
MAN*GM*00006141410000000036~\n\
HL*5*4*I~\n\
LIN**UP*061414100014~\n\
SN1**12*EA~\n\
PO4*12~\n\
CTT*5*12~\n";

/// 810: two lines and an allowance.
pub(crate) const INVOICE: &str = "\
BIG*20260306*INV-20077*20260302*4500012345***DI~\n\
CUR*SE*USD~\n\
REF*IA*778899~\n\
REF*DP*0042~\n\
REF*BM*06141410000007772~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
N1*RI*ACME SUPPLY*92*ACME01~\n\
ITD*01*3*2*20260316*10*20260405*30*235~\n\
DTM*011*20260306~\n\
IT1*001*24*EA*3.61*PE*UP*061414100014*IN*550001~\n\
PID*F****RED WIDGET~\n\
IT1*002*6*EA*5.5*PE*UP*061414100021*IN*550002~\n\
PID*F****BLUE WIDGET~\n\
TDS*11764*11764~\n\
CAD*M***ABCD*ABC FREIGHT**BM*06141410000007772~\n\
SAC*A*C310***200*******02***DEFECTIVE ALLOWANCE~\n\
ISS*30*EA*31.5*LB~\n\
CTT*2~\n";

/// 861: one line whole, one short and damaged.
pub(crate) const RECEIPT: &str = "\
BRA*RC-2001*20260310*00*1*0900~\n\
REF*SI*SHP0000777~\n\
REF*BM*06141410000007772~\n\
DTM*050*20260309~\n\
PRF*4500012345~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
RCD*001*24*EA~\n\
LIN**UP*061414100014*IN*550001~\n\
RCD*002*5*EA*1*EA*1*EA*01*1*EA*02~\n\
SN1**6*EA~\n\
LIN**UP*061414100021~\n\
PRF*4500012345****002~\n\
MAN*GM*00006141410000000029~\n\
CTT*2*29~\n";

/// 824: a ship notice is rejected.
pub(crate) const ADVICE: &str = "\
BGN*00*ADV5501*20260306*1530~\n\
N1*FR*MEGAMART INC~\n\
N1*TO*ACME SUPPLY~\n\
OTI*TR*SI*SHP0000777***20260306*1410*503*0001*856~\n\
REF*PO*4500012345~\n\
TED*ZZZ**LIN*24*3**061414100014~\n\
NTE*GEN*UPC NOT ON PURCHASE ORDER~\n";

/// 864: what is wrong with a ship notice, in words.
pub(crate) const TEXT_MESSAGE: &str = "\
BMG*00*ASN ERRORS~\n\
DTM*097*20260306*1535~\n\
N1*FR*MEGAMART INC~\n\
REF*IA*778899~\n\
PER*IC*VENDOR COMPLIANCE*TE*5015550199~\n\
MIT*ERR01*CARTON COUNT DIFFERS*80*66~\n\
N1*ST*MEGAMART DC 6021*92*6021~\n\
REF*SI*SHP0000777~\n\
MSG*PO 4500012345: 2 CARTONS TOLD~\n\
MSG*3 CARTONS COUNTED AT THE DOCK*SS~\n";

/// 820: an invoice less its discount.
pub(crate) const REMITTANCE: &str = "\
BPR*I*115.29*C*ACH************20260405~\n\
TRN*1*EFT0099887~\n\
REF*VR*778899~\n\
N1*PR*MEGAMART INC*UL*0614141000005~\n\
N1*PE*ACME SUPPLY~\n\
ENT*1~\n\
RMR*IV*INV-20077**115.29*117.64*2.35~\n\
REF*PO*4500012345~\n\
DTM*003*20260306~\n";

/// 812: 20.00 for a wrong price.
pub(crate) const MEMO: &str = "\
BCD*20260310*CM-1001*O*2000*D*20260306*INV-20077*SO-9001**4500012345*00~\n\
CUR*BY*USD~\n\
N9*DP*0042~\n\
N1*BY*MEGAMART INC*UL*0614141000005~\n\
CDD*01*D*001*2000***24*EA*.83*CON*2.78*INV*3.61~\n\
LIN**UP*061414100014~\n\
N9*IV*INV-20077~\n";

/// 180: two damaged widgets.
pub(crate) const RETURN: &str = "\
BGN*00*RT-1001*20260310*0915~\n\
RDR*RG*DM~\n\
PRF*4500012345~\n\
N9*RZ*RMA-77~\n\
N1*BY*MEGAMART INC*UL*0614141000005~\n\
BLI*UP*061414100014*2*EA*CON*3.61*EA*IN*550001~\n\
N9*IV*INV-20077~\n\
PID*F****RED WIDGET~\n\
RDR**DM**DENTED~\n\
QTY*28*2*EA~\n";

/// 846: one item in stock, one to come.
pub(crate) const INVENTORY: &str = "\
BIA*00*SI*INV20260303*20260303*0600~\n\
DTM*007*20260303~\n\
N1*SU*ACME SUPPLY*92*ACME01~\n\
LIN*1*UP*061414100014*VN*WID-RED~\n\
QTY*33*480*EA~\n\
N1*WH*DAYTON*91*WH1~\n\
LIN*2*UP*061414100021*VN*WID-BLU~\n\
QTY*33*0*EA~\n\
QTY*29*600*EA~\n\
DTM*017*20260320~\n\
CTT*2~\n";

/// What reading a set yields.
pub(crate) struct Read {
    /// The document.
    pub(crate) document: Option<Document>,
    /// What `normalize` says about it.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What the check says about it.
    pub(crate) faults: Vec<Diagnostic>,
}

/// Reads the segments of one set between ST and SE at 004010; `id` is ST01.
pub(crate) fn read(id: &str, body: &str) -> Read {
    read_at(id, "004010", body)
}

/// The same at another version.
pub(crate) fn read_at(id: &str, version: &str, body: &str) -> Read {
    let segments = body.matches('~').count() + 2;
    let file = format!(
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*P*>~\n\
         GS*{}*MEGAMART*ACMESUPPLY*20260303*0915*101*X*{version}~\n\
         ST*{id}*0001~\n{body}SE*{segments}*0001~\nGE*1*101~\nIEA*1*000000101~\n",
        crate::x12::envelope::functional_id(id).unwrap_or("PO"),
    );
    let mut reader = Reader::new(file.as_bytes());
    while let Some(part) = reader.next().unwrap() {
        if let Part::Set(text) = part {
            let guide = guide::find(id, version).unwrap_or_else(|| guide::find("850", "004010").unwrap());
            let mut checked = check(&text, guide);
            checked.tree = checked.tree.named(id);
            let (document, diagnostics) = super::document(&checked, Some("test.edi"));
            return Read { document, diagnostics, faults: checked.diagnostics };
        }
    }
    panic!("no set in {file}");
}

/// The document of a set that must have no fault.
pub(crate) fn document(id: &str, body: &str) -> Document {
    let read = read(id, body);
    assert_eq!(texts(&read.faults), Vec::<String>::new());
    read.document.unwrap()
}

/// Code and message of each diagnostic.
pub(crate) fn texts(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| format!("{}: {}", diagnostic.code.code, diagnostic.message)).collect()
}
