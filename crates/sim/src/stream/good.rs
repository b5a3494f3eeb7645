//! Mail that a company wants, or at least asked for.

use super::Kind;
use super::draft::{Draft, Maker, Outside, Party};

/// One of each.
pub(crate) const KINDS: &[Kind] = &[
    invoice,
    colleague,
    reply_among_colleagues,
    to_everybody,
    newsletter,
    meeting,
    german_supplier,
    password_notice,
    document,
    french_booking,
    support_ticket,
];

/// An invoice from a shop the company buys from.
pub(crate) fn invoice(make: &mut Maker<'_>) -> Draft {
    let (number, amount) = (make.number(24_100, 98_900), make.amount(120, 4_800));
    let goods = make.pick(&["toner cartridges", "packaging film", "safety gloves", "LED panels"]);
    let due = make.day(14);
    let to = make.person();
    let first = first_name(&to.name);
    let text = format!(
        "Dear {first},\n\nthank you for your order of {goods}. Your invoice {number} over EUR {amount} \
         is ready:\n\nhttps://www.harborline.example/invoices/{number}\n\nIt is due on {due}. The goods \
         were handed to the carrier this morning.\n\nKind regards\nHarborline Supplies, Customer Accounts\n"
    );
    let html = format!(
        "<p>Dear {first},</p>\r\n<p>thank you for your order of {goods}. Your invoice {number} over \
         <b>EUR {amount}</b> is ready:</p>\r\n<p><a href=\"https://www.harborline.example/invoices/{number}\">\
         https://www.harborline.example/invoices/{number}</a></p>\r\n<p>It is due on {due}. The goods were \
         handed to the carrier this morning.</p>\r\n<p>Kind regards<br>Harborline Supplies, Customer Accounts</p>"
    );
    let from = Party::new("Harborline Supplies", "billing@harborline.example");
    let origin =
        Outside::authentic("harborline.example", "mta2.harborline.example", "203.0.113.21", "NL");
    Draft::outside(from, vec![to.into()], origin)
        .judged("CLEAN", "an invoice from a known shop; every check passes")
        .saying(format!("Invoice {number} for your order of {goods}"), text)
        .with_html(&html)
}

fn colleague(make: &mut Maker<'_>) -> Draft {
    let from = make.person();
    let to = make.other_than(&from);
    let (what, question) = match make.number(0, 3) {
        0 => (
            "Forecast for the third quarter",
            "Could you have a look at the northern region before Thursday? The numbers for returns look too good to me.",
        ),
        1 => (
            "Desk move on Friday",
            "The movers come at nine. Please label your boxes and take the monitor cables yourself, they got lost last time.",
        ),
        2 => (
            "Draft of the framework contract",
            "I changed clauses 4 and 7 as we said. Legal wants to see it once more before it goes out; is Monday all right?",
        ),
        _ => (
            "Lunch with the new trainees",
            "Four people start on Monday. I booked the small room upstairs for half past twelve and thought you would like to join.",
        ),
    };
    let text = format!(
        "Hi {},\n\n{question}\n\nThanks\n{}\n",
        first_name(&to.name),
        first_name(&from.name)
    );
    Draft::inside(from.into(), vec![to.into()])
        .judged("CLEAN", "two colleagues; sent from inside")
        .saying(what, text)
}

fn reply_among_colleagues(make: &mut Maker<'_>) -> Draft {
    let from = make.person();
    let to = make.other_than(&from);
    let project = make.pick(&[
        "Warehouse scanner rollout",
        "Website relaunch",
        "Travel policy",
        "Annual stocktaking",
    ]);
    let answer = make.pick(&[
        "Fine with me. I would only move the second workshop to the week after, half of the team is on leave.",
        "Agreed. Can you put the open points into the shared list so that we do not lose them again?",
        "I spoke to the vendor: they can start on the tenth, and the price stays as offered.",
    ]);
    let reference = format!(
        "<{:08x}.{:04x}@corp.example>",
        make.number(1 << 28, 1 << 31),
        make.number(4_096, 65_535)
    );
    let text = format!(
        "{answer}\n\n{}\n\n> Hello {},\n>\n> attached to the ticket is the plan as of today. Please say\n\
         > until tomorrow whether the dates work for you.\n>\n> {}\n",
        first_name(&from.name),
        first_name(&from.name),
        first_name(&to.name)
    );
    Draft::inside(from.into(), vec![to.into()])
        .judged("CLEAN", "an answer in a conversation inside the company")
        .saying(format!("RE: {project}"), text)
        .with_field("In-Reply-To", reference.clone())
        .with_field("References", reference)
}

