//! Scripts, shortcuts, and what files say about themselves.

use clawback_mql::{RecordType, Value};
use clawback_unpack::{exif as metadata, javascript as scripts, lnk};

use crate::model::lazy::known;
use crate::model::types::files::{PARSED_EXIF, SCAN_JAVASCRIPT, SCAN_KEY_VAL, SCAN_LNK};

pub(super) fn javascript(octets: &[u8]) -> Value {
    let found = scripts::scan(octets);
    known(
        &SCAN_JAVASCRIPT,
        [
            ("identifiers", Value::texts(found.identifiers)),
            ("keywords", Value::texts(found.keywords)),
            ("regular_expressions", Value::texts(found.regular_expressions)),
            ("strings", Value::texts(found.strings)),
            ("tokens", Value::texts(found.tokens)),
        ],
    )
}

pub(super) fn shortcut(octets: &[u8]) -> Value {
    let Some(found) = lnk::scan(octets) else { return Value::Null };
    known(
        &SCAN_LNK,
        [
            ("MAC", Value::text_or_null(found.mac)),
            ("command_line_arguments", Value::text_or_null(found.command_line_arguments)),
            ("drive_serial_number", Value::text_or_null(found.drive_serial_number)),
            ("drive_type", Value::text_or_null(found.drive_type)),
            ("local_base_path", Value::text_or_null(found.local_base_path)),
            ("machine_id", Value::text_or_null(found.machine_id)),
            ("relative_path", Value::text_or_null(found.relative_path)),
            ("volume_label", Value::text_or_null(found.volume_label)),
            ("working_dir", Value::text_or_null(found.working_dir)),
        ],
    )
}

/// `beta.parse_exif`.
pub(crate) fn exif_fields(octets: &[u8]) -> Value {
    exif(octets, &PARSED_EXIF)
}

/// What a file says about itself, as one of the two records that have it.
pub(crate) fn exif(octets: &[u8], of: &'static RecordType) -> Value {
    let found = metadata::scan(octets);
    let number = |number: Option<u32>| number.map_or(Value::Null, Value::int);
    let text = |text: Option<String>| Value::text_or_null(text);
    let shortcut = found.lnk.unwrap_or_default();
    let window = (!shortcut.run_window.is_empty()).then_some(shortcut.run_window);
    let zip = found.zip;
    let pair = |(key, value): (String, String)| {
        known(&SCAN_KEY_VAL, [("key", Value::text(key)), ("value", Value::text(value))])
    };
    let zip_number = |read: fn(&metadata::ZipEntry) -> u64| {
        zip.as_ref().map_or(Value::Null, |zip| Value::int(read(zip)))
    };
    let zip_text =
        |read: fn(&metadata::ZipEntry) -> &str| Value::text_or_null(zip.as_ref().map(read));
    let common = [
        ("command_line_arguments", text(shortcut.command_line_arguments)),
        ("create_date", text(found.create_date)),
        ("creator", text(found.creator)),
        ("fields", Value::list(found.fields.into_iter().map(pair))),
        ("file_type", Value::filled(&found.file_type)),
        ("file_type_extension", Value::filled(&found.file_type_extension)),
        ("image_height", number(found.image_height)),
        ("image_width", number(found.image_width)),
        ("linearized", text(found.linearized)),
        ("local_base_path", text(shortcut.local_base_path)),
        ("modify_date", text(found.modify_date)),
        ("page_count", number(found.page_count)),
        ("pdf_version", text(found.pdf_version)),
        ("producer", text(found.producer)),
        ("relative_path", text(shortcut.relative_path)),
        ("run_window", Value::text_or_null(window)),
        ("title", text(found.title)),
        ("zip_bit_flag", zip_number(|zip| u64::from(zip.bit_flag))),
        ("zip_compressed_size", zip_number(|zip| zip.compressed_size)),
        ("zip_file_name", zip_text(|zip| &zip.file_name)),
        ("zip_modify_date", zip_text(|zip| &zip.modify_date)),
        ("zip_uncompressed_size", zip_number(|zip| zip.uncompressed_size)),
    ];
    // The author stands in one of both records only.
    let author = text(found.author);
    let mut all = common.to_vec();
    if of.position("author").is_some() {
        all.push(("author", author));
    }
    crate::model::lazy::known_of(of, all)
}
