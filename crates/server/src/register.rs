//! `clawback microsoft register`: a key and a certificate for the app registration, and a script
//! that creates the registration with the permissions that retraction needs and nothing more.
//!
//! Nothing is sent anywhere: the script runs where an administrator of the organisation is signed
//! in. The key stays in a file that only its owner reads.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clawback_core::{Clock as _, UnixMillis};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};
use url::Url;

use crate::cli::{MicrosoftCommand, ShellKind};
use crate::clock::SystemClock;
use crate::tls::write_private;

/// `clawback microsoft …`
pub(crate) fn run(command: MicrosoftCommand) -> anyhow::Result<()> {
    let MicrosoftCommand::Register { name, out, days, public_url, shell, groups } = command;
    std::fs::create_dir_all(&out).with_context(|| format!("make {}", out.display()))?;
    let files = Files::in_folder(&out);
    for file in [&files.certificate, &files.key] {
        anyhow::ensure!(
            !file.exists(),
            "{} is there already: name another folder, so that no key in use is lost",
            file.display()
        );
    }
    let certificate = make(&files, &name, days, SystemClock.now())?;
    let app = Registration { name: &name, redirect: public_url.join(BACK)?, groups };
    let (file, script) = match shell {
        ShellKind::Powershell => ("register.ps1", app.powershell(&certificate)),
        ShellKind::Az => ("register.sh", app.az(&files.certificate)),
    };
    let path = out.join(file);
    std::fs::write(&path, script).with_context(|| format!("write {}", path.display()))?;
    println!("{}  the key: keep it as you keep a password", files.key.display());
    println!("{}  its certificate, for {days} days", files.certificate.display());
    println!("{}  creates the app registration", path.display());
    println!();
    println!(
        "Run the script where an administrator of the organisation is signed in. It prints the"
    );
    println!("application (client) id. Then, in clawback.toml:");
    println!();
    println!("[microsoft]");
    println!("client_id = \"…\"");
    println!("certificate_file = \"{}\"", files.certificate.display());
    println!("key_file = \"{}\"", files.key.display());
    println!();
    println!("and Authorize under Authorization at {public_url}.");
    Ok(())
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn in_folder(folder: &Path) -> Self {
        Self { certificate: folder.join("microsoft.pem"), key: folder.join("microsoft.key") }
    }
}

/// Makes both files; gives the certificate's text.
fn make(files: &Files, name: &str, days: u16, now: UnixMillis) -> anyhow::Result<String> {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).context("make a key")?;
    let mut params = CertificateParams::new(Vec::new()).context("make a certificate")?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    let now = jiff::Timestamp::from_millisecond(i64::try_from(now.0)?)?;
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let begins = |date: jiff::civil::Date| {
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        rcgen::date_time_ymd(i32::from(date.year()), month, day)
    };
    params.not_before = begins(today.yesterday()?);
    params.not_after = begins(today.checked_add(jiff::Span::new().days(i64::from(days)))?);
    let certificate = params.self_signed(&key).context("sign the certificate")?.pem();
    write_private(&files.key, key.serialize_pem().as_bytes())?;
    std::fs::write(&files.certificate, &certificate)
        .with_context(|| format!("write {}", files.certificate.display()))?;
    Ok(certificate)
}

/// What is to be registered.
struct Registration<'a> {
    name: &'a str,
    redirect: Url,
    groups: bool,
}