fn to_everybody(make: &mut Maker<'_>) -> Draft {
    let from = make.organisation.people.get(2).cloned();
    let from = from.unwrap_or_else(|| make.organisation.chief());
    let members = make.people(4).into_iter().map(Party::from).collect();
    let list = Party::new("All Staff", &format!("all-staff@{}", make.organisation.domain));
    let day = make.day(9);
    let (subject, body) = match make.number(0, 2) {
        0 => (
            "Summer party",
            "We meet in the courtyard from four o'clock on. Families are welcome; please tell the front office how many you are.",
        ),
        1 => (
            "Office closed for the power check",
            "The electricians test the building on that day. Please shut down your computer the evening before.",
        ),
        _ => (
            "New holiday planner",
            "Please enter your plans for the rest of the year until that day. The old list is read only from tomorrow on.",
        ),
    };
    let mut draft = Draft::inside(from.clone().into(), members)
        .judged("CLEAN", "to a distribution list that Exchange expanded; sent from inside")
        .saying(
            format!("{subject} ({day})"),
            format!("Dear all,\n\n{body}\n\nBest wishes\n{}\nHuman Resources\n", from.name),
        );
    draft.list = Some(list);
    draft
}

fn newsletter(make: &mut Maker<'_>) -> Draft {
    let issue = make.number(112, 480);
    let topic = make.pick(&[
        "Seven ways to shorten your picking routes",
        "What the new packaging rules mean for shippers",
        "Interview: running a warehouse without paper",
    ]);
    let text = format!(
        "LOGISTICS WEEKLY, issue {issue}\n\n{topic}\nhttps://news.logistics-weekly.example/i/{issue}/1\n\n\
         Also in this issue: freight rates in brief, trade fair calendar, letters.\n\n\
         You receive this because you subscribed.\n\
         Unsubscribe: https://news.logistics-weekly.example/unsubscribe?i={issue}\n"
    );
    let html = format!(
        "<h1>Logistics Weekly</h1>\r\n<p>Issue {issue}</p>\r\n\
         <h2><a href=\"https://news.logistics-weekly.example/i/{issue}/1\">{topic}</a></h2>\r\n\
         <p>Also in this issue: freight rates in brief, trade fair calendar, letters.</p>\r\n\
         <p><small>You receive this because you subscribed. \
         <a href=\"https://news.logistics-weekly.example/unsubscribe?i={issue}\">Unsubscribe</a></small></p>"
    );
    let from = Party::new("Logistics Weekly", "editors@logistics-weekly.example");
    let origin = Outside {
        bulk: 7,
        category: "BULK",
        ..Outside::authentic(
            "logistics-weekly.example",
            "out5.logistics-weekly.example",
            "198.51.100.40",
            "GB",
        )
    };
    let to = make.people(3).into_iter().map(Party::from).collect();
    let mut draft = Draft::outside(from, to, origin)
        .judged("BULK", "a newsletter that was subscribed to; bulk complaint level 7")
        .saying(format!("Logistics Weekly {issue}: {topic}"), text)
        .with_html(&html)
        .with_field("List-Id", "Logistics Weekly <weekly.logistics-weekly.example>")
        .with_field(
            "List-Unsubscribe",
            format!("<https://news.logistics-weekly.example/unsubscribe?i={issue}>"),
        )
        .with_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        .with_field("Precedence", "bulk");
    draft.mail_from = "bounce-weekly@logistics-weekly.example".to_owned();
    draft
}

