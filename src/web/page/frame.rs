//! What stands around every page: where one can go, who is signed in, in which zone times are.

use super::moment::Moment;
use crate::web::people::Who;

/// Where the stylesheet is.
pub const STYLE: &str = "/style.css";
/// The one stylesheet.
pub const STYLESHEET: &str = include_str!("style.css");

/// A place that the navigation leads to.
pub struct Place {
    /// Its path.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Whom it is for.
    is_for: fn(&Who) -> bool,
}

impl Place {
    const fn of_all(path: &'static str, name: &'static str) -> Place {
        Place { path, name, is_for: |_| true }
    }
}

/// The places, in the order of a morning.
static PLACES: [Place; 11] = [
    Place::of_all("/", "Today"),
    Place::of_all("/acknowledgments", "Acknowledgments"),
    Place::of_all("/orders", "Orders"),
    Place::of_all("/documents", "Documents"),
    Place::of_all("/findings", "Findings"),
    Place::of_all("/failures", "Failures"),
    Place::of_all("/deliveries", "Deliveries"),
    Place::of_all("/partners", "Partners"),
    Place::of_all("/journal", "Journal"),
    Place { path: "/nodes", name: "Nodes", is_for: Who::sees_everything },
    Place { path: "/people", name: "People", is_for: Who::keeps_people },
];

/// The frame of a page.
pub struct Frame {
    /// What the page is.
    pub title: String,
    /// Whose gateway it is.
    pub us: String,
    /// Who is signed in.
    pub who: String,
    /// What they may do.
    pub role: &'static str,
    /// Where they may go.
    pub places: Vec<&'static Place>,
    /// Where they are.
    pub path: String,
    /// What every form carries.
    pub token: String,
    /// The zone of all times.
    pub zone: String,
    /// When the page was made.
    pub now: Moment,
}

/// Where somebody may go.
pub fn places(who: &Who) -> Vec<&'static Place> {
    PLACES.iter().filter(|place| (place.is_for)(who)).collect()
}

impl Frame {
    /// Whether a place is the one that is shown, or one below it is; a file is among the documents, a clock among what is a
    /// partner's.
    pub fn is_here(&self, place: &Place) -> bool {
        let is_below =
            |path: &str| self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match place.path {
            "/" => self.path == "/",
            "/documents" => is_below("/documents") || is_below("/files"),
            "/partners" => is_below("/partners") || is_below("/clocks"),
            path => is_below(path),
        }
    }
}
