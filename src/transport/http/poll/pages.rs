//! How one page leads to the next. Pure.
//!
//! ```text
//! by number    1, 2, 3 … until a short page, the last of so many, 204, or a status that means "no such page"
//! by cursor    a text of the answer; by link and url, a whole address; by query, a whole query string
//! by last id   the id of the page's last item, while the answer says that there is more
//! ```

use serde_json::Value;

use super::page;
use crate::config::poll::{By, Pages, Total};
use crate::transport::http::client::Incoming;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The first, with nothing that names it.
    First,
    /// By its number.
    Number(u64),
    /// By how many items stand before it.
    Offset(u64),
    /// By a text.
    Cursor(String),
    /// Behind an item.
    LastId(String),
    /// By its whole address.
    Url(String),
    /// By its query string.
    Query(String),
}

/// What was seen of a list so far.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Items on this page.
    pub here: u64,
    /// Items on all pages so far.
    pub in_all: u64,
    /// Pages so far.
    pub pages: u64,
    /// The id of this page's last item.
    pub last_id: Option<String>,
}

/// The first page.
pub fn first(pages: &Pages) -> Step {
    match pages.by {
        By::Number(first) => Step::Number(first.into()),
        By::Offset(first) => Step::Offset(first.into()),
        _ => Step::First,
    }
}

/// True when rows that come and go move the others to another page.
pub fn may_shift(pages: &Pages) -> bool {
    matches!(pages.by, By::Number(_) | By::Offset(_))
}

/// True for an answer that means "no such page".
pub fn is_end(pages: &Pages, status: u16, seen: &Seen) -> bool {
    status == 204 || (seen.pages > 0 && pages.end.contains(&status))
}

/// The page behind the one that was answered; `None` at the end.
pub fn next(pages: &Pages, step: &Step, seen: &Seen, answer: &Incoming, body: &Value) -> Option<Step> {
    let says_more = pages.more.as_ref().map(|pointer| match body.pointer(pointer) {
        Some(Value::Bool(more)) => *more,
        Some(Value::String(word)) => word.eq_ignore_ascii_case("true"),
        _ => false,
    });
    if says_more == Some(false) {
        return None;
    }
    match &pages.by {
        By::None => None,
        By::Number(_) | By::Offset(_) => {
            let is_more = match &pages.total {
                Some(Total::Pages(spot)) => page::number(answer, body, spot).map(|total| seen.pages < total),
                Some(Total::Items(spot)) => page::number(answer, body, spot).map(|total| seen.in_all < total),
                None => None,
            };
            let is_short = seen.here == 0 || seen.here < u64::from(pages.size);
            if !is_more.or(says_more).unwrap_or(!is_short) || seen.here == 0 {
                return None;
            }
            match step {
                Step::Number(number) => Some(Step::Number(number + 1)),
                Step::Offset(offset) => Some(Step::Offset(offset + seen.here)),
                _ => None,
            }
        }
        By::Cursor(pointer) => page::word(body, pointer).map(Step::Cursor),
        By::Url(pointer) => page::word(body, pointer).map(Step::Url),
        By::Query(pointer) => page::word(body, pointer).map(Step::Query),
        By::LastId => {
            let is_short = seen.here < u64::from(pages.size).max(1);
            let is_more = says_more.unwrap_or(!is_short) && seen.here > 0;
            seen.last_id.clone().filter(|_| is_more).map(Step::LastId)
        }
        By::Link => link(answer).map(Step::Url),
    }
}

