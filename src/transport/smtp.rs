//! E-mail to people, by the server of `[smtp]`.
//!
//! In: one mail. Out: the server took it, or why not. A message id says to whoever keeps mail that two of them are one. Nothing is
//! said before the connection is encrypted, unless the configuration wants it so.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport as _};

use crate::config::alerts::{Encryption, Smtp};

/// A mail.
#[derive(Debug)]
pub struct Mail<'a> {
    /// Its id, the same at every attempt.
    pub id: &'a str,
    /// To whom.
    pub to: &'a [Mailbox],
    /// Its subject.
    pub subject: &'a str,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Hands a mail to the server; or why it is not taken.
pub fn send(server: &Smtp, mail: Mail<'_>, timeout: Duration) -> Result<(), String> {
    let message = written(server, mail)?;
    let connection = connection(server, timeout)?;
    let failed = |error: &dyn std::error::Error| format!("{}:{}: {}", server.host, server.port, in_words(error));
    connection.send(&message).map(|_| ()).map_err(|error| failed(&error))
}

fn written(server: &Smtp, mail: Mail<'_>) -> Result<Message, String> {
    let domain = server.from.email.domain();
    let mut message = Message::builder()
        .from(server.from.clone())
        .subject(mail.subject)
        .date(UNIX_EPOCH + Duration::from_secs(u64::try_from(mail.at.as_second()).unwrap_or(0)))
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .header(ContentType::TEXT_PLAIN)
        // Nobody's out-of-office answers this.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    for to in mail.to {
        message = message.to(to.clone());
    }
    message.body(mail.text).map_err(|error| format!("no mail can be made of it: {error}"))
}

fn connection(server: &Smtp, timeout: Duration) -> Result<SmtpTransport, String> {
    let tls = match server.encryption {
        Encryption::StartTls => Tls::Required(trust(server)?),
        Encryption::Tls => Tls::Wrapper(trust(server)?),
        Encryption::None => Tls::None,
    };
    let connection = SmtpTransport::builder_dangerous(&server.host).port(server.port).timeout(Some(timeout)).tls(tls);
    Ok(match &server.login {
        Some((user, password)) => connection.credentials(Credentials::new(user.clone(), password.read()?)).build(),
        None => connection.build(),
    })
}

fn trust(server: &Smtp) -> Result<TlsParameters, String> {
    let mut trust = TlsParameters::builder(server.host.clone());
    if let Some(ca) = &server.ca {
        let text = fs::read(ca).map_err(|error| format!("cannot read {}: {error}", ca.display()))?;
        let certificate = Certificate::from_pem(&text);
        let certificate = certificate.map_err(|_| format!("{} holds no PEM certificate", ca.display()))?;
        trust = trust.add_root_certificate(certificate);
    }
    trust.build().map_err(|error| format!("no TLS: {error}"))
}

/// What happened, cause by cause.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(one) = cause {
        let text = one.to_string();
        if !words.iter().any(|known| known.contains(&text)) {
            words.push(text);
        }
        cause = one.source();
    }
    words.join(": ")
}
