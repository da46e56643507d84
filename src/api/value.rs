//! Values: pure functions, good in indexes, generated columns and parallel plans. Costs are in calls of the cheapest functions, as
//! measured, so that the planner asks the cheap questions first.

use super::{kind, need};
use crate::configuration::{identity_secret, Configuration};
use crate::jsonb::Document;
use crate::owner::{as_owner, as_reader};
use golden_record_core::entity::{EntityType, Options, Policy};
use golden_record_core::error::Error;
use golden_record_core::golden::identity_key as identity_key_of;
use golden_record_core::kind::Kind;
use golden_record_core::mask::mask as mask_value;
use golden_record_core::merge;
use golden_record_core::normalise::{self, Context};
use golden_record_core::probabilistic::Model;
use golden_record_core::resolve::Matcher;
use golden_record_core::score::Score;
use golden_record_core::similarity::{similarity as similarity_of, Method};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::JsonB;

#[pg_extern(immutable, parallel_safe, cost = 20)]
fn normalize_email(email: &str) -> Option<String> {
    normalise::normalize(Kind::Email, email, &Context::default())
}

#[pg_extern(immutable, parallel_safe, cost = 100)]
fn normalize_phone(phone: &str, region: default!(&str, "'US'")) -> std::result::Result<Option<String>, ErrorReport> {
    // A region may be written as a name or a three-letter code, as everywhere.
    let Some(code) = normalise::normalize(Kind::Country, region, &Context::default()) else {
        return Err(crate::error::Failure::from(
            Error::invalid("unknown region").hint("Give an ISO 3166-1 code such as 'GB'."),
        )
        .into());
    };
    Ok(normalise::normalize(Kind::Phone, phone, &Context { region: &code, ..Context::default() }))
}

#[pg_extern(immutable, parallel_safe, cost = 20)]
fn normalize_name(name: &str) -> Option<String> {
    normalise::normalize(Kind::FullName, name, &Context::default())
}

#[pg_extern(immutable, parallel_safe, name = "normalize", cost = 100)]
fn normalize_value(value: &str, kind: &str) -> std::result::Result<Option<String>, ErrorReport> {
    Ok(normalise::normalize(self::kind(kind)?, value, &Context::default()))
}

#[pg_extern(immutable, parallel_safe, cost = 20)]
fn similarity(a: &str, b: &str, method: default!(&str, "'jaro_winkler'")) -> std::result::Result<f64, ErrorReport> {
    match Method::parse(method) {
        Some(method) => Ok(similarity_of(a, b, method)),
        None => {
            // Without what was given: it may be a value.
            let known = Method::ALL.map(Method::name);
            let error = Error::invalid("unknown similarity method");
            let error = error.perhaps(method, known).or_hint(format!("Methods are {}.", known.join(", ")));
            Err(crate::error::Failure::from(error).into())
        }
    }
}

#[pg_extern(immutable, parallel_safe, cost = 20)]
fn mask(value: &str, kind: &str) -> std::result::Result<String, ErrorReport> {
    Ok(mask_value(value, self::kind(kind)?))
}

/// The score of two attributes objects under the shipped `CUSTOMER` and a policy.
fn shipped_score(a: &Document, b: &Document, policy: &str) -> crate::error::Result<Score> {
    let policy = Policy::read(policy)?;
    let entity = EntityType { policy, options: Options::of(policy), ..EntityType::customer() };
    thread_local! {
        static SHIPPED: Model = Model::shipped(&EntityType::customer());
    }
    SHIPPED.with(|model| Ok(Matcher::new(&entity, model).score_of(&a.0, &b.0)?))
}

#[pg_extern(immutable, parallel_safe, cost = 500)]
fn match_score(a: Document, b: Document, policy: default!(&str, "'guide'")) -> std::result::Result<f64, ErrorReport> {
    Ok(shipped_score(&a, &b, policy)?.points())
}

#[pg_extern(stable, cost = 500)]
#[search_path(pg_catalog, pg_temp)]
fn score_pair(
    a: Option<Document>,
    b: Option<Document>,
    entity_type: Option<&str>,
) -> std::result::Result<f64, ErrorReport> {
    let (a, b, entity_type) = (need(a, "a")?, need(b, "b")?, need(entity_type, "entity_type")?);
    let score = as_reader(|| {
        let entity = Configuration::current()?.entity(entity_type)?;
        Ok(entity.matcher().score_of(&a.0, &b.0)?)
    })?;
    Ok(score.points())
}

#[pg_extern(immutable, parallel_safe, cost = 500)]
fn match_explain(
    a: Document,
    b: Document,
    policy: default!(&str, "'guide'"),
) -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(attribute, String),
            name!(comparison, String),
            name!(level, String),
            name!(similarity, Option<f64>),
            name!(weight, f64),
            name!(points, f64),
        ),
    >,
    ErrorReport,
> {
    let score = shipped_score(&a, &b, policy)?;
    Ok(TableIterator::new(score.evidence.into_iter().map(|line| {
        (line.attribute, line.comparison.to_owned(), line.level.to_owned(), line.similarity, line.weight, line.points)
    })))
}

#[pg_extern(immutable, parallel_safe, cost = 500)]
fn merge_golden(
    records: Option<Vec<Option<Document>>>,
    rules: Option<Document>,
) -> std::result::Result<Option<JsonB>, ErrorReport> {
    let Some(records) = records else { return Ok(None) };
    let texts: Vec<String> = records.into_iter().flatten().map(|record| record.0.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let rules = rules.map(|rules| rules.0).unwrap_or_default();
    Ok(Some(JsonB(merge::merge_golden(&texts, &rules).map_err(crate::error::Failure::from)?)))
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn merge_golden_final(records: Vec<Option<Document>>) -> std::result::Result<Option<JsonB>, ErrorReport> {
    let texts: Vec<String> = records.into_iter().flatten().map(|record| record.0.to_string()).collect();
    if texts.is_empty() {
        return Ok(None);
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let merged = as_reader(|| {
        let configuration = Configuration::current()?;
        let entity = configuration.entity(&merge::entity_type(&texts)?)?;
        let source = |system: &str| configuration.source(system);
        let under = merge::Configuration {
            entity: &entity.entity,
            mapping: &entity.mapping,
            source: &source,
            rules: &entity.rules,
        };
        Ok(merge::merge_under(&under, &texts)?)
    })?;
    Ok(Some(JsonB(merged)))
}

// The same for the same values, but for the first use, which makes the secret.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn identity_key(email: Option<&str>, phone: Option<&str>) -> std::result::Result<Option<Vec<u8>>, ErrorReport> {
    let canonical = |kind: Kind, text: Option<&str>| normalise::normalize(kind, text?, &Context::default());
    let (email, phone) = (canonical(Kind::Email, email), canonical(Kind::Phone, phone));
    if email.is_none() && phone.is_none() {
        return Ok(None);
    }
    let secret = as_owner(identity_secret)?;
    Ok(Some(identity_key_of(&secret, email.as_deref(), phone.as_deref()).to_vec()))
}
