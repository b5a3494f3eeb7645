//! Documents of office programs, and the macros in them.

use clawback_mql::Value;
use clawback_unpack::office::Properties;
use clawback_unpack::oletools::{Indicators, Keyword, Macros};
use clawback_unpack::{Kind, Node, Unpacked, office, oletools as tools, vba as macros};

use super::addresses;
use crate::model::lazy::known;
use crate::model::types::files::{
    OLE_BOOL_INDICATOR, OLE_INDICATORS, OLE_INT_INDICATOR, OLE_MACRO_KEYWORD, OLE_OBJ_RELATIONSHIP,
    OLE_RESULT, OLE_STRING_INDICATOR, OLE_VBA_MACROS, OLE_VBA_MODULE, SCAN_DOCX, SCAN_OLE,
    SCAN_PPTX, SCAN_RTF, SCAN_VBA,
};
use crate::model::url::Url;

pub(super) fn docx(node: &Node) -> Value {
    let found = (node.kind == Kind::Docx).then(|| office::docx(&node.octets)).flatten();
    let Some(found) = found else { return Value::Null };
    let own = [
        ("font_colors", Value::texts(found.font_colors)),
        ("image_count", Value::int(found.image_count)),
        ("word_count", Value::int(found.word_count)),
    ];
    let [
        author,
        category,
        comments,
        created,
        keywords,
        _,
        printed,
        modified,
        revision,
        subject,
        title,
    ] = properties(found.properties);
    let [colors, images, words] = own;
    known(
        &SCAN_DOCX,
        [
            author, category, comments, created, keywords, printed, modified, revision, subject,
            title, colors, images, words,
        ],
    )
}

pub(super) fn pptx(node: &Node) -> Value {
    let found = (node.kind == Kind::Pptx).then(|| office::pptx(&node.octets)).flatten();
    let Some(found) = found else { return Value::Null };
    let (urls, invalid) = addresses(&found.urls);
    let [
        author,
        category,
        comments,
        created,
        keywords,
        by,
        printed,
        modified,
        revision,
        subject,
        title,
    ] = properties(found.properties);
    known(
        &SCAN_PPTX,
        [
            author,
            category,
            comments,
            created,
            keywords,
            by,
            printed,
            modified,
            revision,
            subject,
            title,
            ("image_count", Value::int(found.image_count)),
            ("invalid_urls", invalid),
            ("slide_count", Value::int(found.slide_count)),
            ("urls", urls),
            ("word_count", Value::int(found.word_count)),
        ],
    )
}

fn properties(found: Properties) -> [(&'static str, Value); 11] {
    let text = |text: Option<String>| Value::text_or_null(text);
    [
        ("author", text(found.author)),
        ("category", text(found.category)),
        ("comments", text(found.comments)),
        ("created", text(found.created)),
        ("keywords", text(found.keywords)),
        ("last_modified_by", text(found.last_modified_by)),
        ("last_printed", text(found.last_printed)),
        ("modified", text(found.modified)),
        ("revision", found.revision.map_or(Value::Null, Value::int)),
        ("subject", text(found.subject)),
        ("title", text(found.title)),
    ]
}

/// How many files came out of an old document, or out of rich text.
pub(super) fn extracted(name: &str, node: &Node, unpacked: Option<&Unpacked>) -> Value {
    let is_ole =
        matches!(node.kind, Kind::Ole | Kind::Doc | Kind::Xls | Kind::Ppt | Kind::Msg | Kind::Msi);
    let of = match name {
        "ole" if is_ole => &SCAN_OLE,
        "rtf" if node.kind == Kind::Rtf => &SCAN_RTF,
        _ => return Value::Null,
    };
    known(of, [("total_extracted", Value::int(unpacked.map_or(0, |u| u.total_extracted)))])
}

pub(super) fn vba(octets: &[u8]) -> Value {
    let Some(found) = macros::scan(octets) else { return Value::Null };
    known(
        &SCAN_VBA,
        [
            ("auto_exec", Value::texts(found.auto_exec)),
            ("base64", Value::texts(found.base64)),
            ("dridex", Value::texts([""; 0])),
            ("hex", Value::texts(found.hex)),
            ("ioc", Value::texts(found.ioc)),
            ("suspicious", Value::texts(found.suspicious)),
            ("total_extracted", Value::int(found.total_files)),
            ("total_files", Value::int(found.total_files)),
            ("vba_obfuscated", Value::texts([""; 0])),
        ],
    )
}

/// `file.oletools`.
pub(crate) fn oletools(octets: &[u8]) -> Value {
    let report = tools::scan(octets);
    let relationships = report.relationships.into_iter().map(|one| {
        let url = Url::read(&one.target).map_or(Value::Null, Url::value);
        known(
            &OLE_OBJ_RELATIONSHIP,
            [
                ("name", Value::text(one.name)),
                ("target", Value::text(one.target)),
                ("target_url", url),
            ],
        )
    });
    known(
        &OLE_RESULT,
        [
            ("error", Value::text_or_null(report.error)),
            ("indicators", indicators(&report.indicators)),
            ("macros", report.macros.map_or(Value::Null, found_macros)),
            ("relationships", Value::list(relationships)),
        ],
    )
}

fn indicators(found: &Indicators) -> Value {
    let risk = |name: &str| Value::text(found.risk(name).as_str());
    let truth = |name: &'static str, exists: bool| {
        let fields = [("exists", Value::Bool(exists)), ("risk", risk(name))];
        (name, known(&OLE_BOOL_INDICATOR, fields))
    };
    let number = |name: &'static str, count: usize| {
        let fields = [("count", Value::int(count)), ("risk", risk(name))];
        (name, known(&OLE_INT_INDICATOR, fields))
    };
    let text = |name: &'static str, value: Option<&'static str>| {
        let fields = [("risk", Value::text("info")), ("value", Value::text_or_null(value))];
        (name, known(&OLE_STRING_INDICATOR, fields))
    };
    known(
        &OLE_INDICATORS,
        [
            text("container_format", found.container_format),
            truth("encryption", found.encryption),
            number("external_relationships", found.external_relationships),
            text("file_format", found.file_format),
            number("flash_objects", found.flash_objects),
            truth("object_pool", found.object_pool),
            truth("vba_macros", found.vba_macros),
        ],
    )
}

fn found_macros(found: Macros) -> Value {
    let keyword = |one: Keyword| {
        known(
            &OLE_MACRO_KEYWORD,
            [
                ("description", Value::text(one.description)),
                ("keyword", Value::text(one.keyword)),
                ("type", Value::text(one.kind.as_str())),
            ],
        )
    };
    let module = |one: macros::Module| {
        known(
            &OLE_VBA_MODULE,
            [
                ("ole_stream", Value::text(one.ole_stream)),
                ("vba_code", Value::text(one.vba_code)),
                ("vba_file_name", Value::text(one.vba_file_name)),
            ],
        )
    };
    known(
        &OLE_VBA_MACROS,
        [
            ("keywords", Value::list(found.keywords.into_iter().map(keyword))),
            ("modules", Value::list(found.modules.into_iter().map(module))),
            ("vba_code_all_modules", Value::text(found.vba_code_all_modules)),
        ],
    )
}
