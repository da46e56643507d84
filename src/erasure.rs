//! The right to be forgotten: a person out of every table, and kept out; and the right to know: everything held on one.
//! [`crate::suppress`] tells who is kept out.

use crate::access::{Entry, Outcome};
use crate::audit;
use crate::clearance;
use crate::configuration::{Configuration, Entity};
use crate::error::{Failure, Result};
use crate::guc;
use crate::ingest::alone;
use crate::isolation;
use crate::keyring::Keyring;
use crate::owner::{as_extension_owner, as_reader};
use crate::parallel;
use crate::resolve::{self, Change};
use crate::store::erasure as store;
use crate::store::record::{self, RecordRow, Stored};
use crate::store::review::Closing;
use crate::store::{blocks, event, golden, history, keys, letters, overrides, scope, state, vault, version};
use crate::suppress::said;
use golden_record_core::block::{Key, Space};
use golden_record_core::error::Error;
use golden_record_core::merge::line_json;
use golden_record_core::record::{RecordRef, State, Version};
use golden_record_core::vault::{Commitment, KeptOut, Traits, Vault};
use hashbrown::HashSet;
use pgrx::datum::Uuid;
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The entity type of a golden record whose person is asked for. Errors: `42704` for an id that nothing is held of.
fn entity_type(golden: Uuid) -> Result<String> {
    if let Some((entity_type, held)) = golden::subject(golden)? {
        if held || record::any_of_golden(golden)? {
            return Ok(entity_type);
        }
    }
    let missing = Error::new("42704", "there is no such golden record");
    Err(match golden::merged_into(golden)? {
        Some(into) => missing.hint(format!("It was merged: golden record {into} has its records.")),
        None => missing.hint("It was never issued, or it was erased: table golden_record.erasure lists the receipts."),
    }
    .into())
}

/// Records that are read together, of those that no golden id leads to.
const TOGETHER: usize = 10_000;

/// Everything that is stored of one golden record's person.
struct Subject {
    golden: Uuid,
    /// Living members, deleted records that belonged to it last, and those of no golden record that say who they are about.
    records: Vec<Stored>,
    /// By what the person is known: neither by what serves too many, nor by further ids that records of others name.
    traits: Traits,
    /// Emails that serve too many.
    generic: BTreeSet<String>,
    /// Emails that records of others hold too.
    shared: BTreeSet<String>,
}

impl Subject {
    fn of(configuration: &Configuration, entity: &Entity, keyring: &Keyring, golden: Uuid) -> Result<Subject> {
        let records = record::of_golden(golden)?;
        let versions = version::of(records.iter().map(|record| record.row.record_id).collect())?;
        let mut traits = Traits::default();
        for Stored { row, state } in &records {
            traits.extend(Traits::of(&entity.entity, &row.reference, state));
            traits.extend(said_in(configuration, entity, row, &versions));
        }
        for set in overrides::ever_set(records.iter().map(|record| record.row.record_id).collect())? {
            let attribute = entity.entity.attribute(&set.attribute);
            if let (Some(attribute), Some(values)) = (attribute, set.values(&entity.entity)) {
                values.into_iter().for_each(|value| traits.add(attribute.kind, value.canonical.to_string()));
            }
        }
        let (generic, shared) = (BTreeSet::new(), BTreeSet::new());
        let mut subject = Subject { golden, records, traits, generic, shared };
        subject.leave_to_others(keyring)?;
        subject.take_in_homeless(configuration, entity)?;
        subject.leave_to_others(keyring)?;
        Ok(subject)
    }

