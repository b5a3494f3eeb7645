//! Domains of senders whose names phishing likes to forge.
//!
//! A stated failure of authentication weighs more for these: their owners sign all their mail. What
//! a display name or a text claims is for the rules of the pack.

use clawback_mail::address::Domain;

/// Whether a domain belongs to a much-imitated sender.
///
/// A country's domain counts by its first label (`paypal.de`): registering that is a case for
/// courts and rare in phishing, while the true ones are many.
pub(crate) fn is_much_imitated(domain: &Domain) -> bool {
    let registrable = domain.registrable();
    let label = registrable.as_str().split('.').next().unwrap_or_default();
    LABELS.binary_search(&label).is_ok() || DOMAINS.binary_search(&registrable.as_str()).is_ok()
}

/// First labels, whatever stands behind them; sorted.
const LABELS: [&str; 72] = [
    "aarp",
    "adobe",
    "aldi",
    "amazon",
    "ameli",
    "americanexpress",
    "bancodobrasil",
    "bankofamerica",
    "barclays",
    "binance",
    "bradesco",
    "carrefour",
    "chronopost",
    "citibank",
    "coinbase",
    "commerzbank",
    "correos",
    "costco",
    "creditagricole",
    "dhl",
    "digid",
    "docusign",
    "dpd",
    "dropbox",
    "ebay",
    "exodus",
    "facebook",
    "fedex",
    "geeksquad",
    "gls",
    "harborfreight",
    "homedepot",
    "hsbc",
    "icloud",
    "instagram",
    "itunes",
    "kaufland",
    "kraken",
    "ledger",
    "lidl",
    "linkedin",
    "livelo",
    "mcafee",
    "mercadopago",
    "metamask",
    "microsoft",
    "netflix",
    "norton",
    "office365",
    "omahasteaks",
    "onedrive",
    "opensea",
    "paypal",
    "postbank",
    "royalmail",
    "santander",
    "sharepoint",
    "sparkasse",
    "spotify",
    "statefarm",
    "telekom",
    "tether",
    "tmobile",
    "trezor",
    "trustwallet",
    "uniswap",
    "unitedhealthcare",
    "usps",
    "walmart",
    "wellsfargo",
    "whatsapp",
    "youtube",
];

/// Whole registrable domains; sorted.
const DOMAINS: [&str; 84] = [
    "aarp.org",
    "adobesign.com",
    "aexp.com",
    "aldi-nord.de",
    "aldi-sued.de",
    "amazonaws.com",
    "amazonses.com",
    "amex.com",
    "apple.com",
    "assurance-maladie.fr",
    "azure.com",
    "barclaycard.co.uk",
    "bb.com.br",
    "bestbuy.com",
    "bofa.com",
    "bradesco.com.br",
    "ca-paris.fr",
    "citi.com",
    "citigroup.com",
    "credit-agricole.fr",
    "deutsche-bank.de",
    "deutschepost.de",
    "dhlparcel.co.uk",
    "dhlparcel.nl",
    "digid.nl",
    "docusign.net",
    "dpdgroup.com",
    "dpdhl.com",
    "dpdlocal.co.uk",
    "dropboxmail.com",
    "echosign.com",
    "exodus.com",
    "facebookmail.com",
    "fb.com",
    "fedexmail.com",
    "gendigital.com",
    "gls-germany.com",
    "gls-group.com",
    "gls-group.eu",
    "google.com",
    "gruposantander.com",
    "harborfreight.com",
    "homedepot.com",
    "hotmail.com",
    "informeddelivery.com",
    "kaufland-online.de",
    "ledger.com",
    "ledger.fr",
    "live.com",
    "livelo.com.br",
    "marketplace.amazon.com",
    "me.com",
    "mercadolibre.com",
    "mercadopago.com.br",
    "meta.com",
    "metamask.io",
    "microsoft.com",
    "microsoftonline.com",
    "ml.com",
    "nortonlifelock.com",
    "office.com",
    "office365.com",
    "omahasteaks.com",
    "onmicrosoft.com",
    "opensea.io",
    "outlook.com",
    "paypal-communication.com",
    "paypal-mktg.com",
    "royalmail.com",
    "s-finanzgruppe.de",
    "sharepointonline.com",
    "sparkassen.de",
    "spotifymail.com",
    "t-mobile.com",
    "t-online.de",
    "telekom.de",
    "tether.to",
    "trezor.io",
    "trustwallet.com",
    "uhc.com",
    "uniswap.org",
    "wf.com",
    "windows.com",
    "youtu.be",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_known_by_its_own_and_its_countries_domains() {
        let known = |domain| is_much_imitated(&Domain::parse(domain).unwrap());
        assert!(known("mail.paypal.com") && known("paypal.de") && known("paypal-mktg.com"));
        assert!(!known("paypal-secure.com") && !known("paypal.com.lure.example"));
    }

    #[test]
    fn the_tables_are_sorted_for_the_search() {
        assert!(LABELS.is_sorted() && DOMAINS.is_sorted());
    }
}
