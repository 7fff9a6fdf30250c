//! MegaMart as an AS2 partner, played in this process with edigate's own protocol: it posts, and answers as it was told.

use std::collections::VecDeque;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use edigate::config::agreement::{
    As2Id, Cipher, Compress, Digest, KeyPadding, Receipt, Required, SignaturePadding, Transfer,
};
use edigate::config::certificate::Certificate;
use edigate::transport::as2::compress::Growth;
use edigate::transport::as2::digest::Digests;
use edigate::transport::as2::envelope::Envelope;
use edigate::transport::as2::header::Headers;
use edigate::transport::as2::identity::Identity;
use edigate::transport::as2::open::{self, Opened, Trust};
use edigate::transport::as2::receipt::{self, Answer as Wording, Became, Written};
use edigate::transport::as2::seal::{self, About, Encrypting, File, Manner, Sealed, Signing};
use edigate::transport::as2::verdict::{self, Expected, Matched};

use super::House;
use super::http::{connect, free_port, rest};

/// How a message is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// With the receipt that it asks for.
    Good,
    /// With a receipt about other bytes.
    OtherDigest,
    /// With a receipt that a stranger signed.
    Forged,
    /// With a receipt that nobody signed.
    Unsigned,
    /// With a receipt that says no.
    Negative,
    /// With a status, and a receipt that is posted before.
    Early,
    /// With a page.
    Page,
    /// With a status alone.
    Status(u16),
    /// Not at all, for longer than anybody waits.
    Nothing,
}

/// What came to MegaMart.
#[derive(Debug, Clone)]
pub struct Got {
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Got {
    pub fn message_id(&self) -> &str {
        self.headers.field("message-id").unwrap()
    }
}

/// MegaMart.
pub struct Partner {
    pub port: u16,
    pub keys: Arc<Keys>,
    got: Arc<Mutex<Vec<Got>>>,
    moods: Arc<Mutex<VecDeque<Mood>>>,
    _runtime: tokio::runtime::Runtime,
}

/// Everybody's certificates.
pub struct Keys {
    pub acme: Identity,
    pub mega: Identity,
    pub stranger: Identity,
}

/// An identity as the command line makes it, with its files in the house.
pub fn identity(house: &House, name: &str) -> Identity {
    let (certificate, key) = (house.path(&format!("{name}.pem")), house.path(&format!("{name}.key")));
    let args = ["partner", "cert", "new", name, "--certificate", certificate.to_str().unwrap(), "--key"];
    let said = house.edigate(&[&args[..], &[key.to_str().unwrap()]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    let certificate = Certificate::parse(&fs::read(certificate).unwrap()).unwrap();
    Identity::of(certificate, &fs::read(key).unwrap()).unwrap()
}

impl Partner {
    /// A house that speaks AS2 with MegaMart, which answers in these moods and well ever after; `lines` stand in the endpoint.
    /// The port of the house.
    pub fn of(house: &House, moods: &[Mood], lines: &str) -> (Partner, u16) {
        let keys = Arc::new(Keys {
            acme: identity(house, "acme"),
            mega: identity(house, "mega"),
            stranger: identity(house, "stranger"),
        });
        let (got, moods) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(moods.iter().copied().collect())));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (notes, told, known) = (Arc::clone(&got), Arc::clone(&moods), Arc::clone(&keys));
        let fallback = move |request| answer(request, Arc::clone(&notes), Arc::clone(&told), Arc::clone(&known));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move { axum::serve(listener, Router::new().fallback(fallback)).await.unwrap() });
        let partner = Partner { port, keys, got, moods, _runtime: runtime };
        let listens = partner.agree(house, lines);
        (partner, listens)
    }

