//! Numbers and pieces read out of octets at a place that may lie outside them.
//!
//! Every reader here answers `None` or a shorter piece where the octets end: a length that a
//! stranger wrote is never trusted.

/// At most `len` octets from `at`; fewer, or none, where the octets end.
pub(crate) fn piece(octets: &[u8], at: usize, len: usize) -> &[u8] {
    let at = at.min(octets.len());
    let end = at.saturating_add(len).min(octets.len());
    octets.get(at..end).unwrap_or_default()
}

/// Everything from `at` on.
pub(crate) fn from(octets: &[u8], at: usize) -> &[u8] {
    octets.get(at..).unwrap_or_default()
}

/// Exactly `N` octets.
pub(crate) fn array<const N: usize>(octets: &[u8], at: usize) -> Option<[u8; N]> {
    octets.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two octets, the least first.
pub(crate) fn u16_le(octets: &[u8], at: usize) -> Option<u16> {
    array(octets, at).map(u16::from_le_bytes)
}

/// Two octets, the greatest first.
pub(crate) fn u16_be(octets: &[u8], at: usize) -> Option<u16> {
    array(octets, at).map(u16::from_be_bytes)
}

/// Four octets, the least first.
pub(crate) fn u32_le(octets: &[u8], at: usize) -> Option<u32> {
    array(octets, at).map(u32::from_le_bytes)
}

/// Four octets, the greatest first.
pub(crate) fn u32_be(octets: &[u8], at: usize) -> Option<u32> {
    array(octets, at).map(u32::from_be_bytes)
}

/// Eight octets, the least first.
pub(crate) fn u64_le(octets: &[u8], at: usize) -> Option<u64> {
    array(octets, at).map(u64::from_le_bytes)
}

/// A number read from a file, as a place or a length: more than fits is as far as there is.
pub(crate) fn size(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

/// Where `needle` first stands.
pub(crate) fn find(octets: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(octets, needle)
}

/// Whether the octets begin so, letter case aside.
pub(crate) fn starts_with_ignoring_case(octets: &[u8], start: &[u8]) -> bool {
    octets.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Where `needle` (in lower case) first stands, letter case aside.
pub(crate) fn find_ignoring_case(octets: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = 0;
    loop {
        let rest = octets.get(at..)?;
        let next = memchr::memchr2(first, first.to_ascii_uppercase(), rest)?;
        at = at.saturating_add(next);
        if starts_with_ignoring_case(from(octets, at), needle) {
            return Some(at);
        }
        at = at.saturating_add(1);
    }
}

/// Text up to the first NUL, each octet that is not UTF-8 as a replacement sign.
pub(crate) fn text_until_nul(octets: &[u8]) -> String {
    let end = memchr::memchr(0, octets).unwrap_or(octets.len());
    String::from_utf8_lossy(piece(octets, 0, end)).into_owned()
}

/// UTF-16, the least octet first, up to the first NUL.
pub(crate) fn utf16_le_until_nul(octets: &[u8]) -> String {
    let units = octets.chunks_exact(2).filter_map(|two| u16_le(two, 0));
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_outside_is_a_missing_value() {
        assert_eq!(u32_le(&[1, 2, 3], 0), None);
        assert_eq!(u16_be(&[1, 2, 3], 1), Some(0x0203));
        assert_eq!(u64_le(&[0; 8], usize::MAX), None);
        assert_eq!(piece(&[1, 2, 3], 2, usize::MAX), &[3]);
        assert_eq!(piece(&[1, 2, 3], 9, 1), &[] as &[u8]);
    }

    #[test]
    fn letter_case_is_set_aside_only_for_letters() {
        assert_eq!(find_ignoring_case(b"xx<ScRiPt>", b"<script"), Some(2));
        assert_eq!(find_ignoring_case(b"xx", b"<script"), None);
    }
}
