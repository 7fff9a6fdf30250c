//! What most pages are made of: facts, tables, filters, bytes with what is wrong in them, buttons; one below the other.

use askama::Template;

use super::asking::Asking;
use super::chart::Chart;
use super::fault::Fault;
use super::form::{Form, encoded};
use super::frame::Frame;
use super::html;
use super::table::{Cell, Table};
use crate::diagnostic::Record;
use crate::ledger::view::listing::Page as Rows;
use crate::web::answer::Answer;

/// A page.
#[derive(Template)]
#[template(path = "sheet.html", config = "src/web/page/askama.toml")]
struct Sheet {
    frame: Frame,
    blocks: Vec<Block>,
}

/// A part of a page.
pub enum Block {
    /// A heading.
    Heading(String),
    /// A sentence.
    Text(String),
    /// A chart.
    Chart(Chart),
    /// Names with what they are.
    Facts(Vec<(&'static str, Cell)>),
    /// A table.
    Table(Table),
    /// What narrows a listing.
    Filter(Vec<Field>),
    /// Where the listing goes on, and where it begins.
    Turn {
        /// The first page, seen from another.
        first: Option<String>,
        /// The next one.
        next: Option<String>,
    },
    /// Links to the same in another form.
    Links(Vec<(String, String)>),
    /// A text as it is.
    Pre(String),
    /// Bytes as lines, with what is wrong in each.
    Lines(Vec<Line>),
    /// What is wrong.
    Faults(Vec<Record>),
    /// Parts that stand beside each other where there is room.
    Beside(Vec<Vec<Block>>),
    /// What can be done.
    Buttons(Vec<Button>),
}

/// A line of bytes, with what is wrong in it.
pub struct Line {
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub faults: Vec<Record>,
}

/// A field of a form.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// What it holds.
    pub value: String,
    /// What it may hold.
    pub kind: FieldKind,
}

/// What a field may hold.
pub enum FieldKind {
    /// Any text.
    Text,
    /// Text without which the form is not sent.
    Required,
    /// Whose password it is, so that a browser remembers it with that name; nobody changes it.
    Whose,
    /// Text that nobody is to read over a shoulder; what a browser may fill in.
    Secret(&'static str),
    /// A day.
    Day,
    /// One of these, or nothing: what is sent, and what a person reads.
    Choice(Vec<(String, String)>),
    /// One of these.
    Select(Vec<(String, String)>),
}

/// Something that can be done.
pub struct Button {
    /// Where it is done.
    pub path: String,
    /// What a person reads.
    pub label: &'static str,
    /// What must be known for it.
    pub fields: Vec<Field>,
    /// The token of the visit.
    pub token: String,
}

#[derive(Template)]
#[template(path = "block.html", config = "src/web/page/askama.toml")]
struct Shown<'b> {
    block: &'b Block,
}

impl Block {
    fn html(&self) -> Result<String, askama::Error> {
        Shown { block: self }.render()
    }

    /// The pages around one of a listing.
    pub fn turn<T>(query: &Form, rows: &Rows<T>) -> Block {
        Block::Turn {
            first: query.value("after").map(|_| query.with("after", None)).map(or_here),
            next: rows.next.as_ref().map(|cursor| query.with("after", Some(&cursor.to_string()))),
        }
    }
}

/// An address that says nothing leads to the same question once more; this one drops it.
fn or_here(query: String) -> String {
    if query.is_empty() { "?".to_owned() } else { query }
}

impl Field {
    /// A field that holds nothing yet.
    pub fn empty(name: &'static str, label: &'static str, kind: FieldKind) -> Field {
        Field { name, label, value: String::new(), kind }
    }

    /// A choice of a filter, as it was made.
    pub fn choice(query: &Form, name: &'static str, label: &'static str, choices: Vec<(String, String)>) -> Field {
        let value = query.value(name).unwrap_or_default().to_owned();
        Field { name, label, value, kind: FieldKind::Choice(choices) }
    }

    /// A choice that stands at something unless another is made.
    pub fn chosen(
        query: &Form,
        name: &'static str,
        label: &'static str,
        choices: Vec<(String, String)>,
        usual: &str,
    ) -> Field {
        let value = query.value(name).unwrap_or(usual).to_owned();
        Field { name, label, value, kind: FieldKind::Select(choices) }
    }

    /// A text of a filter, as it was given.
    pub fn text(query: &Form, name: &'static str, label: &'static str) -> Field {
        Field { name, label, value: query.value(name).unwrap_or_default().to_owned(), kind: FieldKind::Text }
    }

    /// A day of a filter, as it was given.
    pub fn day(query: &Form, name: &'static str, label: &'static str) -> Field {
        Field { kind: FieldKind::Day, ..Field::text(query, name, label) }
    }

    /// The reason for a change.
    pub fn reason() -> Field {
        Field::empty("reason", "Reason, for the journal", FieldKind::Required)
    }
}

/// States as choices.
pub fn choices(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), name.replace('_', " "))).collect()
}

/// A page of blocks.
pub fn sheet(asking: &Asking<'_>, title: &str, blocks: Vec<Block>) -> Result<Answer, Fault> {
    html(&Sheet { frame: asking.frame(title), blocks })
}

/// A path of ours with what tells one thing from others.
pub fn path(place: &str, id: &str) -> String {
    format!("/{place}/{}", encoded(id))
}

/// How templates put what the books hold as a name.
mod filters {
    use crate::diagnostic::Who;

    /// Who can mend something.
    pub fn who(who: &Who, _: &dyn askama::Values) -> askama::Result<&'static str> {
        Ok(match who {
            Who::Sender => "the sender",
            Who::Us => "us",
            Who::Transport => "whoever runs the wire",
        })
    }
}