    /// Writes what was agreed into the files of a house; returns the port at which it listens.
    fn agree(&self, house: &House, lines: &str) -> u16 {
        let listens = free_port();
        let gateway = fs::read_to_string(house.config()).unwrap();
        let ours = format!(
            "\n[as2]\nid = \"ACME\"\naddress = \"http://127.0.0.1:{listens}/as2\"\n[[as2.certificate]]\nfile = \"acme.pem\"\n\
             key = \"file:acme.key\"\n[[listen]]\naddress = \"127.0.0.1:{listens}\"\nserves = [\"as2\"]\n"
        );
        fs::write(house.config(), gateway + &ours).unwrap();
        let path = house.path("partners/megamart/partner.toml");
        let file = fs::read_to_string(&path).unwrap();
        let begin = file.find("via      = \"folder\"").unwrap();
        let end = begin + file[begin..].find("\n\n").unwrap();
        let wire = format!(
            "via = \"as2\"\naddress = \"http://127.0.0.1:{}/as2\"\nplain = true\nid = \"Mega Mart\"\n\
             certificate = \"../../mega.pem\"\n{lines}",
            self.port
        );
        let wire = match lines.contains("retry =") {
            true => wire,
            false => {
                format!("{wire}\nretry = {{ first = \"100 ms\", longest = \"300 ms\", give_up_after = \"60 s\" }}")
            }
        };
        fs::write(&path, format!("{}{wire}{}", &file[..begin], &file[end..])).unwrap();
        listens
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub fn is_done(&self) -> bool {
        self.moods.lock().unwrap().is_empty()
    }

    /// A message of MegaMart to ACME, signed and encrypted, as it is posted.
    pub fn message(&self, id: &str, name: &str, bytes: &[u8]) -> Sealed {
        self.message_in(self.manner(), id, &[File { name, content_type: "application/edi-x12", bytes }])
    }

    pub fn message_in(&self, manner: Manner<'_>, id: &str, files: &[File<'_>]) -> Sealed {
        seal::seal(files, manner, About { message_id: id, subject: "850" }).unwrap()
    }

    pub fn manner(&self) -> Manner<'_> {
        Manner {
            from: mega(),
            to: acme(),
            sign: Some(self.signing()),
            encrypt: Some(self.encrypting(&self.keys.acme)),
            compress: Compress::Never,
            transfer: Transfer::Binary,
            receipt: Receipt::Signed,
            mic: Digest::Sha256,
            receipt_to: None,
        }
    }

    pub fn signing(&self) -> Signing<'_> {
        Signing { identity: &self.keys.mega, digest: Digest::Sha256, padding: SignaturePadding::Pkcs1 }
    }

    pub fn encrypting<'k>(&self, to: &'k Identity) -> Encrypting<'k> {
        Encrypting { certificate: to.certificate(), cipher: Cipher::Aes256, padding: KeyPadding::Pkcs1 }
    }

    /// What ACME's receipt says of a message.
    pub fn verdict(&self, sealed: &Sealed, answer: &Got, receipt: Receipt) -> Result<Matched, String> {
        let theirs = [self.keys.acme.certificate().clone()];
        let message_id = sealed.headers.field("message-id").unwrap();
        let expected = Expected { message_id, digests: &sealed.digests, receipt, is_signed: true, theirs: &theirs };
        verdict::judge(&answer.headers, &answer.body, expected).map_err(|fault| fault.message)
    }

    /// What ACME sent, opened.
    pub fn opened(&self, got: &Got) -> Opened {
        opened(got, &self.keys)
    }

    /// Posts the receipt of a message to ACME, as it had asked for.
    pub fn post_receipt(&self, port: u16, got: &Got, mood: Mood) -> u16 {
        let written = written(got, mood, &self.keys);
        post(port, &written.headers, &written.body).0
    }
}

pub fn acme() -> &'static As2Id {
    Box::leak(Box::new(As2Id::parse("ACME").unwrap()))
}

pub fn mega() -> &'static As2Id {
    Box::leak(Box::new(As2Id::parse("Mega Mart").unwrap()))
}

