//! What a message talks about: phrases by theme, in English, German and French.
//!
//! All phrases are searched at once in the folded text, as whole words. A phrase proves nothing:
//! rules combine themes with facts about the sender and the links, and ask for several phrases
//! where one is common in honest mail.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::fold_text;

/// What a phrase is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Theme {
    /// Fees and fortunes from strangers.
    AdvanceFee,
    /// Wants a password, a sign-in or an account confirmed.
    Credential,
    /// Threatens with recordings or leaks, and wants coins.
    Extortion,
    /// Gambling, pills, dating, miracle products.
    Junk,
    /// Names the password of an archive.
    Password,
    /// A parcel that waits.
    Parcel,
    /// Wants money moved or gift cards bought.
    Payment,
    /// Something won, to be claimed.
    Prize,
    /// Presses for time.
    Urgency,
}

/// What a message talks about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wording {
    found: Vec<(Theme, &'static str)>,
}

impl Wording {
    /// Reads subject and body.
    pub(crate) fn of(subject: &str, body: &str) -> Self {
        let mut text = fold_text(subject, SUBJECT_OCTETS_MAX);
        text.push_str(" \n ");
        text.push_str(&fold_text(body, BODY_OCTETS_MAX));
        let mut found: Vec<(Theme, &'static str)> = Vec::new();
        let Some(finder) = FINDER.as_ref() else { return Self::default() };
        for hit in finder.find_overlapping_iter(&text).take(HITS_MAX) {
            let Some(phrase) = PHRASES.get(hit.pattern().as_usize()) else { continue };
            let before = text.get(..hit.start()).and_then(|front| front.chars().next_back());
            let after = text.get(hit.end()..).and_then(|rest| rest.chars().next());
            let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            if !is_word(before) && !is_word(after) && !found.contains(phrase) {
                found.push(*phrase);
            }
        }
        Self { found }
    }

    /// The different phrases of a theme, in the order in which they stand.
    pub(crate) fn phrases(&self, theme: Theme) -> Vec<&'static str> {
        let of_theme = self.found.iter().filter(|(found, _)| *found == theme);
        of_theme.map(|(_, phrase)| *phrase).collect()
    }

    /// How many different phrases of a theme there are.
    pub(crate) fn count(&self, theme: Theme) -> usize {
        self.found.iter().filter(|(found, _)| *found == theme).count()
    }
}

static PHRASES: LazyLock<Vec<(Theme, &'static str)>> = LazyLock::new(|| {
    THEMES
        .iter()
        .flat_map(|(theme, phrases)| phrases.lines().map(move |phrase| (*theme, phrase.trim())))
        .filter(|(_, phrase)| !phrase.is_empty())
        .collect()
});

/// `None` only if the table above were too large to compile, which a test rules out.
static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().map(|(_, phrase)| *phrase);
    AhoCorasick::builder().match_kind(MatchKind::Standard).build(phrases).ok()
});

/// One phrase a line, in folded form: lower case, no accents.
const THEMES: [(Theme, &str); 9] = [
    (Theme::AdvanceFee, ADVANCE_FEE),
    (Theme::Credential, CREDENTIAL),
    (Theme::Extortion, EXTORTION),
    (Theme::Junk, JUNK),
    (Theme::Password, PASSWORD),
    (Theme::Parcel, PARCEL),
    (Theme::Payment, PAYMENT),
    (Theme::Prize, PRIZE),
    (Theme::Urgency, URGENCY),
];

const ADVANCE_FEE: &str = "next of kin
    late client
    deceased client
    million dollars
    million usd
    million us dollars
    millions usd
    million united states dollars
    million euros
    million pounds
    inheritance fund
    inheritance funds
    unclaimed fund
    unclaimed funds
    compensation fund
    compensation payment
    atm card
    atm visa card
    consignment box
    confidential transaction
    business proposal for you
    foreign partner
    transfer of the fund
    transfer of funds into your account
    release of your fund
    release your funds
    your fund release
    contract payment
    beneficiary of
    your full name
    your full names
    lottery winner
    winning number
    lucky winner
    dying of cancer
    donate to you
    donation of
    charity project
    diplomatic agent
    diplomatic courier
    bank draft
    barrister
    united nations compensation
    god bless you
    erbschaft
    millionen euro
    spende von
    don de
    heritage de
    mon defunt mari";

