//! Many rows into a table, as COPY puts them there; but each index gets its entries in the end, in its own order.
//!
//! Where rows come in another order than an index has, each entry means another page of it: with a million random ids that is
//! twice the time of sorted ones, their sort included. So the rows go in first, and what an index is to get of them is sorted
//! meanwhile, by PostgreSQL's own sort for building indexes.

mod raw;

use super::bulk::{Rows, Target, Value};
use crate::error::{Failure, Result};
use pgrx::{pg_sys, PgTupleDesc};
use std::ffi::{c_int, CStr};
use std::ptr::null_mut;

/// Rows that go into pages at a time.
const TOGETHER: usize = 512;
/// Entries of an index that are put at a time.
const STRIDE: usize = 1_024;
/// Columns that an index may have.
const MOST: usize = pg_sys::INDEX_MAX_KEYS as usize;

/// An index, and what it is to get.
struct Index {
    relation: pg_sys::Relation,
    info: *mut pg_sys::IndexInfo,
    /// Of which rows it has entries; null: of all.
    predicate: *mut pg_sys::ExprState,
    /// Null for an index whose entries go in with the rows: one that has their order, and one that is no B-tree, which
    /// somebody added.
    entries: *mut pg_sys::Tuplesortstate,
}

/// An entry of an index: what the row has in its columns.
struct Entry {
    values: [pg_sys::Datum; MOST],
    nulls: [bool; MOST],
}

impl Entry {
    fn new() -> Entry {
        Entry { values: [pg_sys::Datum::null(); MOST], nulls: [false; MOST] }
    }
}

impl Index {
    /// Takes the entry of a row that has its place.
    ///
    /// SAFETY: as for [`raw`]; `load` is that of the index.
    unsafe fn take(&self, load: &Load, slot: *mut pg_sys::TupleTableSlot, entry: &mut Entry) {
        // SAFETY: by the caller's word.
        unsafe {
            let row = &raw mut (*slot).tts_tid;
            let (values, nulls) = (entry.values.as_mut_ptr(), entry.nulls.as_mut_ptr());
            if !self.predicate.is_null() && !holds(self.predicate, load.expressions) {
                return;
            }
            raw::FormIndexDatum(self.info, slot, load.estate, values, nulls);
            if self.entries.is_null() {
                raw::index_insert(self.relation, values, nulls, row, load.relation, self.check(), false, self.info);
            } else {
                raw::tuplesort_putindextuplevalues(self.entries, self.relation, row, values, nulls);
            }
        }
    }

    /// Puts the next of the sorted entries, which are as the index has them, into it; false where there is none.
    ///
    /// SAFETY: as for [`raw`]; `table` is the index's own.
    unsafe fn put(&self, table: pg_sys::Relation) -> bool {
        // SAFETY: by the caller's word.
        unsafe {
            let entry = raw::tuplesort_getindextuple(self.entries, true);
            if !entry.is_null() {
                raw::_bt_doinsert(self.relation, entry, self.check(), false, table);
            }
            !entry.is_null()
        }
    }

    fn check(&self) -> pg_sys::IndexUniqueCheck::Type {
        // SAFETY: an index that is open.
        if unsafe { (*self.info).ii_Unique } {
            pg_sys::IndexUniqueCheck::UNIQUE_CHECK_YES
        } else {
            pg_sys::IndexUniqueCheck::UNIQUE_CHECK_NO
        }
    }
}

/// A column that rows do not give, and where its value comes from.
struct Preset {
    column: usize,
    state: *mut pg_sys::ExprState,
}

/// What an expression gives.
///
/// SAFETY: as for [`raw`]; what it gives lives as long as what is in the current memory context.
unsafe fn value_of(
    state: *mut pg_sys::ExprState,
    expressions: *mut pg_sys::ExprContext,
    null: *mut bool,
) -> pg_sys::Datum {
    // SAFETY: by the caller's word.
    unsafe { (*state).evalfunc.map_or(pg_sys::Datum::null(), |evaluate| evaluate(state, expressions, null)) }
}

