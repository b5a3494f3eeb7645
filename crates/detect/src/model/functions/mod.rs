//! The functions that know mail, and the names of those that this program does not have.

use clawback_mql::{Body, Cost, Function, Parameter, Ty};

use crate::model::types::answers::{
    ATTACK_SCORE, LINK_ANALYSIS_RESULT, LOGO_RESULT, ML_MACRO_CLASSIFIER_RESULT, ML_TOPIC_RESULT,
    NLU_RESULT, OCR, PROFILE, SENSITIVE, TRANSLATION, WHOIS, XPATH_RESULT,
};
use crate::model::types::files::{
    EXPLODED, ICS, OLE_RESULT, PARSE_TEXT_RESULT, PARSED_EXIF, QR_FOUND,
};
use crate::model::types::mail::{BODY_HTML, DOMAIN, EMAIL_ADDRESS, FILE, MESSAGE, URL};
use crate::model::types::{TEXTS, record};

mod file;
mod html;
mod json;
mod network;
mod strings;
mod wording;

pub(crate) use self::wording::Readings;

const fn function(
    name: &'static str,
    parameters: &'static [Parameter],
    result: Ty,
    cost: Cost,
    body: Body,
) -> Function {
    Function { name, parameters, rest: None, result, cost, body }
}

const fn text(name: &'static str) -> Parameter {
    Parameter::required(name, Ty::Text)
}

/// A record of one of several types: an attachment, a file, a file inside a file.
const fn any(name: &'static str) -> Parameter {
    Parameter::required(name, Ty::Any)
}

const fn unsupported(name: &'static str, parameters: &'static [Parameter], result: Ty) -> Function {
    function(name, parameters, result, Cost::High, Body::Unsupported)
}

/// What reads texts.
pub(super) const STRINGS: &[Function] = &[
    function(
        "ml.nlu_classifier",
        &[text("text"), Parameter::optional("subject", Ty::Text)],
        record(&NLU_RESULT),
        Cost::High,
        Body::Native(wording::nlu_classifier),
    ),
    function(
        "beta.ml_topic",
        &[text("text")],
        record(&ML_TOPIC_RESULT),
        Cost::High,
        Body::Native(wording::topics),
    ),
    function(
        "strings.parse_url",
        &[text("input"), Parameter::optional("strict", Ty::Bool)],
        record(&URL),
        Cost::Low,
        Body::Native(strings::parse_url),
    ),
    function(
        "strings.parse_domain",
        &[text("input")],
        record(&DOMAIN),
        Cost::Low,
        Body::Native(strings::parse_domain),
    ),
    function(
        "strings.parse_email",
        &[text("input")],
        record(&EMAIL_ADDRESS),
        Cost::Low,
        Body::Native(strings::parse_email),
    ),
    function(
        "strings.parse_html",
        &[text("input")],
        record(&BODY_HTML),
        Cost::High,
        Body::Native(strings::parse_html),
    ),
    function(
        "strings.parse_json",
        &[text("input")],
        Ty::Any,
        Cost::Text,
        Body::Native(json::parse_json),
    ),
    function(
        "strings.replace_confusables",
        &[text("input")],
        Ty::Text,
        Cost::Text,
        Body::Native(strings::replace_confusables),
    ),
    function(
        "beta.scan_base64",
        &[
            any("input"),
            Parameter::optional("format", Ty::Text),
            Parameter::optional("encodings", TEXTS),
            Parameter::optional("ignore_padding", Ty::Bool),
        ],
        TEXTS,
        Cost::Text,
        Body::Native(file::scan_base64),
    ),
    function(
        "html.xpath",
        &[any("html"), text("expression")],
        record(&XPATH_RESULT),
        Cost::Text,
        Body::Prepared(html::expression, html::xpath),
    ),
    Function {
        name: "beta.ip_in",
        parameters: &[any("ip")],
        rest: Some(Ty::Text),
        result: Ty::Bool,
        cost: Cost::Low,
        body: Body::Prepared(network::networks, network::ip_in),
    },
];

