//! Statements that others ran inside: triggers, cascades, functions that are called, the other half of a MERGE. Then the
//! transition tables of a statement say what it did, and no longer what the table says; and its rows are read from the table.

use super::cells::Cells;
use super::relation::Relation;
use super::NEW;
use crate::store::configuration::Attachment;
use pgrx::pg_sys;
use pgrx::spi::quote_identifier;
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    /// The transaction, and the command in which each attached table's rows were taken in last.
    static LAST: RefCell<(u64, BTreeMap<i64, pg_sys::CommandId>)> = const { RefCell::new((0, BTreeMap::new())) };
}

/// The statement whose triggers run now.
pub struct Statement {
    transaction: u64,
    /// The command that it began in: every statement after it begins in a later one.
    began: pg_sys::CommandId,
}

impl Statement {
    /// The statement whose triggers run now: its snapshot is the active one.
    pub fn now() -> Statement {
        // SAFETY: reads the backend's transaction state. The statement changed rows: the transaction has an id.
        unsafe {
            let snapshot = if pg_sys::ActiveSnapshotSet() { pg_sys::GetActiveSnapshot() } else { std::ptr::null_mut() };
            Statement {
                transaction: pg_sys::GetTopFullTransactionId().value,
                began: snapshot.as_ref().map_or(pg_sys::CommandId::MIN, |snapshot| snapshot.curcid),
            }
        }
    }

    /// Whether rows of the attached table were taken in since it began.
    pub fn is_overtaken(&self, attachment: i64) -> bool {
        LAST.with_borrow(|(transaction, last)| {
            *transaction == self.transaction && last.get(&attachment).is_some_and(|command| *command > self.began)
        })
    }

    /// Notes that its rows were taken in.
    pub fn note(&self, attachment: i64) {
        // SAFETY: reads the backend's transaction state.
        let command = unsafe { pg_sys::GetCurrentCommandId(false) }.max(self.began + 1);
        LAST.with_borrow_mut(|(transaction, last)| {
            if *transaction != self.transaction {
                (*transaction, *last) = (self.transaction, BTreeMap::new());
            }
            last.insert(attachment, command);
        });
    }
}

/// What to select for the rows that the table has now of those in transition tables, by their ids, and for new rows without
/// an id. `None` where the table's column of the id is gone.
pub fn present(relation: &Relation, attachment: &Attachment, tables: &[&str]) -> Option<String> {
    let column = relation.columns.iter().find(|column| column.name == attachment.id_column)?;
    let selected = Cells::selected(&relation.columns);
    let id = format!("r.{}", quote_identifier(&column.name));
    let key = if is_compared(column.base) { id.clone() } else { column.written.json(&id) };
    let touched: Vec<String> = tables.iter().map(|table| format!("SELECT {key} FROM {table} AS r")).collect();
    let (table, touched) = (&relation.name, touched.join(" UNION ALL "));
    let mut sql = format!("SELECT {selected} FROM {table} AS r WHERE {key} IN ({touched})");
    if tables.contains(&NEW) {
        sql += &format!(" UNION ALL SELECT {selected} FROM {NEW} AS r WHERE {id} IS NULL");
    }
    Some(sql)
}

/// Whether values of a type are equal by an operator of PostgreSQL's own, which any `search_path` finds.
fn is_compared(base: pg_sys::Oid) -> bool {
    // SAFETY: an entry of the backend's cache, for a type that the open table has.
    let equality = unsafe { (*pg_sys::lookup_type_cache(base, pg_sys::TYPECACHE_EQ_OPR as i32)).eq_opr };
    (1..pg_sys::FirstNormalObjectId).contains(&equality.to_u32())
}
