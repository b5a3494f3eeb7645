//! A tenant's rules for the source of its reports, as an administrator writes and reads them.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use clawback_core::source::{SourceMode, SourceRules};
use clawback_core::tenant::Tenant;
use clawback_mail::address::Domain;

/// What an administrator says about where reports come from. What is left out stays as it is.
#[derive(Debug, Default, Args)]
pub(crate) struct SourceArgs {
    /// A network that reports come from, like 192.0.2.0/24; `microsoft365` stands for those of
    /// Exchange Online, `any` for no check. May be given several times.
    #[arg(long, value_name = "NETWORK")]
    network: Vec<String>,
    /// A name in the sending server's certificate, like mail.protection.outlook.com; `any` for no
    /// check. May be given several times.
    #[arg(long, value_name = "NAME")]
    client_name: Vec<String>,
    /// What X-OriginatorOrg says in this tenant's reports, like corp.onmicrosoft.com; `any` for no
    /// check. May be given several times.
    #[arg(long, value_name = "DOMAIN")]
    originator_org: Vec<String>,
    /// What becomes of mail that does not pass.
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Most GiB of raw mail kept for this tenant, 0 for no limit: beyond them its senders are told
    /// to wait.
    #[arg(long, value_name = "GIB")]
    quota_gib: Option<u64>,
}

/// What becomes of mail that does not pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Mode {
    /// It is refused.
    Enforce,
    /// It is kept for review and never acted on: to find out what the rules must say.
    Learning,
}

impl SourceArgs {
    /// Changes what was said.
    pub(crate) fn apply(&self, tenant: &mut Tenant) -> anyhow::Result<()> {
        let rules = &mut tenant.sources;
        if !self.network.is_empty() {
            rules.networks.clear();
            for written in checked(&self.network)? {
                match written {
                    "microsoft365" => {
                        for known in MICROSOFT_365 {
                            rules.networks.push(known.parse().context("a known network")?);
                        }
                    }
                    other => {
                        let network = other.parse().or_else(|_| {
                            other.parse().map(|address: std::net::IpAddr| address.into())
                        });
                        let network = network.with_context(|| {
                            format!("--network {other}: write it like 192.0.2.0/24")
                        })?;
                        rules.networks.push(network);
                    }
                }
            }
        }
        for (written, names, flag) in [
            (&self.client_name, &mut rules.client_names, "--client-name"),
            (&self.originator_org, &mut rules.originator_orgs, "--originator-org"),
        ] {
            if !written.is_empty() {
                *names = checked(written)?
                    .into_iter()
                    .map(|name| {
                        let domain = Domain::parse(name).with_context(|| format!("{flag} {name}"));
                        Ok(domain?.to_string())
                    })
                    .collect::<anyhow::Result<_>>()?;
            }
        }
        match self.mode {
            None => {}
            Some(Mode::Enforce) => rules.mode = SourceMode::Enforce,
            Some(Mode::Learning) => rules.mode = SourceMode::Learning,
        }
        let total = rules.networks.len() + rules.client_names.len() + rules.originator_orgs.len();
        anyhow::ensure!(total <= RULES_MAX, "that is more than {RULES_MAX} rules");
        if let Some(gib) = self.quota_gib {
            let octets = gib.checked_mul(1 << 30).context("--quota-gib is too large")?;
            tenant.quota_octets = (octets > 0).then_some(octets);
        }
        Ok(())
    }
}

/// `any` alone empties a list.
fn checked(written: &[String]) -> anyhow::Result<Vec<&str>> {
    let words: Vec<&str> = written.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["any"] => Ok(Vec::new()),
        words if words.contains(&"any") => anyhow::bail!("`any` stands alone"),
        _ => Ok(words),
    }
}

