//! One row for each wrapper.

use super::*;

const LURE: &str = "https://lure.example/a?b=1";
const CODED: &str = "https%3A%2F%2Flure.example%2Fa%3Fb%3D1";
const BASE64: &str = "aHR0cHM6Ly9sdXJlLmV4YW1wbGUvYT9iPTE";

#[track_caller]
fn opened(url: &str) -> Option<(&'static str, String)> {
    let found = inner(&Parts::read(url).unwrap())?;
    Some((found.0, found.1.whole))
}

#[test]
fn targets_in_parameters() {
    let rows = [
        ("azure_safelink", "https://eur01.safelinks.protection.outlook.com/?url={}&data=x"),
        (
            "azure_safelink",
            "https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp.html?url={}",
        ),
        ("azurecomm", "https://eu.emails.azure.net/redirect/?destination={}&p=x"),
        ("barracuda", "https://linkprotect.cudasvc.com/url?a={}&c=E,1"),
        ("fireeye", "https://protect2.fireeye.com/v1/url?k=1&u={}"),
        ("trend_micro", "https://ca-1.wis.trendmicro.com:443/wis/clicktime/v1/query?url={}&umid=1"),
        ("fortimail", "https://mail.corp.example/fmlurlsvc/?fewReq=:B:x&url={}"),
        ("titanhq", "https://linklock.titanhq.com/analyse?url={}&data=x"),
        ("esvalabs", "https://urlsand.esvalabs.com/?u={}&e=1"),
        ("edgepilot", "https://link.edgepilot.com/s/1/x?u={}"),
        ("zix", "https://link.zixcentral.com/u/1/x?u={}"),
        ("exclaimer", "https://eu.content.exclaimer.net/?url={}&tenantid=1"),
        ("facebook", "https://l.facebook.com/l.php?u={}&h=x"),
        ("instagram", "https://l.instagram.com/?u={}&e=x"),
        ("linkedin", "https://www.linkedin.com/safety/go?url={}&trk=x"),
        ("youtube", "https://www.youtube.com/redirect?event=x&q={}"),
        ("youtube_set_sid", "https://accounts.youtube.com/accounts/SetSID?ssdc=1&continue={}"),
        ("google_adservices", "https://www.googleadservices.com/pagead/aclk?sa=L&adurl={}"),
        ("doubleclick", "https://adclick.g.doubleclick.net/pcs/click?xai=1&adurl={}"),
        ("google_meet_redirect", "https://meet.google.com/linkredirect?dest={}"),
        ("google_notifications", "https://notifications.googleapis.com/email/redirect?t=1&r={}"),
        ("google_translate_open_redirect", "https://translate.google.com/translate?sl=de&u={}"),
        ("google_travel_redirect", "https://www.google.com/travel/clk?pc=1&pcurl={}"),
        ("deref_mail", "https://deref-gmx.net/mail/client/x/dereferrer/?redirectUrl={}"),
        ("squarespace", "https://engage.squarespace-mail.com/r?m=1&u={}"),
        ("branch_io", "https://x.app.link/3p?$desktop_url={}"),
        ("duckduckgo", "https://duckduckgo.com/l/?uddg={}"),
        ("generic_desturl", "https://track.example/x?desturl={}"),
        ("google_open_redirect", "https://www.google.com/url?q={}&sa=D"),
        ("google_open_redirect", "https://www.google.co.uk/url?rct=j&url={}"),
        ("proofpoint", "https://urldefense.proofpoint.com/v1/url?u={}&k=x"),
    ];
    for (encoder, form) in rows {
        let got = opened(&form.replace("{}", CODED));
        assert_eq!(got, Some((encoder, LURE.to_owned())), "{form}");
    }
}

