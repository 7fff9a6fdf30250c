//! Tables and the cells in them; a template says once how they look.

use askama::Template;
use rust_decimal::Decimal;

use super::moment::Moment;

/// A table.
#[derive(Template, Default)]
#[template(path = "table.html", config = "src/web/page/askama.toml")]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The headings; a number's column is set to the right.
    pub columns: Vec<&'static str>,
    /// The rows; the second cell of a row, or the first where there is no other, names it.
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Text that leads somewhere.
    Link(String, String),
    /// A figure.
    Number(String),
    /// A time.
    Time(Moment),
    /// A state: its sign, and its word.
    Mark(Sign, String),
    /// The rungs of a ladder.
    Rungs(Vec<(Sign, String)>),
}

/// What a state means to whoever looks; its word says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// As it should be.
    Fine,
    /// Nothing to say.
    Plain,
    /// It may yet go wrong.
    Soon,
    /// It went wrong.
    Late,
}

impl Sign {
    /// Its name in the stylesheet.
    pub fn name(self) -> &'static str {
        match self {
            Sign::Fine => "fine",
            Sign::Plain => "plain",
            Sign::Soon => "soon",
            Sign::Late => "late",
        }
    }
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// Text, where there is some.
    pub fn optional(text: Option<impl Into<String>>) -> Cell {
        Cell::Text(text.map(Into::into).unwrap_or_default())
    }

    /// Text that leads somewhere.
    pub fn link(to: impl Into<String>, text: impl Into<String>) -> Cell {
        Cell::Link(to.into(), text.into())
    }

    /// A figure.
    pub fn number(number: impl ToString) -> Cell {
        Cell::Number(number.to_string())
    }

    /// A time, where there is one.
    pub fn time(time: Option<Moment>) -> Cell {
        time.map_or(Cell::Text(String::new()), Cell::Time)
    }

    /// Money, where it is known.
    pub fn money(amount: Option<Decimal>, currency: Option<&str>) -> Cell {
        Cell::Number(amount.map(|amount| money(amount, currency.unwrap_or_default())).unwrap_or_default())
    }

    /// A state by its name in the books.
    pub fn state(name: &str) -> Cell {
        let sign = match name {
            "met" | "sent" | "processed" | "resolved" | "settled" | "done" | "fine" => Sign::Fine,
            "overdue" | "violated" | "parked" | "quarantined" | "broken" | "failed" | "rejected" => Sign::Late,
            "open" | "standing" | "retrying" | "at_risk" | "met_late" | "assigned" | "late" => Sign::Soon,
            _ => Sign::Plain,
        };
        Cell::Mark(sign, name.replace('_', " "))
    }

    /// Whether it is set to the right.
    fn is_number(&self) -> bool {
        matches!(self, Cell::Number(_))
    }
}

/// `412.50 USD`.
pub fn money(amount: Decimal, currency: &str) -> String {
    format!("{amount:.2} {currency}").trim_end().to_owned()
}

impl Table {
    /// Whether a column holds figures.
    fn is_number(&self, column: &usize) -> bool {
        self.rows.first().and_then(|row| row.get(*column)).is_some_and(Cell::is_number)
    }

    /// The heading of a column.
    fn heading(&self, column: &usize) -> &'static str {
        self.columns.get(*column).copied().unwrap_or_default()
    }

    /// Whether a cell names its row.
    fn names_its_row(&self, column: &usize) -> bool {
        *column == usize::from(self.columns.len() > 1)
    }
}
