//! What an administrator does at the command line: tenants, operators, intel.

use std::sync::Arc;

use anyhow::Context as _;
use clawback_core::audit::Actor;
use clawback_core::source::{COPY_KEY_FIELD, copy_key_digest};
use clawback_core::tenant::{
    GoogleWorkspace, JournalAddress, ListEntry, ListKind, ProtectedPerson, Tenant,
};
use clawback_core::{Clock, Entropy, OperatorId, Region, TenantId, UnixMillis};
use clawback_mail::address::{Address, Domain};
use clawback_store::{NewOperator, RootKey, Store, StoreError};

use crate::cli::{
    ConfigArgs, GoogleArgs, IntelCommand, KeysCommand, ListCommand, ListEntryArgs, ListName,
    OperatorCommand, TenantCommand,
};
use crate::config::Config;
use crate::serve::{folder_of, open_store, world};
use crate::sources::{describe, warning};
use crate::web::operator::hash_password;

/// The store and what makes ids.
struct Desk {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Desk {
    async fn open(args: &ConfigArgs) -> anyhow::Result<Self> {
        let config = Config::load(&args.config)?;
        let (clock, entropy) = world();
        let store = open_store(&config, &clock, &entropy).await?;
        Ok(Self { store, clock, entropy })
    }

    /// A name or a domain belongs to one tenant.
    async fn refuse_known(&self, name: &str, domains: &[Domain]) -> anyhow::Result<()> {
        for known in self.store.control().tenants().await? {
            anyhow::ensure!(known.name != name, "there is a tenant “{name}” already");
            let shared = domains.iter().find(|domain| known.domains.contains(domain));
            if let Some(domain) = shared {
                anyhow::bail!("{domain} is a domain of the tenant “{}” already", known.name);
            }
        }
        Ok(())
    }

    async fn tenant(&self, name: &str) -> anyhow::Result<Tenant> {
        let tenants = self.store.control().tenants().await?;
        let found = tenants.into_iter().find(|known| known.name == name);
        found.with_context(|| format!("no tenant is called “{name}”; see `clawback tenant list`"))
    }
}

/// A conflict in words that say what to do.
fn told(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Conflict => anyhow::anyhow!(
            "somebody else changed this tenant at the same time, or the directory is another \
             tenant's: look at it with `clawback tenant list`, and try again"
        ),
        error => error.into(),
    }
}

/// `clawback tenant …`
pub(crate) async fn tenant(command: TenantCommand) -> anyhow::Result<()> {
    match command {
        TenantCommand::Add {
            config,
            name,
            domain,
            microsoft_tenant,
            google,
            protect,
            journal_domain,
            sources,
        } => {
            let desk = Desk::open(&config).await?;
            let domains = read_domains(&domain)?;
            let journal = Domain::parse(&journal_domain)
                .with_context(|| format!("--journal-domain {journal_domain}"))?;
            desk.refuse_known(&name, &domains).await?;
            let id = TenantId::new(desk.clock.now(), random(&*desk.entropy));
            let protected_people = read_people(&protect)?;
            let mut tenant =
                Tenant { microsoft_tenant, protected_people, ..Tenant::new(id, name, domains) };
            sources.apply(&mut tenant)?;
            let key = google.apply(&mut tenant, &*desk.entropy)?;
            let advice = warning(&tenant);
            let address = add_tenant(&desk.store, &*desk.entropy, tenant, &journal).await?;
            tell_added(key.as_deref(), &address, advice.as_deref());
        }
        TenantCommand::Set { config, tenant, google, sources } => {
            let desk = Desk::open(&config).await?;
            let before = desk.tenant(&tenant).await?;
            let mut after = before.clone();
            sources.apply(&mut after)?;
            let key = google.apply(&mut after, &*desk.entropy)?;
            if after != before {
                desk.store
                    .control()
                    .update_tenant(&before, &after, &Actor::system("cli"))
                    .await
                    .map_err(told)?;
                println!("Changed; it holds within seconds, also for a clawback that runs.");
            }
            for line in describe(&after) {
                println!("{line}");
            }
            if let Some(key) = key {
                tell_key(&key);
            }
        }
        TenantCommand::List { config } => {
            let control = Desk::open(&config).await?.store.control();
            let addresses = control.journal_addresses().await?;
            let tenants = control.tenants().await?;
            if tenants.is_empty() {
                eprintln!("There is none yet; see `clawback tenant add --help`.");
            }
            for tenant in tenants {
                println!("{}  {}", tenant.id, tenant.name);
                for line in describe(&tenant) {
                    println!("  {line}");
                }
                for entry in addresses.iter().filter(|entry| entry.tenant == tenant.id) {
                    println!("  {} ({})", entry.address, entry.region);
                }
            }
        }
    }
    Ok(())
}

