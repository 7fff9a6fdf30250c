//! Who may sign in, kept by those who may.

use super::office::{Office, PASSWORD, told};

#[test]
fn who_may_sign_in_is_kept_by_admins_who_see_everything() {
    let office = Office::with("");
    office.add("anna", &["--role", "admin"]);
    office.add("mary", &["--role", "operator"]);
    office.add("part", &["--role", "admin", "--partner", "megamart"]);
    let anna = office.sign_in("anna");
    for name in ["mary", "part"] {
        let other = office.sign_in(name);
        assert!(!other.page("/").contains("href=\"/people\""), "{name}");
        assert_eq!((other.get("/people").status, other.get("/people/anna").status), (403, 403), "{name}");
        assert_eq!(other.press("/people", "name=x&role=admin&reason=x").status, 403, "{name}");
        assert_eq!(other.press("/people/anna/disable", "reason=x").status, 403, "{name}");
    }
    assert!(anna.page("/").contains("href=\"/people\"") && anna.page("/people").contains("/people/mary"));
    let refused = [
        "name=Tom&role=viewer&reason=x",
        "name=tom&role=king&reason=x",
        "name=tom&role=viewer&partners=nobody&reason=x",
        "name=tom&role=viewer",
        "name=mary&role=viewer&reason=x",
    ];
    for fields in refused {
        assert_eq!(anna.press("/people", fields).status, 409, "{fields}");
    }
    let added = anna.press("/people", "name=tom&role=viewer&partners=megamart&reason=he+is+new");
    let secret = added.text.split_once("<pre").unwrap().1.split_once('>').unwrap().1.split('<').next().unwrap();
    assert_eq!(office.try_sign_in("tom", secret).status, 303, "{added:?}");
    assert_eq!(anna.press("/people/anna/disable", "reason=x").status, 409, "nobody shuts themselves out");
    assert_eq!(anna.press("/people/anna/role", "role=viewer&reason=x").status, 409);
    assert_eq!(anna.press("/people/nobody/role", "role=viewer&reason=x").status, 404);
    let told = told(&office.house);
    let last = told["people_changed"].last().unwrap();
    assert_eq!(last, "tom may sign in as viewer, by anna");
    assert!(!format!("{told:?}{}", office.house.log()).contains(secret), "no password is told");
    assert!(!anna.page("/people/tom").contains(secret), "it was shown once");
}

#[test]
fn what_an_admin_changes_is_so_at_once() {
    let office = Office::with("");
    office.add("anna", &["--role", "admin"]);
    office.add("mary", &["--role", "operator"]);
    let (anna, mary) = (office.sign_in("anna"), office.sign_in("mary"));
    let press = |what: &str, fields: &str| anna.press(&format!("/people/mary/{what}"), fields);
    assert_eq!(press("role", "role=viewer&reason=she+moved").status, 303);
    assert!(mary.page("/").contains("mary <small>viewer</small>"));
    let made = press("token", "reason=her+script");
    let token = made.text.split_once("edg_").unwrap().1.split('<').next().unwrap();
    let bearer = format!("Bearer edg_{token}");
    let reads = || office.ask("GET", "/api/v1/partners", &[("Authorization", &bearer)], "").status;
    assert_eq!(reads(), 200);
    assert_eq!(press("revoke", "reason=it+leaked").status, 303);
    assert_eq!(reads(), 401);
    assert_eq!(press("sign-out", "reason=lost+laptop").status, 303);
    assert_eq!(mary.get("/").status, 303, "she is asked to sign in");
    assert_eq!(press("disable", "reason=she+left").status, 303);
    assert_eq!(office.try_sign_in("mary", PASSWORD).status, 403);
    let again = press("password", "reason=she+is+back");
    let secret = again.text.split_once("<pre").unwrap().1.split_once('>').unwrap().1.split('<').next().unwrap();
    assert_eq!(office.try_sign_in("mary", secret).status, 303);
    let why: Vec<String> = office
        .house
        .rows(&["ledger", "events", "--partner", "gateway"])
        .iter()
        .filter_map(|event| event["data"]["reason"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(why, ["she moved", "her script", "it leaked", "lost laptop", "she left", "she is back"]);
}

#[test]
fn the_command_does_what_the_page_does_with_name_and_reason() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    let mary = office.sign_in("mary");
    let say = |line: &[&str]| {
        let said = office.house.ask(&[&["user"], line, &["--by", "anna", "--because", "she asked"]].concat());
        assert_eq!(said.code, 0, "{line:?}: {}", said.err);
        said.out
    };
    assert_eq!(say(&["role", "mary", "operator"]), "mary is operator now\n");
    assert!(mary.page("/").contains("mary <small>operator</small>"));
    assert_eq!(say(&["sign-out", "mary"]), "mary was signed out everywhere\n");
    assert_eq!(mary.get("/").status, 303);
    assert_eq!(say(&["revoke", "mary"]), "the tokens in the name of mary are worth nothing any more\n");
    assert_eq!(office.house.ask(&["user", "role", "nobody", "viewer"]).code, 2);
    let events = office.house.rows(&["ledger", "events", "--partner", "gateway"]);
    let by: Vec<_> = events.iter().filter(|event| event["data"]["reason"] == "she asked").collect();
    assert!(by.len() == 3 && by.iter().all(|event| event["data"]["by"] == "anna"), "{events:?}");
}

#[test]
fn whoever_knows_their_password_gives_themselves_another() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    let mary = office.sign_in("mary");
    let change = |present: &str, new: &str, again: &str| {
        let fields = format!("present={present}&new={new}&again={again}").replace(' ', "+");
        mary.press("/account/password", &fields)
    };
    assert!(mary.page("/account").contains("type=\"password\" name=\"present\""));
    let new = "another long password";
    for (present, new, again, why) in [
        ("wrong horse battery", new, new, "The present password is another one."),
        (PASSWORD, new, "another long passport", "not the same"),
        (PASSWORD, "short", "short", "expected 12 to 200 bytes, found 5"),
    ] {
        let answer = change(present, new, again);
        assert!(answer.status == 409 && answer.text.contains(why), "{why}: {answer:?}");
    }
    let changed = change(PASSWORD, new, new);
    assert_eq!((changed.status, changed.header("location")), (303, Some("/sign-in")));
    assert_eq!(mary.get("/").status, 303, "she is signed out");
    assert_eq!(office.try_sign_in("mary", PASSWORD).status, 403);
    assert_eq!(office.try_sign_in("mary", new).status, 303);
    let told = told(&office.house);
    assert_eq!(told["people_changed"].last().unwrap(), "mary has another password, by mary");
    assert!(!format!("{told:?}{}", office.house.log()).contains(new), "no password is told");
}

#[test]
fn guesses_at_the_present_password_cost_the_pause_of_wrong_sign_ins() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    let mary = office.sign_in("mary");
    let guess =
        || mary.press("/account/password", "present=guessed+horse&new=stolen+account&again=stolen+account").text;
    for _ in 0..5 {
        assert!(guess().contains("The present password is another one."));
    }
    assert!(guess().contains("Too many attempts failed."));
}
