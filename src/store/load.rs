//! Many rows into a table, as COPY puts them there; but each index gets its entries in the end, in its own order.
//!
//! Where rows come in another order than an index has, each entry means another page of it: with a million random ids that is
//! twice the time of sorted ones, their sort included. So the rows go in first, and what an index is to get of them is sorted
//! meanwhile, by PostgreSQL's own sort for building indexes.

use super::bulk::Table;
use crate::error::Result;
use crate::guc::Settings;
use crate::memory;
use pgrx::pg_sys;
use std::cell::Cell;
use std::ffi::{c_int, c_void, CStr};
use std::ptr::null_mut;

/// Rows that go into pages at a time.
const TOGETHER: usize = 512;
/// Entries of an index between two looks whether to stop.
const STRIDE: usize = 1_024;
/// Columns that an index may have.
const MOST: usize = pg_sys::INDEX_MAX_KEYS as usize;

unsafe extern "C-unwind" {
    // executor/nodeModifyTable.h
    fn ExecComputeStoredGenerated(
        result: *mut pg_sys::ResultRelInfo,
        estate: *mut pg_sys::EState,
        slot: *mut pg_sys::TupleTableSlot,
        command: pg_sys::CmdType::Type,
    );
}

/// An index, and what it is to get.
struct Index {
    relation: pg_sys::Relation,
    info: *mut pg_sys::IndexInfo,
    /// Of which rows it has entries; null: of all.
    predicate: *mut pg_sys::ExprState,
    /// Null for an index that is no B-tree, which somebody added: its entries go in with the rows.
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
    /// SAFETY: `table` is the index's own, `row` the place of the entry's row in it.
    unsafe fn insert(&self, table: pg_sys::Relation, entry: &mut Entry, row: pg_sys::ItemPointer) {
        // SAFETY: by the caller's word.
        unsafe {
            let unique = if (*self.info).ii_Unique {
                pg_sys::IndexUniqueCheck::UNIQUE_CHECK_YES
            } else {
                pg_sys::IndexUniqueCheck::UNIQUE_CHECK_NO
            };
            let (values, nulls) = (entry.values.as_mut_ptr(), entry.nulls.as_mut_ptr());
            pg_sys::index_insert(self.relation, values, nulls, row, table, unique, false, self.info);
        }
    }
}

