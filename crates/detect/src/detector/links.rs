//! Links that show one thing and lead to another.

use std::net::IpAddr;

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::Domain;

use crate::brands;
use crate::case::{Case, Standing};
use crate::catalogue::{
    LINK_DISGUISED, LINK_DISGUISED_CREDENTIALS, LINK_IP, LINK_MISMATCH_CREDENTIALS,
    LINK_TEXT_MISMATCH,
};
use crate::domains::{is_click_counter, is_shortener};
use crate::fold::{fold_text, stand_ins};
use crate::target::Target;
use crate::words::Theme;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    mismatch(case, findings);
    disguise(case, findings);
}

fn mismatch(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let differing = case.targets.iter().filter_map(|target| {
        let shown = target.shown.as_ref()?;
        let leads_elsewhere = target.domain.as_ref() != Some(shown);
        (leads_elsewhere && !is_expected(case, target, shown)).then(|| {
            let text = &target.link.text;
            Evidence::new(target.place(), format!("{text} → {}", target.url), "shown → target")
        })
    });
    let credential = case.wording.phrases(Theme::Credential);
    let is_worse =
        !case.is_discussion && (!credential.is_empty() || case.standing == Standing::Failed);
    let rule = if is_worse { LINK_MISMATCH_CREDENTIALS } else { LINK_TEXT_MISMATCH };
    let Some(mut finding) = rule.found_all(differing) else { return };
    if is_worse && !credential.is_empty() {
        finding = finding.with(Evidence::new("subject and text", credential.join(", "), ""));
    }
    if is_worse && case.standing == Standing::Failed {
        finding = finding.with(case.authentication_evidence());
    }
    findings.push(finding);
}

/// Whether a link may lead elsewhere than it shows without being a lie.
fn is_expected(case: &Case<'_>, target: &Target<'_>, shown: &Domain) -> bool {
    let Some(domain) = &target.domain else { return false };
    if is_click_counter(&target.host)
        || is_shortener(&target.host)
        || case.is_senders(domain) && case.standing != Standing::Failed
    {
        return true;
    }
    let same_owner = brands::owner_of(domain).is_some_and(|brand| brand.owns(shown));
    let same_name = first_label(domain) == first_label(shown);
    // A sender who proved who they are may count clicks on links to their own pages, and a mass
    // mail's counter names where it leads on to.
    let proved = case.standing == Standing::Passed;
    same_owner
        || same_name
        || (proved && case.is_senders(shown))
        || (case.standing != Standing::Failed
            && case.is_senders(shown)
            && is_counter_of_most(case, domain))
        || ((proved || case.is_mass_mail) && target.carries(shown))
        || (case.is_mass_mail && is_counter_of_most(case, domain))
        || stands_for_several(case, domain)
}

fn first_label(domain: &Domain) -> &str {
    domain.as_str().split('.').next().unwrap_or_default()
}

/// Whether most links lead through one domain, as they do where clicks are counted.
fn is_counter_of_most(case: &Case<'_>, domain: &Domain) -> bool {
    let through = case.targets.iter().filter(|t| t.domain.as_ref() == Some(domain)).count();
    through >= COUNTED_LINKS_MIN && through * 2 > case.targets.len()
}

/// Whether links that show different domains lead through one: a counter does that, a lure
/// pretends to be one place. Words about an account end this trust.
fn stands_for_several(case: &Case<'_>, domain: &Domain) -> bool {
    if case.wording.count(Theme::Credential) > 0 {
        return false;
    }
    let through = case.targets.iter().filter(|target| target.domain.as_ref() == Some(domain));
    let mut shown: Vec<&Domain> = through.filter_map(|target| target.shown.as_ref()).collect();
    shown.sort_unstable();
    shown.dedup();
    shown.len() >= SHOWN_DOMAINS_MIN
}