const CREDENTIAL: &str = "verify your account
    verify your identity
    verify your email
    verify your information
    verify your details
    verify your wallet
    confirm your account
    confirm your identity
    confirm your password
    confirm your information
    confirm your details
    update your account
    update your payment
    update your billing
    update your information
    update your details
    validate your account
    validate your mailbox
    validate your email
    restore your account
    restore access
    unlock your account
    secure your account
    reactivate your account
    keep same password
    keep current password
    keep my password
    keep the same password
    password will expire
    password expires
    password has expired
    password expiration
    unusual sign-in
    unusual signin
    unusual sign in
    unusual activity
    suspicious activity
    suspicious login
    unauthorized access
    account has been suspended
    account has been limited
    account is suspended
    account has been locked
    account will be suspended
    account will be closed
    account will be deactivated
    account suspended
    account suspension
    mailbox is full
    mailbox is almost full
    mailbox has exceeded
    storage is full
    storage is almost full
    cloud storage is full
    storage limit
    speicher ist voll
    speicherplatz ist voll
    account will be deleted
    photos will be deleted
    files will be deleted
    fotos werden geloscht
    konto wird geloscht
    konto wird in
    abo ist abgelaufen
    abonnement ist abgelaufen
    schutz ist abgelaufen
    subscription has expired
    subscription expired
    protection has expired
    membership has expired
    account on hold
    account is on hold
    wallet has been blocked
    wallet has been suspended
    wallet verification
    wallet is suspended
    wallet access
    update your wallet
    validate your wallet
    kyc verification
    complete kyc
    data breach
    stockage est plein
    stockage est sature
    abonnement a expire
    photos seront supprimees
    mailbox quota
    quota exceeded
    undelivered messages
    pending messages
    incoming messages
    release messages
    release pending messages
    connect your wallet
    recovery phrase
    seed phrase
    wallet will be suspended
    online banking
    log in to your account
    login to your account
    sign in to your account
    payment method was declined
    payment has been declined
    payment was declined
    failed payment
    konto bestatigen
    konto verifizieren
    bestatigen sie ihr konto
    bestatigen sie ihre daten
    bestatigen sie ihre identitat
    aktualisieren sie ihre daten
    aktualisieren sie ihr konto
    daten aktualisieren
    daten bestatigen
    konto gesperrt
    konto wurde gesperrt
    konto wurde eingeschrankt
    ihr konto wird gesperrt
    passwort lauft ab
    postfach ist voll
    photo-tan
    push-tan
    pushtan
    verifier votre compte
    verifiez votre compte
    confirmer votre identite
    confirmez votre identite
    confirmez vos informations
    mettre a jour vos informations
    mettre a jour votre compte
    mettez a jour vos informations
    compte a ete suspendu
    compte sera suspendu
    compte est suspendu
    compte bloque
    mot de passe expire
    espace client
    carte vitale
    votre messagerie est pleine";

const EXTORTION: &str = "bitcoin wallet
    bitcoin address
    btc wallet
    btc address
    i recorded you
    recorded you
    i hacked
    i have hacked
    your device was infected
    i infected your
    infected with my
    trojan virus
    full access to your device
    access to your device
    access to your devices
    access to your webcam
    adult websites
    adult sites
    porn websites
    masturbating
    intimate video
    embarrassing video
    your contacts
    your friends and relatives
    all your contacts
    after the payment
    i will delete the video
    48 hours to pay
    i am a hacker
    i'm a hacker
    professional hacker
    ich habe sie aufgenommen
    ihre kontakte
    je suis un hacker";

const JUNK: &str = "free spins
    freispiele
    tours gratuits
    welcome bonus
    willkommensbonus
    bonus de bienvenue
    no deposit bonus
    online casino
    casino bonus
    casino
    jackpot
    sports betting
    viagra
    cialis
    levitra
    erectile dysfunction
    erection
    potenzmittel
    male enhancement
    penis enlargement
    online pharmacy
    canadian pharmacy
    weight loss
    lose weight
    fat burning
    burn fat
    belly fat
    keto gummies
    cbd gummies
    abnehmen
    perdre du poids
    blood sugar
    tinnitus
    neuropathy
    hot singles
    sexy singles
    lonely women
    sexy women
    single women
    hookup
    adult dating
    horny
    make money online
    make money fast
    work from home and earn
    be your own boss
    financial freedom
    multi level marketing
    no obligation
    lowest mortgage rates
    mortgage rates
    credit repair
    bad credit
    debt consolidation
    consolidate your debt
    life insurance quotes
    replica watches
    rolex
    cheap software
    bulk email
    email addresses on cd
    million email addresses
    100% free
    risk free
    risk-free
    as seen on
    act now
    limited time offer
    money back guarantee
    this is not spam
    university diploma
    remove in the subject
    herbal";

