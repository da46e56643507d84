//! One way from an error of ours to PostgreSQL's: SQLSTATE, message, DETAIL and HINT, never a value.

use golden_record_core::error::Error;
use pgrx::prelude::*;
use pgrx::spi::SpiError;

/// Characters of a message, a DETAIL or a HINT.
const LONGEST: usize = 1_000;

/// What every function of the shell returns.
pub type Result<T> = std::result::Result<T, Failure>;

/// An error on its way to the caller, and its SQLSTATE as PostgreSQL has it.
#[derive(Debug)]
pub struct Failure(Error, PgSqlErrorCode);

impl Failure {
    /// A bug of ours or a damaged database, `XX000`.
    pub fn internal(message: impl Into<String>) -> Failure {
        Error::new("XX000", message).into()
    }

    /// The same with an SQLSTATE of PostgreSQL's, as it packs them.
    pub fn with_code(self, sqlstate: i32) -> Failure {
        Failure(self.0, sqlstate.into())
    }

    /// What is stored contradicts itself: somebody damaged it, `XX001`.
    pub fn damaged(message: impl Into<String>) -> Failure {
        let error = Error::new("XX001", message);
        error
            .hint("Run golden_record.verify to see what is damaged, and golden_record.rebuild to mend it, each of the entity type.")
            .into()
    }

    /// Whether it says that something is not there.
    pub fn is_missing(&self) -> bool {
        self.0.sqlstate == "42704"
    }

    /// What it says.
    pub fn message(&self) -> String {
        self.0.message.clone()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        self.0.hint.clone()
    }

    /// Whether it says that what is stored was damaged.
    pub fn is_damage(&self) -> bool {
        self.0.sqlstate == "XX001"
    }

    /// Raises the error. For the places that cannot return one: triggers.
    pub fn raise(self) -> ! {
        let report: pgrx::pg_sys::panic::ErrorReport = self.into();
        report.report(PgLogLevel::ERROR);
        unreachable!()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let code = sqlstate(error.sqlstate);
        Failure(error, code)
    }
}

impl From<SpiError> for Failure {
    fn from(error: SpiError) -> Failure {
        Failure::internal(format!("golden_record could not run a statement of its own: {error}"))
    }
}

/// Stored JSON that cannot be read back: somebody edited it. The parser's words could quote it, so they are left out.
impl From<serde_json::Error> for Failure {
    fn from(_: serde_json::Error) -> Failure {
        Failure::damaged("stored JSON cannot be read")
    }
}

impl From<Failure> for pgrx::pg_sys::panic::ErrorReport {
    #[track_caller]
    fn from(Failure(error, code): Failure) -> Self {
        let mut report = Self::new(code, brief(error.message), "golden_record");
        if let Some(detail) = error.detail {
            report = report.set_detail(brief(detail));
        }
        if let Some(hint) = error.hint {
            report = report.set_hint(brief(hint));
        }
        report
    }
}

/// A text that may quote what was given, which may be of any length: the log keeps it.
fn brief(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// PostgreSQL packs the five characters of an SQLSTATE into six bits each (`MAKE_SQLSTATE`, utils/elog.h).
fn sqlstate(code: &str) -> PgSqlErrorCode {
    let packed =
        code.bytes().take(5).enumerate().map(|(i, byte)| (i32::from(byte.wrapping_sub(b'0')) & 0x3f) << (6 * i));
    PgSqlErrorCode::from(packed.sum::<i32>())
}