/// What takes files apart.
pub(super) const FILES: &[Function] = &[
    function(
        "file.explode",
        &[any("file")],
        EXPLODED_FILES,
        Cost::High,
        Body::Native(file::explode),
    ),
    function(
        "file.oletools",
        &[any("file")],
        record(&OLE_RESULT),
        Cost::High,
        Body::Native(file::oletools),
    ),
    function(
        "file.parse_eml",
        &[any("file")],
        record(&MESSAGE),
        Cost::High,
        Body::Native(file::parse_eml),
    ),
    function(
        "file.parse_html",
        &[any("file")],
        record(&BODY_HTML),
        Cost::High,
        Body::Native(file::parse_html),
    ),
    function(
        "file.parse_text",
        &[any("file"), Parameter::optional("encodings", TEXTS)],
        record(&PARSE_TEXT_RESULT),
        Cost::High,
        Body::Native(file::parse_text),
    ),
    function(
        "file.expand_archives",
        &[any("files")],
        // Of one file a record, of several a list.
        Ty::Any,
        Cost::High,
        Body::Native(file::expand_archives),
    ),
    function(
        "beta.file.parse_ics",
        &[any("file")],
        record(&ICS),
        Cost::High,
        Body::Native(file::parse_ics),
    ),
    function(
        "beta.parse_exif",
        &[any("file")],
        record(&PARSED_EXIF),
        Cost::High,
        Body::Native(file::parse_exif),
    ),
    function(
        "beta.scan_qr",
        &[any("file")],
        record(&QR_FOUND),
        Cost::High,
        Body::Native(file::scan_qr),
    ),
];

/// What was recorded or gathered about senders and domains.
pub(super) const RECORDS: &[Function] = &[
    function(
        "network.whois",
        &[any("domain")],
        record(&WHOIS),
        Cost::Low,
        Body::Native(network::whois),
    ),
    function(
        "profile.by_sender",
        &[],
        record(&PROFILE),
        Cost::Low,
        Body::Native(network::by_sender),
    ),
    function(
        "profile.by_sender_email",
        &[],
        record(&PROFILE),
        Cost::Low,
        Body::Native(network::by_sender_email),
    ),
    function(
        "profile.by_sender_domain",
        &[],
        record(&PROFILE),
        Cost::Low,
        Body::Native(network::by_sender_domain),
    ),
    function(
        "beta.profile.by_reply_to",
        &[],
        record(&PROFILE),
        Cost::Low,
        Body::Native(network::by_reply_to),
    ),
];

/// What needs a model of language, a screen or the net. Declared whole, so that rules which use it
/// are checked like all others.
pub(super) const UNSUPPORTED: &[Function] = &[
    unsupported("beta.ml_translate", &[text("text")], record(&TRANSLATION)),
    unsupported("beta.ml_extract_sensitive_information", &[text("text")], record(&SENSITIVE)),
    unsupported("ml.link_analysis", &[any("link"), MODE], record(&LINK_ANALYSIS_RESULT)),
    unsupported("beta.linkanalysis", &[any("link"), MODE], record(&LINK_ANALYSIS_RESULT)),
    unsupported("ml.logo_detect", &[any("file")], record(&LOGO_RESULT)),
    unsupported("ml.macro_classifier", &[any("file")], record(&ML_MACRO_CLASSIFIER_RESULT)),
    unsupported("ml.attack_score", &[], record(&ATTACK_SCORE)),
    unsupported("beta.fuzzy_attack_score", &[], record(&ATTACK_SCORE)),
    unsupported("beta.ocr", &[any("file")], record(&OCR)),
    unsupported("file.message_screenshot", &[], record(&FILE)),
    unsupported("beta.message_screenshot", &[], record(&FILE)),
    unsupported("file.html_screenshot", &[any("html")], record(&FILE)),
];

const MODE: Parameter = Parameter::optional("mode", Ty::Text);
const EXPLODED_FILES: Ty = Ty::List(&Ty::Record(&EXPLODED));
