//! How golden ids are issued.

use crate::keyed::hmac;

/// The composite identity key of the guide: HMAC-SHA-256 under the identity secret of a canonical email and phone
/// (`None`: absent). Keyed, because a plain hash of a phone number is reversed by enumeration.
pub fn identity_key(secret: &[u8], email: Option<&str>, phone: Option<&str>) -> [u8; 32] {
    // Absent and empty differ.
    let part = |value: Option<&str>| value.map(|text| format!("={text}")).unwrap_or_default();
    hmac(secret, &[b"identity", part(email).as_bytes(), part(phone).as_bytes()])
}

/// What a golden record's id is made from: the founding record's email and phone where it has both, else its type,
/// system and id.
#[derive(Clone, PartialEq, Eq)]
pub enum Founding<'a> {
    /// Canonical email and phone.
    Identity(&'a str, &'a str),
    /// Entity type, system name, source id.
    Record(&'a str, &'a str, &'a str),
}

impl<'a> Founding<'a> {
    /// The founding identity of a record with these canonical values.
    pub fn of(
        email: Option<&'a str>,
        phone: Option<&'a str>,
        entity_type: &'a str,
        system: &'a str,
        id: &'a str,
    ) -> Founding<'a> {
        match (email, phone) {
            (Some(email), Some(phone)) => Founding::Identity(email, phone),
            _ => Founding::Record(entity_type, system, id),
        }
    }
}

/// The golden id of a founding record: a version 8 UUID (RFC 9562, section 5.8) from HMAC-SHA-256 under `secret`.
/// `counter` starts at 0 and grows until the id was never issued before.
pub fn golden_id(secret: &[u8], founding: &Founding, counter: u64) -> [u8; 16] {
    let counter = counter.to_be_bytes();
    let mac = match founding {
        Founding::Identity(email, phone) => {
            hmac(secret, &[b"golden", &identity_key(secret, Some(email), Some(phone)), &counter])
        }
        Founding::Record(entity_type, system, id) => {
            hmac(secret, &[b"golden", entity_type.as_bytes(), system.as_bytes(), id.as_bytes(), &counter])
        }
    };
    let mut id = [0; 16];
    id.copy_from_slice(&mac[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    id
}
