//! Who may see raw values: members of `golden_record_pii`, of systems and regions in their scope, who say what for.
//!
//! Views show raw values by functions that anybody who may read the view can call directly, with a sealed value from
//! anywhere. So each checks the caller itself, records the access, and opens a value under the very system and region it
//! was sealed for.

use crate::access::{Entry, Outcome};
use crate::audit;
use crate::configuration::Configuration;
use crate::error::{Failure, Result};
use crate::guc;
use crate::owner::as_reader;
use crate::store::scope::{self, Scope};
use crate::store::{golden, vault};
use golden_record_core::error::Error;
use golden_record_core::vault::Vault;
use pgrx::datum::Uuid;
use pgrx::pg_sys;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::c_void;
use std::rc::Rc;

/// Gives a role a scope, in the place of the one it had. Errors: `42704` for a role that is not there.
pub fn grant_scope(role: &str, systems: Option<Vec<String>>, regions: Option<Vec<String>>) -> Result<()> {
    let detail = serde_json::json!({"role": role, "systems": systems, "regions": regions});
    scope::grant(role, systems, regions)?;
    audit::entry("grant_scope", None, None, None, &detail)
}

/// Takes a role's scope away. Errors: `42704` for a role that has none.
pub fn revoke_scope(role: &str) -> Result<()> {
    scope::revoke(role)?;
    audit::entry("revoke_scope", None, None, None, &serde_json::json!({"role": role}))
}

/// Whether the role that called us was cleared: it is a member of `golden_record_pii`. A superuser is not one by being a
/// superuser.
pub fn is_member() -> bool {
    // SAFETY: syscache look-ups on the current user.
    unsafe {
        let (user, cleared) = (pg_sys::GetUserId(), pg_sys::get_role_oid(c"golden_record_pii".as_ptr(), true));
        cleared != pg_sys::InvalidOid
            && pg_sys::has_privs_of_role(user, cleared)
            && (!pg_sys::superuser_arg(user) || pg_sys::is_member_of_role_nosuper(user, cleared))
    }
}

/// Whether the caller sees raw values in views.
pub fn is_cleared() -> bool {
    is_member() && guc::purpose().is_some()
}

/// `42501`, the same for every reason: it tells nothing of what there is.
pub fn refused() -> Failure {
    Error::new("42501", "raw values are for cleared readers with a purpose")
        .hint("Members of golden_record_pii read values within their scope after SET golden_record.purpose = '...'.")
        .into()
}

/// One raw value of a golden record, for a purpose; every attempt is on record. `None`: the record has no such value.
///
/// Errors: `42501` where the caller is not cleared or the value lies outside its scope, `22023` for no purpose, `42703` for an
/// unknown attribute, `55000` when the access cannot be recorded.
pub fn reveal(golden_id: Uuid, attribute: &str, purpose: &str) -> Result<Option<String>> {
    let purpose = purpose.trim();
    // What is no attribute may be anything, a value even, and is not put on record.
    let known = as_reader(|| Ok(Configuration::current()?.has_attribute(attribute)))?.then_some(attribute);
    let attempt = |outcome| -> Result<()> {
        Entry::of_caller("reveal", outcome)?.about(Some(golden_id), known).purpose(Some(purpose)).record()
    };
    if !is_member() {
        attempt(Outcome::Refused)?;
        return Err(refused());
    }
    if purpose.is_empty() {
        attempt(Outcome::Refused)?;
        let error = Error::invalid("purpose is empty");
        return Err(error.hint("Say what the value is needed for: it is recorded.").into());
    }
    let scopes = scope::of_caller()?;
    let held = as_reader(|| golden::held(golden_id, attribute))?;
    let covered = |system: &str, region: &str| scopes.iter().any(|scope| scope.covers(Some(system), Some(region)));
    if scopes.is_empty() || held.as_ref().is_some_and(|(_, system, region)| !covered(system, region)) {
        attempt(Outcome::Refused)?;
        return Err(refused());
    }
    if known.is_none() {
        attempt(Outcome::Refused)?;
        let error = Error::new("42703", "there is no attribute of that name");
        return Err(error.hint("View golden_record.lineage names those of a golden record.").into());
    }
    attempt(Outcome::Granted)?;
    Ok(held.map(|(value, ..)| value.display.to_string()))
}

/// One statement of a caller who sees raw values.
pub struct Reader {
    execution: u64,
    user: pg_sys::Oid,
    statement: i64,
    purpose: String,
    object: String,
    scopes: Vec<Scope>,
    vault: Option<Rc<Vault>>,
    /// Whether a refusal of this statement is on record.
    refused: Cell<bool>,
}

/// Executions are told apart, and objects in them; so many are remembered.
const REMEMBERED: usize = 16;

