//! The key file: who may have it, how it comes about.

use crate::error::Result;
use crate::guc;
use golden_record_core::error::Error;
use golden_record_core::vault::{MasterKey, MasterKeys};
use pgrx::pg_sys;
use std::ffi::{CStr, CString};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More than any key file has.
const MOST: u64 = 1 << 16;

fn data_directory() -> PathBuf {
    // SAFETY: set once when the server starts.
    let path = unsafe { CStr::from_ptr(pg_sys::DataDir) };
    PathBuf::from(path.to_string_lossy().into_owned())
}

/// Where the key file is.
pub fn path() -> PathBuf {
    let given = guc::KEY_FILE.get().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    data_directory().join(given)
}

/// Whether the key file lies inside the data directory, where every backup takes it along.
pub fn is_inside_data_directory() -> bool {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = path().parent().map(real).unwrap_or_default();
    real(&path()).starts_with(real(&data_directory())) || directory.starts_with(real(&data_directory()))
}

fn refused(message: &str, hint: &str) -> Error {
    Error::new("55000", message).hint(hint)
}

fn io(error: &std::io::Error) -> Error {
    if error.kind() == ErrorKind::NotFound {
        refused(
            "the key file of golden_record is missing",
            "Put it back where golden_record.key_file says: without it no value can be read or written. Nothing was written.",
        )
    } else {
        refused(
            &format!("the key file of golden_record cannot be read: {}", error.kind()),
            "Setting golden_record.key_file must name a file that the server's user may read.",
        )
    }
}

/// Reads the key file. Errors: `55000` when it is missing, open to others, unreadable, or no key file.
pub fn read() -> Result<MasterKeys> {
    let mut file = File::open(path()).map_err(|error| io(&error))?;
    let about = file.metadata().map_err(|error| io(&error))?;
    // As PostgreSQL asks of its own key files: the server's user alone, or root's with read access for the group.
    let open_to = if about.uid() == 0 { 0o137 } else { 0o177 };
    // SAFETY: asks the kernel who this process is.
    let mine = about.uid() == 0 || about.uid() == unsafe { libc::geteuid() };
    if !about.is_file() || !mine || about.mode() & open_to & 0o077 != 0 {
        return Err(refused(
            "the key file of golden_record is open to others",
            "It must be a plain file of the server's user with mode 0600, or of root with mode 0640.",
        )
        .into());
    }
    let mut text = Zeroizing::new(String::new());
    Read::take(&mut file, MOST).read_to_string(&mut text).map_err(|error| io(&error))?;
    Ok(MasterKeys::parse(&text)?)
}

fn unmade(error: &std::io::Error) -> Error {
    refused(
        &format!("the key file of golden_record cannot be made: {}", error.kind()),
        "Setting golden_record.key_file must name a file in a directory that the server's user may write to.",
    )
}

fn directory() -> PathBuf {
    path().parent().unwrap_or(Path::new("/")).to_owned()
}

/// Whether there is a key file. Errors: as for [`read`] of one that is there; `55000` where none can be made.
pub fn is_there() -> Result<bool> {
    if fs::symlink_metadata(path()).is_ok() {
        return read().map(|_| true);
    }
    let directory = CString::new(directory().into_os_string().into_vec()).unwrap_or_default();
    // SAFETY: asks the kernel about a path that ends with a NUL.
    if unsafe { libc::access(directory.as_ptr(), libc::W_OK | libc::X_OK) } == 0 {
        return Ok(false);
    }
    Err(unmade(&std::io::Error::last_os_error()).into())
}

/// Reads the key file, or makes it with a new key. For a database that has no keys yet; never in recovery, where
/// nothing could be wrapped under it.
pub fn read_or_make() -> Result<MasterKeys> {
    // SAFETY: reads shared state.
    if unsafe { pg_sys::RecoveryInProgress() } || fs::symlink_metadata(path()).is_ok() {
        return read();
    }
    // Filled under another name: whoever finds the file finds a key in it.
    // SAFETY: a plain read.
    let half = path().with_extension(format!("new{}", unsafe { pg_sys::MyProcPid }));
    let _ = fs::remove_file(&half);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half).and_then(|file| {
        fill(file)?;
        match fs::hard_link(&half, path()) {
            // Another session was first.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    });
    let _ = fs::remove_file(&half);
    made.and_then(|()| File::open(directory())?.sync_all()).map_err(|error| unmade(&error))?;
    read()
}

/// Writes a new key.
fn fill(mut file: File) -> std::io::Result<()> {
    let key = MasterKey::new(super::random().map_err(|_| ErrorKind::Other)?);
    let text = Zeroizing::new(format!(
        "# Master key of golden_record. Keep a copy apart from all backups.\n{}",
        key.to_line().as_str()
    ));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
}
