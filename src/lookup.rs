//! Who holds a value that the caller gives in full.

use crate::access;
use crate::configuration::Configuration;
use crate::error::Result;
use crate::keyring::Keyring;
use crate::owner::as_reader;
use crate::store::{golden, state, vault};
use golden_record_core::block::{Key, Space};
use golden_record_core::entity::EntityType;
use golden_record_core::kind::Kind;
use golden_record_core::normalise::{self, Context};
use golden_record_core::record::RecordRef;
use pgrx::datum::Uuid;
use std::collections::BTreeSet;

/// What a caller says of whom it looks up.
pub struct Asked<'a> {
    /// An email.
    pub email: Option<&'a str>,
    /// A phone number.
    pub phone: Option<&'a str>,
    /// A full name.
    pub name: Option<&'a str>,
    /// The name of a source record.
    pub record: Option<RecordRef>,
}

impl Asked<'_> {
    /// The keys of what is said, with the word for `matched_by`.
    fn keys(self) -> Result<Vec<(&'static str, Key)>> {
        let mut keys = Vec::new();
        let mut add = |word, space, value| keys.push((word, Key::new(space, value)));
        let read = |kind, text| normalise::normalize(kind, text, &Context::default());
        if let Some(email) = self.email.and_then(|text| read(Kind::Email, text)) {
            add("email", Space::Email, email);
        }
        if let Some(phone) = self.phone {
            // A number without a country code may be one of any region that a source has or a record is of.
            let mut regions = Configuration::current()?.regions();
            regions.append(&mut state::regions()?);
            let read =
                |region: &String| normalise::normalize(Kind::Phone, phone, &Context { region, ..Context::default() });
            for phone in regions.iter().filter_map(read).collect::<BTreeSet<String>>() {
                add("phone", Space::Phone, phone);
            }
        }
        if let Some(name) = self.name.and_then(|text| read(Kind::FullName, text)) {
            add("name", Space::Name, name);
        }
        keys.extend(self.record.map(|record| ("source_id", Key::reference(&record))));
        Ok(keys)
    }
}

/// The golden ids that hold any of it, each with what it holds. That nobody holds a value counts as a miss of the caller's.
///
/// Errors: `53400` for a caller with too many of them.
pub fn find(asked: Asked) -> Result<Vec<(Uuid, Vec<String>)>> {
    access::check_misses()?;
    let (found, held) = as_reader(|| {
        let Some(vault) = vault::find()? else { return Ok((Vec::new(), false)) };
        let keyring = Keyring::new(vault.identity(), EntityType::CUSTOMER);
        let asked = Asked { record: asked.record.map(|record| vault.known_as(record)), ..asked };
        let keys = asked.keys()?;
        let digests = keys.iter().map(|(_, key)| keyring.digest(key)).collect();
        let found: Vec<(Uuid, Vec<String>)> = golden::holding(digests, keys.iter().map(|(word, _)| *word).collect())?;
        let hit = |word: &str| found.iter().any(|(_, words)| words.iter().any(|hit| hit == word));
        let held = keys.iter().all(|(word, _)| hit(word));
        Ok((found, held))
    })?;
    // Also beside another that is held: whose id is known would be asked for one number after the other.
    if found.is_empty() || !held {
        access::missed()?;
    }
    Ok(found)
}
