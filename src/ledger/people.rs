//! People: who may look and act, their passwords, what shows that they signed in, and the pauses after wrong passwords.
//!
//! ```text
//! mary, operator, of megamart and bigbox     password $argon2id$…     signed in from 192.0.2.7, seen 09:15
//! ```
//!
//! A password, what a browser holds and what a program shows are kept as hashes alone. Never here: hashing a password, or
//! what a role may do.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::engine::Row;
use super::transmission::{from_json, to_json};
use super::{Error, Transaction};

/// What somebody may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Viewer,
    /// Release, replay, resend, waive, assign.
    Operator,
    /// The same, of the machine too; who sees every partner also keeps the people.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Operator, Role::Admin];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Result<Role, String> {
        let found = Role::ALL.into_iter().find(|role| role.name() == name);
        found.ok_or_else(|| format!("expected viewer, operator or admin, found {name:?}"))
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The partners that they see; every one where this is `None`.
    pub partners: Option<BTreeSet<String>>,
    /// Since when they are known.
    pub created: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled: Option<Timestamp>,
    /// The hash of their password, where they have one.
    #[serde(skip)]
    pub password: Option<String>,
}

/// What shows that somebody signed in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The hash of what their browser holds.
    pub id: String,
    /// Who.
    pub person: Person,
    /// When.
    pub began: Timestamp,
    /// When they asked for something last, to the minute.
    pub seen: Timestamp,
}

/// Somebody with what they hold now.
#[derive(Debug, Clone)]
pub struct Presence {
    /// Who.
    pub person: Person,
    /// How many browsers are signed in.
    pub sign_ins: i64,
    /// When one of them asked for something last.
    pub seen: Option<Timestamp>,
    /// How many tokens read in their name.
    pub tokens: i64,
}

/// How many may fail in a row before the next one has to wait.
const FREE_FAILURES: i64 = 5;
/// The first pause; each further failure doubles it.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// Failures are forgotten when there was none for so long.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long the next attempt waits after so many failures in a row.
fn pause_after(failures: i64) -> Option<SignedDuration> {
    let beyond = failures.checked_sub(FREE_FAILURES).filter(|beyond| *beyond >= 0)?;
    let doubled = FIRST_PAUSE.checked_mul(1 << beyond.min(10)).unwrap_or(LONGEST_PAUSE);
    Some(doubled.min(LONGEST_PAUSE))
}

const COLUMNS: &str = "person.name, person.role, person.partners, person.created, person.disabled, person.password";

fn person(row: &Row) -> Result<Person, Error> {
    Ok(Person {
        name: row.text(0)?,
        role: Role::parse(&row.text(1)?).map_err(Error::Unexpected)?,
        partners: row.optional_text(2)?.map(|list| from_json(&list)).transpose()?,
        created: row.time(3)?,
        disabled: row.optional_time(4)?,
        password: row.optional_text(5)?,
    })
}