    /// Leaves out of the traits what tells this person from nobody.
    fn leave_to_others(&mut self, keyring: &Keyring) -> Result<()> {
        let value = |space| move |value: &String| keyring.digest(&Key::new(space, value));
        let (email, phone) = (value(Space::Email), value(Space::Phone));
        let reference = |reference: &RecordRef| keyring.digest(&Key::reference(reference));
        let Traits { references, emails, phones } = &self.traits;
        let of_one: Vec<i64> = emails.iter().map(&email).chain(references.iter().map(reference)).collect();
        let all = of_one.iter().copied().chain(phones.iter().map(&phone)).collect();
        let generic = keys::generic(all)?;
        let own: HashSet<i64> = self.ids().into_iter().collect();
        let holders = keys::holders(of_one, own.len() as i64 + 1)?;
        let others: HashSet<i64> =
            holders.into_iter().filter(|holder| !own.contains(&holder.record_id)).map(|holder| holder.key).collect();
        let names: HashSet<&RecordRef> = self.records.iter().map(|record| &record.row.reference).collect();
        let told = |key: i64| generic.contains(&key) || others.contains(&key);
        self.traits.references.retain(|named| names.contains(named) || !told(reference(named)));
        self.generic.extend(self.traits.emails.extract_if(.., |text| generic.contains(&email(text))));
        self.shared.extend(self.traits.emails.iter().filter(|text| others.contains(&email(text))).cloned());
        self.traits.phones.retain(|text| !generic.contains(&phone(text)));
        Ok(())
    }

    /// Takes in the records that no golden id leads to, where what they said is about the same person.
    fn take_in_homeless(&mut self, configuration: &Configuration, entity: &Entity) -> Result<()> {
        // An email that others hold too does not tell whose they are.
        let (known, of_many) = (self.alone(), &self.generic | &self.shared);
        if known == Traits::default() {
            return Ok(());
        }
        let own: HashSet<i64> = self.ids().into_iter().collect();
        let (mut found, mut brought) = (Vec::new(), Traits::default());
        for rows in record::homeless(&entity.entity.name)?.chunks(TOGETHER) {
            let versions = version::readable(rows.iter().map(|row| row.record_id).collect())?;
            let said = parallel::map(rows, |row| said_in(configuration, entity, row, &versions))?;
            for (row, said) in rows.iter().zip(said) {
                if !own.contains(&row.record_id) && known.meet(&said, &of_many) {
                    found.push(row.record_id);
                    brought.extend(said);
                }
            }
        }
        self.records.extend(record::by_id(&found)?);
        self.traits.extend(brought);
        Ok(())
    }

    /// The refused records about it. An email that others hold too does not tell whose they are.
    fn letters(&self, vault: &Vault) -> Result<Vec<i64>> {
        let of_many = Traits { emails: &self.generic | &self.shared, ..Traits::default() };
        letters::about(self.alone().keys(vault), of_many.keys(vault).into_keys().collect())
    }

    /// By what this person alone is known.
    fn alone(&self) -> Traits {
        let mut alone = self.traits.clone();
        alone.emails.retain(|email| !self.shared.contains(email));
        alone
    }

    /// What keeps the person out, each with its kind.
    fn kept_out_with(&self, vault: &Vault, entity_type: &str) -> BTreeMap<Commitment, KeptOut> {
        let mut commitments = self.traits.commitments(vault, entity_type);
        // An email that another still holds is theirs too.
        let shared = Traits { emails: &self.traits.emails & &self.shared, ..Traits::default() };
        for (clue, kind) in shared.clues(vault, entity_type) {
            match kind {
                KeptOut::SharedEmail if !self.traits.phones.is_empty() => commitments.insert(clue, kind),
                _ => commitments.remove(&clue),
            };
        }
        commitments
    }

    /// What deletes the living among its records.
    fn deletions(&self) -> Vec<Change> {
        let living = self.records.iter().filter(|record| record.row.golden.is_some());
        let gone =
            |Stored { row, state }: &Stored| Change { row: row.clone(), old: state.clone(), new: State::default() };
        living.map(gone).collect()
    }

    fn ids(&self) -> Vec<i64> {
        self.records.iter().map(|record| record.row.record_id).collect()
    }
}

