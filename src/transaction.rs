//! What a backend keeps beside its transaction, and forgets with it.

use pgrx::{register_subxact_callback, register_xact_callback, PgSubXactCallbackEvent, PgXactCallbackEvent};
use std::cell::Cell;
use std::thread::LocalKey;

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