fn disguise(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let disguised: Vec<Evidence> = case.targets.iter().filter_map(disguised).collect();
    let bare: Vec<Evidence> = case
        .targets
        .iter()
        .filter(|target| target.ip().is_some_and(|ip| is_public(&ip)))
        .map(|target| Evidence::new(target.place(), &target.url, "an IP address as host"))
        .collect();
    let credential = case.wording.phrases(Theme::Credential);
    let asks = credential.len() >= 2 && !case.is_discussion;
    if asks && !(disguised.is_empty() && bare.is_empty()) {
        let words = Evidence::new("subject and text", credential.join(", "), "");
        let evidence = disguised.into_iter().chain(bare);
        findings
            .extend(LINK_DISGUISED_CREDENTIALS.found_all(std::iter::once(words).chain(evidence)));
    } else {
        findings.extend(LINK_DISGUISED.found_all(disguised));
        findings.extend(LINK_IP.found_all(bare));
    }
}

fn disguised(target: &Target<'_>) -> Option<Evidence> {
    if target.user.contains('.') && Domain::parse(&target.user).is_ok() {
        let note = format!("leads to {}, not to {}", target.host, target.user);
        return Some(Evidence::new(target.place(), &target.link.href, note));
    }
    let domain = target.domain.as_ref()?;
    let (unicode, _) = idna::domain_to_unicode(domain.as_str());
    let label = unicode.split('.').next().unwrap_or_default();
    if label.is_ascii() {
        return None;
    }
    let folded = stand_ins(&fold_text(label, LABEL_OCTETS_MAX));
    let brand = brands::all().find(|brand| stand_ins(&brand.name.replace(' ', "")) == folded)?;
    let note = format!("{unicode} reads like {}", brand.name);
    Some(Evidence::new(target.place(), &target.url, note))
}

fn is_public(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => !(v4.is_private() || v4.is_loopback() || v4.is_link_local()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

/// Fewer links through one domain do not make it a counter.
const COUNTED_LINKS_MIN: usize = 3;
const LABEL_OCTETS_MAX: usize = 256;
const SHOWN_DOMAINS_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    fn by() -> Sample {
        Sample::new().from("x <a@b.example>")
    }

    #[test]
    fn mismatch_table() {
        let link = |href: &str, text: &str| by().html(&format!("<a href=\"{href}\">{text}</a>"));
        let lie = || link("https://lure.example.net/x", "https://www.bank.example/login");
        let safe = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.bank.example%2F&data=x";
        assert_rules(&[
            ("a lie", lie(), &["link-text-mismatch"]),
            (
                "a lie, failed",
                lie().auth("dmarc=fail compauth=fail reason=001"),
                &["authentication-failed", "link-mismatch-credentials"],
            ),
            (
                "a lie about an account",
                lie().subject("Verify your account"),
                &["link-mismatch-credentials"],
            ),
            ("the truth", link("https://www.bank.example/x", "bank.example"), &[]),
            ("rewritten by a gateway", link(safe, "www.bank.example"), &[]),
            (
                "click counter",
                link("https://u1.ct.sendgrid.net/ls/click?x=1", "www.bank.example"),
                &[],
            ),
            (
                "the sender's own counter",
                link("https://click.b.example/1", "www.bank.example"),
                &[],
            ),
            (
                "country site",
                link("https://www.bank.example.net/x", "www.bank.example"),
                &["link-text-mismatch"],
            ),
            ("words", link("https://lure.example.net/x", "Click here"), &[]),
            (
                "own page, sender proved",
                link("https://count.example.net/1", "www.b.example").auth("dmarc=pass"),
                &[],
            ),
        ]);
    }

    #[test]
    fn disguise_table() {
        let link = |href: &str| by().html(&format!("<a href=\"{href}\">Open</a>"));
        let asks = "Unusual activity: verify your account";
        assert_rules(&[
            (
                "user before host",
                link("https://www.bank.example@lure.example.net/"),
                &["link-disguised-host"],
            ),
            ("real user", link("https://anna@files.example.net/"), &[]),
            ("homograph", link("https://p\u{430}ypal.com/"), &["link-disguised-host"]),
            ("honest IDN", link("https://b\u{fc}cher.example/"), &[]),
            ("IP", link("http://192.0.2.7/x"), &["link-ip-host"]),
            ("private IP", link("http://10.0.0.7/x"), &[]),
            (
                "IP that asks",
                link("http://192.0.2.7/x").subject(asks),
                &["link-disguised-credentials"],
            ),
        ]);
    }
}
