//! Functions of the model.

use clawback_mql::{Arguments, Host, Value};
pub(super) fn parse_url(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_domain(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_email(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn parse_html(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn replace_confusables(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
