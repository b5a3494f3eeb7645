//! The demo's second tenant: Example Suite, whose mail is at a simulated Google.
//!
//! The same stream of mail, delivered into its mailboxes, and copied by its routing rule: once for
//! each recipient, with the key that shows that the rule made it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clawback_core::audit::Actor;
use clawback_core::source::{COPY_KEY_FIELD, SourceRules, copy_key_digest};
use clawback_core::tenant::{GoogleWorkspace, Tenant};
use clawback_core::{Clock, Entropy, Region, TenantId};
use clawback_mail::address::{Address, Domain};
use clawback_remote::Secret;
use clawback_remote::google::{GoogleSettings, ServiceAccount as Account};
use clawback_sim::google::{Copy, copy};
use clawback_sim::{
    Behaviour, Config as SimConfig, Delivery, Journaler, MailStream, Organisation, ServiceAccount,
    World,
};
use clawback_store::Store;
use tokio_util::sync::CancellationToken;

use super::{JOURNAL_DOMAIN, first_policy, seed, timestamp};
use crate::admin;
use crate::providers::GoogleApp;
use crate::tls;

/// What was set up on the first start, and is read back on later ones.
pub(super) struct House {
    pub(super) journal_address: Address,
    /// What the routing rule adds.
    pub(super) key: String,
}

/// The simulated Google Workspace with the people of the demo.
pub(super) fn world(
    state_file: Option<std::path::PathBuf>,
    behaviour: Behaviour,
    entropy: &dyn Entropy,
) -> anyhow::Result<World> {
    let account = ServiceAccount::generate().context("make a key for the simulated Google")?;
    let seed = seed(entropy);
    let config = SimConfig { behaviour, state_file, seed, ..SimConfig::google(account) };
    let world = World::load(config).context("the simulated mailboxes at Google")?;
    if world.users().is_empty() {
        for user in Organisation::suite().users() {
            world.add_user(user);
        }
    }
    Ok(world)
}

/// How the simulated Google is reached.
pub(super) fn app(world: &World, address: SocketAddr) -> anyhow::Result<GoogleApp> {
    let url: url::Url = format!("http://{address}").parse().context("the simulated address")?;
    let file = world.key_file(&format!("{url}token")).context("the simulated service account")?;
    let account = Account::read(&Secret::new(file)).context("the simulated service account")?;
    let template = GoogleSettings {
        token_url: url.clone(),
        gmail_url: url.clone(),
        directory_url: url,
        ..GoogleSettings::new(account)
    };
    Ok(GoogleApp { template })
}

/// Adds the tenant and somebody who may sign in for it, unless both are there.
pub(super) async fn set_up(
    dir: &Path,
    store: &Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    password: &str,
) -> anyhow::Result<House> {
    let (control, organisation) = (store.control(), Organisation::suite());
    let secret = dir.join("google-copy-key.txt");
    let known = control.tenants().await?.into_iter().find(|it| it.name == organisation.name);
    if let Some(tenant) = known {
        let addresses = control.journal_addresses().await?;
        let address = addresses.into_iter().find(|entry| entry.tenant == tenant.id);
        let journal_address = address.context("a journaling address")?.address;
        let key = std::fs::read_to_string(&secret)
            .with_context(|| format!("read {}", secret.display()))?;
        return Ok(House { journal_address, key: key.trim().to_owned() });
    }
    let key = admin::password(entropy);
    tls::write_private(&secret, format!("{key}\n").as_bytes())?;
    let id = TenantId::new(clock.now(), admin::random(entropy));
    let domain = Domain::parse(&organisation.domain).context("the simulated domain")?;
    let journal_domain = Domain::parse(JOURNAL_DOMAIN).context("the journaling domain")?;
    let tenant = Tenant {
        google: Some(GoogleWorkspace { admin: format!("admin@{domain}") }),
        sources: SourceRules {
            copy_key_sha256: Some(copy_key_digest(&key)),
            ..SourceRules::default()
        },
        ..Tenant::new(id, organisation.name, vec![domain])
    };
    let journal_address = admin::add_tenant(store, entropy, tenant, &journal_domain).await?;
    let records = store.tenant(id, &Region::global());
    let seen = records.settings().await?.version;
    records.save_auto_retract(seen, first_policy()?, &Actor::system("demo")).await?;
    admin::add_operator(store, clock, entropy, id, OPERATOR_EMAIL, "Dana Reyes", password).await?;
    Ok(House { journal_address, key })
}

/// Makes mail: into the simulated mailboxes, and copied over SMTP.
pub(super) struct MailSender {
    pub(super) world: World,
    pub(super) journaler: Journaler,
    pub(super) stream: MailStream,
    pub(super) key: String,
    pub(super) pace: Duration,
    pub(super) clock: Arc<dyn Clock>,
}

impl MailSender {
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(self.pace)).await.is_some() {
            let mail = self.stream.next_mail(timestamp(&*self.clock));
            let delivery = Delivery { raw: mail.raw.clone(), recipients: mail.recipients.clone() };
            self.world.deliver(&delivery);
            for recipient in &mail.recipients {
                let custom = Some((COPY_KEY_FIELD, self.key.as_str()));
                let (original, marks) = (mail.raw.as_slice(), (false, false));
                let made = copy(&Copy { original, recipient, custom, marks });
                if let Err(error) = self.journaler.send(&made).await {
                    tracing::error!(%error, "a routing rule's copy was not taken");
                }
            }
        }
        self.journaler.quit().await;
    }
}

/// Who signs in for the second tenant, with the password of the first.
pub(super) const OPERATOR_EMAIL: &str = "dana.reyes@gsuite.example";