/// What the versions of a record say of who it is about.
fn said_in(
    configuration: &Configuration,
    entity: &Entity,
    row: &RecordRow,
    versions: &BTreeMap<i64, Vec<Version>>,
) -> Traits {
    let source = configuration.source_of(&row.reference.system, row.attachment);
    let mut traits = Traits { references: BTreeSet::from([row.reference.clone()]), ..Traits::default() };
    for version in versions.get(&row.record_id).into_iter().flatten() {
        traits.extend(said(entity, &source, version));
    }
    traits
}

/// Erases a golden record with all its source records, keeps a receipt, and keeps the person from coming in again. Of one that
/// was erased before, the refused records that speak of who is kept out. Writers of the entity type wait meanwhile.
pub fn erase(golden: Uuid, reason: &str) -> Result<Value> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason is empty")
            .hint("It is kept in the receipt and the audit log: name the request, not the person.")
            .into());
    }
    // Of one that was erased before, its entity type and what is kept out for it.
    let known = || match store::erased(golden)? {
        Some(known) => Ok(known),
        None => Ok::<_, Failure>((entity_type(golden)?, HashSet::new())),
    };
    let entity_type = known()?.0;
    store::await_statistics()?;
    let mut held = alone(&entity_type)?;
    let (entity_type, kept_out_before) = known()?;
    let vault = vault::open()?;
    let configuration = Configuration::current()?;
    let entity = configuration.entity(&entity_type)?;
    let keyring = Keyring::new(vault.identity(), &entity_type);
    let subject = Subject::of(&configuration, &entity, &keyring, golden)?;

    // First as if its systems had deleted them: who is left is resolved again.
    resolve::settle(&entity, &keyring, &mut held, subject.deletions(), Closing::Erased)?;
    blocks::forget(&entity_type, &subject.ids())?;
    isolation::check_letters()?;
    let mut letters = subject.letters(&vault)?;
    if !kept_out_before.is_empty() {
        let regions = configuration.regions();
        letters.extend(letters::containing(|payload| {
            let said = Traits::read(payload, &regions, &parallel::heed);
            let said = said.narrowed(&vault, &entity_type, |clue| kept_out_before.contains(clue));
            said.commitments(&vault, &entity_type).keys().any(|commitment| kept_out_before.contains(commitment))
        })?);
    }
    let (removed, wiped) = store::remove(golden, subject.ids(), letters)?;
    let emptied = store::emptied()?;
    if !emptied.is_empty() {
        as_extension_owner(|| store::forget_statistics(emptied))?;
    }
    let commitments = subject.kept_out_with(&vault, &entity_type);
    let keeps_out = |kind: &&KeptOut| **kind != KeptOut::SharedEmail;
    let suppressed = commitments.values().filter(keeps_out).count();
    let (erasure, at) = store::put(&entity_type, golden, reason, &removed, &commitments)?;
    let change = event::ChangeEvent { golden, change: event::Change::Erased, other: None, attributes: vec![] };
    event::changes(&entity_type, &[change])?;
    let detail = json!({"erasure_id": erasure, "audit_ids": wiped});
    audit::entry("erase_subject", Some(&entity_type), Some(golden), Some(reason), &detail)?;
    Ok(json!({
        "erasureId": erasure, "entityType": entity_type, "goldenId": golden.to_string(), "at": at, "reason": reason,
        "removed": removed, "suppressed": suppressed,
    }))
}

/// Lets an erased person in again.
pub fn unsuppress(erasure: i64, reason: &str) -> Result<()> {
    if !store::lift(erasure, reason)? {
        return Err(Error::new("42704", format!("erasure {erasure} suppresses nothing"))
            .hint("Table golden_record.erasure lists the receipts.")
            .into());
    }
    audit::entry("unsuppress", None, None, Some(reason), &json!({"erasure_id": erasure}))
}

/// Everything held on a person, and the systems and regions that it is of, as far as those could be read.
struct Holdings {
    found: Value,
    of: BTreeSet<(Option<String>, Option<String>)>,
}

