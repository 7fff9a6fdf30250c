//! Code tables 720 and 723 in words, for people who must mend what a partner refused.

use super::AcknowledgedFault;

/// `IT1 (segment 9), element 4: invalid character in "5,50"`.
pub(super) fn fault(fault: &AcknowledgedFault) -> String {
    let mut text = format!("{} (segment {})", fault.segment, fault.position);
    if let Some((element, component)) = fault.element {
        text.push_str(&format!(", element {element}"));
        if let Some(repetition) = fault.repetition {
            text.push_str(&format!(", repetition {repetition}"));
        }
        if let Some(component) = component {
            text.push_str(&format!(", component {component}"));
        }
    }
    text.push_str(": ");
    match (&fault.element_error, &fault.segment_error) {
        (Some(code), _) => text.push_str(&element_error(code)),
        (None, Some(code)) => text.push_str(&segment_error(code)),
        (None, None) => text.push_str("the partner did not say what is wrong"),
    }
    if let Some(found) = &fault.found {
        text.push_str(&format!(" in {found:?}"));
    }
    text
}

/// Table 720, AK304; the codes with a letter are those of the 999.
fn segment_error(code: &str) -> String {
    named(
        code,
        match code {
            "1" => "unrecognised segment",
            "2" => "unexpected segment",
            "3" => "mandatory segment missing",
            "4" => "loop occurs too often",
            "5" => "segment occurs too often",
            "6" => "segment is not part of this transaction set",
            "7" => "segment out of sequence",
            "8" => "segment has element errors",
            "I4" => "segment that the guide does not use",
            "I6" => "segment that depends on another is missing",
            "I7" => "loop occurs too seldom",
            "I8" => "segment occurs too seldom",
            "I9" => "segment that another excludes",
            _ => "",
        },
    )
}

/// Table 723, AK403; the codes with a letter are those of the 999.
fn element_error(code: &str) -> String {
    named(
        code,
        match code {
            "1" => "mandatory element missing",
            "2" => "element missing that another one requires",
            "3" => "too many elements",
            "4" => "element too short",
            "5" => "element too long",
            "6" => "invalid character",
            "7" => "invalid code value",
            "8" => "invalid date",
            "9" => "invalid time",
            "10" => "element that another one excludes",
            "12" => "too many repetitions",
            "13" => "too many components",
            "I6" => "code value that the guide does not use",
            "I9" => "element that depends on another is missing",
            "I10" => "element that the guide does not use",
            "I11" => "too few repetitions",
            "I12" => "value does not match the pattern of the guide",
            "I13" => "element that another one excludes by the guide",
            _ => "",
        },
    )
}

fn named(code: &str, words: &str) -> String {
    if words.is_empty() { format!("error code {code}, which is in no table") } else { words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault() -> AcknowledgedFault {
        AcknowledgedFault {
            segment: "IT1".to_owned(),
            position: 9,
            in_loop: None,
            segment_error: Some("8".to_owned()),
            element: Some((4, None)),
            repetition: None,
            data_element: Some(212),
            element_error: Some("6".to_owned()),
            found: Some("5,50".to_owned()),
        }
    }

    #[test]
    fn a_fault_reads_as_a_sentence() {
        assert_eq!(fault().in_words(), r#"IT1 (segment 9), element 4: invalid character in "5,50""#);
        let missing = AcknowledgedFault {
            element: Some((2, Some(1))),
            element_error: Some("1".to_owned()),
            found: None,
            ..fault()
        };
        assert_eq!(missing.in_words(), "IT1 (segment 9), element 2, component 1: mandatory element missing");
        let repeated = AcknowledgedFault { repetition: Some(2), ..missing.clone() };
        assert_eq!(
            repeated.in_words(),
            "IT1 (segment 9), element 2, repetition 2, component 1: mandatory element missing"
        );
        let alone = AcknowledgedFault { element: None, element_error: None, found: None, ..fault() };
        assert_eq!(alone.in_words(), "IT1 (segment 9): segment has element errors");
    }

    #[test]
    fn a_code_of_no_table_is_shown_as_it_is() {
        let odd = AcknowledgedFault { element_error: Some("99".to_owned()), ..fault() };
        assert_eq!(odd.in_words(), r#"IT1 (segment 9), element 4: error code 99, which is in no table in "5,50""#);
    }
}
