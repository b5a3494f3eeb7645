//! Dutch.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{verifieer|verifieren|verifieren|bevestig|bevestigen|bevestigt|controleer|controleren|valideer|valideren|verificatie|identificeren|identificeer}"),
    (Cue::Update, "{bijwerken|werk bij|werk uw|werk je|actualiseer|actualiseren|vernieuw|vernieuwen|vernieuwt|verleng|verlengen|update uw|updaten|aanpassen|wijzig uw}"),
    (Cue::SignIn, "{log in|inloggen|logt in|meld u aan|meld je aan|aanmelden|inlog|toegang tot}"),
    (Cue::Restore, "{deblokkeren|deblokkeer|heractiveren|heractiveer|herstel|herstellen|ontgrendelen|ontgrendel|reactiveren|opnieuw activeren|activeer|activeren|beveilig|beveiligen}"),
    (Cue::Click, "{klik|klikken|klikt|tik|druk} {hier|op|dan|nu|hieronder}
        {onderstaande link|onderstaande knop|volgende link|link hieronder|knop hieronder|deze link|de link|volg de stappen|volg de instructies|onderstaande}
        {nu|direct|hier} {bevestigen|verifieren|bijwerken|inloggen|betalen|activeren|controleren|verlengen|vernieuwen|regelen}"),
    (Cue::Scan, "{scan de qr|scan de code|qr code scannen}"),
    (Cue::View, "{bekijk|open|download|lees|bekijken|openen|downloaden} {het|de|uw|document|factuur|bericht|bestand|dit}
        {in de bijlage|bijgevoegd*|als bijlage}"),
    (Cue::Claim, "{claim|claimen|verzilver|verzilveren|ontvang|inwisselen|wissel in|opeisen|aanvragen|innen}"),
    (Cue::Call, "{bel|bellen|neem contact op|contact opnemen} {ons|met|naar|direct|onze|nu}"),
    (Cue::Answer, "{antwoord|antwoorden|reageer|reageren|neem contact met mij|uw antwoord|je antwoord|laat het me weten|ik wacht op}"),
    (Cue::Send, "{stuur|sturen|verstuur|geef|verstrek} {mij|ons|uw|je|me|de}"),
    (Cue::Pay, "{betaal|betalen|te betalen|voldoen|betaling van|overmaken|maak over|voldoe}"),
    (Cue::Your, "{uw|je|jouw|jullie}"),
    (Cue::Account, "{account|accounts|rekening|bankrekening|bankpas|betaalpas|pas|kaart|creditcard|abonnement|lidmaatschap|profiel|digid|bankieren|internetbankieren|wallet|mijn omgeving|cloud|cloudopslag|inlogcode|digipas|itsme|scanner}"),
    (Cue::Mailbox, "{mailbox|postvak|e mailaccount|emailaccount|webmail|inbox}"),
    (Cue::Secret, "{wachtwoord|wachtwoorden|pincode|inloggegevens|beveiligingscode|herstelzin|kaartnummer|toegangscode|seed phrase}"),
    (Cue::PayMethod, "{betaalmethode|betaalgegevens|betalingsgegevens|betaalwijze|factuurgegevens|bankgegevens|betalingsmethode|rekeninggegevens|betalingswijze}"),
    (Cue::Identity, "{uw identiteit|je identiteit|uw gegevens|je gegevens|persoonlijke gegevens|persoonsgegevens|klantgegevens|uw informatie|contactgegevens}"),
    (Cue::Points, "{punten|spaarpunten} {verlopen|vervallen|inwisselen|saldo|gespaard}"),
    (Cue::Refund, "{terugbetaling|teruggave|restitutie|belastingteruggave|vergoeding|schadevergoeding}"),
    (Cue::Document, "{document|bestand|bericht|factuur|brief} {gedeeld|klaar|beschikbaar|ontvangen|wacht|staat}
        {nieuw bericht|beveiligd bericht|nieuw document|berichtenbox}"),
    (Cue::Invoice, "{factuur|facturen|factuurnummer|aanmaning|rekening van}"),
    (Cue::Parcel, "{pakket|pakketje|zending|levering|bezorging|bestelling|pakketten}"),
    (Cue::Fee, "{verzendkosten|invoerkosten|douanekosten|bezorgkosten|administratiekosten|douanerechten|invoerrechten|boete|openstaand bedrag|kosten|openstaande}"),
    (Cue::Suspended, "{geblokkeerd|blokkering|blokkade|opgeschort|beperkt|beperking|gedeactiveerd|verlopen|verloopt|gesloten|verwijderd|uitgeschakeld|opgeheven|gepauzeerd|stopgezet|vergrendeld|vervalt|opgehouden|geannuleerd|beeindigd|verwijdering|onbruikbaar}"),
    (Cue::Alarm, "{verdachte activiteit*|ongebruikelijke activiteit*|verdachte transactie*|nieuwe inlogpoging|onbekend apparaat|nieuw apparaat|ongeautoriseerd*|onbevoegd*|beveiligingswaarschuwing|veiligheidsredenen|beveiligingsredenen|fraude|we hebben vastgesteld|wij hebben vastgesteld|hebben geconstateerd|hebben ontdekt|als u dit niet was|niet herkent|beveiligingsprobleem|onregelmatigheden|verdachte inlog*}"),
    (Cue::PayFail, "{betaling|incasso|afschrijving|transactie|betaalmethode} {mislukt|is mislukt|geweigerd|niet|is geweigerd|afgewezen|kon|verlopen|is verlopen}
        {niet verwerken|niet incasseren|probleem met uw betaling|betalingsprobleem|betalingsachterstand|niet afgeschreven|kon niet worden verwerkt|niet verlengen|konden uw}"),
    (Cue::Unverified, "{moet u|dient u|u dient|u moet|moet je|is vereist|vereist|verplicht|noodzakelijk|verzoeken wij u|verzoeken u|is nodig|gelieve}
        {niet geverifieerd|niet bevestigd|nog niet|verouderd*|actie vereist}"),
    (Cue::StorageFull, "{opslag|opslagruimte|mailbox|postvak|cloudopslag|cloud opslag} {is|vol|bijna|overschreden|bereikt}"),
    (Cue::HeldMail, "{berichten|e mails} {in de wacht|vastgehouden|niet bezorgd|geblokkeerd}"),
    (Cue::Deadline, "{binnen|in de komende|binnen de|nog} {24|48|72|12|2|3|5|7|14|een|twee|enkele|de}
        {voor het einde|uiterlijk|laatste herinnering|laatste kans|laatste waarschuwing|laatste melding|laatste aanmaning|laatste mededeling|deadline|vandaag nog|verloopt vandaag|laatste oproep|laatste dag|uiterste datum}"),
    (Cue::Loss, "{om} {verdere|blokkering|onderbreking|te voorkomen|dit te voorkomen|extra|problemen|een}
        {anders|indien u niet|als u niet|bij geen|zonder|als u dit niet|indien niet} {wordt|word|zal|zijn|binnen|reageert|doet|tijdig|actie|handelt}
        {wordt|worden|zal|zullen} {uw|je|het|deze|permanent|definitief|geblokkeerd|verwijderd|automatisch|opgeschort} {account|rekening|pakket|gegevens|pas|toegang|geblokkeerd|verwijderd|foto|bestanden|opgeschort|geretourneerd|worden}
        {permanent|definitief} {verwijderd|geblokkeerd|verloren|gesloten|verliezen}
        {voorkom|verliest u|verlies van|geretourneerd|teruggestuurd|blijven gebruiken|te voorkomen}"),
    (Cue::Urgent, "{dringend|urgent|onmiddellijk|direct|zo spoedig mogelijk|zo snel mogelijk|met spoed|spoed|belangrijk|let op|waarschuwing|actie vereist|belangrijke}"),
    (Cue::GenericGreeting, "{geachte|beste|hallo|dag} {klant|heer mevrouw|relatie|gebruiker|mevrouw|heer|lid|mevrouw heer|rekeninghouder|cliente|begunstigde|clienten|klanten|abonnee|burger}
        {geachte heer of mevrouw|geachte heer mevrouw}"),
    (Cue::Greeting, "{geachte|beste|hallo|hoi|goedemorgen|goedemiddag|goedenavond|goedendag|lieve}"),
    (Cue::Closing, "{met vriendelijke groet|met vriendelijke groeten|vriendelijke groet|groeten|hoogachtend|bedankt|dank u|mvg|hartelijke groet}"),
    (Cue::Disclaimer, "{dit bericht|deze e mail|deze email} {is|kan|bevat|en eventuele}"),
    (Cue::Renewal, "{automatisch verlengd|automatische verlenging|wordt verlengd|is verlengd|automatisch vernieuwd}"),
    (Cue::Charged, "{wordt afgeschreven|is afgeschreven|zal worden afgeschreven|bedrag van|in rekening gebracht}"),
    (Cue::Dispute, "{als u deze bestelling niet|niet door u|annuleren|opzeggen|te annuleren|niet heeft geplaatst}"),
    (Cue::HelpLine, "{klantenservice|helpdesk|klantendienst}"),
    (Cue::Fortune, "{miljoen|miljoenen} {euro|dollar|dollars|usd|us}
        {erfenis|compensatiefonds|donatie van|loterij|naaste familielid|begunstigde van|nalatenschap}"),
    (Cue::Share, "{zakelijk voorstel|zakenvoorstel|investeringsvoorstel|leningaanbod|lening van|investeren in}"),
    (Cue::Stranger, "{mijn naam is|ik ben de heer|ik ben mevrouw|ik schrijf u|ik neem contact met u op}"),
    (Cue::Death, "{overleden|weduwe|kanker|wezen|testament}"),
    (Cue::Faith, "{god zegene|liefdadigheid|goede doelen}"),
    (Cue::Chosen, "{u bent|je bent|u bent de} {geselecteerd|gekozen|uitgekozen|de winnaar|winnaar|de gelukkige}
        {gefeliciteerd|proficiat|u heeft gewonnen|je hebt gewonnen}"),
    (Cue::Hacked, "{ik heb} {uw|je|toegang|volledige toegang|een trojan|malware|ingebroken}
        {gehackt|malware op uw}"),
    (Cue::Recorded, "{masturb*|pornosites|porno*|sites voor volwassenen|webcam|intieme video}"),
    (Cue::Coin, "{cryptovaluta|cryptomunten}"),
    (Cue::Expose, "{uw vrienden|je vrienden|uw familie|je familie|uw contacten|al uw contacten|je contacten|uw reputatie|openbaar maken|verspreiden}"),
    (Cue::Available, "{bent u beschikbaar|ben je beschikbaar|bent u op kantoor|ben je op kantoor|heeft u even tijd|heb je even tijd|je mobiele nummer|uw mobiele nummer}"),
    (Cue::Task, "{ik heb je hulp nodig|ik heb uw hulp nodig|kun je voor mij|kunt u voor mij|een klus|een taak voor|kun je iets voor mij}"),
    (Cue::GiftCard, "{cadeaukaart|cadeaukaarten|cadeaubonnen|cadeaubon|giftcards|giftcard}"),
    (Cue::BankChange, "{wijzigen|wijziging|nieuw|nieuwe|gewijzigd|veranderen} {van|mijn|ons|rekeningnummer|bankgegevens|bankrekening} {rekeningnummer|bankrekening|bankgegevens|salarisrekening|iban}
        {nieuw rekeningnummer|nieuwe bankgegevens|rekeningnummer wijzigen|ander rekeningnummer}"),
    (Cue::Wire, "{spoedbetaling|spoedoverboeking|overboeking doen|betaling uitvoeren|overschrijving doen|een betaling doen|betaling verrichten}"),
    (Cue::NoCall, "{ik zit in een vergadering|in een vergadering|ik kan niet bellen|niet bereikbaar|verzonden vanaf mijn iphone|verstuurd vanaf mijn iphone}"),
    (Cue::Secrecy, "{vertrouwelijk|onder ons|geheim|discretie}"),
    (Cue::PiiItem, "{volledige naam|geboortedatum|volledig adres|telefoonnummer|nationaliteit|paspoort|beroep|burgerlijke staat|bsn|rekeningnummer|identiteitskaart|leeftijd}"),
    (Cue::Warning, "{oplichting|oplichters|nepmail|nepmails|vragen nooit|vraagt nooit|zullen nooit}"),
    (Cue::Unsubscribe, "{uitschrijven|afmelden|meld je af|meld u af|schrijf je uit|niet meer ontvangen|geen e mails meer}"),
    (Cue::Browser, "{bekijk in browser|bekijk online|online versie|webversie|bekijk deze|u ontvangt deze|je ontvangt deze}"),
    (Cue::Newsletter, "{nieuwsbrief|lees meer|lees verder|meer lezen|ontdek meer}"),
    (Cue::Receipt, "{bestelnummer|ordernummer|orderbevestiging|track trace|is bezorgd|is verzonden|bestelling is}"),
    (Cue::NoAction, "{geen actie vereist|hoeft niets te doen|negeer dit|geen actie nodig}"),
    (Cue::PurchaseOrder, "{inkooporder|bestelbon|offerteaanvraag|prijsaanvraag}"),
];
