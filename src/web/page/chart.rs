//! Bars of the last days, as an SVG of our own: what came in above the line, what went out below it.

use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;

use crate::ledger::day::Traffic;

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart(String);

/// It is made of numbers alone.
impl HtmlSafe for Chart {}

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Width of a day, and how high the largest bar is.
const DAY: usize = 8;
const HEIGHT: i64 = 18;

impl Chart {
    /// Of some days, the newest last.
    pub fn of(days: &[Traffic]) -> Chart {
        let most = days.iter().map(|day| day.documents.max(day.deliveries)).max().unwrap_or(0).max(1);
        let (documents, deliveries): (i64, i64) =
            days.iter().fold((0, 0), |sum, day| (sum.0 + day.documents, sum.1 + day.deliveries));
        let (width, height) = (days.len() * DAY, 2 * HEIGHT + 1);
        let mut svg = format!(
            "<svg class=\"chart\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
             <title>{} days: {documents} documents, {deliveries} deliveries; the busiest day had {most}</title>",
            days.len()
        );
        for (number, day) in days.iter().enumerate() {
            let (x, above, below) = (number * DAY, scaled(day.documents, most), scaled(day.deliveries, most));
            // Writing to a String cannot fail.
            let _ = write!(
                svg,
                "<rect class=\"in\" x=\"{x}\" y=\"{}\" width=\"6\" height=\"{above}\"/>\
                 <rect class=\"out\" x=\"{x}\" y=\"{}\" width=\"6\" height=\"{below}\"/>",
                HEIGHT - above,
                HEIGHT + 1
            );
        }
        svg.push_str("</svg>");
        Chart(svg)
    }
}

/// The height of a bar; what is not nothing is seen.
fn scaled(count: i64, most: i64) -> i64 {
    if count == 0 { 0 } else { (count * HEIGHT / most).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_day_is_full_and_a_quiet_one_is_still_seen() {
        let day = |documents, deliveries| Traffic { documents, deliveries, ..Traffic::default() };
        let svg = Chart::of(&[day(1, 0), day(100, 50)]).to_string();
        assert!(svg.contains("2 days: 101 documents, 50 deliveries; the busiest day had 100"), "{svg}");
        assert!(svg.contains(r#"x="0" y="17" width="6" height="1""#), "{svg}");
        assert!(svg.contains(r#"x="8" y="0" width="6" height="18""#), "{svg}");
        assert!(svg.contains(r#"x="8" y="19" width="6" height="9""#), "{svg}");
    }
}
