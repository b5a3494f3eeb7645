//! English.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{verify|verified|verifying|confirm|confirming|validate|validating|authenticate}
        {re verify|reverify|revalidate|reconfirm|re confirm|re activate your}
        verification {process|page|link|steps|request}
        {provide|submit|enter|complete|fill in|fill out|supply} {your|the|all|following|missing|required|some}
        {validation|confirmation} of your
        start {kyc|verification}
        {begin|complete} {verification|the verification|your verification|the merge|the migration}"),
    (Cue::Update, "{update|upgrade|renew|review|correct|migrate|synchronize|restore and update} {your|the|account|now|payment|billing|my|membership|records|wallet|information|details|credit|card}
        updating your
        update {is|was} {required|needed}
        {update|upgrade} {required|needed|it now|immediately}
        {keep|retain|maintain} {your|the|my|same|current} {password|account|access}
        {change|reset} {your|password} {password|payment|card|now}"),
    (Cue::SignIn, "{log in|login|log on|sign in|signin|sign on|log back in} {to|into|using|with|here|now|below|securely|immediately}
        {log in|login|sign in|log on} {and|page}
        {please|simply|kindly} {log in|login|sign in}
        access your {account|wallet|mailbox|statement|online|profile|membership}
        {access|open|view} {my|your} account
        connect your wallet
        link your wallet"),
    (Cue::Restore, "{restore|regain|recover|reactivate|re activate|reinstate|unlock|unblock|unsuspend|re enable|reenable|lift} {your|the|my|full|this|access|account|all|immediate|limitation|restriction}
        {reactivate|recover|unlock|restore} {account|access|now|wallet|mailbox}
        remove the {limitation|limitations|restriction|restrictions|suspension|hold}
        {secure|protect} {your|my} {account|wallet|mailbox|device|assets|cryptocurrency}
        {dispute|cancel} this {sign in|login|transaction} {here|below}
        report the user"),
    (Cue::Click, "click {here|below|on|the|this|to|now|continue}
        {clicking|tapping} {here|below|on|the|this}
        {follow|use|visit|open|press|tap|hit} {the|this|our} {link|button|secure link|following link|link below|button below|url|page|website|web page|web site|steps|instructions}
        {follow|visit|use} {the|these} {steps|link|instructions} below
        {link|button|page|form} below
        {following|below|secure|attached} {link|form|website|web site|url|page}
        tap {below|here}
        {button|link} to {continue|proceed|verify|confirm}
        go to the {page|link|following}
        copy and paste the {link|url}
        {update|verify|confirm|act|renew|restore|check|download|activate|review|validate|unlock|cancel|upgrade|start|claim|secure|resolve|migrate} now
        {verification|activation|confirmation} link
        {renew|verify|update|act|restore|pay|confirm|upgrade|respond} immediately
        take action"),
    (Cue::Scan, "scan the {qr|code|barcode}
        {qr|qr code} {below|to|with|using}
        with your {phone|phone camera|camera|mobile}"),
    (Cue::View, "{view|open|see|review|read|access|download|preview|retrieve} {the|your|this|attached|shared|secure|full} {document|documents|file|files|message|messages|fax|voicemail|invoice|statement|pdf|attachment|folder|report|contract|payslip}
        {view|open|review|download|read|get} {document|documents|file|files|message|invoice|statement|attachment}
        review and sign
        {listen to|play} {the|your|this|message|voicemail|voice|it}
        see attached
        {find|found|open|check} attached"),
    (Cue::Claim, "claim {your|the|now|my|here|it|this}
        {redeem|collect|withdraw|receive} {your|the|now|my|these}
        {get|take|unlock|activate|retrieve} your {reward|bonus|gift|prize|tokens|coins|ethereum|bitcoin|nft|refund|grant|airdrop|cashback}
        claim {reward|refund|bonus|prize|tokens|gift}
        {to|can} claim"),
    (Cue::Call, "{call|contact|phone|reach|ring|dial} {us|our|the|on|at|now|immediately|this|customer|support|helpline|toll|billing|cancellation|help|technical}
        {please|kindly} {call|dial}
        {give us a call|call us|call now|call immediately|call our|dial our|call at|speak with our|speak to our}
        {reach out to|get in touch with} {our|us|the} {support|team|at|billing|help}
        {contact|connect with} {us|our} {immediately|at|on|via phone|by phone}"),
    (Cue::Answer, "{reply|respond} {to|back|with|me|as|via|by|urgently|immediately|asap|at|for|through|directly|now|only|if|so}
        get back to me
        {contact|email|write|write to|text} me {at|on|via|directly|back|through|for|immediately|with|now|here|privately|as|urgently|by|}
        {waiting for|await|awaiting|look forward to|looking forward to|expecting} {your|hearing|hear|to}
        {your|a|immediate|quick|urgent|swift|prompt} {urgent|swift|immediate|} {response|reply}
        let me know {if|asap|when|as|your}
        contact {my|the|our} {lawyer|attorney|barrister|secretary|bank|agent|claim agent|fiduciary|claims|courier|office|private}"),
    (Cue::Send, "{send|forward|email|give|provide|text|furnish|submit} {me|us|him|her} {your|the|a|with|with your|copy|all|full|personal|cell|mobile|following|some}
        {send|forward|provide|reconfirm|submit|indicate|furnish|fill} your {full|name|names|details|contact|personal|information|phone|telephone|cell|address|data|bank|mobile|private}
        {with|state|include} your {full name|full names|name|details|contact details|information|phone|telephone|private}
        {following|below|your personal|your contact|your full} {information|details|data}"),
    (Cue::Pay, "{pay|settle|remit|transfer|send} {the|this|a|your|an|only|exactly} {fee|fees|amount|balance|charge|charges|duty|duties|invoice|sum|fine|toll|customs|postage|shipping|bill|debt|outstanding}
        {pay|make} {now|payment|a payment|the payment}
        {requires|require|required|need|needs|needed} {a|an|the|} {small|additional|} {payment|fee}
        {payment|fee|balance|amount} {is|of|due|must be} {required|outstanding|due|pending|unpaid|overdue|paid}
        {unpaid|outstanding} {toll|balance|invoice|fee|fees|fine|amount|charge|customs|duty|ticket}"),
    (Cue::Your, "{your|ur|thy|yours}"),
    (Cue::Account, "{account|accounts|acount|accont}
        {subscription|membership|wallet|wallets|profile} {has|is|will|was|access|account|payment|to|now|on|information|details|verification|from|before|currently|expired|expires|status}
        your {wallet|subscription|membership|netflix|paypal|apple|amazon|ebay|microsoft|office|icloud|ledger|metamask|cloud|cloud storage|access|online banking|internet banking|crypto|online access|device|assets|cryptocurrency|user|login|sign in|storage|service|services|benefits|prime|domain|plan|card|credit card|debit card|bank|tokens|info|norton|mcafee}
        {verify|unlock|secure|restore|upgrade|access|update|migrate|recover|unverified|connect} {wallet|wallets|membership|subscription}
        {online|internet|mobile|corporate} {banking|access}
        {user|latest user|service} agreement
        kyc"),
    (Cue::Mailbox, "{mailbox|mail box|webmail|inbox|e mail account|email account|mail account|office 365|outlook account|email address password|email service|email access|mail server|email storage}
        your {email|mail|e mail} {account|password|access|will|is|has|version|storage|quota|service|address will|id}"),
    (Cue::Secret, "{password|passwords|passcode|passphrase|credentials|pin code|pin number|security code|login details|log in details|login information}
        {seed|recovery|secret|keystore|backup|security|mnemonic} {phrase|phrases|words|key}
        {private key|private keys|social security number|card number|credit card number|cvv|one time code|security question|mother s maiden name|two factor authentication|2fa|2 factor|multi factor|mfa|authenticator}"),
    (Cue::PayMethod, "{payment|billing|credit card|card|debit card|bank|financial} {method|methods|details|information|info|data|informations|profile}
        {billing|payment} {address|records|issue|problem}
        {card|credit card|debit card} {on file|you provided|number|linked|on record}
        payment {option|account}"),
    (Cue::Identity, "{your|you own|confirm|verify|of|prove} {identity|ownership|idenity}
        your {personal|account|contact|registration|customer|kyc|profile|online|security|registered|info|member} {information|informations|details|data|info|records|record|profile|by}
        {account|personal|customer|user|member|missing} {information|informations|info|records|data}
        {know your customer|kyc|government issued|photo id}
        {verify|confirm|validate} {ownership|you own|that you own|you are the owner|it is really you|it s you|that it s you|it was you|your eligibility|your recovery|your device|your info|your email|your e mail}
        wallet verification"),
    (Cue::Points, "{points|miles|cashback|loyalty points|rewards} {expire|expires|expiring|will expire|are about|balance|are expiring|available}
        {reward|bonus|loyalty} points"),
    (Cue::Refund, "{tax|your|a|pending|the|overpayment|eligible for|full} refund
        {refund|reimbursement|rebate|compensation} {of|is|amount|has|available|for|within|request|from|payment|waiting}
        {unclaimed|outstanding} {refund|payment|funds|balance}"),
    (Cue::Document, "{shared|secure|encrypted|new|important|confidential|protected|pending} {document|documents|file|files|message|folder|fax|pdf}
        {document|file|folder|fax} {has|was|is|have|from|via|shared|awaiting|ready|waiting|for you|received}
        {shared|sent} {a|an|the|you} {document|file|folder|fax|a document|a file|secure}
        {statement|estatement|payslip|tax slips|tax documents} {is|are} {ready|available|now|set}
        download {tax|statement|your tax|the statement}
        {remittance|proposal|rfq} {advice|document|copy}"),
    (Cue::Invoice, "{invoice|invoices|inv no|invoice number|proforma}"),
    (Cue::Parcel, "{parcel|package|shipment|delivery|packages|parcels}"),
    (Cue::Fee, "{customs|delivery|shipping|redelivery|re delivery|postage|import|clearance|handling|processing|release|administrative|transfer|activation} {fee|fees|duty|duties|charge|charges|cost|costs|payment|tax}
        {fee|fees|duty|duties|charge|toll} {of|is|must|before|required|unpaid|due|balance}
        {unpaid|outstanding|pending} {toll|customs|duty|fee|fees|shipping}"),
    (Cue::Suspended, "{suspend|suspended|suspension|deactivated|deactivation|deactivate|deactivating|disabled|terminated|terminate|termination|restricted|blacklisted|unusable}
        {account|access|wallet|card|subscription|membership|mailbox|profile|online access|service|services|cryptocurrency} {is|has been|was|will be|are|be|have been|were|is now|is currently|is temporarily|has now been|} {limited|locked|blocked|restricted|on hold|closed|frozen|expired|deleted|removed|paused|suspended|disabled|shut down|flagged|placed|interrupted|inactive|lost|cancelled|canceled|terminated|revoked}
        {temporarily|currently|permanently|indefinitely|immediately|been|temporary|we} {limited|locked|blocked|restricted|frozen|suspended|disabled|put on hold|have limited}
        {limited|lock|locked|block|blocked|disabled|restrict|freeze|limit} {your|certain} {account|access|online|wallet|features|sensitive|paypal|card}
        {had to|have to|forced to|temporarily} {lock|block|limit|suspend|restrict|limited|locked|blocked}
        {limited|restricted|sensitive} {access|account features|use}
        on hold
        {password|account|mailbox|subscription|email|membership|protection|access|certificate|domain|license} {will expire|has expired|expires|is expired|expired|expiring|is expiring|stopped|is about|is set to expire|is due|expiration|expiry}
        {closure|cancellation|deactivation|suspension|termination|deletion} {of|to your|request|in progress|active}
        {will|to|avoid} {be} {closed|deleted|removed|locked|blocked|limited|deactivated|restricted|permanently}
        avoid {closure|suspension|deletion|deactivation}
        your access has been"),
    (Cue::Alarm, "{unusual|suspicious|unauthorized|unauthorised|fraudulent|abnormal|irregular|unrecognized|unrecognised|strange|unexpected|unknown} {activity|activities|sign in|signin|sign|login|log in|logins|access|transaction|transactions|attempt|attempts|use|device|location|charge|charges|payment|third|account|behavior|ip|party|connection|movement|listing|listings|order|purchase}
        {new|recent|another|unknown} {sign in|login|device|log in|sign on} {to|from|detected|attempt|on|was|has|has been|location}
        {someone|somebody|a user|third party|another person} {from|tried|has|may|just|attempted|is|might|accessed|used|logged}
        {may|might|could|have|has|possibly} {have|be|been} {been|} {compromised|accessed by|hijacked|at risk|stolen|used by}
        {compromised|signs of compromise|security breach|data breach|security vulnerability|security incident|hacked}
        {security|fraud} {alert|breach|concern|concerns|reasons|warning|issue|issues|check}
        {flagged|under review|at risk}
        {discrepancy|irregularities|error|inconsistencies|problem|slight error} {in|with|on} your {account|billing|information|registration|records|personal}
        {login|sign in|access} attempts
        {detected|noticed|found|identified|recorded} {a|an|some|unusual|suspicious|that|one|significant|something|two|several}
        {if this wasn t|wasn t you|was not you|this wasn t you|if you did not|did not authorize|didn t authorize|don t recognize|do not recognize|didn t make}"),
    (Cue::PayFail, "{payment|transaction|charge|billing|renewal|card|subscription|direct debit} {failed|failure|declined|was declined|has failed|was unsuccessful|unsuccessful|could not be|couldn t be|was not|issue|problem|error|has been declined|method has expired|did not go|is past due|has expired}
        {unable to|t able to|not able to|couldn t|could not|failed to|cannot|can t} {process|validate|verify|bill|charge|collect|renew|authorize} {your|the|payment|renewal|last}
        {problem|trouble|issue|issues|difficulty} {with|processing|billing} {your|the|a|current}
        {billing|payment} {issue|issues|problem|problems|failure|error}
        we {couldn t|could not|were unable to} renew"),
    (Cue::Unverified, "{not|never|not yet} {been|} {verified|confirmed|validated|updated|activated}
        {unverified|incomplete|out of date|outdated|missing} {account|accounts|wallet|wallets|information|info|some|profile|records}
        {required to|need to|must|needs to be|need you to|requires you to|all users to|customers to|clients to|require all} {verify|be verified|confirm|be updated|update|be confirmed|upgrade|validate|activate|customers|users}
        {requires|need|needs} {verification|validation|confirmation|an update|verifying|to be verified}
        {verification|action|update|kyc|confirmation|attention|activation|response} {required|needed|is required|is needed|is due|must be|pending|is mandatory|mandatory}
        {make sure to|need to|have to|must|we need you to|we ask you to|asked to|obliged to} {re verify|re confirm|verify|confirm|upgrade|update|validate|activate|migrate}
        mandatory {step|activation|update|upgrade|verification|for all}"),
    (Cue::StorageFull, "{mailbox|storage|quota|inbox|cloud|drive|account} {is|has|limit|quota|size|space|is almost|almost|} {full|exceeded|almost full|reached|exceeds|has been exceeded|limit|running out}
        {exceeded|reached|exceeding|out of} {your|the|its|storage|mailbox|email}
        {running out of|run out of|no more|low on} {storage|space}"),
    (Cue::HeldMail, "{pending|held|undelivered|blocked|incoming|unread|quarantined|delayed|failed|suspended} {messages|emails|mails|mail|incoming|email|message}
        {messages|emails|mails|e mails} {are|were|have been|on hold|pending|could not} {held|pending|on hold|waiting|quarantined|delayed|blocked|not delivered|rejected|stuck|be delivered}
        release {messages|pending|mails|message|your|the|emails}
        {deliver|retrieve} {your|the|pending} {messages|mails|emails}"),
    (Cue::Deadline, "{within|in the next|next|less than|under|only} {12|24|36|48|72|two|three|five|seven|2|3|5|6|7|10|14|30|few} {hours|hrs|days|business|working|hour}
        {before|until|by|no later than|latest|till|on or before} {january|february|march|april|may|june|july|august|september|october|november|december|today|tomorrow|midnight|end of|close of|the end|it s too late|monday|tuesday|wednesday|thursday|friday|the deadline|this date}
        {deadline|expires today|expires soon|expire soon|today only|final day|last day|last chance|deleted today|removed today|will expire|expires in|expiring soon}
        {final|last|second|2nd|3rd|third} {notice|warning|reminder|notification|attempt|call|alert}
        {time sensitive|before it s too late|by the deadline}"),
    (Cue::Loss, "{lose|losing|loosing|loss of|loose} {your|access|all|data|any|the|every|it|account|service|files|assets}
        {permanently|automatically|indefinitely} {deleted|suspended|closed|disabled|locked|removed|lost|blocked|delete|terminate|suspend|deactivated|limited|terminated}
        {will be|may be|could be|can be} {suspended|terminated|deleted|closed|deactivated|disabled|blocked|restricted|removed|locked|limited|seized|charged|permanently}
        {result in|results in|lead to} {the|a|account|permanent|temporary|loss|suspension} {suspension|termination|loss|closure|deletion|of}
        {to|and} avoid {any|service|further|suspension|being|losing|interruption|disruption|the|closure|permanent|account|deactivation|additional|loss|termination|deletion|a|this}
        {failure|fail|failing} to {do|comply|verify|confirm|update|upgrade|provide|complete|respond|act|resolve|activate|validate|cooperate|follow|pay}
        {if you don t|if you do not|if not|unless you|unless|otherwise|ignoring|if you ignore} {verify|confirm|update|upgrade|complete|you|we|your|this|validate|resolve|it|verified|updated|act}
        {we will|will be forced to|we may} {suspend|block|terminate|close|deactivate|delete|limit|restrict|seize|be forced|have to}
        {returned to|return to|sent back to} {the|} sender
        {uninterrupted|interruption|interruptions|disruption|service interruption|permanent data loss|data loss|to continue using|continue using|keep using}"),
    (Cue::Urgent, "{urgent|urgently|immediately|immediate|asap|promptly|right away|at your earliest|without delay|important notice|important security|act now|action required|action needed|take action|attention required|required action|critical|alert|warning|as soon as possible}"),
    (Cue::GenericGreeting, "dear {customer|user|client|member|valued|respected|account|sir|friend|beneficiary|email|esteemed|webmail|private user|cardholder|subscriber|consumer|winner|owner|admin|ebay|paypal|beloved|lucky|amazon|netflix|costumer|mailbox|beneficiary|costumers|customers|users|members|clients|bank|online|account holder|our}
        {hello|hi|greetings|attention} {customer|user|dear|valued|member|costumer|beneficiary|dear friend|client}
        {valued|esteemed|respected} {customer|user|client|member}
        {sir madam|sir or madam}"),
    (Cue::Greeting, "{dear|hello|hi|hey|greetings|good morning|good afternoon|good evening|good day}"),
    (Cue::Closing, "{regards|sincerely|best regards|kind regards|best wishes|yours truly|yours faithfully|thanks|thank you|cheers|many thanks|warm regards|respectfully}
        {sincerely|faithfully} yours"),
    (Cue::Disclaimer, "{this|the} {email|e mail|message|transmission|communication} {and any|is|may|contains|and its|including} {attachments|files|confidential|intended|contain|privileged|attachment}
        intended {only|solely|exclusively} for
        {intended|named} {recipient|addressee}
        {confidential and|may contain confidential|legally privileged|may be privileged|privileged and}
        if you have received this {email|e mail|message|communication} in error"),
    (Cue::Renewal, "{auto|automatic|automatically|auto renewal|upcoming|subscription|membership|annual|yearly|plan|license|protection|antivirus|successfully} {renew|renewal|renewed|renews|auto renewed|automatically renewed|auto debit|subscription renewal}
        your {subscription|membership|plan|renewal|license|antivirus|service|order|purchase|renewal plan} {has been|for|is|was|will be|with|has|of}
        renewal {confirmation|notice|of|receipt|date|amount|for|is|invoice|charge|plan}
        thank you for {your order|your purchase|choosing|purchasing|renewing|your subscription|shopping|your recent}"),
    (Cue::Charged, "{will|has|have|was|been|be|is|successfully} {be|been|} {charged|debited|deducted|billed|auto debited|withdrawn}
        {payment|charge|amount|total|purchase|transaction} {of|for|will|amount|has been|was|is|id|successful|confirmation|processed|will be|charged|debited|paid|summary|profile|successfully}
        {billing|invoice|order|receipt|purchase|payment|transaction|charge} {statement|confirmation|summary|details|record|id|number|no|receipt|invoice|total|amount|date}
        {appear|reflect|show up} {on|in} your {statement|bank|account|card|billing}"),
    (Cue::Dispute, "{cancel|cancelling|canceling|dispute|disputing} {this|the|your|it|or|subscription|order|payment}
        {report|reverse|decline|refund|terminate|stop} {this|the|your} {transaction|subscription|charge|payment|renewal|purchase|order}
        {cancellation|claim a refund|get a refund|request a refund|for a refund|refund request|full refund|to cancel|for cancellation}
        {if you did not|if you didn t|if you haven t|if you do not|did you not|if you don t} {authorize|authorise|make|place|recognize|recognise|request|approve|wish|want|initiate|purchase|order|made}
        {did not|didn t|haven t|not} {authorize|authorise|authorized|make this|place this|recognize this|authorised|approve|initiate}
        {not made by you|wasn t you|unauthorized charge|unauthorized transaction|unauthorized payment}"),
    (Cue::HelpLine, "{customer|technical|tech|client|billing|toll free|cancellation|refund|fraud|assistance|help|support|service} {support|care|service|desk|line|center|centre|helpline|number|helpdesk|assistance|department|hotline|contact number|phone number}
        {toll free|helpline|help line|hotline|help desk|help center access}"),
    (Cue::Fortune, "{million|billion} {dollars|usd|us dollars|united states|euros|euro|pounds|british|gbp|eur|u s|us}
        {usd|us|gbp|eur} {million|billion}
        {million|millions} {of|in} {dollars|cash|us|usd}
        {inheritance|inherit|compensation|unclaimed|abandoned|unpaid|trapped|overdue|grant|donation|lottery|jackpot|huge|large} {fund|funds|sum|claim|payment|award|sum of|amount of|deposit|estate|money|inheritance}
        {fund|funds|sum|money} {transfer|transferred|transfered|release|release order|deposited|into|remittance|worth|valued}
        {release|transfer} {of|your|the|this|of your|of the} {fund|funds|sum|money|inheritance|compensation|consignment}
        {your|the} {inheritance|compensation|winning|winnings|contract sum|contract payment|consignment|donation}
        {atm|visa|master} {card|atm|debit card} {worth|loaded|valued|of|payment|valued at}
        {consignment|trunk} {box|boxes}
        {gold dust|gold bars|crude oil|diamonds}
        bank draft
        {next of kin|beneficiary of|beneficiary to|as the beneficiary|a beneficiary|lucky recipients|lucky winner|lucky winners|winning number|cash prize|cash grant|grant of|donation of|to donate}
        {wallet has been funded|your account already has|accumulated free}"),
    (Cue::Share, "{business|investment|mutual|lucrative|confidential|financial|urgent} {proposal|proposition|opportunity|transaction|partnership|collaboration|deal|assistance|relationship}
        {percent|40|50|30|20|35|60} {of the|for you|to you|will be|share|for your|of this|of it}
        {invest|investing} {in your|in your country|with you|into your}
        {foreign|reliable|trustworthy|honest|trusted|business} {partner|person|partners|individual}
        {loan|loans} {offer|at|of|with|for any}
        {private|confidential|charity|humanitarian} {investor|project|work|transaction|donation|works|deal}"),
    (Cue::Stranger, "{i am|my name is|i m|this is|am|name is} {mr|mrs|miss|ms|dr|barrister|sir|prof|madam|prince|princess|engr|sgt|sergeant|general|captain|gen|capt|barr|rev|the manager|a banker|a widow|the director|an attorney|a lawyer|the auditor|a military|major|chief}
        {my name is|i am writing to you|i am contacting you|this email comes from|i came across|i got your|i know this|this may come|come to you as a surprise|permit me|pardon me|i seek your|solicit your|with due respect|i write to|compliments of|i was instructed|i decided to contact|i have decided to}
        {attention beneficiary|attn beneficiary|dear beneficiary|attention winner|attention sir|attention ceo|dearest|dear beloved|dear friend|beloved in}
        {email|e mail} address was {randomly|selected|chosen|picked|registered}
        {do not fail|please do not ignore}"),
    (Cue::Death, "{late|deceased} {husband|father|client|customer|wife|mother|mr|engr|brother|president|depositor}
        {died|passed away|killed|plane crash|car accident|without a will|without leaving|widow|orphan|orphans|orphanage|cancer|terminal illness|terminally ill|coronavirus|war|refugee|few months to live}"),
    (Cue::Faith, "{god|god s|allah|almighty|christ|lord} {bless|fearing|willing|almighty|be with|will|grace}
        {remain blessed|in the name of|bless you|charity|humanitarian|less privileged|the poor|the needy}"),
    (Cue::Chosen, "{you|email|e mail|name|you ve|you have|address} {have been|has been|were|are|was|emerged|been} {selected|chosen|picked|shortlisted|approved|awarded|randomly|among|one of|a winner|entitled|listed|the winner|lucky|the lucky}
        {randomly|been} {selected|chosen|drawn}
        {you|email|you have|you ve} {won|win a|been awarded|been gifted}
        {congratulations|congrats}"),
    (Cue::Hacked, "{i|i have|i ve|we|we have|i had} {hacked|infected|compromised|cracked|gained access|gained full|installed|managed to hack|obtained|got access|got full} {your|full|access|a trojan|a virus|malware|into|to}
        {got|broke|hacked|logged} into your {phone|device|devices|computer|laptop|pc|mailbox|account|system|camera}
        {trojan|malware|spyware|virus|rat|keylogger|software|exploit|remote access} {on|in|onto|into|gives|gave|has|i|was|allows|trojan} {your|all|me|us|installed|the}
        {access|accessed} {to|} {your|all your|all of your} {devices|device|camera|webcam|computer|email|contacts|system|operating|accounts|microphone|messengers}
        {i know|one of} your {password|passwords}
        {your database|your website|your site|your server} {has been|was|is} hacked
        i am a {hacker|professional|programmer}
        {remote access trojan|operating system of your}"),
    (Cue::Recorded, "{video|videos|footage|recording|recorded|screen|screenshots|clip|tape|filmed} {of|with|you|showing|where|from|while|in which} {you|your|masturbat*|pleasur*|satisfy*|yourself}
        {masturbat*|pleasuring yourself|porn site|porn sites|porn|adult sites|adult website|adult websites|adult content|adult videos|satisfying yourself|perverted|intimate}
        {webcam|web cam|front camera|your camera}
        {filmed|recorded|filming|taped|watched} {you|u}
        {browsing history|dirty secrets|embarrassing}"),
    (Cue::Coin, "{bitcoin|bitcoins|btc|ethereum|litecoin|monero|usdt|crypto|cryptocurrency}
        {bitcoin|btc|ltc|wallet} {wallet|address|addr|wallets}"),
    (Cue::Expose, "{send|forward|share|leak|publish|post|distribute|release|expose} {it|this|them|everything|the video|this video|the footage|your video|the recording|all the} {to|on|online|with|publicly}
        {send|leak|publish|release|distribute|post} {the|this|your|that|all} {video|footage|recording|videos|materials|secrets|tape|data}
        {everybody|everyone|all people|all the people} you know
        {your|all of your|all your} {friends|relatives|contacts|family|colleagues|loved ones|contact list|reputation|coworkers|co workers|customers}
        {ruin|destroy|damage|ruined|destroyed} your {life|reputation|career|marriage|business}
        {hours|days} {to pay|after|to make|from|starts|once|since}
        {i will|will} {delete|destroy|erase|wipe} {the|it|your|all|everything}
        {after|once|as soon as} {receiving|i receive|i get|i have received|the payment|payment}
        {don t|do not|no need to} {try to|contact the|tell|reply|bother|go to} {police|the police|contact|reply|anyone}"),
    (Cue::Available, "{are you|r u|you} {available|at your desk|free|in the office|around|at the office|busy|there|at work}
        {let me know if you are|let me know when you are|if you are|do you have a} {available|free|moment|minute|around|less busy|unoccupied}
        {are you there|got a moment|have a moment|have a minute|got a minute|quick question|you there}
        {send|give|text|drop|share} {me your|me} {cell|mobile|personal|whatsapp|direct|cellphone|phone} {number|no}"),
    (Cue::Task, "{i need|need} {you to|your help|your assistance|a favor|you|a quick|some}
        {quick|urgent|small|important|little|confidential|discreet|private} {task|favor|favour|errand|request|assignment}
        {do|run|handle|complete|need} {a|an|this|something} {task|errand|favor|favour|quick|discreet|for me}
        {can you|could you|are you able to|would you} {help me|handle|do|get|make|process|run|take care|pay|assist me|purchase|buy}"),
    (Cue::GiftCard, "{gift|itunes|google play|steam|apple|amazon|ebay|vanilla|razer} {card|cards|gift|giftcards|giftcard|gift card|gift cards}
        {giftcard|giftcards|gift certificates}
        {scratch|scratch off|take a picture|picture of the|snap|photo of} {the|each|codes|back|card|them|off|and}"),
    (Cue::BankChange, "{change|update|changed|switch|updating|modify|amend|changing|revised|replace} {my|our|your|the|of} {direct deposit|bank|banking|payroll|bank account|beneficiary|paycheck|account details|payment details}
        {direct deposit|payroll} {information|info|details|account|change|update|form|enrollment|before}
        {new|updated|different|alternate|alternative} {bank|banking|beneficiary|wire|ach} {account|details|information|instructions|info|letter}
        {account|bank} details {has|have} {changed|been changed|been updated}
        {ach|wire} {instructions|form|details}"),
    (Cue::Wire, "{wire|bank|swift|ach|domestic|international|same day|urgent|process a|initiate a|make a} {transfer|transfers|payment|wire|wires|payments}
        {a|the|this|another} {payment|transfer|wire} {sent|made|processed|done|completed|taken care|out}
        {process|make|initiate|send|effect|arrange|complete} {a|the|an|this|out|today|urgent} {wire|payment|bank transfer|transfer|ach|outgoing|vendor|international}
        {attached|overdue|outstanding|past due|pending} {invoice|invoices|payment|payments}
        {paid|pay} {today|asap|as soon as|this invoice|the invoice|the attached}"),
    (Cue::NoCall, "{i am|i m|im|am|i will be|currently} {in a|in|at a|going into a|about to|currently in|busy in|heading into|stuck in} {meeting|meetings|conference|a meeting|board|a conference|conference call|board a|session}
        {can t|cannot|can not|unable to|won t be able to|no} {talk|take calls|take phone calls|speak|call|calls|phone calls|receive calls|answer calls}
        {limited access|no calls|only by email|only via email|email only|reach me by email|just reply|reply by email}
        sent from my {iphone|ipad|mobile|phone|samsung|android}"),
    (Cue::Secrecy, "{keep|kept|treat|handle} {this|it} {confidential|strictly|discreet|between|private|secret|quiet|with discretion|as confidential}
        {surprise|confidential|utmost secrecy|strictly confidential|top secret|highly confidential|discreetly|do not tell|don t tell|do not discuss|don t mention|do not share this|absolute confidentiality|confidentiality}"),
    (Cue::MoreInfo, "{for|get back with|reply for|respond for} more {info|information|details}
        {details|more details|full details|further details} {will be|when|once|on} {given|provided|sent|you|i|receipt|email}"),
    (Cue::PiiItem, "{full name|full names|date of birth|home address|residential address|mailing address|marital status|occupation|next of kin name|driver s license|drivers license|social security|phone number|telephone number|cell phone|mobile number|bank name|bank account number|account number|routing number|copy of your id|your passport|passport number|id card|nationality|gender|sex|age|zip code|ssn|maiden name|international passport|w 2|w2}"),
    (Cue::Warning, "{phishing|phisher|phishers|scam|scams|scammers|spoofing|social engineering|fraudsters|spoof email|spoof emails|fake emails|hoax|spamassassin|spammers}
        {never|not} {ask|asks|request|share|give|send|click|disclose|provide|tell} {you|for|your|on|anyone|us}
        {beware of|be wary of|security awareness|awareness training|protect yourself from}"),
    (Cue::Unsubscribe, "{unsubscribe|unsubscribed|opt out|no longer wish to receive|no longer want to receive|email preferences|mailing preferences|manage preferences|update your preferences|stop receiving|remove yourself|subscription preferences|communication preferences}"),
    (Cue::Browser, "{view|read|see|open} {this|it|the} {email|message|newsletter|mail} {in|online|as}
        {view|open|read} {online|in browser|in your browser|in a browser|it in your browser|it online}
        {trouble|problems} {viewing|reading|seeing} this
        web version
        {you re|you are|you} {receiving|received} this {email|newsletter|message|e mail|mail} because"),
    (Cue::Newsletter, "{newsletter|weekly digest|daily digest|monthly update|this week in|this issue|in this edition|this month s|weekly roundup|daily briefing|issue no|our blog|latest news|top stories|read more|read the full|full story|digest}"),
    (Cue::Discussion, "{i think|i guess|i tried|i try|i have tried|i m trying|does anyone|has anyone|anybody know|is there a way|as far as i|in my opinion|imho|btw|iirc|afaik|my guess|i ve been|i noticed|i wonder|i suppose|i believe|i m not sure|i m using|i am using|i get the|i would like to know|i don t think|your question|source code|patch|kernel|compile|makefile|git|stack trace|github|on the list|this list|mailing list|bug report|segfault|i agree|makes sense|we should|in theory|which version|the error|documentation}"),
    (Cue::Receipt, "{order number|order confirmation|tracking number|receipt|your order|order total|subtotal|shipping address|thank you for your order|thanks for your order|booking reference|reservation|has been shipped|has shipped|out for delivery|estimated delivery|delivered today|has been delivered|payment received}"),
    (Cue::NoAction, "{no action|no further action|nothing further} {is|} {required|needed|necessary}
        {you can|you may|can|please|just} {safely ignore|ignore this|disregard this}
        {for your information|for your records}"),
    (Cue::PurchaseOrder, "{purchase order|purchase orders|po number|po no|p o number|new order inquiry|rfq|request for quotation|request for quote|our order|order inquiry}"),
];