#[test]
fn targets_elsewhere() {
    let json = format!(
        "{{\"s\":\"x\",\"p\":\"{{\\\"u\\\":1,\\\"url\\\":\\\"{}\\\"}}\"}}",
        LURE.replace('/', "\\\\/")
    );
    let mandrill =
        format!("https://mandrillapp.com/track/click/1/lure.example?p={}", LENIENT.encode(json));
    let monday = LENIENT.encode(format!("{{\"originalUrl\":\"{LURE}\"}}"));
    let wix = LENIENT.encode(format!("{{\"u\":\"{LURE}\",\"r\":1}}"));
    let rows = [
        ("proofpoint", "https://urldefense.proofpoint.com/v2/url?u=https-3A__lure.example_a-3Fb-3D1&d=x".to_owned(), LURE),
        ("proofpoint", "https://urldefense.com/v3/__https://lure.example/a*b=1__;Pw!!x!y$".into(), LURE),
        ("proofpoint", "https://urldefense.com/v3/__https:/lure.example/**A__;YT8!!x".into(), "https://lure.example/a?"),
        ("google_amp", "https://www.google.com/amp/s/lure.example/a?b=1".into(), LURE),
        ("google_amp_project", "https://lure-example.cdn.ampproject.org/c/s/lure.example/a?b=1".into(), LURE),
        ("google_translate_open_redirect", "https://my--lure-example.translate.goog/a".into(), "https://my-lure.example/a"),
        ("google_user_content", format!("https://ci3.googleusercontent.com/meips/x#{LURE}"), LURE),
        ("bing_open_redirect", format!("https://www.bing.com/ck/a?!&&p=x&u=a1{BASE64}&ntb=1"), LURE),
        ("cisco", format!("https://secure-web.cisco.com/1x/{CODED}"), LURE),
        ("sophos", format!("https://eu-west-1.protection.sophos.com/?d=lure.example&u={BASE64}&i=x"), LURE),
        ("checkpoint", format!("https://protect.checkpoint.com/v2/___{LURE}___.YXA="), LURE),
        ("checkpoint", format!("https://url.avanan.click/v2/___{LURE}___.YXA="), LURE),
        ("yahoo", format!("https://r.search.yahoo.com/_ylt=x/RV=2/RU={CODED}/RK=2/RS=x-"), LURE),
        ("href_li", format!("https://href.li/?{LURE}"), LURE),
        ("doubleclick", format!("https://ad.doubleclick.net/ddm/clk/1;2;x?{LURE}"), LURE),
        ("aws_ses", "https://x.r.eu-west-1.awstrack.me/L0/https:%2F%2Flure.example%2Fa%3Fb=1/1/x/y".into(), LURE),
        ("postmark", "https://click.pstmrk.it/3s/lure.example%2Fa/x/y".into(), "http://lure.example/a"),
        ("mailjet", format!("https://x.mjt.lu/lnk/AA/1/sig/{BASE64}"), LURE),
        ("convertkit", format!("https://click.convertkit-mail2.com/x/y/{BASE64}"), LURE),
        ("mandrill", mandrill, LURE),
        ("monday_tracker", format!("https://trackingservice.monday.com/tracker/link?token=x.{monday}.y"), LURE),
        ("microsoft_dynamics", "https://public-eur.mkt.dynamics.com/r/x?target=%7B%22TargetUrl%22%3A%22https%253A%252F%252Flure.example%252Fa%253Fb%253D1%22%7D".into(), LURE),
        ("wix", format!("https://shoutout.wix.com/so/x/c?w=sig.{wix}"), LURE),
        ("mimecast", "https://protect-eu.mimecast.com/s/x?domain=lure.example".into(), "http://lure.example"),
        ("inky", "https://shared.outlook.inky.com/link?domain=lure.example&t=h.x".into(), "http://lure.example"),
    ];
    for (encoder, url, meant) in rows {
        assert_eq!(opened(&url), Some((encoder, meant.to_owned())), "{url}");
    }
}

#[test]
fn what_is_no_wrapper_stays() {
    let rows = [
        "https://safelinks.protection.outlook.com.lure.example/?url=https://a.example/",
        "https://notgoogle.com/url?q=https://a.example/",
        "https://www.google.com/url?q=javascript:x",
        "https://www.google.com/search?q=https://a.example/",
        "https://shop.example/x?url=https://a.example/",
        "mailto:a@b.example",
    ];
    for url in rows {
        assert_eq!(opened(url), None, "{url}");
    }
}
