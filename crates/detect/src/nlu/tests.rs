//! What must and must not be read out of invented mail.

use super::*;

fn intents(text: &str) -> Vec<(Intent, Confidence)> {
    classify(text, None).intents
}

fn sure(text: &str, wanted: Intent) -> Option<Confidence> {
    intents(text).into_iter().find(|(intent, _)| *intent == wanted).map(|(_, sure)| sure)
}

const THEFT: [(&str, &str); 10] = [
    (
        "english",
        "Dear customer,\nYour mailbox account has been suspended due to unusual activity.\nPlease \
         verify your password within 24 hours to avoid permanent closure.\nClick here to verify",
    ),
    (
        "german",
        "Sehr geehrter Kunde,\nIhr Konto wurde aus Sicherheitsgründen gesperrt.\nBitte bestätigen \
         Sie Ihre Daten innerhalb von 24 Stunden, um eine Sperrung zu vermeiden.\nKlicken Sie hier",
    ),
    (
        "french",
        "Cher client,\nVotre compte est suspendu pour des raisons de sécurité.\nVeuillez confirmer \
         vos informations sous 48 heures afin d'éviter la clôture.\nCliquez ici",
    ),
    (
        "spanish",
        "Estimado cliente:\nSu cuenta ha sido bloqueada por actividad sospechosa.\nVerifique sus \
         datos en 24 horas para evitar la suspensión.\nHaga clic aquí",
    ),
    (
        "portuguese",
        "Prezado cliente,\nSua conta foi bloqueada por motivo de segurança.\nAtualize seus dados \
         em até 24 horas para evitar a suspensão.\nClique aqui para desbloquear sua conta",
    ),
    (
        "italian",
        "Gentile cliente,\nil suo conto è stato sospeso per motivi di sicurezza.\nLa invitiamo a \
         verificare i suoi dati entro 24 ore per evitare il blocco.\nClicca qui",
    ),
    (
        "dutch",
        "Geachte klant,\nUw rekening is geblokkeerd wegens verdachte activiteit.\nBevestig uw \
         gegevens binnen 24 uur om verdere problemen te voorkomen.\nKlik hier om in te loggen",
    ),
    (
        "unsaid letters",
        "D\u{200b}ear cust\u{ad}omer,\nYo\u{2069}ur acc\u{34f}ount has been susp\u{200b}ended due \
         to unusual act\u{200b}ivity.\nVer\u{200b}ify your pass\u{200b}word within 24 hours.\n\
         Click here",
    ),
    (
        "look-alikes",
        "D\u{435}\u{430}r cust\u{43e}mer,\nYour \u{430}cc\u{43e}unt h\u{430}s be\u{435}n \
         suspend\u{435}d du\u{435} to unusual activity.\nV\u{435}rify your p\u{430}ssword within \
         24 hours.\nClick here",
    ),
    (
        "coins",
        "Dear user,\nYour wallet has not been verified and will be restricted.\nVerify your wallet \
         before Friday to avoid losing access.\nVerify now",
    ),
];

#[test]
fn theft_of_credentials_is_read_in_each_language_and_disguise() {
    for (name, text) in THEFT {
        assert!(sure(text, Intent::CredTheft) >= Some(Confidence::Medium), "{name}");
    }
}

#[test]
fn the_disguise_of_a_text_changes_nothing() {
    let plain = "Dear customer,\nYour account has been suspended due to unusual activity.\nVerify \
                 your password within 24 hours.\nClick here";
    for (name, text) in
        THEFT.iter().filter(|(name, _)| matches!(*name, "unsaid letters" | "look-alikes"))
    {
        assert_eq!(intents(text), intents(plain), "{name}");
    }
}

