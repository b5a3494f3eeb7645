//! The fields that cameras and editors write into pictures.

use super::Fields;
use crate::octets::{piece, size, u16_be, u16_le, u32_be, u32_le};

/// Reads the tables of a TIFF structure, each once.
pub(crate) fn read(tiff: &[u8], fields: &mut Fields) {
    let is_little = match tiff.get(..2) {
        Some(b"II") => true,
        Some(b"MM") => false,
        _ => return,
    };
    let reader = Reader { tiff, is_little };
    let mut seen: Vec<usize> = Vec::new();
    let mut waiting: Vec<usize> = reader.u32(4).map(size).into_iter().collect();
    while let Some(table) = waiting.pop() {
        if seen.contains(&table) || seen.len() >= TABLES_MAX {
            continue;
        }
        seen.push(table);
        reader.table(table, fields, &mut waiting);
    }
}

struct Reader<'a> {
    tiff: &'a [u8],
    is_little: bool,
}

impl<'a> Reader<'a> {
    fn u16(&self, at: usize) -> Option<u16> {
        if self.is_little { u16_le(self.tiff, at) } else { u16_be(self.tiff, at) }
    }

    fn u32(&self, at: usize) -> Option<u32> {
        if self.is_little { u32_le(self.tiff, at) } else { u32_be(self.tiff, at) }
    }

    fn table(&self, table: usize, fields: &mut Fields, waiting: &mut Vec<usize>) {
        let count = usize::from(self.u16(table).unwrap_or_default()).min(ENTRIES_MAX);
        for entry in 0..count {
            let at = table.saturating_add(2).saturating_add(entry * 12);
            let (Some(tag), Some(kind)) = (self.u16(at), self.u16(at.saturating_add(2))) else {
                return;
            };
            let number = self.u32(at.saturating_add(4)).map_or(0, size);
            if matches!(tag, 0x8769 | 0x8825) {
                waiting.extend(self.u32(at.saturating_add(8)).map(size));
                continue;
            }
            let Some((_, name)) = NAMES.iter().find(|(its, _)| *its == tag) else { continue };
            if let Some(value) = self.value(at.saturating_add(8), kind, number) {
                fields.push(name, &value);
            }
        }
    }

    fn value(&self, at: usize, kind: u16, count: usize) -> Option<String> {
        let width = match kind {
            1 | 2 | 7 => 1,
            3 => 2,
            4 | 9 => 4,
            5 | 10 => 8,
            _ => return None,
        };
        let len = count.checked_mul(width)?;
        let at = if len > 4 { size(self.u32(at)?) } else { at };
        let body: &'a [u8] = piece(self.tiff, at, len.min(VALUE_MAX));
        Some(match kind {
            2 => crate::text::decode(body),
            7 => {
                // A comment says its charset in eight octets.
                let plain =
                    body.strip_prefix(b"ASCII\0\0\0").or_else(|| body.strip_prefix(b"UNICODE\0"));
                let plain: Vec<u8> =
                    plain.unwrap_or(body).iter().copied().filter(|octet| *octet != 0).collect();
                crate::text::decode(&plain)
            }
            3 => self.u16(at)?.to_string(),
            4 | 9 => self.u32(at)?.to_string(),
            5 | 10 => {
                let (over, under) = (self.u32(at)?, self.u32(at.checked_add(4)?)?);
                (f64::from(over) / f64::from(under.max(1))).to_string()
            }
            _ => body.first()?.to_string(),
        })
    }
}

/// Tables that refer to each other.
const TABLES_MAX: usize = 16;
/// Entries of one table.
const ENTRIES_MAX: usize = 1_000;
/// Octets of one value.
const VALUE_MAX: usize = 8_192;
const NAMES: &[(u16, &str)] = &[
    (0x010e, "ImageDescription"),
    (0x010f, "Make"),
    (0x0110, "Model"),
    (0x0112, "Orientation"),
    (0x011a, "XResolution"),
    (0x011b, "YResolution"),
    (0x0131, "Software"),
    (0x0132, "ModifyDate"),
    (0x013b, "Artist"),
    (0x013c, "HostComputer"),
    (0x8298, "Copyright"),
    (0x9003, "DateTimeOriginal"),
    (0x9004, "CreateDate"),
    (0x9010, "OffsetTime"),
    (0x9286, "UserComment"),
    (0xa002, "ExifImageWidth"),
    (0xa003, "ExifImageHeight"),
    (0xa433, "LensMake"),
    (0xa434, "LensModel"),
    (0x9c9b, "XPTitle"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_either_order_and_a_loop() {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        tiff.extend(b"\x01\x10\0\x02\0\0\0\x07\0\0\0\x26");
        tiff.extend(b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\0");
        tiff.extend(b"iPhone\0");
        let mut fields = Fields::default();
        read(&tiff, &mut fields);
        assert_eq!(fields.0, [("Model".to_owned(), "iPhone".to_owned())]);
    }
}