impl GoogleArgs {
    /// Changes what was said; gives the key that was made, if any.
    fn apply(&self, tenant: &mut Tenant, entropy: &dyn Entropy) -> anyhow::Result<Option<String>> {
        let mut needs_key = self.new_copy_key;
        match self.google_admin.as_deref() {
            None => {}
            Some("none") => {
                tenant.google = None;
                tenant.sources.copy_key_sha256 = None;
            }
            Some(admin) => {
                let admin = Address::parse(admin)
                    .with_context(|| format!("--google-admin {admin}"))?
                    .to_string();
                tenant.google = Some(GoogleWorkspace { admin });
                needs_key |= tenant.sources.copy_key_sha256.is_none();
            }
        }
        if !needs_key {
            return Ok(None);
        }
        let key = password(entropy);
        tenant.sources.copy_key_sha256 = Some(copy_key_digest(&key));
        Ok(Some(key))
    }
}

fn tell_added(key: Option<&str>, address: &Address, advice: Option<&str>) {
    println!("Added.");
    if let Some(key) = key {
        tell_key(key);
    }
    println!("Send journal reports to this address, and to nobody else tell it:");
    println!("{address}");
    if let Some(line) = advice {
        eprintln!("\n{line}");
    }
}

fn tell_key(key: &str) {
    println!("The routing rule adds this header to each copy it sends us, shown only now:");
    println!("{COPY_KEY_FIELD}: {key}");
}

/// `clawback keys …`
pub(crate) async fn keys(command: KeysCommand) -> anyhow::Result<()> {
    let (KeysCommand::Backup { config: args, .. } | KeysCommand::Show { config: args }) = &command;
    let path = Config::load(&args.config)?.keys.root_key_file;
    anyhow::ensure!(path.exists(), "there is no root key {}: `serve` makes one", path.display());
    // Opening the store proves that it is this key that the data keys are wrapped with.
    let desk = Desk::open(args).await?;
    let key = RootKey::load_or_create(&path, &*desk.entropy)?;
    let control = desk.store.control();
    match command {
        KeysCommand::Backup { to, .. } => {
            let shown = to.display();
            anyhow::ensure!(!to.exists(), "{shown} exists already: name a new file");
            let beside = folder_of(&to).canonicalize()? == folder_of(&path).canonicalize()?;
            anyhow::ensure!(!beside, "{shown} lies beside the key itself: that is no backup");
            key.backup(&to, desk.clock.now()).with_context(|| format!("{}", to.display()))?;
            control.note_key_backup(&key.fingerprint(), &Actor::system("cli")).await?;
            println!("The root key {} was copied to {}.", key.fingerprint(), to.display());
            println!("Keep the copy elsewhere: with it and a copy of the folder all mail is read,");
            println!("and without any copy of it the raw mail is lost.");
        }
        KeysCommand::Show { .. } => {
            println!("fingerprint  {}", key.fingerprint());
            println!("file         {}", path.display());
            match control.key_backed_up().await? {
                Some(at) => println!("backed up    {}", day(at)),
                None => println!("backed up    never: see `clawback keys backup --help`"),
            }
        }
    }
    Ok(())
}

fn day(at: UnixMillis) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}

/// `clawback operator …`
pub(crate) async fn operator(command: OperatorCommand) -> anyhow::Result<()> {
    let OperatorCommand::Add { config, email, name, tenant } = command;
    let desk = Desk::open(&config).await?;
    let tenant = desk.tenant(&tenant).await?;
    Address::parse(&email).with_context(|| format!("--email {email}"))?;
    let known = desk.store.control().operator_by_email(&email).await?;
    anyhow::ensure!(known.is_none(), "{email} is an operator already");
    let password = password(&*desk.entropy);
    add_operator(&desk.store, &*desk.clock, &*desk.entropy, tenant.id, &email, &name, &password)
        .await?;
    println!("{email} can sign in with this password, shown only now:");
    println!("{password}");
    Ok(())
}

/// `clawback intel …`
pub(crate) async fn intel(command: IntelCommand) -> anyhow::Result<()> {
    let IntelCommand::Import { config, source, file } = command;
    let desk = Desk::open(&config).await?;
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
    let taken = import_intel(&desk.store, &source, &text).await?;
    println!("{} indicators taken.", taken.indicators);
    for error in &taken.errors {
        eprintln!("line {}: {}", error.line, error.reason);
    }
    anyhow::ensure!(taken.indicators > 0, "{} holds no indicator", file.display());
    Ok(())
}

/// `clawback list …`
pub(crate) async fn list(command: ListCommand) -> anyhow::Result<()> {
    let actor = Actor::system("cli");
    match command {
        ListCommand::Add { config, entry, verify_sender, note } => {
            let desk = Desk::open(&config).await?;
            let tenant = desk.tenant(&entry.tenant).await?;
            let entry = ListEntry { verify_sender, note, ..read_entry(&entry)? };
            desk.store.control().put_list_entry(tenant.id, &entry, &actor).await?;
            println!("Added to the {} list; it holds for the next message.", entry.list.as_str());
        }
        ListCommand::Remove { config, entry } => {
            let desk = Desk::open(&config).await?;
            let tenant = desk.tenant(&entry.tenant).await?;
            let entry = read_entry(&entry)?;
            desk.store.control().remove_list_entry(tenant.id, &entry, &actor).await?;
            println!("Removed from the {} list.", entry.list.as_str());
        }
        ListCommand::Show { config, tenant } => {
            let desk = Desk::open(&config).await?;
            let tenant = desk.tenant(&tenant).await?;
            for entry in desk.store.control().list_entries(tenant.id).await? {
                let verified =
                    if entry.verify_sender { " (where the sender is verified)" } else { "" };
                println!("{:<15} {}{verified}  {}", entry.list.as_str(), entry.pattern, entry.note);
            }
        }
    }
    Ok(())
}