#[test]
fn harmless_mail_wants_nothing() {
    let rows = [
        (
            "a talk",
            "On Monday Kim wrote:\n> my account was suspended, what now?\nI think the patch is \
             fine. I tried to log in with the new password and it works, but I get the error in \
             the kernel log when I verify the certificate of your account server.",
        ),
        (
            "a warning",
            "Reminder from security: phishing mail asks you to verify your account. We never ask \
             you for your password. Beware of messages that press you within 24 hours.",
        ),
        (
            "a newsletter's foot",
            "This week in gardening: roses in winter. Read more about pruning. You can update \
             your email preferences or unsubscribe at any time.",
        ),
        (
            "a receipt",
            "Thank you for your order. Your order has been shipped, tracking number 12345. Order \
             total: $35.99. Your package will arrive on Friday. Track your package in your account.",
        ),
        ("a code", "Your verification code is 123456. It is valid for this sign in."),
        ("an appointment", "Hi Jo, are we still on for lunch on Friday? Best, Kim"),
        (
            "a colleague",
            "Hi Jo,\nplease find attached the minutes of our meeting. Could you review the \
             document until Friday?\nBest regards\nKim",
        ),
        (
            "a bill with a number",
            "Dear Jo, your invoice for June is attached. The amount of $120.00 is due on July 15. \
             Questions? Call us at (555) 010-4477.",
        ),
        ("nothing", ""),
    ];
    for (name, text) in rows {
        let wants = intents(text);
        let bad = wants
            .iter()
            .any(|(intent, sure)| *intent != Intent::Benign && *sure >= Confidence::Medium);
        assert!(!bad, "{name}: {wants:?}");
    }
}

#[test]
fn a_call_is_asked_for_to_undo_a_charge() {
    let bill = "Thank you for your purchase. Your subscription renewal was successful and a payment \
                of $399.99 has been charged to your account. If you did not authorize this \
                transaction, call our support line at ";
    assert_eq!(
        sure(&format!("{bill}+1 (555) 010-4477."), Intent::CallbackScam),
        Some(Confidence::High)
    );
    assert_eq!(sure(&format!("{bill}the usual place."), Intent::CallbackScam), None, "no number");
}

#[test]
fn a_fortune_from_a_stranger_wants_an_answer() {
    let text = "Dear friend, my name is Mrs. Ada Example, a widow dying of cancer. My late husband \
                left 8.5 million dollars. I want to donate it to charity through you. God bless \
                you. Reply to me with your full name, date of birth and phone number.";
    assert_eq!(sure(text, Intent::AdvanceFee), Some(Confidence::High));
    let news = "The city spent 8.5 million dollars on the bridge, the mayor said. Read more.";
    assert_eq!(sure(news, Intent::AdvanceFee), None);
}

#[test]
fn a_threat_with_a_price_is_extortion() {
    let text = "I have hacked your device and recorded a video of you on porn sites with your \
                webcam. Send $900 in bitcoin within 48 hours or I will send the video to all your \
                contacts.";
    assert_eq!(sure(text, Intent::Extortion), Some(Confidence::High));
    assert_eq!(sure("Bitcoin fell by 5 % within 48 hours.", Intent::Extortion), None);
}

#[test]
fn a_favour_among_colleagues_is_read_in_each_language() {
    let rows = [
        "Are you available? I need you to handle a quick task. I am in a meeting and can't talk, \
         just reply. I need some gift cards for a client, keep this confidential.",
        "I would like to change my direct deposit information before the next payroll. Can you \
         help me update my bank account today? Reply with what you need.",
        "Sind Sie am Schreibtisch? Ich brauche Ihre Hilfe mit einer dringenden Überweisung. Ich bin \
         in einer Besprechung und kann nicht telefonieren. Bitte antworten Sie mir sofort.",
        "Êtes-vous disponible ? J'ai besoin de votre aide pour un virement urgent et confidentiel. \
         Je suis en réunion, répondez-moi par mail.",
        "¿Está disponible? Necesito que haga una transferencia bancaria hoy. Estoy en una reunión \
         y no puedo hablar. Responda a este correo, es confidencial.",
    ];
    for text in rows {
        assert!(sure(text, Intent::Bec) >= Some(Confidence::Medium), "{text}");
    }
    let away = "Automatic reply: I am out of the office and have limited access to email. If you \
                need help urgently, reply to my colleague.";
    assert_eq!(sure(away, Intent::Bec), None);
}

