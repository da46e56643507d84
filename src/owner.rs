//! Running code as another role.
//!
//! Our tables belong to `golden_record_owner`, a role nobody is a member of. Functions check what depends on the
//! caller first and then switch here; PostgreSQL itself restores the role when a transaction aborts.

use crate::error::{Failure, Result};
use crate::guc::Settings;
use crate::store;
use golden_record_core::error::Error;
use pgrx::pg_sys;
use std::ffi::CStr;

const OWNER: &CStr = c"golden_record_owner";

/// Restores the user on leaving the scope the ordinary way; an abort restores it in PostgreSQL.
struct Restore {
    user: pg_sys::Oid,
    context: i32,
}

impl Drop for Restore {
    fn drop(&mut self) {
        // SAFETY: the values came from GetUserIdAndSecContext in this backend.
        unsafe { pg_sys::SetUserIdAndSecContext(self.user, self.context) }
    }
}

fn switched<R>(role: pg_sys::Oid, flags: u32, work: impl FnOnce() -> Result<R>) -> Result<R> {
    let mut saved = Restore { user: pg_sys::InvalidOid, context: 0 };
    // SAFETY: plain reads and writes of the backend's user state, undone by Restore or by abort.
    unsafe {
        pg_sys::GetUserIdAndSecContext(&mut saved.user, &mut saved.context);
        pg_sys::SetUserIdAndSecContext(role, saved.context | flags as i32);
    }
    let _restore = saved;
    work()
}

/// Runs `work` as the owner of our tables.
pub fn as_owner<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    crate::guc::check()?;
    // SAFETY: a syscache look-up.
    let owner = unsafe { pg_sys::get_role_oid(OWNER.as_ptr(), true) };
    if owner == pg_sys::InvalidOid {
        return Err(Failure::from(
            Error::new("55000", "role golden_record_owner does not exist")
                .hint("It owns the tables of golden_record: restore the cluster's roles (pg_dumpall --roles-only)."),
        ));
    }
    // A statement of ours begins.
    store::vault::doubt();
    let _settings = ours();
    switched(owner, pg_sys::SECURITY_LOCAL_USERID_CHANGE, work)
}

/// Runs `work`, a reader's, as the owner of our tables: all of it sees what the statement of the caller sees.
pub fn as_reader<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    as_owner(|| store::reading(work))
}

/// What our statements need, where the session has it otherwise: pg_dump and pg_restore turn `row_security` off, so that their
/// own statements fail where a policy would hide rows; the policies of our tables let their owner see all.
fn ours() -> Option<Settings> {
    // SAFETY: a plain global of the backend.
    let off = unsafe { !pg_sys::row_security };
    off.then(|| Settings::with(&[(c"row_security", c"on")]))
}

/// Runs `work` as the owner of a user's table, fenced off as PostgreSQL fences maintenance commands: code that the
/// owner attached to it (policies, generated columns) gains nothing, and no setting that it makes outlives it.
pub fn as_relation_owner<R>(owner: pg_sys::Oid, work: impl FnOnce() -> Result<R>) -> Result<R> {
    let _settings = Settings::with(&[]);
    switched(owner, pg_sys::SECURITY_RESTRICTED_OPERATION | pg_sys::SECURITY_LOCAL_USERID_CHANGE, work)
}

/// Whether the role that called us may read golden records.
pub fn caller_may_read() -> bool {
    // SAFETY: syscache look-ups on the current user.
    unsafe {
        let reader = pg_sys::get_role_oid(c"golden_record_reader".as_ptr(), true);
        reader != pg_sys::InvalidOid && pg_sys::has_privs_of_role(pg_sys::GetUserId(), reader)
    }
}

/// Runs `work` as the owner of the extension, who may create triggers on any table and change the planner's statistics. For
/// fixed statements only. Errors: `55000` when the owner is a superuser no more.
pub fn as_extension_owner<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    let owner = store::query(
        "SELECT e.extowner, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.extowner)) \
         FROM pg_catalog.pg_extension AS e WHERE e.extname = 'golden_record'",
        &[],
        |row| Ok((row.need::<pg_sys::Oid>(1)?, row.need::<String>(2)?)),
    )?;
    let (owner, name) =
        owner.into_iter().next().ok_or_else(|| Failure::internal("extension golden_record is not installed"))?;
    // SAFETY: a syscache look-up.
    if !unsafe { pg_sys::superuser_arg(owner) } {
        return Err(Error::new("55000", format!("extension golden_record belongs to {name}, who is no superuser"))
            .detail("The triggers of attached tables, and what the planner knows of tables that an erasure empties, are its owner's to change.")
            .hint(format!("REASSIGN OWNED BY {name} TO a superuser."))
            .into());
    }
    switched(owner, pg_sys::SECURITY_LOCAL_USERID_CHANGE, work)
}
