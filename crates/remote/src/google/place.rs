//! Addresses of things at Google, and what its labels mean to us.

use clawback_core::Folder;

/// The search for a Message-ID; `None` for one that the search language cannot say.
///
/// That the id is one word of the search, and which signs end a word, is not documented: an id
/// with any sign beyond those that mail programs use is not searched for but looked for one by one.
pub(crate) fn search(message_id: &str) -> Option<String> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`|~.@".contains(&b);
    message_id.bytes().all(is_plain).then(|| format!("rfc822msgid:{message_id}"))
}

/// Where a message lies by its labels.
// spec: gmail:labels
pub(crate) fn folder_of(labels: &[String]) -> Folder {
    let has = |label: &str| labels.iter().any(|it| it == label);
    match () {
        () if has(TRASH) => Folder::Trash,
        () if has(SPAM) => Folder::Junk,
        () if has(INBOX) => Folder::Inbox,
        () => Folder::Other,
    }
}

/// The label that says where a message lies; of one that lies nowhere else, all mail.
pub(crate) fn placing(labels: &[String]) -> &'static str {
    match folder_of(labels) {
        Folder::Inbox => INBOX,
        Folder::Junk => SPAM,
        Folder::Trash => TRASH,
        _ => "ALL",
    }
}

/// Whether a label is one that a request may put on or take off.
pub(crate) fn is_applicable(label: &str) -> bool {
    !matches!(label, "SENT" | "DRAFT" | "CHAT") && !label.is_empty()
}

/// Whether two sets of labels come to the same in what an owner sees and made; `before` may have
/// labels of its owner's that are gone meanwhile.
pub(crate) fn is_labelled_as(now: &[String], before: &[String]) -> bool {
    let is_own = |label: &str| is_applicable(label) && !SYSTEM.contains(&label);
    let same = STATES.iter().all(|state| {
        let has = |labels: &[String]| labels.iter().any(|label| label == state);
        has(now) == has(before)
    });
    let added = now.iter().any(|label| is_own(label) && !before.contains(label));
    same && !added
}

/// The labels that say where a message lies and what its owner did with it.
const STATES: [&str; 5] = [INBOX, SPAM, TRASH, UNREAD, "STARRED"];
/// Labels that every mailbox has; the service puts the last on by itself and takes them off.
const SYSTEM: [&str; 11] = [
    INBOX,
    SPAM,
    TRASH,
    UNREAD,
    "STARRED",
    "IMPORTANT",
    "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_UPDATES",
    "CATEGORY_FORUMS",
];
pub(crate) const INBOX: &str = "INBOX";
pub(crate) const SPAM: &str = "SPAM";
pub(crate) const TRASH: &str = "TRASH";
pub(crate) const UNREAD: &str = "UNREAD";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Endpoint;

    fn root() -> Endpoint {
        Endpoint::new(&"https://gmail.corp.example".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_key_stays_one_segment_and_a_search_one_option() {
        let url =
            root().address("", &["users", "o'neill+1@gsuite.example"], &[("q", "a b&c=d+e#")]);
        let url = url.unwrap();
        assert_eq!(url.path(), "/users/o%27neill%2B1%40gsuite%2Eexample");
        let read: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(read, [("q".to_owned(), "a b&c=d+e#".to_owned())]);
        for step in ["", ".", ".."] {
            assert!(root().address("", &["messages", step], &[]).is_err(), "{step}");
        }
    }

    #[test]
    fn a_search_says_one_id_and_nothing_else() {
        let plain = "20260915081200.4711+a'b=c/d@shop.example.net";
        assert_eq!(search(plain), Some(format!("rfc822msgid:{plain}")));
        for odd in ["a b@x", "a\"b@x", "a@x OR in:inbox", "(a@x)", "{a@x}", "jörg@x", "a:b@x"] {
            assert_eq!(search(odd), None, "{odd}");
        }
    }

    #[test]
    fn sameness_table() {
        let own = |labels: &[&str]| labels.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let before = own(&["INBOX", "UNREAD", "CATEGORY_PERSONAL", "Label_1", "Label_2"]);
        let rows: &[(&str, &[&str], bool)] = &[
            ("itself", &["INBOX", "UNREAD", "CATEGORY_PERSONAL", "Label_1", "Label_2"], true),
            ("sorted anew by the service", &["INBOX", "UNREAD", "IMPORTANT", "Label_1"], true),
            ("a label is gone", &["INBOX", "UNREAD", "Label_2"], true),
            ("a label more", &["INBOX", "UNREAD", "Label_1", "Label_3"], false),
            ("read", &["INBOX", "Label_1", "Label_2"], false),
            ("starred", &["INBOX", "UNREAD", "STARRED"], false),
            ("elsewhere", &["UNREAD", "Label_1", "Label_2"], false),
            ("in Trash too", &["INBOX", "TRASH", "UNREAD"], false),
        ];
        for (rule, now, meant) in rows {
            assert_eq!(is_labelled_as(&own(now), &before), *meant, "{rule}");
        }
        assert!(is_labelled_as(&[], &own(&["SENT"])), "what nobody can put on");
    }

    #[test]
    fn what_counts_is_how_far_it_is_out_of_reach() {
        let of = |labels: &[&str]| {
            folder_of(&labels.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["INBOX", "UNREAD"]), Folder::Inbox);
        assert_eq!(of(&["SPAM", "INBOX"]), Folder::Junk);
        assert_eq!(of(&["TRASH", "SPAM"]), Folder::Trash);
        assert_eq!(of(&["Label_1"]), Folder::Other);
        assert_eq!(of(&[]), Folder::Other);
    }
}
