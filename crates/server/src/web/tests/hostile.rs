//! Every field a stranger can write, written by a stranger who means harm, on every page that
//! shows it: nothing of it may become markup, a link or turned-round text.

use clawback_core::policy::Destination;
use clawback_core::record::{AttachmentLine, LinkLine, MessageRecord};
use clawback_core::{Disposition, Evidence, Finding, Region, Severity};

use super::world::{World, recipient};

const EVIL: &str = "\u{202e}\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u{2066}&amp;";

fn poison(record: &mut MessageRecord) {
    let evil = || EVIL.to_owned();
    record.identity.message_id = evil();
    record.identity.subject = evil();
    let summary = &mut record.summary;
    summary.from_name = evil();
    summary.from_address = evil();
    summary.envelope_from = evil();
    summary.reply_to = evil();
    summary.subject = format!("{EVIL} {}", "long ".repeat(60));
    summary.direction = evil();
    summary.network_message_id = Some(evil());
    summary.client_ip = Some(evil());
    summary.authentication = format!("spf={EVIL} {EVIL}");
    summary.links = vec![
        LinkLine { target: format!("https://lure.example/{EVIL}"), text: evil() },
        LinkLine { target: format!("javascript:{EVIL}"), text: "https://corp.example".to_owned() },
    ];
    summary.attachments = vec![AttachmentLine {
        name: evil(),
        declared: evil(),
        found: evil(),
        octets: 1,
        sha256: evil(),
    }];
    let mut odd = recipient("anna@corp.example");
    (odd.written, odd.kind, odd.via) = (evil(), evil(), Some(evil()));
    record.recipients = vec![odd, recipient("\"<script>alert(2)</script>\"@corp.example")];
    record.defects = vec![evil()];
    let evidence = Evidence::new(EVIL, EVIL, EVIL);
    let finding = Finding::new(EVIL, EVIL, Severity::High, evidence);
    record.verdict.findings = vec![finding.says(Disposition::Malicious)];
    record.verdict.decided_by = Some(evil());
    record.verdict.allowed_by = Some(evil());
}

#[tokio::test]
async fn nothing_out_of_mail_becomes_markup_a_link_or_turned_text() {
    let world = World::new().await;
    let tenant = world.store.tenant(world.tenant, &Region::global());
    let settings = tenant.settings().await.unwrap();
    let policy = settings.auto_retract.with(Disposition::Malicious, Destination::Junk).unwrap();
    let actor = clawback_core::audit::Actor::system("test");
    tenant.save_auto_retract(settings.version, policy, &actor).await.unwrap();
    let id = world.recorded(world.tenant, poison).await;
    let mut browser = world.signed_in().await;
    let job = browser.get("/jobs").await.body;
    let job = job.split("data-href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let message = format!("/messages/{id}");
    let search = format!(
        "/trace?q={}",
        url::form_urlencoded::byte_serialize("<script>alert(1)</script>".as_bytes())
            .collect::<String>()
    );
    for path in ["/", "/trace", &message, "/jobs", &job, "/audit", &search] {
        let page = browser.get(path).await.body;
        assert!(page.contains("<h1"), "{path}");
        assert!(!page.contains("<script>"), "{path}: markup");
        assert!(!page.contains("<img"), "{path}: markup");
        assert!(!page.contains("onerror=alert(1)>"), "{path}: markup");
        assert!(!page.contains("href=\"javascript"), "{path}: link");
        assert!(!page.contains("https://lure.example"), "{path}: not defanged");
        assert!(!visible(&page).contains(['\u{202e}', '\u{2066}']), "{path}: turned text");
    }
}

/// The page without its attribute values: what turns text round does no harm in them.
fn visible(page: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for character in page.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}
