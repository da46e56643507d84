//! The table `scope`: which raw values cleared roles may see.

use super::{query, run};
use crate::error::Result;
use golden_record_core::error::Error;
use golden_record_core::survive::origin;

/// Gives a role a scope, in the place of the one it had.
pub fn grant(role: &str, systems: Option<Vec<String>>, regions: Option<Vec<String>>) -> Result<()> {
    let sql = include_str!("../../sql/query/scope/grant_scope.sql");
    let granted = run(sql, &[role.into(), systems.into(), regions.into()], |_| Ok(()))?;
    if granted.is_empty() {
        return Err(Error::new("42704", format!("role \"{role}\" does not exist"))
            .hint("A scope is of a role of this cluster: CREATE ROLE comes first.")
            .into());
    }
    Ok(())
}

/// Takes a role's scope away.
pub fn revoke(role: &str) -> Result<()> {
    let gone = run(include_str!("../../sql/query/scope/revoke_scope.sql"), &[role.into()], |_| Ok(()))?;
    if gone.is_empty() {
        return Err(Error::new("42704", format!("role \"{role}\" has no scope"))
            .hint("Table golden_record.scope lists the roles that have one.")
            .into());
    }
    Ok(())
}

/// A scope of the caller.
pub struct Scope {
    systems: Option<Vec<String>>,
    regions: Option<Vec<String>>,
}

impl Scope {
    /// Whether it holds the values of records of a system and region, or of several of them; what could not be read is in no
    /// list.
    pub fn covers(&self, system: Option<&str>, region: Option<&str>) -> bool {
        let holds = |list: &Vec<String>, name: &str| origin::every(name, |name| list.iter().any(|held| held == name));
        let covers = |list: &Option<Vec<String>>, name: Option<&str>| {
            list.as_ref().is_none_or(|list| name.is_some_and(|name| holds(list, name)))
        };
        covers(&self.systems, system) && covers(&self.regions, region)
    }
}

/// The scopes of the role that called us, read as that role.
pub fn of_caller() -> Result<Vec<Scope>> {
    query(include_str!("../../sql/query/scope/scopes.sql"), &[], |row| {
        Ok(Scope { systems: row.get(1)?, regions: row.get(2)? })
    })
}