/// A table into which rows are on their way. No index leads to them until [`Load::end`]; a transaction that ends otherwise takes
/// them away again.
pub struct Load {
    table: &'static Table,
    /// Everything here lives in it.
    context: pg_sys::MemoryContext,
    relation: pg_sys::Relation,
    estate: *mut pg_sys::EState,
    target: *mut pg_sys::ResultRelInfo,
    indexes: Vec<Index>,
    slots: Vec<*mut pg_sys::TupleTableSlot>,
    /// How many of the slots hold a row.
    held: usize,
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
    pub fn begin(table: &'static Table) -> Load {
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
                let entries = if (*info).ii_Am == pg_sys::BTREE_AM_OID {
                    // Whether it is unique shows when the entries go in.
                    pg_sys::tuplesort_begin_index_btree(relation, own, false, false, memory, null_mut(), order)
                } else {
                    null_mut()
                };
                // One that is being made concurrently wants nothing yet.
                (*info).ii_ReadyForInserts.then_some(Index { relation: own, info, predicate, entries })
            };
            let indexes = (0..usize::try_from((*target).ri_NumIndices).unwrap_or(0)).filter_map(index).collect();
            Load { table, context, relation, estate, target, indexes, slots: Vec::with_capacity(TOGETHER), held: 0 }
        }
    }

    /// Adds rows in COPY's binary format; gives their number. What breaks a constraint is an error, as for any INSERT.
    pub fn add(&mut self, bytes: &[u8]) -> Result<u64> {
        // Texts are in the encoding of the database, whatever the client's is.
        let _settings = Settings::with(&[(c"client_encoding", c"UTF8")]);
        LEFT.set((bytes.as_ptr(), bytes.len()));
        // SAFETY: `bytes` outlive the call.
        memory::scoped(|| Ok(unsafe { self.copy() }))
    }

    /// SAFETY: what is `LEFT` must be alive.
    unsafe fn copy(&mut self) -> u64 {
        // SAFETY: as PostgreSQL copies into a table what its subscriptions receive; rows stay in the memory of the expression
        // context until they are in pages.
        unsafe {
            let state = pg_sys::make_parsestate(null_mut());
            let lock = pg_sys::RowExclusiveLock as c_int;
            pg_sys::addRangeTableEntryForRelation(state, self.relation, lock, null_mut(), false, false);
            let text = |text: &CStr| pg_sys::makeString(text.as_ptr().cast_mut()).cast::<c_void>();
            let columns =
                self.table.columns.iter().fold(null_mut(), |list, column| pg_sys::lappend(list, text(column)));
            let binary = pg_sys::makeDefElem(c"format".as_ptr().cast_mut(), text(c"binary").cast(), -1);
            let options = pg_sys::lappend(null_mut(), binary.cast());
            let copying = pg_sys::BeginCopyFrom(
                state,
                self.relation,
                null_mut(),
                std::ptr::null(),
                false,
                Some(next),
                columns,
                options,
            );
            let mut rows = 0;
            while self.take(copying) {
                rows += 1;
                if self.held == TOGETHER {
                    self.flush();
                }
            }
            self.flush();
            pg_sys::EndCopyFrom(copying);
            pg_sys::free_parsestate(state);
            rows
        }
    }

    /// Takes the next row; false where there is none.
    unsafe fn take(&mut self, copying: pg_sys::CopyFromState) -> bool {
        // SAFETY: a slot of this table.
        unsafe {
            if self.held == self.slots.len() {
                let _within = Within::of(self.context);
                self.slots.push(pg_sys::table_slot_create(self.relation, null_mut()));
            }
            let (slot, expressions) = (self.slots[self.held], expressions(self.estate));
            let _within = Within::of((*expressions).ecxt_per_tuple_memory);
            if !pg_sys::NextCopyFrom(copying, expressions, (*slot).tts_values, (*slot).tts_isnull) {
                return false;
            }
            pg_sys::ExecStoreVirtualTuple(slot);
            (*slot).tts_tableOid = (*self.relation).rd_id;
            if let Some(constraints) = (*(*self.relation).rd_att).constr.as_ref() {
                if constraints.has_generated_stored {
                    let (target, estate) = (self.target, self.estate);
                    pg_sys::ffi::pg_guard_ffi_boundary(|| {
                        ExecComputeStoredGenerated(target, estate, slot, pg_sys::CmdType::CMD_INSERT)
                    });
                }
                pg_sys::ExecConstraints(self.target, slot, self.estate);
            }
            self.held += 1;
            true
        }
    }

    /// Puts the rows that are held into pages, and what the indexes are to get of them into their sorts.
    unsafe fn flush(&mut self) {
        pgrx::check_for_interrupts!();
        // SAFETY: slots of this table that hold rows.
        unsafe {
            let (slots, expressions) = (&mut self.slots[..self.held], expressions(self.estate));
            let _within = Within::of((*expressions).ecxt_per_tuple_memory);
            let command = pg_sys::GetCurrentCommandId(true);
            pg_sys::table_multi_insert(self.relation, slots.as_mut_ptr(), slots.len() as c_int, command, 0, null_mut());
            let mut entry = Entry::new();
            let (values, nulls) = (entry.values.as_mut_ptr(), entry.nulls.as_mut_ptr());
            for slot in slots {
                (*expressions).ecxt_scantuple = *slot;
                let row = &raw mut (**slot).tts_tid;
                for index in &self.indexes {
                    if !index.predicate.is_null() && !pg_sys::ExecQual(index.predicate, expressions) {
                        continue;
                    }
                    pg_sys::FormIndexDatum(index.info, *slot, self.estate, values, nulls);
                    if index.entries.is_null() {
                        index.insert(self.relation, &mut entry, row);
                    } else {
                        pg_sys::tuplesort_putindextuplevalues(index.entries, index.relation, row, values, nulls);
                    }
                }
                pg_sys::ExecClearTuple(*slot);
            }
            pg_sys::MemoryContextReset((*expressions).ecxt_per_tuple_memory);
        }
        self.held = 0;
    }

    /// Gives the indexes their entries. The statements that follow see the rows.
    pub fn end(self) {
        // SAFETY: what `begin` opened, closed once.
        unsafe {
            let memory = (*expressions(self.estate)).ecxt_per_tuple_memory;
            for index in self.indexes.iter().filter(|index| !index.entries.is_null()) {
                let _within = Within::of(memory);
                self.fill(index, memory);
            }
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

    /// SAFETY: `memory` is current and holds nothing else.
    unsafe fn fill(&self, index: &Index, memory: pg_sys::MemoryContext) {
        // SAFETY: an index of this table, and the sort of its entries.
        unsafe {
            let mut entry = Entry::new();
            let (values, nulls) = (entry.values.as_mut_ptr(), entry.nulls.as_mut_ptr());
            pg_sys::tuplesort_performsort(index.entries);
            for at in 1.. {
                let sorted = pg_sys::tuplesort_getindextuple(index.entries, true);
                if sorted.is_null() {
                    break;
                }
                pg_sys::index_deform_tuple(sorted, (*index.relation).rd_att, values, nulls);
                index.insert(self.relation, &mut entry, &raw mut (*sorted).t_tid);
                if at % STRIDE == 0 {
                    pgrx::check_for_interrupts!();
                    pg_sys::MemoryContextReset(memory);
                }
            }
            pg_sys::tuplesort_end(index.entries);
            pg_sys::MemoryContextReset(memory);
        }
    }
}

/// Where a row's values are, and what is computed of them, until it is in a page.
///
/// SAFETY: the state must be alive.
unsafe fn expressions(estate: *mut pg_sys::EState) -> *mut pg_sys::ExprContext {
    // SAFETY: by the caller's word.
    unsafe {
        let made = (*estate).es_per_tuple_exprcontext;
        if made.is_null() {
            pg_sys::MakePerTupleExprContext(estate)
        } else {
            made
        }
    }
}

thread_local! {
    /// What PostgreSQL has not read yet of the rows that are added now.
    static LEFT: Cell<(*const u8, usize)> = const { Cell::new((std::ptr::null(), 0)) };
}

/// Gives PostgreSQL the next bytes; none in the end.
unsafe extern "C-unwind" fn next(into: *mut c_void, _least: c_int, most: c_int) -> c_int {
    let (from, left) = LEFT.get();
    let size = left.min(usize::try_from(most).unwrap_or(0));
    // SAFETY: `into` has room for `most` bytes, and `left` bytes are left.
    unsafe {
        std::ptr::copy_nonoverlapping(from, into.cast(), size);
        LEFT.set((from.add(size), left - size));
    }
    size as c_int
}