/// The address with `rel="next"` of a Link header (RFC 8288).
fn link(answer: &Incoming) -> Option<String> {
    let headers = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    for (_, value) in headers {
        // A comma may stand in an address, but not before `<` outside of one.
        for one in value.split('<').skip(1) {
            let Some((address, parameters)) = one.split_once('>') else { continue };
            let is_next = parameters.split([';', ',']).any(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or_default();
                name.trim().eq_ignore_ascii_case("rel")
                    && value.trim().trim_matches('"').split_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
            });
            if is_next {
                return Some(address.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::poll::Spot;

    fn pages(by: By, size: u32) -> Pages {
        Pages { by, size, with_cursor: None, more: None, total: None, end: Vec::new() }
    }

    fn seen(here: u64, in_all: u64, pages: u64) -> Seen {
        Seen { here, in_all, pages, last_id: Some("77".to_owned()) }
    }

    fn after(pages: &Pages, step: &Step, seen: &Seen, body: Value) -> Option<Step> {
        next(pages, step, seen, &Incoming::default(), &body)
    }

    #[test]
    fn numbered_pages_end_with_a_short_one_or_the_last_of_so_many() {
        let mut by_number = pages(By::Number(1), 100);
        let (one, nothing) = (Step::Number(1), Value::Null);
        assert_eq!(after(&by_number, &one, &seen(100, 100, 1), nothing.clone()), Some(Step::Number(2)));
        assert_eq!(after(&by_number, &one, &seen(99, 99, 1), nothing.clone()), None);
        by_number.total = Some(Total::Pages(Spot::Body("/pages".into())));
        // A page may be short in the middle, where a row is hidden from us.
        let three = serde_json::json!({ "pages": 3 });
        assert_eq!(after(&by_number, &one, &seen(99, 99, 1), three.clone()), Some(Step::Number(2)));
        assert_eq!(after(&by_number, &Step::Number(3), &seen(100, 300, 3), three), None);
        let mut by_offset = pages(By::Offset(1), 0);
        by_offset.total = Some(Total::Items(Spot::Header("X-Total".into())));
        let answer = Incoming { headers: vec![("x-total".into(), "25".into())], ..Incoming::default() };
        let next = |step, seen: Seen| next(&by_offset, &step, &seen, &answer, &Value::Null);
        assert_eq!(next(Step::Offset(1), seen(10, 10, 1)), Some(Step::Offset(11)));
        assert_eq!(next(Step::Offset(21), seen(5, 25, 3)), None);
    }

    #[test]
    fn a_cursor_leads_on_until_it_is_gone_or_the_answer_says_so() {
        let mut by_cursor = pages(By::Cursor("/page/end".into()), 0);
        by_cursor.more = Some("/page/more".into());
        let body = |more: bool| serde_json::json!({ "page": { "end": "abc", "more": more } });
        assert_eq!(after(&by_cursor, &Step::First, &seen(0, 0, 1), body(true)), Some(Step::Cursor("abc".into())));
        assert_eq!(after(&by_cursor, &Step::First, &seen(5, 5, 1), body(false)), None);
        let by_query = pages(By::Query("/next".into()), 0);
        let query = |text: &str| after(&by_query, &Step::First, &seen(5, 5, 1), serde_json::json!({ "next": text }));
        assert_eq!((query("?a=b"), query("")), (Some(Step::Query("?a=b".into())), None));
        let mut by_id = pages(By::LastId, 0);
        by_id.more = Some("/has_more".into());
        let more = |more: bool| after(&by_id, &Step::First, &seen(5, 5, 1), serde_json::json!({ "has_more": more }));
        assert_eq!((more(true), more(false)), (Some(Step::LastId("77".into())), None));
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        let by_link = pages(By::Link, 0);
        for (header, expected) in [
            (r#"<https://a/x?p=1>; rel="previous", <https://a/x?p=3,4>; rel="next""#, Some("https://a/x?p=3,4")),
            ("<https://a/x>; title=\"a\"; rel=next", Some("https://a/x")),
            (r#"<https://a/x?p=1>; rel="previous""#, None),
        ] {
            let answer = Incoming { headers: vec![("link".into(), header.into())], ..Incoming::default() };
            let found = next(&by_link, &Step::First, &seen(5, 5, 1), &answer, &Value::Null);
            assert_eq!(found, expected.map(|url| Step::Url(url.to_owned())), "{header}");
        }
    }

    #[test]
    fn no_content_is_an_end_and_not_found_only_where_the_file_says_so() {
        let mut by_number = pages(By::Number(1), 250);
        assert!(is_end(&by_number, 204, &Seen::default()));
        assert!(!is_end(&by_number, 404, &seen(1, 1, 1)));
        by_number.end = vec![404];
        assert!(is_end(&by_number, 404, &seen(1, 1, 1)) && !is_end(&by_number, 404, &Seen::default()));
    }
}
