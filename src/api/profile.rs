//! Profiles: look-ups by a value that the caller gives in full.

use crate::access;
use crate::configuration::Configuration;
use crate::error::{Failure, Result};
use crate::keyring::Keyring;
use crate::owner::as_reader;
use crate::publish;
use crate::store::{golden, vault};
use golden_record_core::block::{Key, Space};
use golden_record_core::error::Error;
use golden_record_core::kind::Kind;
use golden_record_core::normalise::{self, Context};
use golden_record_core::pack::unpack_lineage;
use golden_record_core::record::RecordRef;
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::JsonB;
use std::collections::BTreeSet;

/// What identifies a caller, with the word for `matched_by`.
fn keys(
    configuration: &Configuration,
    email: Option<&str>,
    phone: Option<&str>,
    record: Option<RecordRef>,
    name: Option<&str>,
) -> Vec<(&'static str, Key)> {
    let mut keys = Vec::new();
    let mut add = |word, space, value| keys.push((word, Key { space, value, generic_by_form: false }));
    if let Some(email) = email.and_then(|text| normalise::normalize(Kind::Email, text, &Context::default())) {
        add("email", Space::Email, email);
    }
    if let Some(phone) = phone {
        // A number without a country code may be one of any region that a source has.
        let regions = configuration.regions();
        let read =
            |region: &String| normalise::normalize(Kind::Phone, phone, &Context { region, ..Context::default() });
        for phone in regions.iter().filter_map(read).collect::<BTreeSet<String>>() {
            add("phone", Space::Phone, phone);
        }
    }
    if let Some(name) = name.and_then(|text| normalise::normalize(Kind::FullName, text, &Context::default())) {
        add("name", Space::Name, name);
    }
    keys.extend(record.map(|record| ("source_id", Key::reference(&record))));
    keys
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn lookup_golden(
    email: Option<&str>,
    phone: Option<&str>,
    system_name: Option<&str>,
    source_id: Option<&str>,
    name: Option<&str>,
) -> std::result::Result<TableIterator<'static, (name!(golden_id, Uuid), name!(matched_by, Vec<String>))>, ErrorReport>
{
    let record = match (system_name, source_id) {
        (Some(system), Some(id)) => Some(RecordRef::new(system, id)),
        (None, None) => None,
        _ => {
            return Err(Failure::from(Error::invalid(
                "a source record is looked up by system_name and source_id together",
            ))
            .into())
        }
    };
    if email.is_none() && phone.is_none() && record.is_none() && name.is_none() {
        return Err(Failure::from(
            Error::invalid("nothing to look up").hint("Give an email, a phone, a name, or system_name and source_id."),
        )
        .into());
    }
    as_reader(access::check_misses)?;
    let (found, held) = as_reader(|| -> Result<(Vec<(Uuid, Vec<String>)>, bool)> {
        let Some(vault) = vault::find()? else { return Ok((Vec::new(), false)) };
        let keyring = Keyring::new(vault.identity(), "CUSTOMER");
        let configuration = Configuration::current()?;
        let record = record.map(|record| vault.known_as(record));
        let keys = keys(&configuration, email, phone, record, name);
        let digests = keys.iter().map(|(_, key)| keyring.digest(key)).collect();
        let found = golden::holding(digests, keys.iter().map(|(word, _)| *word).collect())?;
        let hit = |word: &str| found.iter().any(|(_, words)| words.iter().any(|hit| hit == word));
        let held = keys.iter().all(|(word, _)| hit(word));
        Ok((found, held))
    })?;
    // Also beside another that is held: whose id is known would be asked for one number after the other.
    if found.is_empty() || !held {
        access::missed()?;
    }
    Ok(TableIterator::new(found))
}

#[pg_extern(immutable, parallel_safe, strict)]
#[search_path(pg_catalog, pg_temp)]
fn open_lineage(lineage: &[u8]) -> std::result::Result<JsonB, ErrorReport> {
    // A golden record that is retired has none.
    if lineage.is_empty() {
        return Ok(JsonB(serde_json::json!({})));
    }
    let damaged =
        || Error::new("XX001", "the lineage of a golden record was changed").hint("Run golden_record.verify.");
    let lineage = unpack_lineage(lineage).ok_or_else(damaged).map_err(Failure::from)?;
    Ok(JsonB(publish::lineage(&lineage)?))
}
