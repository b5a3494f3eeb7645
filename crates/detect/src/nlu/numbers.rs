//! Sums of money, telephone numbers, coin addresses and links in a text: how many, and how large.
//!
//! One pass over the octets, without regular expressions. It promises no more than hints: a date is
//! no telephone number, but an article number may look like one.

use super::words::words;

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    /// Sums with a currency beside them.
    pub(super) amounts: usize,
    /// The largest of them.
    pub(super) largest: u64,
    /// Where the first sum stands in the text, in octets.
    pub(super) first_amount: Option<(usize, usize)>,
    /// Telephone numbers.
    pub(super) telephones: usize,
    /// Addresses of coins.
    pub(super) coin_addresses: usize,
    /// Links written out.
    pub(super) links: usize,
}

impl Numbers {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let text = text.get(..text.floor_char_boundary(TEXT_OCTETS_MAX)).unwrap_or(text);
        let mut numbers = Self::default();
        for (start, word) in words(text) {
            if word.starts_with("http://")
                || word.starts_with("https://")
                || word.starts_with("www.")
            {
                numbers.links += 1;
            } else if word.len() >= COIN_OCTETS_MIN
                && is_coin_address(word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
            {
                numbers.coin_addresses += 1;
            }
            if word.bytes().any(|octet| octet.is_ascii_digit()) {
                numbers.read_amount(text, start, word);
            }
        }
        numbers.telephones = telephones(text);
        numbers
    }

    /// A number with a currency in front of it, behind it, or in the words beside it.
    fn read_amount(&mut self, text: &str, start: usize, word: &str) {
        let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (front, rest) = word.split_at(digits);
        let length = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '\'')));
        let (number, behind) = rest.split_at(length.unwrap_or(rest.len()));
        let before = text.get(..start).unwrap_or_default().trim_end();
        let before = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let after = text.get(start + word.len()..).unwrap_or_default().trim_start();
        let after = after.split(char::is_whitespace).next().unwrap_or_default();
        let is_sum = [front, behind].iter().any(|part| is_currency(part))
            || (front.is_empty() && is_currency(before))
            || (behind.is_empty() && is_currency(after));
        if !is_sum {
            return;
        }
        self.amounts += 1;
        self.largest = self.largest.max(whole_part(number));
        let from = if front.is_empty() && is_currency(before) {
            text.get(..start).unwrap_or_default().trim_end().len() - before.len()
        } else {
            start
        };
        self.first_amount.get_or_insert((from, start + word.len()));
    }
}

fn is_currency(word: &str) -> bool {
    let word = word.trim_matches(|c: char| matches!(c, '(' | ')' | ':' | '.' | ',' | ';' | '*'));
    let short = word.len() <= CURRENCY_OCTETS_MAX;
    short
        && (CURRENCIES.iter().any(|currency| word.eq_ignore_ascii_case(currency))
            || word.ends_with(['$', '€', '£', '¥'])
            || word.starts_with(['€', '£', '$']))
}

/// The part of a sum before its cents, whichever way it is written.
fn whole_part(number: &str) -> u64 {
    let number = number.trim_end_matches(['.', ',', '\'']);
    let cents = number.rfind(['.', ',']).filter(|at| number.len() - at <= 3);
    let whole = cents.map_or(number, |at| number.get(..at).unwrap_or(number));
    let digits = whole.bytes().filter(u8::is_ascii_digit).take(DIGITS_MAX);
    digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

/// Runs of digits with the separators of telephone numbers, that are as long as those are.
fn telephones(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    let begins = |octet: u8| octet.is_ascii_digit() || matches!(octet, b'+' | b'(');
    while let Some(start) = rest.bytes().position(begins) {
        let run = rest.get(start..).unwrap_or_default();
        let end = run.find(|c: char| {
            !(c.is_ascii_digit()
                || matches!(c, ' ' | '-' | '(' | ')' | '.' | '+' | '\u{a0}' | '–' | '‑'))
        });
        let (run, after) = run.split_at(end.unwrap_or(run.len()).max(1).min(run.len()));
        let before = rest.get(..start).unwrap_or_default().chars().next_back();
        let joined = before.is_some_and(|c| {
            c.is_alphanumeric() || matches!(c, '$' | '€' | '£' | '#' | '/' | '_' | '=')
        });
        // A number that ends at a blank is whole, whatever word comes next.
        let is_apart = run.ends_with([' ', '\u{a0}']);
        let behind = after.chars().next().filter(|_| !is_apart);
        let broken = behind
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '%' | '@' | '_' | '=' | ':'));
        if !joined && !broken && is_telephone(run.trim()) {
            count += 1;
        }
        rest = after;
    }
    count
}

