//! From a method and a path to what is asked of what.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::error::GoogleError;
use super::scope;
use crate::config::On;

/// What a request asks, and of what.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// Of the organisation's directory.
    Directory(Resource),
    /// Of one mailbox.
    Mail {
        /// `me`, or an address.
        user: String,
        /// The message in the path; empty where there is none.
        message: String,
        /// What is done.
        work: Work,
    },
}

/// What a path of the directory names.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Resource {
    Aliases(String),
    Group(String),
    Groups,
    Members(String),
    User(String),
    Users,
}

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    BatchDelete,
    BatchModify,
    Delete,
    Directory,
    Get,
    Insert,
    Labels,
    List,
    Modify,
    Profile,
    Trash,
    Untrash,
}

impl Work {
    pub(crate) fn on(self) -> On {
        match self {
            Self::BatchDelete | Self::Delete => On::PermanentDelete,
            Self::BatchModify | Self::Modify | Self::Trash | Self::Untrash => On::Move,
            Self::Directory | Self::Labels | Self::Profile => On::Directory,
            Self::Get => On::Get,
            Self::Insert => On::Insert,
            Self::List => On::List,
        }
    }

    /// The scopes of which a token needs one.
    // spec: gmail:scopes
    pub(crate) fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::BatchDelete | Self::Delete => &[scope::FULL],
            Self::BatchModify | Self::Modify | Self::Trash | Self::Untrash => {
                &[scope::FULL, scope::MODIFY]
            }
            Self::Insert => &[scope::FULL, scope::MODIFY, scope::INSERT],
            Self::Labels => &[scope::FULL, scope::MODIFY, scope::READONLY, scope::LABELS],
            Self::Directory => &[],
            Self::Get | Self::List | Self::Profile => {
                &[scope::FULL, scope::MODIFY, scope::READONLY, scope::METADATA]
            }
        }
    }
}

impl Resource {
    /// The scopes of which a token needs one.
    pub(crate) fn scopes(&self) -> &'static [&'static str] {
        match self {
            Self::Aliases(_) => &[scope::USER, scope::USER_READONLY, scope::ALIAS_READONLY],
            Self::User(_) | Self::Users => &[scope::USER, scope::USER_READONLY],
            Self::Group(_) | Self::Groups => &[scope::GROUP, scope::GROUP_READONLY],
            Self::Members(_) => &[scope::GROUP, scope::GROUP_READONLY, scope::MEMBER_READONLY],
        }
    }
}

impl Route {
    pub(crate) fn read(method: &Method, path: &str) -> Result<Self, GoogleError> {
        let parts: Result<Vec<String>, GoogleError> = path
            .split('/')
            .skip(1)
            .take(SEGMENTS_MAX)
            .map(|raw| {
                let text = percent_decode_str(raw).decode_utf8();
                text.map(std::borrow::Cow::into_owned).map_err(|_| GoogleError::no_path())
            })
            .collect();
        let parts = parts?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["gmail", "v1", "users", user, rest @ ..] => Self::mail(method, user, rest),
            ["upload", "gmail", "v1", "users", user, "messages"]
            | ["upload", "gmail", "v1", "users", user, "messages", "import"] => {
                Self::mail(method, user, &["messages", "import"])
            }
            ["admin", "directory", "v1", rest @ ..] => Self::directory(method, rest),
            _ => Err(GoogleError::no_path()),
        }
    }

    fn mail(method: &Method, user: &str, rest: &[&str]) -> Result<Self, GoogleError> {
        let (work, wanted, message) = match rest {
            ["profile"] => (Work::Profile, Method::GET, ""),
            ["labels"] => (Work::Labels, Method::GET, ""),
            ["messages"] if *method == Method::POST => (Work::Insert, Method::POST, ""),
            ["messages"] => (Work::List, Method::GET, ""),
            ["messages", "batchDelete"] => (Work::BatchDelete, Method::POST, ""),
            ["messages", "batchModify"] => (Work::BatchModify, Method::POST, ""),
            ["messages", "import"] => (Work::Insert, Method::POST, ""),
            ["messages", id] if *method == Method::DELETE => (Work::Delete, Method::DELETE, *id),
            ["messages", id] => (Work::Get, Method::GET, *id),
            ["messages", id, "modify"] => (Work::Modify, Method::POST, *id),
            ["messages", id, "trash"] => (Work::Trash, Method::POST, *id),
            ["messages", id, "untrash"] => (Work::Untrash, Method::POST, *id),
            _ => return Err(GoogleError::no_path()),
        };
        if *method != wanted {
            return Err(GoogleError::no_method());
        }
        Ok(Self::Mail { user: user.to_owned(), message: message.to_owned(), work })
    }

    fn directory(method: &Method, rest: &[&str]) -> Result<Self, GoogleError> {
        let owned = |text: &str| text.to_owned();
        let resource = match rest {
            ["users"] => Resource::Users,
            ["users", key] => Resource::User(owned(key)),
            ["users", key, "aliases"] => Resource::Aliases(owned(key)),
            ["groups"] => Resource::Groups,
            ["groups", key] => Resource::Group(owned(key)),
            ["groups", key, "members"] => Resource::Members(owned(key)),
            _ => return Err(GoogleError::no_path()),
        };
        match *method {
            Method::GET => Ok(Self::Directory(resource)),
            _ => Err(GoogleError::no_method()),
        }
    }
}

const SEGMENTS_MAX: usize = 12;
