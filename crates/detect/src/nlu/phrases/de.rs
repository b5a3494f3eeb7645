//! German. Umlauts stand as their vowels, as folding leaves them.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{bestatigen|bestatige|verifizieren|verifiziere|uberprufen|verifizierung|prufen sie|validieren|authentifizieren|bestatigung ihrer|legitimieren|legitimation|identifizieren sie}"),
    (Cue::Update, "{andern sie|aktualisieren|aktualisiere|aktualisierung|erneuern|verlangern|anpassen|erganzen sie}"),
    (Cue::SignIn, "{melden sie sich|loggen sie sich|einloggen|anmelden|anmeldung bei|log dich|logge dich|melde dich}
        {zum konto|zur anmeldung|zum login|jetzt einloggen|zum kundenkonto|zum online banking}"),
    (Cue::Restore, "{entsperren|reaktivieren|reaktivierung|wiederherstellen|freischalten|wieder freischalten|freigeben|konto sichern|wiederherzustellen|zu entsperren|freizuschalten}"),
    (Cue::Click, "{klicken sie|klicke|klick|tippen sie|einfach} {hier|auf|bitte|jetzt|unten|einfach}
        {folgenden link|nachfolgenden link|folgenden button|schaltflache|link unten|button unten|diesem link|dem link|unten stehenden|untenstehenden|hier klicken}
        {jetzt|hier} {bestatigen|aktualisieren|verifizieren|uberprufen|anmelden|prufen|bezahlen|freischalten|entsperren|aktivieren|beheben|starten}"),
    (Cue::Scan, "{scannen sie|qr code scannen|den qr code}"),
    (Cue::View, "{dokument|nachricht|datei|rechnung|anhang|bescheid} {ansehen|offnen|anzeigen|herunterladen|einsehen|abrufen|lesen}
        {im anhang|anbei|in der anlage|beigefugt*}"),
    (Cue::Claim, "{einlosen|beanspruchen|sichern sie sich|abholen|anfordern|anspruch erheben|einzulosen|gutschein sichern|auszahlung|auszahlen lassen}"),
    (Cue::Call, "{rufen sie|kontaktieren sie|rufen sie uns|wenden sie sich} {uns|unter|bitte|unseren|an|sofort|umgehend|die}"),
    (Cue::Answer, "{antworten sie|antworte|antworten sie mir|kontaktieren sie mich|melden sie sich bei mir|bitte antworten|ihre antwort|auf ihre antwort|schreiben sie mir|ihre ruckmeldung|deine antwort|ich warte auf}"),
    (Cue::Send, "{senden sie|schicken sie|ubermitteln sie|teilen sie|geben sie} {mir|uns|ihre|ihren|bitte}"),
    (Cue::Pay, "{bezahlen sie|zahlen sie|uberweisen sie|begleichen|zahlung leisten|jetzt bezahlen|zu zahlen|zahlung der|gebuhr bezahlen|bitte uberweisen|nachzahlung}"),
    (Cue::Your, "{ihr|ihre|ihren|ihrem|ihrer|ihres|dein|deine|deinen|deinem|deiner}"),
    (Cue::Account, "{konto|konten|kundenkonto|bankkonto|benutzerkonto|konto s|account|zugang|online banking|onlinebanking|karte|kreditkarte|mitgliedschaft|abonnement|abo|wallet|kontozugang|pushtan|photo tan|tan verfahren|depot|profil|banking|sicherheitsverfahren|cloud}"),
    (Cue::Mailbox, "{postfach|e mail konto|email konto|webmail|posteingang|mailkonto}"),
    (Cue::Secret, "{passwort|passworter|kennwort|zugangsdaten|anmeldedaten|pin|tan|login daten|sicherheitscode|wiederherstellungsphrase|kartennummer|kreditkartendaten|seed phrase}"),
    (Cue::PayMethod, "{zahlungsmethode|zahlungsart|zahlungsdaten|zahlungsinformationen|rechnungsdaten|bankdaten|kontodaten|bankverbindung|kartendaten|rechnungsinformationen|zahlungsmittel}"),
    (Cue::Identity, "{ihre identitat|ihre daten|ihre personlichen|ihre angaben|personliche daten|ihre informationen|kundendaten|personenbezogene daten zu|ihre kontaktdaten|stammdaten|ihre adresse}"),
    (Cue::Points, "{punkte|bonuspunkte|treuepunkte|pramienpunkte} {verfallen|einlosen|laufen|sind|guthaben}"),
    (Cue::Refund, "{ruckerstattung|erstattung|ruckzahlung|steuererstattung|steuerruckerstattung|entschadigung}"),
    (Cue::Document, "{dokument|datei|nachricht|rechnung|unterlagen|fax} {freigegeben|geteilt|wartet|liegt|verfugbar|erhalten|bereit|steht}
        {verschlusselte nachricht|neue nachricht|neues dokument|wichtiges dokument}"),
    (Cue::Invoice, "{rechnung|rechnungen|rechnungsnummer|mahnung|abrechnung}"),
    (Cue::Parcel, "{paket|pakets|sendung|lieferung|zustellung|paketzustellung|paketes}"),
    (Cue::Fee, "{zollgebuhr|zollgebuhren|versandkosten|versandgebuhr|bearbeitungsgebuhr|zustellgebuhr|gebuhr|gebuhren|zollkosten|portokosten|maut|bussgeld|mahngebuhr|zoll}"),
    (Cue::Suspended, "{gesperrt|sperrung|sperren|gesperrte|eingeschrankt|einschrankung|deaktiviert|deaktivierung|abgelaufen|lauft ab|ablauft|blockiert|ausgesetzt|geschlossen|geloscht|loschung|pausiert|gekundigt|vorubergehend|unterbrochen|zuruckgehalten|fehlgeschlagene}"),
    (Cue::Alarm, "{verdachtige aktivitat*|ungewohnliche aktivitat*|verdachtige transaktion*|unbefugt*|neue anmeldung|neuen gerat|neues gerat|unbekannten gerat|unbekanntes gerat|ungewohnliche anmeldung|sicherheitswarnung|sicherheitshinweis|sicherheitsgrunden|sicherheitsrisiko|betrug*|unregelmassigkeiten|auffalligkeiten|haben festgestellt|sicherheitsuberprufung|wenn sie das nicht waren|nicht autorisiert*|sicherheitsvorfall}"),
    (Cue::PayFail, "{zahlung|abbuchung|lastschrift|zahlungsmethode|kreditkarte|bezahlung} {fehlgeschlagen|abgelehnt|konnte|nicht|wurde abgelehnt|ist fehlgeschlagen|abgelaufen}
        {zahlungsproblem|zahlungsprobleme|problem mit ihrer zahlung|nicht abgebucht werden|zahlungsausfall|nicht verarbeitet werden|nicht verlangert werden}"),
    (Cue::Unverified, "{mussen sie|mussen wir|bitten wir sie|ist es erforderlich|erforderlich|notwendig|verpflichtet|verpflichtend|aufgefordert|gebeten|ist notwendig}
        {nicht verifiziert|nicht bestatigt|noch nicht|veraltet*|unvollstandig*|handlungsbedarf|aktion erforderlich}"),
    (Cue::StorageFull, "{speicher|speicherplatz|postfach|cloud speicher} {ist|voll|fast|erreicht|uberschritten|belegt}"),
    (Cue::HeldMail, "{nachrichten|e mails|mails} {zuruckgehalten|nicht zugestellt|warten|ausstehend}
        {ausstehende nachrichten|nicht zugestellte}"),
    (Cue::Deadline, "{innerhalb|binnen|in den nachsten|in} {von|24|48|72|12|2|3|5|7|14|der nachsten|den nachsten|zwei|drei|wenigen}
        {bis zum|bis spatestens|spatestens|letzte mahnung|letzte erinnerung|letzter hinweis|letzte chance|frist|fristende|nur noch heute|noch heute|lauft heute|letzte aufforderung|letzte warnung}"),
    (Cue::Loss, "{um|zur} {eine|die|weitere|vermeidung|einschrankungen|unterbrechungen}
        {andernfalls|ansonsten|anderenfalls|sollten sie nicht|wenn sie nicht|falls sie nicht|bei nichtbeachtung|zu vermeiden}
        {wird|werden} {ihr|ihre|das|die|dauerhaft|endgultig|sie} {konto|zugang|karte|gesperrt|geloscht|eingeschrankt|daten|account|dauerhaft|deaktiviert|fotos|dateien}
        {dauerhaft|endgultig|unwiderruflich} {gesperrt|geloscht|geschlossen|verloren|deaktiviert|verlieren}
        {zuruckgesendet|zuruckgeschickt|an den absender zuruck|weiterhin nutzen|weiter nutzen}"),
    (Cue::Urgent, "{dringend|dringende|dringlich|sofort|umgehend|unverzuglich|so schnell wie moglich|schnellstmoglich|achtung|wichtig|wichtige mitteilung|wichtige information|sofortige|eilig|handeln sie jetzt}"),
    (Cue::GenericGreeting, "{sehr geehrter|sehr geehrte|sehr geehrte r|lieber|liebe|liebe r|hallo|guten tag|werter} {kunde|kundin|kunden|damen und herren|herr frau|nutzer|mitglied|frau herr|r kunde|benutzer|lidl|sparkassenkunde|kundin kunde|kontoinhaber|dkb|geschatzter|lieber kunde|begunstigter}"),
    (Cue::Greeting, "{sehr geehrte|sehr geehrter|hallo|liebe|lieber|guten tag|guten morgen|guten abend|moin|servus}"),
    (Cue::Closing, "{mit freundlichen grussen|freundliche grusse|mit freundlichem gruss|viele grusse|beste grusse|liebe grusse|herzliche grusse|vielen dank|mfg|ihr team|danke}"),
    (Cue::Disclaimer, "{diese e mail|diese nachricht|diese email} {enthalt|ist|kann|und alle|und etwaige}
        {vertrauliche informationen|nur fur den adressaten|nicht der richtige adressat}"),
    (Cue::Renewal, "{automatisch verlangert|verlangerung ihres|abonnement verlangert|automatische verlangerung|abo wurde verlangert}"),
    (Cue::Charged, "{wird abgebucht|wurde abgebucht|wurden abgebucht|wird belastet|wurde belastet|betrag von|abgebucht von|rechnungsbetrag}"),
    (Cue::Dispute, "{wenn sie diese bestellung nicht|nicht von ihnen|stornieren|kundigen|widerrufen|stornierung|nicht autorisiert haben}"),
    (Cue::HelpLine, "{kundenservice|kundendienst|hotline|servicenummer|support team|kundensupport|servicehotline}"),
    (Cue::Fortune, "{millionen|million|mio} {euro|dollar|us dollar|usd|eur|pfund|an|us}
        {erbschaft|erbe|entschadigungsfonds|spende von|spenden|lotterie|nachster angehoriger|nachsten angehorigen|begunstigter|begunstigten|nachlass|jackpot}"),
    (Cue::Share, "{geschaftsvorschlag|geschaftlichen vorschlag|investitionsmoglichkeit|kreditangebot|darlehen|kredit von|investieren|geschaftspartner|dringende angelegenheit}"),
    (Cue::Stranger, "{mein name ist|ich bin herr|ich bin frau|ich bin rechtsanwalt|ich heisse|ich schreibe ihnen|ich kontaktiere sie|bitte ignorieren sie diese}"),
    (Cue::Death, "{verstorben|verstorbene|verstorbenen|gestorben|witwe|krebs|testament|waisen}"),
    (Cue::Faith, "{gott|gottes|segne|wohltatig*|bedurftigen}"),
    (Cue::Chosen, "{sie wurden|sie sind|sie haben|ihre e mail adresse wurde|wurden sie|du wurdest|sie wurden als}
        {herzlichen gluckwunsch|gluckwunsch|gratulation|wir gratulieren}"),
    (Cue::Hacked, "{ich habe|habe ich|ich hatte} {ihr|dein|ihren|deinen|zugriff|vollen zugriff|einen trojaner|ihre|ihr system|mir zugang|malware}
        {trojaner|schadsoftware|spionagesoftware} {auf|in|installiert}
        {gehackt|zugriff auf ihre gerate|zugriff auf ihr}"),
    (Cue::Recorded, "{masturb*|pornoseiten|porno*|erwachsenenseiten|webcam|selbstbefriedig*|intimes video|video von ihnen}"),
    (Cue::Coin, "{kryptowahrung|kryptowahrungen|bitcoin adresse|bitcoin wallet}"),
    (Cue::Expose, "{ihre freunde|deine freunde|ihre familie|ihre kontakte|deine kontakte|alle kontakte|ihren ruf|deinen ruf|veroffentlichen|an alle ihre|ihren kontakten|das video an}"),
    (Cue::Available, "{sind sie verfugbar|bist du verfugbar|sind sie erreichbar|bist du im buro|sind sie im buro|haben sie kurz zeit|hast du kurz zeit|ihre handynummer|deine handynummer|sind sie am schreibtisch}"),
    (Cue::Task, "{ich brauche ihre hilfe|ich brauche deine hilfe|eine aufgabe|konnen sie fur mich|kannst du fur mich|ich benotige ihre|kurze aufgabe|einen gefallen}"),
    (Cue::GiftCard, "{geschenkkarte|geschenkkarten|geschenkgutschein|geschenkgutscheine|gutscheinkarten|itunes karten|google play karten|amazon gutscheine}"),
    (Cue::BankChange, "{meine|unsere|neue|geanderte} {bankverbindung|bankdaten|kontoverbindung|kontodaten|gehaltskonto|iban}
        {bankverbindung andern|kontoverbindung andern|bankdaten andern|gehaltsabrechnung andern|anderung der bankverbindung|anderung meiner}"),
    (Cue::Wire, "{dringend eine uberweisung|uberweisung noch heute|eine uberweisung fur mich|uberweisung tatigen|uberweisung vornehmen|uberweisung durchfuhren|dringende uberweisung|eilige uberweisung|zahlung veranlassen|auslandsuberweisung|zahlung anweisen}"),
    (Cue::NoCall, "{ich bin in einer besprechung|ich bin in einem meeting|bin im meeting|kann nicht telefonieren|telefonisch nicht erreichbar|von meinem iphone gesendet}"),
    (Cue::Secrecy, "{vertraulich|streng vertraulich|unter uns|diskret|verschwiegenheit}"),
    (Cue::PiiItem, "{vollstandiger name|geburtsdatum|anschrift|wohnadresse|telefonnummer|handynummer|staatsangehorigkeit|personalausweis|reisepass|beruf|kontonummer|familienstand|sozialversicherungsnummer|alter}"),
    (Cue::Warning, "{phishing mails|betrugsmaschen|warnung vor|niemals nach|fragen sie nie|geben sie niemals|wir fragen niemals}"),
    (Cue::Unsubscribe, "{abmelden|abbestellen|newsletter abbestellen|austragen|nicht mehr erhalten|keine weiteren|abmeldung|keine e mails mehr}"),
    (Cue::Browser, "{im browser ansehen|im browser|online version|onlineversion|nicht richtig dargestellt|nicht korrekt angezeigt|webansicht|nicht richtig angezeigt|sie erhalten diese|du erhaltst diese|hier geht es zur online}"),
    (Cue::Newsletter, "{mehr erfahren|weiterlesen|jetzt lesen|neuigkeiten|newsletter}"),
    (Cue::Discussion, "{ich denke|meiner meinung|ich glaube|vermutlich|quellcode|fehlermeldung}"),
    (Cue::Receipt, "{bestellnummer|sendungsnummer|auftragsbestatigung|bestellbestatigung|ihre bestellung|versandbestatigung|wurde zugestellt|wurde versandt}"),
    (Cue::NoAction, "{keine aktion erforderlich|mussen nichts|ignorieren sie diese|nichts weiter tun}"),
    (Cue::PurchaseOrder, "{bestellung nr|auftragsnummer|preisanfrage|angebotsanfrage|anfrage fur ein angebot}"),
];
