//! The lists that rules know by name and that differ by tenant or by message.

use clawback_mql::Ty;

use super::types::mail::MAILBOX;

/// Their names and what their items are, in the order that the model counts them.
pub const TENANT_LISTS: &[(&str, Ty)] = &[
    ("org_domains", Ty::Text),
    ("org_slds", Ty::Text),
    ("org_display_names", Ty::Text),
    ("org_vips", Ty::Record(&MAILBOX)),
    ("tenant_domains", Ty::Text),
    ("recipient_emails", Ty::Text),
    ("recipient_domains", Ty::Text),
    ("sender_emails", Ty::Text),
    ("sender_domains", Ty::Text),
];
