//! What stands around every page: where one can go, who is signed in, in which zone times are.

use super::moment::Moment;

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
}

/// The places, in the order of a morning.
const PLACES: [Place; 10] = [
    Place { path: "/", name: "Today" },
    Place { path: "/acknowledgments", name: "Acknowledgments" },
    Place { path: "/orders", name: "Orders" },
    Place { path: "/documents", name: "Documents" },
    Place { path: "/findings", name: "Findings" },
    Place { path: "/failures", name: "Failures" },
    Place { path: "/deliveries", name: "Deliveries" },
    Place { path: "/partners", name: "Partners" },
    Place { path: "/journal", name: "Journal" },
    Place { path: "/nodes", name: "Nodes" },
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
    /// Where they are.
    pub path: String,
    /// What every form carries.
    pub token: String,
    /// The zone of all times.
    pub zone: String,
    /// When the page was made.
    pub now: Moment,
}

impl Frame {
    /// Where one can go.
    pub fn places(&self) -> &'static [Place] {
        &PLACES
    }

    /// Whether a place is the one that is shown, or one below it is.
    pub fn is_here(&self, place: &Place) -> bool {
        match place.path {
            "/" => self.path == "/",
            path => self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}
