//! From page to page, and from round to round.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;

const SINCE: &str = r#"
[request]
path  = "/items"
query = { since = "{since}", page = "{page}", offset = "{offset}", cursor = "{cursor}", last = "{last_id}", kind = "all" }
[since]
field   = "/at"
overlap = "5 min"
"#;

/// Items 1 to 7, three on a page.
fn seven() -> Vec<Value> {
    (1..=7).map(|id| item(id, 10 + id as u32)).collect()
}

fn described(pages: &str) -> String {
    format!("{SINCE}[pages]\n{pages}\n{ITEMS}")
}

#[test]
fn every_way_from_page_to_page_brings_every_item_once() {
    type Play = fn(&Heard, &[Value]) -> Answer;
    fn three(all: &[Value], from: usize) -> Vec<Value> {
        all.iter().skip(from).take(3).cloned().collect()
    }
    let ways: [(&str, Play); 9] = [
        ("by = \"number\"\nsize = 3", |heard, all| {
            let page: usize = heard.get("page").parse().unwrap();
            Answer::json(json!({ "items": three(all, (page - 1) * 3) }))
        }),
        ("by = \"number\"\nfirst = 0\npages = \"X-Pages\"", |heard, all| {
            let page: usize = heard.get("page").parse().unwrap();
            Answer::json(json!({ "items": three(all, page * 3) })).with("X-Pages", 3)
        }),
        ("by = \"number\"\nend = [\"404\"]", |heard, all| {
            let page: usize = heard.get("page").parse().unwrap();
            match page {
                4.. => Answer::status(404),
                page => Answer::json(json!({ "items": three(all, (page - 1) * 3) })),
            }
        }),
        ("by = \"offset\"\ntotal = \"/total\"", |heard, all| {
            let offset: usize = heard.get("offset").parse().unwrap();
            Answer::json(json!({ "items": three(all, offset), "total": 7 }))
        }),
        ("by = \"cursor\"\nnext = \"/next\"\nwith_cursor = []", |heard, all| {
            // With a cursor, nothing else may be asked for.
            let from = match heard.get("cursor") {
                "" => 0,
                cursor if heard.query.len() == 1 => cursor.trim_start_matches("c=&").parse().unwrap(),
                _ => return Answer::status(400),
            };
            let next = if from + 3 < all.len() { json!(format!("c=&{}", from + 3)) } else { Value::Null };
            Answer::json(json!({ "items": three(all, from), "next": next }))
        }),
        ("by = \"last id\"\nmore = \"/more\"", |heard, all| {
            let last: usize = heard.get("last").parse().unwrap_or(0);
            Answer::json(json!({ "items": three(all, last), "more": last + 3 < all.len() }))
        }),
        ("by = \"link\"", |heard, all| {
            let from: usize = heard.get("from").parse().unwrap_or(0);
            let answer = Answer::json(json!({ "items": three(all, from) }));
            match from + 3 < all.len() {
                true => answer.with("Link", format!("</items?from={}>; rel=\"next\"", from + 3)),
                false => answer.with("Link", "</items?from=0>; rel=\"previous\""),
            }
        }),
        ("by = \"url\"\nnext = \"/links/next\"", |heard, all| {
            let from: usize = heard.get("from").parse().unwrap_or(0);
            let next = if from + 3 < all.len() { format!("/items?from={}", from + 3) } else { String::new() };
            Answer::json(json!({ "items": three(all, from), "links": { "next": next } }))
        }),
        ("by = \"query\"\nnext = \"/next\"", |heard, all| {
            let from: usize = heard.get("from").parse().unwrap_or(0);
            let next = (from + 3 < all.len()).then(|| format!("?from={}&x=a%20b", from + 3));
            Answer::json(json!({ "items": three(all, from), "next": next }))
        }),
    ];
    for (pages, play) in ways {
        let (desk, outcome) = poll_once(&described(pages), move |heard| play(heard, &seven()));
        let round = outcome.unwrap_or_else(|error| panic!("{pages}: {error}"));
        assert_eq!((round.items, round.new), (7, 7), "{pages}");
        let expected: Vec<String> = (1..=7).map(|id| format!("item_{id}.json")).collect();
        assert_eq!(desk.names(), expected, "{pages}");
        assert_eq!(desk.mark.map(|mark| mark.to_string()).as_deref(), Some("2026-03-06T21:17:00Z"), "{pages}");
    }
}

