//! The sets of properties that old Office documents carry about themselves.

use super::Fields;
use crate::octets::{
    from, piece, size, text_until_nul, u16_le, u32_le, u64_le, utf16_le_until_nul,
};
use crate::ole::Container;

/// Reads both sets.
pub(crate) fn read(octets: &[u8], fields: &mut Fields) {
    let Some(container) = Container::open(octets) else { return };
    let sets =
        [("\u{5}SummaryInformation", SUMMARY), ("\u{5}DocumentSummaryInformation", DOCUMENT)];
    for (stream, names) in sets {
        let Some(set) = container.stream_named(stream) else { continue };
        let section = from(&set, u32_le(&set, 44).map_or(usize::MAX, size));
        let count = u32_le(section, 4).map_or(0, size).min(PROPERTIES_MAX);
        for at in 0..count {
            let (Some(id), Some(place)) =
                (u32_le(section, 8 + at * 8), u32_le(section, 12 + at * 8))
            else {
                break;
            };
            let Some((_, name)) = names.iter().find(|(its, _)| *its == id) else { continue };
            if let Some(value) = value(from(section, size(place)), *name == "TotalEditTime") {
                fields.push(name, &value);
            }
        }
    }
}

fn value(property: &[u8], is_span: bool) -> Option<String> {
    let body = from(property, 4);
    Some(match u16_le(property, 0)? {
        2 => u16_le(body, 0)?.cast_signed().to_string(),
        3 => u32_le(body, 0)?.cast_signed().to_string(),
        11 => (if u16_le(body, 0)? == 0 { "No" } else { "Yes" }).to_owned(),
        30 => text(piece(body, 4, size(u32_le(body, 0)?))),
        31 => utf16_le_until_nul(piece(body, 4, size(u32_le(body, 0)?).saturating_mul(2))),
        64 => {
            let ticks = u64_le(body, 0)?;
            if is_span { (ticks / TICKS / 60).to_string() } else { date(ticks)? }
        }
        // A list of texts.
        0x101e => {
            let count = size(u32_le(body, 0)?).min(TITLES_MAX);
            let mut at = 4usize;
            let mut parts = Vec::new();
            for _ in 0..count {
                let len = size(u32_le(body, at)?);
                parts.push(text(piece(body, at + 4, len)));
                at = at.checked_add(4)?.checked_add(len)?;
            }
            parts.join(", ")
        }
        _ => return None,
    })
}

fn text(octets: &[u8]) -> String {
    let plain = text_until_nul(octets);
    if plain.contains(char::REPLACEMENT_CHARACTER) {
        crate::text::decode(octets).trim_end_matches('\0').to_owned()
    } else {
        plain
    }
}

/// Ticks of a ten-millionth of a second since 1601, as a date.
fn date(ticks: u64) -> Option<String> {
    let seconds = (ticks / TICKS).checked_sub(SECONDS_TO_1970)?;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // The calendar repeats itself after 146,097 days, beginning with a March.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}"))
}

const TICKS: u64 = 10_000_000;
const SECONDS_TO_1970: u64 = 11_644_473_600;
/// Properties of one set.
const PROPERTIES_MAX: usize = 200;
/// Parts of a document that are named.
const TITLES_MAX: usize = 1_000;
const SUMMARY: &[(u32, &str)] = &[
    (2, "Title"),
    (3, "Subject"),
    (4, "Author"),
    (5, "Keywords"),
    (6, "Comments"),
    (7, "Template"),
    (8, "LastModifiedBy"),
    (9, "RevisionNumber"),
    (10, "TotalEditTime"),
    (11, "LastPrinted"),
    (12, "CreateDate"),
    (13, "ModifyDate"),
    (14, "Pages"),
    (15, "Words"),
    (16, "Characters"),
    (18, "Software"),
    (19, "Security"),
];
const DOCUMENT: &[(u32, &str)] = &[
    (2, "Category"),
    (5, "Lines"),
    (6, "Paragraphs"),
    (7, "Slides"),
    (13, "TitleOfParts"),
    (14, "Manager"),
    (15, "Company"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ole::tests::container;

    #[test]
    fn a_document_tells_its_author_and_date() {
        let mut section = vec![0; 8];
        section[4] = 2;
        section.extend([4, 0, 0, 0, 24, 0, 0, 0, 12, 0, 0, 0, 40, 0, 0, 0]);
        section.extend([30, 0, 0, 0, 4, 0, 0, 0]);
        section.extend(b"Kim\0\0\0\0\0");
        section.extend([64, 0, 0, 0]);
        let ticks = (1_704_164_645 + SECONDS_TO_1970) * TICKS;
        section.extend(ticks.to_le_bytes());
        let mut set = vec![0; 48];
        set[44] = 48;
        set.extend(section);
        let doc = container(&[("WordDocument", b"x"), ("\u{5}SummaryInformation", &set)]);
        let exif = crate::exif::scan(&doc);
        assert_eq!(exif.author.as_deref(), Some("Kim"));
        assert_eq!(exif.create_date.as_deref(), Some("2024-01-02T03:04:05Z"));
    }
}
