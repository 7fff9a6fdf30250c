//! Templates of file names: `{partner}_{set}_{isa13}.edi`, checked when the configuration is loaded.
//!
//! ```text
//! "{po_number}.json"  for an order as JSON     fine
//! "{po}.json"                                  unknown placeholder, did you mean …
//! "{isa13}.json"      for an order as JSON     only X12 has a control number
//! ```

use super::reader::meant;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// The template of endpoints that name none.
pub(crate) const DEFAULT: &str = "{partner}_{set}_{isa13}.edi";

/// What a template may speak of.
const PLACEHOLDERS: [&str; 8] = ["partner", "set", "isa13", "number", "po_number", "date", "time", "kind"];

/// What a file with the name would hold; each knows other placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    /// A document as X12.
    X12,
    /// A document in another format.
    Other,
    /// Several documents as X12 in one interchange.
    Batch,
    /// An acknowledgment, which belongs to an interchange and not to a document.
    Acknowledgment,
}

/// Checks what can be said of a template by itself.
pub(crate) fn check(template: &str) -> Result<(), Diagnostic> {
    let fault = |message: String| Diagnostic::new(&codes::FILE_NAME, message).found(template);
    for name in placeholders(template).map_err(|why| fault(why.to_owned()))? {
        if !PLACEHOLDERS.contains(&name) {
            let listed = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
            let unknown = fault(format!("unknown placeholder {{{name}}}")).expected(format!("one of {listed}"));
            return Err(meant(unknown, name, PLACEHOLDERS));
        }
    }
    if template.contains(['/', '\\']) {
        return Err(fault("a file name holds a folder".to_owned()).hint("put the folder into drop_off = { to = … }"));
    }
    // Whoever picks up by our own rules ignores names that begin with a dot: they are files being written.
    if template.starts_with('.') {
        return Err(fault("a file name begins with a dot, so it would never be picked up".to_owned()));
    }
    Ok(())
}

/// Checks that a template, sound by itself, can name a file that carries this.
pub(crate) fn check_for(template: &str, carries: Carries) -> Result<(), Diagnostic> {
    let unknown: &[&str] = match carries {
        Carries::X12 => &[],
        Carries::Other => &["isa13", "set"],
        Carries::Acknowledgment | Carries::Batch => &["number", "po_number"],
    };
    let used = placeholders(template).unwrap_or_default();
    if let Some(name) = used.iter().find(|name| unknown.contains(name)) {
        let (message, hint) = match carries {
            Carries::Acknowledgment => (
                format!("{{{name}}} is not known for an acknowledgment"),
                "name the endpoint's files by {partner}_{set}_{isa13}.edi, and documents in their own rules",
            ),
            Carries::Batch => (
                format!("{{{name}}} is not known for a batch of documents"),
                "name its files by {partner}_{set}_{isa13}.edi, in the rule's own name if need be",
            ),
            _ => (
                format!("{{{name}}} is known only for X12"),
                r#"give the rule a name of its own, such as name = "{kind}_{number}.json""#,
            ),
        };
        return Err(Diagnostic::new(&codes::FILE_NAME, message).found(template).hint(hint));
    }
    let differs = used.iter().any(|name| ["isa13", "number", "po_number"].contains(name));
    if !differs {
        let message = "every file would have the same name";
        return Err(Diagnostic::new(&codes::SAME_FILE_NAME, message).found(template));
    }
    Ok(())
}

/// The placeholders between braces, in order.
fn placeholders(template: &str) -> Result<Vec<&str>, &'static str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        let opened = &rest[brace..];
        let Some(inner) = opened.strip_prefix('{') else { return Err("a } closes nothing") };
        let Some((name, after)) = inner.split_once('}') else { return Err("a { is never closed") };
        names.push(name);
        rest = after;
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(result: Result<(), Diagnostic>) -> String {
        result.map_or_else(|fault| fault.message, |()| "fine".to_owned())
    }

    #[test]
    fn a_template_is_a_plain_file_name_with_known_placeholders() {
        for (template, expect) in [
            ("{partner}_{set}_{isa13}.edi", "fine"),
            ("orders.json", "fine"),
            ("{po}.json", "unknown placeholder {po}"),
            ("{po_number.json", "a { is never closed"),
            ("po_number}.json", "a } closes nothing"),
            ("out/{number}.json", "a file name holds a folder"),
            (".{number}", "a file name begins with a dot, so it would never be picked up"),
        ] {
            assert_eq!(fault(check(template)), expect, "{template}");
        }
    }

    #[test]
    fn a_placeholder_must_be_known_for_what_is_sent() {
        for (template, carries, expect) in [
            ("{isa13}.edi", Carries::X12, "fine"),
            ("{isa13}.edi", Carries::Acknowledgment, "fine"),
            ("{isa13}.json", Carries::Other, "{isa13} is known only for X12"),
            ("{po_number}.edi", Carries::Acknowledgment, "{po_number} is not known for an acknowledgment"),
            ("orders.json", Carries::Other, "every file would have the same name"),
        ] {
            assert_eq!(fault(check_for(template, carries)), expect, "{template}");
        }
    }
}
