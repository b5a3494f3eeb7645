//! The cookie that proves a sign-in: 256 random bits, of which the store keeps a hash.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use clawback_core::Entropy;
use sha2::{Digest, Sha256};

/// A token as the browser holds it. Never printed.
pub(super) struct Token([u8; TOKEN_OCTETS]);

impl Token {
    /// A new one.
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let mut octets = [0; TOKEN_OCTETS];
        entropy.fill(&mut octets);
        Self(octets)
    }

    /// The token in a request's cookies, where there is one in the right form.
    pub(super) fn of(jar: &CookieJar, https: bool) -> Option<Self> {
        let text = jar.get(cookie_name(https))?.value();
        let mut octets = [0; TOKEN_OCTETS];
        hex::decode_to_slice(text, &mut octets).ok()?;
        Some(Self(octets))
    }

    /// What the store knows it by.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// The cookie that brings it to the browser.
    pub(super) fn cookie(&self, https: bool) -> Cookie<'static> {
        base(hex::encode(self.0), https)
    }
}

/// The cookie that takes it away again.
pub(super) fn removal(https: bool) -> Cookie<'static> {
    let mut cookie = base(String::new(), https);
    cookie.make_removal();
    cookie
}

/// It ends with the browser; how long it holds before that is the store's to say.
fn base(value: String, https: bool) -> Cookie<'static> {
    // `__Host-` makes the browser itself refuse one set by a sibling domain or without TLS.
    Cookie::build((cookie_name(https), value))
        .http_only(true)
        .path("/")
        .same_site(SameSite::Lax)
        .secure(https)
        .build()
}

fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-clawback_session" } else { "clawback_session" }
}

const TOKEN_OCTETS: usize = 32;
/// A session without use ends after this.
pub(super) const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// A session ends after this, used or not.
pub(super) const ABSOLUTE_MAX: Duration = Duration::from_secs(12 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, octets: &mut [u8]) {
            octets.fill(7);
        }
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let token = Token::new(&Sevens);
        let plain = token.cookie(false).to_string();
        assert!(plain.starts_with("clawback_session=0707"));
        assert!(plain.contains("HttpOnly") && plain.contains("SameSite=Lax"));
        let strict = token.cookie(true).to_string();
        assert!(strict.starts_with("__Host-clawback_session=") && strict.contains("Secure"));
        assert!(strict.contains("Path=/") && !strict.contains("Domain"));
    }

    #[test]
    fn only_sixty_four_hexadecimal_digits_are_a_token() {
        let jar = |value: &str| CookieJar::new().add(base(value.to_owned(), false));
        assert!(Token::of(&jar(&"ab".repeat(32)), false).is_some());
        for value in ["", "ab", "zz", &"ab".repeat(33), &"xy".repeat(32)] {
            assert!(Token::of(&jar(value), false).is_none(), "{value}");
        }
        assert!(Token::of(&jar(&"ab".repeat(32)), true).is_none(), "the other cookie's name");
    }
}
