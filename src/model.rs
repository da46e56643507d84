//! Models of the policy `probabilistic`: learnt without labels, numbered, never changed.

use crate::audit;
use crate::configuration::{Configuration, Entity};
use crate::error::Result;
use crate::lock;
use crate::parallel;
use crate::progress::{self, Progress};
use crate::resolve::Change;
use crate::store::record::{self, Stored};
use crate::store::{configuration as store, reading, state, vault};
use golden_record_core::entity::Policy;
use golden_record_core::error::Error;
use golden_record_core::record::Node;
use golden_record_core::resolve::Groundwork;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

/// Learns a model from the living records of an entity type as they are now, and gives its number. Nothing else
/// changes: `use_model` puts it in force.
pub fn train(entity_type: &str) -> Result<i64> {
    lock::entity_shared(entity_type);
    let entity = Configuration::current()?.entity(entity_type)?;
    let _progress = Progress::begin("train", entity_type);
    progress::phase("reading records", 0)?;
    // Others write meanwhile: rows and what they say are of one moment.
    let records = reading(|| record::by_entity(entity_type))?;
    let nodes: Vec<Node> = records.iter().filter(|record| record.row.golden.is_some()).map(Stored::node).collect();
    Ok(learn(&entity, &nodes, || Ok(false))?.0)
}

/// Learns a model from the records of an entity type as they will be after `changes`, and puts it in force. The caller,
/// who is alone among the writers, resolves the whole type next, of which it gets what is known by now. What new records
/// say is written meanwhile.
pub fn train_and_use(entity_type: &str, changes: &[Change]) -> Result<Groundwork> {
    let entity = Configuration::current()?.entity(entity_type)?;
    if entity.entity.policy != Policy::Probabilistic {
        return Err(Error::new(
            "55000",
            format!("entity type \"{entity_type}\" has the policy guide, which has nothing to learn"),
        )
        .hint("Choose the policy first: golden_record.set_policy(entity_type, 'probabilistic').")
        .into());
    }
    let changed: HashSet<i64> = changes.iter().map(|change| change.row.record_id).collect();
    let mut records = record::by_entity(entity_type)?;
    records.retain(|record| record.row.golden.is_some() && !changed.contains(&record.row.record_id));
    let stored = records.iter().map(Stored::node);
    let new = changes.iter().filter(|change| change.new.live());
    let new = new.map(|change| Node { reference: &change.row.reference, state: &change.new });
    let nodes: Vec<Node> = stored.chain(new).collect();
    let unwritten = changes.iter().filter(|change| !change.row.existing);
    let said: Vec<state::Said> =
        unwritten.map(|change| (change.row.record_id, &change.row.reference, &change.new)).collect();
    let vault = vault::open()?;
    let mut writing = state::insert_gradually(&vault, &said)?;
    let (number, groundwork) = learn(&entity, &nodes, || writing.go_on())?;
    writing.end()?;
    store::use_model(entity_type, Some(number))?;
    store::bump()?;
    audit::entry("use_model", Some(entity_type), None, None, &serde_json::json!({"model": number}))?;
    Ok(groundwork)
}

/// Learns, and does bits of `meanwhile`.
fn learn(entity: &Entity, nodes: &[Node], mut meanwhile: impl FnMut() -> Result<bool>) -> Result<(i64, Groundwork)> {
    let entity_type = &entity.entity.name;
    if nodes.len() < 2 {
        return Err(Error::new(
            "55000",
            format!("entity type \"{entity_type}\" has fewer than two records to learn from"),
        )
        .hint("The shipped weights are in force until a model is trained.")
        .into());
    }
    progress::phase("learning", nodes.len())?;
    let learn = |stop: &AtomicBool| {
        let matcher = entity.matcher().stopping(stop);
        let groundwork = matcher.prepare(nodes);
        (matcher.learn(&groundwork), groundwork)
    };
    let (model, groundwork) = parallel::beside(|others| others.start(learn)?.end_beside(&mut meanwhile))?;
    let number = store::put_model(entity_type, &model)?;
    let detail = serde_json::json!({"model": number, "records": model.records});
    audit::entry("train", Some(entity_type), None, None, &detail)?;
    Ok((number, groundwork))
}

/// Checks that a model may be put in force for an entity type. `42704` when there is none of that number, `55000`
/// when another version learnt it.
pub fn check(entity_type: &str, model: i64) -> Result<()> {
    match store::model_of(model)? {
        Some(of) if of == entity_type && store::model(model)?.flatten().is_none() => {
            Err(Error::new("55000", format!("model {model} was learnt by another version of golden_record"))
                .hint("Its levels are others: make a new one with golden_record.train.")
                .into())
        }
        Some(of) if of == entity_type => Ok(()),
        Some(of) => Err(Error::invalid(format!("model {model} was trained for entity type \"{of}\""))
            .hint("View golden_record.model lists the models of each entity type.")
            .into()),
        None => Err(Error::new("42704", format!("there is no model {model}"))
            .hint("View golden_record.model lists them; golden_record.train makes one.")
            .into()),
    }
}
