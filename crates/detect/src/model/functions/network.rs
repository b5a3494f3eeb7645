//! Functions of the model.

use clawback_mql::{Arguments, Host, Value};
pub(super) fn ip_in(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn whois(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn by_sender(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn by_sender_email(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn by_sender_domain(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
pub(super) fn by_reply_to(_: &dyn Host, _: &Arguments<'_>) -> Value {
    Value::Null
}
