//! Italian.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{verifica|verificare|verifichi|conferma|confermare|confermi|convalida|convalidare|autenticare|validare|completare|completa}"),
    (Cue::Update, "{cambia la|cambiare la|aggiorna|aggiornare|aggiorni|aggiornamento|rinnova|rinnovare|rinnovo|regolarizzare|regolarizza|modifica}"),
    (Cue::SignIn, "{accedi|accedere|acceda|effettua il login|effettuare l accesso|accesso al|login}"),
    (Cue::Restore, "{sblocca|sbloccare|riattiva|riattivare|ripristina|ripristinare|recupera|recuperare|proteggi|proteggere}"),
    (Cue::Click, "{clicca|cliccare|cliccando|clicchi|premi|fai clic|fare clic}
        {seguente link|link sottostante|link seguente|link qui sotto|pulsante sottostante|pulsante qui sotto|segui le istruzioni|segui i passaggi|link di seguito}
        {verifica|conferma|aggiorna|accedi|paga|attiva|sblocca|procedi} {ora|adesso|subito}"),
    (Cue::View, "{visualizza|apri|scarica|visualizzare|scaricare|consulta|leggi} {il|la|documento|fattura|messaggio|file|l allegato}
        {in allegato|documento allegato|file allegato}"),
    (Cue::Claim, "{riscatta|riscattare|ritira|ritirare|richiedi|richiedere|ricevi|ricevere|ottieni} {il|la|i|tuo|tuoi|premio|rimborso|subito|ora}"),
    (Cue::Call, "{chiama|chiamare|contatta|contattare|chiami|contatti} {il|al|ci|subito|immediatamente|nostro|la}"),
    (Cue::Answer, "{rispondi|rispondere|rispondimi|attendo una|in attesa di|contattami|mi risponda|mi contatti}"),
    (Cue::Send, "{invia|inviare|inviami|invii|fornire|fornisci|comunicare}"),
    (Cue::Pay, "{paga|pagare|effettua il pagamento|effettuare il pagamento|pagamento di|saldare|pagamento in sospeso|versare}"),
    (Cue::Your, "{suo|sua|suoi|tuo|tua|tuoi|vostro|vostra|tue}"),
    (Cue::Account, "{account|conto|conti|carta|abbonamento|profilo|area clienti|home banking|utenza|portafoglio|conto corrente|spid|postepay|tessera sanitaria}"),
    (Cue::Mailbox, "{casella di posta|casella postale|casella e mail|webmail|posta in arrivo|casella email}"),
    (Cue::Secret, "{password|codice pin|credenziali|codice di sicurezza|frase di recupero|dati di accesso|numero della carta|codice segreto}"),
    (Cue::PayMethod, "{metodo di pagamento|dati di pagamento|dati bancari|informazioni di pagamento|dati di fatturazione|informazioni di fatturazione|dati della carta|modalita di pagamento}"),
    (Cue::Identity, "{tua identita|sua identita|tuoi dati|suoi dati|dati personali|informazioni personali|dati anagrafici|informazioni del tuo|tue informazioni}"),
    (Cue::Points, "{punti} {scadono|in scadenza|accumulati|disponibili|fedelta}"),
    (Cue::Refund, "{rimborso|risarcimento|indennita}"),
    (Cue::Document, "{documento|file|messaggio|fattura} {condiviso|in attesa|disponibile|importante|protetto|allegato}"),
    (Cue::Invoice, "{fattura|fatture|fatturazione|bolletta}"),
    (Cue::Parcel, "{pacco|spedizione|consegna|il tuo ordine|pacchi}"),
    (Cue::Fee, "{spese|costi|tassa|tasse|dazi|multa|pedaggio|oneri}"),
    (Cue::Suspended, "{sospeso|sospesa|sospensione|bloccato|bloccata|blocco|disattivato|disattivata|limitato|limitata|scaduto|scaduta|chiuso|chiusura|disabilitato|sospesi|cancellato|in giacenza|trattenuto|in scadenza}"),
    (Cue::Alarm, "{attivita sospetta|attivita insolita|attivita anomala|accesso non autorizzato|accesso sospetto|nuovo accesso|nuovo dispositivo|accesso anomalo|transazione sospetta|avviso di sicurezza|motivi di sicurezza|ragioni di sicurezza|frode|abbiamo rilevato|abbiamo riscontrato|abbiamo notato|se non sei stato tu|anomalia|anomalie|operazione sospetta}"),
    (Cue::PayFail, "{pagamento|addebito|carta|transazione} {rifiutato|rifiutata|non|fallito|non riuscito|negato|in sospeso|scaduta}
        {non siamo riusciti|non e stato possibile|impossibile} {a|elaborare|addebitare|consegnare|rinnovare|completare|effettuare}
        {problema con|problemi con} {il|la|suo|i} {pagamento|tuo|fatturazione|metodo|carta}"),
    (Cue::Unverified, "{devi|deve|e necessario|e obbligatorio|richiede|bisogna|la invitiamo|ti invitiamo|occorre|si prega di|obbligatoria}
        {non verificato|verifica richiesta|azione richiesta|non aggiornati}"),
    (Cue::StorageFull, "{spazio|archiviazione|casella|memoria} {e|pieno|piena|quasi|esaurito|esaurita|insufficiente}"),
    (Cue::HeldMail, "{messaggi|e mail|email} {in sospeso|in attesa|non consegnati|bloccati|trattenuti}"),
    (Cue::Deadline, "{entro|nelle prossime|entro le|entro i} {24|48|72|12|il|le|prossime|e non|3|5|7}
        {ultimo avviso|ultimo sollecito|scadenza|scade oggi|ultima possibilita|avviso finale|ultima notifica|oggi stesso|in scadenza}"),
    (Cue::Loss, "{evitare|per evitare|evita} {la|il|che|l|ulteriori|interruzioni|una|sospensione}
        {in caso contrario|altrimenti|in caso di mancata|se non|in mancanza}
        {sara|saranno|verra|verranno|potrebbe} {sospeso|bloccato|bloccata|chiuso|essere|disattivato|eliminato|eliminati|cancellato|restituito|sospesa|limitato|definitivamente}
        {perdere|perdita|definitivamente|permanentemente}"),
    (Cue::Urgent, "{urgente|urgentemente|immediatamente|immediata|immediato|il prima possibile|al piu presto|attenzione|avviso|importante|tempestivamente}"),
    (Cue::GenericGreeting, "{gentile|caro|cara|egregio|spettabile|stimato} {cliente|utente|signore|titolare|correntista|socio|amico|contribuente}"),
    (Cue::Greeting, "{gentile|caro|cara|ciao|salve|buongiorno|buonasera|egregio}"),
    (Cue::Closing, "{cordiali saluti|distinti saluti|saluti|grazie|cordialmente|un saluto}"),
    (Cue::Disclaimer, "{questo messaggio|questa email|questa e mail} {e|puo|contiene|ed eventuali}"),
    (Cue::Renewal, "{rinnovo automatico|si rinnovera|e stato rinnovato|rinnovato automaticamente}"),
    (Cue::Charged, "{e stato addebitato|sara addebitato|addebito di|importo di|verra addebitato}"),
    (Cue::Dispute, "{se non hai|se non riconosci|per annullare|annullare l ordine|contestare|disdire}"),
    (Cue::HelpLine, "{assistenza clienti|servizio clienti|numero verde}"),
    (Cue::Fortune, "{milioni|milione} {di|euro|dollari}
        {eredita|fondo di compensazione|donazione di|lotteria|parente prossimo|beneficiario|fondi non reclamati}"),
    (Cue::Share, "{proposta di affari|proposta commerciale|proposta d affari|offerta di prestito|prestito di|prestiti|investire in}"),
    (Cue::Stranger, "{mi chiamo|il mio nome e|sono il signor|sono la signora|sono l avvocato|le scrivo|ti scrivo per}"),
    (Cue::Death, "{defunto|deceduto|deceduta|vedova|cancro|orfani|testamento}"),
    (Cue::Faith, "{dio|benedica|beneficenza|opere di carita}"),
    (Cue::Chosen, "{sei stato|e stato|lei e stato|sei il} {selezionato|scelto|estratto|vincitore}
        {congratulazioni|complimenti|hai vinto|ha vinto}"),
    (Cue::Hacked, "{ho hackerato|ho violato|ho infettato|ho avuto accesso|ho accesso|ho installato|ho ottenuto}"),
    (Cue::Recorded, "{masturb*|siti per adulti|siti porno*|sito per adulti|contenuti per adulti|webcam|video intimo|porno*}"),
    (Cue::Coin, "{criptovaluta|criptovalute}"),
    (Cue::Expose, "{tuoi amici|suoi amici|tua famiglia|tuoi contatti|suoi contatti|tutti i tuoi|tua reputazione|diffondero|pubblichero|inviero il video}"),
    (Cue::Available, "{sei disponibile|e disponibile|sei in ufficio|e in ufficio|hai un momento|ha un momento|il tuo numero|suo numero di cellulare}"),
    (Cue::Task, "{ho bisogno che|ho bisogno del tuo|ho bisogno di un favore|un compito|ho bisogno del suo aiuto}"),
    (Cue::GiftCard, "{carte regalo|carta regalo|buoni regalo|buono regalo}"),
    (Cue::BankChange, "{cambiare|modificare|aggiornare|nuove|nuovo|cambio di} {le|il|mie|mio|coordinate|nostro|conto} {coordinate bancarie|conto bancario|iban|bancarie|coordinate|stipendio}"),
    (Cue::Wire, "{bonifico bancario|effettuare un bonifico|fare un bonifico|bonifico urgente|disporre un bonifico}"),
    (Cue::NoCall, "{sono in riunione|non posso parlare|non posso rispondere|inviato da iphone}"),
    (Cue::Secrecy, "{confidenziale|riservato|riservatezza|tra noi|massima riservatezza}"),
    (Cue::PiiItem, "{nome completo|data di nascita|indirizzo completo|numero di telefono|nazionalita|passaporto|professione|stato civile|codice fiscale|numero di conto|carta d identita}"),
    (Cue::Warning, "{truffa|truffe|truffatori|non chiede mai|non chiediamo mai|mai richiesto}"),
    (Cue::Unsubscribe, "{annulla iscrizione|annullare l iscrizione|cancella iscrizione|disiscriviti|disiscrizione|non desideri piu ricevere|cancellarti|cancellati}"),
    (Cue::Browser, "{visualizza nel browser|versione online|non visualizzi|visualizza online|ricevi questa|hai ricevuto questa}"),
    (Cue::Newsletter, "{leggi tutto|scopri di piu|leggi di piu|newsletter}"),
    (Cue::Receipt, "{numero d ordine|numero ordine|conferma d ordine|conferma ordine|e stato spedito|e stato consegnato|in consegna}"),
    (Cue::NoAction, "{nessuna azione|ignora questa|ignorare questa}"),
    (Cue::PurchaseOrder, "{ordine di acquisto|ordine d acquisto|richiesta di preventivo|richiesta di offerta}"),
];
