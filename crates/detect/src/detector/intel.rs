//! What somebody says is bad: links, senders, addresses, attachments, subjects.

use clawback_core::verdict::{Evidence, Finding};
use clawback_mail::address::{Address, Domain};
use clawback_mail::indicator::{IndicatorKind, normalise};

use crate::case::Case;
use crate::catalogue::{
    INTEL_ADDRESS, INTEL_DOMAIN, INTEL_HASH, INTEL_HOST, INTEL_IP, INTEL_LOW_CONFIDENCE,
    INTEL_SUBJECT, INTEL_URL, Rule,
};
use crate::intel::Hit;

pub(crate) fn look(case: &Case<'_>, findings: &mut Vec<Finding>) {
    if case.knowledge.intel().is_empty() {
        return;
    }
    let least = case.knowledge.thresholds().intel_confidence;
    let mut hits = Hits { found: Vec::new(), least };
    links(case, &mut hits);
    senders(case, &mut hits);
    attachments(case, &mut hits);
    let intel = case.knowledge.intel();
    if let Some(ip) = case.message.provider.client_ip {
        let ip = ip.to_canonical().to_string();
        hits.add(&INTEL_IP, "client address", &ip, intel.find(IndicatorKind::Ip, &ip));
    }
    if let Some(subject) = normalise(IndicatorKind::SubjectKey, &case.message.subject) {
        let hit = intel.find(IndicatorKind::SubjectKey, &subject.value);
        hits.add(&INTEL_SUBJECT, "subject", &case.message.subject, hit);
    }
    findings.extend(hits.found);
}

/// Findings by rule: the first piece of evidence makes one, later ones join it.
struct Hits {
    found: Vec<Finding>,
    /// Below this confidence an entry makes a message SUSPICIOUS, not MALICIOUS.
    least: u8,
}

impl Hits {
    fn add(&mut self, rule: &Rule, place: impl Into<String>, quote: &str, hit: Option<Hit<'_>>) {
        let Some(hit) = hit else { return };
        let rule = if hit.confidence < self.least { &INTEL_LOW_CONFIDENCE } else { rule };
        let mut note = format!("listed by {}, {} % sure", hit.source, hit.confidence);
        if !hit.note.is_empty() {
            note.push_str(": ");
            note.push_str(hit.note);
        }
        let evidence = Evidence::new(place, quote, note);
        match self.found.iter_mut().find(|finding| finding.rule == rule.id) {
            Some(finding) => *finding = finding.clone().with(evidence),
            None => self.found.push(rule.found(evidence)),
        }
    }
}

fn links(case: &Case<'_>, hits: &mut Hits) {
    let intel = case.knowledge.intel();
    for target in &case.targets {
        hits.add(&INTEL_URL, target.place(), &target.url, intel.find_url(&target.url));
        let host = intel.find(IndicatorKind::Host, &target.host);
        hits.add(&INTEL_HOST, target.place(), &target.host, host);
        if let Some(ip) = target.ip() {
            let ip = ip.to_canonical().to_string();
            hits.add(&INTEL_IP, target.place(), &ip, intel.find(IndicatorKind::Ip, &ip));
        }
        if let Ok(host) = Domain::parse(&target.host) {
            domain(case, hits, &target.place(), &host);
        }
    }
}

fn senders(case: &Case<'_>, hits: &mut Hits) {
    let reply_to = case.message.reply_to.iter().filter_map(|m| m.address.as_ref());
    let reply_to = reply_to.map(|address| ("header Reply-To", address));
    for (place, sender) in case.senders().into_iter().chain(reply_to) {
        let sender: &Address = sender;
        let key = sender.key();
        let hit = case.knowledge.intel().find(IndicatorKind::Address, &key);
        hits.add(&INTEL_ADDRESS, place, &key, hit);
        domain(case, hits, place, sender.domain());
    }
}

fn attachments(case: &Case<'_>, hits: &mut Hits) {
    for attachment in &case.message.attachments {
        let digest: String = attachment.sha256.iter().map(|o| format!("{o:02x}")).collect();
        let hit = case.knowledge.intel().find(IndicatorKind::Sha256, &digest);
        hits.add(&INTEL_HASH, format!("attachment {}", attachment.name), &digest, hit);
    }
}

/// Own and trusted domains are never held against a message as a whole.
fn domain(case: &Case<'_>, hits: &mut Hits, place: &str, of: &Domain) {
    if case.knowledge.is_own_or_trusted(of) {
        return;
    }
    if let Some((domain, hit)) = case.knowledge.intel().find_domain(of.as_str()) {
        hits.add(&INTEL_DOMAIN, place, &domain, Some(hit));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Sample, assert_rules};

    #[test]
    fn intel_table() {
        let text = |text: &str| Sample::new().from("x <a@b.example>").text(text);
        assert_rules(&[
            ("URL", text("see https://kit.example.net/login now"), &["intel-url"]),
            (
                "URL inside a rewritten link",
                text(
                    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fkit.example.net%2Flogin&data=x",
                ),
                &["intel-url"],
            ),
            ("host", text("see http://evil.hosted.example/any"), &["intel-host"]),
            ("domain of a link", text("see http://a.lure.example/"), &["intel-domain"]),
            ("domain of the sender", Sample::new().from("x <a@lure.example>"), &["intel-domain"]),
            (
                "reply-to address",
                Sample::new().from("x <a@b.example>").reply_to("Crook@Mail.example"),
                &["intel-address"],
            ),
            ("unsure source", text("see http://maybe.example/"), &["intel-low-confidence"]),
            ("own domain is never listed as a whole", text("see https://www.corp.example/"), &[]),
            ("free mail is never listed as a whole", Sample::new().from("x <a@gmail.com>"), &[]),
            (
                "subject",
                Sample::new().from("x <a@b.example>").subject("Re: Salary review 2026"),
                &["intel-subject"],
            ),
            ("not listed", text("see https://shop.example.net/"), &[]),
        ]);
    }
}
