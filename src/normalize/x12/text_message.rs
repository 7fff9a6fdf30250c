//! 864 to text message.

use super::reading::Reading;
use super::{codes, parts};
use crate::document::text_message::Message;
use crate::document::{Header, SCHEMA_VERSION, TextMessage};
use crate::x12::check::Loop;

/// Day on which the transaction was made.
const WRITTEN: &str = "097";

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<TextMessage> {
    let bmg = set.segment("BMG")?;
    let mut dates = parts::dates(set, reading);
    let issued_on = parts::take_date(&mut dates, WRITTEN).map(|date| date.on);
    let text = TextMessage {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bmg, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references: set.loops("N1").flat_map(|party| parts::references(&party, reading)).collect(),
            notes: set.loops("N1").flat_map(|party| parts::contacts(&party, reading)).collect(),
            ..Header::default()
        },
        subject: reading.text(bmg, 2),
        code: reading.text(bmg, 3),
        issued_on,
        dates,
        parties: parts::parties(set, reading),
        messages: set.loops("MIT").filter_map(|inner| message(&inner, reading)).collect(),
    };
    (text.messages.len() == set.loops("MIT").count()).then_some(text)
}

/// One MIT with what stands below it. How wide and long a page is (MIT03, MIT04), and where the printer goes on (MSG02, MSG03), says
/// nothing.
fn message(inner: &Loop<'_>, reading: &mut Reading) -> Option<Message> {
    let mit = inner.segment("MIT")?;
    let number = reading.required(mit, 1, "message number");
    [3, 4].into_iter().for_each(|element| reading.take(mit, element));
    for msg in inner.segments("MSG") {
        [2, 3].into_iter().for_each(|element| reading.take(msg, element));
    }
    Some(Message {
        subject: reading.text(mit, 2),
        parties: parts::parties(inner, reading),
        references: inner.loops("N1").flat_map(|party| parts::references(&party, reading)).collect(),
        text: parts::texts(inner, reading).join("\n"),
        number: number?,
    })
}
