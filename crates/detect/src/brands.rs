//! Names that phishing likes to borrow, and the domains from which their owners write.
//!
//! A small table of our own: names that mean the brand wherever they stand in a display name, and
//! that are no ordinary words. The tenant's own brand comes from its organisation settings.

use clawback_mail::address::Domain;

use crate::fold::stand_ins;

/// A brand.
#[derive(Debug)]
pub(crate) struct Brand {
    /// Its name in folded words, as it stands in a display name.
    pub(crate) name: &'static str,
    /// Registrable domains that are its owner's, besides those whose first label is the name.
    pub(crate) domains: &'static [&'static str],
}

impl Brand {
    /// Whether a domain is its owner's.
    ///
    /// A country's domain counts by its first label (`paypal.de`): registering that is a case for
    /// courts and rare in phishing, while the true ones are many.
    pub(crate) fn owns(&self, domain: &Domain) -> bool {
        let registrable = domain.registrable();
        let label = registrable.as_str().split('.').next().unwrap_or_default();
        label == self.name.replace(' ', "") || self.domains.contains(&registrable.as_str())
    }
}

/// The brand whose name stands as whole words in a folded display name, the usual stand-ins
/// (`I` for `l`, `0` for `o`) undone.
pub(crate) fn named_in(folded: &str) -> Option<&'static Brand> {
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(stand_ins)
        .collect();
    BRANDS.iter().find(|brand| {
        let name: Vec<String> = brand.name.split(' ').map(stand_ins).collect();
        let joined = name.concat();
        words.contains(&joined) || words.windows(name.len()).any(|window| window == name)
    })
}

/// The brand that owns a domain.
pub(crate) fn owner_of(domain: &Domain) -> Option<&'static Brand> {
    BRANDS.iter().find(|brand| brand.owns(domain))
}

/// Every brand.
pub(crate) fn all() -> impl Iterator<Item = &'static Brand> {
    BRANDS.iter()
}