const PASSWORD: &str = "archive password
    zip password
    password for the file
    password for the attachment
    file password
    the password is
    password to open
    unzip password
    passwort lautet
    kennwort lautet
    passwort fur die datei
    mot de passe du fichier
    le mot de passe est";

const PAYMENT: &str = "wire transfer
    bank transfer
    change of bank
    new bank account
    new bank details
    bank details
    updated bank
    banking details
    outstanding invoice
    overdue invoice
    unpaid invoice
    invoice attached
    attached invoice
    process a payment
    make a payment
    payment today
    gift card
    gift cards
    direct deposit
    payroll
    swift copy
    remittance advice
    uberweisung
    offene rechnung
    neue bankverbindung
    geschenkkarten
    virement bancaire
    nouveau rib
    facture impayee
    cartes cadeaux";

const PARCEL: &str = "your parcel
    your package is
    your package has
    your package could not
    delivery attempt
    attempted delivery
    failed delivery
    delivery failed
    missed delivery
    customs fee
    customs duty
    shipping fee
    redelivery
    reschedule your delivery
    package is waiting
    parcel is waiting
    pending package
    pending delivery
    ihr paket
    zustellversuch
    zustellungsversuch
    zustellung fehlgeschlagen
    zollgebuhr
    zollgebuhren
    sendung wartet
    votre colis
    frais de douane
    livraison echouee
    tentative de livraison
    nouvelle livraison";

const PRIZE: &str = "you have won
    you've won
    you won
    you are the winner
    you are a winner
    claim your prize
    claim your reward
    claim your gift
    claim your voucher
    claim your bonus
    claim your tokens
    claim your airdrop
    claim now
    claim reward
    claim rewards
    token airdrop
    airdrop
    exclusive reward
    special reward
    your reward
    you have been selected
    you have been chosen
    you've been selected
    been selected to
    been chosen to
    lucky customer
    answer a short survey
    short survey
    complete the survey
    loyalty program
    free gift
    expires soon
    we have been trying to reach you
    trying to reach you
    2nd attempt
    3rd attempt
    second attempt
    gutschein sichern
    sie haben gewonnen
    du hast gewonnen
    herzlichen gluckwunsch
    wurden ausgewahlt
    wurdest ausgewahlt
    gewinnspiel
    jetzt einlosen
    geschenkkarte
    vous avez gagne
    vous avez ete selectionne
    bon d'achat
    carte cadeau
    recompense exclusive
    cadeau exclusif";

const URGENCY: &str = "urgent
    urgently
    immediately
    as soon as possible
    asap
    within 24 hours
    within 48 hours
    within 72 hours
    final notice
    final reminder
    last warning
    last reminder
    action required
    immediate action
    before it is too late
    will be terminated
    will be deleted
    will be suspended
    expires today
    dringend
    sofort
    umgehend
    innerhalb von 24 stunden
    letzte mahnung
    handlungsbedarf
    immediatement
    sous 24 heures
    sous 48 heures
    dernier rappel
    action requise
    au plus vite";

const BODY_OCTETS_MAX: usize = 32 * 1024;
const HITS_MAX: usize = 2_000;
const SUBJECT_OCTETS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_in_the_form_in_which_text_is_searched_and_stands_once() {
        assert!(FINDER.is_some());
        for (place, (_, phrase)) in PHRASES.iter().enumerate() {
            assert_eq!(fold_text(phrase, 1_000), *phrase);
            assert!(PHRASES[place + 1..].iter().all(|(_, other)| other != phrase), "{phrase}");
        }
    }

    #[test]
    fn phrases_table() {
        let rows = [
            ("subject", "Please verify your account", "", Theme::Credential, 1),
            ("case and accents", "", "VÉRIFIEZ votre compte", Theme::Credential, 1),
            ("homoglyphs", "", "verify y\u{43e}ur acc\u{43e}unt", Theme::Credential, 1),
            ("line break", "", "verify\r\n your account", Theme::Credential, 1),
            ("not inside a word", "", "specialist at the casinos", Theme::Junk, 0),
            ("each once", "", "casino casino casino", Theme::Junk, 1),
            ("overlapping", "", "casino bonus", Theme::Junk, 2),
            ("honest", "Lunch", "See you at noon", Theme::Urgency, 0),
        ];
        for (rule, subject, body, theme, meant) in rows {
            assert_eq!(Wording::of(subject, body).count(theme), meant, "{rule}");
        }
    }
}
