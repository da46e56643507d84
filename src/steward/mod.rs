//! Stewards' decisions: what they say of two golden records holds for every pair of source records across them, until
//! a newer decision on the pair or until it is taken back.

mod consistent;

use self::consistent::{consistent, NEW};
use crate::audit;
use crate::configuration::{identity_secret, Configuration, Entity};
use crate::error::{Failure, Result};
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::resolve::{current_blocks, reconsider};
use crate::store::decision::{self, NewDecision};
use crate::store::event::{self, Change, ChangeEvent};
use crate::store::golden;
use crate::store::record::{self, Stored};
use crate::store::review;
use golden_record_core::block::Key;
use golden_record_core::cluster::decision::{in_turn, Decision, Ruling};
use golden_record_core::error::Error;
use golden_record_core::record::{Node, RecordRef};
use golden_record_core::review::Filter;
use pgrx::datum::Uuid;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is decided, and about whom.
pub struct Verdict<'a> {
    /// What is said of the two golden records.
    pub ruling: Ruling,
    /// The steward's words.
    pub note: Option<&'a str>,
    /// The name of the call, for the audit log.
    pub action: &'static str,
}

/// Everything a call needs about one entity type.
pub struct Desk {
    /// The entity type.
    pub entity: std::sync::Arc<Entity>,
    /// Its keys.
    pub keyring: Keyring,
    /// What is locked.
    pub held: Held,
}

impl Desk {
    /// Locks the entity type and reads its configuration.
    pub fn open(entity_type: &str) -> Result<Desk> {
        let held = Held::writing(entity_type, 1);
        let entity = Configuration::current()?.entity(entity_type)?;
        let keyring = Keyring::new(&identity_secret()?, entity_type);
        Ok(Desk { entity, keyring, held })
    }

    /// The living among the records of some names, with the keys and components of all members of their components
    /// locked.
    fn living(&mut self, names: &[RecordRef]) -> Result<Vec<Stored>> {
        let entity = &self.entity.entity;
        loop {
            let mut found = record::find(&entity.name, names)?;
            let rows: Vec<i64> = found.iter().map(|record| record.row.record_id).collect();
            found.retain(|record| record.row.golden.is_some());
            let components = components(&found);
            let members = record::by_component(&components)?;
            let of_member = |record: &Stored| self.keyring.keys(entity, &record.row.reference, &record.state);
            let mut keys: Vec<i64> = members.iter().flat_map(of_member).map(|(digest, _)| digest).collect();
            keys.extend(names.iter().map(|name| self.keyring.digest(&Key::reference(name))));
            let nodes: Vec<Node> = members.iter().map(Stored::node).collect();
            // Read again after each wait, until nothing new comes to light.
            let waited_for_keys = self.held.keys(keys);
            let waited_for_blocks = self.held.blocks(current_blocks(&self.entity, &self.keyring, &nodes)?);
            if !self.held.components(components) && !waited_for_blocks && !waited_for_keys {
                // One that has come back may look dead.
                isolation::check(Rows { records: &rows, ..Rows::default() })?;
                return Ok(found);
            }
        }
    }

    /// The same for names that all must live: `42704` for one that does not.
    pub fn records(&mut self, names: &[RecordRef]) -> Result<Vec<Stored>> {
        let found = self.living(names)?;
        match names.iter().find(|name| !found.iter().any(|record| record.row.reference == **name)) {
            None => Ok(found),
            Some(missing) => Err(record::missing(missing)),
        }
    }

    fn record(&mut self, name: &RecordRef) -> Result<Stored> {
        let found = self.records(std::slice::from_ref(name))?;
        found.into_iter().next().ok_or_else(|| Failure::internal("a record was found and lost"))
    }

    /// The members of a record's golden record, that record included.
    pub fn members(&self, of: &Stored) -> Result<Vec<Stored>> {
        let mut members = record::by_component(&of.row.component.into_iter().collect::<Vec<_>>())?;
        members.retain(|record| record.row.golden == of.row.golden);
        Ok(members)
    }

