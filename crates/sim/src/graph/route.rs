//! From a method and a path to what is asked of what.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use super::error::GraphError;
use crate::config::On;

/// What a request asks, and of whom.
#[derive(Debug)]
pub(crate) struct Route {
    /// The id or principal name in the path.
    pub(crate) user: Option<String>,
    pub(crate) resource: Resource,
    pub(crate) work: Work,
}

/// What a path names.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Resource {
    Folder(Id),
    Folders,
    /// By its id.
    Group(String),
    Groups,
    /// Those of the group with this id.
    Members(String, Members),
    Message(Id),
    /// Those of one folder, or of all that are listed.
    Messages(Option<Id>),
    Organization,
    User,
    Users,
}

/// Which members of a group are meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Members {
    /// Its own: people and groups.
    Direct,
    /// Those of the groups in it, too.
    Transitive,
    /// Those of the groups in it, too, and people only.
    TransitiveUsers,
}

/// An id as it stood in a path.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Id {
    pub(crate) text: String,
    /// A bare plus: the service takes such an id for malformed.
    pub(crate) has_bare_plus: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    Create,
    Delete,
    Get,
    GetValue,
    List,
    Move,
    Patch,
    PermanentDelete,
    Read,
}

impl Work {
    pub(crate) fn writes(self) -> bool {
        matches!(
            self,
            Self::Create | Self::Delete | Self::Move | Self::Patch | Self::PermanentDelete
        )
    }

    pub(crate) fn on(self) -> On {
        match self {
            Self::Create => On::Insert,
            Self::Delete | Self::Patch => On::Patch,
            Self::Get | Self::GetValue => On::Get,
            Self::List => On::List,
            Self::Move => On::Move,
            Self::PermanentDelete => On::PermanentDelete,
            Self::Read => On::Directory,
        }
    }
}

/// One part of a path, unescaped, and whether it held a bare plus.
struct Segment {
    text: String,
    has_bare_plus: bool,
}

impl Route {
    pub(crate) fn read(method: &Method, path: &str) -> Result<Self, GraphError> {
        let segments = segments(path)?;
        let names: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
        let id = |at: usize| {
            let segment = segments.get(at).ok_or_else(GraphError::malformed_id)?;
            let (text, has_bare_plus) = (segment.text.clone(), segment.has_bare_plus);
            Ok::<_, GraphError>(Id { text, has_bare_plus })
        };
        let (resource, rest) = match names.as_slice() {
            ["groups"] => (Resource::Groups, &[][..]),
            ["groups", id] => (Resource::Group((*id).to_owned()), &[][..]),
            ["groups", id, rest @ ..] => {
                let members = members(rest)?;
                (Resource::Members((*id).to_owned(), members), &[][..])
            }
            ["organization"] => (Resource::Organization, &[][..]),
            ["users"] => (Resource::Users, &[][..]),
            ["users", _] => (Resource::User, &[][..]),
            ["users", _, "messages"] => (Resource::Messages(None), &[][..]),
            ["users", _, "messages", _, rest @ ..] => (Resource::Message(id(3)?), rest),
            ["users", _, "mailFolders"] => (Resource::Folders, &[][..]),
            ["users", _, "mailFolders", _] => (Resource::Folder(id(3)?), &[][..]),
            ["users", _, "mailFolders", _, "messages"] => {
                (Resource::Messages(Some(id(3)?)), &[][..])
            }
            ["users", _, "mailFolders", _, "messages", _, rest @ ..] => {
                (Resource::Message(id(5)?), rest)
            }
            ["users", _, unknown, ..] | [unknown, ..] => {
                return Err(GraphError::no_segment(unknown));
            }
            [] => return Err(GraphError::no_segment("")),
        };
        let work = work(method, &resource, rest)?;
        let user = match names.as_slice() {
            ["users", user, ..] => Some((*user).to_owned()),
            _ => None,
        };
        Ok(Self { user, resource, work })
    }
}

fn members(rest: &[&str]) -> Result<Members, GraphError> {
    match rest {
        ["members"] => Ok(Members::Direct),
        ["transitiveMembers"] => Ok(Members::Transitive),
        ["transitiveMembers", "microsoft.graph.user"] => Ok(Members::TransitiveUsers),
        _ => Err(GraphError::no_segment(rest.last().copied().unwrap_or_default())),
    }
}

fn work(method: &Method, resource: &Resource, rest: &[&str]) -> Result<Work, GraphError> {
    let get = |work| match *method == Method::GET {
        true => Ok(work),
        false => Err(GraphError::method_not_allowed()),
    };
    let post = |work| match *method == Method::POST {
        true => Ok(work),
        false => Err(GraphError::method_not_allowed()),
    };
    match (resource, rest) {
        (Resource::Organization | Resource::User | Resource::Users, _) => get(Work::Read),
        (Resource::Groups | Resource::Group(_) | Resource::Members(..), _) => get(Work::Read),
        (Resource::Messages(_), _) if *method == Method::POST => Ok(Work::Create),
        (Resource::Folders | Resource::Folder(_) | Resource::Messages(_), _) => get(Work::List),
        (Resource::Message(_), ["$value"]) => get(Work::GetValue),
        (Resource::Message(_), ["move"]) => post(Work::Move),
        (Resource::Message(_), ["permanentDelete"]) => post(Work::PermanentDelete),
        (Resource::Message(_), []) => match *method {
            Method::DELETE => Ok(Work::Delete),
            Method::PATCH => Ok(Work::Patch),
            _ => get(Work::Get),
        },
        // What looks like more of the path is an id whose slash was not escaped.
        (Resource::Message(_), _) => Err(GraphError::malformed_id()),
    }
}

/// The parts of a path below the version. `name('key')` is two parts.
fn segments(path: &str) -> Result<Vec<Segment>, GraphError> {
    let below = path.strip_prefix("/v1.0/").unwrap_or("");
    let mut segments = Vec::new();
    for raw in below.split('/').take(SEGMENTS_MAX) {
        let text = percent_decode_str(raw).decode_utf8();
        let text = text.map_err(|_| GraphError::malformed_id())?.into_owned();
        let has_bare_plus = raw.contains('+');
        let keyed = text.strip_suffix("')").and_then(|text| text.split_once("('"));
        match keyed {
            Some((name, key)) => {
                segments.push(Segment { text: name.to_owned(), has_bare_plus: false });
                segments.push(Segment { text: key.replace("''", "'"), has_bare_plus });
            }
            None => segments.push(Segment { text, has_bare_plus }),
        }
    }
    Ok(segments)
}

const SEGMENTS_MAX: usize = 16;