thread_local! {
    static READERS: RefCell<VecDeque<Rc<Reader>>> = const { RefCell::new(VecDeque::new()) };
    static EXECUTIONS: Cell<u64> = const { Cell::new(0) };
    // Those under way, by the memory that PostgreSQL keeps for each.
    static UNDER_WAY: RefCell<Vec<(pg_sys::MemoryContext, u64)>> = const { RefCell::new(Vec::new()) };
}

impl Reader {
    /// The role that called us, whose access to `object` is on record from its first call in a statement on.
    ///
    /// Errors: `42501` when it is not cleared or does not say what for, `55000` when the access cannot be recorded.
    pub fn of_call(fcinfo: pg_sys::FunctionCallInfo, object: &str) -> Result<Rc<Reader>> {
        let execution = execution_of(fcinfo);
        // SAFETY: reads the backend's state.
        let (user, statement) = unsafe { (pg_sys::GetUserId(), pg_sys::GetCurrentStatementStartTimestamp()) };
        let purpose = guc::purpose().filter(|_| is_member());
        let Some(purpose) = purpose else {
            Entry::of_caller(object, Outcome::Refused)?.record()?;
            return Err(refused());
        };
        let known = READERS.with_borrow(|readers| {
            let same = |reader: &&Rc<Reader>| {
                (reader.execution, reader.user, reader.statement) == (execution, user, statement)
                    && reader.purpose == purpose
                    && reader.object == object
            };
            readers.iter().rev().find(same).map(Rc::clone)
        });
        if let Some(reader) = known {
            return Ok(reader);
        }
        let scopes = scope::of_caller()?;
        Entry::of_caller(object, Outcome::Granted)?.purpose(Some(&purpose)).record()?;
        let reader = Rc::new(Reader {
            execution,
            user,
            statement,
            purpose,
            object: object.to_owned(),
            scopes,
            vault: as_reader(vault::find)?,
            refused: Cell::new(false),
        });
        READERS.with_borrow_mut(|readers| {
            if readers.len() == REMEMBERED {
                readers.pop_front();
            }
            readers.push_back(Rc::clone(&reader));
        });
        Ok(reader)
    }

    /// The keys, as they were when the statement began.
    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_deref()
    }

    /// Whether values of records of a system and region are in the caller's scope; no region: of one that could not be
    /// read. Policies keep the others from it already; whoever gets hold of one all the same is on record as refused.
    pub fn covers(&self, system: Option<&str>, region: Option<&str>) -> Result<bool> {
        let covered = self.scopes.iter().any(|scope| scope.covers(system, region));
        if !covered && !self.refused.replace(true) {
            Entry::of_caller(&self.object, Outcome::Refused)?.purpose(Some(&self.purpose)).record()?;
        }
        Ok(covered)
    }
}

/// The number of the execution that a call is part of, in whichever place of its statement: kept where PostgreSQL keeps what belongs
/// to that place.
fn execution_of(fcinfo: pg_sys::FunctionCallInfo) -> u64 {
    // SAFETY: a call has its info, and what lies in fn_extra is ours: eight bytes in the memory that lives as long.
    unsafe {
        let info = (*fcinfo).flinfo;
        if info.is_null() {
            return next_execution();
        }
        if (*info).fn_extra.is_null() {
            let place: *mut u64 = pg_sys::MemoryContextAllocZero((*info).fn_mcxt, size_of::<u64>()).cast();
            place.write(execution_in((*info).fn_mcxt));
            (*info).fn_extra = place.cast();
        }
        (*info).fn_extra.cast::<u64>().read()
    }
}

fn next_execution() -> u64 {
    EXECUTIONS.set(EXECUTIONS.get() + 1);
    EXECUTIONS.get()
}

/// The number of the execution that has that memory.
unsafe fn execution_in(memory: pg_sys::MemoryContext) -> u64 {
    let known = UNDER_WAY.with_borrow(|all| all.iter().find(|(of, _)| *of == memory).map(|(_, number)| *number));
    known.unwrap_or_else(|| {
        let number = next_execution();
        // SAFETY: called once, with what it was given, before the memory in which it lies is gone.
        unsafe {
            let end = pg_sys::MemoryContextAllocZero(memory, size_of::<pg_sys::MemoryContextCallback>());
            let end: *mut pg_sys::MemoryContextCallback = end.cast();
            (*end).func = Some(ended);
            (*end).arg = memory.cast();
            pg_sys::MemoryContextRegisterResetCallback(memory, end);
        }
        UNDER_WAY.with_borrow_mut(|all| all.push((memory, number)));
        number
    })
}

unsafe extern "C-unwind" fn ended(memory: *mut c_void) {
    UNDER_WAY.with_borrow_mut(|all| all.retain(|(of, _)| of.cast() != memory));
}
