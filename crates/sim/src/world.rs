//! The simulated tenant: who is in it, what lies in the mailboxes, and what is to go wrong next.
//!
//! A [`World`] is a handle; clones share one tenant. What a test or the demo does to the tenant
//! from outside (deliver, act as an owner, misbehave) is here; what a client does over HTTP is in
//! `graph`.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::assertion::Registered;
use crate::clock::later;
use crate::config::{Behaviour, Config, Fault, Group, On, User};
use crate::content::Content;
use crate::google::{Quotas, labels};
use crate::mailbox::{Folder, Item, ItemView, Mailbox, Marks};
use crate::operations::{By, OPERATIONS_MAX, Operation, OperationKind};
use crate::people::People;
use crate::random::Random;
use crate::state::{self, StateError};
use crate::throttle::{Application, Throttle};
use crate::traffic::Traffic;

/// A handle on the simulated tenant.
#[derive(Clone)]
pub struct World(Arc<Shared>);

struct Shared {
    config: Config,
    tenant: Mutex<Tenant>,
    /// One writer of the state file at a time.
    saving: Mutex<()>,
    held: watch::Sender<bool>,
    in_flight: watch::Sender<u64>,
}

/// Everything that changes, behind one lock that is never held over an `await`.
pub(crate) struct Tenant {
    pub(crate) behaviour: Behaviour,
    /// Whether its mailboxes are those of Gmail.
    pub(crate) is_gmail: bool,
    pub(crate) users: People,
    pub(crate) groups: Vec<Group>,
    pub(crate) certificates: Vec<Registered>,
    pub(crate) quotas: Quotas,
    pub(crate) mailboxes: BTreeMap<String, Mailbox>,
    pub(crate) throttles: HashMap<String, Throttle>,
    pub(crate) application: Application,
    pub(crate) traffic: Traffic,
    pub(crate) random: Random,
    pub(crate) serial: u64,
    pub(crate) dirty: bool,
    planned: VecDeque<(On, Fault)>,
    operations: VecDeque<Operation>,
}

/// An item on its way into one mailbox.
pub(crate) struct Put<'a> {
    pub(crate) content: &'a Arc<Content>,
    pub(crate) received: Timestamp,
    /// Its labels at Gmail, where they are not those of new mail.
    pub(crate) labels: Option<Vec<String>>,
    /// The folder that the application makes it in, as a draft; absent for mail that arrives.
    pub(crate) draft_in: Option<Folder>,
    pub(crate) by: By,
}

/// One message on its way into the mailboxes.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message as it was received, the same octets that are journaled.
    pub raw: Vec<u8>,
    /// The addresses of the envelope. Those that are nobody's here are passed over.
    pub recipients: Vec<String>,
}

/// One copy that a delivery made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivered {
    /// The id of the user whose mailbox it is.
    pub user_id: String,
    /// The copy's immutable id.
    pub immutable_id: String,
}

/// While it lives, every Graph request about a mailbox waits after it was let in.
///
/// A test uses it to have several requests in flight at once without racing against a delay.
#[must_use = "requests go on as soon as this is dropped"]
pub struct Held(World);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.held.send_replace(false);
    }
}

/// Why an owner could not do something.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OwnerError {
    /// There are as many folders as there can be.
    #[error("the mailbox has no room for another folder")]
    NoRoom,
    /// There is no such item, or it is out of its owner's reach.
    #[error("the mailbox has no such item")]
    NoSuchItem,
    /// There is no such user, or there is no mailbox.
    #[error("no such mailbox")]
    NoSuchMailbox,
}

impl World {
    /// Makes a tenant without users and without mail; an existing state file is not read.
    pub fn new(config: Config) -> Self {
        let tenant = Tenant {
            behaviour: config.behaviour.clone(),
            is_gmail: config.service.is_google(),
            users: People::default(),
            groups: Vec::new(),
            certificates: Vec::new(),
            quotas: Quotas::default(),
            mailboxes: BTreeMap::new(),
            throttles: HashMap::new(),
            application: Application::default(),
            traffic: Traffic::default(),
            random: Random::new(config.seed),
            serial: 0,
            dirty: false,
            planned: VecDeque::new(),
            operations: VecDeque::new(),
        };
        let shared = Shared {
            config,
            tenant: Mutex::new(tenant),
            saving: Mutex::new(()),
            held: watch::Sender::new(false),
            in_flight: watch::Sender::new(0),
        };
        Self(Arc::new(shared))
    }

