//! What mail programs write around what they quote, in the languages they speak.

/// A field of the block that stands above a quoted message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Name {
    From,
    Date,
    To,
    Cc,
    Bcc,
    Subject,
    Other,
}

/// The field that a word in lower case names.
pub(super) fn name_of(word: &str) -> Option<Name> {
    let found = NAMES.iter().find(|(_, words)| words.contains(&word));
    found.map(|(name, _)| *name)
}

const NAMES: [(Name, &[&str]); 7] = [
    (
        Name::From,
        &[
            "from", "von", "de", "da", "van", "från", "fra", "lähettäjä", "od", "odesílatel", "feladó",
            "kimden", "gönderen", "от", "від", "差出人", "发件人", "發件人", "寄件者", "寄件人", "보낸 사람", "보낸사람",
            "de la", "από", "expéditeur", "remitente", "remetente", "mittente", "absender", "afzender",
            "odosielateľ", "từ", "dari", "מאת", "من",
        ],
    ),
    (
        Name::Date,
        &[
            "sent", "date", "gesendet", "datum", "envoyé", "envoyée", "enviado", "enviado el", "enviado em",
            "enviada em", "enviada", "fecha", "data", "inviato", "data invio", "verzonden", "skickat", "sendt",
            "dato", "lähetetty", "päivämäärä", "päiväys", "wysłano", "wysłane", "odesláno", "odoslané", "küldve",
            "elküldve", "dátum", "gönderildi", "gönderme tarihi", "gönderilme tarihi", "tarih", "отправлено",
            "дата", "надіслано", "送信日時", "日時", "日付", "发送时间", "發送時間", "寄件日期", "傳送日期", "日期", "时间",
            "보낸 날짜", "날짜", "trimis", "dată", "στάλθηκε", "ημερομηνία", "ngày", "tanggal", "sent at", "date sent",
            "gesendet am", "verzonden op", "fecha de envío",
        ],
    ),
    (
        Name::To,
        &[
            "to", "an", "à", "a", "para", "aan", "till", "til", "vastaanottaja", "do", "komu", "címzett", "kime",
            "alıcı", "кому", "宛先", "收件人", "收件者", "받는 사람", "받는사람", "către", "προς", "destinataire",
            "destinatario", "destinatário", "đến", "kepada", "pre",
        ],
    ),
    (Name::Cc, &["cc", "kopie", "kopia", "kopi", "kopio", "dw", "copie", "copia", "cópia", "másolatot kap", "bilgi", "копия", "копія", "抄送", "副本", "참조", "κοιν."]),
    (Name::Bcc, &["bcc", "cci", "cco", "ccn", "bcc:", "密送", "密件抄送"]),
    (
        Name::Subject,
        &[
            "subject", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne", "aihe",
            "temat", "předmět", "predmet", "tárgy", "konu", "тема", "件名", "主题", "主題", "主旨", "제목", "subiect", "θέμα",
            "betr.", "betreft", "chủ đề", "subjek", "perihal",
        ],
    ),
    (
        Name::Other,
        &["reply-to", "reply to", "antwort an", "importance", "priority", "wichtigkeit", "importancia", "organization", "attachments", "anlagen", "répondre à"],
    ),
];

/// Words with which a line that introduces a quotation ends, before its colon or after it.
pub(super) const WROTE: [&str; 38] = [
    "wrote", "writes", "schrieb", "hat geschrieben", "a écrit", "écrivait", "escribió", "escreveu", "ha scritto",
    "schreef", "het volgende geschreven", "skrev", "kirjoitti", "napisał", "napisała", "napisał(a)", "pisze",
    "napsal", "napsal(a)", "napísal", "ezt írta", "írta", "şunu yazdı", "yazdı", "написал", "написал(а)",
    "пишет", "написав", "пише", "写道", "寫道", "のメール", "が書きました", "님이 작성", "đã viết", "a scris", "έγραψε", "menulis",
];

/// How such a line begins; one of these, or a date, must stand in front.
pub(super) const ON: [&str; 20] = [
    "on ", "am ", "le ", "el ", "em ", "il ", "op ", "den ", "dnia ", "w dniu ", "dne ", "în ", "pe ", "στις ", "vào ",
    "pada ", "на ", "at ", "il giorno ", "a ",
];

/// Lines that say by themselves that what follows is quoted, without their dashes, in lower case.
pub(super) const SEPARATORS: [&str; 44] = [
    "original message", "original mail", "original email", "originalmail", "original-nachricht",
    "ursprüngliche nachricht", "originalnachricht", "weitergeleitete nachricht", "message d'origine",
    "message original", "message transféré", "mensaje original", "mensaje reenviado", "mensagem original",
    "mensagem encaminhada", "messaggio originale", "messaggio inoltrato", "oorspronkelijk bericht",
    "origineel bericht", "doorgestuurd bericht", "ursprungligt meddelande", "vidarebefordrat meddelande",
    "oprindelig meddelelse", "videresendt meddelelse", "opprinnelig melding", "videresendt melding",
    "alkuperäinen viesti", "välitetty viesti", "wiadomość oryginalna", "oryginalna wiadomość",
    "wiadomość przekazana", "původní zpráva", "eredeti üzenet", "továbbított üzenet", "orijinal mesaj",
    "исходное сообщение", "пересылаемое сообщение", "原始邮件", "原始郵件", "転送メッセージ", "元のメッセージ", "원본 메시지",
    "forwarded message", "forwarded by",
];

/// Lines without dashes that say that what follows is forwarded.
pub(super) const BEGINS: [&str; 12] = [
    "begin forwarded message", "anfang der weitergeleiteten nachricht", "début du message transféré",
    "début du message réexpédié", "inicio del mensaje reenviado", "início da mensagem encaminhada",
    "inizio messaggio inoltrato", "begin doorgestuurd bericht", "vidarebefordrat brev", "start på videresendt besked",
    "początek przekazywanej wiadomości", "下記は転送のメッセージです",
];

/// Months by the front of their names, in lower case.
pub(super) const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen", "янв", "sty", "led", "oca", "tammi"],
    &["feb", "fév", "fev", "фев", "lut", "únor", "şub", "helmi"],
    &["mar", "mär", "maa", "мар", "břez", "mrt", "maal"],
    &["apr", "avr", "abr", "апр", "kwi", "dub", "nis", "huhti", "ápr"],
    &["may", "mai", "maj", "mag", "mei", "ма", "květ", "máj", "touko"],
    &["jun", "juin", "giu", "июн", "cze", "červn", "haz", "kesä", "jún"],
    &["jul", "juil", "lug", "июл", "lip", "červenc", "tem", "heinä", "júl"],
    &["aug", "aoû", "ago", "авг", "sie", "srp", "ağu", "elo"],
    &["sep", "set", "сен", "wrz", "zář", "eyl", "syys", "szept"],
    &["oct", "okt", "out", "ott", "окт", "paź", "říj", "eki", "loka"],
    &["nov", "ноя", "lis", "kas", "marras"],
    &["dec", "dez", "déc", "dic", "дек", "gru", "pros", "ara", "joulu"],
];
