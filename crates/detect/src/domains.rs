//! Domains that many strangers share: free mail, hosting, shorteners.
//!
//! Such a domain says nothing about who wrote or who published; its name alone is never held
//! against a message.

/// Whether a domain is one that strangers share for mail or pages.
pub fn is_shared(domain: &str) -> bool {
    FREE_MAIL.contains(&domain) || HOSTING.contains(&domain) || SHORTENERS.contains(&domain)
}

/// Whether anybody can have a mailbox in a domain.
pub(crate) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.contains(&domain)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_share_is_known_by_its_whole_name() {
        assert!(is_shared("web.app") && is_shared("gmail.com") && is_shared("bit.ly"));
        assert!(!is_shared("notweb.app") && !is_shared("shop.example.net"));
        assert!(is_free_mail("gmail.com") && !is_free_mail("web.app"));
    }
}
