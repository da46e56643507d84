//! The transaction that a backend is in: that it writes, and what is kept beside it and forgotten with it.

use pgrx::{pg_sys, register_subxact_callback, register_xact_callback, PgSubXactCallbackEvent, PgXactCallbackEvent};
use std::cell::Cell;
use std::thread::LocalKey;

/// Gives the transaction its id, as one has that writes. Raises `25006` on a standby.
pub fn write() {
    // SAFETY: an error of PostgreSQL's, or the id.
    unsafe {
        pg_sys::PreventCommandDuringRecovery(c"a write of golden_record".as_ptr());
        pg_sys::GetCurrentTransactionId();
    }
}

/// Has `forget` called when this transaction is rolled back or prepared, or a subtransaction of it is rolled back.
/// `watching` tells whether that is so already: PostgreSQL keeps every callback to the end.
pub fn on_rollback(watching: &'static LocalKey<Cell<bool>>, forget: fn()) {
    if watching.replace(true) {
        return;
    }
    let end = move || {
        watching.set(false);
        forget();
    };
    register_xact_callback(PgXactCallbackEvent::Abort, end);
    register_xact_callback(PgXactCallbackEvent::Prepare, end);
    register_xact_callback(PgXactCallbackEvent::Commit, || watching.set(false));
    register_subxact_callback(PgSubXactCallbackEvent::AbortSub, move |_, _| forget());
}
