//! Email addresses: RFC 5321 dot-atoms with internationalised local parts and domains (RFC 6531), as a mailbox would
//! be written on a form; no quoted local parts, comments or address literals.

use super::clean::composed;
use unicode_normalization::char::is_combining_mark;

/// The canonical address: local part composed and in lower case, domain in lower-case ASCII (IDNA 2008, UTS #46).
///
/// `mailto:` links and `Name <address>` give their address; `+tags` and dots in the local part stay, because only the
/// provider knows what they mean.
pub fn read(text: &str) -> Option<String> {
    let address = unwrap(text);
    let (local, domain) = address.rsplit_once('@')?;
    let (local, domain) = (local.trim_end(), domain.trim_start());
    let local = local_part(local)?;
    let domain = domain_name(domain)?;
    let canonical = format!("{local}@{domain}");
    // RFC 5321 §4.5.3.1.3: 256 octets with the angle brackets.
    (canonical.len() <= 254).then_some(canonical)
}

/// The address inside `mailto:…?subject=…`, `Name <…>` or `<…>`, without a list's trailing comma or semicolon.
fn unwrap(text: &str) -> &str {
    let text = text.trim_end_matches([',', ';']).trim_end();
    let text = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((_, address)) => address.trim(),
        None => text,
    };
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            let rest = &text[7..];
            rest.split_once('?').map_or(rest, |(address, _)| address)
        }
        _ => text,
    }
}

fn local_part(local: &str) -> Option<String> {
    let local = if local.is_ascii() {
        local.to_ascii_lowercase()
    } else {
        // The whole word at once: a capital sigma becomes another letter at its end.
        composed(&composed(local).to_lowercase()).into_owned()
    };
    if local.starts_with(is_combining_mark) || local.split('.').any(str::is_empty) {
        return None;
    }
    local.chars().all(is_atom).then_some(local)
}

/// RFC 5322 `atext` and the dot, plus the visible characters beyond ASCII.
fn is_atom(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric()
            || matches!(c, '!' | '#'..='\'' | '*' | '+' | '-'..='/' | '=' | '?' | '^'..='`' | '{'..='~');
    }
    super::clean::is_visible(c)
}

fn domain_name(domain: &str) -> Option<String> {
    if domain.is_empty() || domain.len() > 1024 {
        return None;
    }
    let plain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    let lower = domain.to_ascii_lowercase();
    let ascii = if plain && !(lower.contains('-') && lower.contains("xn--")) {
        lower
    } else {
        idna::uts46::Uts46::new()
            .to_ascii(
                domain.as_bytes(),
                idna::uts46::AsciiDenyList::STD3,
                idna::uts46::Hyphens::Check,
                idna::uts46::DnsLength::Verify,
            )
            .ok()?
            .into_owned()
    };
    if ascii.len() > 253 || !ascii.contains('.') || !ascii.split('.').all(is_label) {
        return None;
    }
    // Every top-level domain ends with a letter, unlike an IP address.
    ascii.ends_with(|c: char| c.is_ascii_alphabetic()).then_some(ascii)
}

/// RFC 1123 §2.1, and no reserved `??--` label (RFC 5890 §2.3.1) but punycode.
fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
        && (bytes.get(2..4) != Some(b"--") || label.starts_with("xn--"))
}
