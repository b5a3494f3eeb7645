//! Addresses of things in Graph: paths with ids in them, filters with texts of strangers in them.

use clawback_core::Destination;
use url::Url;

use crate::client::Endpoint;
use crate::error::ProviderError;

/// An address of something in Graph.
// spec: graph:outlook-immutable-id
pub(crate) fn address(
    root: &Endpoint,
    segments: &[&str],
    options: &[(&str, &str)],
) -> Result<Url, ProviderError> {
    root.address("/v1.0", segments, options)
}

/// A text as it stands in a filter.
// spec: graph:query-parameters
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The well-known name of the folder that a move to `destination` names.
// spec: graph:mailfolder
pub(crate) fn folder_of(destination: Destination) -> Result<&'static str, ProviderError> {
    match destination {
        Destination::Inbox => Ok(INBOX),
        Destination::Junk => Ok(JUNK),
        Destination::Trash => Ok(TRASH),
        Destination::SoftDelete => Ok(DELETIONS),
        Destination::HardDelete | Destination::NoAction => {
            Err(ProviderError::Unsupported(destination))
        }
    }
}

/// Whether the cloud that this host belongs to has `permanentDelete`.
// spec: graph:message-permanentdelete
pub(crate) fn has_permanent_delete(host: &str) -> bool {
    !NATIONAL_CLOUDS.contains(&host)
}

pub(crate) const INBOX: &str = "inbox";
pub(crate) const JUNK: &str = "junkemail";
pub(crate) const TRASH: &str = "deleteditems";
pub(crate) const DELETIONS: &str = "recoverableitemsdeletions";
const NATIONAL_CLOUDS: [&str; 3] =
    ["dod-graph.microsoft.us", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"];

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Endpoint {
        Endpoint::new(&"https://graph.corp.example".parse().unwrap()).unwrap()
    }

    #[test]
    fn an_id_stays_one_segment() {
        let url = address(&root(), &["users", "a-anna", "messages", "AA/b+c=="], &[]).unwrap();
        let meant = "https://graph.corp.example/v1.0/users/a%2Danna/messages/AA%2Fb%2Bc%3D%3D";
        assert_eq!(url.as_str(), meant);
    }

    #[test]
    fn a_step_up_is_refused() {
        for id in ["", ".", ".."] {
            assert!(address(&root(), &["users", id, "messages"], &[]).is_err(), "{id}");
        }
    }

    #[test]
    fn a_filter_stays_one_option() {
        let filter = format!("internetMessageId eq {}", literal("<o'neill+1&x=#%@shop.example>"));
        let url = address(&root(), &["users"], &[("$filter", &filter), ("$top", "50")]).unwrap();
        let read: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let meant = "internetMessageId eq '<o''neill+1&x=#%@shop.example>'".to_owned();
        assert_eq!(read, [("$filter".to_owned(), meant), ("$top".to_owned(), "50".to_owned())]);
        assert!(!url.query().unwrap().contains('+'));
    }

    #[test]
    fn national_clouds_have_no_hard_delete() {
        assert!(has_permanent_delete("graph.microsoft.com"));
        assert!(!has_permanent_delete("graph.microsoft.us"));
    }
}
