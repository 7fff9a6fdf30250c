//! Codes about the papers that follow a purchase: whether a payment, a memo add up, and what a receiver refuses (DOC-W06…).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[&LINE_PAID_OTHERWISE, &PAYMENT_SUM, &MEMO_SUM, &REFUSED_BY_RECEIVER];

/// A line of a remittance pays another amount than its own figures say.
pub static LINE_PAID_OTHERWISE: Meaning = Meaning {
    code: "DOC-W060",
    title: "a line of a remittance does not add up",
    meaning: "A line says what was invoiced, which discount was taken and by how much it was adjusted, and pays another \
              amount than follows from that. The difference has no reason that we could book. What is paid counts; the line \
              is kept as it was sent.",
    cause: "The payer took something off and gave no reason for it (no ADX), or wrote an adjustment with the wrong sign: one \
            that lowers the payment is below zero.",
    fix: "ask the payer for the reason of the difference, and dispute it if there is none",
    who: Who::Sender,
    example: "RMR*IV*INV-20077**110*117.64*2.35~",
    corrected: "RMR*IV*INV-20077**110*117.64*2.35~ADX*-5.29*01~",
};

/// A payment is not the sum of its lines.
pub static PAYMENT_SUM: Meaning = Meaning {
    code: "DOC-W061",
    title: "a payment is not the sum of its lines",
    meaning: "The payment states its sum (BPR02) and the items that it pays or takes off, and these add up to another amount. \
              The bank moves the stated sum; which items are open afterwards is not certain.",
    cause: "The payer left an item out of the advice, such as a chargeback that was taken off, or wrote its sign wrong.",
    fix: "compare with the bank's entry, and ask the payer for the item that is missing",
    who: Who::Sender,
    example: "BPR*I*100*C*ACH~ … RMR*IV*INV-20077**115.29~",
    corrected: "BPR*I*100*C*ACH~ … RMR*IV*INV-20077**115.29~ADX*-15.29*01~",
};

/// A memo is not the sum of its lines.
pub static MEMO_SUM: Meaning = Meaning {
    code: "DOC-W062",
    title: "a credit or debit memo is not the sum of its lines",
    meaning: "The memo states its amount (BCD04) and the reasons that make it up (CDD), and these add up to another amount. \
              The stated amount is what will be taken off or given.",
    cause: "A line is missing, a line that gives is marked as one that takes (CDD02), or cents were read as whole units: BCD04 \
            and CDD04 have two implied decimals.",
    fix: "ask the author for the lines that are missing before the memo is booked",
    who: Who::Sender,
    example: "BCD*20260310*CM-1001*O*2000*C~ … CDD*01*C*001*1500~",
    corrected: "BCD*20260310*CM-1001*O*2000*C~ … CDD*01*C*001*1500~CDD*01*C*002*500~",
};

/// The receiver's application refuses a document of ours.
pub static REFUSED_BY_RECEIVER: Meaning = Meaning {
    code: "DOC-W063",
    title: "the receiver's application refuses a document of ours",
    meaning: "A 997 said that the document could be read; this says that its content is refused, or used with errors in it. A \
              refused ship notice counts as none sent, and a refused invoice is not paid, whatever the 997 said.",
    cause: "The message quotes the receiver: an item that is not on the order, a wrong quantity or price, a number that was \
            used before.",
    fix: "correct what the receiver names at its source and send the document again, as soon as the receiver's deadline asks",
    who: Who::Us,
    example: "OTI*TR*SI*SHP0000777***20260306*1410*503*0001*856~TED*ZZZ**LIN*24*3**061414100014~",
    corrected: "OTI*TA*SI*SHP0000777***20260306*1410*504*0001*856~",
};