/// Everything held on the person of a golden record. For cleared readers with a purpose, whose scope holds all of it.
pub fn export(golden: Uuid) -> Result<Value> {
    let purpose = guc::purpose();
    let entry = |outcome| -> Result<Entry> {
        Ok(Entry::of_caller("export_subject", outcome)?.about(Some(golden), None).purpose(purpose.as_deref()))
    };
    if !clearance::is_cleared() {
        entry(Outcome::Refused)?.record()?;
        return Err(clearance::refused());
    }
    let scopes = scope::of_caller()?;
    let Holdings { found, of } = as_reader(|| everything(golden))?;
    let scoped = |(system, region): &(Option<String>, Option<String>)| {
        scopes.iter().any(|scope| scope.covers(system.as_deref(), region.as_deref()))
    };
    if scopes.is_empty() || !of.iter().all(scoped) {
        entry(Outcome::Refused)?.record()?;
        return Err(clearance::refused());
    }
    entry(Outcome::Granted)?.record()?;
    Ok(found)
}

fn everything(golden: Uuid) -> Result<Holdings> {
    let entity_type = entity_type(golden)?;
    let configuration = Configuration::current()?;
    let entity = configuration.entity(&entity_type)?;
    let vault = vault::open()?;
    let keyring = Keyring::new(vault.identity(), &entity_type);
    let subject = Subject::of(&configuration, &entity, &keyring, golden)?;
    let contents = version::contents(subject.ids())?;
    let values = |state: &State| -> Map<String, Value> {
        state.held().map(|(name, held)| (name.to_owned(), held.current.display.into())).collect()
    };
    let records: Vec<Value> = subject
        .records
        .iter()
        .map(|Stored { row, state }| {
            let versions = contents.iter().filter(|(record, _)| *record == row.record_id);
            json!({
                "systemName": row.reference.system, "id": row.reference.id, "region": state.region(),
                "live": row.golden.is_some(), "attributes": values(state), "rawAttributes": state::raw_attributes(state),
                "crossReferences": state.cross_references(),
                "versions": versions.map(|(_, content)| content).collect::<Vec<_>>(),
            })
        })
        .collect();
    let stored = golden::involved(vec![subject.golden], vec![])?;
    let stored = stored.iter().find(|stored| stored.id == subject.golden);
    let profile: Map<String, Value> = stored
        .into_iter()
        .flat_map(|stored| {
            let lineage = stored.lineage();
            stored.values().into_iter().map(move |(name, (value, ..))| {
                let lineage = lineage.get(&name).map(line_json);
                (name.into(), json!({"value": value.display, "lineage": lineage}))
            })
        })
        .collect();
    let own: BTreeSet<&RecordRef> = subject.records.iter().map(|record| &record.row.reference).collect();
    let past = history::of(subject.golden, |giver| own.contains(giver))?;
    let rejected = letters::shown(subject.letters(&vault)?)?;
    let of_record =
        |record: &Stored| (Some(record.row.reference.system.to_string()), Some(record.state.region().to_owned()));
    let mut of: BTreeSet<_> = subject.records.iter().map(of_record).collect();
    of.extend(past.iter().map(|(system, region, _)| (Some(system.clone()), Some(region.clone()))));
    // A refused record has no region that could be read: it is for scopes that have all.
    of.extend(rejected.iter().map(|(system, _)| (system.clone(), None)));
    let found = json!({
        "entityType": entity_type, "goldenId": golden.to_string(), "profile": profile, "records": records,
        "history": past.into_iter().map(|(.., held)| held).collect::<Vec<_>>(),
        "overrides": overrides::told(subject.ids())?, "decisions": store::decided(subject.ids())?,
        "races": store::raced(subject.ids())?,
        "rejected": rejected.into_iter().map(|(_, letter)| letter).collect::<Vec<_>>(),
        "access": store::accesses(subject.golden)?,
    });
    Ok(Holdings { found, of })
}
