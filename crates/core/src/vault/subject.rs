//! By what a person is known: what erasures look for and what they keep out.

use super::Vault;
use crate::block::{Key, Space};
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise;
use crate::record::{RecordRef, State};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A commitment to what must not come in.
pub type Commitment = [u8; 32];

words! {
    /// What is kept out by a commitment.
    pub enum KeptOut {
        /// A record of that (system, id).
        Record => "record",
        /// Whoever has that email and that phone.
        Identity => "identity",
        /// Whoever has that email.
        Email => "email",
        /// Nobody by it alone: others hold that email too, and an `Identity` is made of it.
        SharedEmail => "shared_email",
    }
}

/// What one state or version says of who it is about. Emails and phones that are junk by form are none of it: nobody is known by
/// them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// (system, id), the record's own and its cross-references.
    pub references: BTreeSet<RecordRef>,
    /// Canonical emails.
    pub emails: BTreeSet<String>,
    /// Canonical phones.
    pub phones: BTreeSet<String>,
}

/// Personal data: a debug print tells how many there are.
impl fmt::Debug for Traits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traits({}, {}, {})", self.references.len(), self.emails.len(), self.phones.len())
    }
}

impl Traits {
    /// What a record says of itself: its values, and the first ones, which a merge rule may choose.
    pub fn of(entity: &EntityType, reference: &RecordRef, state: &State) -> Traits {
        let mut traits = Traits { references: BTreeSet::from([reference.clone()]), ..Traits::default() };
        for kind in [Kind::Email, Kind::Phone] {
            let held = entity.of_kind(kind).filter_map(|attribute| state.held_of(&attribute.name));
            let stated = held.flat_map(|held| [held.current, held.earliest()]);
            stated.for_each(|stated| traits.add(kind, stated.canonical.to_owned()));
        }
        traits.refer(state.cross_references());
        traits
    }

    /// Adds cross-references, but for those that name nobody: no person is known by them.
    pub fn refer(&mut self, others: &BTreeSet<RecordRef>) {
        self.references.extend(others.iter().filter(|other| !normalise::is_junk_id(&other.id)).cloned());
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Traits) {
        self.references.extend(other.references);
        self.emails.extend(other.emails);
        self.phones.extend(other.phones);
    }

    /// Adds a canonical value of a kind, where a person is known by it.
    pub fn add(&mut self, kind: Kind, canonical: String) {
        match kind {
            _ if normalise::is_junk(kind, &canonical) => false,
            Kind::Email => self.emails.insert(canonical),
            Kind::Phone => self.phones.insert(canonical),
            _ => false,
        };
    }

    /// Whether what says the other is about the same person: it names a record or an email of these, or a phone and no email, but
    /// for `generic` ones, which serve too many to tell anybody by.
    pub fn meet(&self, other: &Traits, generic: &BTreeSet<String>) -> bool {
        !self.references.is_disjoint(&other.references)
            || !self.emails.is_disjoint(&other.emails)
            || other.emails.is_subset(generic) && !self.phones.is_disjoint(&other.phones)
    }

    /// Keyed hashes by which a refused record is found again: of references `r`, emails `e` and phones `p`.
    pub fn keys(&self, vault: &Vault) -> BTreeMap<i64, u8> {
        let mut keys = BTreeMap::new();
        for phone in &self.phones {
            keys.insert(Key::new(Space::Phone, phone).digest(vault.identity()), b'p');
        }
        for email in &self.emails {
            keys.insert(Key::new(Space::Email, email).digest(vault.identity()), b'e');
        }
        for reference in &self.references {
            keys.insert(Key::reference(&vault.known_as(reference.clone())).digest(vault.identity()), b'r');
        }
        keys
    }

    /// What must be kept out so that none of this comes in again, by kind: each (system, id), each email together with each
    /// phone, each email. Never a phone alone, which would keep a household out.
    pub fn commitments(&self, vault: &Vault, entity_type: &str) -> BTreeMap<Commitment, KeptOut> {
        let mut commitments = self.clues(vault, entity_type);
        commitments.retain(|_, kind| *kind != KeptOut::SharedEmail);
        for email in &self.emails {
            for phone in &self.phones {
                let parts = [email.as_str(), phone.as_str()];
                commitments.insert(commit(vault, entity_type, KeptOut::Identity, &parts), KeptOut::Identity);
            }
        }
        commitments
    }

    /// Of a text that names thousands of emails and phones there are millions of pairs. These, as many as there are references and
    /// emails, tell which of it are worth asking for: see [`Traits::narrowed`].
    pub fn clues(&self, vault: &Vault, entity_type: &str) -> BTreeMap<Commitment, KeptOut> {
        let references = self.references.iter().map(|reference| clue_of_record(vault, entity_type, reference));
        let emails = self.emails.iter().flat_map(|email| clues_of_email(vault, entity_type, email));
        references.chain(emails).collect()
    }

    /// What of it has clues that are `known` to be kept out; all that is kept out of the whole is kept out of that.
    pub fn narrowed(&self, vault: &Vault, entity_type: &str, known: impl Fn(&Commitment) -> bool) -> Traits {
        let references = self.references.iter().filter(|of| known(&clue_of_record(vault, entity_type, of).0));
        let emails =
            self.emails.iter().filter(|of| clues_of_email(vault, entity_type, of).iter().any(|(clue, _)| known(clue)));
        Traits {
            references: references.cloned().collect(),
            emails: emails.cloned().collect(),
            phones: self.phones.clone(),
        }
    }
}