    /// Makes a tenant from its state file when that exists, and an empty one otherwise.
    pub fn load(config: Config) -> Result<Self, StateError> {
        let world = Self::new(config);
        if let Some(path) = world.0.config.state_file.clone() {
            state::load(&path, &mut world.tenant())?;
        }
        Ok(world)
    }

    /// What the tenant was made of.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The key file of the service account that a Google Workspace trusts; `None` elsewhere.
    pub fn key_file(&self, token_uri: &str) -> Option<String> {
        self.0.config.service.account().map(|account| account.key_file(token_uri))
    }

    /// How the service behaves now.
    pub fn behaviour(&self) -> Behaviour {
        self.tenant().behaviour.clone()
    }

    /// Changes how the service behaves, from the next request on.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.tenant().behaviour = behaviour;
    }

    /// Adds a user, with an empty mailbox where the kind has one; replaces one with the same id.
    pub fn add_user(&self, user: User) {
        let mut tenant = self.tenant();
        if user.has_mailbox() && !tenant.mailboxes.contains_key(&user.id) {
            let mailbox = Mailbox::new(&user.id, tenant.is_gmail);
            tenant.mailboxes.insert(user.id.clone(), mailbox);
        }
        tenant.users.add(user);
        tenant.dirty = true;
    }

    /// Everybody in the directory.
    pub fn users(&self) -> Vec<User> {
        self.tenant().users.to_vec()
    }

    /// Adds a list of people; replaces one with the same address.
    pub fn add_group(&self, group: Group) {
        let mut tenant = self.tenant();
        tenant.groups.retain(|other| other.address != group.address);
        tenant.groups.push(group);
        tenant.dirty = true;
    }

    /// Registers a certificate of the application, given as PEM; whether it is one.
    pub fn add_certificate(&self, pem: &str) -> bool {
        let read = Registered::read(pem);
        let is_one = read.is_some();
        self.tenant().certificates.extend(read);
        is_one
    }

    /// What the application did wrong so far: what no correct client would have done.
    pub fn complaints(&self) -> Vec<Operation> {
        let is_wrong = |kind: &OperationKind| {
            matches!(kind, OperationKind::Impatient | OperationKind::Mistake(_))
        };
        let log = self.journal_of_operations();
        log.into_iter().filter(|operation| is_wrong(&operation.kind)).collect()
    }

    /// What the application asked for so far, in figures. Graph alone counts.
    pub fn traffic(&self) -> Traffic {
        self.tenant().traffic.clone()
    }

    /// Puts a message into the Inbox of every recipient that has a mailbox here, one copy each.
    ///
    /// The copies become visible after the arrival delay. Delivering the same message again makes
    /// further copies, as the real service does.
    pub fn deliver(&self, delivery: &Delivery) -> Vec<Delivered> {
        let now = self.now();
        let items_max = self.0.config.items_per_mailbox_max;
        let mut tenant = self.tenant();
        let content = Arc::new(Content::read(delivery.raw.clone()));
        let (mut reached, mut seen) = (Vec::new(), BTreeSet::new());
        for address in &tenant.expanded(&delivery.recipients) {
            let user = tenant.users.receiving(address).filter(|user| user.has_mailbox());
            if let Some(user) = user.filter(|user| seen.insert(user.id.clone())) {
                reached.push(user.id.clone());
            }
        }
        let delivered = reached.into_iter().filter_map(|user_id| {
            let (labels, draft_in, by) = (None, None, By::Service);
            let put = Put { content: &content, received: now, labels, draft_in, by };
            let immutable_id = tenant.put(&user_id, put, now, items_max)?;
            Some(Delivered { user_id, immutable_id })
        });
        delivered.collect()
    }

    /// Every item of a user's mailbox, in all folders and visible or not, the oldest first.
    pub fn items(&self, user: &str) -> Vec<ItemView> {
        let tenant = self.tenant();
        let Some(mailbox) = tenant.mailbox_of(user) else { return Vec::new() };
        let mut views: Vec<_> = mailbox.newest_first().map(|item| mailbox.view(item)).collect();
        views.reverse();
        views
    }

    /// What happened in the mailboxes so far, the oldest first.
    pub fn journal_of_operations(&self) -> Vec<Operation> {
        self.tenant().operations.iter().cloned().collect()
    }

    /// Lets the next Graph request meet a fault.
    pub fn fail_next(&self, fault: Fault) {
        self.fail_next_on(On::Any, fault);
    }

    /// Lets the next request of a kind meet a fault; several are met in the order they were
    /// planned.
    pub fn fail_next_on(&self, on: On, fault: Fault) {
        self.tenant().planned.push_back((on, fault));
    }

    /// Makes requests about mailboxes wait, once let in, until what this returns is dropped.
    pub fn hold_requests(&self) -> Held {
        self.0.held.send_replace(true);
        Held(self.clone())
    }

    /// Waits until so many requests about one mailbox are in flight.
    pub async fn until_in_flight(&self, user_id: &str, count: usize) {
        let mut changes = self.0.in_flight.subscribe();
        while self.tenant().throttles.get(user_id).map_or(0, Throttle::running) < count {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The owner moves a message that is within reach.
    pub fn owner_moves(&self, user: &str, item: &str, to: Folder) -> Result<(), OwnerError> {
        let is_gmail = self.0.config.service.is_google();
        self.owner_acts(user, item, |item, now| {
            let from = item.folder;
            if is_gmail {
                labels::follow(item, to);
            }
            item.relocate(to, now);
            OperationKind::Moved { from, to }
        })
    }

    /// The owner marks a message as read.
    pub fn owner_reads(&self, user: &str, item: &str) -> Result<(), OwnerError> {
        self.owner_acts(user, item, |item, now| {
            item.marks.is_read = true;
            item.labels.remove(labels::UNREAD);
            item.touch(now);
            OperationKind::Patched
        })
    }

    /// The owner deletes a message: to Deleted Items, and from there to Recoverable Items.
    pub fn owner_deletes(&self, user: &str, item: &str) -> Result<(), OwnerError> {
        let is_gmail = self.0.config.service.is_google();
        self.owner_acts(user, item, |item, now| {
            let from = item.folder;
            let to = match from {
                // Gmail keeps nothing below its Trash.
                Folder::DeletedItems if is_gmail => Folder::Purges,
                Folder::DeletedItems => Folder::Deletions,
                _ => Folder::DeletedItems,
            };
            if is_gmail {
                labels::follow(item, to);
            }
            item.relocate(to, now);
            OperationKind::Moved { from, to }
        })
    }

    /// The owner marks a message as not read.
    pub fn owner_unreads(&self, user: &str, item: &str) -> Result<(), OwnerError> {
        let is_gmail = self.0.config.service.is_google();
        self.owner_acts(user, item, |item, now| {
            item.marks.is_read = false;
            if is_gmail {
                item.labels.insert(labels::UNREAD.to_owned());
            }
            item.touch(now);
            OperationKind::Patched
        })
    }

    /// The owner of a mailbox at Microsoft flags a message, in the service's word.
    pub fn owner_flags(&self, user: &str, item: &str, status: &str) -> Result<(), OwnerError> {
        self.owner_acts(user, item, |item, now| {
            item.marks.flag = serde_json::json!({ "flagStatus": status });
            item.touch(now);
            OperationKind::Patched
        })
    }

    /// The owner of a mailbox at Microsoft gives a message these categories and no others.
    pub fn owner_categorises(
        &self,
        user: &str,
        item: &str,
        categories: &[&str],
    ) -> Result<(), OwnerError> {
        self.owner_acts(user, item, |item, now| {
            item.marks.categories = categories.iter().map(|it| (*it).to_owned()).collect();
            item.touch(now);
            OperationKind::Patched
        })
    }

    /// The owner of a mailbox at Microsoft makes a folder.
    pub fn owner_makes_folder(&self, user: &str, name: &str) -> Result<Folder, OwnerError> {
        let mut tenant = self.tenant();
        let user_id = tenant.user(user).map(|user| user.id.clone());
        let mailbox = user_id.and_then(|id| tenant.mailboxes.get_mut(&id));
        let made = mailbox.ok_or(OwnerError::NoSuchMailbox)?.make_folder(name);
        tenant.dirty = true;
        made.ok_or(OwnerError::NoRoom)
    }

    /// The owner takes a folder away for ever, with what lies in it.
    pub fn owner_drops_folder(&self, user: &str, folder: Folder) -> Result<(), OwnerError> {
        let now = self.now();
        let mut tenant = self.tenant();
        let user_id = tenant.user(user).map(|user| user.id.clone());
        let mailbox = user_id.and_then(|id| tenant.mailboxes.get_mut(&id));
        mailbox.ok_or(OwnerError::NoSuchMailbox)?.drop_folder(folder, now);
        tenant.dirty = true;
        Ok(())
    }

    /// The owner of a mailbox of Gmail makes a label; gives its id.
    pub fn owner_makes_label(&self, user: &str, name: &str) -> Result<String, OwnerError> {
        let mut tenant = self.tenant();
        let user_id = tenant.user(user).map(|user| user.id.clone());
        let mailbox = user_id.and_then(|id| tenant.mailboxes.get_mut(&id));
        let mailbox = mailbox.ok_or(OwnerError::NoSuchMailbox)?;
        let id = format!("Label_{}", mailbox.labels.len() + 1);
        mailbox.labels.insert(id.clone(), name.to_owned());
        Ok(id)
    }

    /// The owner takes a label away, from every message that has it.
    pub fn owner_drops_label(&self, user: &str, label: &str) -> Result<(), OwnerError> {
        let mut tenant = self.tenant();
        let user_id = tenant.user(user).map(|user| user.id.clone());
        let mailbox = user_id.and_then(|id| tenant.mailboxes.get_mut(&id));
        mailbox.ok_or(OwnerError::NoSuchMailbox)?.drop_label(label);
        Ok(())
    }

    /// The owner puts labels on a message and takes others off.
    pub fn owner_labels(
        &self,
        user: &str,
        item: &str,
        add: &[&str],
        remove: &[&str],
    ) -> Result<(), OwnerError> {
        let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        self.owner_acts(user, item, |item, now| {
            item.relabel(&owned(add), &owned(remove), now);
            OperationKind::Patched
        })
    }

    /// Writes the mailboxes to the state file when something changed since the last time.
    pub fn save(&self) -> Result<(), StateError> {
        let Some(path) = &self.0.config.state_file else { return Ok(()) };
        self.save_to(path)
    }

    fn save_to(&self, path: &Path) -> Result<(), StateError> {
        let _alone = self.0.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = {
            let mut tenant = self.tenant();
            if !tenant.dirty {
                return Ok(());
            }
            tenant.dirty = false;
            state::Snapshot::of(&tenant)
        };
        let written = snapshot.write(path);
        if written.is_err() {
            self.tenant().dirty = true;
        }
        written
    }

    fn owner_acts(
        &self,
        user: &str,
        immutable_id: &str,
        act: impl FnOnce(&mut Item, Timestamp) -> OperationKind,
    ) -> Result<(), OwnerError> {
        let now = self.now();
        let mut tenant = self.tenant();
        let user_id = tenant.user(user).map(|user| user.id.clone());
        let user_id = user_id.ok_or(OwnerError::NoSuchMailbox)?;
        let mailbox = tenant.mailboxes.get_mut(&user_id).ok_or(OwnerError::NoSuchMailbox)?;
        let serial = mailbox
            .newest_first()
            .find(|item| mailbox.lasting_id(item) == immutable_id)
            .filter(|item| item.is_visible(now) && item.folder != Folder::Purges)
            .map(|item| item.serial);
        let item = serial.and_then(|serial| mailbox.get_mut(serial));
        let kind = act(item.ok_or(OwnerError::NoSuchItem)?, now);
        let item = immutable_id.to_owned();
        tenant.record(Operation { at: now, user_id, item, by: By::Owner, kind });
        Ok(())
    }

    pub(crate) fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.0.tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.config.clock.now()
    }

    pub(crate) fn in_flight_changed(&self) {
        self.0.in_flight.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    pub(crate) async fn until_released(&self) {
        let mut held = self.0.held.subscribe();
        // The sender lives in `self`, so this ends only by release.
        let _released = held.wait_for(|held| !held).await;
    }
}

impl Tenant {
    pub(crate) fn user(&self, id_or_upn: &str) -> Option<&User> {
        self.users.named(id_or_upn)
    }

    pub(crate) fn mailbox_of(&self, id_or_upn: &str) -> Option<&Mailbox> {
        self.mailboxes.get(&self.user(id_or_upn)?.id)
    }

    pub(crate) fn record(&mut self, operation: Operation) {
        self.dirty = true;
        if self.operations.len() >= OPERATIONS_MAX {
            self.operations.pop_front();
        }
        self.operations.push_back(operation);
    }

    /// The fault that this request meets, planned before random.
    pub(crate) fn fault(&mut self, on: On) -> Option<Fault> {
        let is_own = |on: On| matches!(on, On::Batch | On::Token);
        let meets = |planned: On| planned == on || (planned == On::Any && !is_own(on));
        if let Some(at) = self.planned.iter().position(|(planned, _)| meets(*planned)) {
            return self.planned.remove(at).map(|(_, fault)| fault);
        }
        if on == On::Batch {
            return None;
        }
        let (rate, faults) = (self.behaviour.fault_rate, &self.behaviour.faults);
        let meets_one = rate > 0.0 && self.random.chance(rate);
        let index = usize::try_from(self.random.below(faults.len() as u64)).unwrap_or(0);
        let met = faults.get(index).copied().filter(|_| meets_one);
        met.or_else(|| {
            let chances = &self.behaviour.chances;
            let mut all = chances.iter();
            all.find(|(share, _)| self.random.chance(*share)).map(|(_, fault)| *fault)
        })
    }

    /// The recipients of an envelope, with lists replaced by who is on them.
    pub(crate) fn expanded(&self, recipients: &[String]) -> Vec<String> {
        let mut open: VecDeque<String> = recipients.iter().cloned().collect();
        let (mut addresses, mut seen) = (Vec::new(), BTreeSet::new());
        while let Some(address) = open.pop_front() {
            if !seen.insert(address.to_ascii_lowercase()) {
                continue;
            }
            match self.groups.iter().find(|group| group.receives(&address)) {
                Some(group) => open.extend(group.members.iter().cloned()),
                None => addresses.push(address),
            }
        }
        addresses
    }

    /// Takes note of something that no correct client does.
    pub(crate) fn mistake(&mut self, user_id: &str, what: &'static str, at: Timestamp) {
        let (user_id, item) = (user_id.to_owned(), String::new());
        let kind = OperationKind::Mistake(what);
        self.record(Operation { at, user_id, item, by: By::Application, kind });
    }

    /// Puts an item into a mailbox; gives the id that stays.
    pub(crate) fn put(
        &mut self,
        user_id: &str,
        put: Put<'_>,
        now: Timestamp,
        items_max: usize,
    ) -> Option<String> {
        let arrival = self.random.within(&self.behaviour.arrival_delay_ms);
        let indexing = self.random.within(&self.behaviour.index_delay_ms);
        // What the application puts there itself is there at once.
        let arrival = if put.by == By::Service { arrival } else { 0 };
        let visible_from = later(now, arrival);
        self.serial = self.serial.saturating_add(1);
        let mut item = Item {
            serial: self.serial,
            moves: 0,
            changes: 1,
            folder: put.draft_in.unwrap_or(Folder::Inbox),
            content: Arc::clone(put.content),
            received: put.received,
            modified: now,
            visible_from,
            indexed_from: later(visible_from, indexing),
            // What its own owner wrote, its owner has read.
            marks: Marks { is_read: put.draft_in.is_some(), ..Marks::default() },
            is_made: put.by == By::Application,
            labels: BTreeSet::new(),
        };
        if self.is_gmail {
            let given = put.labels.unwrap_or_else(labels::of_new_mail);
            item.relabel(&given, &[], now);
        }
        let mailbox = self.mailboxes.get_mut(user_id)?;
        let immutable_id = mailbox.lasting_id(&item);
        mailbox.put(item, items_max);
        self.record(Operation {
            at: now,
            user_id: user_id.to_owned(),
            item: immutable_id.clone(),
            by: put.by,
            kind: OperationKind::Delivered,
        });
        Some(immutable_id)
    }
}