/// One line a rule, for a person.
pub(crate) fn describe(tenant: &Tenant) -> Vec<String> {
    let SourceRules { mode, networks, client_names, originator_orgs, copy_key_sha256 } =
        &tenant.sources;
    let list = |items: Vec<String>| match items.is_empty() {
        true => "any".to_owned(),
        false => items.join(", "),
    };
    let networks = list(networks.iter().map(ToString::to_string).collect());
    let quota = match tenant.quota_octets {
        Some(octets) => format!("{} GiB", octets >> 30),
        None => "none".to_owned(),
    };
    let other = match mode {
        SourceMode::Enforce => {
            "refused; what has not the shape of a report is kept, never acted on"
        }
        SourceMode::Learning => "kept for review, never acted on (learning)",
    };
    vec![
        format!("networks        {networks}"),
        format!("certificate     {}", list(client_names.clone())),
        format!("originator org  {}", list(originator_orgs.clone())),
        format!(
            "plain copies    {}",
            match copy_key_sha256 {
                Some(_) => "acted on where they carry the routing rule's key",
                None => "never acted on",
            }
        ),
        format!("other mail      {other}"),
        format!("quota           {quota}"),
    ]
}

/// What to do next, where anybody who knows the address may send reports.
pub(crate) fn warning(tenant: &Tenant) -> Option<String> {
    is_open(tenant).then(|| {
        format!(
            "Anybody who learns that address can send reports to it. Say where yours come from:\n\
             {}\nand, when nothing good is kept for review any more, `--mode enforce`.",
            command(tenant)
        )
    })
}

/// Whether whoever knows its address can have mail acted on as a tenant's. Copies of a routing rule
/// at Google say by their key where they come from; networks would refuse them.
pub(crate) fn is_open(tenant: &Tenant) -> bool {
    let has_key = tenant.google.is_some() && tenant.sources.copy_key_sha256.is_some();
    tenant.sources.is_empty() && !has_key
}

/// The command that says where a tenant's reports come from, to be filled in.
pub(crate) fn command(tenant: &Tenant) -> String {
    // Quoted for a shell: a name is what somebody once typed.
    let name = tenant.name.replace('\'', r"'\''");
    if tenant.google.is_some() {
        return format!("clawback tenant set --tenant '{name}' --new-copy-key");
    }
    format!(
        "clawback tenant set --tenant '{name}' --network microsoft365 \
         --originator-org YOURS.onmicrosoft.com --mode learning"
    )
}

// spec: microsoft365:endpoints — set 10, worldwide; other clouds have their own.
const MICROSOFT_365: [&str; 6] = [
    "40.92.0.0/15",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "104.47.0.0/17",
    "2a01:111:f400::/48",
    "2a01:111:f403::/48",
];
const RULES_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use clap::Parser;
    use clawback_core::TenantId;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        sources: SourceArgs,
    }

    fn applied(tenant: &mut Tenant, line: &str) -> anyhow::Result<()> {
        Line::try_parse_from(line.split_whitespace())?.sources.apply(tenant)
    }

    fn tenant() -> Tenant {
        Tenant::new(TenantId::from_octets([1; 16]), "Example Corp".to_owned(), Vec::new())
    }

    #[test]
    fn what_is_said_changes_and_the_rest_stays() {
        let mut tenant = tenant();
        assert!(warning(&tenant).is_some());
        applied(
            &mut tenant,
            "set --network microsoft365 --network 192.0.2.1 --originator-org \
             Corp.onmicrosoft.com --mode learning --quota-gib 20",
        )
        .unwrap();
        assert_eq!(tenant.sources.networks.len(), 7);
        assert_eq!(tenant.sources.originator_orgs, ["corp.onmicrosoft.com"]);
        assert_eq!(tenant.sources.mode, SourceMode::Learning);
        assert_eq!(tenant.quota_octets, Some(20 << 30));
        assert!(warning(&tenant).is_none());
        applied(&mut tenant, "set --network any --mode enforce").unwrap();
        assert!(tenant.sources.networks.is_empty());
        assert_eq!(tenant.sources.originator_orgs.len(), 1, "not spoken of");
        let lines = describe(&tenant).join("\n");
        assert!(lines.contains("networks        any") && lines.contains("20 GiB"), "{lines}");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for line in [
            "set --network 192.0.2.0/40",
            "set --network any --network 192.0.2.0/24",
            "set --originator-org not_a@domain",
            "set --quota-gib 99999999999999",
        ] {
            assert!(applied(&mut tenant(), line).is_err(), "{line}");
        }
    }
}
