//! Domains that many strangers share: free mail, hosting, shorteners, link wrappers of senders.
//!
//! Such a domain says nothing about who wrote or who published; its name alone is never held
//! against a message.

use crate::lists::above;

/// Whether a domain is one that strangers share for mail or pages.
pub fn is_shared(domain: &str) -> bool {
    FREE_MAIL.contains(&domain) || HOSTING.contains(&domain) || SHORTENERS.contains(&domain)
}

/// Whether anybody can have a mailbox in a domain.
pub(crate) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.contains(&domain)
}

/// The hosting under which anybody can publish a page at once, where a host lies there.
pub(crate) fn hosting_of(host: &str) -> Option<&'static str> {
    above(host).find_map(|name| HOSTING.iter().find(|hosting| **hosting == name).copied())
}

/// Whether a host belongs to a service that counts clicks for senders.
pub(crate) fn is_click_counter(host: &str) -> bool {
    above(host).any(|name| CLICK_COUNTERS.contains(&name))
}

/// Whether a host shortens links for anybody.
pub(crate) fn is_shortener(host: &str) -> bool {
    above(host).any(|name| SHORTENERS.contains(&name))
}

const FREE_MAIL: [&str; 46] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.fr",
    "hotmail.de",
    "hotmail.co.uk",
    "live.com",
    "live.fr",
    "msn.com",
    "outlook.de",
    "outlook.fr",
    "yahoo.com",
    "yahoo.fr",
    "yahoo.de",
    "yahoo.co.uk",
    "yahoo.co.jp",
    "ymail.com",
    "rocketmail.com",
    "aol.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "gmx.de",
    "gmx.net",
    "gmx.com",
    "gmx.at",
    "gmx.ch",
    "web.de",
    "t-online.de",
    "freenet.de",
    "mail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "proton.me",
    "protonmail.com",
    "tutanota.com",
    "zoho.com",
    "orange.fr",
    "laposte.net",
    "free.fr",
    "wanadoo.fr",
    "qq.com",
    "163.com",
    "126.com",
];

const HOSTING: [&str; 44] = [
    "web.app",
    "firebaseapp.com",
    "firebasestorage.googleapis.com",
    "storage.googleapis.com",
    "appspot.com",
    "sites.google.com",
    "docs.google.com",
    "drive.google.com",
    "forms.gle",
    "github.io",
    "gitlab.io",
    "githubusercontent.com",
    "pages.dev",
    "workers.dev",
    "r2.dev",
    "netlify.app",
    "vercel.app",
    "herokuapp.com",
    "onrender.com",
    "glitch.me",
    "replit.app",
    "azurewebsites.net",
    "blob.core.windows.net",
    "web.core.windows.net",
    "sharepoint.com",
    "amazonaws.com",
    "digitaloceanspaces.com",
    "backblazeb2.com",
    "dropbox.com",
    "box.com",
    "weebly.com",
    "weeblysite.com",
    "wixsite.com",
    "wordpress.com",
    "blogspot.com",
    "webflow.io",
    "square.site",
    "godaddysites.com",
    "typeform.com",
    "jotform.com",
    "notion.site",
    "ipfs.io",
    "dweb.link",
    "duckdns.org",
];

const SHORTENERS: [&str; 18] = [
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "rb.gy",
    "shorturl.at",
    "t.ly",
    "s.id",
    "lnkd.in",
    "youtu.be",
    "aka.ms",
    "qrco.de",
    "linktr.ee",
];

const CLICK_COUNTERS: [&str; 35] = [
    "list-manage.com",
    "mandrillapp.com",
    "sendgrid.net",
    "mailgun.org",
    "mailchimp.com",
    "mjt.lu",
    "mailjet.com",
    "sendinblue.com",
    "sibautomation.com",
    "brevo.com",
    "klclick.com",
    "klclick1.com",
    "klaviyomail.com",
    "hubspotlinks.com",
    "hubspot.com",
    "exacttarget.com",
    "exct.net",
    "rs6.net",
    "constantcontact.com",
    "cmail19.com",
    "cmail20.com",
    "createsend.com",
    "awstrack.me",
    "getresponse.com",
    "cleverreach.com",
    "inxmail.com",
    "doubleclick.net",
    "emltrk.com",
    "activehosted.com",
    "pstmrk.it",
    "customeriomail.com",
    "mimecastprotect.com",
    "sidekickopen54.com",
    "protection.sophos.com",
    "mimecast.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosting_is_found_below_a_shared_name_only() {
        assert_eq!(hosting_of("login-page.web.app"), Some("web.app"));
        assert_eq!(hosting_of("notweb.app"), None);
        assert!(is_click_counter("u12.ct.sendgrid.net"));
        assert!(!is_click_counter("shop.example.net"));
    }
}
