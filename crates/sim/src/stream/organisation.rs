//! The invented company that receives the mail, and the people in it.

use crate::config::{User, UserKind};

/// A company with its domain and people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Its mail domain.
    pub domain: String,
    /// Its tenant id, a GUID.
    pub tenant_id: String,
    /// Whether its mail is at Google.
    pub is_at_google: bool,
    /// Everybody with a mailbox; the first leads the company.
    pub people: Vec<Person>,
}

/// Somebody with a mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Person {
    /// The name as it stands before the address.
    pub name: String,
    /// The primary address.
    pub address: String,
    /// What the person does.
    pub title: String,
}

impl Organisation {
    /// Example Corp, at `corp.example`.
    pub fn example() -> Self {
        Self::at("Example Corp", "corp.example", "7d1c2a5e-0b44-4c1f-9a77-2f6f1f0c9d10")
    }

    /// Its cousin with mail at Google, Example Suite, at `gsuite.example`.
    pub fn suite() -> Self {
        Self::at("Example Suite", "gsuite.example", "C01example")
    }

    fn at(name: &str, domain: &str, tenant_id: &str) -> Self {
        let person = |&(name, local, title): &(&str, &str, &str)| Person {
            name: name.to_owned(),
            address: format!("{local}@{domain}"),
            title: title.to_owned(),
        };
        Self {
            name: name.to_owned(),
            domain: domain.to_owned(),
            tenant_id: tenant_id.to_owned(),
            is_at_google: tenant_id.starts_with('C'),
            people: PEOPLE.iter().map(person).collect(),
        }
    }

    /// Who leads the company: the name that a fraud would borrow.
    pub fn chief(&self) -> Person {
        self.people.first().cloned().unwrap_or_else(|| Person {
            name: "The Management".to_owned(),
            address: format!("office@{}", self.domain),
            title: "Chief Executive".to_owned(),
        })
    }

    /// Names worth protecting with their real addresses, for an impersonation registry.
    pub fn protected_names(&self) -> Vec<(String, String)> {
        let protected = self.people.iter().take(PROTECTED);
        protected.map(|person| (person.name.clone(), person.address.clone())).collect()
    }

    /// The people as users of a tenant. One signs in under a name that receives no mail, one has an
    /// alias, and the last is a shared mailbox, as happens in real tenants.
    pub fn users(&self) -> Vec<User> {
        let user = |(at, person): (usize, &Person)| {
            let id = format!("a0000000-0000-4000-8000-{:012}", at + 1);
            let mut user = User::cloud(&id, &person.address, &person.name);
            match at {
                1 => user.upn = format!("u{:05}@{}", 10_000 + at, self.domain),
                2 => user.proxy_addresses.push(format!("smtp:personnel@{}", self.domain)),
                _ => {}
            }
            if at + 1 == self.people.len() {
                user.kind = UserKind::Shared;
            }
            user
        };
        self.people.iter().enumerate().map(user).collect()
    }
}

const PROTECTED: usize = 3;
const PEOPLE: &[(&str, &str, &str)] = &[
    ("Helena Novak", "helena.novak", "Chief Executive"),
    ("Felix Wagner", "felix.wagner", "Head of Finance"),
    ("Carla Rossi", "carla.rossi", "Human Resources"),
    ("Anna Berg", "anna.berg", "Accounts Payable"),
    ("Ben Okafor", "ben.okafor", "Sales"),
    ("David Lindqvist", "david.lindqvist", "IT Service Desk"),
    ("Elif Demir", "elif.demir", "Purchasing"),
    ("Front Office", "office", "Front Office"),
];