#[test]
fn benign_stands_alone_and_only_for_talk() {
    let talk = "On Monday Kim wrote:\n> does it compile?\nI think the patch makes sense, I tried it \
                on the list's test machine and the documentation is fine too.";
    assert_eq!(intents(talk), [(Intent::Benign, Confidence::High)]);
    let baited = format!("{talk}\nCongratulations! Claim your airdrop of bitcoin.");
    assert_eq!(sure(&baited, Intent::Benign), None);
}

#[test]
fn topics_are_what_most_of_a_text_is_about() {
    let rows = [
        (Topic::Shipping, "Your package is out for delivery today. Tracking number 1Z999."),
        (Topic::Away, "Automatic reply: I am out of the office and will be back on Monday."),
        (
            Topic::Bounce,
            "This is the mail delivery system. Your message could not be delivered. Delivery to \
             the following recipient failed permanently: user unknown.",
        ),
        (Topic::Security, "Your password expires today. Reset your password in account security."),
        (Topic::Voicemail, "You have a new voice message. Call duration 0:42. Missed call."),
        (
            Topic::Signature,
            "DocuSign: please sign. The document to sign is awaiting your signature.",
        ),
    ];
    for (topic, text) in rows {
        let topics = classify(text, None).topics;
        assert!(
            topics.iter().any(|(of, sure)| *of == topic && *sure >= Confidence::Medium),
            "{topic:?}: {topics:?}"
        );
    }
    let passing = format!("{} It came with a discount.", "We walked along the river. ".repeat(60));
    assert_eq!(classify(&passing, None).topics, []);
}

#[test]
fn entities_are_given_as_they_were_written() {
    let text = "Dear Jo Example,\nPlease pay the invoice of $1,250.00 by Friday.\nUrgent!\n\
                Kind regards,\nKim Sample\nSample Trading Ltd";
    let entities = classify(text, None).entities;
    let wanted = [
        (EntityKind::Greeting, "Dear Jo Example"),
        (EntityKind::Recipient, "Jo Example"),
        (EntityKind::Financial, "$1,250.00"),
        (EntityKind::Request, "Please pay the invoice of $1,250.00 by Friday."),
        (EntityKind::Urgency, "Urgent!"),
        (EntityKind::Salutation, "Kind regards,"),
        (EntityKind::Sender, "Kim Sample"),
        (EntityKind::Org, "Sample Trading Ltd"),
    ];
    for (kind, words) in wanted {
        assert!(
            entities.iter().any(|(of, text)| *of == kind && text == words),
            "{kind:?} {words}: {entities:?}"
        );
    }
}

#[test]
fn papers_of_business_are_tagged() {
    let tags = classify("Please see the attached purchase order and invoice.", None).tags;
    let names: Vec<&str> = tags.iter().map(|(tag, _)| tag.as_str()).collect();
    assert_eq!(names, ["invoice", "purchase_order"]);
}

#[test]
fn only_what_is_supported_is_returned() {
    for (_, text) in THEFT {
        let classification = classify(text, Some("Verify"));
        assert!(classification.intents.iter().all(|(of, _)| SUPPORTED_INTENTS.contains(of)));
        assert!(classification.topics.iter().all(|(of, _)| SUPPORTED_TOPICS.contains(of)));
    }
}

#[test]
fn hostile_texts_are_read_to_their_limits() {
    let phrases = "verify your account click here ".repeat(100_000);
    let marks = "\u{300}".repeat(1_000_000);
    let open = "{[(<$+".repeat(200_000);
    for text in [&phrases, &marks, &open] {
        assert!(classify(text, Some(text)).entities.len() <= 100);
    }
}