fn is_telephone(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let groups: Vec<&str> =
        run.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let last = groups.last().map_or(0, |group| group.len());
    let dots = run.bytes().filter(|octet| *octet == b'.').count();
    // 2024-01-31 and 10.0.0.1 are none; 1 803 397-5786, (803) 397 5786 and +44 20 7946 0000 are.
    let marked = run.starts_with(['+', '(']) || run.starts_with("00") || run.starts_with("1");
    let american = matches!(groups.as_slice(), [.., area, exchange, line]
        if area.len() == 3 && exchange.len() == 3 && line.len() == 4);
    (10..=14).contains(&digits)
        && (2..=7).contains(&groups.len())
        && (american || (marked && last >= 2 && dots == 0 && run.starts_with(['+', '('])))
}

/// Bitcoin and Ethereum addresses, by form alone.
fn is_coin_address(word: &str) -> bool {
    let alphanumeric = |text: &str| text.bytes().all(|octet| octet.is_ascii_alphanumeric());
    let has_both = |text: &str| {
        text.bytes().any(|octet| octet.is_ascii_digit())
            && text.bytes().any(|octet| octet.is_ascii_lowercase())
    };
    match word.len() {
        COIN_OCTETS_MIN..=35 => {
            word.starts_with(['1', '3'])
                && alphanumeric(word)
                && has_both(word)
                && word.bytes().any(|octet| octet.is_ascii_uppercase())
                && !word.contains(['0', 'O', 'I', 'l'])
        }
        42 if word.starts_with("0x") => word.bytes().skip(2).all(|octet| octet.is_ascii_hexdigit()),
        42..=62 => word.starts_with("bc1") && alphanumeric(word) && has_both(word),
        _ => false,
    }
}

const CURRENCIES: [&str; 16] = [
    "usd",
    "eur",
    "gbp",
    "us$",
    "u.s.$",
    "r$",
    "chf",
    "euro",
    "euros",
    "dollars",
    "dollar",
    "pounds",
    "kr",
    "aud",
    "cad",
    "us dollars",
];
const TEXT_OCTETS_MAX: usize = 32 * 1024;
const COIN_OCTETS_MIN: usize = 26;
const CURRENCY_OCTETS_MAX: usize = 12;
/// More digits are no sum of money.
const DIGITS_MAX: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_counted_with_their_currency() {
        let rows = [
            ("A payment of $502.11 today", 1, 502),
            ("R$ 4.287,14 and USD390.88", 2, 4287),
            ("bis zu 1.500 € geschenkt", 1, 1500),
            ("$600,000.00 (Six Hundred", 1, 600_000),
            ("version 3.50 of 2024", 0, 0),
            ("10 500 items", 0, 0),
        ];
        for (text, amounts, largest) in rows {
            let numbers = Numbers::of(text);
            assert_eq!((numbers.amounts, numbers.largest), (amounts, largest), "{text}");
        }
        let text = "we charged USD 390.88 for it";
        let (start, end) = Numbers::of(text).first_amount.unwrap();
        assert_eq!(&text[start..end], "USD 390.88");
    }

    #[test]
    fn telephone_numbers_are_told_from_dates_and_addresses() {
        let yes = [
            "call 1 803 397-5786",
            "(803) 397-5786",
            "+1 (582) 238-0364",
            "Tel: +44 20 7946 0000",
            "803-555-0100.",
            "+49 30 319872-421",
            "call +1 (888) 555-2142 to cancel",
        ];
        let no = [
            "2024-01-31 12:30",
            "10.0.0.1",
            "order 123-1234567-1234567",
            "4111 1111 1111 1111",
            "1.234.567,00",
            "id 80432456",
            "Case 22-10964",
        ];
        for text in yes {
            assert_eq!(Numbers::of(text).telephones, 1, "{text}");
        }
        for text in no {
            assert_eq!(Numbers::of(text).telephones, 0, "{text}");
        }
    }

    #[test]
    fn coin_addresses_are_known_by_their_form() {
        let numbers = Numbers::of("pay to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now");
        assert_eq!(numbers.coin_addresses, 1);
        assert_eq!(Numbers::of("see 1234567890123456789012345678").coin_addresses, 0);
    }

    #[test]
    fn a_text_of_digits_costs_linear_time() {
        let text = "1 ".repeat(200_000);
        assert_eq!(Numbers::of(&text).telephones, 0);
    }
}