impl Registration<'_> {
    fn roles(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let groups = self.groups;
        ROLES.iter().filter(move |(name, _)| groups || *name != "GroupMember.Read.All")
    }

    fn powershell(&self, certificate: &str) -> String {
        let roles: String = self
            .roles()
            .map(|(name, id)| format!("    @{{ Id = '{id}'; Type = 'Role' }}  # {name}\n"))
            .collect();
        let body: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
        format!(
            "# Creates the app registration that clawback retracts mail by. Needs the module\n\
             # Microsoft.Graph.Applications, and an account that may register applications.\n\
             $ErrorActionPreference = 'Stop'\n\
             Connect-MgGraph -Scopes 'Application.ReadWrite.All' -NoWelcome\n\
             $roles = @(\n{roles})\n\
             $key = @{{\n    Type = 'AsymmetricX509Cert'\n    Usage = 'Verify'\n    \
             Key = [Convert]::FromBase64String('{body}')\n}}\n\
             $app = New-MgApplication -DisplayName {name} -SignInAudience AzureADMyOrg `\n    \
             -Web @{{ RedirectUris = @({redirect}) }} -KeyCredentials @($key) `\n    \
             -RequiredResourceAccess @(@{{ ResourceAppId = '{GRAPH}'; ResourceAccess = $roles }})\n\
             New-MgServicePrincipal -AppId $app.AppId | Out-Null\n\
             \"client_id = `\"$($app.AppId)`\"\"\n",
            name = quoted(self.name),
            redirect = quoted(self.redirect.as_str()),
        )
    }

    fn az(&self, certificate: &Path) -> String {
        let roles: Vec<String> =
            self.roles().map(|(_, id)| format!("{{\"id\":\"{id}\",\"type\":\"Role\"}}")).collect();
        let access =
            format!("[{{\"resourceAppId\":\"{GRAPH}\",\"resourceAccess\":[{}]}}]", roles.join(","));
        format!(
            "#!/bin/sh\n\
             # Creates the app registration that clawback retracts mail by. Needs the Azure CLI,\n\
             # signed in (az login --allow-no-subscriptions) as who may register applications.\n\
             set -eu\n\
             app=$(az ad app create --display-name {name} --sign-in-audience AzureADMyOrg \\\n  \
             --web-redirect-uris {redirect} \\\n  \
             --required-resource-accesses '{access}' --query appId --output tsv)\n\
             az ad app credential reset --id \"$app\" --append --cert @{certificate} --output none\n\
             az ad sp create --id \"$app\" --output none\n\
             echo \"client_id = \\\"$app\\\"\"\n",
            name = quoted(self.name),
            redirect = quoted(self.redirect.as_str()),
            certificate = quoted(&certificate.display().to_string()),
        )
    }
}

/// In single quotes for either shell; what would end them is left out.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace(['\'', '\n', '\r'], ""))
}

/// The path under which the dashboard takes the answer.
const BACK: &str = "/auth/microsoft";
/// Microsoft Graph, as a resource.
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// The application permissions, with their ids at that resource.
// spec: graph:permissions-reference
const ROLES: [(&str, &str); 4] = [
    ("Mail.ReadWrite", "e2a3a72e-5f79-4c64-b1b1-878b674786c9"),
    ("User.Read.All", "df021288-bdef-4463-88db-98f22de89214"),
    ("Organization.Read.All", "498476ce-e0fe-48b0-b801-37ba7e2685c6"),
    ("GroupMember.Read.All", "98830695-27a2-44f7-8c18-0c3ebc9698f6"),
];

#[cfg(test)]
mod tests {
    use clawback_remote::Secret;
    use clawback_remote::microsoft::Certificate;

    use super::*;

    #[test]
    fn the_certificate_can_be_used_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_folder(folder.path());
        let now = UnixMillis(1_789_459_920_000);
        let certificate = make(&files, "clawback", 365, now).unwrap();
        let key = Secret::new(std::fs::read_to_string(&files.key).unwrap());
        let read = Certificate::read(&certificate, &key).unwrap();
        let days = read.expires().since(now).as_secs() / 86_400;
        assert_eq!(days, 364, "365 begun days");
    }

    #[test]
    fn scripts_ask_for_what_is_needed_and_hold_no_strangers_quotes() {
        let redirect = "https://claw.corp.example/auth/microsoft".parse().unwrap();
        let app = Registration { name: "it's; rm -rf /", redirect, groups: false };
        for script in [
            app.powershell("-----BEGIN X-----\nAAAA\n-----END X-----\n"),
            app.az(Path::new("/c.pem")),
        ] {
            assert!(script.contains("'its; rm -rf /'"), "{script}");
            assert!(script.contains("e2a3a72e-5f79-4c64-b1b1-878b674786c9"));
            assert!(!script.contains("98830695"), "groups were not asked for");
            assert!(script.contains("'https://claw.corp.example/auth/microsoft'"));
        }
        assert!(app.powershell("-----BEGIN X-----\nAAAA\nBBBB\n").contains("'AAAABBBB'"));
    }
}
