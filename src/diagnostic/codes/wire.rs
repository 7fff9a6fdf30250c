//! Codes about the wires to partners (NET-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &UNREACHABLE,
    &HOST_KEY,
    &LOGIN_REFUSED,
    &SECRET_UNREADABLE,
    &REFUSED_BY_SERVER,
    &CONNECTION_LOST,
    &CHANGED_WHILE_READ,
    &LEFT_ALONE,
    &BAD_NAME,
];

/// The partner's server does not answer.
pub static UNREACHABLE: Meaning = Meaning {
    code: "NET-E001",
    title: "the partner's server does not answer",
    meaning: "No connection could be made within the endpoint's `timeout`. What waits there stays there, what is to go there is kept, and both are tried again with growing pauses. Other endpoints are not held up.",
    cause: "The server is down, a firewall is in between, or `address` is not what it was.",
    fix: "try `ssh -p PORT USER@HOST -s sftp` from this machine; correct `address`, or ask the partner's network people; work resumes by itself",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The server shows another host key than the one that is pinned.
pub static HOST_KEY: Meaning = Meaning {
    code: "NET-E002",
    title: "the server shows another host key than the one that is pinned",
    meaning: "The partner file says by `host_key` which server it means. Another one answered, so no name and no password was told to it, nothing was taken from it and nothing was left there. This is what an eavesdropper between the two looks like, and what a server that was set up anew looks like.",
    cause: "The partner changed its server and its key, or somebody stands in between.",
    fix: "ask the partner for the fingerprint of its new key, by telephone and not by the mail that announces it; then write it into `host_key` (a list while both are in use) and reload",
    who: Who::Us,
    example: "host_key = \"SHA256:kSgp2jG…\"",
    corrected: "host_key = [\"SHA256:kSgp2jG…\", \"SHA256:9aW1xQe…\"]",
};

/// The server does not let us in.
pub static LOGIN_REFUSED: Meaning = Meaning {
    code: "NET-E003",
    title: "the server does not let us in",
    meaning: "The server is the right one and refused the user with the password or key that the partner file names. Since servers lock out who tries too often, it is tried again with growing pauses only.",
    cause: "The password has run out, the public key was not installed at the partner's side, or the user's name is wrong.",
    fix: "have the partner install the public key or renew the password, put the new one where `password` or `key` points, and reload",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A secret that an endpoint needs cannot be read.
pub static SECRET_UNREADABLE: Meaning = Meaning {
    code: "NET-E004",
    title: "a secret that an endpoint needs cannot be read",
    meaning: "The password, the key or its passphrase is not where the partner file says, or is no key. Without it the endpoint cannot be used; nothing is lost meanwhile.",
    cause: "The file is missing or not readable by edigate's user, the variable is not set, or systemd was not told of the credential.",
    fix: "put the secret where the reference points (`file:`, `env:` or `LoadCredential=` for `credential:`), readable by edigate's user, and reload",
    who: Who::Us,
    example: "key = \"file:/etc/edigate/megamart_ed25519\"",
    corrected: "",
};

/// The partner's server refused an operation.
pub static REFUSED_BY_SERVER: Meaning = Meaning {
    code: "NET-E005",
    title: "the partner's server refused an operation",
    meaning: "The connection stands and the server answered a request with an error, which is quoted. What was to be taken stays there, what was to be left is kept, and both are tried again with growing pauses.",
    cause: "The directory is not there, its disk is full, or the user has no right to read, write, rename or delete in it.",
    fix: "have the partner mend what the message names; or correct `from`, `to` or `then` in partner.toml",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// The connection broke in mid-work.
pub static CONNECTION_LOST: Meaning = Meaning {
    code: "NET-E006",
    title: "the connection broke in mid-work",
    meaning: "The server went away, or did not answer within the endpoint's `timeout`. Nothing that was not acknowledged counts: what was half received is received again, what was half sent bears no name yet and is sent again.",
    cause: "The server was restarted, the network failed, or a firewall forgets connections that are quiet.",
    fix: "nothing, if it is rare; else raise `timeout`, or ask the partner's network people",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// A file changed while it was being read.
pub static CHANGED_WHILE_READ: Meaning = Meaning {
    code: "NET-W007",
    title: "a file changed while it was being read",
    meaning: "The file had another size at the end than when its directory was listed. Half a file is worse than none, so nothing of it was taken; it is looked at again until it stands still.",
    cause: "Its writer pauses for longer than `settle`, or writes into a file that it has already offered.",
    fix: "raise `settle`, or agree on a marker file (`marker = \".done\"`) or on a temporary name while it is written",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Files are left where they are, since they are older or larger than agreed.
pub static LEFT_ALONE: Meaning = Meaning {
    code: "NET-W008",
    title: "files are left where they are, since they are older or larger than agreed",
    meaning: "`max_age` and `max_size` of pick_up say which files are business. What is beyond them is neither taken nor touched, and named here so that nobody waits for it.",
    cause: "An old file was left in the mailbox before edigate began to watch it, or somebody put a file there that is no EDI.",
    fix: "remove the files, or raise `max_age` or `max_size` and reload",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A server offers a file under a name that would lead out of its directory.
pub static BAD_NAME: Meaning = Meaning {
    code: "NET-W009",
    title: "a server offers a file under a name that would lead out of its directory",
    meaning: "The name of a file in the mailbox holds a slash or a backslash. On some systems that is a path, and a path in place of a name is how a server is made to hand over or delete another file; so the file is neither taken nor touched, and named here so that nobody waits for it.",
    cause: "A program of the partner wrote a whole Windows path where a name belongs; or somebody tries to reach other files.",
    fix: "have the partner give the file a plain name",
    who: Who::Sender,
    example: "C:\\\\edi\\\\850_101.edi",
    corrected: "850_101.edi",
};