fn meeting(make: &mut Maker<'_>) -> Draft {
    let from = make.person();
    let to = make.other_than(&from);
    let day = make.day(3);
    let room = make.pick(&["Room Elbe", "Room Seine", "Room Tiber", "the small kitchen"]);
    let about = make.pick(&[
        "Budget review",
        "Supplier evaluation",
        "Onboarding plan",
        "Release retrospective",
    ]);
    let hour = make.number(9, 15);
    let stamp = make.at.strftime("%Y%m%dT%H%M%SZ");
    let uid = make.number(1 << 40, 1 << 44);
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//corp.example//Calendar//EN\r\nMETHOD:REQUEST\r\n\
         BEGIN:VEVENT\r\nUID:{uid:x}@corp.example\r\nDTSTAMP:{stamp}\r\nDTSTART:{stamp}\r\n\
         SUMMARY:{about}\r\nLOCATION:{room}\r\nORGANIZER:mailto:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        from.address
    );
    let text = format!(
        "{about}\n\nWhen: {day}, {hour}:00 to {}:00\nWhere: {room}\n\nAgenda: open points, decisions, \
         next steps. Please bring the figures you promised.\n\n{}\n",
        hour + 1,
        from.name
    );
    Draft::inside(from.into(), vec![to.into()])
        .judged("CLEAN", "an invitation to a meeting; sent from inside")
        .saying(format!("{about}, {day} {hour}:00"), text)
        .with_file("invite.ics", "text/calendar", calendar.into_bytes())
}

fn german_supplier(make: &mut Maker<'_>) -> Draft {
    let order = make.number(4_500_100, 4_599_900);
    let weeks = make.number(2, 6);
    let part = make.pick(&["Förderbänder", "Dichtungsringe", "Motorträger", "Lüftungsgitter"]);
    let to = make.person();
    let text = format!(
        "Sehr geehrte Damen und Herren,\n\nvielen Dank für Ihre Rückfrage zur Bestellung {order}. Die {part} \
         verlassen unser Werk in {weeks} Wochen; eine Teillieferung wäre ab nächster Woche möglich. Bitte geben \
         Sie uns kurz Bescheid, ob Ihnen das hilft.\n\nMit freundlichen Grüßen\nJörg Häberle\nMüller & Söhne Antriebstechnik\n\n\
         Am Vortag schrieb {}:\n> Wann können wir mit der Lieferung rechnen?\n",
        to.name
    );
    let reference = format!("<{:x}@corp.example>", make.number(1 << 36, 1 << 40));
    let from = Party::new("Jörg Häberle", "haeberle@mueller-antriebe.example");
    let origin = Outside::authentic(
        "mueller-antriebe.example",
        "mail.mueller-antriebe.example",
        "203.0.113.77",
        "DE",
    )
    .language("de");
    Draft::outside(from, vec![to.into()], origin)
        .judged("CLEAN", "a supplier answers in a conversation; every check passes")
        .saying(format!("AW: Rückfrage zu Bestellung {order} ({part})"), text)
        .with_field("In-Reply-To", reference.clone())
        .with_field("References", reference)
}

fn password_notice(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let days = make.number(7, 14);
    let first = first_name(&to.name);
    let link = "https://account.timecard-cloud.example/password";
    let text = format!(
        "Hello {first},\n\nyour Timecard Cloud password expires in {days} days. You can change it any time \
         after signing in:\n\n{link}\n\nIf you have changed it already, ignore this message. We never ask \
         for your password by mail.\n\nTimecard Cloud\n"
    );
    let html = format!(
        "<p>Hello {first},</p>\r\n<p>your Timecard Cloud password expires in {days} days. You can change it \
         any time after signing in:</p>\r\n<p><a href=\"{link}\">{link}</a></p>\r\n<p>If you have changed it \
         already, ignore this message. We never ask for your password by mail.</p>\r\n<p>Timecard Cloud</p>"
    );
    let from = Party::new("Timecard Cloud", "no-reply@timecard-cloud.example");
    let origin = Outside::authentic(
        "timecard-cloud.example",
        "o12.mail.timecard-cloud.example",
        "198.51.100.12",
        "IE",
    );
    Draft::outside(from, vec![to.into()], origin)
        .judged("CLEAN", "a genuine password notice: links say where they go, every check passes")
        .saying(format!("Your password expires in {days} days"), text)
        .with_html(&html)
}