#[test]
fn an_item_is_kept_as_the_api_wrote_it() {
    let (desk, outcome) = poll_once(&described("by = \"none\""), |_| {
        Answer::text(
            200,
            "{\"items\": [ {\"id\": 90071992547409931,  \"price\": 1.10, \"at\": \"2026-03-06T21:00:00Z\"}]}",
        )
    });
    outcome.unwrap();
    let text = String::from_utf8(desk.kept[0].bytes.clone()).unwrap();
    assert_eq!(text, "{\"id\": 90071992547409931,  \"price\": 1.10, \"at\": \"2026-03-06T21:00:00Z\"}");
    assert_eq!(desk.kept[0].identity.id, "90071992547409931");
}

#[test]
fn the_next_round_begins_an_overlap_before_the_latest_time_and_takes_what_changed() {
    let mut desk = Desk::new();
    let rows = Arc::new(Mutex::new(vec![item(1, 10), item(2, 20)]));
    let played = Arc::clone(&rows);
    let api =
        Api::play_at(Some(Arc::clone(&desk.time)), move |_| Answer::json(json!({ "items": *played.lock().unwrap() })));
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), &described("by = \"none\""));
    desk.round(&mut poller).unwrap();
    desk.forward(600);
    // The second changed, the first is read again, the third is older than the watermark and within the overlap.
    *rows.lock().unwrap() = vec![item(1, 10), item(3, 18), item(2, 30)];
    let round = desk.round(&mut poller).unwrap();
    assert_eq!((round.items, round.new), (3, 2));
    assert_eq!(desk.names(), ["item_1.json", "item_2.json", "item_3.json", "item_2.json"]);
    assert_eq!(desk.round(&mut poller).unwrap(), Round { mark: None, pages: 1, items: 3, new: 0 });
    let asked: Vec<String> = api.heard().iter().map(|heard| heard.get("since").to_owned()).collect();
    assert_eq!(asked, ["2026-02-04T22:00:00Z", "2026-03-06T21:15:00Z", "2026-03-06T21:25:00Z"]);
}

#[test]
fn a_crash_between_any_two_pages_leaves_the_watermark_and_takes_nothing_twice() {
    for kept_pages in 0..3 {
        let mut desk = Desk::new();
        let api = Api::play_at(Some(Arc::clone(&desk.time)), |heard| {
            let page: usize = heard.get("page").parse().unwrap();
            let rows: Vec<Value> = seven().into_iter().skip((page - 1) * 3).take(3).collect();
            Answer::json(json!({ "items": rows }))
        });
        let configured = Configured::new();
        let mut poller = configured.described(&api.base(), &described("by = \"number\"\nsize = 3"));
        desk.dies_after = Some(kept_pages);
        assert_eq!(desk.round(&mut poller), Err(PollError::Stopped));
        assert_eq!(desk.mark, None);
        desk.dies_after = None;
        // Keeping a thing twice would fail in the desk.
        let mut next_life = configured.described(&api.base(), &described("by = \"number\"\nsize = 3"));
        desk.round(&mut next_life).unwrap();
        assert_eq!(desk.kept.len(), 7);
        assert!(desk.mark.is_some());
    }
}

/// Seven rows by the time of their change. While page 1 is being read, row 1 changes and goes to the end: row 4 slips to page 1,
/// which was read already.
#[test]
fn a_row_that_slips_to_a_page_that_was_read_is_found_in_another_pass() {
    let rows: Arc<Mutex<BTreeMap<(u32, u64), Value>>> = Arc::default();
    for id in 1..=7 {
        rows.lock().unwrap().insert((10 + id as u32, id), item(id, 10 + id as u32));
    }
    let played = Arc::clone(&rows);
    let mut changed = false;
    let (desk, outcome) = poll_once(&described("by = \"number\"\nsize = 3"), move |heard| {
        let page: usize = heard.get("page").parse().unwrap();
        let mut rows = played.lock().unwrap();
        let here: Vec<Value> = rows.values().skip((page - 1) * 3).take(3).cloned().collect();
        if !std::mem::replace(&mut changed, true) {
            rows.remove(&(11, 1));
            rows.insert((40, 1), item(1, 40));
        }
        Answer::json(json!({ "items": here }))
    });
    let round = outcome.unwrap();
    let mut names = desk.names();
    names.sort_unstable();
    let twice = ["item_1.json", "item_1.json"];
    let others: Vec<String> = (2..=7).map(|id| format!("item_{id}.json")).collect();
    assert_eq!(names[..2], twice);
    assert_eq!(names[2..], others, "row 4 must not be lost");
    assert_eq!(desk.mark.unwrap().to_string(), "2026-03-06T21:40:00Z");
    assert_eq!(round.pages, 9, "the third pass brings nothing new");
    assert_eq!(desk.warned(), [""; 0]);
}