/// Whether a condition holds.
///
/// SAFETY: as for [`value_of`].
unsafe fn holds(state: *mut pg_sys::ExprState, expressions: *mut pg_sys::ExprContext) -> bool {
    let mut null = false;
    // SAFETY: by the caller's word. What PostgreSQL makes of a list of conditions is never NULL.
    unsafe { value_of(state, expressions, &mut null).value() != 0 }
}

/// A table into which rows are on their way. No index leads to them until [`Load::end`]; a transaction that ends otherwise takes
/// them away again.
pub struct Load {
    /// Everything here lives in it.
    context: pg_sys::MemoryContext,
    relation: pg_sys::Relation,
    estate: *mut pg_sys::EState,
    /// Where a row's values are, and what is computed of them, until it is in a page.
    expressions: *mut pg_sys::ExprContext,
    target: *mut pg_sys::ResultRelInfo,
    /// The columns that rows give.
    columns: Vec<usize>,
    presets: Vec<Preset>,
    /// Whether it has columns that are computed of others.
    generated: bool,
    indexes: Vec<Index>,
    /// How many indexes have their entries, and whether those of the next are sorted.
    filled: usize,
    sorted: bool,
    slots: Vec<*mut pg_sys::TupleTableSlot>,
}

/// The current memory context is another until this is dropped.
struct Within(pg_sys::MemoryContext);

impl Within {
    /// SAFETY: the context must outlive this.
    unsafe fn of(context: pg_sys::MemoryContext) -> Within {
        // SAFETY: the backend has one thread that gets here.
        Within(unsafe { std::ptr::replace(&raw mut pg_sys::CurrentMemoryContext, context) })
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        // SAFETY: the context that was current before.
        unsafe { pg_sys::CurrentMemoryContext = self.0 }
    }
}

impl Load {
    /// Opens the table. What it holds lives as long as the current memory context, or until [`Load::end`].
    ///
    /// Errors: the table's columns are not what they should be.
    pub fn begin(table: &'static Target) -> Result<Load> {
        // SAFETY: in a transaction, whose end closes and frees everything that is opened here.
        unsafe {
            let context = pg_sys::AllocSetContextCreateInternal(
                pg_sys::CurrentMemoryContext,
                c"golden_record load".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            );
            let _within = Within::of(context);
            let name = pg_sys::makeRangeVar(c"golden_record".as_ptr().cast_mut(), table.name.as_ptr().cast_mut(), -1);
            let relation = pg_sys::table_openrv(name, pg_sys::RowExclusiveLock as pg_sys::LOCKMODE);
            let estate = pg_sys::CreateExecutorState();
            let target = pg_sys::palloc0(size_of::<pg_sys::ResultRelInfo>()).cast::<pg_sys::ResultRelInfo>();
            (*target).type_ = pg_sys::NodeTag::T_ResultRelInfo;
            pg_sys::InitResultRelInfo(target, relation, 0, null_mut(), 0);
            pg_sys::ExecOpenIndices(target, false);
            let index = |at| {
                let (own, info) = (*(*target).ri_IndexRelationDescs.add(at), *(*target).ri_IndexRelationInfo.add(at));
                let predicate = match (*info).ii_Predicate {
                    all if all.is_null() => null_mut(),
                    some => pg_sys::ExecPrepareQual(some, estate),
                };
                let (memory, order) = (pg_sys::work_mem, pg_sys::TUPLESORT_NONE as c_int);
                let name = CStr::from_ptr((*(*own).rd_rel).relname.data.as_ptr());
                let has_order = table.order == Some(name);
                let entries = if (*info).ii_Am == pg_sys::BTREE_AM_OID && !has_order {
                    // Whether it is unique shows when the entries go in.
                    pg_sys::tuplesort_begin_index_btree(relation, own, false, false, memory, null_mut(), order)
                } else {
                    null_mut()
                };
                // One that is being made concurrently wants nothing yet.
                (*info).ii_ReadyForInserts.then_some(Index { relation: own, info, predicate, entries })
            };
            let indexes = (0..usize::try_from((*target).ri_NumIndices).unwrap_or(0)).filter_map(index).collect();
            let columns = columns(table, relation)?;
            let constraints = (*(*relation).rd_att).constr.as_ref();
            Ok(Load {
                context,
                relation,
                estate,
                expressions: pg_sys::MakePerTupleExprContext(estate),
                target,
                presets: presets(&columns, relation, estate),
                columns,
                generated: constraints.is_some_and(|constraints| constraints.has_generated_stored),
                indexes,
                filled: 0,
                sorted: false,
                slots: Vec::with_capacity(TOGETHER),
            })
        }
    }