const BRANDS: &[Brand] = &[
    Brand {
        name: "microsoft",
        domains: &[
            "office.com",
            "outlook.com",
            "microsoftonline.com",
            "office365.com",
            "live.com",
            "hotmail.com",
            "azure.com",
            "onmicrosoft.com",
            "windows.com",
        ],
    },
    Brand { name: "office365", domains: &["microsoft.com", "office.com", "microsoftonline.com"] },
    Brand { name: "sharepoint", domains: &["sharepointonline.com", "microsoft.com"] },
    Brand { name: "onedrive", domains: &["microsoft.com", "live.com"] },
    Brand { name: "paypal", domains: &["paypal-communication.com", "paypal-mktg.com"] },
    Brand {
        name: "amazon",
        domains: &["amazonaws.com", "amazonses.com", "marketplace.amazon.com"],
    },
    Brand { name: "youtube", domains: &["youtu.be", "google.com"] },
    Brand { name: "netflix", domains: &[] },
    Brand { name: "docusign", domains: &["docusign.net"] },
    Brand { name: "dropbox", domains: &["dropboxmail.com"] },
    Brand { name: "facebook", domains: &["facebookmail.com", "meta.com", "fb.com"] },
    Brand { name: "instagram", domains: &["facebookmail.com"] },
    Brand { name: "linkedin", domains: &[] },
    Brand { name: "whatsapp", domains: &["meta.com", "facebookmail.com"] },
    Brand { name: "icloud", domains: &["apple.com", "me.com"] },
    Brand { name: "itunes", domains: &["apple.com"] },
    Brand { name: "adobe", domains: &["adobesign.com", "echosign.com"] },
    Brand {
        name: "dhl",
        domains: &["deutschepost.de", "dpdhl.com", "dhlparcel.nl", "dhlparcel.co.uk"],
    },
    Brand { name: "fedex", domains: &["fedexmail.com"] },
    Brand { name: "usps", domains: &["informeddelivery.com"] },
    Brand { name: "dpd", domains: &["dpdgroup.com", "dpdlocal.co.uk"] },
    Brand { name: "chronopost", domains: &[] },
    Brand { name: "correos", domains: &[] },
    Brand { name: "postbank", domains: &["deutsche-bank.de"] },
    Brand { name: "sparkasse", domains: &["sparkassen.de", "s-finanzgruppe.de"] },
    Brand { name: "commerzbank", domains: &[] },
    Brand { name: "wells fargo", domains: &["wf.com"] },
    Brand { name: "bank of america", domains: &["bofa.com", "ml.com"] },
    Brand { name: "american express", domains: &["aexp.com", "amex.com"] },
    Brand { name: "citibank", domains: &["citi.com", "citigroup.com"] },
    Brand { name: "hsbc", domains: &[] },
    Brand { name: "barclays", domains: &["barclaycard.co.uk"] },
    Brand { name: "santander", domains: &["gruposantander.com"] },
    Brand { name: "credit agricole", domains: &["credit-agricole.fr", "ca-paris.fr"] },
    Brand { name: "binance", domains: &[] },
    Brand { name: "coinbase", domains: &[] },
    Brand { name: "metamask", domains: &["metamask.io"] },
    Brand { name: "ledger", domains: &["ledger.com", "ledger.fr"] },
    Brand { name: "trust wallet", domains: &["trustwallet.com"] },
    Brand { name: "ebay", domains: &[] },
    Brand { name: "mcafee", domains: &[] },
    Brand { name: "norton", domains: &["nortonlifelock.com", "gendigital.com"] },
    Brand { name: "costco", domains: &[] },
    Brand { name: "walmart", domains: &[] },
    Brand { name: "spotify", domains: &["spotifymail.com"] },
    Brand { name: "tether", domains: &["tether.to"] },
    Brand { name: "uniswap", domains: &["uniswap.org"] },
    Brand { name: "opensea", domains: &["opensea.io"] },
    Brand { name: "exodus", domains: &["exodus.com"] },
    Brand { name: "trezor", domains: &["trezor.io"] },
    Brand { name: "kraken", domains: &[] },
    Brand { name: "carrefour", domains: &[] },
    Brand { name: "lidl", domains: &[] },
    Brand { name: "aldi", domains: &["aldi-nord.de", "aldi-sued.de"] },
    Brand { name: "kaufland", domains: &["kaufland-online.de"] },
    Brand { name: "mercado pago", domains: &["mercadolibre.com", "mercadopago.com.br"] },
    Brand { name: "bradesco", domains: &["bradesco.com.br"] },
    Brand { name: "livelo", domains: &["livelo.com.br"] },
    Brand { name: "banco do brasil", domains: &["bb.com.br"] },
    Brand { name: "ameli", domains: &["assurance-maladie.fr"] },
    Brand { name: "telekom", domains: &["t-online.de", "telekom.de"] },
    Brand { name: "geek squad", domains: &["bestbuy.com"] },
    Brand { name: "state farm", domains: &[] },
    Brand { name: "unitedhealthcare", domains: &["uhc.com"] },
    Brand { name: "harbor freight", domains: &["harborfreight.com"] },
    Brand { name: "t mobile", domains: &["t-mobile.com"] },
    Brand { name: "omaha steaks", domains: &["omahasteaks.com"] },
    Brand { name: "home depot", domains: &["homedepot.com"] },
    Brand { name: "gls", domains: &["gls-group.eu", "gls-group.com", "gls-germany.com"] },
    Brand { name: "royal mail", domains: &["royalmail.com"] },
    Brand { name: "aarp", domains: &["aarp.org"] },
    Brand { name: "digid", domains: &["digid.nl"] },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_is_named_by_whole_words() {
        let name = |text| named_in(text).map(|brand| brand.name);
        assert_eq!(name("microsoft account team"), Some("microsoft"));
        assert_eq!(name("wells-fargo online"), Some("wells fargo"));
        assert_eq!(name("iedger security"), Some("ledger"));
        assert_eq!(name("trustwallet app"), Some("trust wallet"));
        assert_eq!(name("amazonia travel"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn a_brand_writes_from_its_own_and_its_countries_domains() {
        let owns = |domain| BRANDS[4].owns(&Domain::parse(domain).unwrap());
        assert!(owns("mail.paypal.com") && owns("paypal.de") && owns("paypal-mktg.com"));
        assert!(!owns("paypal-secure.com") && !owns("paypal.com.lure.example"));
    }
}
