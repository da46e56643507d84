//! Tables of users, and what makes one fit to be attached.

use super::cells::Written;
use crate::error::Result;
use golden_record_core::error::Error;
use pgrx::{pg_sys, PgRelation};

/// A user's table.
pub struct Relation {
    pub(super) oid: pg_sys::Oid,
    pub(super) owner: pg_sys::Oid,
    /// Qualified and quoted.
    pub(super) name: String,
    /// In their order.
    pub(super) columns: Vec<Column>,
}

/// A column of a user's table.
pub(super) struct Column {
    pub(super) name: String,
    /// Its type; of a domain, the one beneath.
    pub(super) base: pg_sys::Oid,
    /// How its values are read.
    pub(super) written: Written,
}

impl Column {
    fn of(attribute: &pg_sys::FormData_pg_attribute) -> Column {
        // SAFETY: a syscache look-up of a type that the open table has.
        let base = unsafe { pg_sys::getBaseType(attribute.atttypid) };
        Column { name: attribute.name().to_owned(), base, written: Written::of(base) }
    }
}

impl Relation {
    /// The table, checked: the caller owns it, and it is one whose rows triggers can follow.
    pub fn of_caller(relation: &PgRelation) -> Result<Relation> {
        let checked = Relation::open(relation);
        // SAFETY: a syscache look-up on the current user.
        let owns = unsafe { pg_sys::has_privs_of_role(pg_sys::GetUserId(), checked.owner) };
        if !owns {
            return Err(Error::new("42501", format!("must be owner of table {}", checked.name)).into());
        }
        // SAFETY: the relation is open.
        let temporary = unsafe { (*relation.rd_rel).relpersistence } as u8 == pg_sys::RELPERSISTENCE_TEMP;
        if !(relation.is_table() || relation.is_partitioned_table()) || temporary {
            return Err(Error::new("42809", format!("{} is not an ordinary or partitioned table", checked.name))
                .hint("Views, foreign and temporary tables cannot be attached: send their rows to golden_record.feed.")
                .into());
        }
        Ok(checked)
    }

    /// The table, checked, to be attached: neither ours nor PostgreSQL's own, and no partition, of whose rows statements on the
    /// partitioned table say nothing to its triggers.
    pub fn to_attach(relation: &PgRelation) -> Result<Relation> {
        let checked = Relation::of_caller(relation)?;
        if relation.namespace() == "golden_record" || relation.oid().to_u32() < pg_sys::FirstNormalObjectId {
            return Err(Error::new(
                "42809",
                format!("{} is a table of golden_record or of PostgreSQL itself", checked.name),
            )
            .hint("Attach tables that hold the records of a source.")
            .into());
        }
        // SAFETY: the catalog's row of a relation that is open.
        let row = unsafe { &*relation.rd_rel };
        if row.relispartition {
            return Err(Error::new("42809", format!("{} is a partition", checked.name))
                .hint("Attach the partitioned table: statements on it run none of its partitions' triggers.")
                .into());
        }
        if row.relpersistence as u8 == pg_sys::RELPERSISTENCE_UNLOGGED {
            pgrx::warning!("{} is unlogged: after a crash it is empty, which is not seen: backfill then", checked.name);
        }
        Ok(checked)
    }

    pub(super) fn open(relation: &PgRelation) -> Relation {
        let name = pgrx::spi::quote_qualified_identifier(relation.namespace(), relation.name());
        let described = relation.tuple_desc();
        let columns = described.iter().filter(|column| !column.is_dropped()).map(Column::of).collect();
        // SAFETY: the relation is open.
        let owner = unsafe { (*relation.rd_rel).relowner };
        Relation { oid: relation.oid(), owner, name, columns }
    }

    pub(super) fn column(&self, name: &str) -> Result<String> {
        if self.columns.iter().any(|column| column.name == name) {
            return Ok(name.to_owned());
        }
        let error = Error::new("42703", format!("column \"{name}\" of {} does not exist", self.name));
        Err(error.perhaps(name, self.columns.iter().map(|column| column.name.as_str())).into())
    }
}
