//! The server of an endpoint with `via = "sftp"`.
//!
//! ```toml
//! via      = "sftp"
//! address  = "sftp.megamart.example:22"
//! user     = "acme"
//! key      = "credential:megamart_ed25519"     password = "file:…" instead of it, or beside it where both are asked for
//! host_key = "SHA256:…"                         as `ssh-keygen -l` prints it; a list while the server changes its key
//! ```

use std::path::Path;
use std::time::Duration;

use super::partner::SftpServer;
use super::reader::Table;
use super::secret::SecretReference;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// The port of SSH (RFC 4253, 4.1).
const PORT: u16 = 22;

/// How long a single call may take, unless the partner file says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many base64 digits 32 bytes take without padding.
const FINGERPRINT_DIGITS: usize = 43;

/// Reads the server; `None` when it cannot be used. Relative `file:` references start at `home`.
pub(crate) fn read(table: &Table, home: &Path) -> Option<SftpServer> {
    let address = table.required("address", r#"address = "sftp.megamart.example:22""#).parse(address);
    let user = table.required("user", r#"user = "acme""#).text();
    let secret = |key| {
        let reference = table.optional(key).parse(SecretReference::parse)?;
        Some(reference.value.below(home))
    };
    let (password, key, key_passphrase) = (secret("password"), secret("key"), secret("key_passphrase"));
    let host_key = table.required("host_key", r#"host_key = "SHA256:…""#);
    let host_keys: Vec<String> = host_key.parse_each(fingerprint).into_iter().map(|key| key.value).collect();
    let timeout = table.optional("timeout").duration().unwrap_or(TIMEOUT);
    let rename = table.optional("rename").boolean().unwrap_or(true);
    if !table.has("password") && !table.has("key") {
        let message = "the endpoint has neither password nor key, so it cannot log in";
        let fault = Diagnostic::new(&codes::MISSING_KEY, message).at(table.place.clone());
        table.source.report(fault.expected(r#"key = "credential:…", password = "file:…", or both"#));
        return None;
    }
    let (host, port) = address?.value;
    let user = user?.value.to_owned();
    if host_keys.is_empty() {
        return None;
    }
    Some(SftpServer { host, port, user, password, key, key_passphrase, host_keys, timeout, rename })
}

/// `host`, `host:port`, or `[v6]:port`.
fn address(text: &str) -> Result<(String, u16), Diagnostic> {
    let fault = |why: &str| {
        let fault = Diagnostic::new(&codes::ADDRESS, format!("{text:?} is no address: {why}"));
        fault.expected(r#"a host and a port, such as "sftp.megamart.example:22""#).found(text)
    };
    if text.contains("://") {
        return Err(fault("that is a URL"));
    }
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        return Err(fault("that is no host's name"));
    }
    let port = port.map_or(Ok(PORT), |port| port.parse().map_err(|_| fault("a port is a number up to 65535")))?;
    Ok((host.to_owned(), port))
}

/// A fingerprint as OpenSSH prints it, without padding.
fn fingerprint(text: &str) -> Result<String, Diagnostic> {
    let digits = text.trim().strip_prefix("SHA256:").map(|digits| digits.trim_end_matches('='));
    let is_base64 = |digits: &&str| {
        digits.len() == FINGERPRINT_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
    };
    match digits.filter(is_base64) {
        Some(digits) => Ok(format!("SHA256:{digits}")),
        None => {
            let fault = Diagnostic::new(&codes::ADDRESS, "that is no fingerprint of a host key");
            let fault = fault.expected("SHA256: and 43 characters, as `ssh-keygen -l` prints them").found(text);
            Err(fault.hint("`ssh-keyscan HOST | ssh-keygen -lf -` shows it; compare it with what the partner says"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_with_or_without_a_port() {
        for (text, host, port) in [
            ("sftp.megamart.example:2222", "sftp.megamart.example", 2222),
            ("sftp.megamart.example", "sftp.megamart.example", 22),
            ("[2001:db8::7]:2022", "2001:db8::7", 2022),
        ] {
            assert_eq!(address(text).unwrap(), (host.to_owned(), port));
        }
        for text in ["", ":22", "host:port", "sftp://host:22", "user@host", "host:70000"] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_taken_with_and_without_its_padding() {
        let digits = "kSgp2jGl5dY0Zb9UqY3xYlTn0b7xqv1vS1xq1vJ8s0c";
        let plain = format!("SHA256:{digits}");
        assert_eq!(fingerprint(&plain).unwrap(), plain);
        assert_eq!(fingerprint(&format!("{plain}=")).unwrap(), plain);
        for text in [digits, "SHA256:abc", "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48"] {
            assert!(fingerprint(text).is_err(), "{text}");
        }
    }
}