fn read_entry(args: &ListEntryArgs) -> anyhow::Result<ListEntry> {
    let list = match args.list {
        ListName::Allow => ListKind::Allow,
        ListName::Block => ListKind::Block,
        ListName::ExemptRecipient => ListKind::ExemptRecipient,
        ListName::TrustedDomain => ListKind::TrustedDomain,
        ListName::TrustedSender => ListKind::TrustedSender,
    };
    let domain = Domain::parse(&args.pattern).map(|domain| domain.to_string());
    let pattern = match (Address::parse(&args.pattern), domain, list) {
        (_, Ok(domain), _) => domain,
        (Ok(address), _, list) if list != ListKind::TrustedDomain => address.to_string(),
        _ => anyhow::bail!("“{}” is no address or domain that this list can hold", args.pattern),
    };
    Ok(ListEntry { list, pattern, verify_sender: false, note: String::new() })
}

/// What became of an intel file.
pub(crate) struct Taken {
    /// Indicators added.
    pub(crate) indicators: usize,
    /// Lines that could not be read.
    pub(crate) errors: Vec<clawback_detect::LineError>,
}

/// Adds the indicators of a file's text.
pub(crate) async fn import_intel(store: &Store, source: &str, text: &str) -> anyhow::Result<Taken> {
    let (entries, errors) = clawback_detect::intel_file(text, source);
    let indicators = entries.len();
    let rows = entries.into_iter().map(row).collect();
    store.control().import_intel(source, rows, &Actor::system("cli")).await?;
    Ok(Taken { indicators, errors })
}

fn row(entry: clawback_detect::IntelEntry) -> clawback_store::IntelRow {
    clawback_store::IntelRow {
        indicator: entry.indicator,
        source: entry.source,
        confidence: entry.confidence,
        note: entry.note,
    }
}

/// Adds a tenant with a journaling address nobody can guess.
pub(crate) async fn add_tenant(
    store: &Store,
    entropy: &dyn Entropy,
    tenant: Tenant,
    journal_domain: &Domain,
) -> anyhow::Result<Address> {
    let mut local = [0; 16];
    entropy.fill(&mut local);
    let address = Address::parse(&format!("j-{}@{journal_domain}", hex::encode(local)))
        .context("the journaling address")?;
    let id = tenant.id;
    let control = store.control();
    control.create_tenant(&tenant, &Actor::system("cli")).await?;
    let entry = JournalAddress { address: address.clone(), tenant: id, region: Region::global() };
    control.add_journal_address(&entry, &Actor::system("cli")).await?;
    Ok(address)
}

/// Lets a person sign in.
pub(crate) async fn add_operator(
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    tenant: TenantId,
    email: &str,
    name: &str,
    password: &str,
) -> anyhow::Result<()> {
    let operator = NewOperator {
        id: OperatorId::new(clock.now(), random(entropy)),
        tenant,
        email: email.to_owned(),
        name: name.to_owned(),
        password_hash: hash_password(password, entropy)?,
    };
    store.control().create_operator(operator, &Actor::system("cli")).await?;
    Ok(())
}

/// A password of 120 random bits in letters that cannot be misread.
pub(crate) fn password(entropy: &dyn Entropy) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut octets = [0; 24];
    entropy.fill(&mut octets);
    let letter = |octet: &u8| LETTERS.get(usize::from(octet % 32)).copied().map_or('a', char::from);
    let letters: Vec<char> = octets.iter().map(letter).collect();
    letters.chunks(6).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Ten random octets: what an id needs.
pub(crate) fn random(entropy: &dyn Entropy) -> [u8; 10] {
    let mut octets = [0; 10];
    entropy.fill(&mut octets);
    octets
}

fn read_people(written: &[String]) -> anyhow::Result<Vec<ProtectedPerson>> {
    let read = |text: &String| {
        let (name, address) = text.split_once('<').unwrap_or(("", text));
        let address = Address::parse(address).with_context(|| format!("--protect {text}"))?;
        let name = name.trim().to_owned();
        anyhow::ensure!(!name.is_empty(), "--protect {text}: write “Name <address>”");
        Ok(ProtectedPerson { name, address: address.to_string() })
    };
    written.iter().map(read).collect()
}

fn read_domains(written: &[String]) -> anyhow::Result<Vec<Domain>> {
    let read = |text: &String| Domain::parse(text).with_context(|| format!("--domain {text}"));
    written.iter().map(read).collect()
}
