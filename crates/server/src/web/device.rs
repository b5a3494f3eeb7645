//! The cookie that says "this operator signed in with this browser before", so that a stranger's
//! tries at their e-mail are none of its concern (`attempts`).
//!
//! It opens nothing. It is sealed with a key made of the operator's stored password hash: it holds
//! over restarts and in every process of a fleet without a key of its own, and a new password ends
//! it. The hash has a random salt that never leaves the store, so that a cookie tells nothing about
//! the password.

use axum_extra::extract::cookie::{Cookie, CookieJar};
use clawback_core::Entropy;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A browser's number, as sealed in its cookie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Device([u8; NUMBER_OCTETS]);

impl Device {
    /// A new one.
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let mut number = [0; NUMBER_OCTETS];
        entropy.fill(&mut number);
        Self(number)
    }

    /// The device in a request's cookies, where it was sealed for this operator.
    pub(super) fn of(jar: &CookieJar, https: bool, password_hash: &str) -> Option<Self> {
        let (number, seal) = jar.get(cookie_name(https))?.value().split_once('.')?;
        let (mut octets, mut sealed) = ([0; NUMBER_OCTETS], [0; SEAL_OCTETS]);
        hex::decode_to_slice(number, &mut octets).ok()?;
        hex::decode_to_slice(seal, &mut sealed).ok()?;
        // In constant time.
        mac(&octets, password_hash)?.verify_slice(&sealed).ok()?;
        Some(Self(octets))
    }

    /// What its tries are counted by.
    pub(super) fn number(&self) -> &[u8] {
        &self.0
    }

    /// The cookie for the operator whose password hash is stored so.
    pub(super) fn cookie(&self, https: bool, password_hash: &str) -> Option<Cookie<'static>> {
        let seal = mac(&self.0, password_hash)?.finalize().into_bytes();
        let text = format!(
            "{}={}.{}; Path=/; Max-Age={SECONDS_MAX}; HttpOnly; SameSite=Strict{}",
            cookie_name(https),
            hex::encode(self.0),
            hex::encode(seal),
            if https { "; Secure" } else { "" },
        );
        Cookie::parse(text).ok()
    }
}

fn mac(number: &[u8], password_hash: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(password_hash.as_bytes()).ok()?;
    mac.update(b"clawback device\0");
    mac.update(number);
    Some(mac)
}

fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-clawback_device" } else { "clawback_device" }
}

const NUMBER_OCTETS: usize = 16;
const SEAL_OCTETS: usize = 32;
/// Half a year: whoever signs in now and then keeps it.
const SECONDS_MAX: u32 = 180 * 86_400;

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
    fn a_cookie_is_one_operators_with_the_password_of_that_day() {
        let device = Device::new(&Sevens);
        let cookie = device.cookie(false, "$argon2id$dana").unwrap();
        let jar = CookieJar::new().add(cookie.clone());
        assert_eq!(Device::of(&jar, false, "$argon2id$dana"), Some(device));
        assert_eq!(Device::of(&jar, false, "$argon2id$dana, later"), None);
        assert_eq!(Device::of(&jar, true, "$argon2id$dana"), None, "the other cookie's name");
        let other = cookie.value().replacen('7', "8", 1);
        let forged = CookieJar::new().add(Cookie::new("clawback_device", other));
        assert_eq!(Device::of(&forged, false, "$argon2id$dana"), None);
        for value in ["", ".", "07.07", "x"] {
            let jar = CookieJar::new().add(Cookie::new("clawback_device", value));
            assert_eq!(Device::of(&jar, false, "$argon2id$dana"), None, "{value}");
        }
    }

    #[test]
    fn it_outlives_the_browser_and_is_out_of_reach_of_scripts_and_other_sites() {
        let text = Device::new(&Sevens).cookie(true, "h").unwrap().to_string();
        assert!(text.starts_with("__Host-clawback_device=07"), "{text}");
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=15552000"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