impl Transaction<'_> {
    /// Adds somebody; false when there is one of that name.
    pub fn add_person(&mut self, new: &Person) -> Result<bool, Error> {
        let sql = "INSERT INTO person (name, role, partners, password, created) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (name) DO NOTHING";
        let partners = new.partners.as_ref().map(to_json).transpose()?;
        let password = new.password.clone();
        let values = [(&new.name).into(), new.role.name().into(), partners.into(), password.into(), new.created.into()];
        Ok(self.execute(sql, &values)? > 0)
    }

    /// Everybody, by name.
    pub fn people(&mut self) -> Result<Vec<Person>, Error> {
        let rows = self.query(&format!("SELECT {COLUMNS} FROM person ORDER BY name LIMIT 10000"), &[])?;
        rows.iter().map(person).collect()
    }

    /// Who has that name.
    pub fn person(&mut self, name: &str) -> Result<Option<Person>, Error> {
        let row = self.query_one(&format!("SELECT {COLUMNS} FROM person WHERE name = $1"), &[name.into()])?;
        row.as_ref().map(person).transpose()
    }

    /// Gives somebody another password, and their place back if they were shut out; whoever signed in with the old one is
    /// signed out.
    pub fn set_password(&mut self, name: &str, hash: &str) -> Result<(), Error> {
        let sql = "UPDATE person SET password = $2, disabled = NULL WHERE name = $1";
        self.change_person(sql, &[name.into(), hash.into()], name)?;
        self.forget_failures(&[&format!("person {name}")])?;
        self.sign_out_everywhere(name)
    }

    /// Shuts somebody out: they are signed out, and what programs show in their name is worth nothing.
    pub fn disable_person(&mut self, name: &str, now: Timestamp) -> Result<(), Error> {
        self.change_person("UPDATE person SET disabled = $2 WHERE name = $1", &[name.into(), now.into()], name)?;
        self.revoke_tokens(name)?;
        self.sign_out_everywhere(name)
    }

    /// Gives somebody another role; what they hold is worth what that may do.
    pub fn set_role(&mut self, name: &str, role: Role) -> Result<(), Error> {
        self.change_person("UPDATE person SET role = $2 WHERE name = $1", &[name.into(), role.name().into()], name)
    }

    /// Makes what programs show in somebody's name worth nothing.
    pub fn revoke_tokens(&mut self, name: &str) -> Result<(), Error> {
        self.put("DELETE FROM person_token WHERE person = $1", &[name.into()])
    }

    /// Signs somebody out wherever they are signed in.
    pub fn sign_out_everywhere(&mut self, name: &str) -> Result<(), Error> {
        self.put("DELETE FROM sign_in WHERE person = $1", &[name.into()])
    }

    /// Everybody with what they hold, by name; sign-ins that began or were used last before these times are over.
    pub fn presences(&mut self, began: Timestamp, seen: Timestamp, most: u32) -> Result<Vec<Presence>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, COUNT(sign_in.id), MAX(sign_in.seen),
                    (SELECT COUNT(*) FROM person_token WHERE person_token.person = person.name)
             FROM person LEFT JOIN sign_in ON sign_in.person = person.name AND sign_in.began > $1 AND sign_in.seen > $2
             GROUP BY {COLUMNS} ORDER BY person.name LIMIT $3"
        );
        let rows = self.query(&sql, &[began.into(), seen.into(), most.into()])?;
        let read = |row: &Row| {
            let (sign_ins, seen, tokens) = (row.int(6)?, row.optional_time(7)?, row.int(8)?);
            Ok(Presence { person: person(row)?, sign_ins, seen, tokens })
        };
        rows.iter().map(read).collect()
    }

    fn change_person(&mut self, sql: &str, values: &[super::engine::Value], name: &str) -> Result<(), Error> {
        match self.execute(sql, values)? {
            0 => Err(Error::NoSuch { what: "user", id: name.to_owned() }),
            _ => Ok(()),
        }
    }

    /// Records that somebody signed in, and forgets the sign-ins that began before a time: they are over anyway.
    pub fn begin_sign_in(
        &mut self,
        id: &str,
        name: &str,
        address: &str,
        now: Timestamp,
        over: Timestamp,
    ) -> Result<(), Error> {
        self.execute("DELETE FROM sign_in WHERE began < $1", &[over.into()])?;
        let sql = "INSERT INTO sign_in (id, person, address, began, seen) VALUES ($1, $2, $3, $4, $4)";
        self.execute(sql, &[id.into(), name.into(), address.into(), now.into()])?;
        Ok(())
    }

    /// The sign-in that a browser's secret hashes to.
    pub fn sign_in(&mut self, id: &str) -> Result<Option<SignIn>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, sign_in.began, sign_in.seen FROM sign_in JOIN person ON person.name = sign_in.person
             WHERE sign_in.id = $1"
        );
        let row = self.query_one(&sql, &[id.into()])?;
        row.map(|row| Ok(SignIn { id: id.to_owned(), person: person(&row)?, began: row.time(6)?, seen: row.time(7)? }))
            .transpose()
    }

    /// Notes that somebody is still there.
    pub fn keep_sign_in(&mut self, id: &str, now: Timestamp) -> Result<(), Error> {
        self.execute("UPDATE sign_in SET seen = $2 WHERE id = $1", &[id.into(), now.into()])?;
        Ok(())
    }

    /// Ends a sign-in; true when there was one.
    pub fn end_sign_in(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.execute("DELETE FROM sign_in WHERE id = $1", &[id.into()])? > 0)
    }

    /// Lets whoever shows what hashes to this read in somebody's name.
    pub fn add_token(&mut self, hash: &str, name: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "INSERT INTO person_token (id, person, created) VALUES ($1, $2, $3)";
        self.execute(sql, &[hash.into(), name.into(), now.into()])?;
        Ok(())
    }

    /// In whose name it is read by what hashes to this.
    pub fn person_of_token(&mut self, hash: &str) -> Result<Option<Person>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM person_token JOIN person ON person.name = person_token.person
             WHERE person_token.id = $1 AND person.disabled IS NULL"
        );
        self.query_one(&sql, &[hash.into()])?.as_ref().map(person).transpose()
    }

    /// Until when any of these has to wait.
    pub fn sign_in_pause(&mut self, whose: &[&str], now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let mut longest = None;
        for one in whose {
            let sql = "SELECT until FROM sign_in_failure WHERE whose = $1 AND until > $2";
            if let Some(row) = self.query_one(sql, &[one.into(), now.into()])? {
                longest = longest.max(row.optional_time(0)?);
            }
        }
        Ok(longest)
    }

    /// Counts a failure; the pause that it costs, once there were too many.
    pub fn sign_in_failed(&mut self, whose: &str, now: Timestamp) -> Result<Option<SignedDuration>, Error> {
        self.execute("DELETE FROM sign_in_failure WHERE last < $1", &[(now - FORGOTTEN_AFTER).into()])?;
        let sql = "INSERT INTO sign_in_failure (whose, failures, last) VALUES ($1, 1, $2)
                   ON CONFLICT (whose) DO UPDATE SET failures = sign_in_failure.failures + 1, last = excluded.last
                   RETURNING failures";
        let failures = self.query_one(sql, &[whose.into(), now.into()])?.map_or(Ok(1), |row| row.int(0))?;
        let pause = pause_after(failures);
        if let Some(pause) = pause {
            let sql = "UPDATE sign_in_failure SET until = $2 WHERE whose = $1";
            self.execute(sql, &[whose.into(), (now + pause).into()])?;
        }
        Ok(pause)
    }

    /// Forgets the failures of somebody who showed that it is them.
    pub fn forget_failures(&mut self, whose: &[&str]) -> Result<(), Error> {
        for one in whose {
            self.execute("DELETE FROM sign_in_failure WHERE whose = $1", &[one.into()])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tests::{Books, at};

    fn mary(partners: &[&str]) -> Person {
        let partners = (!partners.is_empty()).then(|| partners.iter().map(|one| (*one).to_owned()).collect());
        let password = Some("$argon2id$".to_owned());
        Person { name: "mary".to_owned(), role: Role::Operator, partners, created: at(0), disabled: None, password }
    }

    #[test]
    fn somebody_is_added_once_and_found_as_added() {
        let books = Books::new();
        assert!(books.write(|tx| tx.add_person(&mary(&["mega", "big"]))));
        assert!(!books.write(|tx| tx.add_person(&mary(&[]))));
        assert_eq!(books.read(|tx| tx.person("mary")), Some(mary(&["big", "mega"])));
        assert_eq!(books.read(|tx| tx.person("tom")), None);
    }

    #[test]
    fn who_is_shut_out_is_signed_out_and_their_tokens_are_worth_nothing() {
        let books = Books::new();
        books.write(|tx| {
            tx.add_person(&mary(&[]))?;
            tx.begin_sign_in("s1", "mary", "::1", at(1), at(0))?;
            tx.add_token("t1", "mary", at(1))
        });
        assert!(books.read(|tx| tx.sign_in("s1")).is_some() && books.read(|tx| tx.person_of_token("t1")).is_some());
        books.write(|tx| tx.disable_person("mary", at(2)));
        assert!(books.read(|tx| tx.sign_in("s1")).is_none() && books.read(|tx| tx.person_of_token("t1")).is_none());
        books.write(|tx| tx.set_password("mary", "$argon2id$2"));
        assert_eq!(books.read(|tx| tx.person("mary")).unwrap().disabled, None);
    }

    #[test]
    fn another_password_signs_out_whoever_came_in_by_the_old_one() {
        let books = Books::new();
        books.write(|tx| {
            tx.add_person(&mary(&[]))?;
            tx.begin_sign_in("s1", "mary", "::1", at(1), at(0))?;
            tx.set_password("mary", "$argon2id$2")
        });
        assert!(books.read(|tx| tx.sign_in("s1")).is_none());
    }

    #[test]
    fn what_somebody_holds_is_counted_and_can_be_taken_away() {
        let books = Books::new();
        books.write(|tx| {
            tx.add_person(&mary(&[]))?;
            tx.begin_sign_in("over", "mary", "::1", at(1), at(0))?;
            tx.begin_sign_in("fresh", "mary", "::1", at(9), at(0))?;
            tx.add_token("t1", "mary", at(1))?;
            tx.set_role("mary", Role::Admin)
        });
        let held = |books: &Books| {
            let all = books.read(|tx| tx.presences(at(5), at(5), 10));
            assert_eq!((all.len(), all[0].person.role), (1, Role::Admin));
            (all[0].sign_ins, all[0].seen, all[0].tokens)
        };
        assert_eq!(held(&books), (1, Some(at(9)), 1));
        books.write(|tx| {
            tx.revoke_tokens("mary")?;
            tx.sign_out_everywhere("mary")
        });
        assert_eq!(held(&books), (0, None, 0));
        let unknown = books.ledger.write(|tx| tx.set_role("tom", Role::Viewer));
        assert!(matches!(unknown, Err(Error::NoSuch { .. })), "{unknown:?}");
    }

    #[test]
    fn pauses_grow_with_failures_and_end_with_a_success() {
        let books = Books::new();
        let fail = |minute| books.write(move |tx| tx.sign_in_failed("person mary", at(minute)));
        let pauses: Vec<Option<i64>> = (0..8).map(|minute| fail(minute).map(|pause| pause.as_secs())).collect();
        assert_eq!(pauses, [None, None, None, None, Some(30), Some(60), Some(120), Some(240)]);
        let pause = |minute| books.read(|tx| tx.sign_in_pause(&["address ::1", "person mary"], at(minute)));
        assert_eq!(pause(10), Some(at(11)));
        assert_eq!(pause(11), None, "it is over");
        books.write(|tx| tx.forget_failures(&["person mary"]));
        assert_eq!(fail(300), None);
    }

    #[test]
    fn no_pause_is_longer_than_the_longest() {
        assert_eq!(pause_after(400), Some(LONGEST_PAUSE));
    }
}
