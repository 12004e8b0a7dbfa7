use crate::error::{text, Error, Result, Status};
use crate::sys;
use std::any::Any;
use std::cell::UnsafeCell;
use std::ops::ControlFlow;
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::Arc;

struct Memory(UnsafeCell<sys::kb3d_call>);

// SAFETY: other threads have nothing but kb3d_call_cancel, which any thread may call
unsafe impl Send for Memory {}
unsafe impl Sync for Memory {}

type Progress<'a> = dyn FnMut(&str, f64) -> ControlFlow<()> + 'a;

/// One call's own matters: progress and cancel. May be used again and again.
pub struct Call<'a> {
    memory: Arc<Memory>,
    progress: Option<Box<Progress<'a>>>,
}

/// Cancels a call from any thread.
#[derive(Clone)]
pub struct Canceller(Arc<Memory>);

impl Canceller {
    /// The call answers [`Status::Cancelled`] soon after, and so do later ones until [`Call::reset`].
    pub fn cancel(&self) {
        // SAFETY: the memory is kept by self
        unsafe { sys::kb3d_call_cancel(self.0 .0.get()) }
    }
}

struct Reporter<'c, 'a> {
    progress: &'c mut Progress<'a>,
    panic: Option<Box<dyn Any + Send>>,
}

unsafe extern "C" fn report(user: *mut c_void, stage: *const c_char, fraction: f64) -> c_int {
    let reporter = &mut *user.cast::<Reporter>();
    let stage = text(stage);
    match catch_unwind(AssertUnwindSafe(|| (reporter.progress)(&stage, fraction))) {
        Ok(flow) => flow.is_break().into(),
        Err(panic) => {
            reporter.panic = Some(panic);
            1
        }
    }
}

impl<'a> Call<'a> {
    /// Without progress.
    pub fn new() -> Call<'a> {
        // SAFETY: plain data; zero is the default of all of it
        let mut c: sys::kb3d_call = unsafe { std::mem::zeroed() };
        c.size = std::mem::size_of::<sys::kb3d_call>();
        Call { memory: Arc::new(Memory(UnsafeCell::new(c))), progress: None }
    }

    /// A function of stage and fraction done, which breaks to cancel. A panic in it cancels too, and goes on when the
    /// library has returned.
    pub fn with_progress(progress: impl FnMut(&str, f64) -> ControlFlow<()> + 'a) -> Call<'a> {
        Call { progress: Some(Box::new(progress)), ..Call::new() }
    }

    /// For other threads.
    pub fn canceller(&self) -> Canceller {
        Canceller(self.memory.clone())
    }

    /// Takes a request to cancel back.
    pub fn reset(&mut self) {
        // SAFETY: an aligned int, that cancellers write atomically too
        let cancel = unsafe { &*std::ptr::addr_of!((*self.memory.0.get()).cancel).cast::<AtomicI32>() };
        cancel.store(0, Ordering::Relaxed);
    }

    pub(crate) fn make(&mut self, function: impl FnOnce(*mut sys::kb3d_call) -> sys::kb3d_status) -> Result<()> {
        let c = self.memory.0.get();
        let mut reporter =
            self.progress.as_mut().map(|progress| Reporter { progress: &mut **progress, panic: None });
        // SAFETY: as above; the reporter outlives the library's call
        let status = unsafe {
            (*c).progress = reporter.as_ref().map(|_| report as _);
            (*c).user = reporter.as_mut().map_or(std::ptr::null_mut(), |r| (r as *mut Reporter).cast());
            let status = function(c);
            (*c).progress = None;
            (*c).user = std::ptr::null_mut();
            status
        };
        if let Some(panic) = reporter.and_then(|r| r.panic) {
            self.reset();
            resume_unwind(panic);
        }
        if status == sys::KB3D_OK {
            return Ok(());
        }
        // SAFETY: the library ends its message and its texts with a zero
        let mut message = unsafe { text(std::ptr::addr_of!((*c).message).cast()) };
        if message.is_empty() {
            message = unsafe { text(sys::kb3d_status_text(status)) };
        }
        Err(Error { status: Status::of(status), message })
    }
}

impl Default for Call<'_> {
    fn default() -> Self {
        Call::new()
    }
}