fn document(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let number = make.number(300, 999);
    let total = make.amount(900, 18_000);
    let text = format!(
        "Dear {},\n\nplease find our quotation Q-{number} attached. It is valid for four weeks. Assembly and \
         training on site are included; travel is charged as incurred.\n\nLooking forward to your order\n\
         Priya Raman\nNorthgate Storage Systems\n",
        first_name(&to.name)
    );
    let content = format!(
        "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Kids [] /Count 0 >> endobj\n\
         % Quotation Q-{number}, total EUR {total}\ntrailer << /Root 1 0 R >>\n%%EOF\n"
    );
    let from = Party::new("Priya Raman", "priya.raman@northgate-storage.example");
    let origin = Outside::authentic(
        "northgate-storage.example",
        "smtp.northgate-storage.example",
        "192.0.2.143",
        "GB",
    );
    Draft::outside(from, vec![to.into()], origin)
        .judged("CLEAN", "a quotation with a document; every check passes")
        .saying(format!("Quotation Q-{number}: pallet racking"), text)
        .with_file(&format!("Quotation-Q-{number}.pdf"), "application/pdf", content.into_bytes())
}

fn french_booking(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let (number, nights) = (make.number(10_000, 99_999), make.number(1, 4));
    let city = make.pick(&["Lyon", "Nantes", "Strasbourg", "Besançon"]);
    let day = make.day(18);
    let text = format!(
        "Bonjour,\n\nnous avons le plaisir de confirmer votre réservation n° {number} à {city} pour {nights} nuit(s). \
         Votre arrivée est prévue le {day}. Le petit-déjeuner est compris et l'annulation reste gratuite jusqu'à la veille.\n\n\
         Votre réservation : https://www.hotels-du-pont.example/r/{number}\n\nÀ bientôt\nL'équipe des Hôtels du Pont\n"
    );
    let from = Party::new("Hôtels du Pont", "reservation@hotels-du-pont.example");
    let origin = Outside::authentic(
        "hotels-du-pont.example",
        "mx-out.hotels-du-pont.example",
        "203.0.113.190",
        "FR",
    )
    .language("fr");
    Draft::outside(from, vec![to.into()], origin)
        .judged("CLEAN", "a hotel confirms a booking; every check passes")
        .saying(format!("Confirmation de votre réservation à {city}"), text)
}

fn support_ticket(make: &mut Maker<'_>) -> Draft {
    let to = make.person();
    let ticket = make.number(70_000, 79_999);
    let matter = make.pick(&[
        "label printer offline",
        "scanner battery",
        "login on handhelds",
        "missing export",
    ]);
    let link = format!("https://support.stockpilot.example/t/{ticket}");
    let text = format!(
        "Hello {},\n\nticket {ticket} ({matter}) has a new comment from Marek:\n\n  We replaced the driver \
         package this morning. Please try again and tell us whether it prints.\n\nAnswer here: {link}\n\n\
         Stockpilot Support\n",
        first_name(&to.name)
    );
    let html = format!(
        "<p>Ticket {ticket} ({matter}) has a new comment from Marek:</p>\r\n<blockquote>We replaced the driver \
         package this morning. Please try again and tell us whether it prints.</blockquote>\r\n\
         <p><a href=\"{link}\">Open the ticket</a></p>\r\n<p>Stockpilot Support</p>"
    );
    let from = Party::new("Stockpilot Support", "support@stockpilot.example");
    let origin = Outside::authentic(
        "stockpilot.example",
        "mail4.stockpilot.example",
        "198.51.100.201",
        "SE",
    );
    Draft::outside(from, vec![to.into()], origin)
        .judged("CLEAN", "a help desk answers; every check passes")
        .saying(format!("[#{ticket}] {matter}"), text)
        .with_html(&html)
        .with_field("Auto-Submitted", "auto-generated")
}

pub(crate) fn first_name(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}
