//! Stub.

/// Stub.
#[derive(Clone, Debug)]
pub struct DemoMail {
    /// Stub.
    pub raw: Vec<u8>,
    /// Stub.
    pub mail_from: String,
}
impl DemoMail {
    pub(crate) fn journal_recipients(&self) -> Vec<crate::journal::Recipient> {
        Vec::new()
    }
}
/// Stub.
pub struct MailStream;
/// Stub.
pub struct Organisation;
