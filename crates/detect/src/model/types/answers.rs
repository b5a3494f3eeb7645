//! The types of what is not in a message: models, pictures, fetched pages, records of senders and
//! of domains.

use clawback_mql::{RecordType, Ty};

use super::mail::{DOMAIN, FILE, URL};
use super::{LINKS, TEXTS, URLS};

types! {
    BRAND_INFO = "BrandInfo" {
        "confidence": Ty::Text,
        "name": Ty::Text,
    }
    CRED_PHISH = "CredPhish" {
        "brand": Ty::Record(&BRAND_INFO),
        "confidence": Ty::Text,
        "contains_captcha": Ty::Bool,
        "contains_login": Ty::Bool,
        "disposition": Ty::Text,
    }
    LINK_ANALYSIS_RESULT = "LinkAnalysisResult" {
        "additional_responses": Ty::List(&Ty::Record(&ADDITIONAL_RESPONSE)),
        "analyzed": Ty::Bool,
        "content_type": Ty::Text,
        "credphish": Ty::Record(&CRED_PHISH),
        "diagnostics": Ty::Record(&LINK_DIAGNOSTICS),
        "effective_url": Ty::Record(&URL),
        "files_downloaded": Ty::List(&Ty::Record(&DOWNLOADED_FILE)),
        "final_dom": Ty::Record(&FINAL_DOM),
        "original_url": Ty::Record(&URL),
        "redirect_history": URLS,
        "retrieved": Ty::Bool,
        "retrieved_at": Ty::Text,
        "screenshot": Ty::Record(&FILE),
        "status_code": Ty::Int,
        "submitted": Ty::Bool,
        "unique_urls_accessed": URLS,
    }
    LINK_DIAGNOSTICS = "LinkAnalysisRunDiagnostics" {
        "created_at": Ty::Text,
        "submit_verdict": Ty::Text,
        "submit_verdict_url": Ty::Text,
    }
    NLU_CONTENT = "NLUContent" {
        "confidence": Ty::Text,
        "name": Ty::Text,
    }
    NLU_ENTITY = "NLUEntity" {
        "name": Ty::Text,
        "text": Ty::Text,
    }
    NLU_INTENT = "NLUIntent" {
        "confidence": Ty::Text,
        "name": Ty::Text,
    }
    TOPIC = "Topic" {
        "confidence": Ty::Text,
        "name": Ty::Text,
    }
    ADDITIONAL_RESPONSE = "AdditionalResponse" {
        "content_type": Ty::Text,
        "file": Ty::Record(&DOWNLOADED_FILE),
        "json": Ty::Any,
        "status_code": Ty::Int,
        "url": Ty::Record(&URL),
    }
    DOWNLOADED_FILE = "DownloadedFile" {
        "file_extension": Ty::Text,
        "file_name": Ty::Text,
        "file_type": Ty::Text,
        "md5": Ty::Text,
        "raw": Ty::Text,
        "sha1": Ty::Text,
        "sha256": Ty::Text,
        "size": Ty::Int,
    }
    FINAL_DOM = "FinalDOM" {
        "display_text": Ty::Text,
        "inner_text": Ty::Text,
        "links": LINKS,
        "raw": Ty::Text,
    }
    LOGO_PAGE_RESULT = "LogoPageResult" {
        "brands": Ty::List(&Ty::Record(&BRAND_INFO)),
        "error": Ty::Text,
        "page_index": Ty::Int,
    }
    LOGO_RESULT = "LogoResult" {
        "brands": Ty::List(&Ty::Record(&BRAND_INFO)),
        "error": Ty::Text,
        "page_results": Ty::List(&Ty::Record(&LOGO_PAGE_RESULT)),
        "scanned": Ty::Bool,
        "total_pages": Ty::Int,
    }
    ML_MACRO_CLASSIFIER_RESULT = "MlMacroClassifierResult" {
        "confidence": Ty::Text,
        "error": Ty::Text,
        "malicious": Ty::Bool,
    }
    NLU_RESULT = "MlNLU3TopicResult" {
        "entities": Ty::List(&Ty::Record(&NLU_ENTITY)),
        "error": Ty::Text,
        "intents": Ty::List(&Ty::Record(&NLU_INTENT)),
        "language": Ty::Text,
        "success": Ty::Bool,
        "tags": Ty::List(&Ty::Record(&NLU_CONTENT)),
        "topics": Ty::List(&Ty::Record(&TOPIC)),
    }
    ML_TOPIC_RESULT = "MlTopicResult" {
        "topics": Ty::List(&Ty::Record(&TOPIC)),
    }
    PROFILE = "BaseSenderProfile" {
        "any_false_positives": Ty::Bool,
        "any_messages_benign": Ty::Bool,
        "any_messages_malicious_or_spam": Ty::Bool,
        "auth_failed": Ty::Bool,
        "days_known": Ty::Float,
        "days_since": Ty::Any,
        "prevalence": Ty::Text,
        "solicited": Ty::Bool,
    }
    WHOIS = "WhoisResult" {
        "administrative_company": Ty::Text,
        "administrative_email": Ty::Text,
        "administrative_name": Ty::Text,
        "administrative_phone": Ty::Text,
        "checked_at": Ty::Text,
        "created_at": Ty::Text,
        "days_old": Ty::Float,
        "domain_status": TEXTS,
        "error": Ty::Text,
        "expires_at": Ty::Text,
        "found": Ty::Bool,
        "name_servers": Ty::List(&Ty::Record(&DOMAIN)),
        "registrant_address": Ty::Text,
        "registrant_city": Ty::Text,
        "registrant_company": Ty::Text,
        "registrant_country": Ty::Text,
        "registrant_country_code": Ty::Text,
        "registrant_email": Ty::Text,
        "registrant_fax": Ty::Text,
        "registrant_name": Ty::Text,
        "registrant_phone": Ty::Text,
        "registrant_state": Ty::Text,
        "registrant_zip": Ty::Text,
        "registrar_name": Ty::Text,
        "root_domain": Ty::Text,
        "technical_company": Ty::Text,
        "technical_email": Ty::Text,
        "technical_name": Ty::Text,
        "technical_phone": Ty::Text,
        "updated_at": Ty::Text,
    }
    OCR = "Ocr" {
        "error": Ty::Text,
        "page_results": Ty::List(&Ty::Record(&OCR_PAGE)),
        "screenshot": Ty::Record(&FILE),
        "success": Ty::Bool,
        "text": Ty::Text,
    }
    OCR_PAGE = "OcrPage" {
        "page_index": Ty::Int,
        "text": Ty::Text,
    }
    ATTACK_SCORE = "AttackScore" {
        "graymail_score": Ty::Float,
        "score": Ty::Float,
        "signals": Ty::List(&Ty::Record(&ATTACK_SIGNAL)),
        "verdict": Ty::Text,
    }
    ATTACK_SIGNAL = "AttackSignal" {
        "category": Ty::Text,
        "description": Ty::Text,
        "rank": Ty::Int,
    }
    TRANSLATION = "Translation" {
        "language": Ty::Text,
        "text": Ty::Text,
    }
    SENSITIVE = "SensitiveInformation" {
        "elements": Ty::List(&Ty::Record(&SENSITIVE_ELEMENT)),
    }
    SENSITIVE_ELEMENT = "SensitiveElement" {
        "confidence": Ty::Text,
        "text": Ty::Text,
        "type": Ty::Text,
    }
    XPATH_RESULT = "XPathResult" {
        "nodes": Ty::List(&Ty::Record(&XPATH_NODE)),
    }
    XPATH_NODE = "XPathNode" {
        "display_text": Ty::Text,
        "inner_text": Ty::Text,
        "links": LINKS,
        "raw": Ty::Text,
    }
}
