//! The phrases themselves, by theme: our own words, chosen for what they rarely mean otherwise.

use super::Theme;

/// One phrase a line, in folded form: lower case, no accents.
pub(super) const THEMES: [(Theme, &str); 9] = [
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
