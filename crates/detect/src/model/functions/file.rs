//! Functions of the model.

use clawback_mql::{Arguments, Host, Value};
pub(super) fn explode(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn oletools(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_eml(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_html(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_text(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn expand_archives(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_ics(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_exif(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn scan_qr(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
