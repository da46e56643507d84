//! What is done to every row or entry, as PostgreSQL has it: `pg_sys` guards each call, which takes longer than some of them.
//!
//! An error leaves them by `longjmp`: they are called within [`pg_sys::ffi::pg_guard_ffi_boundary`] alone, from where nothing is
//! alive that must be dropped.

use pgrx::pg_sys;

unsafe extern "C-unwind" {
    // executor/nodeModifyTable.h
    pub fn ExecComputeStoredGenerated(
        result: *mut pg_sys::ResultRelInfo,
        estate: *mut pg_sys::EState,
        slot: *mut pg_sys::TupleTableSlot,
        command: pg_sys::CmdType::Type,
    );
    // executor/executor.h
    pub fn ExecConstraints(
        result: *mut pg_sys::ResultRelInfo,
        slot: *mut pg_sys::TupleTableSlot,
        estate: *mut pg_sys::EState,
    );
    // executor/tuptable.h
    pub fn ExecStoreVirtualTuple(slot: *mut pg_sys::TupleTableSlot) -> *mut pg_sys::TupleTableSlot;
    // catalog/index.h
    pub fn FormIndexDatum(
        info: *mut pg_sys::IndexInfo,
        slot: *mut pg_sys::TupleTableSlot,
        estate: *mut pg_sys::EState,
        values: *mut pg_sys::Datum,
        nulls: *mut bool,
    );
    // utils/tuplesort.h
    pub fn tuplesort_putindextuplevalues(
        state: *mut pg_sys::Tuplesortstate,
        index: pg_sys::Relation,
        row: pg_sys::ItemPointer,
        values: *const pg_sys::Datum,
        nulls: *const bool,
    );
    pub fn tuplesort_getindextuple(state: *mut pg_sys::Tuplesortstate, forward: bool) -> pg_sys::IndexTuple;
    // access/nbtree.h
    pub fn _bt_doinsert(
        index: pg_sys::Relation,
        entry: pg_sys::IndexTuple,
        check: pg_sys::IndexUniqueCheck::Type,
        unchanged: bool,
        table: pg_sys::Relation,
    ) -> bool;
    // access/genam.h
    pub fn index_insert(
        index: pg_sys::Relation,
        values: *mut pg_sys::Datum,
        nulls: *mut bool,
        row: pg_sys::ItemPointer,
        table: pg_sys::Relation,
        check: pg_sys::IndexUniqueCheck::Type,
        unchanged: bool,
        info: *mut pg_sys::IndexInfo,
    ) -> bool;
    // utils/memutils.h
    pub fn MemoryContextReset(context: pg_sys::MemoryContext);
}

/// Calls a function that a structure has, where it has one.
macro_rules! call {
    ($function:expr, $($argument:expr),+) => {
        match $function {
            Some(function) => function($($argument),+),
            None => Default::default(),
        }
    };
}
pub(super) use call;