    /// Decides on the golden records of two living source records.
    fn between(&mut self, ends: &[Stored], a: &RecordRef, b: &RecordRef, verdict: &Verdict) -> Result<i64> {
        let end = |name: &RecordRef| {
            ends.iter()
                .find(|record| record.row.reference == *name)
                .ok_or_else(|| Failure::internal("a record was found and lost"))
        };
        let (a, b) = (end(a)?, end(b)?);
        if a.row.golden == b.row.golden {
            return Err(match verdict.ruling {
                Ruling::Same => refused(
                    "the two records belong to one golden record already",
                    "There is nothing to decide: golden_record.why tells what holds it together.",
                ),
                Ruling::Different => refused(
                    "the two records belong to one golden record",
                    "Take one out of it with golden_record.unlink or golden_record.unmerge.",
                ),
            });
        }
        let (side_a, side_b) = (self.members(a)?, self.members(b)?);
        self.decide(verdict, (a.row.record_id, b.row.record_id), &side_a, &side_b)
    }

    /// Decides one thing and writes it into the audit log.
    fn decide(&mut self, verdict: &Verdict, evidence: (i64, i64), a: &[Stored], b: &[Stored]) -> Result<i64> {
        let items = [Item { evidence, a: a.iter().collect(), b: b.iter().collect() }];
        let ids = self.store(verdict, &items, &items)?;
        let decision = ids.first().copied().ok_or_else(|| Failure::internal("a decision was not stored"))?;
        let detail = serde_json::json!({
            "decision_id": decision, "decision": verdict.ruling, "members_a": a.len(), "members_b": b.len(),
        });
        let golden = a.first().and_then(|record| record.row.golden);
        audit::entry(verdict.action, Some(&self.entity.entity.name), golden, verdict.note, &detail)?;
        Ok(decision)
    }

    /// Stores decisions and resolves what they touch, all at once. Gives their ids. `items` are what is decided, `in_turn`
    /// the same as each is decided after those before it.
    fn store(&mut self, verdict: &Verdict, items: &[Item], in_turn: &[Item]) -> Result<Vec<i64>> {
        let rows = |side: &[&Stored]| -> Vec<i64> { side.iter().map(|record| record.row.record_id).collect() };
        let both: BTreeSet<i64> =
            items.iter().flat_map(|item| item.a.iter().chain(&item.b)).map(|record| record.row.record_id).collect();
        let both: Vec<i64> = both.into_iter().collect();
        let joined = if verdict.ruling == Ruling::Same { in_turn } else { &[] };
        consistent(&both, items.iter().map(|item| item.decision(verdict.ruling)).collect(), joined)?;
        let new: Vec<NewDecision> = in_turn
            .iter()
            .map(|item| NewDecision { evidence: item.evidence, side_a: rows(&item.a), side_b: rows(&item.b) })
            .collect();
        let ids = decision::put(&self.entity.entity.name, verdict.ruling, verdict.note, &new)?;
        // An item that closes though nobody spoke of it has lost its evidence.
        reconsider(&self.entity, &self.keyring, &mut self.held, &both, None)?;
        Ok(ids)
    }

    /// Decides the items that a filter selects, and gives the decisions' ids. Those that come while it waits for others stay
    /// open.
    fn decide_selected(&mut self, filter: &Filter, verdict: &Verdict) -> Result<Vec<i64>> {
        let items = review::selected(filter)?;
        let names: BTreeSet<RecordRef> = items.into_iter().flat_map(|item| [item.a.1, item.b.1]).collect();
        let names: Vec<RecordRef> = names.into_iter().collect();
        let ends = self.living(&names)?;
        let golden: BTreeMap<i64, Uuid> =
            ends.iter().filter_map(|record| Some((record.row.record_id, record.row.golden?))).collect();
        let mut members: HashMap<Uuid, Vec<&Stored>> = HashMap::new();
        let loaded = record::by_component(&components(&ends))?;
        for record in &loaded {
            if let Some(golden) = record.row.golden {
                members.entry(golden).or_default().push(record);
            }
        }
        let of = |row: i64| golden.get(&row).filter(|golden| members.contains_key(golden)).copied();
        let selected = review::selected(filter)?.into_iter().filter_map(|item| {
            let evidence = (item.a.0, item.b.0);
            Some((evidence, (of(evidence.0)?, of(evidence.1)?)))
        });
        let (evidence, pairs): (Vec<(i64, i64)>, Vec<(Uuid, Uuid)>) = selected.unzip();
        let side = |golden: &[Uuid]| golden.iter().flat_map(|golden| &members[golden]).copied().collect();
        let items = |sides: &[[Vec<Uuid>; 2]]| -> Vec<Item> {
            let item = |(&evidence, [a, b]): (&(i64, i64), &[Vec<Uuid>; 2])| Item { evidence, a: side(a), b: side(b) };
            evidence.iter().zip(sides).map(item).collect()
        };
        let alone: Vec<[Vec<Uuid>; 2]> = pairs.iter().map(|&(a, b)| [vec![a], vec![b]]).collect();
        let cap = self.entity.entity.options.cap as usize;
        let size = |golden: &Uuid| members[golden].len();
        let sides = if verdict.ruling == Ruling::Same { in_turn(&pairs, &size, cap) } else { alone.clone() };
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        self.store(verdict, &items(&alone), &items(&sides))
    }
}

