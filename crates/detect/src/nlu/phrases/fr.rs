//! French.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{verifier|verifiez|confirmer|confirmez|valider|validez|verification|authentifier|authentifiez|authentification|renseigner|completer|completez}"),
    (Cue::Update, "{changez votre|changer votre|mettre a jour|mettez a jour|mise a jour|actualiser|actualisez|renouveler|renouvelez|regulariser|regularisez|modifier votre}"),
    (Cue::SignIn, "{connectez vous|connecter|vous connecter|se connecter|identifiez vous|acceder|accedez|me connecter|connexion a votre}"),
    (Cue::Restore, "{debloquer|debloquez|reactiver|reactivez|restaurer|retablir|retablissez|recuperer|recuperez|proteger|deverrouiller|securiser|securisez|reactivation}"),
    (Cue::Click, "{cliquez|cliquer|cliquant|appuyez} {ici|sur|ci|dessous|maintenant}
        {lien ci dessous|bouton ci dessous|lien suivant|le lien|bouton suivant|suivez les etapes|suivez les instructions|ci dessous|ci apres}
        {verifier|confirmer|valider|acceder|payer|regulariser|activer|continuer|mettre a jour|consulter} {maintenant|mon compte|mes|ma|en ligne}"),
    (Cue::View, "{consulter|consultez|ouvrir|ouvrez|telecharger|telechargez|voir|visualiser|visualisez} {le|la|votre|vos|document|facture|message|fichier|ce|notre|mon}
        {en piece jointe|ci joint|piece jointe|ci jointe|fichier joint}"),
    (Cue::Claim, "{reclamer|reclamez|recuperez|beneficiez|recevoir|recevez|percevoir|obtenir|obtenez|profitez de vos}"),
    (Cue::Call, "{appelez|appeler|contactez|contacter|joindre|telephonez} {nous|le|notre|au|immediatement|nos|directement|un}"),
    (Cue::Answer, "{repondez|repondre|repondez moi|contactez moi|ecrivez moi|en attente de votre|dans l attente|j attends votre|merci de me repondre|votre reponse}"),
    (Cue::Send, "{envoyez|envoyer|envoyez moi|transmettre|transmettez|communiquer|fournir|fournissez|faites moi}"),
    (Cue::Pay, "{payer|payez|regler|reglez|effectuer le paiement|procedez au paiement|procedez au reglement|paiement de|reglement de|effectuer le reglement|frais a regler|s acquitter|acquitter}"),
    (Cue::Your, "{votre|vos|ton|ta|tes}"),
    (Cue::Account, "{compte|comptes|carte|carte vitale|abonnement|espace client|banque en ligne|profil|portefeuille|espace personnel|espace securise|carte bancaire|compte ameli|service|certicode|secur pass|cle digitale|cpf}"),
    (Cue::Mailbox, "{boite aux lettres|boite mail|boite de reception|messagerie|webmail|adresse mail|boite e mail|compte mail}"),
    (Cue::Secret, "{mot de passe|mots de passe|code secret|identifiants|code confidentiel|codes d acces|phrase de recuperation|numero de carte|code de securite}"),
    (Cue::PayMethod, "{moyen de paiement|mode de paiement|informations de paiement|coordonnees bancaires|informations de facturation|informations bancaires|rib|donnees bancaires|methode de paiement}"),
    (Cue::Identity, "{votre identite|vos informations|vos donnees|vos coordonnees|informations personnelles|donnees personnelles|vos informations personnelles|votre dossier|votre adresse|votre profil|votre numero de telephone}"),
    (Cue::Points, "{points|miles|points fidelite|cheques vacances} {expirent|expires|expirer|cumules|arrivent|disponibles|bientot|de fidelite}"),
    (Cue::Refund, "{remboursement|indemnisation|restitution|trop percu|prime|aide}"),
    (Cue::Document, "{document|fichier|message|dossier|courrier|avis|facture} {partage|en attente|disponible|important|securise|joint|est disponible|vous attend|a ete|confidentiel}"),
    (Cue::Invoice, "{facture|factures|facturation|avis d echeance}"),
    (Cue::Parcel, "{colis|livraison|votre commande|expedition|votre envoi}"),
    (Cue::Fee, "{frais|frais de|droits|taxe|taxes|amende|amendes|peage|affranchissement}"),
    (Cue::Suspended, "{suspendu|suspendue|suspension|suspendus|bloque|bloquee|bloques|blocage|desactive|desactivee|desactivation|restreint|restreinte|limite|limitee|expire|expirera|expiree|a expire|cloture|resilie|interrompu|interruption|ferme definitivement|supprime|supprimes|retenu}"),
    (Cue::Alarm, "{activite suspecte|activite inhabituelle|connexion inhabituelle|connexion suspecte|nouvelle connexion|tentative de connexion|nouvel appareil|appareil inconnu|acces non autorise|transaction suspecte|operation suspecte|alerte de securite|alerte securite|raisons de securite|mesure de securite|mesures de securite|fraude|nous avons constate|nous avons detecte|nous avons remarque|nos services ont|anomalie|irregularite|si vous n etes pas|si ce n est pas vous|n etes pas a l origine}"),
    (Cue::PayFail, "{paiement|prelevement|carte|transaction} {refuse|refusee|echoue|a echoue|n a|rejete|impaye|a ete refuse|n a pas|en attente}
        {nous n avons pas pu|n avons pas pu|n a pas pu|n a pu} {etre|traiter|prelever|valider|livrer|renouveler|vous|debiter}
        {probleme de paiement|echec du paiement|echec de paiement|defaut de paiement|incident de paiement|probleme avec votre}"),
    (Cue::Unverified, "{vous devez|devez|il est necessaire|il est obligatoire|obligatoire|est requise|est requis|nous vous demandons|veuillez|nous vous invitons|merci de|necessite|necessaire de|etes invite}
        {non verifie|non confirme|action requise|verification requise|pas encore|n est pas a jour}"),
    (Cue::StorageFull, "{stockage|espace|quota|boite} {est|sature|plein|pleine|presque|atteint|depasse|insuffisant|cloud}"),
    (Cue::HeldMail, "{messages|e mails|courriels|mails} {en attente|bloques|non distribues|non remis|retenus}"),
    (Cue::Deadline, "{sous|dans les|dans un delai|d ici|avant le|avant|dans} {24|48|72|24h|48h|de|prochaines|12|le|les|2|3|5|minuit}
        {dernier rappel|dernier avis|derniere relance|date limite|dernier delai|derniere chance|au plus tard|dernier avertissement|expire bientot|aujourd hui meme|avis final|derniere notification|expirent bientot}"),
    (Cue::Loss, "{afin d eviter|pour eviter|evitez|eviter} {la|le|toute|tout|une|l|les|un|de|des}
        {a defaut|dans le cas contraire|faute de|sans reponse|si vous ne|sans quoi|passe ce delai|si aucune}
        {sera|seront|pourra|pourrait|sera automatiquement} {suspendu|suspendue|bloque|bloquee|etre|desactive|ferme|supprime|supprimes|cloture|retourne|definitivement|automatiquement|majoree|annule|resilie}
        {definitivement|perdre|perte de|retourne a l expediteur|ne seront plus|ne plus}"),
    (Cue::Urgent, "{urgent|urgente|immediatement|immediat|immediate|des que possible|dans les plus brefs|rapidement|attention|alerte|important|au plus vite|sans delai|sans tarder}"),
    (Cue::GenericGreeting, "{cher|chere|cher e|chers|bonjour} {client|cliente|clients|utilisateur|client e|membre|madame|abonne|beneficiaire|assure|ami|contribuable|usager|monsieur}
        {madame monsieur|monsieur madame|bonjour madame monsieur|cher e client e}"),
    (Cue::Greeting, "{bonjour|bonsoir|cher|chere|salut|madame|monsieur}"),
    (Cue::Closing, "{cordialement|bien cordialement|sinceres salutations|salutations|merci|bien a vous|salutations distinguees|l equipe}"),
    (Cue::Disclaimer, "{ce message|ce courriel|cet e mail} {est|et|peut|contient|et toutes|et ses}
        {strictement confidentiel|destinataire prevu}"),
    (Cue::Renewal, "{renouvellement automatique|renouvele automatiquement|sera renouvele|a ete renouvele|renouvellement de votre}"),
    (Cue::Charged, "{a ete debite|sera debite|vous serez debite|montant de|prelevement de|a ete preleve|sera preleve}"),
    (Cue::Dispute, "{si vous n avez pas|pour annuler|annuler la commande|annuler cette|contester|faire opposition|annuler votre}"),
    (Cue::HelpLine, "{service client|service clients|assistance technique|support technique|ligne d assistance}"),
    (Cue::Fortune, "{millions|million} {d|de|euros|dollars}
        {heritage|fonds de compensation|don de|loterie|plus proche parent|beneficiaire de|heritier|succession|legs}"),
    (Cue::Share, "{proposition d affaires|proposition d affaire|opportunite d affaires|offre de pret|pret de|prets|investir dans|partenariat financier|pret entre}"),
    (Cue::Stranger, "{je m appelle|je me nomme|mon nom est|je suis mme|je suis monsieur|je suis madame|je suis maitre|je vous ecris|je vous contacte}"),
    (Cue::Death, "{defunt|decede|decedee|deces|veuve|cancer|orphelins|orphelinat|testament}"),
    (Cue::Faith, "{dieu|benisse|oeuvres de charite|charite|oeuvre caritative}"),
    (Cue::Chosen, "{vous avez ete|vous etes|votre adresse a ete|avez ete} {selectionne|selectionnee|choisi|tire|l heureux|gagnant|le gagnant|tire au sort}
        {felicitations|vous avez gagne|bravo}"),
    (Cue::Hacked, "{j ai pirate|j ai hacke|j ai infecte|j ai eu acces|j ai acces|j ai installe|j ai obtenu}"),
    (Cue::Recorded, "{masturb*|sites pour adultes|sites porno*|site pour adultes|contenu pour adultes|webcam|video intime|porno*}"),
    (Cue::Coin, "{cryptomonnaie|cryptomonnaies}"),
    (Cue::Expose, "{vos amis|votre famille|vos contacts|vos proches|vos collegues|votre reputation|tous vos contacts|diffuser|je publierai|enverrai}"),
    (Cue::Available, "{etes vous disponible|es tu disponible|etes vous au bureau|es tu au bureau|avez vous un moment|as tu un moment|votre numero de portable|ton numero|votre numero whatsapp}"),
    (Cue::Task, "{j ai besoin de votre|j ai besoin que|j ai besoin de ton|une tache|un service a te demander|un service a vous demander|pouvez vous m aider|j ai besoin d un service}"),
    (Cue::GiftCard, "{cartes cadeaux|carte cadeau|cartes cadeau|tickets pcs|recharge pcs|coupons pcs|transcash|neosurf}"),
    (Cue::BankChange, "{changer|modifier|changement de|nouveau|nouvelles|mettre a jour} {mon|mes|notre|nos|de|coordonnees|le} {rib|coordonnees bancaires|bancaires|compte bancaire|iban|domiciliation}
        {nouveau rib|nouvel iban|changement de rib}"),
    (Cue::Wire, "{fassiez un virement|virement confidentiel|un virement aujourd|virement bancaire|effectuer un virement|faire un virement|virement urgent|proceder a un virement|proceder au virement|virement international}"),
    (Cue::NoCall, "{je suis en reunion|en reunion|je ne peux pas parler|je ne suis pas joignable|envoye de mon iphone|ne peux pas telephoner}"),
    (Cue::Secrecy, "{confidentiel|confidentialite|entre nous|discretion|secret}"),
    (Cue::PiiItem, "{nom complet|date de naissance|adresse complete|numero de telephone|nationalite|passeport|piece d identite|profession|situation matrimoniale|numero de compte|age|carte d identite}"),
    (Cue::Warning, "{hameconnage|escroquerie|escroqueries|arnaque|arnaques|ne vous demandera jamais|ne demandons jamais|ne communiquez jamais}"),
    (Cue::Unsubscribe, "{desabonner|desinscrire|desabonnement|desinscription|ne plus recevoir|me desinscrire|se desabonner}"),
    (Cue::Browser, "{version en ligne|voir dans le navigateur|visualiser dans|ne s affiche pas|version web|vous recevez cet|vous recevez ce|affichez ce}"),
    (Cue::Newsletter, "{lettre d information|lire la suite|en savoir plus|infolettre|actualites|newsletter}"),
    (Cue::Receipt, "{numero de commande|numero de suivi|confirmation de commande|a ete expedie|a ete livre|en cours de livraison}"),
    (Cue::NoAction, "{aucune action|ignorez ce|ignorer ce message|ne pas tenir compte|ne tenez pas compte}"),
    (Cue::PurchaseOrder, "{bon de commande|demande de devis|demande de prix}"),
];
