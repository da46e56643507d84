//! The table `access_entry`: who saw raw values, and who tried.

use super::alert::{self, Kind};
use super::{latest, query, run};
use crate::error::Result;
use golden_record_core::words;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// So many refusals of one login within ten minutes raise an alert.
const ALARMING: i64 = 10;

words! {
    /// How an attempt ended.
    pub enum Outcome {
        /// Raw values were shown.
        Granted => "granted",
        /// They were not.
        Refused => "refused",
        /// A look-up found nothing.
        Missed => "missed",
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Outcome, D::Error> {
        Outcome::parse(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("no outcome of an attempt"))
    }
}

/// An entry of the access log.
#[derive(Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Who logged in.
    pub login_role: String,
    /// As which role it was tried.
    pub role: String,
    /// From where; `None` for a local connection.
    pub client_addr: Option<String>,
    /// The view or function.
    pub object: String,
    /// The golden record; `None` for a bulk read.
    pub golden_id: Option<String>,
    /// The attribute; `None` for a bulk read.
    pub attribute: Option<String>,
    /// What for.
    pub purpose: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// The client's address; `None` for a local connection.
pub fn client_addr() -> Result<Option<String>> {
    let rows = query("SELECT pg_catalog.host(pg_catalog.inet_client_addr())", &[], |row| row.get(1))?;
    Ok(rows.into_iter().next().flatten())
}

/// Writes an entry. What was not granted is counted in one row a minute for the same attempts.
pub fn write(entry: &Entry) -> Result<()> {
    let sql = match entry.outcome {
        Outcome::Granted => include_str!("../../sql/query/access/access_granted.sql"),
        Outcome::Refused | Outcome::Missed => include_str!("../../sql/query/access/access_refused.sql"),
    };
    let refused = run(
        sql,
        &[
            entry.login_role.as_str().into(),
            entry.role.as_str().into(),
            entry.client_addr.as_deref().into(),
            entry.object.as_str().into(),
            entry.golden_id.as_deref().into(),
            entry.attribute.as_deref().into(),
            entry.purpose.as_deref().into(),
            entry.outcome.name().into(),
        ],
        |row| row.need::<i64>(1),
    )?;
    let refused = refused.first().copied().unwrap_or(0);
    if refused >= ALARMING {
        let detail = serde_json::json!({"login_role": entry.login_role, "minutes": 10});
        alert::open(Kind::AccessRefused, &entry.login_role, refused as f64, ALARMING as f64, &detail)
    } else {
        alert::close(Kind::AccessRefused, &entry.login_role)
    }
}

/// How many look-ups of a login found nothing within the last minute, the last ones of the same statement among them.
pub fn misses(login: &str) -> Result<i64> {
    let rows = latest(include_str!("../../sql/query/access/misses.sql"), &[login.into()], |row| row.need(1))?;
    Ok(rows.first().copied().unwrap_or(0))
}
