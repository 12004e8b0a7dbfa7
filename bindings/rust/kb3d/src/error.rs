use crate::sys;
use std::ffi::CStr;
use std::fmt;
use std::os::raw::c_char;

/// What a call of this crate answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub(crate) status: Status,
    pub(crate) message: String,
}

/// The kind of a failure; see `kb3d_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// A value outside its range.
    Argument,
    /// Out of memory.
    Memory,
    /// A limit of the context would be exceeded.
    Limit,
    /// A file could not be opened, read or written.
    Io,
    /// A picture, depth map or manifest is damaged.
    Format,
    /// Well-formed, but nothing the library handles.
    Unsupported,
    /// The backend or module was not built, is not installed or cannot start.
    Unavailable,
    /// A model is missing, cannot be loaded or gave a wrong answer.
    Model,
    /// The call was cancelled.
    Cancelled,
    /// A fault of the library.
    Internal,
    /// A status of a newer library.
    Other(i32),
}

impl Status {
    pub(crate) fn of(number: sys::kb3d_status) -> Status {
        match number {
            sys::KB3D_ERROR_ARGUMENT => Status::Argument,
            sys::KB3D_ERROR_MEMORY => Status::Memory,
            sys::KB3D_ERROR_LIMIT => Status::Limit,
            sys::KB3D_ERROR_IO => Status::Io,
            sys::KB3D_ERROR_FORMAT => Status::Format,
            sys::KB3D_ERROR_UNSUPPORTED => Status::Unsupported,
            sys::KB3D_ERROR_UNAVAILABLE => Status::Unavailable,
            sys::KB3D_ERROR_MODEL => Status::Model,
            sys::KB3D_ERROR_CANCELLED => Status::Cancelled,
            sys::KB3D_ERROR_INTERNAL => Status::Internal,
            other => Status::Other(other),
        }
    }
}

impl Error {
    pub(crate) fn argument(message: impl Into<String>) -> Error {
        Error { status: Status::Argument, message: message.into() }
    }

    /// The kind of failure.
    pub fn status(&self) -> Status {
        self.status
    }

    /// One sentence that can be shown.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// # Safety
/// NULL or a text with its end mark
pub(crate) unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    CStr::from_ptr(pointer).to_string_lossy().into_owned()
}