    /// Adds rows. What breaks a constraint is an error, as for any INSERT.
    pub fn add(&mut self, rows: &Rows) {
        let (values, beside) = rows.laid_out();
        for piece in values.chunks(TOGETHER * self.columns.len()) {
            pgrx::check_for_interrupts!();
            // SAFETY: slots of this table; `rows` outlives what points into it.
            unsafe {
                while self.slots.len() * self.columns.len() < piece.len() {
                    let _within = Within::of(self.context);
                    self.slots.push(pg_sys::table_slot_create(self.relation, null_mut()));
                }
                let command = pg_sys::GetCurrentCommandId(true);
                let memory = (*self.expressions).ecxt_per_tuple_memory;
                let _within = Within::of(memory);
                pg_sys::ffi::pg_guard_ffi_boundary(|| {
                    self.put(piece, beside, command);
                    raw::MemoryContextReset(memory);
                });
            }
        }
    }

    /// Puts rows, no more than there are slots, into pages, and what the indexes are to get of them into their sorts.
    ///
    /// SAFETY: as for [`raw`]; values that stand beside the rows do so at `beside`.
    unsafe fn put(&self, rows: &[Value], beside: *const u64, command: pg_sys::CommandId) {
        // SAFETY: by the caller's word.
        unsafe {
            let rows = rows.chunks_exact(self.columns.len());
            let count = rows.len() as c_int;
            rows.zip(&self.slots).for_each(|(row, slot)| self.store(row, beside, *slot));
            let (table, slots) = ((*self.relation).rd_tableam, self.slots.as_ptr().cast_mut());
            raw::call!((*table).multi_insert, self.relation, slots, count, command, 0, null_mut());
            let mut entry = Entry::new();
            for slot in self.slots.iter().take(count as usize) {
                (*self.expressions).ecxt_scantuple = *slot;
                self.indexes.iter().for_each(|index| index.take(self, *slot, &mut entry));
                raw::call!((*(**slot).tts_ops).clear, *slot);
            }
        }
    }

    /// Puts a row into a slot.
    ///
    /// SAFETY: as for [`Load::put`].
    unsafe fn store(&self, row: &[Value], beside: *const u64, slot: *mut pg_sys::TupleTableSlot) {
        // SAFETY: by the caller's word; the slot has as many columns as the table.
        unsafe {
            let (values, nulls) = ((*slot).tts_values, (*slot).tts_isnull);
            nulls.write_bytes(1, (*(*self.relation).rd_att).natts as usize);
            for (column, value) in self.columns.iter().zip(row) {
                *values.add(*column) = match *value {
                    Value::Null => continue,
                    Value::Own(word) => pg_sys::Datum::from(word),
                    Value::Beside(at) => pg_sys::Datum::from(beside.add(at)),
                };
                *nulls.add(*column) = false;
            }
            for Preset { column, state } in &self.presets {
                *values.add(*column) = value_of(*state, self.expressions, nulls.add(*column));
            }
            raw::ExecStoreVirtualTuple(slot);
            (*slot).tts_tableOid = (*self.relation).rd_id;
            if self.generated {
                raw::ExecComputeStoredGenerated(self.target, self.estate, slot, pg_sys::CmdType::CMD_INSERT);
            }
            if !(*(*self.relation).rd_att).constr.is_null() {
                raw::ExecConstraints(self.target, slot, self.estate);
            }
        }
    }

