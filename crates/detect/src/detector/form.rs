//! Mail whose form is meant to mislead programs, and mail that was not read to its end.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::message::{Cap, Defect, Single};

use crate::case::Case;
use crate::catalogue::{EVASIVE_FORM, MALFORMED, NOT_FULLY_READ};

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let defects = || case.message.defects.iter().copied();
    let of = |wanted: Kind| {
        defects()
            .filter(move |defect| kind(*defect) == wanted)
            .map(|defect| Evidence::new("message", "", told(defect)))
    };
    findings.extend(EVASIVE_FORM.found_all(of(Kind::Evasive)));
    findings.extend(NOT_FULLY_READ.found_all(of(Kind::Limit)));
    findings.extend(MALFORMED.found_all(of(Kind::Untidy)));
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Evasive,
    Limit,
    Untidy,
}

fn kind(defect: Defect) -> Kind {
    match defect {
        Defect::DuplicateField(Single::From) | Defect::NestingLimit | Defect::Limit(Cap::Parts) => {
            Kind::Evasive
        }
        Defect::Limit(Cap::Addresses | Cap::Fields) => Kind::Untidy,
        Defect::Limit(_) => Kind::Limit,
        _ => Kind::Untidy,
    }
}

fn told(defect: Defect) -> String {
    match defect {
        Defect::BadEncoding => "an encoding that is broken or unknown".into(),
        Defect::DuplicateField(field) => format!("several {field:?} fields where one is allowed"),
        Defect::FallbackDelimiter => "a part ends in the middle of a line".into(),
        Defect::HugeHeader => "a header section longer than any honest one".into(),
        Defect::Limit(cap) => format!("more {} than are read", format!("{cap:?}").to_lowercase()),
        Defect::MissingDelimiter => "a multipart delimiter is missing".into(),
        Defect::NestingLimit => "parts nested too deep to follow".into(),
        Defect::NoBlankLine => "no blank line after the header section".into(),
        Defect::NoHeader => "no header section".into(),
        Defect::NulOctet => "a NUL octet".into(),
        Defect::Unterminated => "a multipart that is not closed".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn form_table() {
        let by = || Sample::new().from("x <a@b.example>");
        assert_rules(&[
            ("two authors", by().header("From", "y <b@c.example>"), &["evasive-form"]),
            ("two subjects", by().subject("a").header("Subject", "b"), &["malformed"]),
            ("tidy", by().subject("a"), &[]),
        ]);
    }
}
