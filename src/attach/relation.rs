//! Tables of users, and what makes one fit to be attached.

use super::cells::Written;
use crate::error::Result;
use golden_record_core::error::Error;
use pgrx::{pg_sys, PgRelation};

/// How the catalog says that a generated column is virtual.
const VIRTUAL: u8 = b'v';

/// A user's table.
pub struct Relation {
    pub(super) oid: pg_sys::Oid,
    pub(super) owner: pg_sys::Oid,
    /// Qualified and quoted.
    pub(super) name: String,
    /// In their order, without those of `computed`.
    pub(super) columns: Vec<Column>,
    /// Virtual generated columns (PostgreSQL 18): in their place a trigger is shown NULL.
    computed: Vec<String>,
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

    /// Whether a value may read as a point in time: texts and times may, and what is written as text or JSON of any kind.
    fn may_hold_times(&self) -> bool {
        let (mut category, mut preferred) = (0, false);
        // SAFETY: a syscache look-up of a type that the open table has.
        unsafe { pg_sys::get_type_category_preferred(self.base, &raw mut category, &raw mut preferred) };
        match category as u8 {
            pg_sys::TYPCATEGORY_STRING => true,
            pg_sys::TYPCATEGORY_DATETIME => ![pg_sys::TIMEOID, pg_sys::TIMETZOID].contains(&self.base),
            pg_sys::TYPCATEGORY_USER => {
                [pg_sys::JSONOID, pg_sys::JSONBOID].contains(&self.base)
                    || self.base.to_u32() >= pg_sys::FirstNormalObjectId
            }
            _ => false,
        }
    }

    /// Whether a value is written as one text or number, by which something can be called.
    fn may_name(&self) -> bool {
        // SAFETY: syscache look-ups of a type that the open table has.
        let composed =
            unsafe { pg_sys::get_element_type(self.base) != pg_sys::InvalidOid || pg_sys::type_is_rowtype(self.base) };
        self.base != pg_sys::BOOLOID && !composed
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
        let there = described.iter().filter(|column| !column.is_dropped());
        let (computed, columns): (Vec<_>, Vec<_>) = there.partition(|column| column.attgenerated as u8 == VIRTUAL);
        let columns = columns.into_iter().map(Column::of).collect();
        let computed = computed.into_iter().map(|column| column.name().to_owned()).collect();
        // SAFETY: the relation is open.
        let owner = unsafe { (*relation.rd_rel).relowner };
        Relation { oid: relation.oid(), owner, name, columns, computed }
    }

    pub(super) fn column(&self, name: &str) -> Result<String> {
        Ok(self.found(name)?.name.clone())
    }

    /// A column whose values may be ids or names of systems. Errors: `42804` for one whose type has none.
    pub(super) fn name_column(&self, name: &str) -> Result<String> {
        let column = self.found(name)?;
        if !column.may_name() {
            return Err(Error::new("42804", format!("column \"{name}\" of {} can name no record", self.name))
                .hint(
                    "Ids and names of systems are texts or numbers, or of a type that is written as one text, such as uuid; not \
                     booleans, arrays or rows.",
                )
                .into());
        }
        Ok(column.name.clone())
    }

    /// A column whose values may be points in time. Errors: `42804` for one whose type has none.
    pub(super) fn time_column(&self, name: &str) -> Result<String> {
        let column = self.found(name)?;
        if !column.may_hold_times() {
            return Err(Error::new("42804", format!("column \"{name}\" of {} cannot hold a point in time", self.name))
                .hint(
                    "timestamp_column is of type timestamptz, timestamp, date or text. Seconds since 1970 may become one: \
                     ALTER TABLE ... ADD COLUMN ... timestamptz GENERATED ALWAYS AS (to_timestamp(...)) STORED.",
                )
                .into());
        }
        Ok(column.name.clone())
    }

    fn found(&self, name: &str) -> Result<&Column> {
        if self.computed.iter().any(|computed| computed == name) {
            return Err(Error::new(
                "0A000",
                format!("column \"{name}\" of {} is a virtual generated column", self.name),
            )
            .hint("Triggers are not shown what it holds. Make it GENERATED ALWAYS AS (...) STORED.")
            .into());
        }
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let error = Error::new("42703", format!("column \"{name}\" of {} does not exist", self.name));
            error.perhaps(name, self.columns.iter().map(|column| column.name.as_str())).into()
        })
    }
}