    /// Gives the indexes some of their entries, once all rows are in; false where they have them all.
    pub fn fill(&mut self) -> bool {
        let Some(index) = self.indexes.get(self.filled) else { return false };
        // SAFETY: an index of this table, with the sort of its entries.
        let more = !index.entries.is_null() && unsafe { self.put_some(index) };
        if more {
            self.sorted = true;
        } else {
            (self.filled, self.sorted) = (self.filled + 1, false);
        }
        self.filled < self.indexes.len()
    }

    /// Gives the indexes what they have not yet. The statements that follow see the rows.
    pub fn end(mut self) {
        while self.fill() {}
        // SAFETY: what `begin` opened, closed once.
        unsafe {
            pg_sys::ExecCloseIndices(self.target);
            for slot in &self.slots {
                pg_sys::ExecDropSingleTupleTableSlot(*slot);
            }
            pg_sys::FreeExecutorState(self.estate);
            pg_sys::table_close(self.relation, pg_sys::NoLock as pg_sys::LOCKMODE);
            pg_sys::MemoryContextDelete(self.context);
            pg_sys::CommandCounterIncrement();
        }
    }

    /// Puts the next entries into an index, once they are sorted; false where those were the last.
    ///
    /// SAFETY: the index that [`Load::filled`] tells, with the sort of its entries.
    unsafe fn put_some(&self, index: &Index) -> bool {
        pgrx::check_for_interrupts!();
        // SAFETY: by the caller's word.
        unsafe {
            let memory = (*self.expressions).ecxt_per_tuple_memory;
            let _within = Within::of(memory);
            if !self.sorted {
                pg_sys::tuplesort_performsort(index.entries);
            }
            let mut more = false;
            pg_sys::ffi::pg_guard_ffi_boundary(|| {
                more = (0..STRIDE).all(|_| index.put(self.relation));
                raw::MemoryContextReset(memory);
            });
            if !more {
                pg_sys::tuplesort_end(index.entries);
            }
            more
        }
    }
}

/// Which columns of a relation are those of a table.
///
/// SAFETY: an open relation.
unsafe fn columns(table: &Target, relation: pg_sys::Relation) -> Result<Vec<usize>> {
    let place = |&(name, kind): &(&'static CStr, pg_sys::Oid)| {
        // SAFETY: by the caller's word.
        unsafe {
            let column = pg_sys::get_attnum((*relation).rd_id, name.as_ptr());
            let known = usize::try_from(column).ok().and_then(|column| column.checked_sub(1));
            known.filter(|_| pg_sys::get_atttype((*relation).rd_id, column) == kind)
        }
    };
    let places: Option<Vec<usize>> = table.columns.iter().map(place).collect();
    places.ok_or_else(|| Failure::internal("a table of golden_record has other columns than it should"))
}

/// What stands in columns that rows do not give.
///
/// SAFETY: an open relation, and a state whose end is not before that of what this gives.
unsafe fn presets(given: &[usize], relation: pg_sys::Relation, estate: *mut pg_sys::EState) -> Vec<Preset> {
    // SAFETY: by the caller's word.
    unsafe {
        let descriptor = PgTupleDesc::from_pg_unchecked((*relation).rd_att);
        let preset = |(column, attribute): (usize, &pg_sys::FormData_pg_attribute)| {
            if given.contains(&column) || attribute.attisdropped || attribute.attgenerated != 0 {
                return None;
            }
            let expression = pg_sys::build_column_default(relation, attribute.attnum.into()).cast::<pg_sys::Expr>();
            let state = |expression| Preset { column, state: pg_sys::ExecPrepareExpr(expression, estate) };
            (!expression.is_null()).then(|| state(expression))
        };
        descriptor.iter().enumerate().filter_map(preset).collect()
    }
}