/// One thing to decide: two golden records by their members, and the pair that gives the evidence.
struct Item<'a> {
    evidence: (i64, i64),
    a: Vec<&'a Stored>,
    b: Vec<&'a Stored>,
}

impl Item<'_> {
    fn decision(&self, ruling: Ruling) -> Decision {
        let names =
            |side: &[&Stored]| -> Vec<RecordRef> { side.iter().map(|record| record.row.reference.clone()).collect() };
        let named = |row: i64| {
            let found = self.a.iter().chain(&self.b).find(|stored| stored.row.record_id == row);
            found.map_or_else(|| RecordRef::new("", ""), |stored| stored.row.reference.clone())
        };
        Decision {
            order: NEW,
            ruling,
            side_a: names(&self.a),
            side_b: names(&self.b),
            evidence: (named(self.evidence.0), named(self.evidence.1)),
        }
    }
}

/// `55000` for records that are not as a call wants them.
fn refused(message: &str, hint: &str) -> Failure {
    Error::new("55000", message).hint(hint).into()
}

/// The components of records, each once: who is looked up twice is found twice.
fn components(records: &[Stored]) -> Vec<i64> {
    let components: BTreeSet<i64> = records.iter().filter_map(|record| record.row.component).collect();
    components.into_iter().collect()
}

/// Decides an item of the review queue.
pub fn decide(review_id: i64, verdict: &Verdict) -> Result<i64> {
    let gone = || {
        Error::new("42704", format!("review item {review_id} is not open"))
            .hint("Its evidence may have gone: view golden_record.review_history tells.")
    };
    let (entity_type, a, b) = review::ends(review_id)?.ok_or_else(gone)?;
    let mut desk = Desk::open(&entity_type)?;
    let ends = desk.living(&[a.clone(), b.clone()])?;
    // It may have been closed while its records were waited for.
    review::ends(review_id)?.filter(|_| ends.len() == 2).ok_or_else(gone)?;
    desk.between(&ends, &a, &b, verdict)
}

/// Decides all open items that a filter selects, or none, and gives their number.
pub fn decide_all(filter: &Filter, verdict: &Verdict) -> Result<i64> {
    if let Some(entity_type) = &filter.entity_type {
        Configuration::current()?.entity(entity_type)?;
    }
    let types: BTreeSet<String> = review::selected(filter)?.into_iter().map(|item| item.entity_type).collect();
    let mut decided = 0;
    for entity_type in types {
        let filter = Filter { entity_type: Some(entity_type.clone()), ..filter.clone() };
        let decisions = Desk::open(&entity_type)?.decide_selected(&filter, verdict)?;
        if decisions.is_empty() {
            continue;
        }
        let reasons: Option<Vec<&str>> =
            filter.reasons.as_ref().map(|reasons| reasons.iter().map(|reason| reason.name()).collect());
        let detail = serde_json::json!({
            "decision": verdict.ruling, "decisions": decisions.len(), "decision_ids": decisions, "reason": reasons,
            "min_score": filter.min_score, "max_score": filter.max_score, "system": filter.system,
        });
        audit::entry(verdict.action, Some(&entity_type), None, verdict.note, &detail)?;
        decided += decisions.len();
    }
    Ok(decided as i64)
}

/// Decides on the golden records of two source records.
pub fn between(entity_type: &str, a: &RecordRef, b: &RecordRef, verdict: &Verdict) -> Result<i64> {
    let mut desk = Desk::open(entity_type)?;
    let ends = desk.records(&[a.clone(), b.clone()])?;
    desk.between(&ends, a, b, verdict)
}

