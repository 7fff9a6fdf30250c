//! Secrets are referred to, never written down: `file:`, `env:`, `credential:`.
//!
//! ```text
//! "credential:megamart_key" -> the systemd credential of that name
//! "file:/etc/edigate/key"   -> the content of that file
//! "hunter2"                 -> an error that does not repeat the text
//! ```
//!
//! A secret is read when a wire is opened and kept no longer; loading the configuration reads none.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// The content of a file.
    File(std::path::PathBuf),
    /// The value of an environment variable.
    Environment(String),
    /// A credential that systemd hands to the service.
    Credential(String),
}

impl SecretReference {
    /// Reads a reference. The fault never quotes the text: it may be the secret itself.
    pub fn parse(text: &str) -> Result<SecretReference, Diagnostic> {
        let reference = text.split_once(':').filter(|(_, name)| !name.is_empty());
        match reference {
            Some(("file", path)) => Ok(SecretReference::File(path.into())),
            Some(("env", name)) => Ok(SecretReference::Environment(name.to_owned())),
            Some(("credential", name)) => Ok(SecretReference::Credential(name.to_owned())),
            _ => Err(Diagnostic::new(&codes::SECRET, "a secret is written into the file")
                .expected("file:PATH, env:NAME or credential:NAME")),
        }
    }

    /// The same, with a relative `file:` starting at a folder.
    pub fn below(self, home: &std::path::Path) -> SecretReference {
        match self {
            SecretReference::File(path) => SecretReference::File(home.join(path)),
            other => other,
        }
    }

    /// The secret itself, without the line feed at its end; or why it cannot be read.
    pub fn read(&self) -> Result<String, String> {
        let file = |path: &std::path::Path| {
            let read = std::fs::read_to_string(path);
            read.map_err(|error| format!("cannot read the secret in {}: {error}", path.display()))
        };
        let text = match self {
            SecretReference::File(path) => file(path)?,
            SecretReference::Environment(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?
            }
            SecretReference::Credential(name) => {
                let directory = std::env::var("CREDENTIALS_DIRECTORY")
                    .map_err(|_| format!("systemd handed over no credentials, expected {name} (LoadCredential=)"))?;
                file(&std::path::Path::new(&directory).join(name))?
            }
        };
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_of_reference_are_read() {
        assert_eq!(SecretReference::parse("file:/etc/key"), Ok(SecretReference::File("/etc/key".into())));
        assert_eq!(SecretReference::parse("env:KEY"), Ok(SecretReference::Environment("KEY".to_owned())));
        assert_eq!(SecretReference::parse("credential:key"), Ok(SecretReference::Credential("key".to_owned())));
    }

    #[test]
    fn a_secret_that_was_written_down_is_refused_and_not_repeated() {
        for written in ["hunter2", "env:", "password:hunter2"] {
            let fault = SecretReference::parse(written).unwrap_err();
            assert!(!fault.to_string().contains("hunter2"), "{fault}");
        }
    }
}
