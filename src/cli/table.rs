//! Plain tables: columns as wide as their widest cell, two spaces between, numbers to the right.

use super::paint::Paint;

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// The same with its heading in bold, and the lines behind it.
pub fn bold_table(heading: &[(&str, Align)], rows: &[Vec<String>], paint: Paint) -> (String, String) {
    let text = table(heading, rows);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    (format!("{}\n", paint.bold(first)), rest.to_owned())
}

/// Sets rows under a heading; the last column is not padded, so that no line ends in spaces.
pub fn table(heading: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|(title, _)| title.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let titles: Vec<String> = heading.iter().map(|(title, _)| (*title).to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(rows) {
        let cells = row.iter().zip(heading).zip(&widths).map(|((cell, (_, align)), &width)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_do_not_end_in_spaces() {
        let rows = vec![vec!["001".to_owned(), "24".to_owned()], vec!["2".to_owned(), "6".to_owned()]];
        let text = table(&[("line", Align::Left), ("shipped", Align::Right)], &rows);
        assert_eq!(text, "line  shipped\n001        24\n2           6\n");
    }
}
