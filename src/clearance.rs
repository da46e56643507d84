//! Who may see raw values: members of `golden_record_pii`, of systems and regions in their scope, who say what for.
//!
//! Views show raw values by functions that anybody who may read the view can call directly, with a sealed value from
//! anywhere. So each checks the caller itself: what a value is sealed for names its system and region.

use crate::error::Result;
use crate::guc;
use crate::store::scope::{self, Scope};
use golden_record_core::error::Error;
use pgrx::pg_sys;

/// What the session reads raw values for; `None` when it does not say.
pub fn purpose() -> Option<String> {
    let purpose = guc::PURPOSE.get()?.to_string_lossy().trim().to_owned();
    (!purpose.is_empty()).then_some(purpose)
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
    is_member() && purpose().is_some()
}

/// A caller who sees raw values.
pub struct Reader {
    scopes: Vec<Scope>,
}

impl Reader {
    /// The role that called us. Errors: `42501` when it is not cleared or does not say what for.
    pub fn of_caller() -> Result<Reader> {
        if !is_cleared() {
            return Err(refused());
        }
        Ok(Reader { scopes: scope::of_caller()? })
    }

    /// `42501` unless values of records of a system and region are in the caller's scope; no region: of one that could
    /// not be read.
    pub fn check(&self, system: Option<&str>, region: Option<&str>) -> Result<()> {
        if self.scopes.iter().any(|scope| scope.covers(system, region)) {
            return Ok(());
        }
        Err(refused())
    }
}

fn refused() -> crate::error::Failure {
    Error::new("42501", "raw values are for cleared readers with a purpose")
        .hint("Members of golden_record_pii read values within their scope after SET golden_record.purpose = '…'.")
        .into()
}