fn clue_of_record(vault: &Vault, entity_type: &str, reference: &RecordRef) -> (Commitment, KeptOut) {
    let RecordRef { system, id } = vault.known_as(reference.clone());
    (commit(vault, entity_type, KeptOut::Record, &[&system, &id]), KeptOut::Record)
}

fn clues_of_email(vault: &Vault, entity_type: &str, email: &str) -> [(Commitment, KeptOut); 2] {
    [KeptOut::Email, KeptOut::SharedEmail].map(|kind| (commit(vault, entity_type, kind, &[email]), kind))
}

fn commit(vault: &Vault, entity_type: &str, kind: KeptOut, parts: &[&str]) -> Commitment {
    let mut text = Vec::new();
    for part in [kind.name(), entity_type].iter().chain(parts) {
        text.extend((part.len() as u64).to_be_bytes());
        text.extend(part.as_bytes());
    }
    vault.commit("suppression", &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Draft;
    use crate::vault::tests::vault;

    fn traits(emails: &[&str], phones: &[&str]) -> Traits {
        Traits {
            references: BTreeSet::new(),
            emails: emails.iter().map(|text| (*text).to_owned()).collect(),
            phones: phones.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn a_record_says_its_first_values_too() {
        let version = |at: i64, email: &str| crate::record::Version {
            entity_type: "CUSTOMER".into(),
            record: RecordRef::new("CRM", "1"),
            cross_references: BTreeSet::new(),
            attributes: [("email".into(), email.into())].into_iter().collect(),
            timestamp: at * 1_000_000,
            sequence: None,
            vector_clock: None,
            no_entity: false,
            source_priority: None,
            region: None,
            deleted: false,
        };
        let entity = EntityType::customer();
        let versions = [version(1, "ann@example.com"), version(2, "ann@example.org")];
        let state = crate::fold::fold(&entity, &BTreeMap::new(), &crate::source::SourceOptions::default(), &versions);
        assert_eq!(Traits::of(&entity, &versions[0].record, &state).emails.len(), 2);
    }

    #[test]
    fn an_id_that_names_nobody_keeps_nobody_out() {
        let own = RecordRef::new("CRM", "11111");
        let named = [RecordRef::new(RecordRef::ENTITY, "N/A"), RecordRef::new("ERP", "0"), RecordRef::new("ERP", "7")];
        let state = Draft { live: true, cross_references: named.clone().into(), ..Draft::default() }.into();
        let known = Traits::of(&EntityType::customer(), &own, &state).references;
        assert!(known == BTreeSet::from([own, named[2].clone()]));
    }

    #[test]
    fn a_phone_tells_who_it_is_where_no_email_says_otherwise() {
        let (ann, generic) = (traits(&["a@b.c"], &["+12065550143"]), BTreeSet::from(["all@b.c".to_owned()]));
        assert!(ann.meet(&traits(&["a@b.c", "d@e.f"], &[]), &generic));
        assert!(ann.meet(&traits(&[], &["+12065550143"]), &generic));
        assert!(ann.meet(&traits(&["all@b.c"], &["+12065550143"]), &generic));
        assert!(!ann.meet(&traits(&["d@e.f"], &["+12065550143"]), &generic));
        assert!(!ann.meet(&traits(&["all@b.c"], &["+12065550199"]), &generic));
    }

    #[test]
    fn each_trait_has_a_key() {
        let mut ann = traits(&["a@b.c"], &["+12065550143"]);
        ann.references.insert(RecordRef::new("CRM", "7"));
        assert_eq!(ann.keys(&vault(&[0, 1])).into_values().collect::<BTreeSet<u8>>(), BTreeSet::from(*b"erp"));
    }

    #[test]
    fn what_is_kept_out_of_many_is_found_without_their_pairs() {
        let (vault, shared) = (vault(&[0, 1]), traits(&["a@b.c"], &["+12065550143"]));
        let clues = shared.clues(&vault, "CUSTOMER").into_iter();
        let known: BTreeSet<Commitment> =
            clues.filter(|(_, kind)| *kind == KeptOut::SharedEmail).map(|(clue, _)| clue).collect();
        let mut many = traits(&["a@b.c", "d@e.f"], &["+12065550143", "+12065550199"]);
        many.references.insert(RecordRef::new("CRM", "7"));
        let narrowed = many.narrowed(&vault, "CUSTOMER", |clue| known.contains(clue));
        assert!(narrowed == traits(&["a@b.c"], &["+12065550143", "+12065550199"]));
        assert!(many.narrowed(&vault, "SUPPLIER", |clue| known.contains(clue)).emails.is_empty());
    }

    #[test]
    fn no_phone_is_kept_out_alone() {
        let vault = vault(&[0, 1]);
        assert!(traits(&[], &["+12065550143"]).commitments(&vault, "CUSTOMER").is_empty());
        let both = traits(&["a@b.c"], &["+12065550143"]).commitments(&vault, "CUSTOMER");
        assert_eq!(
            both.values().copied().collect::<BTreeSet<_>>(),
            BTreeSet::from([KeptOut::Email, KeptOut::Identity])
        );
        let other = traits(&["a@b.c"], &["+12065550143"]).commitments(&vault, "SUPPLIER");
        assert!(both.keys().all(|commitment| !other.contains_key(commitment)));
    }
}