/// `different` between record `a` and the rest of its golden record, which must hold `b`.
pub fn unlink(entity_type: &str, a: &RecordRef, b: &RecordRef, note: Option<&str>) -> Result<i64> {
    let mut desk = Desk::open(entity_type)?;
    let ends = desk.records(&[a.clone(), b.clone()])?;
    let hint =
        "View golden_record.crosswalk tells which each belongs to; golden_record.why_not, what keeps them apart.";
    let apart = || refused("the two records do not belong to one golden record", hint);
    if a == b || ends.iter().any(|record| record.row.golden != ends[0].row.golden) {
        return Err(apart());
    }
    let (alone, rest) = split(desk.members(&ends[0])?, |name| name == a);
    let other = rest.iter().find(|record| record.row.reference == *b).ok_or_else(apart)?.row.record_id;
    let verdict = Verdict { ruling: Ruling::Different, note, action: "unlink" };
    desk.decide(&verdict, (alone[0].row.record_id, other), &alone, &rest)
}

fn split(members: Vec<Stored>, named: impl Fn(&RecordRef) -> bool) -> (Vec<Stored>, Vec<Stored>) {
    members.into_iter().partition(|record| named(&record.row.reference))
}

/// `42704` for a golden id that does not live.
pub fn no_such_golden() -> Failure {
    Error::new("42704", "there is no such living golden record")
        .hint("It was never issued, or it has no records any more.")
        .into()
}

/// The living golden record that an id leads to, itself or what it was merged into, and its entity type. Errors: `42704`.
pub fn living(golden_id: Uuid) -> Result<(Uuid, String)> {
    let living = golden::resolve(golden_id)?.ok_or_else(no_such_golden)?;
    let entity_type = golden::entity_type(living)?.ok_or_else(no_such_golden)?;
    Ok((living, entity_type))
}

/// `different` between the named members of the golden record that an id leads to and the rest. Gives the golden id of the named.
pub fn unmerge(golden_id: Uuid, names: &[RecordRef], note: Option<&str>) -> Result<Option<Uuid>> {
    let (golden_id, entity_type) = living(golden_id)?;
    if names.is_empty() {
        return Err(Error::invalid("members is empty")
            .hint("Name the source records that are to be set apart.")
            .into());
    }
    let mut desk = Desk::open(&entity_type)?;
    let named = desk.records(names)?;
    if named.iter().any(|record| record.row.golden != Some(golden_id)) {
        return Err(refused(
            "not all of the records belong to the golden record",
            "View golden_record.crosswalk has them.",
        ));
    }
    let (alone, rest) = split(desk.members(&named[0])?, |name| names.contains(name));
    if rest.is_empty() {
        return Err(refused("the golden record has no other members", "Leave some of its records unnamed."));
    }
    let verdict = Verdict { ruling: Ruling::Different, note, action: "unmerge" };
    desk.decide(&verdict, (alone[0].row.record_id, rest[0].row.record_id), &alone, &rest)?;
    Ok(desk.record(&named[0].row.reference)?.row.golden)
}

/// Takes a decision back.
pub fn revert(decision: i64, note: Option<&str>) -> Result<()> {
    let gone = || {
        Error::new("42704", format!("decision {decision} is not in force"))
            .hint("View golden_record.decisions lists what was decided and what was taken back.")
    };
    let (entity_type, members) = decision::members(decision)?.ok_or_else(gone)?;
    let mut desk = Desk::open(&entity_type)?;
    // Who lives is known once they are locked.
    let names: Vec<RecordRef> = members.into_iter().map(|member| member.reference).collect();
    let rows: Vec<i64> = desk.living(&names)?.iter().map(|record| record.row.record_id).collect();
    decision::revert(decision, note)?.ok_or_else(gone)?;
    // An older decision speaks again on the pairs.
    consistent(&rows, Vec::new(), &[])?;
    reconsider(&desk.entity, &desk.keyring, &mut desk.held, &rows, Some(decision))?;
    part_deleted(&entity_type, decision)?;
    let detail = serde_json::json!({"decision_id": decision});
    audit::entry("revert_decision", Some(&entity_type), None, note, &detail)
}

/// What was merged by a decision that is taken back, and has lost its records since, is apart again: nobody is there to resolve.
fn part_deleted(entity_type: &str, decision: i64) -> Result<()> {
    let parted = golden::parted(decision)?;
    golden::retire(&parted)?;
    let alone = parted.iter().filter(|golden| golden.into.is_none());
    let retired = |golden: &golden::Retired| ChangeEvent {
        golden: golden.id,
        change: Change::Retired,
        other: None,
        attributes: vec![],
    };
    event::changes(entity_type, &alone.map(retired).collect::<Vec<_>>())
}