#[test]
fn a_list_that_never_stands_still_does_not_move_the_watermark_and_says_so() {
    let mut next = 100;
    let (desk, outcome) = poll_once(&described("by = \"number\"\nsize = 3"), move |heard| {
        next += 3;
        let rows = |from: u64| (from..from + 3).map(|id| item(id, 10)).collect::<Vec<_>>();
        match heard.get("page") {
            "1" => Answer::json(json!({ "items": rows(next) })),
            _ => Answer::json(json!({ "items": [] })),
        }
    });
    assert_eq!(outcome.unwrap().mark, None);
    assert_eq!(desk.kept.len(), 15, "what was seen is kept");
    assert_eq!(desk.warned(), ["POL-W012"]);
}

#[test]
fn pages_that_lead_back_or_have_no_end_are_given_up() {
    let cursor = described("by = \"cursor\"\nnext = \"/next\"");
    let (_, outcome) = poll_once(&cursor, |_| Answer::json(json!({ "items": [item(1, 1)], "next": "same" })));
    assert!(matches!(outcome, Err(PollError::Endless { .. })), "{outcome:?}");
    let mut count = 0;
    let (desk, outcome) = poll_once(&format!("{cursor}[limits]\npages = 4"), move |_| {
        count += 1;
        Answer::json(json!({ "items": [item(count, 1)], "next": count }))
    });
    assert_eq!(outcome.unwrap_err().to_string().split(": ").last(), Some("there are more than 4"));
    assert_eq!((desk.kept.len(), desk.mark), (4, None));
}

#[test]
fn details_are_asked_for_new_items_alone_and_put_into_them() {
    let description = format!(
        "{}[[detail]]\npath = \"/items/{{id}}/lines\"\nquery = {{ page = \"{{page}}\" }}\ninto = \"lines\"\nlist = \".\"\n\
         pages = {{ by = \"number\", size = 2 }}\n",
        described("by = \"none\"")
    );
    let mut desk = Desk::new();
    let api = Api::play_at(Some(Arc::clone(&desk.time)), |heard| match (heard.path.as_str(), heard.get("page")) {
        ("/items", _) => {
            Answer::json(json!({ "items": [item(1, 1), item(2, 2), { "id": "../3?", "at": "2026-03-06T21:03:00Z" }] }))
        }
        ("/items/1/lines", "1") => Answer::text(200, "[{\"q\": 1.0}, {\"q\": 2}]"),
        ("/items/1/lines", "2") => Answer::text(200, "[{\"q\": 3}]"),
        ("/items/2/lines", _) => Answer::status(404),
        ("/items/..%2F3%3F/lines", _) => Answer::text(200, "[]"),
        (other, _) => Answer::text(400, other),
    });
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), &description);
    desk.round(&mut poller).unwrap();
    let texts: Vec<String> = desk.kept.iter().map(|item| String::from_utf8(item.bytes.clone()).unwrap()).collect();
    assert_eq!(texts[0], "{\"lines\":[{\"q\": 1.0},{\"q\": 2},{\"q\": 3}],\"id\":1,\"at\":\"2026-03-06T21:01:00Z\"}");
    assert_eq!(desk.names(), ["item_1.json", "item_.._3_.json"]);
    assert_eq!(desk.warned(), ["POL-W015"]);
    let before = api.heard().len();
    desk.round(&mut poller).unwrap();
    // The list, and once more the one that was gone.
    assert_eq!(api.heard().len() - before, 2);
}