/// Posts a message and hears the answer: its status, and what it holds.
pub fn post(port: u16, headers: &Headers, body: &[u8]) -> (u16, Got) {
    use std::io::Write as _;
    let mut head = b"POST /as2 HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n".to_vec();
    head.extend_from_slice(&headers.to_bytes());
    head.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    let mut stream = connect(port);
    stream.write_all(&[&head, body].concat()).unwrap();
    let bytes = rest(&mut stream);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer");
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let status = std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap();
    let headers = Headers::parse(&bytes[line + 1..end + 2]).unwrap();
    (status, Got { headers, body: bytes[end + 4..].to_vec() })
}

fn opened(got: &Got, keys: &Keys) -> Opened {
    let (ours, theirs) = ([keys.mega.clone()], [keys.acme.certificate().clone()]);
    let required = Required { signed: false, encrypted: false, weak_is_enough: true };
    let trust = Trust { ours: &ours, theirs: &theirs, lapsed: &[], required, growth: Growth::default() };
    open::open(&got.headers, &got.body, trust)
}

fn written(got: &Got, mood: Mood, keys: &Keys) -> Written {
    let about = Envelope::read(&got.headers).unwrap();
    let opened = opened(got, keys);
    let (became, digests) = match (mood, &opened.outcome) {
        (Mood::Negative, _) => {
            (Became::Refused(edigate::transport::as2::disposition::Modifier::DecryptionFailed), None)
        }
        (Mood::OtherDigest, _) => (Became::Processed, Some(Digests::of(b"something else"))),
        (_, Ok(_)) => (Became::Processed, opened.digests.clone()),
        (_, Err(refusal)) => (Became::Refused(refusal.modifier), opened.digests.clone()),
    };
    let signed_by = opened.signed_by().and_then(|(digest, _)| digest);
    let (digest, _) = receipt::mic_of(&about, signed_by);
    let signer = match mood {
        Mood::Unsigned => None,
        Mood::Forged => Some(&keys.stranger),
        _ => about.wish.as_ref().is_some_and(|wish| wish.signed).then_some(&keys.mega),
    };
    let sign = signer.map(|identity| Signing { identity, digest, padding: SignaturePadding::Pkcs1 });
    let digests = digests.as_ref();
    receipt::write(Wording { about: &about, became, digests, signed_by, sign, message_id: "<receipt@megamart>" })
        .unwrap()
}

async fn answer(
    request: Request,
    got: Arc<Mutex<Vec<Got>>>,
    moods: Arc<Mutex<VecDeque<Mood>>>,
    keys: Arc<Keys>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let fields = head.headers.iter();
    let headers = Headers::of(fields.map(|(name, value)| (name.as_str(), value.to_str().unwrap())));
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let one = Got { headers, body };
    got.lock().unwrap().push(one.clone());
    let mood = moods.lock().unwrap().pop_front().unwrap_or(Mood::Good);
    let is_posted = one.headers.field("receipt-delivery-option").is_some();
    let mut answer = Response::new(Body::empty());
    match mood {
        Mood::Nothing => tokio::time::sleep(Duration::from_secs(3600)).await,
        Mood::Status(status) => *answer.status_mut() = StatusCode::from_u16(status).unwrap(),
        Mood::Early => {
            let url = one.headers.field("receipt-delivery-option").unwrap().to_owned();
            let port: u16 = url.rsplit(':').next().unwrap().trim_end_matches("/as2").parse().unwrap();
            let written = written(&one, Mood::Good, &keys);
            std::thread::spawn(move || post(port, &written.headers, &written.body));
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Mood::Page => {
            answer = Response::new(Body::from("<h1>It works!</h1>"));
            answer.headers_mut().insert("content-type", "text/html".parse().unwrap());
        }
        // A receipt that comes here gets a status alone, and so does a message whose receipt is posted later.
        _ if one.headers.field("disposition-notification-to").is_none() || is_posted => {}
        mood => {
            let written = written(&one, mood, &keys);
            answer = Response::new(Body::from(written.body));
            for (name, value) in written.headers.iter() {
                let name = axum::http::HeaderName::try_from(name).unwrap();
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
        }
    }
    answer
}
